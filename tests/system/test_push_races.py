#!/usr/bin/env python3
"""Faults that last, clocks that are off, quotas, and rivals who edit between our reading and our writing."""

import unittest

import state
from alidns import faults
from push_bed import LEAST, MOVED, NEW, READS, WRITES, FaultTest


class Long(FaultTest):
    """What lasts longer than one call."""

    def test_hang(self):
        for action in ("DescribeDomainRecords", "AddDomainRecord", "UpdateDomainRecord"):
            for applied in (False, True):
                self.check_row(f"hang, applied: {applied}", action, faults.hang(applied=applied), 3)

    def test_done_after_we_gave_up(self):
        """The call is carried out long after its time has passed, while the push asks again."""
        rule = self.api.on_call(1, lambda call: self.api.ending.wait(1.5), action="AddDomainRecord")
        self.push()
        self.assertEqual(rule.used, 1)
        self.check_have(NEW, self.foreign)

    def test_sent_twice(self):
        """A kept connection breaks when the call is done, libcurl sends it again, and that one is turned away."""
        codes = ("Throttling.User", "DnsSystemBusyness", "LastOperationNotFinished")
        for action in WRITES:
            for fault in map(faults.code, codes):
                with self.subTest(action=action, fault=fault.name):
                    self.renew()
                    self.api.fault(faults.lost(), action=action)
                    self.api.fault(fault, action=action)
                    self.push()
                    self.check_have(NEW, self.foreign)

    def test_clock_off(self):
        for seconds in (1200, -1200, 86400 * 400):
            with self.subTest(seconds=seconds):
                self.renew()
                self.api.clock.shift(seconds)
                self.push()
                self.check_have(NEW, self.foreign)
                self.assertLessEqual(len(self.api.calls), len(READS) + LEAST + 1, self.tail())
                self.api.clock.run()

    def test_quota_storm(self):
        """A fifth of what the push takes to be its share: it slows down, and loses nothing."""
        services = [state.service(f"s{at}", {"h": ["192.0.2.9"]}) for at in range(30)]
        self.write_state(state.text(state.cluster("h"), *services))
        self.api.quota.per_s = {"AddDomainRecord": 60, "UpdateDomainRecordRemark": 60}  # by the true clock
        self.push()
        wanted = {(f"s{at}.default.fed.svc", "A", "192.0.2.9", 180) for at in range(30)}
        self.check_have(wanted, self.foreign)

    def test_one_operation_at_a_time(self):
        self.speed = 5
        self.api.busy_s = 0.05
        self.push()
        self.check_have(NEW, self.foreign)
        self.assertLessEqual(len(self.api.calls), len(READS) + LEAST + 12, self.tail())

    def test_writing_never_goes_well(self):
        self.speed = 100
        for action in WRITES:
            for fault in (faults.code("InternalError"), faults.cut(), faults.code("Throttling.User")):
                with self.subTest(action=action, fault=fault.name):
                    self.renew()
                    self.api.fault(fault, action=action, times=None)
                    done = self.push(3, timeout_s=60)
                    self.assertIn(action, done.stderr.strip().split("\n")[-1])
                    self.assertLess(len(self.api.calls), 100)
                    self.api.faults_clear()
                    self.push()
                    self.check_have(NEW, self.foreign)

    def test_a_key_that_may_only_read(self):
        """Said at the second try: a key may have been withdrawn, and a newer one be there."""
        for action in WRITES:
            with self.subTest(action=action):
                self.renew()
                self.api.access.deny("testid", action)
                done = self.push(3)
                self.assertIn("Forbidden.RAM", done.stderr.strip().split("\n")[-1])
                self.assertIn("rights", done.stderr.strip().split("\n")[-1])
                self.api.access.allow("testid", action)
                self.push()
                self.check_have(NEW, self.foreign)

    def test_reading_never_goes_well(self):
        self.speed = 100
        for action in READS:
            with self.subTest(action=action):
                self.renew()
                self.api.fault(faults.bare(502), action=action, times=None)
                done = self.push(3, timeout_s=60)
                self.assertIn(action, done.stderr.strip().split("\n")[-1])
                self.assertEqual(self.writes(), [])


class Rivals(FaultTest):
    """Somebody edits between our reading and our writing."""

    def rival(self, action, act):
        self.api.on_call(1, lambda call: act(), action=action)

    def put(self, *what, **fields):
        self.foreign.append(self.api.put(self.zone, *what, **fields))

    def of(self, rr, rtype="A"):
        return self.api.records(self.zone, rr, rtype)[0]

    def test_adds_the_same(self):
        self.rival("AddDomainRecord", lambda: self.put("new.default.fed.svc", "A", "192.0.2.4"))
        self.push(1)
        wanted = {one for one in NEW if "new" not in one[0]}
        self.check_have(wanted, self.foreign)
        self.push(1)
        self.check_have(wanted, self.foreign)

    def test_adds_a_cname(self):
        self.rival("AddDomainRecord", lambda: self.put("new.default.fed.svc", "CNAME", "example.org"))
        self.push(1)
        wanted = {one for one in NEW if "new" not in one[0]}
        self.check_have(wanted, self.foreign)
        self.push(1)
        self.check_have(wanted, self.foreign)

    def test_removes_what_we_update(self):
        self.rival("UpdateDomainRecord", lambda: self.api.remove(self.of(MOVED)))
        self.push()
        self.check_have(NEW, self.foreign)

    def test_removes_what_we_delete(self):
        self.rival("DeleteDomainRecord", lambda: self.api.remove(self.of("gone.default.fed.svc")))
        self.push()
        self.check_have(NEW, self.foreign)
        self.assertEqual(len(self.writes()), LEAST)

    def test_removes_what_we_added(self):
        self.rival("UpdateDomainRecordRemark", lambda: self.api.remove(self.of("new.default.fed.svc")))
        self.push()
        self.check_have(NEW, self.foreign)

    def test_changes_what_we_update(self):
        self.rival("UpdateDomainRecord", lambda: self.api.edit(self.of(MOVED), value="192.0.2.3"))
        self.push()
        self.check_have(NEW, self.foreign)

    def test_locks_what_we_update(self):
        self.rival("UpdateDomainRecord", lambda: self.api.edit(self.of(MOVED), locked=True))
        done = self.push(1)
        self.assertIn("DomainRecordLocked", done.stderr)
        wanted = NEW - {(MOVED, "A", "192.0.2.3", 180)} | {(MOVED, "A", "192.0.2.1", 180)}
        self.check_have(wanted, self.foreign)

    def test_adds_while_pages_are_read(self):
        """More than a page; the rival's edits move records from one page to the next."""
        for at in range(700):
            self.put(f"f{at}", "A", "192.0.2.1")
        old = self.foreign[:3]

        def edit():
            for record in old:
                self.api.remove(record)
                self.foreign.remove(record)

        self.api.on_call(1, lambda call: edit(), action="DescribeDomainRecords", when="answered")
        self.push()
        self.check_have(NEW, self.foreign)


if __name__ == "__main__":
    unittest.main()
