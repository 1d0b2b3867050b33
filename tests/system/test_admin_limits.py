"""The admin server and its clients: many, slow, silent, or full of nonsense; nobody holds up anybody."""

import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import socket
import statistics
import time
import unittest
import urllib.request

import state
from admin_bed import Admin
from harness import FEDNS, wait_until

# As in include/fedns/admin.h.
CONNECTIONS_MAX = 64
REQUEST_SIZE_MAX = 16 << 10
# What the loop works between a question's being asked and answered, by its own CPU time: a turn is a millisecond, and
# sanitizers take their part. The machine may have other things to do.
HELD_UP_S = 0.1
SERVICES = 100_000

REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

GARBAGE = (
    b"\0" * 100,
    b"\r\n" * 1000,
    b"GET\r\n\r\n",
    b"GET  HTTP/1.1\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost h\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 500,
    b"GET /" + b"a" * REQUEST_SIZE_MAX + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
    b"GET /%00%ff%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /../../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"CONNECT example.org:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
)


def sanitized():
    return b"__asan_init" in pathlib.Path(shutil.which(FEDNS)).read_bytes()


def services_read(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/services", timeout=60) as reply:
        return len(json.loads(reply.read()))


class Limits(Admin):
    """Each test asks a daemon of its own."""

    def open_socket(self, receive_size=None):
        sock = socket.socket()
        self.addCleanup(sock.close)
        if receive_size:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_size)
        sock.settimeout(30)
        sock.connect(("127.0.0.1", self.admin_port))
        return sock

    def descriptors(self, daemon):
        return len(os.listdir(f"/proc/{daemon.process.pid}/fd"))

    def test_nonsense(self):
        daemon = self.start_admin()
        before = self.descriptors(daemon)
        rng = random.Random(7)
        noise = [bytes(rng.randrange(256) for _ in range(rng.randrange(1, 3000))) for _ in range(100)]
        for octets in (*GARBAGE, *noise):
            answer = self.raw(octets)
            self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1."), answer[:100])
            self.assertNotIn(b" 200 ", answer.split(b"\r\n")[0], octets[:60])
        self.assertEqual(self.get("/healthz")[0], 200)
        wait_until("all closed", lambda: self.descriptors(daemon) <= before)

    def test_a_hundred_at_once(self):
        self.start_admin()

        def one(_i):
            return self.get("/api/v1/services")

        begin = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(100) as pool:
            answers = set(pool.map(one, range(400)))
        self.assertEqual(len(answers), 1)
        self.assertEqual(answers.pop()[0], 200)
        self.assertLess(time.monotonic() - begin, 20)

    def test_a_hundred_open_connections(self):
        """More than there is room for: those behind wait until idle ones go."""
        self.start_admin()
        socks = [self.open_socket() for _ in range(100)]
        for sock in socks:
            sock.sendall(REQUEST)
        for sock in socks:
            self.assertTrue(sock.recv(100).startswith(b"HTTP/1.1 200"))

    def test_silent_and_slow_clients_do_not_keep_a_probe_out(self):
        self.start_admin()
        slow = [self.open_socket() for _ in range(CONNECTIONS_MAX)]
        for i, sock in enumerate(slow):
            sock.sendall(b"GET /healthz HTTP/1.1\r\nX-Slow: "[: i % 32])
        begin = time.monotonic()
        self.assertEqual(self.get("/healthz")[0], 200)
        self.assertLess(time.monotonic() - begin, 8)

    def test_a_client_that_stops_reading_holds_up_nobody(self):
        """100,000 services are asked for, and not read: answers, changes and other clients go on."""
        names = (state.service(f"s{i}", {"hangzhou": [f"10.{i >> 16}.{i >> 8 & 255}.{i & 255}"]}) for i in range(SERVICES))
        self.admin_config()
        self.write_state(json.dumps({"apiVersion": "v1", "kind": "List", "items": [*state.CLUSTERS, *names]}))
        daemon = self.start(ready=False)
        daemon.wait_for("ready", lambda: " ready: " in daemon.log, deadline_s=60)

        wait_until("the state is kept", lambda: list((self.folder / "kept").glob("last-known-good.json")), deadline_s=60)
        quiet = self.loop_times(daemon)
        stuck = self.asked(receive_size=4096)
        before = self.resident(daemon)
        unread = self.loop_times(daemon)
        if not sanitized():  # what is freed stays in memory then
            self.assertLess(self.resident(daemon) - before, 8 << 20)

        # in processes of their own, so that what is measured is not this one
        with concurrent.futures.ProcessPoolExecutor(2) as pool:
            reads = [pool.submit(services_read, self.admin_port) for _ in range(2)]
            reading = self.loop_times(daemon)
            self.assertEqual([read.result(timeout=60) for read in reads], [SERVICES] * 2)
        self.assertEqual(len(json.loads(stuck.read())), SERVICES)
        for name, times in (("quiet", quiet), ("unread", unread), ("reading", reading)):
            print(f"{name}: median {statistics.median(times) * 1000:.1f} ms, longest {max(times) * 1000:.1f} ms")
            self.assertLess(max(times), HELD_UP_S, name)

    def asked(self, receive_size=None):
        """An answer that has begun."""
        connection = self.connect(timeout_s=60)
        connection.sock = self.open_socket(receive_size)
        connection.request("GET", "/api/v1/services")
        return connection.getresponse()

    def loop_times(self, daemon):
        """How long the control loop works while a question to it waits; the workers are asked in between."""
        times = []
        connection = self.connect()
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            begin = self.worked_s(daemon)
            connection.request("GET", "/healthz")
            self.assertEqual(connection.getresponse().read(), b"alive\n")
            times.append(self.worked_s(daemon) - begin)
            self.assertEqual(daemon.addresses("s7.default.fed.svc"), ["10.0.0.7"])
        return times

    @staticmethod
    def worked_s(daemon):
        """The CPU time of the first thread, whose loop it is."""
        pid = daemon.process.pid
        with open(f"/proc/{pid}/task/{pid}/schedstat", encoding="ascii") as schedstat:
            return int(schedstat.read().split()[0]) / 1e9

    @staticmethod
    def resident(daemon):
        with open(f"/proc/{daemon.process.pid}/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    unittest.main()
