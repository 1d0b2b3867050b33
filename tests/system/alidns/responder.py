"""Name servers of the hosted domains: authoritative answers over UDP and TCP, some time behind the records.

Lines, weights and disabled records are the API's: of line `default` the enabled records are answered, all of a set, of
several CNAMEs one. ALIAS and URL records have no answer here.
"""

import socket
import struct
import threading
import time

import wire
from alidns import values

SOA_NUMBERS = (3600, 1200, 86400, 600)  # refresh, retry, expire, negative TTL
UDP_SIZE, EDNS_SIZE = 512, 1232
CHAIN_MAX = 8
TCP_IDLE_S = 10.0


def _txt(text):
    octets = text.encode()
    parts = [octets[at : at + 255] for at in range(0, len(octets), 255)]
    return b"".join(bytes([len(part)]) + part for part in parts)


def _srv(text):
    *numbers, target = text.split(" ")
    return struct.pack(">HHH", *map(int, numbers)) + wire.name_encode(values.ascii_name(target))


def rdata(rtype, text, priority=None):
    """Octets of a record's data; None: of a type that isn't answered."""
    if rtype == "A":
        return socket.inet_aton(text)
    if rtype == "AAAA":
        return socket.inet_pton(socket.AF_INET6, text)
    if rtype in ("CNAME", "NS"):
        return wire.name_encode(values.ascii_name(text))
    if rtype == "MX":
        return struct.pack(">H", priority or 0) + wire.name_encode(values.ascii_name(text))
    return {"TXT": _txt, "SRV": _srv}.get(rtype, lambda _text: None)(text)


TYPES = wire.TYPES | {"MX": 15}


class View:
    """A domain as its name servers know it at one moment."""

    def __init__(self, domain, delay_s):
        self.domain, self.until = domain, time.monotonic() - delay_s

    def _at(self, history):
        """The last entry that has arrived, or None."""
        return next((held for at, held in reversed(history) if at <= self.until), None)

    @property
    def serial(self):
        return self._at(self.domain.changed) or 1

    def held(self, rr):
        """Records of a name that are answered."""
        held = self._at(self.domain.history.get(rr, [])) or ()
        return [one for one in held if one.status == "ENABLE" and one.line == "default"]

    def exists(self, rr):
        """It has records, or there are some below it (RFC 8020)."""
        return bool(self.held(rr)) or any(
            name.endswith(f".{rr}") and self.held(name) for name in list(self.domain.history)
        )

    def wildcard(self, rr):
        """Records that a name which doesn't exist gets from the closest wildcard (RFC 4592)."""
        labels = rr.split(".")
        for at in range(1, len(labels) + 1):
            above = ".".join(labels[at:])
            if held := self.held(f"*.{above}" if above else "*"):
                return held
            if above and self.exists(above):
                break
        return []

    def cut(self, rr):
        """The name below the apex that is delegated, at or above `rr`; None: none."""
        labels = [] if rr == "@" else rr.split(".")
        for at in range(len(labels) - 1, -1, -1):
            name = ".".join(labels[at:])
            if any(one.type == "NS" for one in self.held(name)):
                return name
        return None


class Answer:
    """One reply being put together."""

    def __init__(self, view):
        self.view, self.rcode, self.aa = view, 0, wire.AA
        self.answer, self.authority, self.additional = [], [], []

    def owner(self, rr):
        return self.view.domain.punycode if rr == "@" else f"{values.ascii_name(rr)}.{self.view.domain.punycode}"

    def add(self, section, owner, record):
        data = rdata(record.type, record.value, record.priority)
        if data is not None:
            self.raw(section, owner, record.type, record.ttl, data)

    def raw(self, section, owner, rtype, ttl, data):
        section.append(wire.name_encode(owner) + struct.pack(">HHIH", TYPES[rtype], 1, ttl, len(data)) + data)

    def soa(self, section):
        domain = self.view.domain
        data = wire.name_encode(domain.edition.servers[0]) + wire.name_encode("hostmaster.hichina.com")
        data += struct.pack(">IIIII", self.view.serial, *SOA_NUMBERS)
        self.raw(section, domain.punycode, "SOA", SOA_NUMBERS[-1], data)

    def servers(self, section):
        for server in self.view.domain.edition.servers:
            self.raw(section, self.owner("@"), "NS", 86400, wire.name_encode(server))

    def refer(self, cut):
        """To the servers of a name below, with their glue."""
        self.aa = 0
        for record in (one for one in self.view.held(cut) if one.type == "NS"):
            self.add(self.authority, self.owner(cut), record)
            rr = record.value.removesuffix(f".{self.view.domain.name}")
            for glue in self.view.held(rr) if rr != record.value else []:
                if glue.type in ("A", "AAAA"):
                    self.add(self.additional, record.value, glue)

    def fill(self, rr, rtype, owner, steps=CHAIN_MAX):
        """The sections, for a question of this name. `owner`: the name as it was asked."""
        if cut := self.view.cut(rr):
            return self.refer(cut)
        if rr == "@" and rtype in ("SOA", "NS"):
            return self.soa(self.answer) if rtype == "SOA" else self.servers(self.answer)
        held = self.view.held(rr)
        if not held and not (rr == "@" or self.view.exists(rr)):
            held = self.view.wildcard(rr)
            self.rcode = 0 if held or self.answer else 3
        found = [one for one in held if one.type == rtype or rtype == "ANY"]
        name = next((one for one in held if one.type == "CNAME"), None)
        if not found and name and steps:
            self.add(self.answer, owner, name)
            below = name.value.removesuffix(f".{self.view.domain.name}")
            if below != name.value or name.value == self.view.domain.name:
                return self.fill(below if below != name.value else "@", rtype, name.value, steps - 1)
            return None
        for record in found[:1] if rtype == "CNAME" else found:
            self.add(self.answer, owner, record)
        return None if found else self.soa(self.authority)

    def octets(self, number, flags, question, edns, size):
        """The message; over `size`: empty, with TC."""
        flags = wire.QR | self.aa | flags & wire.RD | self.rcode
        sections = [self.answer, self.authority, self.additional + ([wire.opt(size=EDNS_SIZE)] if edns else [])]
        whole = wire.message(
            question, *sum(sections, []), number=number, flags=flags, counts=(1, *(len(part) for part in sections))
        )
        if len(whole) <= size:
            return whole
        more = sections[2][-1:] if edns else []
        return wire.message(question, *more, number=number, flags=flags | wire.TC, counts=(1, 0, 0, len(more)))


class Responder:
    """`delay_s()` is how far behind the records it is. Answers for every domain of `store`; REFUSED for others."""

    def __init__(self, store, delay_s, port=0, address="127.0.0.1"):
        self.store, self.delay_s, self.port, self.address = store, delay_s, port, address
        self.queries = 0
        self._udp = self._tcp = None
        self._ending, self._threads = False, []

    def start(self):
        self._ending = False
        for _ in range(50):
            self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._udp.bind((self.address, self.port))
            try:
                port = self._udp.getsockname()[1]
                self._tcp = socket.create_server((self.address, port))
                break
            except OSError:
                self._udp.close()
                if self.port:
                    raise
        self.port = port
        runs = ((self._run_udp, self._udp), (self._run_tcp, self._tcp))
        self._threads = [threading.Thread(target=run, args=(sock,), daemon=True) for run, sock in runs]
        for thread in self._threads:
            thread.start()
        return self

    def stop(self):
        """The port is free again."""
        self._ending = True
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", (self.address, self.port))
        self._tcp.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._udp.close()
        self._tcp.close()

    def _run_udp(self, sock):
        while not self._ending:
            query, client = sock.recvfrom(4096)
            if reply := self.reply(query, False):
                sock.sendto(reply, client)

    def _run_tcp(self, listener):
        while True:
            try:
                sock, _client = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        try:
            with sock:
                sock.settimeout(TCP_IDLE_S)
                while query := wire.tcp_read_octets(sock):
                    sock.sendall(wire.tcp_frame(self.reply(query, True)))
        except OSError:
            pass  # the client has gone

    def _domain(self, name):
        """(domain, rr) of the longest hosted suffix; None: not ours."""
        labels = name.lower().rstrip(".").split(".")
        hosted = {domain.punycode: domain for domain in self.store.domains.values()}
        for at in range(len(labels)):
            if domain := hosted.get(".".join(labels[at:])):
                return domain, ".".join(labels[:at]) or "@"
        return None

    def reply(self, query, tcp):
        """Octets to send; empty: nothing."""
        try:
            number, flags = struct.unpack_from(">HH", query)
            name, end = wire.name_decode(query, 12)
            rtype, rclass = struct.unpack_from(">HH", query, end)
            asked = wire.decode(query)
        except (ValueError, IndexError, struct.error, UnicodeError):
            return b""
        self.queries += 1
        size = 65535 if tcp else max(UDP_SIZE, asked.opt.rclass if asked.opt else UDP_SIZE)
        with self.store.lock:
            found = self._domain(name)
            answer = Answer(View(found[0], self.delay_s()) if found else None)
            if found is None or rclass != 1 or asked.opcode:
                answer.rcode, answer.aa = 5, 0
            else:
                rr = values.labels_plain(found[1])
                answer.fill(rr, {15: "MX"}.get(rtype) or wire.type_text(rtype), name.rstrip("."))
            return answer.octets(number, flags, query[12 : end + 4], asked.opt, size)
