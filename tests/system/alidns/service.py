"""A small HTTP/1.1 server: a thread a connection, kept-alive connections, chunked bodies, TLS where it is given.

What it says is a subclass's: respond(exchange) sends one reply, or raises Cut to end the connection.
"""

import dataclasses
import http.client
import select
import socket
import struct
import threading
import time

HEAD_SIZE_MAX = 64 << 10
BODY_SIZE_MAX = 8 << 20
IDLE_S = 25.0  # of a kept connection, as Keep-Alive says


class Cut(Exception):
    """The connection ends here."""


@dataclasses.dataclass
class Request:
    """One request; header names are lower case, values as they came."""

    method: str
    path: str
    query: str
    headers: dict
    body: bytes
    connection: int  # from 1, over the server's life
    when: float  # monotonic


@dataclasses.dataclass
class Reply:
    """What is to be said."""

    status: int
    body: bytes
    headers: list  # of (name, value)


def _line(reader, left):
    line = reader.readline(left + 1)
    if len(line) > left or not line.endswith(b"\n"):
        raise Cut
    return line.decode("utf-8", "surrogateescape").rstrip("\r\n")


def _chunks(reader):
    body = b""
    while (size := int(_line(reader, 64).split(";")[0], 16)) > 0:
        if len(body) + size > BODY_SIZE_MAX:
            raise Cut
        body += reader.read(size)
        _line(reader, 2)
    while _line(reader, HEAD_SIZE_MAX):
        pass  # trailers
    return body


def request_read(reader, connection, sock=None):
    """None: the client has gone. Cut, ValueError: it speaks no HTTP. `sock`: where 100 Continue is said."""
    first = reader.readline(HEAD_SIZE_MAX)
    when = time.monotonic()
    if not first:
        return None
    words = first.decode("utf-8", "surrogateescape").split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise Cut
    headers, left = {}, HEAD_SIZE_MAX
    while line := _line(reader, left):
        left -= len(line)
        name, _colon, value = line.partition(":")
        headers[name.lower()] = value.strip()
    if sock and headers.get("expect", "").lower() == "100-continue":
        sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = _chunks(reader)
    else:
        size = int(headers.get("content-length", 0))
        if not 0 <= size <= BODY_SIZE_MAX:
            raise Cut
        body = reader.read(size)
        if len(body) < size:
            raise Cut
    path, _mark, query = words[1].partition("?")
    return Request(words[0], path, query, headers, body, connection, when)


class Exchange:
    """One request and the way back."""

    def __init__(self, service, sock, request):
        self.service, self.sock, self.request = service, sock, request
        self.keep = request.headers.get("connection", "").lower() != "close"

    def octets(self, reply, length=None):
        """The reply as it goes over the wire; `length`: what Content-Length says instead of the truth."""
        reason = http.client.responses.get(reply.status, "Unknown")
        lines = [f"HTTP/1.1 {reply.status} {reason}", f"Date: {self.service.date()}"]
        lines += [f"{name}: {value}" for name, value in reply.headers]
        lines += [f"Content-Length: {len(reply.body) if length is None else length}"]
        lines += ["Connection: keep-alive", "Keep-Alive: timeout=25"] if self.keep else ["Connection: close"]
        return "\r\n".join([*lines, "", ""]).encode() + reply.body

    def send(self, reply):
        self.sock.sendall(self.octets(reply))

    def wait(self, seconds=None):
        """Until so much time has passed (None: for ever), the client has gone, or the server stops."""
        end = None if seconds is None else time.monotonic() + seconds
        while not self.service.ending.is_set() and (end is None or time.monotonic() < end):
            step = 0.05 if end is None else max(0.0, min(0.05, end - time.monotonic()))
            if select.select([self.sock], [], [], step)[0]:
                if not self.sock.recv(1, 0 if self.service.tls else socket.MSG_PEEK):
                    return
                self.service.ending.wait(step)  # it pipelines: nothing for us

    def reset(self):
        """End the connection as a machine that has restarted."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Cut


class Service:
    """`port` 0: a free one. `tls`: an ssl.SSLContext of the server's side."""

    def __init__(self, port=0, address="127.0.0.1", tls=None):
        self.address, self.port, self.tls = address, port, tls
        self.idle_s = IDLE_S  # of connections accepted from now on
        self.ending = threading.Event()
        self.ending.set()
        self._listener, self._socks, self._count, self._lock = None, {}, 0, threading.Lock()

    def respond(self, exchange):
        raise NotImplementedError

    def date(self):
        """The Date header's value."""
        return date_text(time.time())

    @property
    def url(self):
        """Without a slash at its end."""
        return f"http{'s' if self.tls else ''}://{self.address}:{self.port}"

    @property
    def connections(self):
        """How many have been accepted."""
        return self._count

    def start(self):
        """Returns itself. After a stop(): on the same port again."""
        self.ending = threading.Event()
        self._listener = socket.create_server((self.address, self.port), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener, self.ending), daemon=True).start()
        return self

    def stop(self):
        """Nobody listens any more; all connections break."""
        if self.ending.is_set():
            return
        self.ending.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.drop()

    def drop(self):
        """All connections break; new ones are welcome."""
        with self._lock:
            socks, self._socks = self._socks, {}
        for sock in socks.values():
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it is closed already

    def settle(self, deadline_s=10.0):
        """Until nothing of clients that have died is under way any more. Those that live are waited for, too."""
        with socket.create_connection((self.address, self.port), deadline_s) as last:  # accepted behind theirs
            last.shutdown(socket.SHUT_WR)
            last.recv(1)
        end = time.monotonic() + deadline_s
        while self._socks:
            if time.monotonic() > end:
                raise TimeoutError(f"{len(self._socks)} connections after {deadline_s} s")
            time.sleep(0.01)

    def _accept(self, listener, ending):
        while not ending.is_set():
            try:
                sock, _address = listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._count += 1
                number = self._count
                self._socks[number] = sock
            threading.Thread(target=self._serve, args=(sock, number), daemon=True).start()

    def _serve(self, sock, number):
        try:
            sock.settimeout(self.idle_s)
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
                with self._lock:
                    self._socks[number] = sock
            with sock, sock.makefile("rb") as reader:
                while (request := request_read(reader, number, sock)) is not None:
                    exchange = Exchange(self, sock, request)
                    self.respond(exchange)
                    if not exchange.keep or self.ending.is_set():
                        break
        except (OSError, Cut, ValueError):
            sock.close()  # the client has gone, or a fault has it so
        with self._lock:
            self._socks.pop(number, None)


def date_text(at_s):
    """RFC 9110 section 5.6.7."""
    days, months = "Mon Tue Wed Thu Fri Sat Sun".split(), "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    then = time.gmtime(at_s)
    return f"{days[then.tm_wday]}, {then.tm_mday:02} {months[then.tm_mon - 1]} {then.tm_year} " + time.strftime(
        "%H:%M:%S GMT", then
    )
