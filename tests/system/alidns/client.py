"""A small client for tests: signs with either scheme, sends one request a connection or keeps it."""

import hashlib
import http.client
import json
import ssl
import uuid

from alidns import signing
from alidns.clock import stamp

VERSION = "2015-01-09"


class Answer:
    """What came back, whole."""

    def __init__(self, response):
        self.status, self.headers, self.octets = response.status, response.headers, response.read()
        try:
            self.json = json.loads(self.octets)
        except ValueError:
            self.json = {}

    @property
    def code(self):
        """ "": a good answer."""
        return self.json.get("Code", "")

    def __getitem__(self, name):
        return self.json[name]


class Client:
    """`scheme`: "acs3" or "v1". `form`: parameters go in the body. `now_s`: what its clock says."""

    def __init__(
        self, server, key="testid", secret="testsecret", token=None, scheme="acs3", form=False, version=VERSION
    ):
        self.server, self.key, self.secret, self.token = server, key, secret, token
        self.scheme, self.form, self.version = scheme, form, version
        self.now_s = None
        self.more = {}  # parameters (v1) or headers (acs3) that replace what would be sent; None: left out
        self.cafile = None
        self.connection = None

    def call(self, action, **params):
        """One request; the connection is kept where it was not closed."""
        return self.send(*self.request(action, params))

    def request(self, action, params):
        """(method, target, headers, body)."""
        now = stamp(self.server.clock.now() if self.now_s is None else self.now_s)
        pairs = [(name.encode(), str(value).encode()) for name, value in params.items() if value is not None]
        return (self._v1 if self.scheme == "v1" else self._acs3)(action, pairs, now)

    def _v1(self, action, pairs, now):
        common = {"Action": action, "Version": self.version, "Format": "JSON", "AccessKeyId": self.key}
        common |= {"SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0", "SignatureNonce": str(uuid.uuid4())}
        common |= {"Timestamp": now, "SecurityToken": self.token} | self.more
        pairs = pairs + [(name.encode(), value.encode()) for name, value in common.items() if value is not None]
        method = "POST" if self.form else "GET"
        signature, _text = signing.v1(method, pairs, self.secret)
        if "Signature" not in common:
            pairs.append((b"Signature", signature.encode()))
        text = signing.canonical(pairs)
        if self.form:
            return method, "/", {"Content-Type": signing.FORM}, text.encode()
        return method, f"/?{text}", {}, b""

    def _acs3(self, action, pairs, now):
        body = signing.canonical(pairs).encode() if self.form else b""
        query = [] if self.form else pairs
        headers = {"host": f"{self.server.address}:{self.server.port}", "x-acs-action": action, "x-acs-date": now}
        headers |= {"x-acs-version": self.version, "x-acs-signature-nonce": str(uuid.uuid4())}
        headers |= {"x-acs-content-sha256": hashlib.sha256(body).hexdigest(), "x-acs-security-token": self.token}
        headers |= {"content-type": signing.FORM if self.form else None} | self.more
        headers = {name: value for name, value in headers.items() if value is not None}
        signed = sorted(name for name in headers if name != "authorization")
        signature, _text = signing.acs3("POST", "/", query, headers, signed, body, self.secret)
        given = f"{signing.ACS3} Credential={self.key},SignedHeaders={';'.join(signed)},Signature={signature}"
        headers.setdefault("authorization", given)
        target = "/" + (f"?{signing.canonical(query)}" if query else "")
        return "POST", target, headers, body

    def send(self, method, target, headers, body):
        """As given. OSError, http.client.HTTPException: no answer, or half of one."""
        if self.connection is None:
            where = (self.server.address, self.server.port)
            if self.server.tls:
                context = ssl.create_default_context(cafile=self.cafile)
                self.connection = http.client.HTTPSConnection(*where, timeout=10, context=context)
            else:
                self.connection = http.client.HTTPConnection(*where, timeout=10)
        try:
            self.connection.request(method, target, body=body or None, headers=headers)
            return Answer(self.connection.getresponse())
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None
