"""The admin server: what it tells, and to whom; how a stop is announced; what a reload changes."""

import base64
import json
import os
import re
import signal
import subprocess
import time
import unittest

import state
from admin_bed import Admin
from harness import HAS_IPV6, free_port, wait_until

# In an order that is the same for both: the program sorts what its tables show.
SORTED = {"clusters": ("name",), "services": ("namespace", "name")}
# What passes between two questions.
MOVING = re.compile(r'("(?:uptime_s|age_s|heard_ago_s|queries)": ?)\d+')


class Told(Admin):
    """What is found where."""

    def two_services(self):
        return state.text(
            *state.CLUSTERS,
            state.service("web", {"hangzhou": ["192.0.2.1", "2001:db8::1"]}, ports=["http:80", "dns:53/UDP"]),
            state.service("nginx", {"hangzhou": ["192.0.2.2"], "shanghai": ["192.0.2.3"]}, namespace="shop"),
        )

    def same(self, path, *arguments):
        done = self.fedns(*arguments, "-o", "json", "-s", str(self.control))
        self.assertEqual(done.returncode, 0, done.stderr)
        status, headers, body = self.ask(f"/api/v1/{path}")
        self.assertEqual((status, headers["Content-Type"]), (200, "application/json"))
        told, printed = (MOVING.sub(r"\g<1>0", text) for text in (body, done.stdout))
        if path in SORTED:
            rows = sorted(json.loads(told), key=lambda row: [row[key] for key in SORTED[path]])
            self.assertEqual(rows, json.loads(printed))
        else:
            self.assertEqual(told, printed)

    def test_the_api_says_what_the_program_prints(self):
        self.start_admin(text=self.two_services())
        self.same("status", "status")
        self.same("clusters", "clusters")
        self.same("services", "services")
        self.same("records", "records")
        self.same("records?name=web.default.fed.svc.spacexnice.xyz", "records", "web.default.fed.svc.spacexnice.xyz")
        name = "nginx.shop.fed.svc.cn-hangzhou.spacexnice.xyz"
        self.same(f"explain?name={name}", "explain", name)
        self.assertGreater(len(self.api("records")), 5)

    def test_what_is_not_there(self):
        self.start_admin()
        for path, status, words in (
            ("/api/v1/none", 404, "there is no /api/v1/none"),
            ("/api/v1/records?name=example.org", 404, "is not in the zone"),
            ("/api/v1/explain?name=none.default.fed.svc.spacexnice.xyz", 404, "there is no service default/none"),
            ("/api/v1/explain", 400, 'takes a "name"'),
            ("/api/v1/explain?name=a..b", 400, ""),
            ("/api/v1/clusters?name=a", 400, "takes no arguments"),
            ("/api/v1/services?name=a", 400, "no \"name\""),
            ("/api/v1/records?name=a&name=b", 400, "twice"),
        ):
            with self.subTest(path=path):
                answer = self.get(path)
                self.assertEqual(answer[0], status)
                self.assertIn(words, json.loads(answer[1])["error"])
        self.assertEqual(self.get("/none"), (404, "there is nothing at /none\n"))

    def test_nothing_can_be_changed(self):
        self.start_admin()
        for command in ("drain", "undrain", "force", "approve", "join", "unjoin", "reload"):
            status, body = self.get(f"/api/v1/{command}?cluster=hangzhou")
            self.assertEqual(status, 404, body)
            self.assertIn("is not done by HTTP", body)
            for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
                status, headers, body = self.ask(f"/api/v1/{command}", method, body="{}")
                self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD"), body)
        self.assertFalse(any(row["drained"] for row in self.api("clusters")))

    def test_head_and_what_all_answers_have(self):
        self.start_admin()
        status, headers, body = self.ask("/api/v1/services", "HEAD")
        self.assertEqual((status, body), (200, ""))
        self.assertEqual(int(headers["Content-Length"]), len(self.get("/api/v1/services")[1]))
        for path in ("/healthz", "/readyz", "/api/v1/services", "/none"):
            _status, headers, _body = self.ask(path)
            self.assertEqual(headers["Cache-Control"], "no-store")
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(headers["Referrer-Policy"], "no-referrer")
            self.assertIn("default-src 'none'", headers["Content-Security-Policy"])

    def test_one_connection_serves_many_requests(self):
        self.start_admin()
        connection = self.connect()
        for _ in range(50):
            connection.request("GET", "/api/v1/services")
            self.assertEqual(len(json.loads(connection.getresponse().read())), 1)

    def test_curl_reads_it_too(self):
        self.start_admin()
        try:
            done = subprocess.run(
                ["curl", "-sSf", f"http://127.0.0.1:{self.admin_port}/api/v1/services"],
                capture_output=True, text=True, timeout=10, check=True,
            )  # fmt: skip
        except FileNotFoundError:
            self.skipTest("curl is not installed")
        self.assertEqual(json.loads(done.stdout)[0]["name"], "nginx")

    def test_it_takes_no_thread(self):
        daemon = self.start_guide()
        without = len(os.listdir(f"/proc/{daemon.process.pid}/task"))
        daemon.stop()
        daemon = self.start_admin()
        self.get("/api/v1/services")
        self.assertEqual(len(os.listdir(f"/proc/{daemon.process.pid}/task")), without)

    # --- for whom ----------------------------------------------------------------------------

    def test_a_token(self):
        path = self.folder / "token"
        path.write_text("testsecret\n")
        self.start_admin(admin="token_file: token")
        for token in (None, "testid", "testsecretx", "testsecre", "TESTSECRET"):
            self.assertEqual(self.get("/api/v1/services", token)[0], 401, token)
        self.assertEqual(
            self.ask("/none")[1].get_all("WWW-Authenticate"), ['Basic realm="fedns", charset="UTF-8"', 'Bearer realm="fedns"']
        )
        self.assertEqual(self.get("/api/v1/services", "testsecret")[0], 200)
        self.assertEqual(self.get("/healthz")[0], 200)
        self.assertEqual(self.get("/readyz")[0], 200)
        for user, status in (("testid:testsecret", 200), (":testsecret", 200), ("testsecret:", 401), ("a:b:testsecret", 401)):
            basic = {"Authorization": f"Basic {base64.b64encode(user.encode()).decode()}"}
            self.assertEqual(self.ask("/", headers=basic)[0], status, user)
        path.write_text("testother\n")
        wait_until("the new token", lambda: self.get("/api/v1/services", "testother")[0] == 200)
        self.assertEqual(self.get("/api/v1/services", "testsecret")[0], 401)

    def test_a_page_whose_name_leads_here_reads_nothing(self):
        """DNS rebinding: the browser says by which name it asks."""
        daemon = self.start_admin()
        for path in ("/", "/api/v1/services", "/metrics", "/healthz", "/page.js"):
            self.assertEqual(self.ask(path, headers={"Host": f"evil.example:{self.admin_port}"})[0], 421, path)
            for host in ("localhost", f"LOCALHOST:{self.admin_port}", f"[::1]:{self.admin_port}"):
                self.assertEqual(self.ask(path, headers={"Host": host})[0], 200, path)
        self.admin_config("hosts: [fedns.example.org]")
        daemon.signal(signal.SIGHUP)
        wait_until("its name", lambda: self.ask("/", headers={"Host": "fedns.example.org"})[0] == 200)
        self.assertEqual(self.ask("/", headers={"Host": "evil.example"})[0], 421)

    def test_check_warns_of_what_all_may_see(self):
        self.write_state(state.guide())
        (self.folder / "t").write_text("testtoken\n")
        for admin, warns in (
            ("127.0.0.1:9153", False),
            ("9153", False),
            ("'0.0.0.0:9153'", True),
            ("{listen: '0.0.0.0:9153', open: true}", False),
            ("{listen: '0.0.0.0:9153', token_file: t}", False),
        ):
            self.write_config(f"admin: {admin}\n")
            done = self.fedns("check", "-c", str(self.config_path))
            self.assertEqual("whoever reaches that may look" in done.stdout + done.stderr, warns, done.stdout)
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_what_can_not_be_had_ends_the_start(self):
        daemon = self.start_admin()
        self.write_config(f"admin: 127.0.0.1:{self.admin_port}\n", listen=[f"127.0.0.1:{free_port()}"])
        done = self.fedns("serve", "-c", str(self.config_path))
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn(f"admin 127.0.0.1:{self.admin_port}: ", done.stderr)
        self.assertIn("in use", done.stderr)
        self.assertIsNone(daemon.process.poll())
        self.write_config("admin: {listen: 0, token_file: none}\n", listen=[f"127.0.0.1:{free_port()}"])
        done = self.fedns("serve", "-c", str(self.config_path))
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("none: No such file", done.stderr)

    # --- reload ------------------------------------------------------------------------------

    def test_a_reload_moves_it(self):
        daemon = self.start_admin()
        kept = self.connect()
        kept.request("GET", "/healthz")
        kept.getresponse().read()
        old = self.admin_port
        self.admin_port = free_port()
        self.admin_config()
        daemon.signal(signal.SIGHUP)
        wait_until("the new port", lambda: self.answers("/healthz") == 200)
        new, self.admin_port = self.admin_port, old
        self.assertIsNone(self.answers("/healthz"))
        # a bad one changes nothing
        self.admin_port = new
        (self.folder / "fedns.yaml").write_text("admin: 1\n")
        daemon.signal(signal.SIGHUP)
        daemon.log_wait("the old one stays")
        self.assertEqual(self.answers("/healthz"), 200)
        self.write_config(f"control: {self.control}\n")
        daemon.signal(signal.SIGHUP)
        wait_until("its end", lambda: self.answers("/healthz") is None)

    def test_a_reload_at_one_address_refuses_nobody(self):
        (self.folder / "token").write_text("testsecret\n")
        daemon = self.start_admin()
        seen = set()
        for i in range(20):
            self.admin_config(admin="token_file: token" if i % 2 == 0 else "")
            daemon.signal(signal.SIGHUP)
            for _ in range(10):
                seen.add(self.get("/api/v1/status")[0])  # raises where it is refused
        self.assertEqual(seen, {200, 401})

    def answers(self, path):
        try:
            return self.get(path)[0]
        except OSError:
            return None

    @unittest.skipUnless(HAS_IPV6, "no IPv6 here")
    def test_ipv6(self):
        self.write_config(f"admin: '[::1]:{self.admin_port}'\n")
        self.write_state(state.guide())
        daemon = self.start()
        self.assertIn(f"http://[::1]:{self.admin_port}", daemon.log)
        self.assertIsNone(self.answers("/healthz"))


class Probes(Admin):
    """/healthz, /readyz and the announced stop."""

    def test_ready_is_what_answers(self):
        self.admin_config()
        daemon = self.start(ready=False)
        wait_until("the server", lambda: "status page at" in daemon.log)
        self.assertEqual(self.get("/healthz"), (200, "alive\n"))
        status, body = self.get("/readyz")
        self.assertEqual(status, 503)
        self.assertRegex(body, r"\Ano state yet: .*state.json.*\n\Z")
        self.write_state(state.guide())
        wait_until("ready", lambda: self.get("/readyz") == (200, "ready\n"))
        self.write_state("{")
        status, body = wait_until("stale", lambda: ("stale" in (answer := self.get("/readyz"))[1]) and answer)
        self.assertEqual(status, 200, body)
        self.assertRegex(body, r"^ready\nstale: .*line 1.*\n\Z")
        self.assertEqual(self.get("/healthz"), (200, "alive\n"))

    def test_what_is_wrong_is_not_for_everybody_where_a_token_is(self):
        (self.folder / "token").write_text("testsecret\n")
        self.admin_config("token_file: token")
        daemon = self.start(ready=False)
        wait_until("the server", lambda: "status page at" in daemon.log)
        self.assertEqual(self.get("/readyz"), (503, "no state yet\n"))
        self.write_state(state.guide())
        wait_until("ready", lambda: self.get("/readyz") == (200, "ready\n"))
        self.write_state("{")
        wait_until("stale", lambda: self.get("/readyz") == (200, "ready\nstale\n"))

    def test_a_stop_is_announced(self):
        daemon = self.start_admin(extra="lame_duck: 1500ms\n")
        begin = time.monotonic()
        daemon.signal(signal.SIGTERM)
        wait_until("no longer ready", lambda: self.get("/readyz")[0] == 503, deadline_s=1)
        self.assertEqual(self.get("/readyz")[1], "stopping: answers go on for a moment\n")
        self.assertEqual(self.get("/healthz")[0], 200)
        answered = 0
        while daemon.process.poll() is None and time.monotonic() - begin < 1.2:
            self.assertEqual(daemon.addresses(), [state.HANGZHOU, state.SHANGHAI])
            self.assertEqual(daemon.ask(state.NGINX, tcp=True).rdatas("A"), [state.HANGZHOU, state.SHANGHAI])
            answered += 1
        self.assertGreater(answered, 10)
        self.assertEqual(daemon.process.wait(10), 0)
        self.assertGreaterEqual(time.monotonic() - begin, 1.5)

    def test_a_second_signal_ends_it_at_once(self):
        for second in (signal.SIGTERM, signal.SIGINT):
            daemon = self.start_admin(extra="lame_duck: 5m\n")
            daemon.signal(signal.SIGTERM)
            daemon.log_wait("no longer ready")
            self.assertEqual(self.get("/readyz")[0], 503)
            daemon.signal(second)
            self.assertEqual(daemon.process.wait(10), 0)

    def test_a_reload_does_not_end_the_announcement(self):
        daemon = self.start_admin(extra="lame_duck: 5m\n")
        daemon.signal(signal.SIGTERM)
        daemon.log_wait("no longer ready")
        daemon.signal(signal.SIGHUP)
        daemon.log_wait("configuration read again")
        self.assertEqual(self.get("/readyz")[0], 503)
        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.process.wait(10), 0)

    def test_an_interrupt_is_not_announced(self):
        daemon = self.start_admin(extra="lame_duck: 5m\n")
        daemon.signal(signal.SIGINT)
        self.assertEqual(daemon.process.wait(10), 0)


if __name__ == "__main__":
    unittest.main()
