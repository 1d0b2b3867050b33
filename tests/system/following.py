"""A command with -w beside a daemon: its lines as they come, and how it ends."""

import os
import signal
import subprocess
import threading

from harness import FEDNS, die_with_parent, wait_until

LINE_S = 12.0


class Following:
    """`fedns COMMAND... -w`; `out` and `err` are the lines so far."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [FEDNS, *arguments, "-w"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent,
        )
        self.out, self.err = [], []
        self.readers = [
            threading.Thread(target=self.read, args=(stream, lines), daemon=True)
            for stream, lines in ((self.process.stdout, self.out), (self.process.stderr, self.err))
        ]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def read(stream, lines):
        for line in stream:
            lines.append(line.rstrip("\n"))

    def wait(self, what, condition, within_s=LINE_S):
        """`condition` of the lines so far."""
        try:
            return wait_until(what, lambda: condition(self.out), within_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; said: {self.out} and {self.err}") from None

    def wait_line(self, *parts, since=0, within_s=LINE_S):
        """The first line from the `since`-th on that holds all the parts."""
        return self.wait(
            f"a line with {parts}",
            lambda lines: next((line for line in lines[since:] if all(part in line for part in parts)), None),
            within_s,
        )

    def end(self, number=signal.SIGINT):
        """Its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            status = self.process.wait(5)
        except subprocess.TimeoutExpired:
            os.kill(self.process.pid, signal.SIGKILL)
            raise
        for reader in self.readers:
            reader.join(5)
        self.process.stdout.close()
        self.process.stderr.close()
        return status
