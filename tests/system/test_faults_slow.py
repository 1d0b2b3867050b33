"""Faults that last for minutes, by a clock that runs faster: no hammering, and no silence that isn't found."""

import unittest

import fake_faults as faults
from fault_bed import FaultTable
from fault_rows import ANY, KINDS, MAYBE, lists, watches
from harness import wait_until
from live import fast

SPEED = 60  # a minute is a second
DAY = 86400.0
HOUR_SPEED = 600


def rows(table):
    """Waits of 60 s after the fourth 403 or 404 in a row, unless endpoints are served in another version; as long as Retry-After says
    after 429 and 503, but ten minutes at most."""
    for make_row in (lists, watches):
        for code in (403, 404):
            refused = lambda c=code: faults.refusal(c, times=6)
            least_s = 0.0 if (table, code) == ("slices", 404) else 1.9
            yield make_row(f"HTTP {code}", refused, f"HTTP {code}", requests_max=12, seconds_min=least_s)
        yield make_row("429 for two minutes", lambda: faults.refusal(429, "Retry-After: 120"), "429", seconds_min=1.9)
        yield make_row("503 for a week", lambda: faults.refusal(503, "Retry-After: 604800"), "503", seconds_min=9.5)
        yield make_row("500 for five minutes", lambda: faults.refusal(500, times=12), "HTTP 500", requests_max=30)
        yield make_row("no reply", lambda: faults.silent(DAY), "not an octet")
    yield lists("silence in the middle", lambda: faults.having(stall_after=300, stall_s=DAY), trouble="not an octet")
    yield lists("octets that drip for ever", faults.dripping, trouble="list /")
    yield watches("silence from the beginning", lambda: faults.having(stall_after=0, stall_s=DAY))
    yield watches("silence in the middle of an event", lambda: faults.having(stall_after=100, stall_s=DAY))
    yield watches("silence without bookmarks", lambda: faults.having(stall_after=0, stall_s=DAY), bookmarks=False)
    yield watches("a server that is away for three minutes", restart_s=3.0, trouble=ANY)


class Slow(FaultTable):
    """`forgets`: an object vanishes without an event, as by a bug of anybody's; the next list mends it."""

    def test_minutes(self):
        self.run_table([(table, row) for table in KINDS for row in rows(table)], SPEED, fast(SPEED))

    def test_the_hour(self):
        row = watches("a wrong cache", trouble=MAYBE, forgets=True, requests_max=99)
        self.run_table([("services", row)], HOUR_SPEED, fast(HOUR_SPEED))

    def test_the_time_of_a_watch(self):
        """The server ends each after the time that it was asked for: nothing wrong about that."""
        member = self.member(speed=SPEED)
        member.serve("a", "192.0.2.1")
        self.write_live([self.config_of("c", member)])
        self.start_synced(prefix=fast(SPEED))
        wait_until("three watches in a row", lambda: len(member.asked("services", watch=True)) >= 3, 30)
        self.assertEqual(len(member.asked("services", watch=False)), 1)
        server = self.servers()["c"]
        self.assertEqual((server["errors"], server["trouble"]), (0, "none"))


if __name__ == "__main__":
    unittest.main()
