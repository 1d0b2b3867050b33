"""What may go wrong between an API server and who asks it: each fault is what happens to the n-th matching request."""

import gzip
import json
import threading

from fake_api import META, Cut, sock_break, status_of


class Fault:
    """Happens to `times` requests that match (None: to all), `skip` of them later. `act` changes the Exchange."""

    def __init__(self, act, times=1, skip=0):
        self.act, self.times, self.skip = act, times, skip
        self.table, self.watch, self.used = None, None, 0
        self._lock = threading.Lock()

    def on(self, table=None, watch=None):
        self.table, self.watch = table, watch
        return self

    def takes(self, request):
        if self.table not in (None, request.table) or self.watch not in (None, request.watch):
            return False
        with self._lock:
            if self.skip > 0:
                self.skip -= 1
                return False
            if self.times is not None and self.used >= self.times:
                return False
            self.used += 1
            return True


def reply(function, times=1, **more):
    """`function` speaks instead of the server."""

    def act(exchange):
        exchange.reply = function

    return Fault(act, times, **more)


def having(times=1, **members):
    """The server speaks, but the exchange's `members` are as given."""

    def act(exchange):
        for name, value in members.items():
            setattr(exchange, name, value)

    return Fault(act, times)


def refusal(code, *headers, times=1, **more):
    """An HTTP status with a Status."""
    return reply(lambda exchange: exchange.refuse(code, *headers, **more), times)


def text(body, content_type="application/json", code=200, times=1, headers=()):
    def speak(exchange):
        exchange.content_type = content_type
        exchange.plain(code, body, *headers)

    return reply(speak, times)


def broken(before=b"", reset=False, times=1):
    """The connection ends after these octets."""

    def speak(exchange):
        exchange.sock.sendall(before)
        if reset:
            sock_break(exchange.sock)
        raise Cut

    return reply(speak, times)


def silent(seconds, times=1):
    """Asked, it says nothing, and then ends the connection."""

    def speak(exchange):
        exchange.api.ending.wait(seconds)
        raise Cut

    return reply(speak, times)


def dripping(times=1):
    """White space for ever, which is always a beginning of JSON."""

    def speak(exchange):
        exchange.head(200)
        while not exchange.api.ending.wait(0.1):
            exchange.write(b" ")

    return reply(speak, times)


def shortened(keep, times=1):
    """Valid HTTP, but only the beginning of the JSON: `keep` octets, from the end where negative."""
    return having(times, rewrite=lambda whole: whole[:keep])


def rewritten(function, times=1):
    """A list that `function` makes of the right one, both as objects."""
    return having(times, rewrite=lambda whole: json.dumps(function(json.loads(whole))))


def stream(*events, ends=False, times=1):
    """A watch that begins with these octets."""
    return having(times, stream_first=[octets.encode() for octets in events], stream_ends=ends)


def error(code, reason=None, **more):
    """An ERROR event, as text."""
    return '{"type":"ERROR","object":%s}\n' % status_of(code, reason, **more)


def gzipped_stream():
    """Octets of gzip, though nobody has asked for them."""

    def speak(exchange):
        exchange.head(200, "Content-Encoding: gzip")
        exchange.write(gzip.compress(b'{"type":"BOOKMARK"}'))
        exchange.end()

    return reply(speak)


def unsized(keep=None):
    """As HTTP/1.0: the end of the connection is the end of the body; after `keep` octets."""

    def speak(exchange):
        body = json.dumps(exchange.page()).encode()
        head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
        exchange.sock.sendall(head.encode() + body[:keep])
        raise Cut

    return reply(speak)


def table_of(exchange):
    """What a server sends to who asks for columns."""
    assert META not in exchange.request.headers.get("accept", "")
    table = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": "1"}, "rows": []}
    exchange.plain(200, json.dumps(table))
