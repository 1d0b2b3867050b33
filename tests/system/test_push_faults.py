#!/usr/bin/env python3
"""Every fault of the server, on every action that a push uses: what is wanted is there in the end, once, marked; others'
records are as they were; and no fault costs more calls than it must."""

import unittest

import push_bed
import state
from alidns import faults
from push_bed import MARK, ladder

GLOBAL = "moved.default.fed.svc"
# one service per kind of change, of a cluster without a place: global names alone
OLD = {("moved.default.fed.svc", "A", "192.0.2.1", 180), ("gone.default.fed.svc", "A", "192.0.2.2", 180)}
NEW = {("moved.default.fed.svc", "A", "192.0.2.3", 180), ("new.default.fed.svc", "A", "192.0.2.4", 180)}
READS = ("DescribeDomainInfo", "DescribeDomainRecords")
WRITES = ("AddDomainRecord", "UpdateDomainRecordRemark", "UpdateDomainRecord", "DeleteDomainRecord")
LEAST = 4  # writing calls: add and its remark, update, delete

# what happens, and how many more calls it may cost
PASSING = {
    "cut": (faults.cut(), 3),
    "reset": (faults.cut(reset=True), 3),
    "done, then cut": (faults.lost(), 3),
    "done, then reset": (faults.lost(reset=True), 3),
    "cut in the body": (faults.cut_body(), 3),
    "half of the JSON": (faults.half_json(), 3),
    "length too long": (faults.length(5), 3),
    "no JSON": (faults.body(b"<html>"), 3),
    "nothing at all": (faults.body(b""), 3),
    "JSON of another shape": (faults.body(b"[]"), 3),
    "500 with a Code": (faults.code("InternalError"), 3),
    "500 with a Code, done": (faults.code("InternalError", applied=True), 3),
    "500 without": (faults.bare(500), 3),
    "500 without, done": (faults.bare(500, applied=True), 3),
    "503 and a page": (faults.html(), 3),
    "503 with a Code": (faults.code("ServiceUnavailable"), 3),
    "429": (faults.bare(429), 1),
    "slow": (faults.slow(1.0), 0),
    "drops": (faults.drip(0.002), 0),
    "throttled": (faults.code("Throttling.User"), 1),
    "throttled, when to come back": (faults.code("Throttling.User", headers=[("x-acs-retry-after", "300")]), 1),
    "throttled otherwise": (faults.code("Throttling"), 1),
    "last operation": (faults.code("LastOperationNotFinished"), 1),
    "nonce used": (faults.code("SignatureNonceUsed"), 3),
    "nonce used, done": (faults.code("SignatureNonceUsed", applied=True), 3),
    "busy system": (faults.code("DnsSystemBusyness"), 1),
    "DNS is changing": (faults.code("RecordForbidden.DNSChange"), 1),
}


class FaultBed(push_bed.PushTest):
    def setUp(self):
        super().setUp()
        self.api.quota.per_s = {}
        self.write_push("max_delete: 100%, quota: 100%")
        moved, new = state.service("moved", {"h": ["192.0.2.3"]}), state.service("new", {"h": ["192.0.2.4"]})
        self.write_state(state.text(state.cluster("h"), moved, new))
        self.renew()

    def renew(self):
        self.api.faults_clear()
        self.zone = self.api.domain(state.ZONE)
        for rr, rtype, value, ttl in sorted(OLD):
            self.api.put(self.zone, rr, rtype, value, ttl=ttl, remark=MARK)
        self.foreign = [self.api.put(self.zone, "www", "A", "192.0.2.4")]
        self.foreign.append(self.api.put(self.zone, GLOBAL, "TXT", "a word"))
        self.api.calls.clear()

    def check_row(self, name, action, fault, cost):
        with self.subTest(fault=name, action=action):
            self.renew()
            rule = self.api.fault(fault, action=action)
            self.push()
            self.assertEqual(rule.used, 1)
            self.check_have(NEW, self.foreign)
            self.assertLessEqual(len(self.api.calls), len(READS) + LEAST + cost, self.tail())


def fault_test(action):
    def test(self):
        for name, (fault, cost) in PASSING.items():
            self.check_row(name, action, fault, cost)

    return test


class Faults(FaultBed):
    """A test an action."""


for ACTION in READS + WRITES:
    setattr(Faults, f"test_{ACTION}", fault_test(ACTION))


if __name__ == "__main__":
    unittest.main()
