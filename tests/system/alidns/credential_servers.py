"""Where credentials come from: the STS, the metadata of an ECS machine, a credentials URI.

    api = Alidns().start()
    sts = Sts(api.access).start()        # keys that it hands out work at `api`
    sts.role("acs:ram::1:role/x", tokens={"eyJ..."})
    metadata = Metadata(api.access, role="my-role").start()
    uri = CredentialsUri(api.access).start()

Each lists what it was asked (`asked`), and has `faults` (faults.Rules; rule names: the actions STS, "token", "role",
"credentials") and lives_s, how long what it hands out is good by the clock of `access`.
"""

import dataclasses
import itertools
import json
import threading
import uuid

from alidns import access as checks
from alidns import replies
from alidns.clock import stamp
from alidns.errors import Refused, missing
from alidns.faults import Rules
from alidns.service import Reply, Service, date_text

STS_VERSION = "2015-04-01"
DURATION_MIN_S, DURATION_S = 900, 3600
TOKEN_SIZE = (4, 20_000)
METADATA = "/latest/meta-data/ram/security-credentials/"
METADATA_TOKEN, METADATA_TTL = "x-aliyun-ecs-metadata-token", "x-aliyun-ecs-metadata-token-ttl-seconds"
METADATA_TTL_MAX_S = 21_600


@dataclasses.dataclass
class Asked:
    """One request; `action` is what Rules match."""

    n: int
    action: str
    params: dict
    headers: dict
    code: str = ""


class Issuer(Service):
    """Hands out keys that `access` knows from then on."""

    def __init__(self, access, port=0, address="127.0.0.1", tls=None):
        super().__init__(port, address, tls)
        self.access, self.clock, self.lives_s = access, access.clock, DURATION_S
        self.asked, self.faults = [], Rules()
        self._numbers, self._asking = itertools.count(1), threading.Lock()

    def date(self):
        return date_text(self.access.clock.now())

    def issue(self, lives_s=None):
        """A fresh key with its token."""
        number, lives_s = next(self._numbers), self.lives_s if lives_s is None else lives_s
        key, secret, token = f"STS.fake{type(self).__name__}{number}", f"secret{number}", f"CAIS+fake/{number}=="
        self.access.add(key, secret, token, lives_s)
        ends = stamp(self.access.clock.now() + lives_s)
        return {"AccessKeyId": key, "AccessKeySecret": secret, "SecurityToken": token, "Expiration": ends}

    def _run(self, exchange, action, params, work, refusal):
        """`work()` returns a Reply; a fault may come between."""
        with self._asking:
            asked = Asked(len(self.asked) + 1, action, params, dict(exchange.request.headers))
            self.asked.append(asked)
        fault, reply = self.faults.take(asked), None
        if fault is None or fault.applied:
            try:
                reply = work()
            except Refused as refused:
                asked.code, reply = refused.code, refusal(refused)
        if fault:
            fault.act(exchange, reply)
        else:
            exchange.send(reply)

    def refusal(self, _exchange, refused):
        """For faults.code()."""
        return replies.bad("JSON", str(uuid.uuid4()).upper(), refused, "sts.aliyuncs.com")


class Sts(Issuer):
    """AssumeRoleWithOIDC, unsigned, and AssumeRole, signed with a key of `access`."""

    def __init__(self, access, **more):
        super().__init__(access, **more)
        self.roles = {}

    def role(self, arn, tokens=None, providers=None, max_s=43_200, trusts=None):
        """Sets stand for who may take the role (None: all): OIDC tokens, provider ARNs, key ids for AssumeRole."""
        self.roles[arn] = {"tokens": tokens, "providers": providers, "max_s": max_s, "trusts": trusts}

    def respond(self, exchange):
        request = exchange.request
        found = checks.asked(request)
        request_id = str(uuid.uuid4()).upper()

        def work():
            actions = {"AssumeRoleWithOIDC": self._by_oidc, "AssumeRole": self._by_key}
            if found.action not in actions:
                raise Refused("InvalidAction.NotFound")
            members = actions[found.action](request, found)
            return replies.good(found.form, found.action, request_id, members)

        def refusal(refused):
            return replies.bad(found.form, request_id, refused, "sts.aliyuncs.com")

        self._run(exchange, found.action, found.params, work, refusal)

    def _by_oidc(self, request, found):
        if request.method != "POST":
            raise Refused("UnsupportedHTTPMethod")
        if found.version != STS_VERSION:
            raise Refused("NoSuchVersion")
        params = found.params
        for name in ("RoleArn", "OIDCProviderArn", "OIDCToken", "RoleSessionName"):
            if not params.get(name):
                raise missing(name)
        if not dict(found.pairs).get(b"Timestamp"):
            raise missing("Timestamp")
        if not TOKEN_SIZE[0] <= len(params["OIDCToken"]) <= TOKEN_SIZE[1]:
            raise Refused("InvalidParameter", "OIDCToken")
        role = self._role(params)
        if role["providers"] is not None and params["OIDCProviderArn"] not in role["providers"]:
            raise Refused("AuthenticationFail.NoPermission")
        if role["tokens"] is not None and params["OIDCToken"] not in role["tokens"]:
            raise Refused("AuthenticationFail.OIDCToken.Invalid")
        return self._assumed(params, role)

    def _by_key(self, request, found):
        self.access.check(request, found, STS_VERSION)
        for name in ("RoleArn", "RoleSessionName"):
            if not found.params.get(name):
                raise missing(name)
        role = self._role(found.params)
        if role["trusts"] is not None and found.key not in role["trusts"]:
            raise Refused("NoPermission")
        return self._assumed(found.params, role)

    def _role(self, params):
        if params["RoleArn"] not in self.roles:
            raise Refused("EntityNotExist.Role")
        return self.roles[params["RoleArn"]]

    def _assumed(self, params, role):
        text = params.get("DurationSeconds") or str(DURATION_S)
        if not text.isdigit() or not DURATION_MIN_S <= int(text) <= role["max_s"]:
            raise Refused("InvalidParameter", "DurationSeconds")
        who = f"{params['RoleArn']}/{params['RoleSessionName']}"
        user = {"AssumedRoleId": f"3305:{params['RoleSessionName']}", "Arn": who}
        return {"AssumedRoleUser": user, "Credentials": self.issue(min(int(text), self.lives_s))}


class Metadata(Issuer):
    """An ECS machine's. `v1`, `v2`: which of both ways it knows; `role` None: the machine has none."""

    def __init__(self, access, role="my-role", v1=True, v2=True, **more):
        super().__init__(access, **more)
        self.role, self.v1, self.v2 = role, v1, v2
        self._tokens = {}

    def respond(self, exchange):
        request = exchange.request
        if request.path == "/latest/api/token":
            action = "token"
        else:
            action = "role" if request.path == METADATA else "credentials"
        self._run(exchange, action, {"path": request.path}, lambda: self._reply(request, action), None)

    def _reply(self, request, action):
        if action == "token":
            return self._token(request)
        if request.method != "GET" or not request.path.startswith(METADATA):
            return plain(404, "not found")
        if not self._may(request.headers.get(METADATA_TOKEN)):
            return plain(403, "forbidden")
        name = request.path.removeprefix(METADATA)
        if self.role is None or name not in ("", self.role):
            return plain(404, "not found")
        if not name:
            return plain(200, self.role)
        more = {"LastUpdated": stamp(self.access.clock.now()), "Code": "Success"}
        return plain(200, json.dumps(self.issue() | more))

    def _token(self, request):
        ttl = request.headers.get(METADATA_TTL, "")
        if request.method != "PUT" or not self.v2:
            return plain(404, "not found")
        if not ttl.isdigit() or not 1 <= int(ttl) <= METADATA_TTL_MAX_S:
            return plain(400, "bad request")
        token = f"MDTOKEN{len(self._tokens) + 1}"
        self._tokens[token] = self.access.clock.now() + int(ttl)
        return plain(200, token)

    def _may(self, token):
        return self.v1 if token is None else self._tokens.get(token, 0) > self.access.clock.now()


class CredentialsUri(Issuer):
    """ALIBABA_CLOUD_CREDENTIALS_URI: any path answers a GET."""

    def respond(self, exchange):
        request = exchange.request

        def work():
            if request.method != "GET":
                return plain(405, "GET alone")
            return plain(200, json.dumps(self.issue() | {"Code": "Success"}), "application/json")

        self._run(exchange, "credentials", {"path": request.path}, work, None)


def plain(status, text, kind="text/plain"):
    return Reply(status, text.encode(), [("Content-Type", kind)])
