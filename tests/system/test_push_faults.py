#!/usr/bin/env python3
"""Every fault of the server, on every action that a push uses: what is wanted is there in the end, once, marked;
others' records are as they were; and no fault costs more calls than it must."""

import unittest

from alidns import faults
from push_bed import READS, WRITES, FaultTest

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
    "slow": (faults.slow(0.3), 0),
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


def fault_test(action):
    def test(self):
        for name, (fault, cost) in PASSING.items():
            self.check_row(name, action, fault, cost)

    return test


class Faults(FaultTest):
    """A test an action."""


for ACTION in READS + WRITES:
    setattr(Faults, f"test_{ACTION}", fault_test(ACTION))



if __name__ == "__main__":
    unittest.main()
