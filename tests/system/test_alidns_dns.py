"""DNS of the local Alibaba Cloud DNS: its records as name servers see them, some time behind."""

import time
import unittest

import wire
from alidns_bed import AlidnsTest
from harness import wait_until


class Answers(AlidnsTest):
    """What is answered for what is held."""

    def setUp(self):
        super().setUp()
        self.dns = self.api.dns_start()

    def ask(self, name, rtype="A", tcp=False, **more):
        exchange = wire.tcp_exchange if tcp else wire.udp_exchange
        return exchange("127.0.0.1", self.dns.port, wire.query(name, rtype, **more))

    def put(self, rr, rtype, value, **fields):
        return self.api.put(self.zone, rr, rtype, value, **fields)

    def test_each_type(self):
        for rtype, value, rdata in (
            ("A", "192.0.2.1", "192.0.2.1"),
            ("AAAA", "2001:db8::1", "2001:db8::1"),
            ("SRV", "0 10 80 app.example.com", "0 10 80 app.example.com."),
            ("TXT", "two words", b"\x09two words".hex()),
        ):
            self.put("www", rtype, value, ttl=77)
            for tcp in (False, True):
                reply = self.ask("WWW.example.com.", rtype, tcp)
                self.assertEqual((reply.rcode, reply.aa, reply.rdatas(rtype)), ("NOERROR", True, [rdata]))
                self.assertEqual((reply.answer[0].name, reply.answer[0].ttl), ("WWW.example.com.", 77))

    def test_long_texts_are_cut_into_strings(self):
        self.put("long", "TXT", "x" * 300)
        self.assertEqual(
            self.ask("long.example.com", "TXT").rdatas("TXT"), [(b"\xff" + b"x" * 255 + b"\x2d" + b"x" * 45).hex()]
        )

    def test_the_apex(self):
        self.assertEqual(self.ask("example.com", "NS").rdatas("NS"), ["vip1.alidns.com.", "vip2.alidns.com."])
        before = int(self.ask("example.com", "SOA").rdatas("SOA")[0].split()[2])
        self.put("www", "A", "192.0.2.1")
        self.assertEqual(int(self.ask("example.com", "SOA").rdatas("SOA")[0].split()[2]), before + 1)

    def test_names_that_are_not(self):
        self.put("a.b", "A", "192.0.2.1")
        for name, rcode in (
            ("none.example.com", "NXDOMAIN"),
            ("b.example.com", "NOERROR"),
            ("a.b.example.com", "NOERROR"),
        ):
            reply = self.ask(name, "AAAA")
            self.assertEqual((reply.rcode, reply.answer, reply.authority[0].type), (rcode, [], "SOA"))
        self.assertEqual(self.ask("www.example.net").rcode, "REFUSED")

    def test_names_lead_to_names(self):
        self.put("www", "CNAME", "app.example.com")
        self.put("app", "CNAME", "a.example.net")
        reply = self.ask("www.example.com")
        self.assertEqual(reply.rdatas("CNAME"), ["a.example.net.", "app.example.com."])
        self.put("to", "CNAME", "end.example.com")
        self.put("end", "A", "192.0.2.1")
        reply = self.ask("to.example.com")
        self.assertEqual((reply.rdatas("CNAME"), reply.rdatas("A")), (["end.example.com."], ["192.0.2.1"]))
        self.put("loop", "CNAME", "loop.example.com")
        self.assertEqual(self.ask("loop.example.com").rcode, "NOERROR")

    def test_wildcards(self):
        self.put("*", "A", "192.0.2.1")
        self.put("*.svc", "A", "192.0.2.2")
        self.put("real.svc", "A", "192.0.2.3")
        for name, address in (
            ("a", "192.0.2.1"),
            ("a.b", "192.0.2.1"),
            ("a.svc", "192.0.2.2"),
            ("real.svc", "192.0.2.3"),
        ):
            self.assertEqual(self.ask(f"{name}.example.com").rdatas("A"), [address])

    def test_delegations_refer_with_glue(self):
        self.put("sub", "NS", "ns1.sub.example.com")
        self.put("ns1.sub", "A", "192.0.2.53")
        for name in ("sub.example.com", "x.sub.example.com"):
            reply = self.ask(name)
            self.assertEqual((reply.aa, reply.answer), (False, []))
            self.assertEqual(
                [(one.name, one.rdata) for one in reply.authority], [("sub.example.com.", "ns1.sub.example.com.")]
            )
            self.assertEqual([one.rdata for one in reply.additional], ["192.0.2.53"])

    def test_what_is_disabled_or_of_another_line_is_not_answered(self):
        self.put("www", "A", "192.0.2.1", status="DISABLE")
        self.put("www", "A", "192.0.2.2", line="telecom")
        self.put("www", "A", "192.0.2.3")
        self.assertEqual(self.ask("www.example.com").rdatas("A"), ["192.0.2.3"])

    def test_large_answers_go_over_tcp(self):
        for last in range(90):
            self.put("many", "A", f"192.0.2.{last}")
        self.assertTrue(self.ask("many.example.com").tc)
        self.assertTrue(self.ask("many.example.com", edns_size=1232).tc)
        self.assertEqual(len(self.ask("many.example.com", tcp=True).answer), 90)
        self.assertEqual(len(self.ask("many.example.com", edns_size=8192).answer), 90)

    def test_it_stops_and_starts_on_its_port(self):
        port = self.dns.port
        self.dns.stop()
        self.dns.start()
        self.assertEqual((self.dns.port, self.ask("example.com", "SOA").rcode), (port, "NOERROR"))

    def test_chinese_names(self):
        self.api.put(self.api.domain("中文.com"), "中", "A", "192.0.2.1")
        self.assertEqual(self.ask("xn--fiq.xn--fiq228c.com").rdatas("A"), ["192.0.2.1"])

    def test_it_follows_some_time_behind(self):
        self.api.propagation_s = 0.6
        record = self.put("www", "A", "192.0.2.1")
        self.assertEqual(self.ask("www.example.com").rcode, "NXDOMAIN")
        began = time.monotonic()
        wait_until("it is there", lambda: self.ask("www.example.com").rdatas("A"), 3.0)
        self.assertGreater(time.monotonic() - began, 0.3)
        self.api.edit(record, value="192.0.2.2")
        self.assertEqual(self.ask("www.example.com").rdatas("A"), ["192.0.2.1"])
        self.api.propagation_s = 0.0
        self.assertEqual(self.ask("www.example.com").rdatas("A"), ["192.0.2.2"])
        self.api.remove(record)
        self.assertEqual(self.ask("www.example.com").rcode, "NXDOMAIN")


if __name__ == "__main__":
    unittest.main()
