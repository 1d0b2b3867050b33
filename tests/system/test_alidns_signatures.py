"""Who may ask the local Alibaba Cloud DNS: signatures, nonces, clocks, keys, rights; by the official SDKs' requests."""

import base64
import http.client
import io
import json
import pathlib
import socket
import unittest

from alidns import access, service, signing
from alidns.clock import Clock, parse
from alidns.errors import MESSAGES, Refused
from alidns_bed import ZONE, AlidnsTest

FILE = pathlib.Path(__file__).resolve().parent.parent / "cases" / "alidns" / "vectors.json"
VECTORS = json.loads(FILE.read_text(encoding="utf-8"))["vectors"]
TOKEN = "CAIS+fake/STS token=="
WHO = {"SignatureDoesNotMatch", "IncompleteSignature", "InvalidAccessKeyId.NotFound", "InvalidTimeStamp.Expired"}
WHO |= {"InvalidTimeStamp.Format", "NoSuchVersion", "InvalidSecurityToken.Malformed"}


def refused_who(code):
    """The Code is one of those for a request that isn't what was signed."""
    return code in WHO or code.startswith("Missing") and code != "MissingParameter"


class Vectors(AlidnsTest):
    """38 requests that the official SDKs have sent."""

    def setUp(self):
        super().setUp()
        self.api.access.add("STS.testid", "testsecret", TOKEN)
        self.api.domain("中文.com")
        self.api.store._ids = iter(range(9_999_985, 9_999_999))  # pylint: disable=protected-access

    def send(self, octets):
        with socket.create_connection((self.api.address, self.api.port), timeout=5) as sock:
            sock.sendall(octets)
            response = http.client.HTTPResponse(sock)
            response.begin()
            return response.status, response.read().decode()

    def test_there_are_38(self):
        self.assertEqual(len(VECTORS), 38)

    def test_each_is_accepted_over_a_socket(self):
        good = 0
        for vector in VECTORS:
            with self.subTest(vector["name"]):
                self.api.clock.hold(vector["timestamp"])
                self.send(base64.b64decode(vector["raw_base64"]))
                call = self.api.calls[-1]
                self.assertEqual((call.action, call.key), (vector["action"], vector["access_key_id"]))
                # the last of the checks of who asks is the nonce's: all that follows is the action's business
                self.assertFalse(refused_who(call.code) or call.code == "SignatureNonceUsed", call)
                self.send(base64.b64decode(vector["raw_base64"]))
                self.assertEqual(self.api.calls[-1].code, "SignatureNonceUsed")
                good += call.code == ""
        self.assertGreater(good, 15)

    def test_each_is_refused_with_one_octet_changed(self):
        for vector in VECTORS:
            with self.subTest(vector["name"]):
                self.api.clock.hold(vector["timestamp"])
                octets = base64.b64decode(vector["raw_base64"])
                at = octets.index(vector["nonce"].encode())
                other = b"1" if octets[at : at + 1] != b"1" else b"2"
                self.send(octets[:at] + other + octets[at + 1 :])
                self.assertEqual(self.api.calls[-1].code, "SignatureDoesNotMatch")


class EveryOctet(unittest.TestCase):
    """Not over a socket, as there are twenty thousand."""

    def setUp(self):
        self.access = access.Access(Clock())
        self.access.add("testid", "testsecret")
        self.access.add("STS.testid", "testsecret", TOKEN)

    def code(self, request):
        self.access._nonces.clear()  # pylint: disable=protected-access
        try:
            self.access.check(request, access.asked(request))
        except Refused as refused:
            return refused.code
        return ""

    @staticmethod
    def other(octet):
        """Another octet of the same kind: 0 for 9, b for a."""
        for first, last in ("09", "az", "AZ"):
            if first <= octet <= last:
                return chr(ord(first) + (ord(octet) - ord(first) + 1) % (ord(last) - ord(first) + 1))
        return "x"

    def changed(self, request, v1):
        """Each request that differs from `request` in one octet of what is signed."""
        for field in ("query", "body"):
            text = getattr(request, field)
            text = text.decode() if isinstance(text, bytes) else text
            for at, octet in enumerate(text):
                new = text[:at] + self.other(octet) + text[at + 1 :]
                yield field, at, {field: new.encode() if field == "body" else new}
        signed = set() if v1 else {"authorization"} | signing.must_sign(request.headers)
        for name in sorted(signed):
            text = request.headers[name]
            for at, octet in enumerate(text):
                new = text[:at] + self.other(octet) + text[at + 1 :]
                yield name, at, {"headers": request.headers | {name: new}}

    def test_no_octet_of_what_is_signed_may_change(self):
        count = 0
        for vector in VECTORS:
            self.access.clock.hold(vector["timestamp"])
            request = service.request_read(io.BytesIO(base64.b64decode(vector["raw_base64"])), 1)
            self.assertEqual(self.code(request), "", vector["name"])
            v1 = vector["scheme"].startswith("RPC")
            for where, at, fields in self.changed(request, v1):
                code = self.code(service.Request(**(vars(request) | fields)))
                self.assertTrue(refused_who(code), f"{vector['name']}: {where}, octet {at}: {code or 'accepted'}")
                count += 1
        self.assertGreater(count, 10_000)

    def test_what_is_signed_is_what_the_vectors_say(self):
        for vector in VECTORS:
            request = service.request_read(io.BytesIO(base64.b64decode(vector["raw_base64"])), 1)
            found = access.asked(request)
            if found.scheme == "v1":
                made = signing.v1(request.method, found.pairs, "testsecret")
            else:
                signed = sorted(signing.must_sign(request.headers))
                made = signing.acs3(
                    request.method, request.path, found.pairs, request.headers, signed, request.body, "testsecret"
                )
            self.assertEqual(made, (vector["signature"], vector["string_to_sign"]))


class Who(AlidnsTest):
    """Keys, clocks, rights, by both schemes."""

    ASK = ("DescribeDomainInfo", {"DomainName": ZONE})

    def by_both(self):
        for scheme, form in (("acs3", False), ("acs3", True), ("v1", False), ("v1", True)):
            self.client.scheme, self.client.form, self.client.more = scheme, form, {}
            with self.subTest(scheme=scheme, form=form):
                yield scheme

    def ask_good(self):
        return self.good(self.ASK[0], **self.ASK[1])

    def ask_refused(self, code, status=None):
        answer = self.refused(code, self.ASK[0], **self.ASK[1])
        self.assertEqual(answer.status, status or MESSAGES[code][0])
        return answer

    def test_good_ones(self):
        for _scheme in self.by_both():
            self.assertEqual(self.ask_good()["DomainName"], ZONE)

    def test_a_wrong_secret(self):
        self.client.secret = "wrong"
        for scheme in self.by_both():
            answer = self.ask_refused("SignatureDoesNotMatch")
            self.assertIn("server string to sign is:", answer["Message"])
            self.assertIn("%2F&" if scheme == "v1" else "ACS3-HMAC-SHA256\n", answer["Message"])

    def test_keys(self):
        for _scheme in self.by_both():
            self.client.key = "nobody"
            self.ask_refused("InvalidAccessKeyId.NotFound", 404)
            self.client.key = "testid"
            self.api.access.disable("testid")
            self.ask_refused("InvalidAccessKeyId.Inactive")
            self.api.access.disable("testid", active=True)
            self.ask_good()

    def test_tokens(self):
        self.client.key, self.client.secret = "STS.one", "secret"
        for _scheme in self.by_both():
            self.api.access.add("STS.one", "secret", TOKEN, lives_s=900)
            self.client.token = TOKEN
            self.ask_good()
            self.client.token = None
            answer = self.refused("MissingSecurityToken", *self.ASK[:1], **self.ASK[1])
            self.assertEqual(answer["Message"], "SecurityToken is mandatory for this action.")
            self.client.token = "other"
            self.ask_refused("InvalidSecurityToken.Malformed")
            self.client.token = TOKEN
            self.api.clock.shift(901)
            self.ask_refused("InvalidSecurityToken.Expired")

    def test_clocks(self):
        self.api.clock.hold("2026-01-02T03:04:05Z")
        now = parse("2026-01-02T03:04:05Z")
        for scheme in self.by_both():
            for off in (-900, 0, 900):
                self.client.now_s = now + off
                self.ask_good()
            for off in (-901, 901, -86400):
                self.client.now_s = now + off
                answer = self.ask_refused("InvalidTimeStamp.Expired")
                self.assertEqual(answer.headers["Date"], "Fri, 02 Jan 2026 03:04:05 GMT")
            self.client.more = {"Timestamp" if scheme == "v1" else "x-acs-date": "2026-01-02 03:04:05"}
            self.ask_refused("InvalidTimeStamp.Format")

    def test_a_nonce_is_good_once_and_only_a_good_signature_spends_it(self):
        for scheme in self.by_both():
            nonce = f"nonce-{scheme}-{self.client.form}"
            self.client.more = {"SignatureNonce" if scheme == "v1" else "x-acs-signature-nonce": nonce}
            self.client.secret = "wrong"
            self.ask_refused("SignatureDoesNotMatch")
            self.client.secret = "testsecret"
            self.ask_good()
            self.ask_refused("SignatureNonceUsed")

    def test_rights(self):
        for _scheme in self.by_both():
            self.api.access.deny("testid", "DescribeDomainInfo")
            answer = self.ask_refused("Forbidden.RAM")
            self.assertEqual(answer["AccessDeniedDetail"]["AuthAction"], "alidns:DescribeDomainInfo")
            self.good("DescribeDomains")
            self.api.access.allow("testid", "DescribeDomainInfo")
            self.ask_good()

    def test_what_is_missing_is_named(self):
        for scheme in self.by_both():
            names = access.V1_NEEDS if scheme == "v1" else access.ACS3_NEEDS
            for name in names:
                self.client.more = {name: None if name != "Signature" else ""}
                self.refused(f"Missing{name}", self.ASK[0], **self.ASK[1])

    def test_headers_that_must_be_signed(self):
        method, target, headers, body = self.client.request(*self.ASK)
        self.assertEqual(
            self.client.send(method, target, headers | {"x-acs-more": "1"}, body).code, "IncompleteSignature"
        )
        broken = headers | {"authorization": headers["authorization"].replace(",", ", ")}
        self.assertEqual(self.client.send(method, target, broken, body).code, "IncompleteSignature")
        body = b"another"
        self.assertEqual(self.client.send(method, target, headers, body).code, "SignatureDoesNotMatch")

    def test_unsigned_and_odd_requests(self):
        send = self.client.send
        for method, target, status, word in (
            ("GET", "/", 400, b"MissingAccessKeyId"),
            ("DELETE", "/", 403, b"UnsupportedHTTPMethod"),
            ("GET", "/other", 404, b"InvalidAction.NotFound"),
        ):
            answer = send(method, target, {}, b"")
            self.assertEqual(answer.status, status)
            self.assertIn(word, answer.octets)
            self.assertTrue(answer.octets.startswith(b"<?xml"))
        for _scheme in self.by_both():
            self.refused("InvalidAction.NotFound", "DescribeNothing")
            self.refused("UnsupportedOperation", "OperateBatchDomain")
            self.client.version = "2014-01-01"
            self.ask_refused("NoSuchVersion")
            self.client.version = "2015-01-09"


if __name__ == "__main__":
    unittest.main()
