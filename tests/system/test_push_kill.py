#!/usr/bin/env python3
"""A push is killed at every one of its calls, before and after the call is carried out: the next one ends it."""

import shutil
import threading
import unittest

import harness
import push_bed
import state
from alidns import faults
from push_bed import MARK, ladder

OLD = ladder("swap", ["192.0.2.1", "192.0.2.2"]) | ladder("gone", ["192.0.2.3"]) | ladder("moved", ["192.0.2.4"])
NEW = ladder("swap", [], ["192.0.2.5"]) | ladder("new", ["192.0.2.6"]) | ladder("moved", ["192.0.2.7"])
SERVICES = {
    "swap": {"hangzhou": [], "beijing": ["192.0.2.5"]},
    "new": {"hangzhou": ["192.0.2.6"]},
    "moved": {"hangzhou": ["192.0.2.7"]},
}
CALLS_MAX = 80


class Kill(push_bed.PushTest):
    def setUp(self):
        super().setUp()
        self.api.quota.per_s = {}
        self.write_push("max_delete: 100%, quota: 100%")
        self.write_state(push_bed.services(*(state.service(name, where) for name, where in SERVICES.items())))
        self.renew()

    def renew(self):
        """The domain as it was before the change, and no journal."""
        shutil.rmtree(self.folder / "kept", ignore_errors=True)
        self.zone = self.api.domain(state.ZONE)
        for rr, rtype, value, ttl in sorted(OLD):
            self.api.put(self.zone, rr, rtype, value, ttl=ttl, remark=MARK)
        put = self.api.put
        self.foreign = [
            put(self.zone, "www", "A", "192.0.2.6"),
            put(self.zone, "new.default.fed.svc", "TXT", "a word"),
            put(self.zone, "gone.default.fed.svc", "A", "192.0.2.3", line="telecom"),
        ]
        self.api.calls.clear()

    def least_calls(self):
        """Writing calls of a push that nothing happens to."""
        self.push()
        self.check_have(NEW, self.foreign)
        return len(self.writes())

    def walk(self, when):
        least = self.least_calls()
        for n in range(1, CALLS_MAX):
            self.renew()
            status = self.kill_at(n, when)
            self.push()
            with self.subTest(n=n):
                self.check_have(NEW, self.foreign)
                self.assertEqual(len(self.api.wrote()), least, "what was done is done once")
                self.assertLessEqual(len(self.writes()), least + 8, "at most what was under way is asked again")
            if status == 0:
                return self.assertGreater(n, least)
        return self.fail("a push of so many calls")

    def test_before_each_call(self):
        self.walk("before")

    def test_after_each_call(self):
        self.walk("after")

    def test_a_late_call(self):
        """The dead one's last call arrives when the next push has read all records."""
        for n in (1, 3):
            with self.subTest(n=n), self.push_begun() as process:
                self.renew()
                read, held = threading.Event(), []

                def late(call, process=process, read=read, held=held):
                    held.append(call)
                    process.kill()
                    read.wait(10)

                self.api.on_call(n, late, action="AddDomainRecord")
                process.wait(30)
                # the next one adds that record: it waits until the dead one's has come
                rule = {"action": "DescribeDomainRecords", "when": "answered"}
                self.api.on_call(1, lambda _call, read=read: read.set(), **rule)
                self.push()
                harness.wait_until("the late call", lambda held=held: held and held[0].ended)
                self.push()
                self.check_have(NEW, self.foreign)

    def test_a_conflict_before_the_next_push(self):
        """What was added and not marked stays ours, while somebody else has its name."""
        name = "new.default.fed.svc"
        rule = self.api.fault(faults.cut(), action="UpdateDomainRecordRemark", times=None)
        with self.push_begun() as process:
            harness.wait_until("the add", lambda: self.api.records(self.zone, name, "A") and rule.used)
            process.kill()
            process.wait()
        self.api.settle()
        self.api.faults_clear()
        (record,) = self.api.records(self.zone, name, "A")
        self.assertEqual(record.remark, "")
        rival = self.api.put(self.zone, name, "A", "203.0.113.1")
        self.push(1)
        self.push(1)
        self.assertEqual(self.api.records(self.zone, name, "A"), [record, rival])
        self.api.remove(rival)
        self.push()
        self.check_have(NEW, self.foreign)

    def test_killed_again_and_again(self):
        for n in range(3, 9):
            self.renew()
            for _ in range(CALLS_MAX):
                if self.kill_at(n, "after") == 0:
                    break
            with self.subTest(n=n):
                self.check_have(NEW, self.foreign)


if __name__ == "__main__":
    unittest.main()
