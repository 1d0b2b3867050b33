"""DNS messages, just enough to ask a server, to read what it says, and to play a small one."""

import dataclasses
import ipaddress
import random
import socket
import struct
import time

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "TXT": 16, "AAAA": 28, "SRV": 33, "OPT": 41}
TYPES |= {"IXFR": 251, "AXFR": 252, "ANY": 255}
TYPE_TEXTS = {number: text for text, number in TYPES.items()}
CLASSES = {"IN": 1, "CH": 3, "HS": 4, "NONE": 254, "ANY": 255}
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 9: "NOTAUTH"}
RCODES |= {16: "BADVERS", 23: "BADCOOKIE"}
NSID, SUBNET, COOKIE, KEEPALIVE, ERROR = 3, 8, 10, 11, 15  # options of EDNS
QR, AA, TC, RD, RA, Z, AD, CD = (1 << bit for bit in (15, 10, 9, 8, 7, 6, 5, 4))


@dataclasses.dataclass(frozen=True)
class Record:
    """One RR with its RDATA as text. In an OPT, class and TTL are what RFC 6891 section 6.1.2 makes of them."""

    name: str
    type: str
    ttl: int
    rdata: str
    rclass: int = 1


@dataclasses.dataclass
class Message:
    """A decoded message; names keep the case they came in."""

    id: int
    flags: int
    question: list
    answer: list
    authority: list
    additional: list
    size: int

    @property
    def opt(self):
        """The OPT record, or None."""
        return next((record for record in self.additional if record.type == "OPT"), None)

    @property
    def options(self):
        """{code: data} of the OPT."""
        data, found = bytes.fromhex(self.opt.rdata if self.opt else ""), {}
        while data:
            code, size = struct.unpack_from(">HH", data)
            found[code] = data[4 : 4 + size]
            data = data[4 + size :]
        return found

    @property
    def rcode(self):
        """As text, the upper bits of the OPT included (RFC 6891 section 6.1.3)."""
        number = self.flags & 15 | (self.opt.ttl >> 24 << 4 if self.opt else 0)
        return RCODES.get(number, str(number))

    @property
    def opcode(self):
        return self.flags >> 11 & 15

    @property
    def aa(self):
        return bool(self.flags & 0x0400)

    @property
    def tc(self):
        return bool(self.flags & 0x0200)

    def rdatas(self, rtype):
        """Sorted RDATA texts of one type in the answer section."""
        return sorted(record.rdata for record in self.answer if record.type == rtype)


def name_encode(text):
    labels = [label.encode("latin-1") for label in text.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def type_number(text):
    """TYPE65280 is one without a name (RFC 3597 section 5)."""
    return TYPES[text] if text in TYPES else int(text.removeprefix("TYPE"))


def type_text(number):
    return TYPE_TEXTS.get(number, f"TYPE{number}")


def message(*parts, number=None, flags=0, counts=(1, 0, 0, 0)):
    """A header and octets: what the counts say need not be true."""
    number = random.randrange(65536) if number is None else number
    return struct.pack(">HHHHHH", number, flags, *counts) + b"".join(parts)


def question(name, rtype="A", rclass="IN"):
    """`name` may be octets."""
    octets = name if isinstance(name, bytes) else name_encode(name)
    return octets + struct.pack(">HH", type_number(rtype), CLASSES[rclass])


def option(code, data=b""):
    return struct.pack(">HH", code, len(data)) + data


def opt(*options, size=1232, version=0, flags=0, owner=b"\0"):
    """RFC 6891 section 6.1.2. DO is 0x8000 of the flags."""
    rdata = b"".join(options)
    return owner + struct.pack(">HHBBHH", TYPES["OPT"], size, 0, version, flags, len(rdata)) + rdata


def query(name, rtype="A", number=None, edns_size=None, flags=0, rclass="IN"):
    if edns_size is not None:
        return edns_query(name, rtype=rtype, number=number, size=edns_size)
    return message(question(name, rtype, rclass), number=number, flags=flags)


def edns_query(name, *options, rtype="A", number=None, **more):
    """`more`: as of opt()."""
    return message(question(name, rtype), opt(*options, **more), number=number, counts=(1, 0, 0, 1))


def name_decode(data, at):
    """Returns the name and the offset behind it."""
    labels, end = [], None
    for _ in range(130):
        size = data[at]
        if size & 0xC0:
            end = at + 2 if end is None else end
            at = (size & 0x3F) << 8 | data[at + 1]
        elif size == 0:
            return ".".join(labels) + ".", at + 1 if end is None else end
        else:
            labels.append(data[at + 1 : at + 1 + size].decode("latin-1"))
            at += 1 + size
    raise ValueError("a name with too many steps")


def rdata_text(data, rtype, at, size):
    if rtype in ("A", "AAAA"):
        return str(ipaddress.ip_address(data[at : at + size]))
    if rtype in ("CNAME", "NS"):
        return name_decode(data, at)[0]
    if rtype == "SRV":
        return " ".join([*map(str, struct.unpack_from(">HHH", data, at)), name_decode(data, at + 6)[0]])
    if rtype == "SOA":
        mname, at = name_decode(data, at)
        rname, at = name_decode(data, at)
        return " ".join([mname, rname, *map(str, struct.unpack_from(">IIIII", data, at))])
    return data[at : at + size].hex()


def decode(data):
    number, flags, *counts = struct.unpack_from(">HHHHHH", data)
    at, question, sections = 12, [], [[], [], []]
    for _ in range(counts[0]):
        name, at = name_decode(data, at)
        rtype, _class = struct.unpack_from(">HH", data, at)
        question.append((name, type_text(rtype)))
        at += 4
    for section, count in zip(sections, counts[1:]):
        for _ in range(count):
            name, at = name_decode(data, at)
            rtype, rclass, ttl, size = struct.unpack_from(">HHIH", data, at)
            text = type_text(rtype)
            section.append(Record(name, text, ttl, rdata_text(data, text, at + 10, size), rclass))
            at += 10 + size
    if at != len(data):
        raise ValueError(f"{len(data) - at} octets behind the message")
    return Message(number, flags, question, *sections, len(data))


def udp_exchange(address, port, message, timeout_s=2.0):
    """One UDP question. TimeoutError when nothing comes back."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.connect((address, port))
        sock.send(message)
        deadline = time.monotonic() + timeout_s
        while True:
            sock.settimeout(max(0.001, deadline - time.monotonic()))
            reply = sock.recv(65535)
            if reply[:2] == message[:2]:
                return decode(reply)


def tcp_read(sock):
    """One message from a TCP connection; None at its end."""
    data = tcp_read_octets(sock)
    return None if data is None else decode(data)


def tcp_read_octets(sock):
    data, need = b"", 2
    while len(data) < need:
        more = sock.recv(need - len(data))
        if not more:
            return None
        data += more
        if len(data) == 2 and need == 2:
            need = 2 + struct.unpack(">H", data)[0]
    return data[2:]


def tcp_frame(message):
    return struct.pack(">H", len(message)) + message


def tcp_exchange(address, port, message, timeout_s=2.0):
    with socket.create_connection((address, port), timeout=timeout_s) as sock:
        sock.sendall(tcp_frame(message))
        return tcp_read(sock)
