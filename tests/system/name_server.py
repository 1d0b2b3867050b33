"""A tiny name server on loopback that the tests give as `resolver:` and steer while it runs."""

import ipaddress
import socket
import struct
import threading

import wire


class NameServer:
    """Answers from `records`: {(name, type): [(owner, type, ttl, rdata), ...]}.

    `mode` is answer, servfail or silent; `modes` is the same for single names.
    """

    def __init__(self):
        self.records = {}
        self.mode = "answer"
        self.modes = {}
        self.asked = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.05)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def text(self):
        return "127.0.0.1:%d" % self._socket.getsockname()[1]

    def host(self, name, ttl, *addresses):
        """Replace what is known of a host name."""
        for key in [key for key in self.records if key[0] == name]:
            del self.records[key]
        for address in addresses:
            rtype = "AAAA" if ":" in address else "A"
            self.records.setdefault((name, rtype), []).append((name, rtype, ttl, address))

    def times_asked(self, name, rtype):
        return sum(1 for asked in list(self.asked) if asked == (name, rtype))

    def close(self):
        self._ending.set()
        self._thread.join(timeout=2)
        self._socket.close()

    def _run(self):
        while not self._ending.is_set():
            try:
                data, client = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            except OSError:
                return
            reply = self._reply(data)
            if reply:
                self._socket.sendto(reply, client)

    def _reply(self, data):
        question = wire.decode(data).question[0]
        name, rtype = question[0].lower().rstrip("."), question[1]
        self.asked.append((name, rtype))
        mode = self.modes.get(name, self.mode)
        if mode == "silent":
            return None
        end = wire.name_decode(data, 12)[1] + 4
        answer = self.records.get((name, rtype), []) if mode == "answer" else []
        known = any(key[0] == name for key in self.records)
        rcode = 2 if mode == "servfail" else 0 if known else 3
        head = data[:2] + struct.pack(">HHHHH", 0x8180 | rcode, 1, len(answer), 0, 0)
        return head + data[12:end] + b"".join(record_encode(*record) for record in answer)


def record_encode(owner, rtype, ttl, text):
    rdata = wire.name_encode(text) if rtype == "CNAME" else ipaddress.ip_address(text).packed
    head = struct.pack(">HHIH", wire.TYPES[rtype], 1, ttl, len(rdata))
    return wire.name_encode(owner) + head + rdata
