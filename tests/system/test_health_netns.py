"""Failover between hosts of their own, in network namespaces, that are probed by TCP, HTTP and HTTPS: a cable is cut, or
takes its time, and the answers follow within the time that is promised, while they are asked for all the time."""

import socket
import ssl
import subprocess
import time
import unittest

import netns
import state
from health_bed import FALL, HEALTH, INTERVAL_S, OUT_S, TIMEOUT_S, Asker, HealthTest, Web
from harness import wait_until
from netns import inside

ONE, TWO = ("10.53.1.1", "fd53::1:1"), ("10.53.2.1", "fd53::2:1")
KINDS = {"tcp": 8080, "http": 8081, "https": 8443}
# A handshake of TCP, one of TLS, a request: three times there and back.
SLOW_S = TIMEOUT_S / 16
TARGETS = len(KINDS) * (len(ONE) + len(TWO))


class CableTest(HealthTest):
    def setUp(self):
        netns.need("ip", "unshare", "nsenter", "openssl")
        self.star = netns.Star()
        self.addCleanup(self.star.close)
        super().setUp()
        subprocess.run(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=testca"
            " -keyout key.pem -out certificate.pem".split(),
            cwd=self.folder, capture_output=True, check=True,
        )  # fmt: skip
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.folder / "certificate.pem", self.folder / "key.pem")
        self.askers = []

    def serve_in(self, host, addresses):
        for address in addresses:
            for kind, port in KINDS.items():
                web = inside(host, Web, address, port, self.context if kind == "https" else None)
                self.addCleanup(web.down)

    @staticmethod
    def service(kind):
        service = state.service(kind, {"hangzhou": list(ONE), "beijing": list(TWO)}, ports=[f"web:{KINDS[kind]}"])
        service["metadata"]["annotations"]["fedns.io/probe"] = f"{kind}:{KINDS[kind]}"
        return service

    def start_cables(self, first=None):
        """One service for each kind of probe, on both hosts; `first` is the one of ONE."""
        self.hosts = [first or self.star.server(*ONE), self.star.server(*TWO)]
        for host, addresses in zip(self.hosts, (ONE, TWO)):
            self.serve_in(host, addresses)
        self.write_config(f"control: {self.socket}\n{HEALTH}  verify: false\n", listen=["127.0.0.1:5353"])
        self.write_state(state.text(*state.CLUSTERS, *(self.service(kind) for kind in KINDS)))
        self.port = 5353
        daemon = self.start(prefix=self.star.hub.enter)
        self.wait_states(healthy=TARGETS)
        for kind in KINDS:
            for rtype in ("A", "AAAA"):
                asker = Asker(daemon, f"{kind}.default.fed.svc", rtype, self.star.hub, step_s=0.02)
                self.addCleanup(asker.end)
                self.askers.append((kind, asker))
        for _kind, asker in self.askers:
            asker.wait(self.pair(asker), 0, 10)

    @staticmethod
    def pair(asker):
        return [addresses[asker.rtype == "AAAA"] for addresses in (ONE, TWO)]

    def check_cut(self, cut, what):
        took = {}
        for kind, asker in self.askers:
            took[kind, asker.rtype] = asker.wait(self.pair(asker)[1:], cut, 15) - cut
        for (kind, rtype), took_s in took.items():
            print(f"{what}, {kind}, {rtype}: {took_s * 1000:.0f} ms to the answer, {OUT_S * 1000:.0f} ms are allowed")
        self.assertLessEqual(max(took.values()), OUT_S)

    def check_whole(self):
        for _kind, asker in self.askers:
            asker.end()
            self.assertGreater(len(asker.seen), 50)
            self.assertEqual(asker.empty(), [])
        print(f"{sum(len(asker.seen) for _kind, asker in self.askers)} answers, none of them empty")

    def test_the_cable_is_cut_at_the_far_end(self):
        self.start_cables()
        self.hosts[0].ip("link set hub down")
        self.check_cut(time.monotonic(), "cut at the server")
        self.check_whole()

    def test_the_cable_is_cut_at_our_end(self):
        self.start_cables()
        self.star.hub.ip("link set to2 down")
        self.check_cut(time.monotonic(), "cut at our end")
        self.check_whole()

    def test_all_cables_are_cut(self):
        self.start_cables()
        self.star.hub.ip("link set to2 down", "link set to3 down")
        wait_until("suspicion", lambda: self.health()["suspected"], 15)
        time.sleep(INTERVAL_S * FALL)
        for _kind, asker in self.askers:
            self.assertEqual({answer for _when, answer in asker.seen}, {tuple(sorted(self.pair(asker)))})
        self.check_whole()

    def test_the_cable_takes_its_time(self):
        """A little of it changes nothing; so much that nothing comes in time is as good as a cut."""
        host, cable = self.star.slow_server(*ONE)
        cable.delay_s = SLOW_S
        self.start_cables(host)
        time.sleep(INTERVAL_S * (FALL + 1))
        self.assertEqual(self.health()["healthy"], TARGETS)
        asked = time.monotonic()
        inside(self.star.hub, socket.create_connection, (ONE[0], KINDS["tcp"])).close()
        self.assertGreaterEqual(time.monotonic() - asked, 2 * SLOW_S)
        cut, cable.delay_s = time.monotonic(), TIMEOUT_S
        self.check_cut(cut, f"delayed by {TIMEOUT_S * 1000:.0f} ms each way")
        self.assertGreater(cable.carried, 100)
        back, cable.delay_s = time.monotonic(), 0.0
        for _kind, asker in self.askers:
            asker.wait(self.pair(asker), back, 15)
        self.check_whole()


if __name__ == "__main__":
    unittest.main()
