"""`fedns check` and `fedns render` on live sources: read once, within a minute, or a sentence that says why not."""

import json
import subprocess
import time
import unittest

import fake_faults as faults
import state
from fake_api import FEDERATION, FakeApi
from harness import FEDNS
from live import LiveTest, fast

A, B = "192.0.2.1", "192.0.2.2"
DEADLINE_S = 60
SPEED = 30


class Once(LiveTest):
    """Commands that end."""

    def begin(self):
        self.hz, self.bj = self.member(region="r1", zone="z1"), self.member(region="r2", zone="z2")
        self.hz.serve("web", A)
        self.bj.serve("web", B)
        self.bj.serve("sick", B, ready=False)
        self.write_live([self.config_of("hz", self.hz), self.config_of("bj", self.bj)])

    def run_once(self, command, *more, prefix=()):
        line = [*prefix, FEDNS, command, "-c", str(self.config_path), *more]
        return subprocess.run(line, capture_output=True, text=True, timeout=30, check=False)

    def test_render_prints_what_the_daemon_answers(self):
        self.begin()
        done = self.run_once("render", "-o", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        sets = {(row["name"], row["type"]): sorted(row["rdata"]) for row in json.loads(done.stdout)}
        web = f"web.default.fed.svc.{state.ZONE}."
        self.assertEqual(sets[web, "A"], [A, B])
        self.assertEqual(sets[f"web.default.fed.svc.z2.r2.{state.ZONE}.", "A"], [B])
        self.assertNotIn((f"sick.default.fed.svc.{state.ZONE}.", "A"), sets)
        daemon = self.start_synced()
        for (name, rtype), rdatas in sets.items():
            if rtype in ("A", "CNAME"):
                answer = [(record.name, record.type, record.rdata) for record in daemon.ask(name, rtype).answer]
                self.assertEqual(sorted(one for one in answer if one[0] == name), [(name, rtype, r) for r in rdatas])
        self.assertIn(f"{web} 180 IN A {A}\n", self.run_once("render").stdout)

    def test_check_counts_and_finds(self):
        self.begin()
        self.hz.serve("bad", "0.0.0.0")
        done = self.run_once("check")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stderr, r"(?m)^3 services, \d+ records, 0 errors, 1 warning\n\Z")
        self.assertIn("0.0.0.0", done.stdout)
        self.assertEqual(self.run_once("check", "--strict").returncode, 1)

    def test_all_pages_are_read(self):
        self.begin()
        self.hz.page_max = 1
        for number in range(20):
            self.hz.serve(f"s{number}", A)
        done = self.run_once("render")
        self.assertEqual(done.stdout.count(f" IN A {A}\n"), 21 * 3)

    def test_what_fails_at_first_is_tried_again(self):
        self.begin()
        self.hz.faults = [faults.refusal(503).on("services"), faults.having(cut_after=100).on("slices")]
        done = self.run_once("render")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f" IN A {A}\n", done.stdout)

    def test_a_server_that_tells_nothing_within_a_minute(self):
        ways = {
            "Connection refused": lambda: self.bj.down(),
            "HTTP 403": lambda: self.bj.faults.append(faults.refusal(403, times=None).on("services")),
            "HTTP 401": lambda: self.bj.faults.append(faults.refusal(401, times=None)),
            "it takes too long": lambda: self.bj.faults.append(faults.dripping(None)),
        }
        for words, strike in ways.items():
            with self.subTest(words):
                self.begin()
                strike()
                begun = time.monotonic()
                done = self.run_once("render", prefix=fast(SPEED))
                took_s = time.monotonic() - begun
                self.assertEqual((done.returncode, done.stdout), (3, ""))
                self.assertIn("cluster bj has not told all it has", done.stderr)
                self.assertIn(words, done.stderr)
                self.assertGreater(took_s, DEADLINE_S / SPEED * 0.9)
                done = self.run_once("check", prefix=fast(SPEED))
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stdout, r"error: cluster bj has not told all it has: ")

    def test_a_kubeconfig_that_can_not_be_used_needs_no_waiting(self):
        self.begin()
        (self.folder / "bj.kubeconfig").write_text("kind: Config\n")
        done = self.run_once("render")
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("cluster bj: ", done.stderr)
        self.assertIn("bj.kubeconfig", done.stderr)
        done = self.run_once("check")
        self.assertEqual(done.returncode, 1)
        self.assertIn("error: cluster bj: ", done.stdout)

    def test_nodes_that_may_not_be_read_are_a_warning(self):
        self.begin()
        self.bj.faults = [faults.refusal(403, times=None).on("nodes")]
        done = self.run_once("render")
        self.assertEqual(done.returncode, 0)
        self.assertIn(f"web.default.fed.svc.{state.ZONE}. 180 IN A {B}\n", done.stdout)
        self.assertIn("its nodes can't be read", done.stderr)

    def test_a_federation(self):
        api = self.fake(FakeApi(served=FEDERATION))
        for cluster in state.CLUSTERS:
            api.store.put("clusters", cluster)
        api.store.put("services", state.service("nginx", {"hangzhou": [A], "beijing": [B]}))
        self.write_live(federation={"kubeconfig": str(api.kubeconfig(self.folder / "config"))})
        done = self.run_once("render")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"{state.NGINX}.cn-beijing.{state.ZONE}. 180 IN A {B}\n", done.stdout)


if __name__ == "__main__":
    unittest.main()
