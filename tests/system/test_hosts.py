"""Ingresses that are host names: resolved, resolved again, and kept when their name server fails."""

import json
import time
import unittest

import state
from harness import SystemTest, wait_until
from name_server import NameServer

LB = "lb.example.net"


class Hosts(SystemTest):
    """A service behind lb.example.net in hangzhou, beside one with addresses."""

    def setUp(self):
        super().setUp()
        self.server = NameServer()
        self.addCleanup(self.server.close)
        self.server.host(LB, 1, "198.51.100.1", "2001:db8::1")
        self.write_config(f'resolver: ["{self.server.text}"]\n')
        self.write_state(self.state(LB))

    def state(self, *hosts):
        web = state.service("web", {"hangzhou": list(hosts), "beijing": ["192.0.2.1"]})
        return state.text(*state.CLUSTERS, web, state.service("plain", {"beijing": ["192.0.2.2"]}))

    def web(self, daemon, rtype="A"):
        return daemon.addresses("web.default.fed.svc", rtype)

    def wait_web(self, daemon, *addresses, rtype="A", deadline_s=15.0):
        what = f"{rtype} {addresses}"
        wait_until(what, lambda: self.web(daemon, rtype) == sorted(addresses), deadline_s, 0.02)

    def test_both_families_are_published_as_addresses(self):
        daemon = self.start()
        self.wait_web(daemon, "192.0.2.1", "198.51.100.1")
        self.wait_web(daemon, "2001:db8::1", rtype="AAAA")
        place = "web.default.fed.svc.cn-hangzhou-b.cn-hangzhou"
        reply = daemon.ask(place)
        self.assertEqual([(r.type, r.rdata, r.ttl) for r in reply.answer], [("A", "198.51.100.1", 180)])

    def test_it_is_resolved_again_by_the_smallest_ttl_on_the_way(self):
        target = "x.example.org"
        self.server.records[(LB, "A")] = [(LB, "CNAME", 300, target), (target, "A", 1, "198.51.100.9")]
        daemon = self.start()
        self.wait_web(daemon, "192.0.2.1", "198.51.100.9")
        begin = time.monotonic()
        self.server.host(LB, 600, "198.51.100.2")
        self.wait_web(daemon, "192.0.2.1", "198.51.100.2")
        print(f"a TTL of 1 s: new address after {time.monotonic() - begin:.1f} s", flush=True)
        self.wait_web(daemon, rtype="AAAA")
        asked = self.server.times_asked(LB, "A")
        time.sleep(3)
        self.assertEqual(self.server.times_asked(LB, "A"), asked, "a TTL of 600 s asks again within 3 s")

    def test_last_good_addresses_are_kept_while_lookups_fail(self):
        """One name's server says SERVFAIL, the other's nothing at all; then both come back with a new address."""
        other = "lb.example.org"
        self.server.host(other, 1, "198.51.100.5", "2001:db8::5")
        self.write_state(self.state(LB, other))
        daemon = self.start()
        good = ["192.0.2.1", "198.51.100.1", "198.51.100.5"]
        self.wait_web(daemon, *good)
        self.server.modes = {LB: "servfail", other: "silent"}
        asked = len(self.server.asked)
        wait_until("lookups of both", lambda: {(LB, "A"), (other, "A")} <= set(self.server.asked[asked:]), 20.0)
        time.sleep(1)
        self.assertEqual(self.web(daemon), good)
        self.assertEqual(self.web(daemon, "AAAA"), ["2001:db8::1", "2001:db8::5"])
        self.server.modes = {}
        self.server.host(LB, 600, "198.51.100.3")
        self.server.host(other, 600, "198.51.100.4")
        self.wait_web(daemon, "192.0.2.1", "198.51.100.3", "198.51.100.4", deadline_s=40.0)

    def test_host_that_does_not_resolve_is_left_out_with_a_warning(self):
        self.write_state(self.state("gone.example.net"))
        daemon = self.start()
        line = daemon.log_wait("gone.example.net")
        for part in ("web", "hangzhou", "default"):
            self.assertIn(part, line)
        self.assertEqual(self.web(daemon), ["192.0.2.1"])
        reply = daemon.ask("web.default.fed.svc.cn-hangzhou-b.cn-hangzhou")
        self.assertEqual([record.type for record in reply.answer], ["CNAME", "CNAME", "A"])

    def test_addresses_that_may_not_be_published_are_left_out(self):
        self.server.host(LB, 60, "0.0.0.0", "198.51.100.4", "224.0.0.1", "::")
        daemon = self.start()
        self.wait_web(daemon, "192.0.2.1", "198.51.100.4")
        self.assertEqual(self.web(daemon, "AAAA"), [])

    def test_last_good_addresses_outlive_a_restart_without_the_server(self):
        daemon = self.start()
        self.wait_web(daemon, "192.0.2.1", "198.51.100.1")
        self.assertEqual(daemon.stop(), 0)
        self.server.mode = "servfail"
        self.state_path.unlink()
        daemon = self.start()
        self.assertEqual(self.web(daemon), ["192.0.2.1", "198.51.100.1"])

    def test_host_takes_over_where_the_address_is_bad(self):
        items = [{"ip": "not-one", "hostname": LB}, {"ip": "192.0.2.7", "hostname": "no.example.net"}]
        raw = json.dumps({"items": [{"cluster": "hangzhou", "items": items}]})
        self.write_state(state.text(*state.CLUSTERS, state.service("web", raw)))
        zone = self.render().stdout
        self.assertIn("web.default.fed.svc.spacexnice.xyz. 180 IN A 198.51.100.1\n", zone)
        self.assertIn("web.default.fed.svc.spacexnice.xyz. 180 IN A 192.0.2.7\n", zone)
        self.assertEqual(self.server.times_asked("no.example.net", "A"), 0)

    def render(self):
        done = self.fedns("render", "-c", str(self.config_path))
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def test_render_asks_once_for_each_host(self):
        one, two = (state.service(name, {"hangzhou": [LB]}) for name in ("one", "two"))
        self.write_state(state.text(*state.CLUSTERS, one, two))
        zone = self.render().stdout
        for name in ("one", "two"):
            self.assertIn(f"{name}.default.fed.svc.spacexnice.xyz. 180 IN A 198.51.100.1\n", zone)
            self.assertIn(f"{name}.default.fed.svc.spacexnice.xyz. 180 IN AAAA 2001:db8::1\n", zone)
        self.assertEqual((self.server.times_asked(LB, "A"), self.server.times_asked(LB, "AAAA")), (1, 1))

    def test_render_and_check_end_within_5_s_though_the_resolver_is_silent(self):
        self.server.mode = "silent"
        self.write_state(self.state(*(f"lb{i}.example.net" for i in range(10))))
        begin = time.monotonic()
        done = self.render()
        print(f"render with a silent resolver: {time.monotonic() - begin:.1f} s", flush=True)
        self.assertLess(time.monotonic() - begin, 6.0)
        self.assertIn("plain.default.fed.svc.spacexnice.xyz. 180 IN A 192.0.2.2\n", done.stdout)
        self.assertIn("web.default.fed.svc.spacexnice.xyz. 180 IN A 192.0.2.1\n", done.stdout)

    def test_check_names_service_and_cluster_of_a_host_that_does_not_resolve(self):
        self.write_state(self.state(LB, "gone.example.net"))
        done = self.fedns("check", "-c", str(self.config_path))
        lines = [line for line in (done.stdout + done.stderr).splitlines() if "gone.example.net" in line]
        self.assertEqual(len(lines), 1, done.stdout + done.stderr)
        for part in ("state.json:", "warning:", "web", "hangzhou"):
            self.assertIn(part, lines[0])
        self.assertEqual(done.returncode, 0)

    def test_a_name_of_the_ladder_is_refused_and_one_beside_it_taken(self):
        own, beside = "web.default.fed.svc.spacexnice.xyz", "lb.spacexnice.xyz"
        self.server.host(own, 1, "198.51.100.6")
        self.server.host(beside, 1, "198.51.100.7")
        self.write_state(self.state(own, beside))
        self.assertNotIn("198.51.100.6", self.render().stdout)
        done = self.fedns("check", "-c", str(self.config_path))
        lines = [line for line in (done.stdout + done.stderr).splitlines() if "default/web" in line]
        self.assertEqual(len(lines), 1, done.stdout + done.stderr)
        for part in ("warning:", "hangzhou", own, "one of this federation's own names"):
            self.assertIn(part, lines[0])
        daemon = self.start()
        self.wait_web(daemon, "192.0.2.1", "198.51.100.7")
        self.assertIn("hangzhou", daemon.log_wait("one of this federation's own names"))
        self.assertEqual(self.server.times_asked(own, "A"), 0)


if __name__ == "__main__":
    unittest.main()
