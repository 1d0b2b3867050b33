"""Header, question and limits of messages: RFC 1035 and what came after it."""

import struct
import unittest

import wire
from rules import EMPTY, GLOBAL, IDENTITY, LADDER, LONG_ADDRESS, LONG_NAME, MISSING, VERSION, ZONE
from rules import Rules, on_every_server

A_RECORD = wire.name_encode(GLOBAL) + struct.pack(">HHIH", 1, 1, 60, 4) + bytes([192, 0, 2, 1])
DROPS = ("silence", "drops what it can't read up to the end of the first question")
NODATA = ("NOERROR", "takes it for a type like others")


@on_every_server
class Header(Rules):
    """RFC 1035 section 4.1.1, octets 0 to 3."""

    def test_rfc1035_4_1_1_id_and_question_come_back(self):
        reply = self.ask(wire.query(GLOBAL, "AAAA", number=0xBEEF))
        self.expect((reply.id, reply.question), (0xBEEF, [(GLOBAL, "AAAA")]))

    def test_rfc1035_4_1_1_answers_are_authoritative_and_recursion_is_not_available(self):
        for name in (GLOBAL, ZONE, EMPTY, MISSING):
            reply = self.ask(name)
            self.expect(reply.flags & ~15, wire.QR | wire.AA)

    def test_rfc1035_4_1_1_rd_is_copied(self):
        self.expect(self.ask(wire.query(GLOBAL, flags=wire.RD)).flags, wire.QR | wire.AA | wire.RD)

    def test_rfc1035_4_1_1_what_only_replies_say_is_not_copied(self):
        reply = self.ask(wire.query(GLOBAL, flags=wire.AA | wire.TC | wire.RA | wire.Z))
        self.expect(reply.flags, wire.QR | wire.AA)

    def test_rfc1035_4_1_1_an_rcode_in_a_query_means_nothing(self):
        self.expect(self.rcode(wire.query(GLOBAL, flags=5)), "NOERROR", nsd=("FORMERR", "wants it to be 0"))

    def test_rfc4035_3_1_6_ad_and_cd_are_not_copied(self):
        reply = self.ask(wire.query(GLOBAL, flags=wire.AD | wire.CD))
        copies = (wire.QR | wire.AA | wire.CD, "copies CD, as its resolver must")
        self.expect(reply.flags, wire.QR | wire.AA, named=copies)

    def test_rfc1035_4_1_1_a_response_is_never_answered(self):
        for flags in (wire.QR, wire.QR | wire.AA | wire.RD, wire.QR | 2 << 11):
            self.expect(self.rcode(wire.query(GLOBAL, flags=flags)), "silence")

    def test_rfc1035_4_1_1_less_than_a_header_is_dropped(self):
        for size in range(12):
            self.expect(self.rcode(wire.query(GLOBAL)[:size]), "silence")


@on_every_server
class Opcodes(Rules):
    """Everything but QUERY."""

    def error(self, opcode, *sections, counts=(1, 0, 0, 0)):
        reply = self.ask(wire.message(wire.question(ZONE, "SOA"), *sections, flags=opcode << 11, counts=counts))
        self.assertEqual((reply.opcode, reply.answer), (opcode, []))
        return reply.rcode, reply.aa

    def test_rfc1035_4_1_1_opcodes_that_it_does_not_know_are_not_implemented(self):
        for opcode in (1, 2, 3, *range(6, 16)):  # 1, IQUERY: RFC 3425 section 3
            self.expect(self.error(opcode), ("NOTIMP", False))

    def test_rfc1996_3_10_notify_is_refused_by_who_has_no_primary(self):
        self.expect(
            self.error(4),
            ("REFUSED", False),
            knotd=(("NOTAUTH", False), "says so of a zone without a primary"),
            named=(("NOERROR", True), "a primary takes it and does nothing"),
        )

    def test_rfc2136_3_3_update_is_refused(self):
        self.expect(
            self.error(5, A_RECORD, counts=(1, 0, 1, 0)),
            ("REFUSED", False),
            nsd=(("NOTIMP", False), "knows no UPDATE"),
            knotd=(("NOTAUTH", False), "says so to who is on no list"),
        )


@on_every_server
class Questions(Rules):
    """RFC 1035 section 4.1.2, and how many there may be."""

    def test_rfc9619_4_a_second_question_is_a_format_error(self):
        question = wire.question(GLOBAL)
        self.expect(self.rcode(wire.message(question, question, counts=(2, 0, 0, 0))), "FORMERR", knotd=DROPS)
        self.expect(self.rcode(wire.message(question, counts=(2, 0, 0, 0))), "FORMERR", knotd=DROPS)

    def test_rfc9619_4_no_question_is_a_format_error(self):
        empty = wire.message(counts=(0, 0, 0, 0))
        self.expect(self.udp(empty).rcode, "FORMERR")
        over_tcp = self.tcp(empty)
        self.expect(over_tcp and over_tcp.rcode, "FORMERR", nsd=(None, "ends a connection for so short a message"))

    def test_rfc1035_4_1_2_a_cut_question_is_a_format_error(self):
        whole = wire.query(GLOBAL)
        for size in (20, len(whole) - 4, len(whole) - 1):
            self.expect(self.rcode(whole[:size]), "FORMERR", knotd=DROPS)

    def test_rfc1035_4_1_4_a_pointer_that_leads_nowhere_is_a_format_error(self):
        itself, label_before, behind = b"\xc0\x0c", b"\1a\xc0\x0c", b"\xc0\x12"
        for name in (itself, label_before, behind):
            message = wire.message(wire.question(name), wire.name_encode(GLOBAL))
            self.expect(self.rcode(message), "FORMERR", knotd=DROPS)

    def test_rfc1035_4_1_4_a_pointer_into_the_header_is_a_format_error(self):
        follows = ("REFUSED", "finds the root there, and has no such zone")
        self.expect(self.rcode(wire.message(wire.question(b"\xc0\x04"))), "FORMERR", knotd=DROPS, named=follows)

    def test_rfc1035_4_1_4_reserved_label_types_are_format_errors(self):
        for first in (0x40, 0x80, 0xBF):
            message = wire.message(wire.question(bytes([first]) + b"a" * 64 + b"\0"))
            self.expect(self.rcode(message), "FORMERR", knotd=DROPS)

    def test_rfc1035_4_1_what_the_header_counts_is_there(self):
        self.expect(self.rcode(wire.message(wire.question(GLOBAL), counts=(1, 1, 0, 0))), "FORMERR")
        self.expect(self.rcode(wire.message(wire.question(GLOBAL), A_RECORD[:-1], counts=(1, 0, 0, 1))), "FORMERR")

    def test_rfc1035_4_1_octets_that_the_header_does_not_count_are_a_format_error(self):
        passed = ("NOERROR", "doesn't look behind the last record")
        self.expect(self.rcode(wire.query(GLOBAL) + b"xyz"), "FORMERR", nsd=passed, named=passed)

    def test_rfc1035_4_1_records_in_a_query_are_passed_over(self):
        strict = ("FORMERR", "takes no record but OPT and TSIG")
        for counts in ((1, 1, 0, 0), (1, 0, 1, 0), (1, 0, 0, 1)):
            message = wire.message(wire.question(GLOBAL), A_RECORD, counts=counts)
            self.expect(self.rcode(message), "NOERROR", nsd=strict)


@on_every_server
class Names(Rules):
    """RFC 1035 section 2.3."""

    def test_rfc1035_2_3_4_labels_of_63_and_names_of_255_octets_are_answered(self):
        self.assertEqual(len(wire.name_encode(LONG_NAME)), 255)
        self.expect(self.ask(LONG_NAME).rdatas("A"), [LONG_ADDRESS])
        missing = "x" + LONG_NAME[1:]
        reply = self.ask(missing)
        self.expect((reply.rcode, reply.question), ("NXDOMAIN", [(missing, "A")]))

    def test_rfc1035_2_3_4_a_name_may_be_of_as_many_labels_as_fit(self):
        self.expect(self.rcode(wire.query("a." * 119 + ZONE)), "NXDOMAIN")

    def test_rfc1035_2_3_4_a_label_of_64_octets_is_a_format_error(self):
        self.expect(self.rcode(wire.query("a" * 64 + "." + ZONE)), "FORMERR", knotd=DROPS)

    def test_rfc1035_2_3_4_a_name_of_256_octets_is_a_format_error(self):
        name = LONG_NAME.replace("z" * 50, "z" * 51)
        self.assertEqual(len(wire.name_encode(name)), 256)
        self.expect(self.rcode(wire.query(name)), "FORMERR", knotd=DROPS)

    def test_rfc4343_4_1_letter_case_means_nothing_and_comes_back(self):
        mixed = "NgInX" + LADDER[0][5:].upper()
        reply = self.ask(wire.query(mixed))
        self.expect(reply.question, [(mixed, "A")])
        self.expect(len(reply.answer), 4)
        self.expect(reply.answer[0].name, mixed, named=(LADDER[0], "writes owners as the zone has them"))

    def test_rfc2181_11_labels_may_hold_any_octet(self):
        dot_in_label = b"\x0dnginx.default" + wire.name_encode("fed.svc." + ZONE)
        for name in (dot_in_label, b"\3a\0b" + wire.name_encode(ZONE), b"\2\xff\xc3" + wire.name_encode(ZONE)):
            self.expect(self.rcode(wire.message(wire.question(name))), "NXDOMAIN")


@on_every_server
class Classes(Rules):
    """RFC 1035 section 3.2.4, and what class CH came to be used for."""

    def chaos(self, name, rtype="TXT"):
        return self.ask(wire.query(name, rtype, rclass="CH"))

    def test_rfc1035_3_2_4_other_classes_are_refused(self):
        self.expect(self.rcode(wire.query(ZONE, "SOA", rclass="HS")), "REFUSED")
        self.expect(
            self.rcode(wire.query(ZONE, "SOA", rclass="NONE")), "REFUSED", named=("FORMERR", "it is of UPDATE only")
        )

    def test_rfc1035_3_2_5_class_any_is_refused(self):
        finds = ("NOERROR", "looks into the only class that it has")
        self.expect(
            self.rcode(wire.query(ZONE, "SOA", rclass="ANY")),
            "REFUSED",
            nsd=finds,
            knotd=finds,
            named=("FORMERR", "takes it for a mistake"),
        )

    def test_rfc4892_2_1_the_server_says_who_it_is(self):
        for name, text in (("version.bind.", VERSION), ("hostname.bind.", IDENTITY), ("id.server.", IDENTITY)):
            reply = self.chaos(name)
            self.expect([bytes.fromhex(rdata)[1:].decode() for rdata in reply.rdatas("TXT")], [text])
            self.expect([(record.rclass, record.ttl) for record in reply.answer], [(wire.CLASSES["CH"], 0)])

    def test_rfc4892_2_1_version_server_is_version_bind(self):
        self.expect(
            self.chaos("version.server.").rcode, "NOERROR", named=("REFUSED", "has its own name, version.bind, only")
        )

    def test_rfc4892_2_1_other_names_of_class_ch_are_refused(self):
        self.expect(self.chaos("example.").rcode, "REFUSED")
        self.expect(self.chaos("authors.bind.").rcode, "REFUSED", named=("NOERROR", "has a zone there"))


@on_every_server
class Types(Rules):
    """Types that are asked for and never are records: RFC 6895 section 3.1."""

    def test_rfc5936_2_2_1_zone_transfers_are_refused(self):
        message = wire.query(ZONE, "AXFR")
        self.expect(self.tcp(message).rcode, "REFUSED", knotd=("NOTAUTH", "says so to who is on no list"))
        self.expect(
            self.udp(message).rcode,
            "REFUSED",
            nsd=("NOTIMP", "there is no AXFR over UDP"),
            knotd=("NOTIMP", "there is no AXFR over UDP"),
        )

    def test_rfc1995_2_incremental_transfers_are_refused(self):
        soa = b"\xc0\x0c" + struct.pack(">HHIH", wire.TYPES["SOA"], 1, 0, 22) + bytes(22)  # serial 0
        message = wire.message(wire.question(ZONE, "IXFR"), soa, counts=(1, 0, 1, 0))
        self.expect(self.rcode(message), "REFUSED", knotd=("NOTAUTH", "says so to who is on no list"))

    def test_rfc6895_3_1_meta_types_are_not_implemented(self):
        mistake = ("FORMERR", "takes such a question for a mistake")
        for number in (128, 249, 250):
            rcode = self.rcode(wire.query(GLOBAL, f"TYPE{number}"))
            self.expect(rcode, "NOTIMP", nsd=NODATA, knotd=NODATA, named=mistake)
        for number in (253, 254):  # MAILB and MAILA
            self.expect(self.rcode(wire.query(GLOBAL, f"TYPE{number}")), "NOTIMP", nsd=NODATA, knotd=NODATA)

    def test_rfc6891_6_1_1_opt_is_never_asked_for(self):
        self.expect(self.rcode(wire.query(GLOBAL, "OPT")), "FORMERR", nsd=NODATA, knotd=NODATA)


if __name__ == "__main__":
    unittest.main()
