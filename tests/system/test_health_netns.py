"""Failover between hosts of their own, in network namespaces: a cable is cut, or takes its time, and the answers follow
within the time that is promised, while they are asked for all the time."""

import time
import unittest

import netns
import state
from health_bed import FALL, HEALTH, INTERVAL_S, OUT_S, TIMEOUT_S, Asker, HealthTest, Web, inside
from harness import wait_until

ONE, TWO = ("10.53.1.1", "fd53::1:1"), ("10.53.2.1", "fd53::2:1")
PORT = 8080


class CableTest(HealthTest):
    def setUp(self):
        netns.need("ip", "unshare", "nsenter")
        self.star = netns.Star()
        self.addCleanup(self.star.close)
        super().setUp()
        self.hosts = [self.star.server(*addresses) for addresses in (ONE, TWO)]
        for host, addresses in zip(self.hosts, (ONE, TWO)):
            for address in addresses:
                web = inside(host, Web, address, PORT)
                self.addCleanup(web.down)

    def start_cables(self, health=HEALTH):
        self.write_config(f"control: {self.socket}\n{health}", listen=["127.0.0.1:5353"])
        service = state.service("web", {"hangzhou": list(ONE), "beijing": list(TWO)}, ports=[f"http:{PORT}"])
        self.write_state(state.text(*state.CLUSTERS, service))
        self.port = 5353
        daemon = self.start(prefix=self.star.hub.enter)
        self.wait_states(healthy=4)
        askers = [Asker(daemon, self.NAME, rtype, self.star.hub) for rtype in ("A", "AAAA")]
        for asker, one, two in zip(askers, ONE, TWO):
            asker.wait([one, two], 0, 10)
        return askers

    def check_cut(self, askers, cut, what):
        for asker, address in zip(askers, TWO):
            took_s = asker.wait([address], cut, 15) - cut
            print(f"{what}, {asker.rtype}: {took_s * 1000:.0f} ms from the cut, {OUT_S * 1000:.0f} ms are allowed")
            self.assertLessEqual(took_s, OUT_S)

    def check_whole(self, askers):
        for asker in askers:
            asker.end()
            self.assertGreater(len(asker.seen), 100)
            self.assertEqual(asker.empty(), [])
            print(f"{asker.rtype}: {len(asker.seen)} answers, none of them empty")

    def check_cable(self, space, device, what):
        askers = self.start_cables()
        space.ip(f"link set {device} down")
        self.check_cut(askers, time.monotonic(), what)
        self.check_whole(askers)

    def test_the_cable_is_cut_at_the_far_end(self):
        self.check_cable(self.hosts[0], "hub", "cut at the server")

    def test_the_cable_is_cut_at_our_end(self):
        self.check_cable(self.star.hub, "to2", "cut at our end")

    def test_all_cables_are_cut(self):
        askers = self.start_cables()
        self.star.hub.ip("link set to2 down", "link set to3 down")
        wait_until("suspicion", lambda: self.health()["suspected"], 15)
        time.sleep(INTERVAL_S * FALL)
        for asker, one, two in zip(askers, ONE, TWO):
            self.assertEqual({answer for _when, answer in asker.seen}, {tuple(sorted((one, two)))})
        self.check_whole(askers)

    def delay(self, ms, how="replace"):
        done = self.star.hub.run("tc", "qdisc", how, "dev", "to2", "root", "netem", "delay", f"{ms}ms")
        if done.returncode != 0:
            self.skipTest(f"this kernel delays no packets: {done.stderr.strip()}")
        return time.monotonic()

    def test_the_cable_takes_its_time(self):
        netns.need("tc")
        askers = self.start_cables()
        self.delay(TIMEOUT_S * 1000 / 4)
        time.sleep(INTERVAL_S * (FALL + 1))
        self.assertEqual(self.health()["healthy"], 4)
        self.check_cut(askers, self.delay(TIMEOUT_S * 3000), "delayed")
        self.check_whole(askers)


if __name__ == "__main__":
    unittest.main()
