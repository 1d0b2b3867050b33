"""Connections that nothing comes over: a file of its own, for it takes the time that they are left."""

import contextlib
import time
import unittest

import wire
from rules import CONFIG, GLOBAL, Rules, on_every_server

EARLY_S = 0.1  # clocks of two processes
LATE_S = 4.0


@on_every_server
class Idle(Rules):
    """fedns leaves them 10 s, as its keepalive says; the others are told to leave less."""

    config = CONFIG | {
        "nsd": CONFIG["nsd"] + " tcp-timeout: 1\n",
        "knotd": CONFIG["knotd"] + "  tcp-idle-timeout: 1\n",
        "named": CONFIG["named"] + " tcp-initial-timeout 25; tcp-idle-timeout 10;",
    }

    def test_rfc7766_6_2_3_idle_connections_end_when_their_time_is_over_and_not_before(self):
        left_s = 10.0 if self.program == "fedns" else 1.0
        with self.connect() as answered, self.connect() as halfway:
            answered.sendall(wire.tcp_frame(wire.query(GLOBAL)))
            self.assertIsNotNone(wire.tcp_read(answered))
            halfway.sendall(wire.tcp_frame(wire.query(GLOBAL))[:20])
            begin = time.monotonic()
            self.ends(answered, left_s + LATE_S)
            self.assertGreater(time.monotonic() - begin, left_s - EARLY_S)
            self.ends(halfway, LATE_S)

    def ends(self, sock, within_s):
        sock.settimeout(within_s)
        with contextlib.suppress(ConnectionError):
            self.assertEqual(sock.recv(1), b"")


if __name__ == "__main__":
    unittest.main()
