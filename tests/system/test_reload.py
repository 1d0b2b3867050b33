"""SIGHUP: the configuration changes under a stream of queries, and none is lost."""

import pathlib
import signal
import socket
import threading
import time
import unittest

import state
import wire
from harness import Dig, SystemTest, free_port, wait_until


class Stream(threading.Thread):
    """Asks one question after another, each from a fresh socket, and notes what never came back."""

    def __init__(self, port, exchange=wire.udp_exchange):
        super().__init__(daemon=True)
        self.port = port
        self.exchange = exchange
        self.asked, self.lost, self.odd = 0, [], []
        self._ending = threading.Event()

    def run(self):
        while not self._ending.is_set():
            self.asked += 1
            try:
                reply = self.exchange("127.0.0.1", self.port, wire.query(f"{state.NGINX}.{state.ZONE}", "A"), 1.0)
                if reply is None or reply.rcode != "NOERROR" or not reply.answer:
                    self.odd.append(reply)
            except OSError as error:
                self.lost.append((self.asked, repr(error)))

    def end(self):
        self._ending.set()
        self.join(timeout=5)


class Reload(SystemTest):
    """Each test serves the guide and reloads."""

    def stream(self, *exchanges):
        streams = [Stream(self.port, exchange) for exchange in exchanges or [wire.udp_exchange] * 4]
        for stream in streams:
            stream.start()
        self.addCleanup(lambda: [stream.end() for stream in streams])
        wait_until("the streams", lambda: all(stream.asked > 20 for stream in streams))
        return streams

    def assert_nothing_lost(self, streams):
        for stream in streams:
            stream.end()
        asked = sum(stream.asked for stream in streams)
        print(f"{asked} queries across the reloads", flush=True)
        self.assertEqual([stream.lost for stream in streams], [[] for _ in streams], f"of {asked} queries")
        self.assertEqual([stream.odd for stream in streams], [[] for _ in streams])

    def ttl(self, daemon):
        return daemon.ask(state.NGINX).answer[0].ttl

    def test_ttl_changes_and_no_query_is_lost(self):
        daemon = self.start_guide()
        streams = self.stream(wire.udp_exchange, wire.udp_exchange, wire.tcp_exchange, wire.tcp_exchange)
        for ttl in range(60, 80):
            self.write_config(f"ttl: {ttl}\n")
            daemon.signal(signal.SIGHUP)
            wait_until(f"the TTL {ttl}", lambda ttl=ttl: self.ttl(daemon) == ttl)
        self.assert_nothing_lost(streams)

    def test_workers_change_and_no_query_is_lost(self):
        daemon = self.start_guide("workers: 1\n")
        streams = self.stream(wire.udp_exchange, wire.udp_exchange, wire.tcp_exchange, wire.tcp_exchange)
        for workers in (4, 2, 3, 1) * 4:
            since = daemon.log_size()
            self.write_config(f"workers: {workers}\nttl: {100 + workers}\n")
            daemon.signal(signal.SIGHUP)
            wait_until("the reload", lambda workers=workers: self.ttl(daemon) == 100 + workers)
            self.assertGreater(daemon.log_size(), since, "a reload says so in the log")
        self.assert_nothing_lost(streams)
        one = wait_until("the old workers' end", lambda: self.threads_settled(daemon))
        self.write_config("workers: 4\n")
        daemon.signal(signal.SIGHUP)
        wait_until("three workers more", lambda: self.threads(daemon) == one + 3)

    def threads(self, daemon):
        return len(list(pathlib.Path(f"/proc/{daemon.process.pid}/task").iterdir()))

    def threads_settled(self, daemon):
        """How many threads there are, when that stays so for a moment; else None."""
        first = self.threads(daemon)
        time.sleep(0.3)
        return first if self.threads(daemon) == first else None

    def test_listen_addresses_open_and_close(self):
        daemon = self.start_guide()
        streams = self.stream()
        other = free_port()
        first = f"127.0.0.1:{self.port}"
        self.write_config(listen=[first, f"127.0.0.1:{other}"])
        daemon.signal(signal.SIGHUP)
        wait_until("the new address", lambda: self.answers(other, tcp=True))
        self.assertTrue(self.answers(other))
        self.write_config(listen=[first])
        daemon.signal(signal.SIGHUP)
        wait_until("the end of the new address", lambda: not self.answers(other))
        wait_until("the end of its TCP socket", lambda: not self.answers(other, tcp=True))
        self.assert_nothing_lost(streams)

    def answers(self, port, tcp=False):
        exchange = wire.tcp_exchange if tcp else wire.udp_exchange
        try:
            return exchange("127.0.0.1", port, wire.query(f"{state.NGINX}.{state.ZONE}", "A"), 0.5) is not None
        except OSError:
            return False

    def refused(self, daemon, *parts):
        since = daemon.log_size()
        daemon.signal(signal.SIGHUP)
        line = daemon.log_wait(*parts, since=since)
        self.assertEqual(self.ttl(daemon), 180)
        self.assertEqual(daemon.addresses(), [state.HANGZHOU, state.SHANGHAI])
        return line

    def test_bad_configuration_is_refused_with_its_line_and_the_old_one_stays(self):
        daemon = self.start_guide()
        self.write_config("ttl: 60\nfalback: cname\n")
        line = len(self.config_path.read_text().splitlines())
        self.refused(daemon, "fedns.yaml", f":{line}", "falback")
        self.write_config("ttl: [60\n")
        self.refused(daemon, "fedns.yaml")
        self.config_path.unlink()
        self.refused(daemon, "fedns.yaml")
        self.write_config("ttl: 61\n")
        daemon.signal(signal.SIGHUP)
        wait_until("the mended configuration", lambda: self.ttl(daemon) == 61)

    def test_address_that_cannot_be_bound_is_refused_and_the_old_configuration_stays(self):
        daemon = self.start_guide()
        self.write_config("ttl: 60\n", listen=self.listens() + [f"192.0.2.1:{free_port()}"])
        self.refused(daemon, "192.0.2.1")
        self.write_config("ttl: 61\n")
        daemon.signal(signal.SIGHUP)
        wait_until("the mended configuration", lambda: self.ttl(daemon) == 61)

    def test_other_state_file_is_read_and_watched(self):
        daemon = self.start_guide()
        other = self.folder / "other.json"
        other.write_text(state.guide("198.51.100.1"))
        self.write_config(source="other.json")
        daemon.signal(signal.SIGHUP)
        wait_until("the other file", lambda: "198.51.100.1" in daemon.addresses())
        other.write_text(state.guide("198.51.100.2"))
        wait_until("its change", lambda: "198.51.100.2" in daemon.addresses())

    def test_fallback_suffix_and_topology_change(self):
        daemon = self.start_guide()
        self.write_config("fallback: flatten\ntopology:\n  shanghai: {region: cn-shanghai, zones: [cn-shanghai-b]}\n")
        daemon.signal(signal.SIGHUP)
        wait_until("the new place", lambda: daemon.addresses(f"{state.NGINX}.cn-shanghai-b.cn-shanghai"))
        self.assertEqual(daemon.addresses(f"{state.NGINX}.cn-beijing"), [state.HANGZHOU, state.SHANGHAI])
        self.assertEqual(Dig(self.port, f"{state.NGINX}.cn-beijing.spacexnice.xyz", "CNAME").answer, [])

    def test_open_connection_lives_across_a_reload(self):
        daemon = self.start_guide()
        with socket.create_connection(("127.0.0.1", self.port), timeout=3) as sock:
            question = wire.tcp_frame(wire.query(f"{state.NGINX}.{state.ZONE}", "A"))
            sock.sendall(question)
            self.assertEqual(wire.tcp_read(sock).rcode, "NOERROR")
            self.write_config("ttl: 60\n")
            daemon.signal(signal.SIGHUP)
            wait_until("the TTL", lambda: self.ttl(daemon) == 60)
            sock.sendall(question)
            reply = wire.tcp_read(sock)
            self.assertIsNotNone(reply, "the connection was closed by a reload that kept listeners and workers")
            self.assertEqual(reply.answer[0].ttl, 60)


if __name__ == "__main__":
    unittest.main()
