"""DNS messages, just enough to ask a server, to read what it says, and to play a small one."""

import dataclasses
import ipaddress
import random
import socket
import struct
import time

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "TXT": 16, "AAAA": 28, "SRV": 33, "OPT": 41, "ANY": 255}
TYPE_TEXTS = {number: text for text, number in TYPES.items()}
RCODES = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"]


@dataclasses.dataclass(frozen=True)
class Record:
    """One RR with its RDATA as text."""

    name: str
    type: str
    ttl: int
    rdata: str


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
    def rcode(self):
        return RCODES[self.flags & 15]

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


def query(name, rtype, number=None, edns_size=None):
    number = random.randrange(65536) if number is None else number
    head = struct.pack(">HHHHHH", number, 0, 1, 0, 0, 0 if edns_size is None else 1)
    text = head + name_encode(name) + struct.pack(">HH", TYPES[rtype], 1)
    if edns_size is not None:
        text += b"\0" + struct.pack(">HHIH", TYPES["OPT"], edns_size, 0, 0)
    return text


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
        question.append((name, TYPE_TEXTS.get(rtype, str(rtype))))
        at += 4
    for section, count in zip(sections, counts[1:]):
        for _ in range(count):
            name, at = name_decode(data, at)
            rtype, _class, ttl, size = struct.unpack_from(">HHIH", data, at)
            text = TYPE_TEXTS.get(rtype, str(rtype))
            section.append(Record(name, text, ttl, rdata_text(data, text, at + 10, size)))
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
    data, need = b"", 2
    while len(data) < need:
        more = sock.recv(need - len(data))
        if not more:
            return None
        data += more
        if len(data) == 2 and need == 2:
            need = 2 + struct.unpack(">H", data)[0]
    return decode(data[2:])


def tcp_frame(message):
    return struct.pack(">H", len(message)) + message


def tcp_exchange(address, port, message, timeout_s=2.0):
    with socket.create_connection((address, port), timeout=timeout_s) as sock:
        sock.sendall(tcp_frame(message))
        return tcp_read(sock)
