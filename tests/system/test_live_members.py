"""Who the clusters are, and as whom they are asked: join, unjoin, reload, kubeconfigs, tokens, commands."""

import json
import signal
import unittest

from harness import wait_until
from live import LiveTest, fast

A, B, C = "192.0.2.1", "192.0.2.2", "192.0.2.3"


class Members(LiveTest):
    """Clusters come and go while the daemon runs."""

    def begin(self, **source):
        self.hz, self.bj = self.member(region="r1"), self.member(region="r2")
        self.hz.serve("web", A)
        self.bj.serve("web", B)
        self.entries = [self.config_of("hz", self.hz), self.config_of("bj", self.bj)]
        self.write_live(self.entries[:1], **source)
        daemon = self.start_synced()
        self.wait_answer(daemon, "web", [A])
        return daemon

    def join(self, name="bj", path="bj.kubeconfig", status=0, *more):
        return self.run_command("join", name, "--kubeconfig", str(self.folder / path), *more, status=status)

    def asked_count(self, member):
        return len(member.requests)

    def test_join_and_unjoin_at_once_and_over_restarts(self):
        daemon = self.begin()
        self.assertIn("cluster bj has joined", self.join().stdout)
        self.wait_answer(daemon, "web", [A, B])
        self.assertEqual(sorted(self.clusters()), ["bj", "hz"])
        self.end(daemon)
        daemon = self.start_synced()
        self.wait_answer(daemon, "web", [A, B])
        self.assertIn("cluster bj has left", self.run_command("unjoin", "bj").stdout)
        self.wait_answer(daemon, "web", [A], 1.0)
        self.assertEqual(list(self.clusters()), ["hz"])
        self.end(daemon)
        daemon = self.start_synced()
        self.assertEqual(daemon.addresses("web.default.fed.svc"), [A])

    def test_who_is_configured_can_leave_and_come_back(self):
        daemon = self.begin()
        self.run_command("unjoin", "hz")
        wait_until("gone", lambda: daemon.ask("web.default.fed.svc").rcode == "NXDOMAIN")
        self.end(daemon)
        daemon = self.start()
        self.assertEqual(self.clusters(), {})
        self.assertEqual(daemon.ask("web.default.fed.svc").rcode, "NXDOMAIN")
        self.join("hz", "hz.kubeconfig")
        self.wait_answer(daemon, "web", [A])
        self.end(daemon)
        daemon = self.start_synced()
        self.assertEqual(daemon.addresses("web.default.fed.svc"), [A])

    def test_nobody_is_asked_any_more_who_has_left(self):
        daemon = self.begin()
        self.join()
        self.wait_answer(daemon, "web", [A, B])
        self.run_command("unjoin", "bj")
        count = self.asked_count(self.bj)
        for number in range(20):
            self.hz.serve(f"s{number}", A)
            self.bj.serve(f"s{number}", B)
        self.wait_answer(daemon, "s19", [A])
        self.assertEqual(self.asked_count(self.bj), count)

    def test_what_can_not_join_says_why(self):
        daemon = self.begin()
        (self.folder / "broken").write_text("clusters: [\n")
        for name, path, more, status, words in (
            ("hz", "hz.kubeconfig", (), 3, "cluster hz: a cluster of that name is there"),
            ("x", "broken", (), 2, "broken:2: not YAML"),
            ("x", "not-there", (), 1, "not-there: there is no such file"),
            ("x", "bj.kubeconfig", ("--context", "other"), 1, 'context "other" is not in contexts'),
        ):
            with self.subTest(path):
                done = self.join(name, path, status, *more)
                self.assertIn(words, done.stderr)
        self.assertIn("there is no cluster x", self.run_command("unjoin", "x", status=1).stderr)
        self.assertEqual(list(self.clusters()), ["hz"])
        self.assertEqual(daemon.addresses("web.default.fed.svc"), [A])

    def test_reload_brings_and_takes(self):
        daemon = self.begin()
        self.write_live(self.entries)
        daemon.signal(signal.SIGHUP)
        self.wait_answer(daemon, "web", [A, B])
        self.write_live(self.entries[1:])
        self.run_command("reload")
        self.wait_answer(daemon, "web", [B], 1.0)
        self.assertEqual(list(self.clusters()), ["bj"])

    def test_reload_leaves_the_others_watches_alone(self):
        daemon = self.begin()
        wait_until("three watches", lambda: len(self.hz.asked(watch=True)) == 3)
        count = self.asked_count(self.hz)
        self.write_live(self.entries)
        self.run_command("reload")
        self.wait_answer(daemon, "web", [A, B])
        self.assertEqual(self.asked_count(self.hz), count)

    def test_reload_of_a_place(self):
        daemon = self.begin()
        self.write_live([self.entries[0] | {"region": "r7", "zones": ["z7"]}])
        self.run_command("reload")
        self.wait_answer(daemon, "web.default.fed.svc.z7.r7", [A])
        self.assertEqual(daemon.ask("web.default.fed.svc.r1").rcode, "NXDOMAIN")


class Access(LiveTest):
    """kubeconfigs and credentials."""

    def setUp(self):
        super().setUp()
        self.api = self.member(token="old")
        self.api.serve("web", A)

    def start_as(self, user, ready=True, **source):
        self.write_live([self.config_of("c", self.api, user)], **source)
        return self.start(ready=ready)

    def test_a_token_file_that_is_rotated(self):
        token = self.folder / "token"
        token.write_text("old\n")
        daemon = self.start_as({"tokenFile": "token"})
        self.wait_answer(daemon, "web", [A])
        token.write_text("new\n")
        self.api.token = "new"
        self.api.serve("web", B)
        self.wait_answer(daemon, "web", [B])  # what is open stays open
        with self.api.store.changed:
            for table in ("services", "slices", "nodes"):
                self.api.expire(table)
            self.api.serve("web", C)
        self.wait_answer(daemon, "web", [C], 2.0)  # one 401, and at once again with the new token
        self.wait_good("c")
        self.assertEqual([request.headers["authorization"] for request in self.api.requests[-3:]], ["Bearer new"] * 3)
        self.assertEqual(daemon.addresses("web.default.fed.svc"), [C])

    def test_a_token_that_nobody_renews_is_tried_again_but_seldom(self):
        token = self.folder / "token"
        token.write_text("old\n")
        daemon = self.start_as({"tokenFile": "token"})
        self.wait_answer(daemon, "web", [A])
        self.api.token = "new"
        count = len(self.api.requests)
        with self.api.store.changed:
            self.api.expire("services")
        self.wait_trouble("c", "unauthorized")
        self.assertEqual(self.clusters()["c"]["status"], "Unseen")
        wait_until("three tries", lambda: len(self.api.requests) >= count + 3)
        self.assertEqual(daemon.addresses("web.default.fed.svc"), [A])
        token.write_text("new\n")
        self.wait_good("c")
        self.assertLessEqual(len(self.api.asked("services")), 10)

    def plugin(self, token, name="credentials"):
        """A command that prints a token; it counts how often it was run."""
        program = self.folder / name
        answer = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": token}}
        program.write_text(f"#!/bin/sh\necho run >>{self.folder}/runs\ncat <<'END'\n{json.dumps(answer)}\nEND\n")
        program.chmod(0o755)
        version = "client.authentication.k8s.io/v1"
        return program, {"exec": {"apiVersion": version, "command": str(program), "interactiveMode": "Never"}}

    def test_a_command_is_run_only_if_it_is_allowed(self):
        _program, user = self.plugin("old")
        daemon = self.start_as(user, ready=False)
        daemon.log_wait("out of sight", "exec_allow lists it")
        self.wait_trouble("c", "config")
        self.assertFalse((self.folder / "runs").exists())
        done = self.fedns("check", "-c", str(self.config_path))
        self.assertEqual(done.returncode, 1)
        self.assertIn("exec_allow lists it", done.stdout)

    def test_an_allowed_command_gives_credentials_and_new_ones_after_401(self):
        program, user = self.plugin("old")
        daemon = self.start_as(user, exec_allow=[str(program)])
        self.wait_answer(daemon, "web", [A])
        self.assertEqual((self.folder / "runs").read_text(), "run\n", "one run serves all")
        self.plugin("new")
        self.api.token = "new"
        with self.api.store.changed:
            self.api.expire("services")
            self.api.serve("web", C)
        self.wait_answer(daemon, "web", [C], 3.0)
        self.assertLessEqual((self.folder / "runs").read_text().count("run"), 3)

    def test_a_command_that_fails_says_so(self):
        program, user = self.plugin("old")
        program.write_text("#!/bin/sh\necho not today >&2\nexit 7\n")
        daemon = self.start_as(user, ready=False, exec_allow=[str(program)])
        daemon.log_wait("out of sight", str(program))
        self.assertIn(str(program), self.wait_trouble("c", "credentials")["why"])
        self.assertIn("ended with status 7", daemon.log)

    def test_a_kubeconfig_that_is_broken_at_the_start(self):
        entries = [self.config_of("c", self.api)]
        self.write_live(entries)
        self.end(self.start_synced())
        path = self.folder / "c.kubeconfig"
        good = path.read_text()
        path.write_text(good[:-30])
        daemon = self.start(prefix=fast(60))  # it is read again every 30 s
        self.assertEqual(daemon.addresses("web.default.fed.svc"), [A])
        daemon.log_wait("out of sight, what is known of it stays", "c.kubeconfig")
        self.assertIn("c.kubeconfig", self.wait_trouble("c", "config")["why"])
        self.assertEqual(self.clusters()["c"]["status"], "Unseen")
        self.api.serve("web", B)
        path.write_text(good)
        self.wait_answer(daemon, "web", [B])
        self.wait_good("c")
        self.assertEqual(daemon.log.count("what is known of it stays"), 1)


if __name__ == "__main__":
    unittest.main()
