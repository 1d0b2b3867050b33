"""Real API servers that are out of reach, stuck, dead or forgetful: addresses stay, and what changed meanwhile arrives."""

import unittest

import kube
import wire
from harness import wait_until
from live_clusters import BEIJING_A, GLOBAL, HANGZHOU, LiveTest, kubeconfig_text
from relay import Relay

ONE, TWO, THREE, OTHER = "192.0.2.1", "192.0.2.2", "192.0.2.3", "198.51.100.1"
NOT_READY = kube.endpoint("10.1.0.1", ready=False)
STALE_ANSWER = b"\0\3"  # RFC 8914
BACK_S = 30.0  # back-off doubles from a second on
SHORT_S = 12.0


class Lost(LiveTest):
    """hangzhou is reached by way of a relay, which can be cut while its own kubectl works."""

    def relay(self, server):
        relay = Relay(server.port)
        self.addCleanup(relay.close)
        return relay, self.member(server, kubeconfig_text(server, relay.port))

    def status_becomes(self, name, status, within_s=SHORT_S):
        wait_until(f"{name} {status}", lambda: self.clusters()[name][0] == status, within_s, 0.05)

    def is_stale(self):
        return self.daemon.ask(GLOBAL("web.lost")).options.get(wire.ERROR, b"")[:2] == STALE_ANSWER

    def records(self):
        """All but the SOA, whose serial grows."""
        return sorted(line for line in self.ask_control("records").splitlines() if " SOA " not in line)

    def fill(self, space):
        self.namespace(space)
        for name in ("web", "moved", "gone", "sick"):
            self.serve(self.hangzhou, space, name, ONE)
            self.serve(self.beijing, space, name, OTHER)

    def change(self, space):
        """What happens in hangzhou while fedns can't see it."""
        self.hangzhou.apply(kube.service("moved", [TWO], space))
        self.hangzhou.kubectl("delete", "service", "gone", "-n", space)
        self.set_endpoints(self.hangzhou, "sick-a", NOT_READY, space=space)
        self.serve(self.hangzhou, space, "new", THREE)

    def unchanged(self, space):
        for name in ("web", "moved", "gone", "sick"):
            self.stays(GLOBAL(f"{name}.{space}"), ONE, OTHER, for_s=0.1)
        self.assertEqual(self.daemon.ask(GLOBAL(f"new.{space}")).rcode, "NXDOMAIN")

    def changed(self, space, within_s=BACK_S):
        self.expect(GLOBAL(f"moved.{space}"), TWO, OTHER, within_s=within_s)
        # slices are a watch of their own, with a back-off of its own
        self.expect(GLOBAL(f"sick.{space}"), OTHER, within_s=within_s)
        self.expect(GLOBAL(f"new.{space}"), THREE)
        self.expect(GLOBAL(f"gone.{space}"), OTHER)
        self.expect(GLOBAL(f"web.{space}"), ONE, OTHER)

    def test_a_way_that_is_cut(self):
        self.fill("cut")
        relay, hangzhou = self.relay(self.hangzhou)
        self.start_live(hangzhou, self.member(self.beijing), namespaces=["cut"])
        self.expect(GLOBAL("web.cut"), ONE, OTHER)
        self.assertEqual(self.clusters()["hangzhou"], ["Ready", "cn-hangzhou", "cn-hangzhou-b,cn-hangzhou-g", "4", "yes"])
        relay.cut()
        self.status_becomes("hangzhou", "Unseen")
        self.assertEqual(self.clusters()["hangzhou"][1:], ["cn-hangzhou", "cn-hangzhou-b,cn-hangzhou-g", "4", "no"])
        self.assertIn("warn", self.daemon.log_wait("cluster hangzhou", "out of sight"))
        self.change("cut")
        self.hangzhou.compact()
        self.unchanged("cut")
        # the other one goes on meanwhile
        self.beijing.apply(kube.service("web", ["198.51.100.9"], "cut"))
        self.follows(GLOBAL("web.cut"), ONE, "198.51.100.9")
        self.beijing.apply(kube.service("web", [OTHER], "cut"))
        self.follows(GLOBAL("web.cut"), ONE, OTHER)
        self.assertEqual(self.daemon.ask(GLOBAL("web.cut")).options.get(wire.ERROR), None)
        relay.open()
        self.changed("cut")
        self.status_becomes("hangzhou", "Ready")
        # a way on which nothing passes for a while
        relay.freeze()
        self.hangzhou.apply(kube.service("moved", [THREE], "cut"))
        self.stays(GLOBAL("moved.cut"), TWO, OTHER, for_s=0.5)
        relay.open()
        self.expect(GLOBAL("moved.cut"), THREE, OTHER)
        self.tell_times()

    def test_a_server_that_is_stopped_killed_and_forgets(self):
        self.fill("dead")
        relay, hangzhou = self.relay(self.hangzhou)
        self.start_live(hangzhou, self.member(self.beijing))
        self.expect(GLOBAL("web.dead"), ONE, OTHER)
        # stuck
        self.hangzhou.pause()
        self.stays(GLOBAL("web.dead"), ONE, OTHER, for_s=3)
        self.hangzhou.resume()
        self.hangzhou.apply(kube.service("web", [THREE], "dead"))
        self.follows(GLOBAL("web.dead"), THREE, OTHER)
        self.hangzhou.apply(kube.service("web", [ONE], "dead"))
        self.follows(GLOBAL("web.dead"), ONE, OTHER)
        # dead; what changes before fedns is back, which is kept away by the relay, arrives
        self.hangzhou.kill()
        self.status_becomes("hangzhou", "Unseen")
        self.unchanged("dead")
        relay.cut()
        self.hangzhou.start()
        self.change("dead")
        self.hangzhou.compact()
        # its caches begin now, behind what fedns has seen: 410
        self.hangzhou.restart()
        self.unchanged("dead")
        relay.open()
        self.changed("dead")
        self.status_becomes("hangzhou", "Ready")
        # an orderly end, and a start
        self.hangzhou.stop()
        self.status_becomes("hangzhou", "Unseen")
        self.expect(GLOBAL("moved.dead"), TWO, OTHER)
        self.hangzhou.start()
        self.hangzhou.apply(kube.service("moved", [ONE], "dead"))
        self.expect(GLOBAL("moved.dead"), ONE, OTHER, within_s=BACK_S)
        self.tell_times()

    def test_a_start_without_any_of_them(self):
        self.fill("lost")
        ways = [self.relay(server) for server in self.servers]
        self.start_live(*(member for _relay, member in ways))
        self.expect(GLOBAL("web.lost"), ONE, OTHER)
        wait_until("a last-known-good state", (self.folder / "kept" / "last-known-good.json").exists)
        self.set_endpoints(self.hangzhou, "sick-a", NOT_READY, space="lost")
        self.expect(GLOBAL("sick.lost"), OTHER)
        self.assertFalse(self.is_stale())
        before = self.records()
        for relay, _member in ways:
            relay.cut()
        wait_until("stale", self.is_stale)
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon = self.start()
        # what it served last, and not what it served first
        self.expect(GLOBAL("sick.lost"), OTHER, within_s=1)
        self.assertTrue(self.is_stale())
        self.stays(GLOBAL("web.lost"), ONE, OTHER)
        self.expect(HANGZHOU("web.lost"), ONE)
        self.assertEqual(self.kinds(HANGZHOU("sick.lost")), ["CNAME", "A"])
        self.assertEqual(self.records(), before)
        table = self.clusters()
        self.assertEqual([table[name][0] for name in self.NAMES], ["Unseen", "Unseen"])
        wait_until("a reason", lambda: "127.0.0.1 port" in self.fedns("status", "-s", str(self.control)).stdout)
        self.assertEqual(self.fedns("status", "-s", str(self.control)).returncode, 1)
        self.change("lost")
        for relay, _member in ways:
            relay.open()
        self.changed("lost")
        for name in self.NAMES:
            self.status_becomes(name, "Ready")
        self.assertFalse(self.is_stale())
        self.assertEqual(self.fedns("status", "-s", str(self.control)).returncode, 0)


class Members(LiveTest):
    """Who is watched, as an operator says."""

    def test_join_and_unjoin(self):
        self.namespace("joined")
        self.serve(self.hangzhou, "joined", "web", ONE)
        self.serve(self.beijing, "joined", "web", OTHER)
        self.start_live(self.member(self.hangzhou))
        self.expect(GLOBAL("web.joined"), ONE)
        self.expect_nothing(BEIJING_A("web.joined"))
        join = ["join", "beijing", "--kubeconfig", str(self.beijing.kubeconfig()), "--context", "beijing"]
        self.ask_control(*join)
        self.expect(BEIJING_A("web.joined"), OTHER)
        self.expect(GLOBAL("web.joined"), ONE, OTHER)
        self.assertEqual(sorted(self.clusters()), ["beijing", "hangzhou"])
        self.ask_control(*join, status=3)  # it is there
        # it is remembered
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon = self.start()
        self.expect(GLOBAL("web.joined"), ONE, OTHER)
        self.ask_control("unjoin", "hangzhou")
        self.expect(GLOBAL("web.joined"), OTHER, within_s=1)
        self.expect_nothing(HANGZHOU("web.joined"), within_s=1)
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon = self.start()
        self.expect(GLOBAL("web.joined"), OTHER)
        self.assertEqual(list(self.clusters()), ["beijing"])

    def test_much_at_once_waits_for_an_approval(self):
        self.namespace("much")
        names = [f"web-{i}" for i in range(6)]
        for name in names:
            self.hangzhou.apply(
                kube.service(name, [ONE, TWO, THREE], "much"),
                kube.endpoint_slice(name, name, [kube.endpoint("10.1.0.1")], "much"),
            )
            self.serve(self.beijing, "much", name, OTHER)
        self.start_live(max_withdraw="50%", namespaces=["much"])
        self.expect(GLOBAL("web-0.much"), ONE, TWO, THREE, OTHER)
        self.hangzhou.kubectl("delete", "endpointslices", "--all", "-n", "much")
        self.daemon.log_wait("error", "held back")
        lost = [name for name in names if self.daemon.addresses(GLOBAL(f"{name}.much")) == [OTHER]]
        self.assertLessEqual(len(lost), 4, "more than half of 24 addresses went")
        self.assertEqual(self.daemon.addresses(GLOBAL("web-5.much")).count(OTHER), 1)
        self.ask_control("approve")
        for name in names:
            self.expect(GLOBAL(f"{name}.much"), OTHER)
        # what an owner deletes is never held back
        self.hangzhou.kubectl("delete", "services", "--all", "-n", "much")
        self.beijing.kubectl("delete", "services", "--all", "-n", "much")
        for name in names:
            self.expect_nothing(GLOBAL(f"{name}.much"))


if __name__ == "__main__":
    unittest.main()
