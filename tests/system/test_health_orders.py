"""What an operator says of clusters and services stands above their probes, over a restart too; and what `explain` says
of a name."""

import json
import re
import time
import unittest

import state
from health_bed import HEALTH, Asker, HealthTest
from harness import wait_until

GLOBAL = "web.default.fed.svc.spacexnice.xyz"
ZONE = "web.default.fed.svc.cn-hangzhou-b.cn-hangzhou.spacexnice.xyz"


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
        daemon.log_wait(" error ", "orders.json", "not all drains and forces of before are in force")

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

    def test_a_force_stands_above_a_cluster_that_is_not_ready(self):
        daemon = self.start_health(HEALTH + "  offline_grace: 0s\n")
        gone = state.cluster("hangzhou", "cn-hangzhou", ["cn-hangzhou-b"], ready="False")
        self.write_state(state.text(gone, state.CLUSTERS[1], *self.services()))
        wait_until("hangzhou is withdrawn", lambda: daemon.addresses(self.NAME) == [self.TWO])
        daemon.log_wait("health: default/web: ", "1 region level climbs (not-ready)")
        self.assertRegex(self.tell("explain", GLOBAL)[1], rf"(?m)^hangzhou +{re.escape(self.ONE)} +no .* not-ready ")
        self.assertEqual(self.tell("force", "default/web", "hangzhou", "up")[0], 0)
        self.assertEqual(sorted(daemon.addresses(self.NAME)), [self.ONE, self.TWO])
        rows = self.tell("explain", GLOBAL, "-o", "json")[1]
        forced = next(row for row in rows if row["row"] == "address" and row["address"] == self.ONE)
        self.assertEqual((forced["verdict"], forced["reason"], forced["exception"]), ("in", "forced-up", None))
        self.assertEqual(self.tell("force", "default/web", "hangzhou", "auto")[0], 0)
        self.assertEqual(daemon.addresses(self.NAME), [self.TWO])

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
        daemon = self.start_health()
        wait_until("the dead address has gone", lambda: daemon.addresses(self.NAME) == [self.TWO])
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
            ("web.default.fed.svc.cn-none.spacexnice.xyz", 'there is no region "cn-none": known are cn-beijing'),
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
