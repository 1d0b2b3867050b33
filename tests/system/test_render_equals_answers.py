"""What render prints is what serve answers, name by name and type by type."""

import collections
import random
import unittest

import state
from harness import SystemTest

ASKED = ("A", "AAAA", "CNAME", "NS", "SOA", "SRV", "TXT")
APEX = "spacexnice.xyz."
SEED = 20260718


def random_state(dice):
    """Clusters with shared regions, zones and gaps; services of every kind of health."""
    clusters, names = [], []
    for i in range(7):
        region = f"r{dice.randrange(4)}"
        zones = sorted({f"{region}-{dice.choice('abc')}" for _ in range(dice.randrange(3))})
        ready = "False" if i == 6 else "True"
        clusters.append(state.cluster(f"c{i}", region if i else None, zones, ready=ready, since="2001-01-01T00:00:00Z"))
        names.append(f"c{i}")
    services = []
    for i in range(40):
        listed = dice.sample(names + ["stranger"], dice.randrange(1, 5))
        ingresses = {name: random_items(dice) for name in listed}
        more = {"fallback": dice.choice(["cname", "flatten"])} if dice.random() < 0.4 else {}
        if dice.random() < 0.3:
            more["ttl"] = str(dice.randrange(1, 600))
        more["ports"] = dice.sample(["http:80", "dns:53/UDP", "dns:53", "x:9/SCTP", ":1"], dice.randrange(3))
        services.append(state.service(f"s{i}", ingresses, namespace=dice.choice(["default", "web"]), **more))
    return state.text(*clusters, *services)


def random_items(dice):
    if dice.random() < 0.3:
        return None
    four = [f"192.0.2.{dice.randrange(1, 250)}" for _ in range(dice.randrange(3))]
    six = [f"2001:db8::{dice.randrange(1, 9999):x}" for _ in range(dice.randrange(2))]
    return four + six


class RenderEqualsAnswers(SystemTest):
    """One random federation, the same one every time."""

    def setUp(self):
        super().setUp()
        self.write_config()
        self.write_state(random_state(random.Random(SEED)))
        done = self.fedns("render", "-c", str(self.config_path))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.zone = collections.defaultdict(set)
        for line in done.stdout.splitlines():
            name, ttl, _class, rtype, rdata = line.split(" ", 4)
            self.zone[name, rtype].add((int(ttl), rdata))
        self.names = {name for name, _type in self.zone}
        self.daemon = self.start()

    def expected(self, name, rtype):
        """The answer section as (name, type, ttl, rdata): the CNAMEs on the way, then the set."""
        out = set()
        for _ in range(3):
            if (name, rtype) in self.zone or (name, "CNAME") not in self.zone:
                break
            ((ttl, target),) = self.zone[name, "CNAME"]
            out.add((name, "CNAME", ttl, target))
            name = target
        return out | {(name, rtype, ttl, rdata) for ttl, rdata in self.zone.get((name, rtype), ())}

    def asked(self, name, rtype):
        reply = self.daemon.ask(name, rtype)
        return self.daemon.ask(name, rtype, tcp=True) if reply.tc else reply

    def compare(self, name, rtype):
        reply = self.asked(name, rtype)
        answer = {(record.name, record.type, record.ttl, record.rdata) for record in reply.answer}
        expected = self.expected(name, rtype)
        if rtype == "SOA" and name == APEX:
            answer, expected = ({row[:3] for row in rows} for rows in (answer, expected))  # serials of two programs
        self.assertEqual(answer, expected, f"{name} {rtype}")
        self.assertEqual(len(answer), len(reply.answer), f"{name} {rtype}: a record twice")
        self.assertEqual((reply.rcode, reply.aa), ("NOERROR", True), f"{name} {rtype}")
        has_data = any(row[1] == rtype for row in expected)
        if not has_data:
            self.assertEqual([record.type for record in reply.authority], ["SOA"], f"{name} {rtype}")

    def test_every_name_and_type_answers_as_rendered(self):
        self.assertGreater(len(self.names), 200)
        for name in sorted(self.names):
            for rtype in ASKED:
                self.compare(name, rtype)

    def test_every_name_above_a_name_is_there_and_empty(self):
        above = set()
        for name in self.names:
            labels = name.split(".")
            above |= {".".join(labels[i:]) for i in range(1, len(labels)) if ".".join(labels[i:]).endswith(APEX)}
        for name in sorted(above - self.names):
            self.compare(name, "A")
            self.compare(name, "TXT")

    def test_a_name_beside_is_not_there(self):
        for name in sorted(self.names)[::5]:
            reply = self.daemon.ask(f"x-{name}" if name != APEX else f"x-.{name}")
            self.assertEqual((reply.rcode, reply.answer), ("NXDOMAIN", []), name)


if __name__ == "__main__":
    unittest.main()
