"""What the local Alibaba Cloud DNS lists: pages, search modes, domains, and the shape of its answers."""

import re
import unittest

from alidns_bed import ZONE, AlidnsTest


class Pages(AlidnsTest):
    """DescribeDomainRecords and its pages."""

    def test_newest_first_in_pages(self):
        for number in range(45):
            self.api.put(self.zone, f"n{number}", "A", "192.0.2.1")
        self.assertEqual(self.names(), [f"n{number}" for number in range(44, 24, -1)])
        self.assertEqual(self.names(PageNumber=3), [f"n{number}" for number in range(4, -1, -1)])
        self.assertEqual(self.names(PageNumber=4), [])
        self.assertEqual(len(self.names(PageSize=500)), 45)
        self.assertEqual(self.names(Direction="ASC", PageSize=2), ["n0", "n1"])
        answer = self.good("DescribeDomainRecords", DomainName=ZONE, PageNumber=2, PageSize=7)
        self.assertEqual((answer["TotalCount"], answer["PageNumber"], answer["PageSize"]), (45, 2, 7))
        for name, value in (("PageSize", 501), ("PageSize", 0), ("PageNumber", 0), ("PageSize", "x")):
            self.refused("InvalidParameter", "DescribeDomainRecords", DomainName=ZONE, **{name: value})

    def test_an_empty_domain_has_an_empty_list_and_no_apex_servers(self):
        answer = self.good("DescribeDomainRecords", DomainName=ZONE)
        self.assertEqual((answer["TotalCount"], answer["DomainRecords"]), (0, {"Record": []}))

    def test_search_modes(self):
        self.api.put(self.zone, "www", "A", "192.0.2.1")
        self.api.put(self.zone, "www2", "AAAA", "2001:db8::1")
        self.api.put(self.zone, "app", "CNAME", "www.example.net", line="telecom", status="DISABLE")
        for params, names in (
            ({}, ["app", "www2", "www"]),
            ({"KeyWord": "WWW"}, ["app", "www2", "www"]),
            ({"SearchMode": "LIKE", "KeyWord": "www2", "TypeKeyWord": "A"}, ["www2"]),
            ({"SearchMode": "EXACT", "KeyWord": "www"}, ["www"]),
            ({"SearchMode": "EXACT", "KeyWord": "192.0.2.1"}, ["www"]),
            ({"RRKeyWord": "ww"}, ["www2", "www"]),
            ({"SearchMode": "ADVANCED", "RRKeyWord": "WW", "TypeKeyWord": "aaaa"}, ["www2"]),
            ({"SearchMode": "ADVANCED", "ValueKeyWord": "example"}, ["app"]),
            ({"SearchMode": "COMBINATION", "RRKeyWord": "www"}, ["www"]),
            ({"SearchMode": "COMBINATION", "RRKeyWord": "ww"}, []),
            ({"SearchMode": "COMBINATION", "Line": "telecom"}, ["app"]),
            ({"SearchMode": "COMBINATION", "Status": "Disable"}, ["app"]),
            ({"Type": "A"}, ["www"]),
            ({"GroupId": "0"}, []),
            ({"GroupId": "-2"}, ["app", "www2", "www"]),
        ):
            with self.subTest(params):
                self.assertEqual(self.names(**params), names)
        self.refused("InvalidParameter", "DescribeDomainRecords", DomainName=ZONE, SearchMode="X")

    def test_one_name_exactly(self):
        for rr in ("www", "www.a", "@", "*", "www2"):
            self.api.put(self.zone, rr, "A", "192.0.2.1")
        self.api.put(self.zone, "www", "TXT", "x")
        self.api.domain("a.example.com")
        for params, found in (
            ({"SubDomain": "www.example.com"}, [("www", "TXT"), ("www", "A")]),
            ({"SubDomain": "WWW.example.com", "Type": "a"}, [("www", "A")]),
            ({"SubDomain": "www.a.example.com"}, [("www.a", "A")]),
            ({"SubDomain": "www.a.example.com", "DomainName": "a.example.com"}, []),
            ({"SubDomain": "www.a.example.com", "DomainName": "example.com"}, [("www.a", "A")]),
            ({"SubDomain": "example.com"}, [("@", "A")]),
            ({"SubDomain": "@.example.com"}, [("@", "A")]),
            ({"SubDomain": "*.example.com"}, [("*", "A")]),
            ({"SubDomain": "none.example.com"}, []),
            ({"SubDomain": "www.example.com", "Line": "telecom"}, []),
        ):
            with self.subTest(params):
                records = self.good("DescribeSubDomainRecords", **params)["DomainRecords"]["Record"]
                self.assertEqual([(one["RR"], one["Type"]) for one in records], found)
        self.refused("InvalidDomainName.NoExist", "DescribeSubDomainRecords", SubDomain="www.example.net")
        self.refused("InvalidParameter", "DescribeSubDomainRecords", SubDomain="www.example.com", PageSize=101)

    def test_one_record(self):
        number = self.add("@", "MX", "mx.example.net", Priority=7)
        answer = self.good("DescribeDomainRecordInfo", RecordId=number)
        self.assertEqual((answer["RR"], answer["Priority"], answer["DomainName"]), ("@", 7, ZONE))


class Domains(AlidnsTest):
    """DescribeDomains, DescribeDomainInfo, and domains that aren't there."""

    def test_domains_in_pages(self):
        for number in range(29):
            self.api.domain(f"d{number}.example")
        answer = self.good("DescribeDomains", PageNumber=2)
        self.assertEqual((answer["TotalCount"], len(answer["Domains"]["Domain"])), (30, 10))
        self.assertEqual(self.good("DescribeDomains", KeyWord="D1.")["TotalCount"], 1)
        self.assertEqual(self.good("DescribeDomains", KeyWord="d1")["TotalCount"], 11)
        self.assertEqual(self.good("DescribeDomains", KeyWord="d1", SearchMode="EXACT")["TotalCount"], 0)
        self.refused("InvalidParameter", "DescribeDomains", PageSize=101)

    def test_what_a_domain_is(self):
        self.api.domain("中文.com", "free")
        for name in ("中文.com", "xn--fiq228c.com", "XN--fiq228c.com."):
            answer = self.good("DescribeDomainInfo", DomainName=name, NeedDetailAttributes="true")
            self.assertEqual((answer["DomainName"], answer["PunyCode"]), ("中文.com", "xn--fiq228c.com"))
            self.assertEqual((answer["VersionCode"], answer["MinTtl"]), ("mianfei", 600))
            self.assertEqual(answer["DnsServers"]["DnsServer"], ["dns1.hichina.com", "dns2.hichina.com"])
        self.assertNotIn("MinTtl", self.good("DescribeDomainInfo", DomainName=ZONE).json)
        own = self.api.domain("own.example", ttl_min_s=120, servers=("ns1.own.example", "ns2.own.example"))
        answer = self.good("DescribeDomainInfo", DomainName=own.name, NeedDetailAttributes="true")
        self.assertEqual((answer["MinTtl"], answer["DnsServers"]["DnsServer"][0]), (120, "ns1.own.example"))

    def test_domains_that_are_not_ours(self):
        self.api.foreign("theirs.example")
        for name, code in (
            ("none.example", "InvalidDomainName.NoExist"),
            ("www.example.com", "InvalidDomainName.NoExist"),
            ("theirs.example", "IncorrectDomainUser"),
            ("nonsense", "InvalidDomainName.Format"),
            ("a..b", "InvalidDomainName.Format"),
        ):
            for action in ("DescribeDomainInfo", "DescribeDomainRecords"):
                self.refused(code, action, DomainName=name)
            self.refused_add(code, "www", "A", "192.0.2.1", name)


class Shape(AlidnsTest):
    """Envelopes."""

    def test_headers_and_members_of_an_answer(self):
        answer = self.good("DescribeDomains")
        self.assertRegex(answer["RequestId"], r"^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$")
        self.assertEqual(answer.headers["X-Acs-Request-Id"], answer["RequestId"])
        self.assertEqual(answer.headers["Content-Type"], "application/json;charset=utf-8")
        self.assertRegex(answer.headers["Date"], r"^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$")

    def test_an_error_says_where_to_read_more(self):
        answer = self.refused("InvalidDomainName.NoExist", "DescribeDomainInfo", DomainName="none.example")
        self.assertEqual(set(answer.json), {"RequestId", "HostId", "Code", "Message", "Recommend"})
        self.assertEqual(answer["HostId"], "127.0.0.1")
        self.assertIn(
            f"q=InvalidDomainName.NoExist&product=Alidns&requestId={answer['RequestId']}", answer["Recommend"]
        )

    def test_v1_speaks_xml_unless_told(self):
        self.api.put(self.zone, "www", "TXT", "<a&b>")
        self.client.scheme = "v1"
        for form in (None, "XML"):
            self.client.more = {"Format": form}
            answer = self.client.call("DescribeDomainRecords", DomainName=ZONE)
            text = answer.octets.decode()
            self.assertTrue(text.startswith("<?xml version='1.0' encoding='UTF-8'?><DescribeDomainRecordsResponse>"))
            self.assertIn("<DomainRecords><Record><Status>ENABLE</Status>", text)
            self.assertIn("<Value>&lt;a&amp;b&gt;</Value>", text)
            text = self.client.call("DescribeDomainInfo", DomainName="none.example").octets.decode()
            self.assertTrue(
                re.search(r"<Error><RequestId>.*<HostId>.*<Code>InvalidDomainName.NoExist</Code>", text), text
            )
            self.assertNotIn("Recommend", text)

    def test_acs3_speaks_json_unless_told(self):
        answer = self.client.call("DescribeDomainInfo", DomainName=ZONE, Format="XML")
        self.assertIn(b"<DescribeDomainInfoResponse>", answer.octets)

    def test_one_connection_is_enough(self):
        for _ in range(5):
            self.good("DescribeDomains")
        self.assertEqual(self.api.connections, 1)

    def test_what_an_action_needs_is_named(self):
        self.refused("MissingDomainName", "DescribeDomainRecords")
        self.refused("MissingRR", "AddDomainRecord", DomainName=ZONE, Type="A", Value="192.0.2.1")
        self.refused("MissingRecordId", "DeleteDomainRecord")


if __name__ == "__main__":
    unittest.main()
