"""unbound, as strict as it can be made, finds fedns from the root down and gives its clients what the zone holds."""

import unittest

import netns
import state
from delegated import REPLICAS, Delegated
from harness import Dig, wait_until

NGINX = f"{state.NGINX}.{state.ZONE}."
HANGZHOU_B = f"{state.NGINX}.cn-hangzhou-b.cn-hangzhou.{state.ZONE}."
BEIJING = f"{state.NGINX}.cn-beijing.{state.ZONE}."
BEIJING_A = f"{state.NGINX}.cn-beijing-a.cn-beijing.{state.ZONE}."
LADDER = [f"{BEIJING_A} CNAME {BEIJING}", f"{BEIJING} CNAME {NGINX}"]
BOTH = [f"{NGINX} A {state.HANGZHOU}", f"{NGINX} A {state.SHANGHAI}"]
UDP_SIZE = 1232

def plain(records):
    """NAME TYPE RDATA, sorted: unbound counts TTLs down and turns sets around."""
    fields = [record.split() for record in records]
    return sorted(" ".join([name, *rest]) for name, _ttl, _class, *rest in fields)


class Unbound(Delegated):
    """The resolver in the hub."""

    def setUp(self):
        netns.need("unbound", "unbound-control", "dig")
        super().setUp()

    def start_all(self, text=None, caps="yes", **ttls):
        self.write_state(text or state.guide())
        self.start_root()
        self.start_replicas(**ttls)
        self.config, self.log_path = self.start_unbound(caps)

    def resolve(self, name, rtype="A"):
        return Dig(53, name, rtype, recurse=True, prefix=self.hub.enter)

    def resolved(self, name, rtype="A"):
        dig = self.resolve(name, rtype)
        return dig.status, plain(dig.answer)

    def statistic(self, name):
        out = self.hub.run("unbound-control", "-c", str(self.config), "stats_noreset").stdout
        return int(dict(line.split("=") for line in out.splitlines())[name])

    def fragments(self):
        counters = ("FragCreates", "Ip6FragCreates", "ReasmReqds", "Ip6ReasmReqds")
        return sum(space.count(*counters) for space in self.star.spaces)

    def test_every_kind_of_answer_comes_through(self):
        self.start_all()
        for name, rtype, status, answer in (
            (NGINX, "A", "NOERROR", BOTH),
            (HANGZHOU_B, "A", "NOERROR", [f"{HANGZHOU_B} A {state.HANGZHOU}"]),
            (BEIJING_A, "A", "NOERROR", [*LADDER, *BOTH]),
            (BEIJING_A, "AAAA", "NOERROR", LADDER),
            (BEIJING_A, "CNAME", "NOERROR", LADDER[:1]),
            (NGINX, "AAAA", "NOERROR", []),
            (f"default.fed.svc.{state.ZONE}.", "A", "NOERROR", []),
            (f"web.default.fed.svc.{state.ZONE}.", "A", "NXDOMAIN", []),
            (f"{state.ZONE}.", "NS", "NOERROR", [f"{state.ZONE}. NS {name}.{state.ZONE}." for name in REPLICAS]),
        ):
            with self.subTest(name=name, rtype=rtype):
                self.assertEqual(self.resolved(name, rtype), (status, sorted(answer)))
        # it would ask again without 0x20, and say so
        self.assertNotIn("Capsforid", self.log_path.read_text(errors="replace"))

    def test_what_is_missing_hides_nothing_else(self):
        """RFC 8020: below NXDOMAIN there is nothing, above a name there is no NXDOMAIN."""
        self.start_all()
        for missing in (f"x.{NGINX}", f"web.default.fed.svc.{state.ZONE}.", f"a.b.cn-shanghai.{state.ZONE}."):
            self.assertEqual(self.resolved(missing), ("NXDOMAIN", []), missing)
        for start in (NGINX, HANGZHOU_B, BEIJING_A):
            labels = start.split(".")
            for i in range(len(labels) - 3, 0, -1):
                name = ".".join(labels[i:])
                self.assertEqual(self.resolve(name, "TXT").status, "NOERROR", name)
        self.assertEqual(self.resolved(BEIJING_A), ("NOERROR", sorted(LADDER + BOTH)))

    def test_a_large_set_comes_over_tcp_and_never_in_pieces(self):
        wanted = {"A": [f"192.0.2.{i}" for i in range(1, 65)], "AAAA": [f"2001:db8::{i:x}" for i in range(1, 65)]}
        services = [state.service(rtype.lower(), {"hangzhou": texts}) for rtype, texts in wanted.items()]
        self.start_all(state.text(*state.CLUSTERS, *services))
        for rtype, texts in wanted.items():
            name = f"{rtype.lower()}.default.fed.svc.{state.ZONE}."
            before = self.statistic("num.query.tcpout")
            answer = ("NOERROR", sorted(f"{name} {rtype} {text}" for text in texts))
            self.assertEqual(self.resolved(name, rtype), answer)
            # 64 A records fit in one datagram, as many AAAA records don't
            self.assertEqual(self.statistic("num.query.tcpout") > before, rtype == "AAAA")
            self.greedy(name, rtype)
        self.assertEqual(self.fragments(), 0)

    def greedy(self, name, rtype):
        """A client that says it takes 4096 octets is given what every path takes."""
        for pair in REPLICAS.values():
            for server in pair:
                arguments = [rtype, "+ignore", "+notcp", "+bufsize=4096"]
                dig = Dig(53, name, *arguments, server=server, prefix=self.hub.enter)
                self.assertLessEqual(int(dig.text.split("MSG SIZE  rcvd: ")[1].split()[0]), UDP_SIZE)
                self.assertEqual("tc" in dig.flags, rtype == "AAAA")

    def test_no_for_an_answer_is_remembered_for_the_negative_ttl(self):
        self.start_all(negative_ttl=30)
        missing = f"web.default.fed.svc.{state.ZONE}."
        for name, rtype in ((missing, "A"), (NGINX, "AAAA"), (BEIJING_A, "AAAA")):
            dig = self.resolve(name, rtype)
            self.assertRegex(dig.authority[0], rf"^{state.ZONE}\. (30|2\d) IN SOA ")
        before = self.statistic("total.num.cachemiss")
        self.assertEqual(self.resolve(missing).status, "NXDOMAIN")
        self.assertEqual(self.statistic("total.num.cachemiss"), before)

    def start_both(self):
        # with 0x20 unbound takes a timeout for a sign of forgery, and asks dead servers several times before it answers
        self.start_all(caps="no")
        self.assertEqual(self.resolved(HANGZHOU_B)[0], "NOERROR")

    def ask_until_tried(self, dead):
        """Names that unbound can't know yet, until it has asked the dead replica for one. Each must be answered."""
        since = self.log_path.stat().st_size
        tries = [f"sending to target: <{state.ZONE}.> {address}#53" for address in REPLICAS[dead]]

        def tried():
            with open(self.log_path, "rb") as log:
                log.seek(since)
                text = log.read().decode(errors="replace")
            return any(line in text for line in tries)

        for i in range(100):
            self.assertEqual(self.resolved(f"n{i}.{state.ZONE}.")[0], "NXDOMAIN")
            if tried():
                return
        self.fail(f"unbound never asked {dead}")

    def test_one_replica_is_enough_when_a_cable_is_pulled(self):
        self.start_both()
        self.links["ns1"].ip("link set dev hub down")
        self.ask_until_tried("ns1")
        self.assertEqual(self.resolved(BEIJING_A), ("NOERROR", sorted(LADDER + BOTH)))

    def test_one_replica_is_enough_when_a_daemon_stops(self):
        self.start_both()
        self.replicas["ns2"].stop()
        self.ask_until_tried("ns2")
        self.assertEqual(self.resolved(BEIJING_A), ("NOERROR", sorted(LADDER + BOTH)))

    def test_a_changed_state_arrives_after_the_ttl(self):
        self.start_all(ttl=1, negative_ttl=1)
        web = f"web.default.fed.svc.{state.ZONE}."
        self.assertEqual(self.resolved(HANGZHOU_B), ("NOERROR", [f"{HANGZHOU_B} A {state.HANGZHOU}"]))
        self.assertEqual(self.resolved(web), ("NXDOMAIN", []))
        services = (state.service(name, {"hangzhou": ["192.0.2.7"]}) for name in ("nginx", "web"))
        self.write_state(state.text(*state.CLUSTERS, *services))
        for name in (HANGZHOU_B, web):
            self.wait_resolved(name, [f"{name} A 192.0.2.7"])

    def wait_resolved(self, name, answer):
        wait_until(f"{answer}", lambda: self.resolved(name) == ("NOERROR", answer), 8.0)


if __name__ == "__main__":
    unittest.main()
