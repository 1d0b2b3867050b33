"""A scripted API server on loopback: lists and watches as Kubernetes has them, until a fault of fake_faults.py."""

import dataclasses
import gzip
import json
import socket
import struct
import threading
import time
import urllib.parse

from fake_store import Gone, Store
from harness import free_port

PATHS = {  # path: table, kind, apiVersion
    "/api/v1/services": ("services", "Service", "v1"),
    "/api/v1/endpoints": ("endpoints", "Endpoints", "v1"),
    "/api/v1/nodes": ("nodes", "Node", "v1"),
    "/apis/discovery.k8s.io/v1/endpointslices": ("slices", "EndpointSlice", "discovery.k8s.io/v1"),
    "/apis/discovery.k8s.io/v1beta1/endpointslices": ("slices", "EndpointSlice", "discovery.k8s.io/v1beta1"),
    "/apis/federation/v1beta1/clusters": ("clusters", "Cluster", "federation/v1beta1"),
}
MEMBER = [path for path in PATHS if "federation" not in path]
FEDERATION = ["/api/v1/services", "/apis/federation/v1beta1/clusters"]
REASONS = {200: "OK", 302: "Found", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 410: "Expired"}
REASONS |= {429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout"}
META = "as=PartialObjectMetadata"


class Cut(Exception):
    """A fault ends the connection here."""


@dataclasses.dataclass
class Request:
    """One request; header names are lower case."""

    when: float
    path: str
    query: dict
    headers: dict
    connection: int

    @property
    def table(self):
        return PATHS.get(self.path, ("?",))[0]

    @property
    def watch(self):
        return "watch" in self.query


def request_read(reader, connection):
    """None: the client has gone."""
    line = reader.readline().decode("latin-1").split()
    if len(line) != 3:
        return None
    headers = {}
    while (header := reader.readline().decode("latin-1").strip()) != "":
        name, _colon, value = header.partition(":")
        headers[name.lower()] = value.strip()
    url = urllib.parse.urlsplit(line[1])
    query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
    return Request(time.monotonic(), url.path, query, headers, connection)


def status_of(code, reason=None, message="because", **more):
    """A v1.Status, as text."""
    named = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    return json.dumps(named | {"message": message, "reason": reason or REASONS.get(code, ""), "code": code} | more)


def selected(obj, selector):
    """By `key=value` alone."""
    labels = obj["metadata"].get("labels", {})
    wanted = [part.partition("=") for part in selector.split(",")] if selector else []
    return all(labels.get(key) == value for key, _equals, value in wanted)


class Exchange:
    """One request and its reply. A fault changes it before it runs."""

    def __init__(self, api, sock, request):
        self.api, self.sock, self.request = api, sock, request
        self.reply = None  # instead of what the server would say
        self.keep = True  # the connection, afterwards
        self.content_type = "application/json"
        self.chunk = 0  # octets; 0: as they come
        self.cut_after = None  # octets of the body
        self.stall_after, self.stall_s = None, 0.0
        self.members = 0  # of gzip
        self.page_max = api.page_max
        self.stream_first = []  # octets in front of a watch's events
        self.stream_ends = False  # behind them
        self.rewrite = None  # a list's text, by a function
        self.sent = 0

    # --- octets -------------------------------------------------------------------------------

    def head(self, code, *headers, chunked=True):
        lines = [f"HTTP/1.1 {code} {REASONS.get(code, 'Other')}", f"Content-Type: {self.content_type}", *headers]
        if chunked:
            lines.append("Transfer-Encoding: chunked")
        self.sock.sendall("\r\n".join([*lines, "", ""]).encode())

    def _chunk_write(self, octets):
        if self.cut_after is not None and self.sent + len(octets) >= self.cut_after:
            octets = octets[: self.cut_after - self.sent]
            # the chunk promises more than there comes
            self.sock.sendall(b"%x\r\n%s" % (len(octets) + 1, octets))
            raise Cut
        if self.stall_after is not None and self.sent <= self.stall_after < self.sent + len(octets):
            at, self.stall_after = self.stall_after - self.sent, None
            if at:
                self._chunk_write(octets[:at])
            self.api.ending.wait(self.stall_s)
            octets = octets[at:]
        self.sock.sendall(b"%x\r\n%s\r\n" % (len(octets), octets))
        self.sent += len(octets)

    def write(self, octets):
        size = self.chunk or len(octets) or 1
        for at in range(0, len(octets), size):
            self._chunk_write(octets[at : at + size])

    def end(self):
        self.sock.sendall(b"0\r\n\r\n")

    def plain(self, code, text, *headers):
        """A reply whose size is known."""
        octets = text.encode()
        self.head(code, f"Content-Length: {len(octets)}", *headers, chunked=False)
        self.sock.sendall(octets)

    def refuse(self, code, *headers, **more):
        self.plain(code, status_of(code, **more), *headers)

    # --- what the server says -----------------------------------------------------------------

    def run(self):
        request = self.request
        if self.reply is not None:
            self.reply(self)
        elif self.api.token and request.headers.get("authorization") != f"Bearer {self.api.token}":
            self.refuse(401)
        elif request.path not in self.api.served:
            self.refuse(404, message="the server could not find the requested resource")
        elif request.watch:
            self.watch()
        else:
            self.list()

    def shape(self, obj):
        """As this request has asked for it."""
        _table, kind, version = PATHS[self.request.path]
        if META in self.request.headers.get("accept", ""):
            return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": obj["metadata"]}
        return {"kind": kind, "apiVersion": version} | {k: v for k, v in obj.items() if k not in ("kind", "apiVersion")}

    def page(self):
        query, store = self.request.query, self.api.store
        table, kind, version = PATHS[self.request.path]
        if "continue" in query:
            rv, objects = store.take_page(query["continue"])
        else:
            rv, objects = store.list(table)
            objects = [obj for obj in objects if selected(obj, query.get("labelSelector"))]
        limit = int(query.get("limit", 0)) or len(objects)
        if self.page_max is not None and query.get("limit") != "0":
            limit = min(limit, self.page_max)
        metadata = {"resourceVersion": str(rv)}
        if len(objects) > limit or (limit == 0 and objects):
            metadata["continue"] = store.keep_page(table, rv, objects[limit:])
        items = [self.shape(obj) for obj in objects[:limit]]
        if META in self.request.headers.get("accept", ""):
            kind, version = "PartialObjectMetadata", "meta.k8s.io/v1"
        else:  # the items of a typed list have neither
            items = [{k: v for k, v in item.items() if k not in ("kind", "apiVersion")} for item in items]
        return {"kind": f"{kind}List", "apiVersion": version, "metadata": metadata, "items": items}

    def list(self):
        try:
            page = self.page()
        except Gone as gone:
            self.refuse(410, message=str(gone))
            return
        human = self.request.headers.get("user-agent", "").startswith(("curl", "Wget", "Mozilla/5.0"))
        text = json.dumps(page, ensure_ascii=False, indent=2 if human or self.api.pretty else None)
        octets = (self.rewrite(text) if self.rewrite else text).encode()
        headers = []
        if self.members and "gzip" in self.request.headers.get("accept-encoding", ""):
            size = -(-len(octets) // self.members)
            octets = b"".join(gzip.compress(octets[at : at + size]) for at in range(0, len(octets), size))
            headers = ["Content-Encoding: gzip"]
        self.head(200, *headers)
        self.write(octets)
        self.end()

    def event(self, kind, obj):
        text = json.dumps({"type": kind, "object": obj}, ensure_ascii=False, separators=(",", ":"))
        self.write(text.encode() + b"\n")

    def bookmark(self, version):
        _table, kind, api_version = PATHS[self.request.path]
        if META in self.request.headers.get("accept", ""):
            kind, api_version = "PartialObjectMetadata", "meta.k8s.io/v1"
        metadata = {"resourceVersion": str(version), "creationTimestamp": None}
        self.event("BOOKMARK", {"kind": kind, "apiVersion": api_version, "metadata": metadata})

    def watch(self):
        self.head(200)
        for octets in self.stream_first:
            self.write(octets)
        if not self.stream_ends:
            self._watch_run(int(self.request.query["resourceVersion"]))
        self.end()

    def _watch_run(self, version):
        """Until its time is over, or the server ends it."""
        store, table, query = self.api.store, self.request.table, self.request.query
        until = time.monotonic() + float(query.get("timeoutSeconds", 1800)) / self.api.speed
        bookmark_s = self.api.bookmark_s if "allowWatchBookmarks" in query else None
        marked, ends = time.monotonic(), self.api.ends.get(table, (0, None))[0]
        while not self.api.ending.is_set():
            with store.changed:
                now, (count, last) = time.monotonic(), self.api.ends.get(table, (0, None))
                if count == ends and now < until:
                    try:
                        events = store.since(table, version)
                    except Gone as gone:
                        events, last, count = [], self.api.gone(str(gone)), ends + 1
                if count != ends or now >= until:
                    if last is not None:
                        self.write(last)
                    return
                if not events and bookmark_s is None or not events and now < marked + bookmark_s:
                    store.changed.wait(0.25 if bookmark_s is None else min(0.25, bookmark_s))
                    continue
                current = store.version
            for version, kind, obj in events:
                kept = selected(obj, query.get("labelSelector"))
                self.event(kind if kept else "DELETED", self.shape(obj))
            if not events:
                marked, version = now, current
                self.bookmark(version)


class FakeApi:
    """One API server. `speed` is how much faster than ours the clock of who asks runs."""

    def __init__(self, served=None, token=None, bookmark_s=0.5, speed=1.0):
        self.store = Store()
        self.served = list(MEMBER if served is None else served)
        self.token, self.bookmark_s, self.speed = token, bookmark_s, speed
        self.pretty, self.page_max = False, None
        self.faults, self.requests = [], []
        self.ends = {}  # table: (how often its watches were ended, the last octets of the last time)
        self.ending = threading.Event()
        self.port = free_port()
        self._socks, self._lock, self._listener = {}, threading.Lock(), None
        self.up()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def federation(self):
        return self.served == FEDERATION

    def gone(self, message="too old"):
        """The event that says so; the old API machinery has another word for it."""
        reason = "Gone" if self.federation else "Expired"
        return b'{"type":"ERROR","object":%s}\n' % status_of(410, reason, message).encode()

    def kubeconfig(self, path, user=None):
        """Write one that leads here. `user`: its entry."""
        if user is None:
            user = {"token": self.token} if self.token else {}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "here",
            "clusters": [{"name": "here", "cluster": {"server": self.url}}],
            "users": [{"name": "us", "user": user}],
            "contexts": [{"name": "here", "context": {"cluster": "here", "user": "us"}}],
        }
        path.write_text(json.dumps(config))
        return path

    # --- days and nights ----------------------------------------------------------------------

    def up(self):
        self.ending = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        threading.Thread(target=self._accept, args=(self._listener, self.ending), daemon=True).start()

    def down(self):
        """Nobody listens any more, and all connections break."""
        if self.ending.is_set():
            return
        self.ending.set()
        with self._lock:
            socks, self._socks = self._socks, {}
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in socks.values():
            sock_break(sock)
        with self.store.changed:
            self.store.changed.notify_all()

    def drop(self):
        """All connections break; new ones are welcome."""
        with self._lock:
            for sock in self._socks.values():
                sock_break(sock)

    def end_watches(self, table, last=None):
        """Those that are open now end, after the octets `last`."""
        with self.store.changed:
            self.ends[table] = (self.ends.get(table, (0, None))[0] + 1, last)
            self.store.changed.notify_all()

    def expire(self, table):
        self.store.compact(table)
        self.end_watches(table, self.gone())

    def asked(self, table=None, watch=None, since=0.0):
        """Requests of one kind."""
        requests = [request for request in list(self.requests) if request.when >= since]
        return [r for r in requests if table in (None, r.table) and watch in (None, r.watch)]

    # --- connections --------------------------------------------------------------------------

    def _accept(self, listener, ending):
        number = 0
        while not ending.is_set():
            try:
                sock, _address = listener.accept()
            except OSError:
                return
            number += 1
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._socks[id(sock)] = sock
            threading.Thread(target=self._serve, args=(sock, id(ending) + number), daemon=True).start()

    def _serve(self, sock, number):
        try:
            with sock, sock.makefile("rb") as reader:
                while (request := request_read(reader, number)) is not None and self._answer(sock, request):
                    pass
        except (OSError, Cut, ValueError):
            pass  # the client has gone, or a fault has it so
        with self._lock:
            self._socks.pop(id(sock), None)

    def _answer(self, sock, request):
        self.requests.append(request)
        exchange = Exchange(self, sock, request)
        for fault in list(self.faults):
            if fault.takes(request):
                fault.act(exchange)
                break
        exchange.run()
        return exchange.keep


def sock_break(sock):
    """With a reset, as a machine that has restarted."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it is closed already
