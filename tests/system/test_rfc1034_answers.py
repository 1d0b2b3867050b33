"""What stands in the sections of answers: RFC 1034 section 4.3.2 and what came after it."""

import unittest

import state
import wire
from rules import CONFIG, EMPTY, GLOBAL, LADDER, MISSING, ZONE, Rules, on_every_server

BOTH = [state.HANGZHOU, state.SHANGHAI]
CNAMES = [(LADDER[0], "CNAME", 180, LADDER[1]), (LADDER[1], "CNAME", 180, LADDER[2])]


def rows(section):
    return [(record.name, record.type, record.ttl, record.rdata) for record in section]


class AnswerRules(Rules):
    """Beside expect(): what an answer without the records asked for looks like."""

    negative_ttl = 30

    def negative(self, reply, rcode):
        """RFC 2308: the SOA of the zone and nothing else."""
        self.expect((reply.rcode, reply.aa, reply.answer, reply.additional), (rcode, True, [], []))
        self.expect([row[:3] for row in rows(reply.authority)], [(ZONE, "SOA", self.negative_ttl)])


@on_every_server
class Apex(AnswerRules):
    """The zone's own records."""

    def test_rfc1034_4_3_2_the_soa(self):
        reply = self.ask(wire.query(ZONE, "SOA"))
        self.expect([row[:3] for row in rows(reply.answer)], [(ZONE, "SOA", 180)])
        names = reply.answer[0].rdata.split()
        self.expect((names[:2], names[-1]), ([f"ns1.{ZONE}", f"hostmaster.{ZONE}"], "30"))

    def test_rfc1034_4_3_2_name_servers_come_with_their_addresses_in_the_zone(self):
        reply = self.ask(wire.query(ZONE, "NS"))
        self.expect(reply.rdatas("NS"), [f"ns1.{ZONE}", "ns2.example.net."])
        addresses = [(f"ns1.{ZONE}", "A", 180, "192.0.2.53"), (f"ns1.{ZONE}", "AAAA", 180, "2001:db8::53")]
        self.expect(sorted(rows(reply.additional)), addresses)

    def test_rfc1034_4_3_2_addresses_of_a_name_server_are_the_zones_own(self):
        self.expect(self.ask(f"ns1.{ZONE}").rdatas("A"), ["192.0.2.53"])
        self.expect(self.ask(wire.query(f"ns1.{ZONE}", "AAAA")).rdatas("AAAA"), ["2001:db8::53"])

    def test_rfc4035_3_1_4_1_ds_of_the_zone_is_asked_of_its_parent(self):
        self.negative(self.ask(wire.query(ZONE, "TYPE43")), "NOERROR")

    def test_rfc1034_4_3_1_what_lies_outside_is_refused(self):
        for name in ("example.net.", "xyz.", ".", f"not{ZONE}"):
            reply = self.ask(name)
            got = (reply.rcode, reply.aa, reply.answer, reply.authority)
            self.expect(got, ("REFUSED", False, [], []))


@on_every_server
class Addresses(AnswerRules):
    """A level that serves."""

    def test_rfc1034_4_3_2_an_rrset_is_answered_whole(self):
        reply = self.ask(GLOBAL)
        self.expect(sorted(rows(reply.answer)), [(GLOBAL, "A", 180, address) for address in BOTH])
        self.expect((reply.authority, reply.additional), ([], []))

    def test_rfc3597_3_types_without_a_name_are_types(self):
        for rtype in ("TYPE65280", "TYPE1000", "TYPE65535"):
            self.negative(self.ask(wire.query(GLOBAL, rtype)), "NOERROR")

    def test_rfc8482_4_1_any_is_answered_with_one_rrset(self):
        self.expect(sorted(rows(self.ask(wire.query(GLOBAL, "ANY")).answer)), [(GLOBAL, "A", 180, a) for a in BOTH])
        self.expect(rows(self.ask(wire.query(LADDER[0], "ANY")).answer), CNAMES[:1])
        types = {record.type for record in self.udp(wire.query(ZONE, "ANY")).answer}
        self.expect(len(types), 1, named=(2, "gives all there is"))

    def test_rfc8482_4_1_any_of_nothing_is_nothing(self):
        self.negative(self.ask(wire.query(EMPTY, "ANY")), "NOERROR")
        self.negative(self.ask(wire.query(MISSING, "ANY")), "NXDOMAIN")


@on_every_server
class Ladder(AnswerRules):
    """Levels without addresses: RFC 1034 section 3.6.2."""

    def test_rfc1034_4_3_2_cnames_are_followed_to_their_end_in_one_answer(self):
        reply = self.ask(LADDER[0])
        self.expect(rows(reply.answer)[:2], CNAMES)
        self.expect(sorted(rows(reply.answer)[2:]), [(GLOBAL, "A", 180, address) for address in BOTH])
        self.expect((reply.rcode, reply.authority), ("NOERROR", []))

    def test_rfc1034_3_6_2_who_asks_for_the_cname_gets_it_alone(self):
        for at in (0, 1):
            reply = self.ask(wire.query(LADDER[at], "CNAME"))
            self.expect((rows(reply.answer), reply.authority), ([CNAMES[at]], []))

    def test_rfc2308_2_2_cnames_that_end_in_nothing_come_with_the_soa(self):
        for rtype in ("AAAA", "TXT", "SOA", "TYPE65280"):
            reply = self.ask(wire.query(LADDER[0], rtype))
            self.expect((reply.rcode, reply.aa, rows(reply.answer)), ("NOERROR", True, CNAMES))
            self.expect([row[:3] for row in rows(reply.authority)], [(ZONE, "SOA", 30)])

    def test_rfc2181_10_1_beside_a_cname_stands_nothing(self):
        for rtype in ("NS", "SOA", "TXT", "A", "AAAA", "ANY", "CNAME"):
            at_name = {row[1] for row in rows(self.ask(wire.query(LADDER[0], rtype)).answer) if row[0] == LADDER[0]}
            self.expect(at_name, {"CNAME"})


@on_every_server
class Nothing(AnswerRules):
    """Names and types that aren't there."""

    def test_rfc2308_2_1_a_name_that_is_not_there(self):
        self.negative(self.ask(MISSING), "NXDOMAIN")

    def test_rfc2308_2_2_a_type_that_is_not_there(self):
        self.negative(self.ask(wire.query(GLOBAL, "AAAA")), "NOERROR")
        self.negative(self.ask(wire.query(ZONE, "A")), "NOERROR")

    def test_rfc8020_2_below_a_name_that_is_not_there_is_nothing(self):
        for name in (f"a.b.c.{MISSING}", f"x.{GLOBAL}", f"x.y.{LADDER[0]}"):
            self.negative(self.ask(name), "NXDOMAIN")

    def test_rfc4592_2_2_2_a_name_above_a_name_is_there_and_empty(self):
        labels = LADDER[0].split(".")
        for at in range(1, len(labels) - 3):
            self.negative(self.ask(".".join(labels[at:])), "NOERROR")

    def test_rfc4592_2_1_1_an_asterisk_is_a_label_like_others(self):
        for name in (f"*.{ZONE}", f"*.default.fed.svc.{ZONE}", f"*.{GLOBAL}", f"*.{LADDER[0]}", f"a.*.{ZONE}"):
            self.negative(self.ask(name), "NXDOMAIN")


@on_every_server
class ShortTtl(AnswerRules):
    """A zone whose records live less long than its MINIMUM."""

    config = CONFIG | {"fedns": CONFIG["fedns"] + "ttl: 20\n"}
    negative_ttl = 20

    def test_rfc2308_3_the_ttl_of_the_soa_is_the_smaller_of_its_own_and_minimum(self):
        for name, rcode in ((MISSING, "NXDOMAIN"), (EMPTY, "NOERROR")):
            reply = self.ask(name)
            self.negative(reply, rcode)
            self.expect(reply.authority[0].rdata.split()[-1], "30")


@on_every_server
class Services(AnswerRules):
    """A named port at each level."""

    def srv(self, name, target, addresses):
        reply = self.ask(wire.query(name, "SRV"))
        self.expect((reply.rcode, reply.aa, reply.authority), ("NOERROR", True, []))
        self.expect(rows(reply.answer), [(name, "SRV", 180, f"0 0 80 {target}")])
        beside = sorted((target, "A", 180, address) for address in addresses)
        minimal = ([], "leaves out what was not asked for: minimal-responses")
        self.expect(sorted(rows(reply.additional)), beside, nsd=minimal, named=minimal)

    def test_rfc2782_the_target_is_the_level_and_its_addresses_are_beside(self):
        self.srv(f"_http._tcp.{GLOBAL}", GLOBAL, [state.HANGZHOU, state.SHANGHAI])
        level = f"{state.NGINX}.cn-hangzhou.{ZONE}"
        self.srv(f"_http._tcp.{level}", level, [state.HANGZHOU])

    def test_rfc2782_a_target_is_no_alias(self):
        self.srv(f"_http._tcp.{LADDER[0]}", GLOBAL, [state.HANGZHOU, state.SHANGHAI])

    def test_rfc2782_letter_case_means_nothing(self):
        name = f"_HTTP._Tcp.{GLOBAL}"
        reply = self.ask(wire.query(name, "SRV"))
        self.expect(rows(reply.answer)[0][3], f"0 0 80 {GLOBAL}")

    def test_rfc2308_2_2_other_types_are_not_there(self):
        for rtype in ("A", "AAAA", "CNAME", "TXT"):
            self.negative(self.ask(wire.query(f"_http._tcp.{GLOBAL}", rtype)), "NOERROR")
        self.negative(self.ask(wire.query(GLOBAL, "SRV")), "NOERROR")

    def test_rfc8020_2_protocols_are_there_and_empty_and_others_are_not(self):
        for name in (f"_tcp.{GLOBAL}", f"_udp.{LADDER[0]}"):
            self.negative(self.ask(wire.query(name, "SRV")), "NOERROR")
        for name in (f"_sctp.{GLOBAL}", f"_http._udp.{GLOBAL}", f"_x._tcp.{GLOBAL}", f"x._http._tcp.{GLOBAL}"):
            self.negative(self.ask(wire.query(name, "SRV")), "NXDOMAIN")


if __name__ == "__main__":
    unittest.main()
