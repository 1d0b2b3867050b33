"""The server's wall clock: it may be set, shifted, and held."""

import calendar
import threading
import time

FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def stamp(at_s):
    return time.strftime(FORMAT, time.gmtime(at_s))


def parse(text):
    """Seconds since 1970 of `2026-01-02T03:04:05Z`. ValueError."""
    return calendar.timegm(time.strptime(text, FORMAT))


class Clock:
    """Runs as the machine's until told otherwise."""

    def __init__(self):
        self._lock = threading.Lock()
        self._shift_s, self._held_s = 0.0, None

    def now(self):
        """Seconds since 1970."""
        with self._lock:
            return time.time() + self._shift_s if self._held_s is None else self._held_s

    def shift(self, by_s):
        """By so much more ahead of what it was."""
        with self._lock:
            self._shift_s += by_s
            if self._held_s is not None:
                self._held_s += by_s

    def hold(self, at_s):
        """It stands still; a text is as in a signature."""
        with self._lock:
            self._held_s = parse(at_s) if isinstance(at_s, str) else at_s

    def run(self):
        """As the machine's again."""
        with self._lock:
            self._shift_s, self._held_s = 0.0, None
