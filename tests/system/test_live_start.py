"""The beginning, and what is held back: what was last known is served until somebody who knows says otherwise."""

import unittest

import fake_faults as faults
from harness import wait_until
from live import LiveTest

A, B, C = "192.0.2.1", "192.0.2.2", "192.0.2.3"


class Restart(LiveTest):
    """The daemon ends and begins again while API servers are in trouble."""

    def begin(self, *names, extra="", **source):
        """A cluster of each name, with a service of the same name; the daemon has run and has ended."""
        self.members = {name: self.member(region=f"r-{name}") for name in names}
        for number, (name, member) in enumerate(self.members.items()):
            member.serve(name, f"192.0.2.{number}")
        self.write_live([self.config_of(name, member) for name, member in self.members.items()], extra=extra, **source)
        self.end(self.start_synced())

    def check_kept(self, daemon, number, name):
        for level in ("", f".r-{name}", f".cn-hangzhou-b.r-{name}"):
            self.assertEqual(daemon.addresses(f"{name}.default.fed.svc{level}"), [f"192.0.2.{number}"], name + level)

    def test_with_all_servers_dead_the_answers_are_those_of_before(self):
        self.begin("hz", "bj")
        for member in self.members.values():
            member.down()
        daemon = self.start()
        for number, name in enumerate(self.members):
            self.check_kept(daemon, number, name)
        row = self.rows("status")
        self.assertEqual((row["state"], row["source"]["ready"]), ("stale", False))
        self.assertEqual(self.fedns("status", "-s", str(self.control)).returncode, 1)
        self.assertEqual({row["status"] for row in self.clusters().values()}, {"Unseen"})
        for name in self.members:
            self.wait_trouble(name, "connect")
        wait_until("a reason", lambda: "Connection refused" in str(self.rows("status")["source"]["refused"]))
        self.assertEqual(daemon.ask("hz.default.fed.svc").options.get(15, b"")[:2], b"\0\3", "EDE 3: stale")
        for name, member in self.members.items():
            member.serve(name, C)
            member.up()
        for name in self.members:
            self.wait_answer(daemon, name, [C])
        wait_until("good again", lambda: self.rows("status")["state"] == "serving")
        self.end(daemon)

    def test_who_refuses_or_talks_nonsense_has_its_cluster_kept(self):
        ways = {
            "forbidden": faults.refusal(403, times=None),
            "missing": faults.refusal(404, times=None),
            "unauthorized": faults.refusal(401, times=None),
            "sick": faults.refusal(500, times=None),
            "html": faults.text("<html>log in", times=None),
            "status": faults.text(faults.status_of(500), times=None),
            "cut": faults.having(None, cut_after=150),
            "closing": faults.broken(times=None),
        }
        troubles = ["forbidden", "not_found", "unauthorized", "server", *["content"] * 2, *["connect"] * 2, "none"]
        self.begin(*ways, "well")
        for name, fault in ways.items():
            self.members[name].faults = [fault.on(None if name != "missing" else "services")]
        self.members["well"].serve("well", C)
        daemon = self.start()
        self.wait_answer(daemon, "well", [C])
        for name, trouble in zip(self.members, troubles):
            self.wait_trouble(name, trouble)
        for number, name in enumerate(ways):
            self.check_kept(daemon, number, name)
            self.assertEqual(self.clusters()[name]["status"], "Unseen", name)

    def test_an_empty_list_is_an_answer(self):
        self.begin("hz", "bj", "qd")
        self.members["bj"].store.forget("services", "bj")
        daemon = self.start_synced()
        wait_until("withdrawn", lambda: daemon.ask("bj.default.fed.svc").rcode == "NXDOMAIN")
        self.assertEqual(self.clusters()["bj"]["status"], "Ready")
        self.check_kept(daemon, 0, "hz")
        self.assertEqual(self.rows("status")["source"]["held"], 0)

    def test_a_cluster_that_is_no_longer_configured_is_gone(self):
        self.begin("hz", "bj")
        self.write_live([self.config_of("hz", self.members["hz"])])
        daemon = self.start_synced()
        self.assertEqual(daemon.ask("bj.default.fed.svc").rcode, "NXDOMAIN")
        self.assertEqual(list(self.clusters()), ["hz"])


class First(LiveTest):
    """There is no state of before."""

    def test_a_part_is_served_only_when_the_grace_is_over(self):
        well, dead = self.member(), self.member()
        well.serve("web", A)
        dead.down()
        entries = [self.config_of("well", well), self.config_of("dead", dead)]
        self.write_live(entries, start_grace="2s")
        daemon = self.start(ready=False)
        wait_until("one is synced", lambda: self.control.exists() and self.servers()["well"]["synced"], step_s=0.05)
        self.assertEqual(daemon.ask("web.default.fed.svc").rcode, "SERVFAIL")
        row = self.rows("status")
        self.assertEqual((row["state"], row["source"]["ready"]), ("nothing served", False))
        daemon.log_wait("start_grace is over")
        self.wait_answer(daemon, "web", [A])
        self.assertTrue(self.rows("status")["source"]["ready"])
        dead.serve("web", B)
        dead.up()
        self.wait_answer(daemon, "web", [A, B])

    def test_nothing_is_denied_before_all_is_known(self):
        """Services are listed, their endpoints are not yet: no name is empty meanwhile."""
        member = self.member()
        member.serve("web", A)
        member.faults = [faults.refusal(500).on("slices", watch=False)]
        self.write_live([self.config_of("c", member)])
        daemon = self.start(ready=False)
        wait_until("services are listed", lambda: member.asked("services", watch=True))
        self.assertEqual(daemon.ask("web.default.fed.svc").rcode, "SERVFAIL")
        self.wait_answer(daemon, "web", [A])

    def test_no_cluster_at_all_is_an_empty_zone(self):
        self.write_live([])
        daemon = self.start()
        self.assertEqual(daemon.ask("web.default.fed.svc").rcode, "NXDOMAIN")


class Held(LiveTest):
    """A sudden mass withdrawal waits."""

    def begin(self, count=4):
        self.hz, self.bj = self.member(region="r1"), self.member(region="r2")
        for number in range(count):
            self.hz.serve(f"hz{number}", f"192.0.2.{number}")
        self.bj.serve("bj", A)
        self.write_live([self.config_of("hz", self.hz), self.config_of("bj", self.bj)])
        return self.start_synced()

    def vanish(self, count=4):
        """An API server that has lost its data says that there is nothing."""
        with self.hz.store.changed:
            for number in range(count):
                self.hz.store.forget("services", f"hz{number}")
            self.hz.expire("services")

    def held(self):
        return self.rows("status")["source"]["held"]

    def check_answers(self, daemon, count=4):
        for number in range(count):
            self.assertEqual(daemon.addresses(f"hz{number}.default.fed.svc"), [f"192.0.2.{number}"])

    def test_until_somebody_approves(self):
        daemon = self.begin()
        self.vanish()
        wait_until("held", lambda: self.held() == 4)
        self.check_answers(daemon)
        daemon.log_wait("error", "held back: 4 services", "fedns approve")
        self.assertRegex(self.run_command("status", status=1).stdout, r"(?m)^held back +4$")
        self.bj.serve("bj", C)
        self.wait_answer(daemon, "bj", [C])
        self.check_answers(daemon)
        self.assertIn("4 services", self.run_command("approve").stdout)
        for number in range(4):
            wait_until("gone", lambda n=number: daemon.ask(f"hz{n}.default.fed.svc").rcode == "NXDOMAIN")
        self.assertEqual(self.held(), 0)
        daemon.log_wait("warn", "approved: what was held back of 4 services goes")
        self.assertIn("nothing was held back", self.run_command("approve").stdout)
        daemon.log_wait("info", "approve: nothing was held back")
        self.assertEqual(daemon.log.count("approved:"), 1)

    def test_or_the_addresses_return(self):
        daemon = self.begin()
        self.vanish()
        wait_until("held", lambda: self.held() == 4)
        for number in range(4):
            self.hz.serve(f"hz{number}", f"192.0.2.{number}")
        wait_until("not held", lambda: self.held() == 0)
        daemon.log_wait("nothing is held back any more")
        self.check_answers(daemon)
        self.assertIn("nothing was held back", self.run_command("approve").stdout)

    def test_endpoints_that_all_go_at_once_count_too(self):
        daemon = self.begin()
        with self.hz.store.changed:
            for number in range(4):
                self.hz.ready(f"hz{number}", False)
        wait_until("held", self.held)
        addresses = [daemon.addresses(f"hz{number}.default.fed.svc") for number in range(4)]
        self.assertGreaterEqual(sum(map(len, addresses)), 2, addresses)
        self.run_command("approve")
        for number in range(4):
            self.wait_answer(daemon, f"hz{number}", [])

    def test_what_is_deleted_one_by_one_is_somebodys_will(self):
        daemon = self.begin()
        with self.hz.store.changed:
            for number in range(4):
                self.hz.store.delete("services", f"hz{number}")
        for number in range(4):
            wait_until("gone", lambda n=number: daemon.ask(f"hz{n}.default.fed.svc").rcode == "NXDOMAIN")
        self.assertEqual(self.held(), 0)

    def test_a_restart_holds_what_was_held(self):
        daemon = self.begin()
        self.vanish()
        wait_until("held", lambda: self.held() == 4)
        self.end(daemon)
        daemon = self.start_synced()
        wait_until("held", lambda: self.held() == 4)
        self.check_answers(daemon)
        self.assertIn("4 services", self.run_command("approve").stdout)
        wait_until("gone", lambda: daemon.ask("hz0.default.fed.svc").rcode == "NXDOMAIN")


if __name__ == "__main__":
    unittest.main()
