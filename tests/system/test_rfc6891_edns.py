"""The OPT record and the sizes of messages: RFC 6891, RFC 2181 section 9."""

import unittest

import wire
from rules import ADDRESSES, GLOBAL, MANY, MISSING, PLACE, ZONE, Rules, on_every_server

DO = 0x8000
HALF = MANY.replace(ZONE, f"cn-hangzhou.{ZONE}")
MANY_LADDER = MANY.replace(ZONE, PLACE)


@on_every_server
class Opt(Rules):
    """The record itself."""

    def opt(self, message):
        """(size offered, extended RCODE, version and flags, options) of the reply's OPT; None: it has none."""
        reply = self.ask(message)
        return (reply.opt.rclass, reply.opt.ttl, reply.options) if reply.opt else None

    def test_rfc6891_7_who_sends_no_opt_gets_none(self):
        for name in (GLOBAL, MISSING, "example.net."):
            self.expect(self.opt(wire.query(name)), None)

    def test_rfc6891_6_1_1_who_sends_an_opt_gets_one(self):
        for name in (GLOBAL, MISSING):
            self.expect(self.opt(wire.edns_query(name)), (1232, 0, {}))

    def test_rfc6891_6_1_1_errors_have_one_too(self):
        self.expect(self.ask(wire.edns_query("example.net.")).opt is not None, True)
        status = wire.message(wire.question(ZONE), wire.opt(), flags=2 << 11, counts=(1, 0, 0, 1))
        before = (False, "judges the opcode before it reads further")
        self.expect(self.ask(status).opt is not None, True, nsd=before)

    def test_rfc3225_3_do_is_copied_and_no_other_flag(self):
        self.expect(self.opt(wire.edns_query(GLOBAL, flags=DO)), (1232, DO, {}))
        self.expect(self.opt(wire.edns_query(GLOBAL, flags=0x7FFF)), (1232, 0, {}))

    def test_rfc6891_6_1_3_other_versions_are_badvers(self):
        for version in (1, 255):
            reply = self.ask(wire.edns_query(GLOBAL, version=version))
            self.expect((reply.rcode, reply.answer), ("BADVERS", []))
            self.expect(reply.opt.ttl >> 16 & 255, 0)

    def test_rfc6891_6_1_3_options_of_other_versions_are_not_read(self):
        first = ("FORMERR", "reads the options first")
        self.expect(self.rcode(wire.edns_query(GLOBAL, b"\0", version=1)), "BADVERS", knotd=first, named=first)

    def test_rfc6891_6_1_1_two_are_a_format_error(self):
        message = wire.message(wire.question(GLOBAL), wire.opt(), wire.opt(), counts=(1, 0, 0, 2))
        reply = self.ask(message)
        self.expect((reply.rcode, reply.answer), ("FORMERR", []))

    def test_rfc6891_6_1_1_one_in_another_section_is_a_format_error(self):
        for counts in ((1, 1, 0, 0), (1, 0, 1, 0)):
            self.expect(self.rcode(wire.message(wire.question(GLOBAL), wire.opt(), counts=counts)), "FORMERR")

    def test_rfc6891_6_1_2_its_owner_is_the_root(self):
        self.expect(self.rcode(wire.edns_query(GLOBAL, owner=b"\1a\0")), "FORMERR", knotd=("NOERROR", "doesn't look"))

    def test_rfc6891_6_1_2_options_that_it_does_not_know_are_passed_over(self):
        options = wire.option(65001, b"abc"), wire.option(65001), wire.option(4, b"x")
        self.expect(self.opt(wire.edns_query(GLOBAL, *options)), (1232, 0, {}))

    def test_rfc6891_6_1_2_options_fill_the_rdata(self):
        for rdata in (b"\xfd", b"\xfd\xe9\0", b"\xfd\xe9\0\5abcd"):
            self.expect(self.rcode(wire.edns_query(GLOBAL, rdata)), "FORMERR")

    def test_rfc6891_6_1_2_a_cut_one_is_a_format_error(self):
        whole = wire.edns_query(GLOBAL, wire.option(65001, b"abc"))
        for cut in (1, 7, 17):
            self.expect(self.rcode(whole[:-cut]), "FORMERR")


@on_every_server
class Sizes(Rules):
    """96 addresses (1536 octets, more than any server sends unasked), and the 48 of them that are in one region."""

    def over_udp(self, message):
        """(TC, size, records of the answer)."""
        reply = self.udp(message)
        return reply.tc, reply.size, len(reply.answer)

    def test_rfc2181_9_an_rrset_that_does_not_fit_is_left_out_whole_with_tc(self):
        size = len(wire.query(MANY))
        fills = ((True, size + 28 * 16, 28), "sends what fits, which nobody uses")
        self.expect(self.over_udp(wire.query(MANY)), (True, size, 0), named=fills)

    def test_rfc2181_9_cnames_before_it_stay(self):
        reply = self.udp(wire.query(MANY_LADDER))
        self.expect((reply.tc, [record.type for record in reply.answer[:2]]), (True, ["CNAME", "CNAME"]))
        self.expect(len(reply.answer), 2, named=(14, "sends what fits, which nobody uses"))

    def test_rfc6891_6_2_3_what_the_client_takes_is_used_to_the_last_octet(self):
        whole = len(wire.edns_query(HALF)) + 48 * 16
        self.expect(self.over_udp(wire.edns_query(HALF, size=whole)), (False, whole, 48))
        self.expect(self.over_udp(wire.edns_query(HALF, size=whole - 1)), (True, len(wire.edns_query(HALF)), 0))

    def test_rfc6891_6_2_3_offers_below_512_octets_are_512(self):
        for size in (0, 511, 512):
            self.expect(self.over_udp(wire.edns_query(HALF, size=size))[0], True)
            self.expect(self.over_udp(wire.edns_query(GLOBAL, size=size))[0], False)

    def test_rfc6891_6_2_5_offers_above_1232_octets_are_1232(self):
        for size in (1232, 4096, 65535):
            self.expect(self.over_udp(wire.edns_query(MANY, size=size)), (True, len(wire.edns_query(MANY)), 0))
            self.expect(self.over_udp(wire.edns_query(HALF, size=size))[::2], (False, 48))

    def test_rfc7766_5_over_tcp_it_comes_whole(self):
        for message in (wire.query(MANY), wire.edns_query(MANY, size=512)):
            reply = self.tcp(message)
            self.expect((reply.tc, reply.rdatas("A")), (False, sorted(ADDRESSES)))


if __name__ == "__main__":
    unittest.main()
