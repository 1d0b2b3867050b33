"""Where credentials come from in tests: the local STS, ECS metadata and credentials URI; what they hand out works."""

import http.client
import json
import pathlib
import unittest
import urllib.parse

from alidns import client, faults
from alidns.clock import parse, stamp
from alidns.credential_servers import METADATA, CredentialsUri, Metadata, Sts
from alidns_bed import AlidnsTest

FILE = pathlib.Path(__file__).resolve().parent.parent / "cases" / "alidns" / "vectors.json"
FLOWS = json.loads(FILE.read_text(encoding="utf-8"))["credential_flows"]
ROLE, PROVIDER = "acs:ram::1:role/pods", "acs:ram::1:oidc-provider/cluster"


class IssuerTest(AlidnsTest):
    """An API, and what hands out keys for it."""

    def serve(self, kind, **more):
        server = kind(self.api.access, **more).start()
        self.addCleanup(server.stop)
        return server

    def fetch(self, server, method, target, headers=None, body=None):
        connection = http.client.HTTPConnection(server.address, server.port, timeout=5)
        connection.request(method, target, body, headers or {})
        response = connection.getresponse()
        octets = response.read()
        connection.close()
        return response.status, octets.decode()

    def works(self, given):
        """Credentials as they are handed out."""
        self.client.close()
        self.client = client.Client(self.api, given["AccessKeyId"], given["AccessKeySecret"], given["SecurityToken"])
        self.addCleanup(self.client.close)
        self.good("DescribeDomains")
        self.assertGreater(parse(given["Expiration"]), self.api.clock.now())


class Roles(IssuerTest):
    """The STS."""

    def setUp(self):
        super().setUp()
        self.sts = self.serve(Sts)
        self.sts.role(ROLE, tokens={"good-token"}, providers={PROVIDER}, trusts={"testid"})

    def by_oidc(self, version="2015-04-01", **form):
        query = {
            "Version": version,
            "Action": "AssumeRoleWithOIDC",
            "Format": "JSON",
            "Timestamp": stamp(self.api.clock.now()),
        }
        given = {"RoleArn": ROLE, "OIDCProviderArn": PROVIDER, "OIDCToken": "good-token", "RoleSessionName": "s"} | form
        body = urllib.parse.urlencode({name: value for name, value in given.items() if value is not None})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.fetch(self.sts, "POST", "/?" + urllib.parse.urlencode(query), kind, body)

    def test_a_pods_token_becomes_a_key(self):
        status, text = self.by_oidc(DurationSeconds="900")
        self.assertEqual(status, 200)
        given = json.loads(text)
        self.assertEqual(given["AssumedRoleUser"]["Arn"], f"{ROLE}/s")
        self.works(given["Credentials"])
        self.api.clock.shift(901)
        self.refused("InvalidSecurityToken.Expired", "DescribeDomains")

    def test_the_request_of_the_sdk(self):
        flow = FLOWS[0]
        self.sts.role(flow["body_form"]["RoleArn"], tokens={flow["body_form"]["OIDCToken"]})
        url = urllib.parse.urlsplit(flow["url"])
        body = urllib.parse.urlencode(flow["body_form"])
        status, text = self.fetch(self.sts, flow["method"], f"{url.path}?{url.query}", flow["headers"], body)
        self.assertEqual((status, set(json.loads(text))), (200, set(json.loads(flow["answered"]["body"]))))
        self.works(json.loads(text)["Credentials"])

    def test_what_it_refuses(self):
        for form, status, code in (
            ({"RoleArn": "acs:ram::1:role/none"}, 404, "EntityNotExist.Role"),
            ({"OIDCToken": "other-token"}, 400, "AuthenticationFail.OIDCToken.Invalid"),
            ({"OIDCToken": "x"}, 400, "InvalidParameter"),
            ({"OIDCToken": "x" * 20_001}, 400, "InvalidParameter"),
            ({"OIDCProviderArn": "acs:ram::1:oidc-provider/other"}, 400, "AuthenticationFail.NoPermission"),
            ({"DurationSeconds": "899"}, 400, "InvalidParameter"),
            ({"DurationSeconds": "43201"}, 400, "InvalidParameter"),
            ({"RoleSessionName": None}, 400, "MissingRoleSessionName"),
            ({"version": "2015-01-09"}, 400, "NoSuchVersion"),
        ):
            with self.subTest(form):
                got, text = self.by_oidc(**form)
                self.assertEqual((got, json.loads(text)["Code"]), (status, code))
        self.assertEqual([asked.code for asked in self.sts.asked][0], "EntityNotExist.Role")

    def test_a_key_becomes_another(self):
        asks = client.Client(self.sts, scheme="v1", version="2015-04-01")
        self.addCleanup(asks.close)
        for scheme in ("v1", "acs3"):
            for asks.form in (False, True):
                asks.scheme = scheme
                self.works(asks.call("AssumeRole", RoleArn=ROLE, RoleSessionName="s").json["Credentials"])
        asks.secret = "wrong"
        self.assertEqual(asks.call("AssumeRole", RoleArn=ROLE, RoleSessionName="s").code, "SignatureDoesNotMatch")
        self.api.access.add("other", "secret")
        asks.key, asks.secret = "other", "secret"
        self.assertEqual(asks.call("AssumeRole", RoleArn=ROLE, RoleSessionName="s").code, "NoPermission")

    def test_faults(self):
        self.sts.faults.add(faults.html(), n=2)
        self.sts.faults.add(faults.code("ServiceUnavailable"), action="AssumeRoleWithOIDC", n=2)
        self.assertEqual([self.by_oidc()[0] for _ in range(3)], [200, 503, 503])


class Machines(IssuerTest):
    """ECS metadata, both ways, and the credentials URI."""

    TTL, TOKEN = "X-aliyun-ecs-metadata-token-ttl-seconds", "X-aliyun-ecs-metadata-token"

    def token(self, server, ttl="21600"):
        return self.fetch(server, "PUT", "/latest/api/token", {self.TTL: ttl})

    def test_with_a_token(self):
        server = self.serve(Metadata, v1=False)
        status, token = self.token(server)
        self.assertEqual(status, 200)
        asks = {self.TOKEN: token}
        self.assertEqual(self.fetch(server, "GET", METADATA, asks), (200, "my-role"))
        given = json.loads(self.fetch(server, "GET", f"{METADATA}my-role", asks)[1])
        self.assertEqual(set(given), set(json.loads(FLOWS[4]["answered"]["body"])))
        self.works(given)
        self.assertEqual(self.fetch(server, "GET", METADATA)[0], 403)
        self.assertEqual(self.fetch(server, "GET", METADATA, {self.TOKEN: "other"})[0], 403)
        self.assertEqual(self.fetch(server, "GET", f"{METADATA}other", asks)[0], 404)
        self.assertEqual(self.fetch(server, "GET", "/elsewhere", asks)[0], 404)
        for ttl in ("0", "21601", "x"):
            self.assertEqual(self.token(server, ttl)[0], 400)
        self.api.clock.shift(21_601)
        self.assertEqual(self.fetch(server, "GET", METADATA, asks)[0], 403)

    def test_without_one(self):
        server = self.serve(Metadata, v2=False, role="r")
        self.assertEqual(self.token(server)[0], 404)
        self.assertEqual(self.fetch(server, "GET", METADATA), (200, "r"))
        self.works(json.loads(self.fetch(server, "GET", f"{METADATA}r")[1]))
        server.role = None
        self.assertEqual(self.fetch(server, "GET", METADATA)[0], 404)

    def test_by_a_uri(self):
        server = self.serve(CredentialsUri)
        self.works(json.loads(self.fetch(server, "GET", "/any/path")[1]))
        self.assertEqual(self.fetch(server, "POST", "/")[0], 405)
        server.faults.add(faults.bare(500))
        self.assertEqual([self.fetch(server, "GET", "/")[0] for _ in range(2)], [500, 200])

    def test_what_is_handed_out_ends(self):
        server = self.serve(CredentialsUri)
        server.lives_s = 60
        self.works(json.loads(self.fetch(server, "GET", "/")[1]))
        self.api.clock.shift(61)
        self.refused("InvalidSecurityToken.Expired", "DescribeDomains")


if __name__ == "__main__":
    unittest.main()
