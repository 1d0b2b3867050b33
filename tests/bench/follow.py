"""How long it takes until each change of a replayed cluster is in the answers: asks until it is there."""

import collections
import socket
import struct
import time

import replay

AGAIN_S = 0.0002
LOST_S = 10.0
BURST = 64


def name(n):
    return f"svc-{n:06}.{replay.space(n)}.fed.svc.example"


def question(number, text):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in text.split("."))
    return struct.pack(">HHHHHH", number, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", 1, 1)


class Change:
    """One that was sent, and is not in the answers yet."""

    def __init__(self, k, sent, objects):
        n, number = replay.change(k, objects)
        self.sent, self.asked = sent, 0.0
        self.message = question(k & 0xFFFF, name(n))
        self.address = socket.inet_aton(replay.address(n, number if k % 2 == 0 else 0))
        self.is_empty = k % 2 == 1 and number % 2 == 1  # no endpoint is ready

    def is_in(self, reply):
        if reply[3] & 15 != 0:
            return False
        count = struct.unpack_from(">H", reply, 6)[0]
        return count == 0 if self.is_empty else count == 1 and reply[-4:] == self.address


class Follower:
    """Asks."""

    def __init__(self, port, objects, times):
        self.objects, self.times = objects, times
        self.waiting = collections.OrderedDict()
        self.took, self.lost, self.next = [], 0, 0
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.connect(("127.0.0.1", port))
        self.sock.setblocking(False)

    def receive(self):
        while True:
            try:
                reply = self.sock.recv(4096)
            except BlockingIOError:
                return
            number = struct.unpack_from(">H", reply)[0]
            change = self.waiting.get(number)
            if change is not None and change.is_in(reply):
                self.took.append(time.monotonic() - change.sent)
                del self.waiting[number]

    def turn(self):
        """True: something was sent or asked."""
        busy = False
        while self.next < self.times.count and (sent := self.times[self.next]):
            self.waiting[self.next & 0xFFFF] = Change(self.next, sent, self.objects)
            self.next += 1
        now = time.monotonic()
        for number, change in list(self.waiting.items())[:BURST]:
            if now - change.sent > LOST_S:
                self.lost += 1
                del self.waiting[number]
            elif now - change.asked >= AGAIN_S:
                self.sock.send(change.message)
                change.asked, busy = now, True
        self.receive()
        return busy

    def run(self):
        """Until all changes are in the answers, or given up."""
        while self.next < self.times.count or self.waiting:
            if not self.turn():
                time.sleep(0.00005)
        return sorted(self.took), self.lost
