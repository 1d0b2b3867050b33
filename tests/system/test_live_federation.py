"""The API server of a Federation v1: what a real one said, octet by octet, and its ways with clusters that go."""

import pathlib
import queue
import unittest

import fake_faults as faults
import state
from fake_api import FEDERATION, FakeApi
from harness import wait_until
from live import LiveTest

SAMPLES = pathlib.Path(__file__).resolve().parent.parent / "source" / "data"
A, B, C = state.HANGZHOU, state.SHANGHAI, "192.0.2.3"
CLUSTERS, SERVICES = "/apis/federation/v1beta1/clusters", "/api/v1/services"


def sample(name):
    return (SAMPLES / name).read_text()


class Federation(LiveTest):
    """`source.federation_v1` with a control plane that the test plays."""

    def begin(self, *clusters, services=(), extra="", ready=True):
        self.api = self.fake(FakeApi(served=FEDERATION))
        for cluster in clusters:
            self.api.store.put("clusters", cluster)
        for service in services:
            self.api.store.put("services", service)
        kubeconfig = self.api.kubeconfig(self.folder / "config")
        self.write_live(federation={"kubeconfig": str(kubeconfig)}, extra=extra)
        return self.start_synced() if ready else None

    def begin_guide(self, **more):
        service = state.service("nginx", {"hangzhou": [A], "beijing": [B]})
        return self.begin(*state.CLUSTERS, services=[service], **more)

    def test_lists_and_watches_of_the_real_one(self):
        """Lists of services and clusters, then the life of two services event by event."""
        self.begin(ready=False)
        events = queue.Queue()

        def speak(exchange):
            exchange.head(200)
            while not exchange.api.ending.is_set():
                exchange.write(events.get())

        self.api.faults = [
            faults.text(sample("clusters_list.json")).on("clusters", watch=False),
            faults.text(sample("services_list_200.json")).on("services", watch=False),
            faults.reply(speak).on("services", watch=True),
            faults.having(stream_first=[]).on("clusters", watch=True),
        ]
        daemon = self.start_synced()
        self.assertEqual(daemon.addresses(state.NGINX), [A, B])
        self.assertEqual(daemon.addresses(f"{state.NGINX}.cn-beijing-a.cn-beijing"), [B])
        self.assertEqual({row["name"] for row in self.rows("services")}, {"nginx", "svc-002", "svc-197"})
        lines = sample("watch_services_full_lifecycle.jsonl").encode().splitlines(keepends=True)
        wanted = {1: (state.NGINX, [A, B]), 2: (state.NGINX, [A])}
        wanted |= {5: ("gone.default.fed.svc", ["1.2.3.4"]), 6: ("gone.default.fed.svc", [])}
        for number, line in enumerate(lines, 1):
            events.put(line)
            if number in wanted:
                self.wait_answer(daemon, *wanted[number])
        wait_until("all events", lambda: self.servers()["federation"]["events"] == len(lines))
        self.assertEqual(daemon.ask("gone.default.fed.svc").rcode, "NXDOMAIN")
        self.assertEqual(daemon.ask("internal.default.fed.svc").rcode, "NXDOMAIN")
        self.api.ending.set()
        events.put(b"")

    def test_gone_is_what_it_calls_expired(self):
        daemon = self.begin_guide()
        gone = sample("watch_410_gone_http.txt").split("\n\n")[-1].encode()
        self.assertIn(b'"reason":"Gone"', gone)
        for table in ("services", "clusters"):
            with self.api.store.changed:
                self.api.store.compact(table)
                self.api.end_watches(table, gone)
                self.api.store.put("services", state.service("nginx", {"hangzhou": [C], "beijing": [B]}))
        self.wait_answer(daemon, "nginx", [C, B])
        self.wait_good("federation")
        self.assertEqual([len(self.api.asked(table, watch=False)) for table in ("services", "clusters")], [2, 2])

    def test_what_it_knows_not_is_not_asked_of_it(self):
        self.begin_guide()
        wait_until("both watches", lambda: len(self.api.asked(watch=True)) == 2)
        self.assertEqual({request.path for request in self.api.requests}, {CLUSTERS, SERVICES})
        for request in self.api.requests:
            self.assertNotIn("allowWatchBookmarks", request.query)

    def test_a_cluster_that_is_not_ready(self):
        daemon = self.begin_guide(extra="health: {offline_grace: 0s}\n")
        since = "2026-11-23T02:30:45Z"
        self.api.store.put("clusters", state.cluster("beijing", "cn-beijing", ["cn-beijing-a"], "False", since))
        self.wait_answer(daemon, "nginx", [A])
        row = self.clusters()["beijing"]
        self.assertEqual((row["status"], row["not_ready_since"], row["withdrawn"]), ("NotReady", since, True))
        self.assertIn("NotReady,Withdrawn", self.run_command("clusters").stdout)
        # unreachable for the control plane, which says Offline alone: its sight is not ours
        cluster = state.cluster("beijing", "cn-beijing", ["cn-beijing-a"])
        cluster["status"]["conditions"] = [{"type": "Offline", "status": "True"}]
        self.api.store.put("clusters", cluster)
        self.wait_answer(daemon, "nginx", [A, B])
        self.api.store.put("clusters", state.cluster("beijing", "cn-beijing", ["cn-beijing-a"]))
        wait_until("ready", lambda: self.clusters()["beijing"]["status"] == "Ready")

    def test_a_cluster_that_leaves_and_one_that_comes(self):
        daemon = self.begin_guide()
        self.assertEqual(daemon.addresses(f"{state.NGINX}.cn-beijing"), [B])
        self.api.store.delete("clusters", "beijing")
        wait_until("its region has no name", lambda: daemon.ask(f"{state.NGINX}.cn-beijing").rcode == "NXDOMAIN", 1.0)
        self.assertEqual(self.clusters()["beijing"]["status"], "Unregistered")
        self.api.store.put("services", state.service("nginx", {"hangzhou": [A]}))
        self.wait_answer(daemon, "nginx", [A], 1.0)
        self.assertEqual(list(self.clusters()), ["hangzhou"])
        self.api.store.put("clusters", state.cluster("qingdao", "cn-qingdao", ["cn-qingdao-b"]))
        self.api.store.put("services", state.service("nginx", {"hangzhou": [A], "qingdao": [C]}))
        self.wait_answer(daemon, f"{state.NGINX}.cn-qingdao-b.cn-qingdao", [C])

    def test_a_control_plane_that_is_gone_leaves_all_as_it_was(self):
        daemon = self.begin_guide()
        self.api.down()
        wait_until("stale", lambda: self.rows("status")["state"] == "stale")
        self.assertEqual({row["status"] for row in self.clusters().values()}, {"Unseen"})
        self.assertEqual(daemon.addresses(state.NGINX), [A, B])
        self.end(daemon)
        daemon = self.start()
        for level, addresses in (("", [A, B]), (".cn-beijing", [B]), (".cn-hangzhou-b.cn-hangzhou", [A])):
            self.assertEqual(daemon.addresses(state.NGINX + level), addresses)
        self.api.store.put("services", state.service("nginx", {"hangzhou": [C], "beijing": [B]}))
        self.api.up()
        self.wait_answer(daemon, "nginx", [C, B])
        wait_until("good", lambda: self.rows("status")["state"] == "serving")

    def test_half_of_what_it_knows_is_nothing(self):
        """Services are known, clusters are not: what was known last stays whole."""
        daemon = self.begin_guide()
        self.end(daemon)
        self.api.faults = [faults.refusal(500, times=None).on("clusters")]
        self.api.store.put("services", state.service("nginx", {"hangzhou": [C], "beijing": [B]}))
        daemon = self.start()
        wait_until("services are watched", lambda: self.api.asked("services", watch=True)[1:])
        self.assertEqual(daemon.addresses(f"{state.NGINX}.cn-hangzhou"), [A])
        self.api.faults = []
        self.wait_answer(daemon, f"{state.NGINX}.cn-hangzhou", [C])

    def test_join_is_done_there(self):
        self.begin_guide()
        done = self.run_command("join", "x", status=3)
        self.assertIn("the source is a federation", done.stderr)


if __name__ == "__main__":
    unittest.main()
