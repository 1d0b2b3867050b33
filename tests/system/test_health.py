"""Health by real servers on loopback: what stops serving goes within the time that is promised, and comes back; what an
operator says stands above it, over a restart too; and no answer is ever empty by mistake."""

import json
import re
import time
import unittest

from health_bed import FALL, HEALTH, INTERVAL_S, OUT_S, RISE, Asker, HealthTest, Web
from harness import free_port, wait_until
import state

GLOBAL = "web.default.fed.svc.spacexnice.xyz"
ZONE = "web.default.fed.svc.cn-hangzhou-b.cn-hangzhou.spacexnice.xyz"
IN_S = INTERVAL_S * RISE + 0.1


class FailoverTest(HealthTest):
    def cut(self, asker, cut, what):
        took_s = asker.wait([self.TWO], cut, 15) - cut
        print(f"{what}: {took_s * 1000:.0f} ms from the cut to the changed answer, {OUT_S * 1000:.0f} ms are allowed")
        self.assertLessEqual(took_s, OUT_S)

    def test_a_dead_address_goes_within_the_promised_time_and_comes_back(self):
        self.serve(self.ONE, self.TWO)
        daemon = self.start_health()
        self.wait_states(healthy=2)
        asker = Asker(daemon, self.NAME)
        self.cut(asker, self.webs[self.ONE].down(), "tcp, refused")
        daemon.log_wait(
            f"health: {self.ONE}:{self.web_port} tcp failing -> unhealthy (probe-bad: connection refused): 1 service"
        )
        up = self.webs[self.ONE].up()
        back_s = asker.wait([self.ONE, self.TWO], up, 15) - up
        print(f"tcp: {back_s * 1000:.0f} ms until it is back")
        self.assertLessEqual(back_s, IN_S + 0.1)
        asker.end()
        self.assertEqual(asker.empty(), [])
        daemon.log_wait(f"health: {self.ONE}:{self.web_port} tcp recovering -> healthy (probe-good): 1 service")

    def test_http_by_status_and_by_a_text(self):
        self.serve(self.ONE, self.TWO)
        http = HEALTH.replace("probe: tcp", "probe: http\n  path: /healthz\n  contains: well") + "  expect: [200, 299]\n"
        for web in self.webs.values():
            web.body = "all is well"
        daemon = self.start_health(http)
        self.wait_states(healthy=2)
        self.assertEqual(self.webs[self.ONE].requests[0], ("/healthz", GLOBAL))
        asker = Asker(daemon, self.NAME)
        cut, self.webs[self.ONE].status = time.monotonic(), 503
        self.cut(asker, cut, "http, status 503")
        daemon.log_wait("unhealthy (probe-bad: HTTP 503")
        up, self.webs[self.ONE].status = time.monotonic(), 200
        asker.wait([self.ONE, self.TWO], up, 15)
        cut, self.webs[self.ONE].body = time.monotonic(), "all is ill"
        self.cut(asker, cut, "http, another text")
        asker.end()
        self.assertEqual(asker.empty(), [])

    def test_a_first_bad_result_counts_at_once(self):
        self.serve(self.TWO)
        daemon = self.start_health()
        begun = time.monotonic()
        wait_until("the dead address has gone", lambda: daemon.addresses(self.NAME) == [self.TWO], 5)
        self.assertLess(time.monotonic() - begun, INTERVAL_S * FALL)

    def test_the_level_follows_and_its_ttl_is_short_while_it_moves(self):
        self.serve(self.ONE, self.TWO)
        daemon = self.start_health(HEALTH + "  ttl_min: 7\n")
        self.wait_states(healthy=2)
        self.assertEqual(daemon.ask(self.NAME).answer[0].ttl, 180)
        self.webs[self.ONE].down()
        self.wait_states(failing=1)
        self.assertEqual(daemon.ask(self.NAME).answer[0].ttl, 7)
        self.wait_states(unhealthy=1)
        answer = daemon.ask("web.default.fed.svc.cn-hangzhou-b.cn-hangzhou")
        self.assertEqual(answer.rdatas("A"), [self.TWO])

    def test_our_own_network_is_suspected_rather_than_everybody(self):
        self.serve(self.ONE, self.TWO)
        daemon = self.start_health()
        self.wait_states(healthy=2)
        asker = Asker(daemon, self.NAME)
        for web in self.webs.values():
            web.down()
        line = daemon.log_wait("health: no probe is answered: our own network is suspected", deadline_s=15)
        self.assertIn(" error ", line)
        status, row = self.tell("status", "-o", "json")
        self.assertEqual((status, row["health"]["suspected"]), (1, True))
        self.assertIn("our own network is suspected", self.tell("status")[1])
        up = self.webs[self.TWO].up()
        asker.wait([self.TWO], up, 15)
        daemon.log_wait("probes are answered again")
        asker.end()
        self.assertEqual({answer for _when, answer in asker.seen}, {(self.ONE, self.TWO), (self.TWO,)})

    def test_self_checks_alone_say_that_our_network_works(self):
        self.serve(self.ONE, self.TWO)
        check = Web("127.0.11.9", free_port())
        self.addCleanup(check.down)
        daemon = self.start_health(HEALTH + f'  self_check: ["tcp:{check.address}:{check.port}"]\n  all_down: all\n')
        self.wait_states(healthy=2)
        for web in self.webs.values():
            web.down()
        self.wait_states(unhealthy=2)
        rows = self.tell("explain", GLOBAL, "-o", "json")[1]
        self.assertEqual({row["exception"] for row in rows if row["row"] == "address"}, {"all-down"})
        self.assertEqual(sorted(daemon.addresses(self.NAME)), [self.ONE, self.TWO])
        self.assertFalse(self.health()["suspected"])

    def test_all_down_may_be_empty(self):
        self.serve(self.ONE, self.TWO)
        check = Web("127.0.11.9", free_port())
        self.addCleanup(check.down)
        daemon = self.start_health(HEALTH + f'  self_check: ["tcp:{check.address}:{check.port}"]\n  all_down: empty\n')
        self.wait_states(healthy=2)
        for web in self.webs.values():
            web.down()
        wait_until("no address", lambda: daemon.addresses(self.NAME) == [], 15)
        self.assertIn("no address (NODATA), 2 listed", self.tell("explain", GLOBAL)[1])

    def test_a_mass_withdrawal_waits_for_an_approval(self):
        self.serve(self.ONE, self.TWO)
        daemon = self.start_health(HEALTH.replace("100%", "40%"))
        self.wait_states(healthy=2)
        self.webs[self.ONE].down()
        line = daemon.log_wait("is unhealthy and answered on (held)", deadline_s=15)
        self.assertIn(" error ", line)
        self.assertEqual(sorted(daemon.addresses(self.NAME)), [self.ONE, self.TWO])
        status, row = self.tell("status", "-o", "json")
        self.assertEqual((status, row["health"]["held"]), (1, 1))
        self.assertIn("out by `fedns approve`", self.tell("explain", GLOBAL)[1])
        self.assertEqual(self.tell("approve"), (0, "approved: 1 unhealthy address goes\n"))
        wait_until("the dead address has gone", lambda: daemon.addresses(self.NAME) == [self.TWO])
        self.assertEqual(self.tell("status")[0], 0)

    def test_a_reload_brings_another_policy(self):
        self.serve(self.ONE)
        daemon = self.start_health(HEALTH.replace("probe: tcp", "probe: none"))
        self.assertIsNone(self.health())
        self.assertEqual(len(daemon.addresses(self.NAME)), 2)
        self.write_config(f"control: {self.socket}\n{HEALTH}")
        self.assertEqual(self.tell("reload")[0], 0)
        wait_until("the dead address has gone", lambda: daemon.addresses(self.NAME) == [self.ONE])
        self.write_config(f"control: {self.socket}\n{HEALTH.replace('probe: tcp', 'probe: none')}")
        self.assertEqual(self.tell("reload")[0], 0)
        self.assertEqual(len(daemon.addresses(self.NAME)), 2)
        self.assertIsNone(self.health())

    def test_a_service_says_itself_how_it_is_probed(self):
        self.serve(self.ONE)
        services = self.services()
        services[0]["metadata"]["annotations"]["fedns.io/probe"] = f"http:{self.web_port}/own"
        daemon = self.start_health(HEALTH.replace("probe: tcp", "probe: none"), services)
        wait_until("the dead address has gone", lambda: daemon.addresses(self.NAME) == [self.ONE])
        self.assertEqual(self.webs[self.ONE].requests[0][0], "/own")


class OrdersTest(HealthTest):
    def setUp(self):
        super().setUp()
        self.serve(self.ONE, self.TWO)

    def test_a_drain_says_when_it_is_safe_to_stop(self):
        daemon = self.start_health()
        self.wait_states(healthy=2)
        asker = Asker(daemon, self.NAME)
        before = time.time()
        status, row = self.tell("drain", "hangzhou", "-o", "json")
        stop = row["stop"]
        self.assertEqual((status, row["done"], row["kept"], stop["safe"]), (0, "drained", True, True))
        self.assertEqual((stop["ttl"], stop["services"], stop["left"]), (180, 1, 0))
        self.assertTrue(before + 180 <= stop["at_s"] <= time.time() + 182, stop)
        self.assertEqual(daemon.addresses(self.NAME), [self.TWO])
        status, text = self.tell("drain", "hangzhou")
        self.assertRegex(text, r"cluster hangzhou is drained, as before\nsafe to stop: [-0-9]+ [:0-9]+ \S+, in \d+ s,")
        self.assertIn("Ready,Drained", self.tell("clusters")[1])
        self.assertIn("until `fedns undrain hangzhou`", self.tell("explain", ZONE)[1])
        self.assertEqual(self.tell("undrain", "hangzhou"), (0, "cluster hangzhou is undrained\n"))
        self.assertEqual(sorted(daemon.addresses(self.NAME)), [self.ONE, self.TWO])
        self.assertEqual(self.tell("undrain", "hangzhou"), (1, "fedns: hangzhou is not drained\n"))
        asker.end()
        self.assertEqual(asker.empty(), [])

    def test_a_drain_of_the_last_one_is_not_safe(self):
        daemon = self.start_health(services=[state.service("web", {"hangzhou": [self.ONE]}, ports=["http:80"])])
        status, text = self.tell("drain", "hangzhou")
        self.assertEqual(status, 1)
        self.assertIn("NOT safe to stop: 1 service still answers with it", text)
        self.assertEqual(daemon.addresses(self.NAME), [self.ONE])

    def test_a_drain_survives_a_restart(self):
        daemon = self.start_health()
        self.tell("drain", "hangzhou", "--service", "default/web")
        kept = json.loads((self.folder / "kept" / "orders.json").read_text())
        self.assertEqual([order["cluster"] for order in kept["orders"]], ["hangzhou"])
        self.end(daemon)
        daemon = self.start()
        self.assertEqual(daemon.addresses(self.NAME), [self.TWO])
        daemon.log_wait("1 drain or force of before is in force")
        self.assertEqual(self.tell("undrain", "hangzhou", "--service", "default/web")[0], 0)
        self.end(daemon)
        daemon = self.start()
        self.assertEqual(len(daemon.addresses(self.NAME)), 2)

    def test_a_drain_of_what_is_not_there_yet_is_kept(self):
        daemon = self.start_health()
        self.tell("drain", "hangzhou", "--service", "default/web")
        self.end(daemon)
        self.write_state(state.text(*state.CLUSTERS))
        daemon = self.start()
        self.write_state(state.text(*state.CLUSTERS, *self.services()))
        wait_until("the service is back", lambda: daemon.addresses(self.NAME) == [self.TWO])

    def test_broken_orders_do_not_keep_it_from_answering(self):
        (self.folder / "kept").mkdir()
        (self.folder / "kept" / "orders.json").write_text('{"orders": [')
        daemon = self.start_health()
        self.assertEqual(len(daemon.addresses(self.NAME)), 2)
        daemon.log_wait(" error ", "orders.json", "drains and forces of before are not in force")

    def test_forces_stand_above_probes(self):
        daemon = self.start_health()
        self.wait_states(healthy=2)
        self.assertEqual(self.tell("force", "default/web", "hangzhou", "down")[0], 0)
        self.assertEqual(daemon.addresses(self.NAME), [self.TWO])
        self.assertIn("forced-down", self.tell("explain", GLOBAL)[1])
        self.webs[self.TWO].down()
        self.assertEqual(self.tell("force", "default/web", "hangzhou", "up")[0], 0)
        self.wait_states(unhealthy=1)
        self.assertEqual(daemon.addresses(self.NAME), [self.ONE])
        self.assertEqual(
            self.tell("force", "default/web", "hangzhou", "auto"),
            (0, "default/web in hangzhou is judged by its probes again\n"),
        )
        self.assertEqual(self.tell("force", "default/web", "hangzhou", "auto")[0], 1)

    def test_what_is_refused(self):
        self.start_health()
        for arguments, status, sentence in (
            (("drain",), 2, "give the name of a cluster"),
            (("drain", "nowhere"), 1, "there is no cluster nowhere"),
            (("drain", "hangzhou", "--service", "web"), 2, "give it as NAMESPACE/NAME"),
            (("drain", "hangzhou", "--service", "default/none"), 1, "there is no service default/none"),
            (("force", "default/web", "hangzhou"), 2, "up, down or auto"),
            (("force", "default/web", "hangzhou", "sideways"), 2, '"sideways": give up, down or auto'),
            (("undrain", "hangzhou"), 1, "hangzhou is not drained"),
        ):
            with self.subTest(arguments):
                told = self.tell(*arguments)
                self.assertEqual(told[0], status, told)
                self.assertIn(sentence, told[1])
        self.assertFalse((self.folder / "kept" / "orders.json").exists())


class ExplainTest(HealthTest):
    def test_levels_clusters_signals_and_what_comes_next(self):
        self.serve(self.TWO)
        self.start_health()
        self.wait_states(unhealthy=1, healthy=1)
        status, rows = self.tell("explain", ZONE, "-o", "json")
        self.assertEqual(status, 0)
        levels = [(row["level"], row["answer"]) for row in rows if row["row"] == "level"]
        self.assertEqual(levels, [("zone", "cname"), ("region", "cname"), ("global", "addresses")])
        dead = next(row for row in rows if row["row"] == "address" and row["address"] == self.ONE)
        self.assertEqual((dead["answered"], dead["verdict"], dead["state"]), (False, "out", "unhealthy"))
        self.assertEqual((dead["reason"], dead["probe"]["why"]), ("probe-bad", "connection refused"))
        self.assertEqual((dead["source"]["ready"], dead["order"]), ("true", None))
        self.assertRegex(dead["next"], r"^in after 2 good$")
        text = self.tell("explain", ZONE)[1]
        self.assertRegex(text, rf"(?m)^hangzhou +{re.escape(self.ONE)} +no +unhealthy +probe-bad +tcp:{self.web_port} ")

    def test_names_that_stand_for_no_service(self):
        self.start_health()
        for name, sentence in (
            ("none.default.fed.svc.spacexnice.xyz", "there is no service default/none"),
            ("web.default.fed.svc.cn-none.spacexnice.xyz", 'there is no region "cn-none": known are cn-beijing, cn-hang'),
            ("web.default.fed.svc.z.cn-hangzhou.spacexnice.xyz", 'no zone "z" in region "cn-hangzhou": known are cn-h'),
            ("web.default.feed.svc.spacexnice.xyz", 'the federation is "fed", not "feed"'),
            ("spacexnice.xyz", "it is the zone itself"),
            ("example.org", "it is not in the zone spacexnice.xyz."),
            ("default.fed.svc.spacexnice.xyz", "it stands above the services"),
            ("a.web.default.fed.svc.spacexnice.xyz", "nothing stands below a service's name"),
        ):
            with self.subTest(name):
                status, text = self.tell("explain", name)
                self.assertEqual(status, 1)
                self.assertIn(sentence, text)


if __name__ == "__main__":
    unittest.main()
