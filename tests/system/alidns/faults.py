"""What may go wrong between the server and who asks it, and to which calls.

A fault is made by one of the functions below and given to Alidns.fault(), which says when. Many take `applied`: whether
the call is carried out before things go wrong (its answer is lost then) or not (nothing has happened).
"""

import dataclasses
import json
import random
import threading

from alidns.errors import Refused
from alidns.service import Cut, Reply

HTML = b"<html><head><title>503 Service Temporarily Unavailable</title></head><body>Tengine</body></html>"


@dataclasses.dataclass
class Fault:
    """`act(exchange, reply)` sends what is sent; `reply` is what the server would have said, None if not applied."""

    name: str
    act: object
    applied: bool = False
    code: str = ""  # that the client sees


def hang(seconds=None, applied=False):
    """No answer, until the client gives up or the time has passed; then the connection ends."""

    def act(exchange, _reply):
        exchange.wait(seconds)
        raise Cut

    return Fault("hang", act, applied)


def cut(applied=False, reset=False):
    """The connection ends before an octet of the answer."""

    def act(exchange, _reply):
        if reset:
            exchange.reset()
        raise Cut

    return Fault("lost" if applied else "cut", act, applied)


def lost(reset=False):
    """It is done, and the answer is lost."""
    return cut(applied=True, reset=reset)


def cut_body(after=1):
    """It is done; the connection ends after so many octets of the answer's body."""

    def act(exchange, reply):
        octets = exchange.octets(reply)
        exchange.sock.sendall(octets[: len(octets) - len(reply.body) + min(after, len(reply.body) - 1)])
        raise Cut

    return Fault("cut_body", act, True)


def code(name, *values, applied=False, status=None, headers=()):
    """Any Code of errors.py (or another one), as the server says it."""
    refused = Refused(name, *values, status=status)

    def act(exchange, _reply):
        reply = exchange.service.refusal(exchange, refused)
        reply.headers += list(headers)
        exchange.send(reply)

    return Fault(f"code {name}", act, applied, name)


def bare(status=500, body=b"", kind="text/plain", applied=False):
    """An HTTP status and no Code."""

    def act(exchange, _reply):
        exchange.send(Reply(status, body, [("Content-Type", kind)]))

    return Fault(f"bare {status}", act, applied)


def html(status=503, applied=False):
    """A page of a gateway before the API."""
    return bare(status, HTML, "text/html", applied)


def drip(step_s=0.02, size=16, until_s=None):
    """It is done; the answer comes in small pieces. `until_s`: then the connection ends, wherever that is."""

    def act(exchange, reply):
        octets, spent_s = exchange.octets(reply), 0.0
        for at in range(0, len(octets), size):
            exchange.sock.sendall(octets[at : at + size])
            if exchange.service.ending.wait(step_s):
                raise Cut
            spent_s += step_s
            if until_s is not None and spent_s >= until_s:
                raise Cut

    return Fault("drip", act, True)


def body(octets, applied=True):
    """It is done; a good status with another body: no JSON, JSON of another shape, nothing."""

    def act(exchange, _reply):
        exchange.send(Reply(200, octets, [("Content-Type", "application/json;charset=utf-8")]))

    return Fault("body", act, applied)


def half_json():
    """It is done; the body is the first half of what it should be, and says it were whole."""

    def act(exchange, reply):
        exchange.send(Reply(reply.status, reply.body[: len(reply.body) // 2], reply.headers))

    return Fault("half_json", act, True)


def partial(keep):
    """The first `keep` of the records that a list should have; it says how many there are."""

    def act(exchange, reply):
        told = json.loads(reply.body)
        records = told["DomainRecords"]
        records["Record"] = records["Record"][:keep]
        exchange.send(Reply(reply.status, json.dumps(told).encode(), reply.headers))

    return Fault("partial", act, True)


def length(more):
    """It is done; Content-Length says so many octets more (or less) than come. The connection ends behind them."""

    def act(exchange, reply):
        exchange.sock.sendall(exchange.octets(reply, max(0, len(reply.body) + more)))
        raise Cut

    return Fault("length", act, True)


def slow(seconds):
    """It is done at once; the answer comes later."""

    def act(exchange, reply):
        exchange.wait(seconds)
        exchange.send(reply)

    return Fault("slow", act, True)


@dataclasses.dataclass
class Rule:
    """When: the n-th matching call from now (and `times` - 1 after it), or each one by chance."""

    what: object  # a Fault, a list of them to choose from, or a hook's function
    n: int | None = None
    action: str | None = None
    times: int | None = 1
    chance: float | None = None
    random: object = None
    seen: int = 0
    used: int = 0

    def takes(self, call):
        """Counts `call` where it matches."""
        if self.action not in (None, call.action) or self.times is not None and self.used >= self.times:
            return False
        self.seen += 1
        if self.n is not None and self.seen < self.n:
            return False
        if self.chance is not None and self.random.random() >= self.chance:
            return False
        self.used += 1
        return True


class Rules:
    """Rules in their order; the first that takes a call has it."""

    def __init__(self):
        self._rules, self._lock = [], threading.Lock()

    def add(self, what, n=None, action=None, times=1, chance=None, seed=1):
        """`times` None: for ever."""
        rule = Rule(what, n, action, times, chance, random.Random(seed))
        with self._lock:
            self._rules.append(rule)
        return rule

    def clear(self):
        with self._lock:
            self._rules.clear()

    def take(self, call):
        """What happens to `call`, or None. Rules behind the one that takes it don't count it."""
        with self._lock:
            for rule in self._rules:
                if rule.takes(call):
                    return rule.random.choice(rule.what) if isinstance(rule.what, list) else rule.what
        return None

    def all(self, call):
        """What every rule that takes `call` says."""
        with self._lock:
            return [rule.what for rule in self._rules if rule.takes(call)]
