"""The server: `Alidns`, one account of Alibaba Cloud DNS on loopback.

    api = Alidns().start()                         # keys testid/testsecret; port api.port, api.url
    zone = api.domain("example.com")               # edition "ultimate"; see values.EDITIONS
    api.put(zone, "www", "A", "192.0.2.1", remark="by hand", line="telecom", weight=5, locked=True, status="DISABLE")
    api.records(zone)                              # what is there, oldest first (store.Record)
    api.fault(faults.lost(), n=2, action="AddDomainRecord")
    api.on_call(3, lambda call: os.kill(pid, signal.SIGKILL), when="after")
    api.calls                                      # all that was asked (Call), oldest first
    api.stop()

Settings are members, and may be changed at any time: latency_s, jitter_s, busy_s, retry_after_ms, quota.per_s, idle_s,
propagation_s (with dns_start()), sub_page_max, remark_max, access (keys and rights), clock.
"""

import dataclasses
import json
import random
import threading
import time
import uuid

from alidns import access, actions, replies
from alidns.clock import Clock, stamp
from alidns.errors import Refused
from alidns.faults import Rules
from alidns.quota import Quota
from alidns.responder import Responder
from alidns.service import Service, date_text
from alidns.store import Store

END_S = 2.0  # calls under way at a stop have so long to be noted


@dataclasses.dataclass
class Call:
    """One request, as it was understood and answered. `code` is what the server said before any fault, "" for good."""

    n: int  # from 1
    action: str
    params: dict
    scheme: str  # "v1", "acs3", "none"
    connection: int
    began: float  # monotonic
    when: str  # by the server's clock
    key: str = ""
    code: str = ""
    status: int = 0
    request_id: str = ""
    record_id: str = ""  # that an Add has made
    applied: bool = False  # the action was carried out
    fault: str = ""
    ended: float = 0.0
    flying: int = 0  # calls under way when it began, itself included


class Alidns(Service):
    """`log_path`: each call becomes a line of JSON there. `address`, `port`, `tls`: of service.Service."""

    def __init__(self, port=0, address="127.0.0.1", tls=None, log_path=None, seed=1):
        super().__init__(port, address, tls)
        self.clock = Clock()
        self.access = access.Access(self.clock)
        self.access.add("testid", "testsecret")
        self.store = Store(self.clock)
        self.quota = Quota()
        self.latency_s, self.jitter_s = 0.0, 0.0  # each call takes latency_s, and up to jitter_s more by chance
        self.busy_s = None  # a write refuses others to its domain while it runs and so long after; None: never
        self.retry_after_ms = None  # x-acs-retry-after of Throttling.User
        self.sub_page_max, self.remark_max = 100, 255
        self.calls = []
        self.dns = None
        self.propagation_s = 0.0
        self._faults = Rules()
        self._hooks = {"before": Rules(), "after": Rules(), "answered": Rules()}
        self._lock, self._flying, self._busy = threading.Lock(), 0, {}
        self._random = random.Random(seed)
        self._log = open(log_path, "a", encoding="utf-8") if log_path else None  # pylint: disable=consider-using-with

    def stop(self):
        super().stop()
        until = time.monotonic() + END_S
        while self._flying and time.monotonic() < until:
            time.sleep(0.005)  # the last lines of the log
        if self.dns:
            self.dns.stop()
            self.dns = None
        with self._lock:
            if self._log:
                self._log.close()
                self._log = None

    # --- setting up and looking -----------------------------------------------------------------

    def domain(self, name, edition="ultimate", **limits):
        """Host a domain; `limits` replaces fields of values.Edition (ttl_min_s=..., same_max=...)."""
        return self.store.domain(name, edition, **limits)

    def foreign(self, name):
        """The domain is another account's."""
        self.store.foreign.add(name)

    def put(self, domain, rr, rtype, value, **fields):
        """A record by somebody's hand, unchecked; `fields` of store.Record. Returns it."""
        return self.store.put(domain, rr, rtype, value, **fields)

    def edit(self, record, **fields):
        """Change a record by hand, unchecked. Returns the new one."""
        return self.store.edit(record, **fields)

    def remove(self, record):
        self.store.remove(record)

    def balance(self, record, on=True):
        """Switch weights on (or off) for the record's name, type and line, as a hand would."""
        balanced = self.store.domains[record.domain].balanced
        (balanced.add if on else balanced.discard)((record.rr, record.type, record.line))

    def records(self, domain, rr=None, rtype=None):
        """A copy, oldest first."""
        with self.store.lock:
            found = list(domain.records.values())
        return [one for one in found if rr in (None, one.rr) and rtype in (None, one.type)]

    def asked(self, action=None, code=None):
        """The calls of one action, or that ended in one Code ("": good ones)."""
        calls = [call for call in list(self.calls) if action in (None, call.action)]
        return [call for call in calls if code in (None, call.code)]

    def wrote(self):
        """The calls that have changed something."""
        return [call for call in list(self.calls) if call.applied and not call.action.startswith("Describe")]

    def dns_start(self, port=0):
        """Answer DNS for the records, `propagation_s` behind them; port of `dns`, UDP and TCP."""
        self.dns = Responder(self.store, lambda: self.propagation_s, port, self.address).start()
        return self.dns

    # --- scripts --------------------------------------------------------------------------------

    def fault(self, fault, n=None, action=None, times=1, chance=None, seed=1):
        """`fault` (of faults.py, or a list to choose one from) happens to the n-th matching call from now, or to each
        with a chance; `times` None: for ever."""
        return self._faults.add(fault, n, action, times, chance, seed)

    def faults_clear(self):
        self._faults.clear()

    def on_call(self, n, function, when="before", action=None, times=1):
        """Run function(call) at the n-th (matching) call from now; n None: at each. "before": nothing is done yet;
        "after": it is carried out, and not yet answered; "answered": all of the answer is sent."""
        return self._hooks[when].add(function, n, action, None if n is None else times)

    def _run_hooks(self, when, call):
        for function in self._hooks[when].all(call):
            function(call)

    # --- one call -------------------------------------------------------------------------------

    def date(self):
        return date_text(self.clock.now())

    def respond(self, exchange):
        found = access.asked(exchange.request)
        call = self._begin(exchange, found)
        try:
            self._run_hooks("before", call)
            fault = self._faults.take(call)
            reply = None
            if fault is None or fault.applied:
                reply = self._carried_out(exchange, found, call)
            self._run_hooks("after", call)
            if fault is None:
                exchange.send(reply)
            else:
                call.fault = fault.name
                call.code = fault.code or call.code
                fault.act(exchange, reply)
            self._run_hooks("answered", call)
        finally:
            self._end(call)

    def _begin(self, exchange, found):
        request = exchange.request
        with self._lock:
            self._flying += 1
            call = Call(
                len(self.calls) + 1, found.action, found.params, found.scheme, request.connection, request.when, ""
            )
            call.when, call.flying, call.request_id = stamp(self.clock.now()), self._flying, str(uuid.uuid4()).upper()
            self.calls.append(call)
        exchange.call, exchange.found = call, found
        return call

    def _end(self, call):
        call.ended = time.monotonic()
        with self._lock:
            self._flying -= 1
            if self._log:
                self._log.write(json.dumps(dataclasses.asdict(call), ensure_ascii=False) + "\n")
                self._log.flush()

    def refusal(self, exchange, refused):
        """An error as a reply to this exchange."""
        host = exchange.request.headers.get("host", replies.HOST).split(":")[0]
        return replies.bad(exchange.found.form, exchange.call.request_id, refused, host)

    def _carried_out(self, exchange, found, call):
        """The reply, once it is done or refused."""
        try:
            members = self._judged(exchange.request, found, call)
            reply = replies.good(found.form, found.action, call.request_id, members)
            call.applied, call.record_id = True, str(members.get("RecordId", ""))
        except Refused as refused:
            call.code = refused.code
            reply = self.refusal(exchange, refused)
            if refused.code == "Throttling.User" and self.retry_after_ms is not None:
                reply.headers.append(("x-acs-retry-after", str(self.retry_after_ms)))
        call.key, call.status = found.key, reply.status
        return reply

    def _judged(self, request, found, call):
        if request.method not in ("GET", "POST"):
            raise Refused("UnsupportedHTTPMethod")
        if request.path != "/":
            raise Refused("InvalidAction.NotFound")
        self.access.check(request, found)
        if not self.quota.take(found.action):
            raise Refused("Throttling.User")
        actions.check(found.action, found.params)
        self.access.rights(found)
        function, _needs, writes = actions.ACTIONS[found.action]
        name = actions.domain_of(self, found.params) if writes else ""
        with self._lock:
            if name and self.busy_s is not None:
                if self._busy.get(name, 0.0) > time.monotonic():
                    raise Refused("LastOperationNotFinished")
                self._busy[name] = float("inf")
            wait_s = self.latency_s + self._random.random() * self.jitter_s
        try:
            if wait_s > 0:
                self.ending.wait(wait_s)
            with self.store.lock:
                return function(self, found.params)
        finally:
            if name and self.busy_s is not None:
                self._busy[name] = time.monotonic() + self.busy_s
