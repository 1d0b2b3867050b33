"""Who asks: access keys, STS tokens, rights, and the checks of a signature."""

import dataclasses
import hashlib
import hmac
import re
import threading

from alidns import signing
from alidns.clock import parse
from alidns.errors import Refused, missing

CLOCK_S = 15 * 60  # either way
AUTHORIZATION = re.compile(r"ACS3-HMAC-SHA256 Credential=([^,]*),SignedHeaders=([^,]*),Signature=([0-9a-f]{64})")
V1_NEEDS = ["Version", "AccessKeyId", "SignatureMethod", "SignatureVersion", "SignatureNonce", "Timestamp", "Signature"]
ACS3_NEEDS = ["x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"]
NOT_PARAMETERS = {*V1_NEEDS, "Action", "Format", "SecurityToken"}


@dataclasses.dataclass
class Key:
    """An access key. `denied` holds action names, or "*"; `ends_s` by the server's clock."""

    secret: str
    token: str | None = None
    ends_s: float | None = None
    active: bool = True
    denied: set = dataclasses.field(default_factory=set)


@dataclasses.dataclass
class Asked:
    """What a request asks for, before anything of it is checked."""

    scheme: str  # "v1", "acs3", "none"
    action: str
    version: str
    form: str  # "JSON", "XML"
    params: dict  # of the action alone; text
    pairs: list  # all, octets
    key: str = ""


def asked(request):
    """Read `request` (service.Request)."""
    form = request.headers.get("content-type", "").split(";")[0].strip().lower() == signing.FORM
    query = signing.decode(request.query, False)
    pairs = query + (signing.decode(request.body.decode("latin-1"), True) if form else [])
    everything = {name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, value in pairs}
    params = {name: value for name, value in everything.items() if name not in NOT_PARAMETERS}
    if request.headers.get("authorization", "").startswith(signing.ACS3):
        # without a Format, JSON: this server's choice
        form = "XML" if everything.get("Format", "").upper() == "XML" else "JSON"
        header = request.headers.get
        return Asked("acs3", header("x-acs-action", ""), header("x-acs-version", ""), form, params, query)
    form = "JSON" if everything.get("Format", "XML").upper() == "JSON" else "XML"
    scheme = "v1" if "Signature" in everything or "AccessKeyId" in everything else "none"
    found = Asked(scheme, everything.get("Action", ""), everything.get("Version", ""), form, params, pairs)
    found.key = everything.get("AccessKeyId", "")
    return found


class Access:
    """The keys of one account, shared by the servers that issue and that check them."""

    def __init__(self, clock):
        self.clock = clock
        self.inactive_status = 400
        self._keys, self._nonces, self._lock = {}, {}, threading.Lock()

    # --- keys -----------------------------------------------------------------------------------

    def add(self, key, secret, token=None, lives_s=None):
        ends_s = None if lives_s is None else self.clock.now() + lives_s
        self._keys[key] = Key(secret, token, ends_s)

    def remove(self, key):
        """It is unknown from now on."""
        self._keys.pop(key, None)

    def disable(self, key, active=False):
        self._keys[key].active = active

    def end(self, key):
        """Its token is expired from now on."""
        self._keys[key].ends_s = self.clock.now()

    def deny(self, key, *actions):
        """Forbidden.RAM for these; "*": for all."""
        self._keys[key].denied.update(actions)

    def allow(self, key, *actions):
        self._keys[key].denied.difference_update(actions)

    # --- checks ---------------------------------------------------------------------------------

    def check(self, request, found, version="2015-01-09"):
        """Who `found` (of asked()) is: sets found.key. Refused."""
        if found.scheme == "acs3":
            self._check_acs3(request, found, version)
        elif found.scheme == "v1":
            self._check_v1(request, found, version)
        else:
            raise missing("AccessKeyId")

    def rights(self, found):
        denied = self._keys[found.key].denied
        if found.action in denied or "*" in denied:
            raise Refused(
                "Forbidden.RAM",
                AccessDeniedDetail={
                    "AuthPrincipalOwnerId": "1234567890123456",
                    "EncodedDiagnosticMessage": "AQFAKE",
                    "AuthPrincipalType": "SubUser",
                    "AuthPrincipalDisplayName": "fake",
                    "AuthAction": f"alidns:{found.action}",
                },
            )

    def _check_v1(self, request, found, version):
        given = {name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, value in found.pairs}
        for name in V1_NEEDS:
            if not given.get(name):
                raise missing(name)
        if found.version != version:
            raise Refused("NoSuchVersion")
        if given["SignatureMethod"] != "HMAC-SHA1" or given["SignatureVersion"] != "1.0":
            raise Refused("IncompleteSignature")
        key = self._key(given["AccessKeyId"], given.get("SecurityToken"))
        self._check_time(given["Timestamp"])
        signature, text = signing.v1(request.method, found.pairs, key.secret)
        self._check_signature(given["Signature"], signature, text)
        self._check_nonce(given["SignatureNonce"])

    def _check_acs3(self, request, found, version):
        headers = request.headers
        for name in ACS3_NEEDS:
            if not headers.get(name):
                raise missing(name)
        match = AUTHORIZATION.fullmatch(headers["authorization"])
        if match is None:
            raise Refused("IncompleteSignature")
        found.key, signed, given = match[1], match[2].split(";"), match[3]
        if found.version != version:
            raise Refused("NoSuchVersion")
        if not signing.must_sign(headers) <= set(signed) <= set(headers) or signed != sorted(set(signed)):
            raise Refused("IncompleteSignature")
        key = self._key(found.key, headers.get("x-acs-security-token"))
        self._check_time(headers["x-acs-date"])
        signature, text = signing.acs3(
            request.method, request.path, found.pairs, headers, signed, request.body, key.secret
        )
        # the hash of what arrived is signed, so the header's own is the one that may be wrong
        if headers["x-acs-content-sha256"] != hashlib.sha256(request.body).hexdigest():
            raise Refused("SignatureDoesNotMatch", text)
        self._check_signature(given, signature, text)
        self._check_nonce(headers["x-acs-signature-nonce"])

    def _key(self, name, token):
        key = self._keys.get(name)
        if key is None:
            raise Refused("InvalidAccessKeyId.NotFound")
        if not key.active:
            raise Refused("InvalidAccessKeyId.Inactive", status=self.inactive_status)
        if key.token is not None:
            if not token:
                raise missing("SecurityToken")
            if token != key.token:
                raise Refused("InvalidSecurityToken.Malformed")
            if key.ends_s is not None and self.clock.now() >= key.ends_s:
                raise Refused("InvalidSecurityToken.Expired")
        return key

    def _check_time(self, text):
        try:
            at_s = parse(text)
        except ValueError as error:
            raise Refused("InvalidTimeStamp.Format") from error
        if abs(at_s - self.clock.now()) > CLOCK_S:
            raise Refused("InvalidTimeStamp.Expired")

    @staticmethod
    def _check_signature(given, ours, text):
        if not hmac.compare_digest(given.encode(), ours.encode()):
            raise Refused("SignatureDoesNotMatch", text)

    def _check_nonce(self, nonce):
        """Of requests that are signed well alone: nobody else can use one up."""
        now = self.clock.now()
        with self._lock:
            if len(self._nonces) >= 100_000:
                self._nonces = {old: at for old, at in self._nonces.items() if abs(now - at) <= 2 * CLOCK_S}
            if nonce in self._nonces:
                raise Refused("SignatureNonceUsed")
            self._nonces[nonce] = now
