"""What the program answers for the federation guide's service, asked as its users ask."""

import socket
import unittest

import state
import wire
from harness import HAS_IPV6, Dig, SystemTest

NGINX = f"{state.NGINX}.{state.ZONE}."
HANGZHOU = f"{state.NGINX}.cn-hangzhou.{state.ZONE}."
HANGZHOU_B = f"{state.NGINX}.cn-hangzhou-b.cn-hangzhou.{state.ZONE}."
BEIJING = f"{state.NGINX}.cn-beijing.{state.ZONE}."
BEIJING_A = f"{state.NGINX}.cn-beijing-a.cn-beijing.{state.ZONE}."
EMPTY = (
    "svc",
    "fed.svc",
    "default.fed.svc",
    "cn-hangzhou",
    "svc.cn-hangzhou",
    "fed.svc.cn-hangzhou",
    "default.fed.svc.cn-hangzhou",
    "cn-hangzhou-b.cn-hangzhou",
    "svc.cn-hangzhou-b.cn-hangzhou",
    "default.fed.svc.cn-beijing-a.cn-beijing",
)
MISSING = (
    "www",
    "web.default.fed.svc",
    "nginx.other.fed.svc",
    "other.fed.svc",
    "nginx.default.other.svc",
    "x.nginx.default.fed.svc",
    "cn-shanghai",
    "nginx.default.fed.svc.cn-shanghai",
    "cn-beijing-a.cn-hangzhou",
    "nginx.default.fed.svc.cn-beijing-a.cn-hangzhou",
    "nginx.default.fed",
)


class Guide(SystemTest):
    """conf/demo's federation: hangzhou and beijing known, hangzhou and shanghai listed."""

    def setUp(self):
        super().setUp()
        self.daemon = self.start_guide()

    def transports(self):
        """(server, dig's arguments) of every way to ask."""
        for server in ["127.0.0.1"] + (["::1"] if HAS_IPV6 else []):
            yield server, ["+notcp"]
            yield server, ["+tcp"]

    def dig(self, name, *arguments, **more):
        return Dig(self.port, name, *arguments, **more)

    def test_global_name_gives_both_addresses_over_every_transport(self):
        for server, arguments in self.transports():
            with self.subTest(server=server, arguments=arguments):
                dig = self.dig(NGINX, "A", *arguments, server=server)
                self.assertEqual(dig.status, "NOERROR")
                self.assertIn("aa", dig.flags)
                self.assertNotIn("ra", dig.flags)
                expected = [f"{NGINX} 180 IN A {state.HANGZHOU}", f"{NGINX} 180 IN A {state.SHANGHAI}"]
                self.assertEqual(sorted(dig.answer), expected)

    def test_kdig_reads_the_same(self):
        dig = self.dig(NGINX, "A", program="kdig")
        self.assertEqual(dig.status, "NOERROR")
        self.assertEqual(len(dig.answer), 2, dig.text)

    def test_region_and_zone_give_the_clusters_address(self):
        for name in (HANGZHOU, HANGZHOU_B):
            with self.subTest(name=name):
                self.assertEqual(self.dig(name, "A").answer, [f"{name} 180 IN A {state.HANGZHOU}"])

    def test_ladder_comes_whole_in_one_answer(self):
        for server, arguments in self.transports():
            with self.subTest(server=server, arguments=arguments):
                dig = self.dig(BEIJING_A, "A", *arguments, server=server)
                self.assertEqual(
                    dig.answer[:2], [f"{BEIJING_A} 180 IN CNAME {BEIJING}", f"{BEIJING} 180 IN CNAME {NGINX}"]
                )
                expected = [f"{NGINX} 180 IN A {state.HANGZHOU}", f"{NGINX} 180 IN A {state.SHANGHAI}"]
                self.assertEqual(sorted(dig.answer[2:]), expected)
                self.assertIn("aa", dig.flags)

    def test_ladder_asked_for_its_cname_stops_there(self):
        self.assertEqual(self.dig(BEIJING_A, "CNAME").answer, [f"{BEIJING_A} 180 IN CNAME {BEIJING}"])

    def test_ladder_to_a_missing_family_ends_in_nodata(self):
        dig = self.dig(BEIJING_A, "AAAA")
        self.assertEqual(dig.status, "NOERROR")
        self.assertEqual(
            dig.answer, [f"{BEIJING_A} 180 IN CNAME {BEIJING}", f"{BEIJING} 180 IN CNAME {NGINX}"]
        )
        self.soa_only(dig)

    def soa_only(self, dig):
        """The SOA in the authority section, its TTL at most MINIMUM (RFC 2308 section 3)."""
        self.assertEqual(len(dig.authority), 1, dig.text)
        fields = dig.authority[0].split()
        expected = ["spacexnice.xyz.", "IN", "SOA", "ns1.spacexnice.xyz.", "hostmaster.spacexnice.xyz."]
        self.assertEqual(fields[0:1] + fields[2:6], expected)
        self.assertEqual(fields[1], "30")
        self.assertEqual(fields[-1], "30")

    def test_apex_has_soa_and_name_servers_with_glue(self):
        soa = self.dig("spacexnice.xyz.", "SOA")
        self.assertEqual(len(soa.answer), 1)
        begin = "spacexnice.xyz. 180 IN SOA ns1.spacexnice.xyz. hostmaster.spacexnice.xyz. "
        self.assertTrue(soa.answer[0].startswith(begin), soa.text)
        dig = self.dig("spacexnice.xyz.", "NS")
        self.assertEqual(dig.answer, ["spacexnice.xyz. 180 IN NS ns1.spacexnice.xyz."])
        self.assertIn("ns1.spacexnice.xyz. 180 IN A 192.0.2.53", dig.additional)
        self.assertIn("aa", dig.flags)
        self.assertEqual(self.dig("ns1.spacexnice.xyz.", "A").answer, ["ns1.spacexnice.xyz. 180 IN A 192.0.2.53"])

    def test_name_that_is_not_there_is_nxdomain_with_soa(self):
        dig = self.dig(f"www.{state.ZONE}.", "A")
        self.assertEqual((dig.status, dig.answer), ("NXDOMAIN", []))
        self.assertIn("aa", dig.flags)
        self.soa_only(dig)
        for name in MISSING:
            with self.subTest(name=name):
                reply = self.daemon.ask(name)
                self.assertEqual((reply.rcode, reply.aa, reply.answer), ("NXDOMAIN", True, []))
                self.assertEqual([record.type for record in reply.authority], ["SOA"])

    def test_type_that_is_not_there_is_nodata_with_soa(self):
        dig = self.dig(HANGZHOU, "AAAA")
        self.assertEqual((dig.status, dig.answer), ("NOERROR", []))
        self.assertIn("aa", dig.flags)
        self.soa_only(dig)
        for rtype in ("TXT", "NS", "SOA", "CNAME"):
            self.assertEqual(self.dig(NGINX, rtype).answer, [])
            self.assertEqual(self.dig(NGINX, rtype).status, "NOERROR")

    def test_empty_non_terminals_are_nodata(self):
        for name in EMPTY:
            with self.subTest(name=name):
                reply = self.daemon.ask(name)
                self.assertEqual((reply.rcode, reply.aa, reply.answer), ("NOERROR", True, []))
                self.assertEqual([record.type for record in reply.authority], ["SOA"])

    def test_outside_the_zone_is_refused(self):
        for name in ("example.com.", "xyz.", ".", "notspacexnice.xyz.", "nginx.default.fed.svc.cluster.local."):
            with self.subTest(name=name):
                reply = self.daemon.ask(name)
                self.assertEqual((reply.rcode, reply.aa, reply.answer, reply.authority), ("REFUSED", False, [], []))

    def test_case_of_the_question_is_kept(self):
        mixed = "NgInX.DeFaUlT.fEd.SvC.SpAcExNiCe.XyZ."
        for tcp in (False, True):
            reply = self.daemon.ask(mixed, tcp=tcp)
            self.assertEqual(reply.question, [(mixed, "A")])
            self.assertEqual(reply.rdatas("A"), [state.HANGZHOU, state.SHANGHAI])
            self.assertEqual({record.name for record in reply.answer}, {mixed})

    def test_messages_behind_one_another_on_one_connection(self):
        with socket.create_connection(("127.0.0.1", self.port), timeout=3) as sock:
            wanted = {number: name for number, name in enumerate((NGINX, HANGZHOU, BEIJING_A, "www.spacexnice.xyz."))}
            sock.sendall(b"".join(wire.tcp_frame(wire.query(name, "A", number=n)) for n, name in wanted.items()))
            for _ in range(len(wanted)):
                reply = wire.tcp_read(sock)
                self.assertEqual(reply.question[0][0], wanted.pop(reply.id))
        self.assertEqual(wanted, {})


class Others(SystemTest):
    """What the guide's federation can't show."""

    def test_large_set_is_cut_over_udp_and_whole_over_tcp(self):
        self.write_config()
        wanted = [f"192.0.2.{i}" for i in range(1, 65)]
        self.write_state(state.text(*state.CLUSTERS, state.service("nginx", {"hangzhou": wanted})))
        daemon = self.start()
        cut = daemon.ask(state.NGINX, edns_size=None)
        self.assertTrue(cut.tc)
        self.assertLessEqual(cut.size, 512)
        self.assertEqual(daemon.ask(state.NGINX, tcp=True).rdatas("A"), sorted(wanted))
        self.assertEqual(len(Dig(self.port, NGINX, "A").answer), 64)

    def test_ipv6_addresses_are_aaaa_and_flatten_gives_no_cname(self):
        self.write_config("fallback: flatten\n")
        self.write_state(state.text(*state.CLUSTERS, state.service("nginx", {"hangzhou": ["2001:db8::69"]})))
        daemon = self.start()
        reply = daemon.ask(f"{state.NGINX}.cn-beijing-a.cn-beijing", "AAAA")
        self.assertEqual([(r.type, r.rdata) for r in reply.answer], [("AAAA", "2001:db8::69")])
        self.assertEqual(daemon.ask(state.NGINX, "A").answer, [])

    def test_only_those_allowed_may_ask(self):
        daemon = self.start_guide('allow: ["192.0.2.0/24"]\n')
        for tcp in (False, True):
            self.assertEqual(daemon.ask(state.NGINX, tcp=tcp).rcode, "REFUSED")


if __name__ == "__main__":
    unittest.main()
