"""The local Alibaba Cloud DNS as the vendor's own Node.js SDKs see it. Skipped where they can't be installed."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from alidns import errors, faults, tls
from alidns.credential_servers import CredentialsUri, Sts
from alidns.server import Alidns
from alidns_bed import ZONE, AlidnsTest

SDK = pathlib.Path(__file__).resolve().parent / "alidns" / "sdk"
SKIP = 77
TOKEN = "CAIS+fake/STS token=="
ROLE, PROVIDER = "acs:ram::1:role/pods", "acs:ram::1:oidc-provider/cluster"


class Failed(Exception):
    """The SDK has thrown."""

    def __init__(self, error):
        super().__init__(str(error))
        self.code, self.status, self.message = error.get("code"), error.get("status"), error.get("message")
        self.retry_after = error.get("retryAfter")


def installed():
    """The folder of the SDKs."""
    done = subprocess.run([SDK / "install.sh"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode == SKIP:
        raise unittest.SkipTest(done.stderr.strip().splitlines()[-1])
    if done.returncode != 0:
        raise AssertionError(f"install.sh failed:\n{done.stderr[-4000:]}")
    return pathlib.Path(done.stdout.strip())


class SdkTest(AlidnsTest):
    """One Node.js for all tests of a class, and a server for each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        modules = installed() / "node_modules"
        folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cafile = tls.authority(cls.folder)
        cls.ca = cafile.read_text()
        # our environment may hold credentials, or a proxy
        environment = {"PATH": os.environ["PATH"], "HOME": str(cls.folder), "NODE_PATH": str(modules)}
        environment["NODE_EXTRA_CA_CERTS"] = str(cafile)
        cls.node = subprocess.Popen(  # pylint: disable=consider-using-with
            ["node", SDK / "calls.js"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        cls.addClassCleanup(cls.node_end)

    @classmethod
    def node_end(cls):
        cls.node.stdin.close()
        cls.node.stdout.close()
        cls.node.wait(10)

    def setUp(self):
        super().setUp()
        self.key, self.secret, self.token = "testid", "testsecret", None

    def sdk(self, **call):
        self.node.stdin.write(json.dumps(call) + "\n")
        self.node.stdin.flush()
        out = json.loads(self.node.stdout.readline())
        if "error" in out:
            raise Failed(out["error"])
        return out["body"]

    def acs3(self, method, api=None, **request):
        api = api or self.api
        config = {"accessKeyId": self.key, "accessKeySecret": self.secret, "securityToken": self.token}
        config |= {"endpoint": f"{api.address}:{api.port}", "protocol": "HTTPS" if api.tls else "HTTP"}
        config |= {"readTimeout": 2000, "connectTimeout": 2000} | ({"ca": self.ca} if api.tls else {})
        return self.sdk(sdk="alidns", method=method, request=request, config=config)

    def v1(self, action, method="GET", **request):
        config = {"accessKeyId": self.key, "accessKeySecret": self.secret, "securityToken": self.token}
        config |= {"endpoint": self.api.url, "apiVersion": "2015-01-09"}
        return self.sdk(sdk="pop", method=action, request=request, config=config, options={"method": method})

    def throws(self, code, function, *arguments, **more):
        with self.assertRaises(Failed) as caught:
            function(*arguments, **more)
        self.assertEqual(caught.exception.code, code, caught.exception.message)
        return caught.exception


class Actions(SdkTest):
    """Every action, by both SDKs."""

    def test_a_records_life_by_acs3(self):
        www = {"RR": "www", "type": "A", "TTL": 600}
        number = self.acs3("addDomainRecord", domainName=ZONE, value="192.0.2.1", **www)["RecordId"]
        self.assertEqual(number, self.api.records(self.zone)[0].id)
        self.acs3("updateDomainRecordRemark", recordId=number, remark="联邦服务 ✓ é 😀 100% +~*")
        self.acs3("updateDomainRecord", recordId=number, value="192.0.2.2", **www)
        self.assertEqual(self.acs3("setDomainRecordStatus", recordId=number, status="Disable")["Status"], "Disable")
        (record,) = self.acs3("describeDomainRecords", domainName=ZONE)["DomainRecords"]["Record"]
        self.assertEqual((record["RecordId"], record["Value"], record["TTL"]), (number, "192.0.2.2", 600))
        self.assertEqual((record["Remark"], record["Status"]), ("联邦服务 ✓ é 😀 100% +~*", "DISABLE"))
        self.assertEqual((record["Locked"], record["Line"]), (False, "default"))
        found = self.acs3("describeSubDomainRecords", subDomain=f"www.{ZONE}")
        self.assertEqual((found["TotalCount"], found["DomainRecords"]["Record"][0]["RecordId"]), (1, number))
        self.assertEqual(self.acs3("describeDomainRecordInfo", recordId=number)["RR"], "www")
        self.acs3("deleteDomainRecord", recordId=number)
        self.assertEqual(self.acs3("describeDomainRecords", domainName=ZONE)["TotalCount"], 0)

    def test_a_records_life_by_v1(self):
        for method in ("GET", "POST"):
            www = {"RR": "www", "Type": "A", "TTL": 600}
            number = self.v1("AddDomainRecord", method, DomainName=ZONE, Value="192.0.2.1", **www)["RecordId"]
            self.v1("UpdateDomainRecordRemark", method, RecordId=number, Remark="a b+c*~'()!")
            self.v1("UpdateDomainRecord", method, RecordId=number, Value="192.0.2.2", **www)
            self.v1("SetDomainRecordStatus", method, RecordId=number, Status="Disable")
            (record,) = self.v1("DescribeDomainRecords", method, DomainName=ZONE)["DomainRecords"]["Record"]
            self.assertEqual((record["Value"], record["Remark"]), ("192.0.2.2", "a b+c*~'()!"))
            self.assertEqual(self.v1("DescribeSubDomainRecords", method, SubDomain=f"www.{ZONE}")["TotalCount"], 1)
            self.assertEqual(self.v1("DescribeDomainRecordInfo", method, RecordId=number)["RR"], "www")
            self.v1("DeleteDomainRecord", method, RecordId=number)

    def test_domains(self):
        self.api.domain("中文.com", "free")
        answer = self.acs3("describeDomains", pageSize=100)
        self.assertEqual([one["DomainName"] for one in answer["Domains"]["Domain"]], [ZONE, "中文.com"])
        answer = self.acs3("describeDomainInfo", domainName="中文.com", needDetailAttributes=True)
        self.assertEqual(
            (answer["MinTtl"], answer["VersionCode"], answer["PunyCode"]), (600, "mianfei", "xn--fiq228c.com")
        )
        self.assertEqual(answer["DnsServers"]["DnsServer"][0], "dns1.hichina.com")

    def test_weights_and_all_of_a_name(self):
        number = self.acs3("addDomainRecord", domainName=ZONE, RR="www", type="A", value="192.0.2.1")["RecordId"]
        self.assertEqual(self.acs3("setDNSSLBStatus", subDomain=f"www.{ZONE}", open=True, type="A")["Open"], True)
        self.assertEqual(self.acs3("updateDNSSLBWeight", recordId=number, weight=9)["Weight"], 9)
        (record,) = self.acs3("describeDomainRecords", domainName=ZONE)["DomainRecords"]["Record"]
        self.assertEqual((record["Weight"], record["LbaStatus"]), (9, True))
        self.assertEqual(self.acs3("deleteSubDomainRecords", domainName=ZONE, RR="www")["TotalCount"], "1")

    def test_each_type_of_record(self):
        values = {"A": "192.0.2.1", "AAAA": "2001:db8::1", "CNAME": "a.example.net", "NS": "ns.example.net"}
        values |= {"SRV": "0 10 80 a.example.net", "TXT": "heritage=external-dns,owner=a b+c~d*e'f;g:h(i)!"}
        for rtype, value in values.items():
            self.acs3("addDomainRecord", domainName=ZONE, RR=f"t-{rtype}", type=rtype, value=value)
        self.acs3("addDomainRecord", domainName=ZONE, RR="@", type="MX", value="mx.example.net", priority=10)
        records = self.acs3("describeDomainRecords", domainName=ZONE)["DomainRecords"]["Record"]
        self.assertEqual({one["Type"]: one["Value"] for one in records if one["Type"] != "MX"}, values)
        self.assertEqual(records[0]["Priority"], 10)

    def test_pages(self):
        for number in range(1201):
            self.api.put(self.zone, f"n{number}", "A", "192.0.2.1")
        seen = []
        for page in range(1, 4):
            answer = self.acs3("describeDomainRecords", domainName=ZONE, pageNumber=page, pageSize=500)
            self.assertEqual((answer["TotalCount"], answer["PageNumber"], answer["PageSize"]), (1201, page, 500))
            seen += [one["RR"] for one in answer["DomainRecords"]["Record"]]
        self.assertEqual(seen, [f"n{number}" for number in range(1200, -1, -1)])

    def test_over_https(self):
        api = Alidns(tls=tls.context(self.folder)).start()
        self.addCleanup(api.stop)
        api.domain(ZONE)
        self.assertEqual(self.acs3("describeDomainInfo", api, domainName=ZONE)["DomainName"], ZONE)

    def test_connections_are_kept(self):
        for _ in range(4):
            self.acs3("describeDomains")
        self.assertEqual(self.api.connections, 1)


class Errors(SdkTest):
    """What the SDKs throw."""

    def test_rules(self):
        www = {"domainName": ZONE, "RR": "www", "value": "192.0.2.1", "type": "A"}
        number = self.acs3("addDomainRecord", **www)["RecordId"]
        for code, more in (
            ("DomainRecordDuplicate", {}),
            ("DomainRecordConflict", {"type": "CNAME", "value": "a.example.net"}),
            ("QuotaExceeded.TTL", {"RR": "x", "TTL": 86401}),
            ("InvalidRR.AValue", {"RR": "x", "value": "nonsense"}),
            ("InvalidDomainName.NoExist", {"domainName": "none.example"}),
        ):
            self.assertEqual(self.throws(code, self.acs3, "addDomainRecord", **(www | more)).status, 400)
            given = {
                name if name == "RR" else name[0].upper() + name[1:]: value for name, value in (www | more).items()
            }
            self.throws(code, self.v1, "AddDomainRecord", **given)
        self.acs3("deleteDomainRecord", recordId=number)
        self.throws("DomainRecordNotBelongToUser", self.acs3, "deleteDomainRecord", recordId=number)

    def test_who_asks(self):
        self.secret = "wrong"
        self.throws("SignatureDoesNotMatch", self.acs3, "describeDomains")
        self.throws("SignatureDoesNotMatch", self.v1, "DescribeDomains")
        self.key = "nobody"
        self.assertEqual(self.throws("InvalidAccessKeyId.NotFound", self.acs3, "describeDomains").status, 404)
        self.throws("InvalidAccessKeyId.NotFound", self.v1, "DescribeDomains")
        self.key, self.secret = "testid", "testsecret"
        self.api.clock.shift(3600)
        self.throws("InvalidTimeStamp.Expired", self.acs3, "describeDomains")
        self.throws("InvalidTimeStamp.Expired", self.v1, "DescribeDomains")
        self.api.clock.run()
        self.api.access.deny("testid", "DescribeDomains")
        self.throws("Forbidden.RAM", self.acs3, "describeDomains")

    def test_tokens(self):
        self.api.access.add("STS.testid", "testsecret", TOKEN, lives_s=900)
        self.key, self.token = "STS.testid", TOKEN
        self.acs3("describeDomains")
        for method in ("GET", "POST"):
            self.v1("DescribeDomains", method)
        self.token = None
        self.throws("MissingSecurityToken", self.acs3, "describeDomains")
        self.token = "other"
        self.throws("InvalidSecurityToken.Malformed", self.acs3, "describeDomains")

    def test_throttling(self):
        self.api.quota.per_s = {"DescribeDomains": 0}
        self.assertIsNone(self.throws("Throttling.User", self.acs3, "describeDomains").retry_after)
        self.api.retry_after_ms = 700
        self.assertEqual(self.throws("Throttling.User", self.acs3, "describeDomains").retry_after, 700)

    def test_every_code(self):
        for code, (status, _message) in errors.MESSAGES.items():
            self.api.fault(faults.code(code))
            thrown = self.throws(code, self.acs3, "describeDomains")
            self.assertEqual(thrown.status, status)
            self.assertIn("request id: ", thrown.message)

    def test_broken_answers(self):
        for fault in (faults.cut(), faults.lost(), faults.cut_body(5), faults.html(), faults.half_json()):
            self.api.fault(fault)
            with self.assertRaises(Failed, msg=fault.name):
                self.acs3("describeDomains")
            self.acs3("describeDomains")


class Credentials(SdkTest):
    """The vendor's credentials library at the local servers."""

    def works(self, given):
        self.key, self.secret, self.token = given["AccessKeyId"], given["AccessKeySecret"], given["SecurityToken"]
        self.acs3("describeDomains")
        self.assertEqual(self.api.calls[-1].key, given["AccessKeyId"])

    def test_roles(self):
        sts = Sts(self.api.access, tls=tls.context(self.folder)).start()
        self.addCleanup(sts.stop)
        sts.role(ROLE, tokens={"pod-token"}, providers={PROVIDER}, trusts={"testid"})
        (self.folder / "token").write_text("pod-token")
        config = {"type": "oidc_role_arn", "roleArn": ROLE, "oidcProviderArn": PROVIDER, "roleSessionName": "s"}
        config |= {"oidcTokenFilePath": str(self.folder / "token"), "stsEndpoint": f"127.0.0.1:{sts.port}"}
        self.works(self.sdk(sdk="credentials", config=config))
        config = {"type": "ram_role_arn", "accessKeyId": "testid", "accessKeySecret": "testsecret", "roleArn": ROLE}
        config |= {"roleSessionName": "s", "stsEndpoint": f"127.0.0.1:{sts.port}"}
        self.works(self.sdk(sdk="credentials", config=config))
        self.assertEqual([asked.action for asked in sts.asked], ["AssumeRoleWithOIDC", "AssumeRole"])

    def test_a_uri(self):
        server = CredentialsUri(self.api.access).start()
        self.addCleanup(server.stop)
        self.works(self.sdk(sdk="credentials", config={"type": "credentials_uri", "credentialsURI": f"{server.url}/x"}))


if __name__ == "__main__":
    unittest.main()
