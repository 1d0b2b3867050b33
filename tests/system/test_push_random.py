#!/usr/bin/env python3
"""Random federations, random records at the provider, random faults and kills, and the state changes in between: in the
end the provider holds what is wanted, and others' records are as they were. FEDNS_SEEDS=FIRST-LAST runs more."""

import json
import os
import random
import signal
import unittest

import push_bed
import state
from alidns import faults
from push_bed import MARK, PushTest, content

SEEDS = range(1, 21)
REGIONS = ("cn-a", "cn-b", None)
FAULTS = [
    faults.cut(),
    faults.lost(),
    faults.lost(reset=True),
    faults.cut_body(),
    faults.half_json(),
    faults.body(b""),
    faults.bare(500),
    faults.bare(500, applied=True),
    faults.html(),
    faults.hang(),
    faults.hang(applied=True),
    faults.code("InternalError"),
    faults.code("InternalError", applied=True),
    faults.code("ServiceUnavailable", applied=True),
    faults.code("SignatureNonceUsed", applied=True),
    faults.code("SignatureNonceUsed"),
    faults.code("Throttling.User"),
    faults.code("LastOperationNotFinished"),
    faults.code("DnsSystemBusyness"),
    faults.drip(0.001),
]


def seeds():
    first, _dash, last = os.environ.get("FEDNS_SEEDS", "").partition("-")
    return range(int(first), int(last or first) + 1) if first else SEEDS


class Federation:
    """Clusters that stay, services that change."""

    def __init__(self, dice):
        self.dice = dice
        self.clusters = []
        for at in range(dice.randint(1, 3)):
            region = dice.choice(REGIONS)
            zones = [f"z{zone}" for zone in range(dice.randint(0, 2))] if region else []
            self.clusters.append(state.cluster(f"c{at}", region, zones))

    def address(self):
        return self.dice.choice(["192.0.2.%d", "2001:db8::%x"]) % self.dice.randint(1, 12)

    def service(self, name):
        where = {
            one["metadata"]["name"]: [self.address() for _ in range(self.dice.choice((0, 1, 1, 2, 4)))]
            for one in self.clusters
        }
        ports = self.dice.choice(((), (), ["http:80"], ["dns:53/UDP", "web:443"]))
        ttl = self.dice.choice((None, None, 60, 300))
        return state.service(name, where, ports=ports, **({"ttl": str(ttl)} if ttl else {}))

    def text(self):
        """Any state of it; there is always something to be wanted."""
        names = self.dice.sample(["one", "two", "three", "four"], self.dice.randint(0, 3))
        always = state.service("always", {"c0": ["192.0.2.200"]})
        return state.text(*self.clusters, always, *(self.service(name) for name in names))


class Random(PushTest):
    speed = 50

    def setUp(self):
        super().setUp()
        self.api.quota.per_s = {}
        self.write_push("max_delete: 100%, quota: 100%")
        self.apart = set()  # names that somebody else, or somebody's hand, has

    def wanted(self):
        """As `render` has it: the names themselves are the business of other tests."""
        done = self.run_fedns("render", "-c", str(self.config_path), "-o", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        wanted = set()
        for one in json.loads(done.stdout):
            rr = one["name"].removesuffix(f".{state.ZONE}.")
            if rr.endswith(".svc") or ".svc." in rr:
                wanted |= {(rr, one["type"], text.removesuffix("."), one["ttl"]) for text in one["rdata"]}
        return wanted

    def hand(self, dice):
        """Somebody edits records of ours and of his own."""
        for record in self.ours():
            what = dice.random()
            if record.rr in self.apart or what > 0.3:
                continue
            if what < 0.08:
                self.api.remove(record)
            elif what < 0.15:
                self.api.edit(record, ttl=dice.choice((77, 600)))
            elif what < 0.22 and record.type == "A":
                self.api.edit(record, value=f"198.51.100.{dice.randint(1, 250)}")
            elif what < 0.24:
                self.apart.add(record.rr)
                held = dice.choice(({"locked": True}, {"status": "DISABLE"}, {"line": "telecom"}))
                self.foreign.append(self.api.edit(record, **held))

    def furnish(self, dice, federation):
        """What is there before the first push: a state of ours that is past, and others' records."""
        self.write_state(federation.text())
        for rr, rtype, value, ttl in sorted(self.wanted()):
            if dice.random() < 0.6:
                self.api.put(self.zone, rr, rtype, value, ttl=ttl, remark=MARK)
        put, names = self.api.put, sorted({one.rr for one in self.ours()} | {"two.default.fed.svc"})
        self.foreign = [put(self.zone, "www", "A", "192.0.2.1"), put(self.zone, "@", "TXT", "v=spf1 -all")]
        for rr in names:
            chance = dice.random()
            if chance < 0.05 and not self.api.records(self.zone, rr, "CNAME"):
                self.apart.add(rr)
                self.foreign.append(put(self.zone, rr, "A", "203.0.113.1", remark=dice.choice(("", "fedns:other"))))
            elif chance < 0.15:
                self.foreign.append(put(self.zone, rr, "A", "203.0.113.2", line="unicom"))
        for rr in ("two.default.fed.svc", "one.default.fed.svc"):  # never a CNAME
            if dice.random() < 0.3:
                self.foreign.append(put(self.zone, rr, "TXT", "a word"))

    def push_badly(self, dice):
        """A push to which things happen; maybe it is killed."""
        self.api.fault(FAULTS, times=None, chance=dice.choice((0.05, 0.2, 0.4)), seed=dice.randint(1, 1 << 30))
        with self.push_begun() as process:
            if dice.random() < 0.5:
                kill = dice.randint(3, 25)
                when = dice.choice(("before", "after"))
                rule = self.api.on_call(kill, lambda _call: process.send_signal(signal.SIGKILL), when=when)
                self.assertIn(process.wait(60), (0, 1, 3, -9))
                rule.used = 1
            else:
                self.assertIn(process.wait(60), (0, 1, 3))
        self.api.faults_clear()

    def check(self):
        wanted = {one for one in self.wanted() if one[0] not in self.apart}
        records = [one for one in self.api.records(self.zone) if one.id not in {other.id for other in self.foreign}]
        have = [content(one) for one in records if one.rr not in self.apart]
        beside = [one for one in records if content(one) not in wanted and one.rr not in self.apart]
        log = (self.folder / "push.log").read_text()[-6000:]
        said = f"missing {wanted - set(have)}, beside {beside}\n{log}\n{self.tail()}"
        self.assertEqual((wanted - set(have), beside), (set(), []), said)
        self.assertEqual(len(have), len(wanted), said)
        self.assertEqual([one for one in records if one.remark != MARK], [], said)
        for record in self.foreign:
            self.assertIn(record, self.api.records(self.zone))
        self.assertEqual(self.plan(0)["changes"], [])

    def run_seed(self, seed):
        dice = random.Random(seed)
        self.apart, self.zone = set(), self.api.domain(state.ZONE)
        for path in (self.folder / "kept").glob("*"):
            path.unlink()
        (self.folder / "push.log").write_text("")
        federation = Federation(dice)
        self.furnish(dice, federation)
        for _ in range(dice.randint(1, 3)):
            self.write_state(federation.text())
            self.push_badly(dice)
            self.hand(dice)
        done = self.run_fedns("push", "-c", str(self.config_path))
        self.assertIn(done.returncode, (0, 1), done.stderr[-4000:])
        with open(self.folder / "push.log", "a", encoding="utf-8") as log:
            log.write(f"the last:\n{done.stderr}{done.stdout}")
        self.check()
        since = len(self.api.calls)
        self.run_fedns("push", "-c", str(self.config_path))
        self.assertEqual(self.writes(since), [], "a push after the push writes nothing")

    def test_seeds(self):
        for seed in seeds():
            with self.subTest(seed=seed):
                self.run_seed(seed)


if __name__ == "__main__":
    unittest.main()
