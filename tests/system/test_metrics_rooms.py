#!/usr/bin/env python3
"""`/metrics` of health, of API servers and of a push: each moves by what happens there, and a reload loses nothing."""

import fcntl
import unittest

import state
from alidns import faults
from harness import wait_until
from health_bed import HEALTH, HealthTest
from live import LiveTest
from metrics_bed import Metrics
from push_bed import PushTest, guide, guide_wanted

A, B = "192.0.2.1", "192.0.2.2"
PROBES, HEALTHY = "fedns_probe_results_total", "fedns_address_healthy"
CALLS, CHANGES = "fedns_provider_calls_total", "fedns_provider_changes_total"


class Health(Metrics, HealthTest):
    def test_probes_addresses_and_failovers(self):
        self.serve(self.ONE, self.TWO)
        self.start_health(self.admin_make() + HEALTH)
        one = {"cluster": "hangzhou", "service": "default/web", "address": self.ONE}
        self.wait_metric(HEALTHY, 2)
        self.assertEqual(self.scrape()(HEALTHY, **one), 1)
        self.wait_metric(PROBES, lambda count: count >= 1, cluster="hangzhou", result="good")
        self.assertEqual(self.scrape()(PROBES, cluster="hangzhou", result="bad"), 0)
        before = self.scrape()
        self.webs[self.ONE].down()
        self.wait_metric(HEALTHY, 0, **one)
        self.wait_metric("fedns_failovers_total", 1, level="region")
        scrape = self.scrape()
        self.assertEqual(scrape("fedns_failovers_total", level="zone"), 1)
        self.assertEqual((scrape("fedns_failovers_total", level="global"), scrape("fedns_failbacks_total")), (0, 0))
        self.assertGreaterEqual(scrape(PROBES, cluster="hangzhou", result="bad"), 3)
        self.assertEqual(scrape(PROBES, cluster="beijing", result="bad"), 0)
        self.assertEqual(scrape("fedns_health_addresses", state="unhealthy"), 1)
        self.assertGreater(scrape("fedns_publish_seconds_count"), before("fedns_publish_seconds_count"))
        self.promtool(scrape.text)
        self.webs[self.ONE].up()
        self.wait_metric(HEALTHY, 1, **one)
        self.wait_metric("fedns_failbacks_total", 2)

    def test_what_is_held_is_told(self):
        self.serve(self.ONE, self.TWO)
        self.start_health(self.admin_make() + HEALTH.replace("100%", "40%\n  withdraw_free: 0"))
        self.wait_metric(HEALTHY, 2)
        self.assertEqual(self.scrape()("fedns_held_changes"), 0)
        self.webs[self.ONE].down()
        self.wait_metric("fedns_held_changes", 1)
        self.assertEqual(self.tell("approve")[0], 0)
        self.wait_metric("fedns_held_changes", 0)


class Live(Metrics, LiveTest):
    def test_api_servers(self):
        one, two = self.member(), self.member(region="cn-beijing", zone="cn-beijing-a")
        one.serve("web", A)
        two.serve("web", B)
        clusters = [self.config_of("hangzhou", one), self.config_of("beijing", two)]
        self.write_live(clusters, extra=self.admin_make())
        self.start_synced()
        self.wait_metric("fedns_source_up", 2)
        self.assertEqual(self.scrape()("fedns_source_errors_total"), 0)
        self.moved(lambda: one.serve("other", A), (1, "fedns_services", {}))
        self.assertGreater(self.scrape()("fedns_publish_seconds_count"), 1)
        two.down()
        self.wait_metric("fedns_source_up", 0, cluster="beijing")
        self.wait_metric("fedns_source_errors_total", lambda count: count > 0, cluster="beijing", reason="connect")
        self.wait_metric("fedns_source_age_seconds", lambda age_s: age_s > 0.5, cluster="beijing")
        scrape = self.scrape()
        self.assertEqual(scrape("fedns_source_errors_total", cluster="hangzhou"), 0)
        self.assertEqual(scrape("fedns_source_up", cluster="hangzhou"), 1)
        self.assertEqual(scrape("fedns_clusters", state="unseen"), 1)
        self.promtool(scrape.text)


class Push(Metrics, PushTest):
    def start_push(self, **more):
        self.write_push(extra=self.admin_make(), **more)
        daemon = self.start()
        self.wait_have(guide_wanted())
        self.wait_metric("fedns_provider_pending", 0)
        return daemon

    def test_calls_and_changes_are_kept_over_a_reload(self):
        self.start_push()
        wanted = len(guide_wanted())
        self.wait_metric("fedns_provider_last_success_timestamp_seconds", lambda when: when > 1e9)
        scrape = self.scrape()
        self.assertEqual(scrape("fedns_provider_configured"), 1)
        self.assertEqual(scrape("fedns_leader"), 1)
        self.assertEqual(scrape(CALLS, action="AddDomainRecord", code="OK"), wanted)
        self.assertEqual(scrape(CHANGES, action="add"), wanted)
        self.assertEqual(self.run_fedns("reload", "-c", str(self.config_path)).returncode, 0)
        self.wait_metric(CALLS, 2, action="DescribeDomainRecords", code="OK")
        scrape = self.scrape()
        self.assertEqual(scrape(CALLS, action="AddDomainRecord", code="OK"), wanted)
        self.assertEqual(scrape(CHANGES, action="add"), wanted)
        self.assertGreater(scrape("fedns_provider_last_success_timestamp_seconds"), 1e9)
        self.write_state(guide(A))
        self.wait_have(guide_wanted(A))
        self.wait_metric(CHANGES, lambda count: count >= 1, action="update")
        self.promtool(self.scrape().text)

    def test_what_cannot_begin_is_configured_nonetheless(self):
        """Else the alert that nobody pushes is silent just then."""
        hurdle = self.folder / "kept" / f"alidns-fedns-{state.ZONE}.journal"
        hurdle.parent.mkdir(mode=0o700)
        self.write_push(extra=self.admin_make())
        with hurdle.open("a", encoding="utf-8") as journal:
            fcntl.flock(journal, fcntl.LOCK_EX)
            daemon = self.start()
            daemon.log_wait("nothing is pushed", str(hurdle))
            scrape = self.scrape()
            self.assertEqual((scrape("fedns_provider_configured"), scrape("fedns_leader")), (1, 0))

    def test_refusals_have_their_code(self):
        self.api.fault(faults.code("InternalError"), action="DescribeDomainRecords", times=1)
        self.start_push()
        self.assertEqual(self.scrape()(CALLS, action="DescribeDomainRecords", code="InternalError"), 1)

    def test_held_deletions(self):
        services = [state.service(f"s{at}", {"hangzhou": [A]}) for at in range(4)]
        self.write_push(extra=self.admin_make())
        self.write_state(state.text(*state.CLUSTERS, *services))
        self.start()
        self.wait_metric(CHANGES, lambda count: count >= 20, action="add")
        self.wait_metric("fedns_provider_pending", 0)
        self.write_state(state.text(*state.CLUSTERS, services[0]))
        self.wait_metric("fedns_held_changes", 15)
        self.assertEqual(self.run_fedns("approve", "-c", str(self.config_path)).returncode, 0)
        self.wait_metric("fedns_held_changes", 0)
        self.wait_metric(CHANGES, 15, action="delete")
        wait_until("gone", lambda: len(self.ours()) == 5)


if __name__ == "__main__":
    unittest.main()
