"""The local Alibaba Cloud DNS itself: the rules of records, as the tests of the push rely on them."""

import unittest

from alidns import values
from alidns_bed import ZONE, AlidnsTest


class Records(AlidnsTest):
    """Add, update, delete, and what a record keeps."""

    def test_a_record_is_listed_as_it_was_added(self):
        number = self.add("www", "A", "192.0.2.1")
        self.assertTrue(number.isdigit() and int(number) > 1 << 53)
        (record,) = self.listed()
        expected = {"RecordId": number, "RR": "www", "Type": "A", "Value": "192.0.2.1", "TTL": 600, "Line": "default"}
        expected |= {"Status": "ENABLE", "Locked": False, "DomainName": ZONE, "Weight": 1}
        self.assertEqual({name: record[name] for name in expected}, expected)
        self.assertNotIn("Remark", record)
        self.assertNotIn("Priority", record)

    def test_an_update_replaces_the_content_and_keeps_the_rest(self):
        number = self.add("www", "A", "192.0.2.1")
        self.good("UpdateDomainRecordRemark", RecordId=number, Remark="联邦 ✓")
        self.good("SetDomainRecordStatus", RecordId=number, Status="Disable")
        self.api.edit(self.api.records(self.zone)[0], weight=7)
        same = {"RecordId": number, "RR": "www", "Type": "A"}
        self.assertEqual(self.good("UpdateDomainRecord", **same, Value="192.0.2.2", TTL=60)["RecordId"], number)
        (record,) = self.listed()
        self.assertEqual((record["Value"], record["TTL"], record["Remark"]), ("192.0.2.2", 60, "联邦 ✓"))
        self.assertEqual((record["Status"], record["Weight"]), ("DISABLE", 7))
        self.good("UpdateDomainRecord", RecordId=number, RR="app", Type="CNAME", Value="a.example.net")
        (record,) = self.listed()
        self.assertEqual((record["RR"], record["Type"], record["TTL"]), ("app", "CNAME", 600))

    def test_an_update_without_a_change_is_a_duplicate(self):
        number = self.add("www", "A", "192.0.2.1", TTL=600)
        same = {"RecordId": number, "RR": "WWW", "Type": "A", "Value": "192.0.2.1"}
        self.refused("DomainRecordDuplicate", "UpdateDomainRecord", **same, TTL=600)
        self.good("UpdateDomainRecord", **same, TTL=601)

    def test_what_is_gone_is_not_ours(self):
        number = self.add("www", "A", "192.0.2.1")
        self.assertEqual(self.good("DeleteDomainRecord", RecordId=number)["RecordId"], number)
        for action, more in (
            ("DeleteDomainRecord", {}),
            ("UpdateDomainRecord", {"RR": "www", "Type": "A", "Value": "192.0.2.2"}),
            ("UpdateDomainRecordRemark", {"Remark": "x"}),
            ("SetDomainRecordStatus", {"Status": "Enable"}),
            ("DescribeDomainRecordInfo", {}),
        ):
            self.refused("DomainRecordNotBelongToUser", action, RecordId=number, **more)

    def test_a_locked_record_can_only_be_remarked(self):
        number = self.add("www", "A", "192.0.2.1")
        self.api.edit(self.api.records(self.zone)[0], locked=True)
        change = {"RR": "www", "Type": "A", "Value": "192.0.2.2"}
        self.refused("DomainRecordLocked", "UpdateDomainRecord", RecordId=number, **change)
        self.refused("DomainRecordLocked", "DeleteDomainRecord", RecordId=number)
        self.refused("DomainRecordLocked", "SetDomainRecordStatus", RecordId=number, Status="Disable")
        self.good("UpdateDomainRecordRemark", RecordId=number, Remark="x")

    def test_an_empty_remark_deletes_it(self):
        number = self.add("www", "A", "192.0.2.1")
        for given in ({"Remark": ""}, {}):
            self.good("UpdateDomainRecordRemark", RecordId=number, Remark="fedns:a")
            self.assertEqual(self.listed()[0]["Remark"], "fedns:a")
            self.good("UpdateDomainRecordRemark", RecordId=number, **given)
            self.assertNotIn("Remark", self.listed()[0])
        self.refused("InvalidParameter", "UpdateDomainRecordRemark", RecordId=number, Remark="x" * 256)

    def test_the_status_is_echoed_and_listed_in_capitals(self):
        number = self.add("www", "A", "192.0.2.1")
        answer = self.good("SetDomainRecordStatus", RecordId=number, Status="Disable")
        self.assertEqual((answer["Status"], self.listed()[0]["Status"]), ("Disable", "DISABLE"))
        self.refused("InvalidParameter", "SetDomainRecordStatus", RecordId=number, Status="Off")

    def test_weights_want_their_switch(self):
        number = self.add("www", "A", "192.0.2.1")
        self.refused("DisableDNSSLB", "UpdateDNSSLBWeight", RecordId=number, Weight=5)
        answer = self.good("SetDNSSLBStatus", SubDomain="www.example.com", Open="true")
        self.assertEqual((answer["Open"], answer["RecordCount"]), (True, 1))
        self.assertEqual(self.good("UpdateDNSSLBWeight", RecordId=number, Weight=5)["Weight"], 5)
        self.assertEqual((self.listed()[0]["Weight"], self.listed()[0]["LbaStatus"]), (5, True))
        self.refused("InvalidWeigth", "UpdateDNSSLBWeight", RecordId=number, Weight=0)
        self.refused("PanDomainRecord", "UpdateDNSSLBWeight", RecordId=self.add("*", "A", "192.0.2.1"), Weight=5)
        self.good("SetDomainRecordStatus", RecordId=number, Status="Disable")
        self.refused("DomainRecordDisable", "UpdateDNSSLBWeight", RecordId=number, Weight=5)

    def test_all_records_of_a_name_are_deleted_but_locked_ones(self):
        for last in (1, 2):
            self.add("www", "A", f"192.0.2.{last}")
        self.api.edit(self.api.records(self.zone)[0], locked=True)
        answer = self.good("DeleteSubDomainRecords", DomainName=ZONE, RR="www", Type="A")
        self.assertEqual(answer["TotalCount"], "1")


class Rules(AlidnsTest):
    """What may be added."""

    def test_duplicates_are_of_name_type_line_and_value(self):
        self.add("www", "A", "192.0.2.1", TTL=600)
        self.refused_add("DomainRecordDuplicate", "WWW", "A", "192.0.2.1", TTL=60)
        self.add("www", "A", "192.0.2.1", Line="telecom")
        self.add("six", "AAAA", "2001:db8::1")
        self.refused_add("DomainRecordDuplicate", "six", "AAAA", "2001:DB8:0:0::1")
        self.add("alias", "CNAME", "www.example.net")
        self.refused_add("DomainRecordDuplicate", "alias", "CNAME", "WWW.example.net.")
        self.add("@", "MX", "mx.example.net", Priority=5)
        self.add("@", "MX", "mx.example.net", Priority=6)

    # each of a set with each of another: apart, or beside
    VALUES = {"A": "192.0.2.1", "AAAA": "2001:db8::1", "CNAME": "a.example.net", "MX": "mx.example.net", "TXT": "text"}
    VALUES |= {"NS": "ns.example.net", "SRV": "0 0 80 a.example.net", "CAA": '0 issue "ca.example"'}
    VALUES |= {"ALIAS": "a.example.net", "REDIRECT_URL": "http://a.example.net"}
    APART = ["NS A", "NS TXT", "NS CNAME", "NS SRV", "CNAME A", "CNAME AAAA", "CNAME TXT", "CNAME MX", "CNAME SRV"]
    APART += ["CNAME CAA", "CNAME ALIAS", "REDIRECT_URL A", "REDIRECT_URL AAAA", "REDIRECT_URL CNAME", "ALIAS A"]
    BESIDE = ["A AAAA", "A TXT", "A MX", "A SRV", "A CAA", "AAAA SRV", "TXT SRV", "REDIRECT_URL TXT", "ALIAS TXT"]
    APEX_APART = ["CNAME A", "CNAME AAAA", "CNAME SRV", "CNAME CAA", "CNAME ALIAS", "REDIRECT_URL A", "ALIAS AAAA"]
    APEX_BESIDE = ["CNAME NS", "CNAME MX", "CNAME TXT", "NS A", "MX A", "REDIRECT_URL NS", "NS TXT"]

    def _pairs(self, pairs, rr, code):
        for number, pair in enumerate(pairs):
            for first, second in (pair.split(), reversed(pair.split())):
                where = f"example-{number}-{first.lower().replace('_', '-')}.com"
                self.api.domain(where)
                extra = {kind: {"Priority": 5} if kind == "MX" else {} for kind in (first, second)}
                self.add(rr, first, self.VALUES[first], where, **extra[first])
                with self.subTest(first=first, second=second, rr=rr):
                    if code:
                        self.refused_add(code, rr, second, self.VALUES[second], where, **extra[second])
                        self.add(rr, second, self.VALUES[second], where, Line="telecom", **extra[second])
                    else:
                        self.add(rr, second, self.VALUES[second], where, **extra[second])

    def test_types_that_cannot_be_beside_each_other(self):
        self._pairs(self.APART, "www", "DomainRecordConflict")
        self._pairs(self.APEX_APART, "@", "DomainRecordConflict")

    def test_types_that_can(self):
        self._pairs(self.BESIDE, "www", None)
        self._pairs(self.APEX_BESIDE, "@", None)

    def test_cnames_may_be_several(self):
        self.add("www", "CNAME", "a.example.net")
        self.add("www", "CNAME", "b.example.net")

    def test_an_update_obeys_them_too(self):
        number = self.add("www", "A", "192.0.2.1")
        self.add("www", "TXT", "text")
        other = self.add("www", "A", "192.0.2.2")
        change = {"RecordId": number, "RR": "www"}
        self.refused("DomainRecordConflict", "UpdateDomainRecord", **change, Type="CNAME", Value="a.example.net")
        self.refused("DomainRecordDuplicate", "UpdateDomainRecord", **change, Type="A", Value="192.0.2.2")
        self.good("DeleteDomainRecord", RecordId=other)
        self.good("UpdateDomainRecord", **change, Type="AAAA", Value="2001:db8::1")

    def test_a_name_holds_so_many_of_a_type_and_line(self):
        self.api.domain("free.example", "free")
        for last in range(10):
            self.add("www", "A", f"192.0.2.{last}", "free.example")
        self.refused_add("QuotaExceeded.ARecord", "www", "A", "192.0.2.99", "free.example")
        self.add("www", "A", "192.0.2.99", "free.example", Line="telecom")
        self.api.domain("few.example", same_max=1, records_max=2)
        self.add("www", "TXT", "1", "few.example")
        self.refused_add("QuotaExceeded.Record", "www", "TXT", "2", "few.example")
        self.add("www", "A", "192.0.2.1", "few.example")
        self.refused_add("QuotaExceeded.Record", "app", "A", "192.0.2.1", "few.example")

    def test_the_ttl_is_bounded_by_the_edition(self):
        for edition, low in (("free", 600), ("personal", 600), ("standard", 60), ("ultimate", 1)):
            with self.subTest(edition):
                where = f"{edition}.example"
                self.api.domain(where, edition)
                self.add("low", "A", "192.0.2.1", where, TTL=low)
                self.add("high", "A", "192.0.2.1", where, TTL=86400)
                self.refused_add("QuotaExceeded.TTL", "over", "A", "192.0.2.1", where, TTL=86401)
                if low > 1:
                    answer = self.refused_add("QuotaExceeded.TTL", "www", "A", "192.0.2.1", where, TTL=low - 1)
                    self.assertIn(f"{low} to 86400", answer["Message"])
        for ttl in ("0", "-1", "x"):
            answer = self.refused_add("InvalidParameter", "www", "A", "192.0.2.1", TTL=ttl)
            self.assertEqual(answer["Message"], "Specified parameter TTL is not valid.")

    def test_names_have_so_many_levels(self):
        self.api.domain("free.example", "free")
        self.add("a.b.c.d.e", "A", "192.0.2.1", "free.example")
        self.refused_add("QuotaExceeded.SubDomain", "a.b.c.d.e.f", "A", "192.0.2.1", "free.example")
        self.add("a.b.c.d.e.f.g.h.i.j", "A", "192.0.2.1")
        self.refused_add("QuotaExceeded.SubDomain", "a.b.c.d.e.f.g.h.i.j.k", "A", "192.0.2.1")

    def test_names(self):
        for rr in ("@", "*", "*.svc", "_tcp", "a_b", "A-B", "0", "中文", "www.中文", "a" * 63, "xn--bcher-kva"):
            with self.subTest(rr):
                self.add(rr, "A", "192.0.2.1")
        bad = {"": "InvalidRR.RrEmpty", "a..b": "InvalidRR.Format", "-a": "InvalidRR.Format", "a-": "InvalidRR.Format"}
        bad |= {"a.*": "InvalidRR.Format", "a b": "InvalidRR.Format", "bücher": "InvalidRR.Format"}
        bad |= {"a.@": "InvalidRR.Format", "a" * 64: "InvalidRR.Length", ".".join(["a" * 60] * 4): "InvalidRR.Length"}
        for rr, code in bad.items():
            with self.subTest(rr):
                self.refused_add(code, rr, "A", "192.0.2.1")
        for rtype, value in (("TXT", "x"), ("NS", "ns.example.net"), ("SRV", "0 0 1 a.example.net")):
            self.refused_add("InvalidRR.Format", "*", rtype, value)

    def test_names_are_kept_in_lower_case_without_final_dots(self):
        self.add("WwW.Sub.", "CNAME", "App.Example.NET.")
        self.assertEqual([(one["RR"], one["Value"]) for one in self.listed()], [("www.sub", "app.example.net")])

    def test_values(self):
        good = [("A", "10.0.0.1", "10.0.0.1"), ("AAAA", "2001:DB8::1", "2001:db8::1"), ("TXT", '"a b" ', "a b")]
        good += [("TXT", "x" * 511, "x" * 511), ("SRV", "0 10 8080 App.example.net.", "0 10 8080 app.example.net")]
        good += [("NS", "ns1.Example.net.", "ns1.example.net"), ("CNAME", "_x.example.net", "_x.example.net")]
        for number, (rtype, given, kept) in enumerate(good):
            with self.subTest(rtype=rtype, given=given):
                self.add(f"n{number}", rtype, given)
                self.assertEqual(self.listed()[0]["Value"], kept)
        bad = [("A", "192.0.2", "InvalidRR.AValue"), ("A", "192.0.2.256", "InvalidRR.AValue")]
        bad += [("A", "2001:db8::1", "InvalidRR.AValue"), ("AAAA", "192.0.2.1", "InvalidRR.AAAAValue")]
        bad += [("AAAA", "2001:db8::1%eth0x:", "InvalidRR.AAAAValue"), ("NS", "192.0.2.1", "InvalidRR.NSValue")]
        bad += [("CNAME", "a..b", "InvalidParameter"), ("CNAME", "192.0.2.1", "InvalidParameter")]
        bad += [("TXT", "", "InvalidParameter"), ("TXT", "x" * 512, "InvalidParameter")]
        bad += [("SRV", "0 0 80", "InvalidParameter"), ("SRV", "0 0 80 .", "InvalidParameter")]
        bad += [("SRV", "0 0 65536 a.example.net", "InvalidParameter"), ("SRV", "0  0 80 a.b", "InvalidParameter")]
        bad += [("CAA", "issue ca", "InvalidParameter"), ("", "x", "InvalidRR.TypeEmpty")]
        bad += [("PTR", "a.example.net", "SubDomainInvalid.Type"), ("A", "", "InvalidRR.AValue")]
        for rtype, value, code in bad:
            with self.subTest(rtype=rtype, value=value):
                self.refused_add(code, "bad", rtype, value)
        self.refused_add("SubDomainInvalid.Line", "www", "A", "192.0.2.1", Line="nowhere")
        self.refused_add("SubDomainInvalid.Priority", "@", "MX", "mx.example.net")
        self.refused_add("SubDomainInvalid.Priority", "@", "MX", "mx.example.net", Priority=51)

    def test_private_addresses_and_all_lines(self):
        for line in ("telecom", "cn_region_zhejiang", "os_asia_jp", "aliyun_r_cn-hangzhou", "google"):
            self.add("www", "A", "10.0.0.1", Line=line)

    def test_what_a_domain_forbids(self):
        number = self.add("www", "A", "192.0.2.1")
        for code in ("DomainForbidden", "RecordForbidden.DNSChange", "DomainExpiredDNSForbidden"):
            self.zone.forbidden = code
            self.refused_add(code, "app", "A", "192.0.2.1")
            self.refused(code, "DeleteDomainRecord", RecordId=number)
        self.assertEqual(values.EDITIONS["ultimate"].records_max, 100_000)


if __name__ == "__main__":
    unittest.main()
