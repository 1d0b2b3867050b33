"""SIGTERM and SIGINT end the program with status 0; answers that TCP clients wait for are still given."""

import signal
import socket
import time
import unittest

import state
import wire
from harness import SystemTest

PIPELINED = 200


class Stop(SystemTest):
    """Each test serves the guide and stops."""

    def test_signals_end_it_with_status_0(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number):
                daemon = self.start_guide()
                begin = time.monotonic()
                daemon.signal(number)
                self.assertEqual(daemon.process.wait(10), 0, daemon.log)
                self.assertLess(time.monotonic() - begin, 4)

    def test_answers_in_flight_over_tcp_are_given(self):
        daemon = self.start_guide()
        question = wire.query(f"{state.NGINX}.{state.ZONE}", "A")
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as sock:
            sock.sendall(wire.tcp_frame(question) * PIPELINED)
            got = 1 if wire.tcp_read(sock) else 0
            daemon.signal(signal.SIGTERM)
            while wire.tcp_read(sock):
                got += 1
        self.assertEqual(got, PIPELINED)
        self.assertEqual(daemon.process.wait(10), 0)

    def test_answers_are_given_to_a_client_that_reads_late(self):
        """More answers than the socket buffers hold: the rest waits in the program when SIGTERM comes."""
        self.write_config()
        many = [f"192.0.2.{i}" for i in range(1, 65)]
        self.write_state(state.text(*state.CLUSTERS, state.service("nginx", {"hangzhou": many})))
        daemon = self.start()
        question = wire.tcp_frame(wire.query(f"{state.NGINX}.{state.ZONE}", "A"))
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.settimeout(5)
            sock.connect(("127.0.0.1", self.port))
            sock.sendall(question * 50)
            time.sleep(0.3)
            daemon.signal(signal.SIGTERM)
            time.sleep(0.3)
            got = 0
            while wire.tcp_read(sock):
                got += 1
        self.assertEqual(got, 50)
        self.assertEqual(daemon.process.wait(10), 0)

    def test_idle_and_half_sent_connections_do_not_hold_it_up(self):
        daemon = self.start_guide()
        with socket.create_connection(("127.0.0.1", self.port)), socket.create_connection(
            ("127.0.0.1", self.port)
        ) as half:
            half.sendall(b"\0")
            daemon.ask(state.NGINX)
            begin = time.monotonic()
            daemon.signal(signal.SIGTERM)
            self.assertEqual(daemon.process.wait(10), 0, daemon.log)
            self.assertLess(time.monotonic() - begin, 4.5)

    def test_ports_are_free_again(self):
        daemon = self.start_guide()
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(self.start().addresses(), [state.HANGZHOU, state.SHANGHAI])


if __name__ == "__main__":
    unittest.main()
