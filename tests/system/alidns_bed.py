"""A local Alibaba Cloud DNS (alidns/) of a test's own, with one domain and a client."""

import unittest

from alidns import client
from alidns.server import Alidns

ZONE = "example.com"


class AlidnsTest(unittest.TestCase):
    """`api`, `zone`, `client`."""

    def setUp(self):
        self.api = Alidns().start()
        self.addCleanup(self.api.stop)
        self.api.quota.per_s = {}  # but where it is the matter
        self.zone = self.api.domain(ZONE)
        self.client = client.Client(self.api)
        self.addCleanup(self.client.close)

    def good(self, action, **params):
        answer = self.client.call(action, **params)
        self.assertEqual((answer.status, answer.code), (200, ""), answer.octets)
        return answer

    def refused(self, code, action, **params):
        answer = self.client.call(action, **params)
        self.assertEqual(answer.code, code, (action, params, answer.octets))
        self.assertEqual(answer.json["Message"] != "" and answer.status >= 400, True)
        return answer

    def add(self, rr, rtype, value, domain=ZONE, **more):
        return self.good("AddDomainRecord", DomainName=domain, RR=rr, Type=rtype, Value=value, **more)["RecordId"]

    def refused_add(self, code, rr, rtype, value, domain=ZONE, **more):
        return self.refused(code, "AddDomainRecord", DomainName=domain, RR=rr, Type=rtype, Value=value, **more)

    def listed(self, **params):
        answer = self.good("DescribeDomainRecords", **({"DomainName": ZONE} | params))
        return answer["DomainRecords"]["Record"]

    def names(self, **params):
        return [record["RR"] for record in self.listed(**params)]
