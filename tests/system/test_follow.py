"""-w: the table, then each change as it comes, over the daemon's restart, until somebody has seen enough."""

import json
import os
import pty
import signal
import subprocess
import time
import unittest

import state
from following import Following
from harness import FEDNS, SANITIZER, SystemTest, wait_until

NEW = "192.0.2.77"


class Follow(SystemTest):
    """Each test has a daemon of its own."""

    def setUp(self):
        super().setUp()
        self.path = self.folder / "control.sock"

    def start_control(self, text=None):
        self.write_config(f"control: {self.path}\n")
        self.write_state(text or state.guide())
        return self.start()

    def follow(self, *arguments):
        following = Following(*arguments, "-s", str(self.path))
        self.addCleanup(self.end_following, following)
        return following

    def end_following(self, following):
        following.end(signal.SIGKILL)
        said = "\n".join(following.out + following.err)
        self.assertIsNone(SANITIZER.search(said), said)

    def test_services_first_the_table_then_what_changed(self):
        self.start_control(state.text(*state.CLUSTERS, state.service("a", {"hangzhou": ["192.0.2.1"]}),
                                      state.service("b", {"hangzhou": ["192.0.2.2"]})))  # fmt: skip
        following = self.follow("services")
        following.wait("the table", lambda lines: len(lines) == 3)
        self.assertEqual([line.split()[1] for line in following.out], ["NAME", "a", "b"])
        self.write_state(state.text(*state.CLUSTERS, state.service("a", {"hangzhou": ["192.0.2.1"]}),
                                    state.service("b", {"hangzhou": [NEW]})))  # fmt: skip
        self.assertRegex(following.wait_line(NEW), r"^default +b ")
        self.write_state(state.text(*state.CLUSTERS, state.service("b", {"hangzhou": [NEW]})))
        following.wait("the one that is gone", lambda lines: len(lines) == 5)
        self.assertEqual(following.out[4].split(), ["default", "a", "-", "-", "-", "-"])
        time.sleep(2.5)  # nothing changes, nothing is told
        self.assertEqual(len(following.out), 5)
        self.assertEqual((following.end(), following.err), (0, []))

    def test_clusters_ages_are_no_news(self):
        self.start_control()
        following = self.follow("clusters")
        following.wait("the table", lambda lines: len(lines) == 4)
        time.sleep(2.5)
        self.assertEqual(len(following.out), 4)
        self.ask_ok("drain", "hangzhou")
        self.assertIn("Ready,Drained", following.wait_line("hangzhou", since=4))
        self.assertEqual(following.end(), 0)

    def ask_ok(self, *arguments):
        done = self.fedns(*arguments, "-s", str(self.path))
        self.assertIn(done.returncode, (0, 1), done.stderr)

    def test_records_of_a_name_come_together(self):
        self.start_control(state.text(*state.CLUSTERS, state.service("a", {"hangzhou": ["192.0.2.1", "192.0.2.2"]})))
        name = f"a.default.fed.svc.cn-hangzhou.{state.ZONE}."
        following = self.follow("records", name)
        following.wait("the table", lambda lines: len(lines) == 3)
        self.write_state(state.text(*state.CLUSTERS, state.service("a", {"hangzhou": ["192.0.2.1", NEW]})))
        following.wait("both again", lambda lines: len(lines) == 5)
        self.assertEqual([line.split()[-1] for line in following.out[3:]], ["192.0.2.1", NEW])
        self.write_state(state.text(*state.CLUSTERS, state.service("a", {"hangzhou": []})))
        following.wait_line(name, "CNAME")
        self.assertEqual(following.wait_line(name, " A ", since=5).split(), [name, "-", "A", "-"])
        self.assertEqual(following.end(), 0)

    def test_status_tells_lines_that_changed(self):
        self.start_control()
        following = self.follow("status")
        following.wait_line("rcodes")
        count = len(following.out)
        self.write_state("{")
        self.assertEqual(following.wait_line("stale", since=count).split(), ["state", "stale"])
        following.wait_line("refused", since=count)
        self.write_state(state.guide())
        self.assertEqual(following.wait_line("serving", since=count).split(), ["state", "serving"])
        following.wait("no refusal any more", lambda lines: "refused       -" in lines)
        self.assertFalse([line for line in following.out[count:] if line.split()[0] in ("uptime", "queries")])
        self.assertEqual(following.end(), 0)

    def test_explain_tells_a_level_that_changed(self):
        self.start_control()
        name = f"{state.NGINX}.cn-beijing.{state.ZONE}."
        following = self.follow("explain", name)
        following.wait_line(state.SHANGHAI)
        count = len(following.out)
        self.write_state(state.guide(NEW))
        self.assertRegex(following.wait_line(NEW, since=count), "^hangzhou ")
        told = "\n".join(following.out[count:])
        self.assertIn(f"{state.NGINX}.{state.ZONE}., global", told)
        self.assertNotIn(name, told)
        self.assertEqual(following.end(), 0)

    def test_explain_goes_on_when_there_is_no_such_service_for_a_while(self):
        self.start_control()
        following = self.follow("explain", f"{state.NGINX}.{state.ZONE}.")
        following.wait_line(state.SHANGHAI)
        count = len(following.out)
        self.write_state(state.text(*state.CLUSTERS))
        wait_until("it is said", lambda: any("there is no service" in line for line in following.err))
        self.write_state(state.guide(NEW))
        following.wait_line(NEW, since=count)
        wait_until("the answer is said", lambda: len(following.err) == 2)
        self.assertEqual(following.err[1], "fedns: explain: there is an answer again")
        self.assertEqual(following.end(), 0)

    def test_a_state_is_news_where_it_is_shown(self):
        self.start_control(state.text(*state.CLUSTERS, state.service("a", {"hangzhou": ["192.0.2.1"]})))
        wide, plain = self.follow("services", "-o", "wide"), self.follow("services")
        wide.wait_line("fine")
        plain.wait_line("192.0.2.1")
        self.ask_ok("drain", "hangzhou")  # nothing else serves: the address stays
        self.assertIn("192.0.2.1", wide.wait_line("down", since=2))
        time.sleep(1.5)
        self.assertEqual(len(plain.out), 2)
        self.assertEqual((wide.end(), plain.end()), (0, 0))

    def test_a_reader_that_pauses_is_told_in_time_afterwards(self):
        """The time in which nobody read is not the daemon's: nothing waits nine times as long."""
        services = [state.service(f"s{i}", {"hangzhou": ["192.0.2.1"]}) for i in range(2000)]
        self.start_control(state.text(*state.CLUSTERS, *services))
        command = [FEDNS, "services", "-w", "-s", str(self.path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            time.sleep(5)  # more than a pipe holds
            for _ in range(2001):
                process.stdout.readline()
            self.write_state(state.text(*state.CLUSTERS, state.service("s0", {"hangzhou": [NEW]}), *services[1:]))
            begun = time.monotonic()
            self.assertIn(NEW, process.stdout.readline())
            self.assertLess(time.monotonic() - begun, 15)
            process.terminate()
            self.assertEqual(process.wait(5), 0)

    def test_json_is_an_object_a_line(self):
        daemon = self.start_control()
        explain = ["explain", f"{state.NGINX}.{state.ZONE}."]
        for command in (["services"], ["clusters"], ["records"], ["status"], ["provider"], explain):
            with self.subTest(command=command):
                self.write_state(state.guide())
                wait_until("the service is there", daemon.addresses)
                following = self.follow(*command, "-o", "json")
                following.wait("the first", lambda lines: lines)
                self.assertTrue(all(isinstance(json.loads(line), dict) for line in list(following.out)))
                if command == ["services"]:
                    self.write_state(state.text(*state.CLUSTERS))
                    gone = json.loads(following.wait_line("gone"))
                    self.assertEqual(gone, {"namespace": "default", "name": "nginx", "gone": True})
                self.assertEqual(following.end(), 0)

    def test_it_goes_on_when_the_daemon_is_there_again(self):
        daemon = self.start_control()
        following = self.follow("services")
        following.wait_line(state.HANGZHOU)
        self.assertEqual(daemon.stop(), 0)
        wait_until("the loss is said", lambda: any("trying again" in line for line in following.err))
        time.sleep(1)
        self.write_state(state.guide(NEW))
        self.start()
        wait_until("the return is said", lambda: any("there again" in line for line in following.err), 12)
        self.assertIn(state.SHANGHAI, following.wait_line(NEW))
        self.assertEqual(len(following.out), 3)  # what is as before is not told again
        self.assertEqual(len(following.err), 2)
        self.assertEqual(following.end(signal.SIGTERM), 0)

    def test_a_daemon_that_serves_nothing_yet_takes_nothing_away(self):
        daemon = self.start_control()
        following = self.follow("services")
        following.wait_line(state.HANGZHOU)
        self.assertEqual(daemon.stop(), 0)
        self.state_path.unlink()
        for kept in (self.folder / "kept").iterdir():
            kept.unlink()
        self.start(ready=False).log_wait("no state to serve")
        time.sleep(2.5)  # it has been asked
        self.assertEqual(len(following.out), 2)
        self.write_state(state.text(*state.CLUSTERS))
        following.wait_line("nginx", "-", since=2)
        self.assertEqual(following.end(), 0)

    def test_a_reader_that_has_enough_ends_it(self):
        self.start_control()
        with subprocess.Popen([FEDNS, "services", "-w", "-s", str(self.path)], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
            process.stdout.readline()
            process.stdout.close()
            self.assertEqual((process.wait(5), process.stderr.read()), (0, ""))

    def test_the_first_round_fails_as_ever(self):
        done = self.fedns("services", "-w", "-s", str(self.path))
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.start_control()
        done = self.fedns("records", f"nothing.{state.ZONE}.", "-w", "-s", str(self.path))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(self.fedns("reload", "-w", "-s", str(self.path)).returncode, 2)

    def test_it_ends_with_its_terminal(self):
        self.start_control()
        ours, theirs = pty.openpty()
        with subprocess.Popen([FEDNS, "clusters", "-w", "-s", str(self.path)], stdout=theirs, stderr=theirs,
                              stdin=subprocess.DEVNULL) as process:  # fmt: skip
            os.close(theirs)
            wait_until("the table", lambda: b"hangzhou" in os.read(ours, 4096))
            os.close(ours)
            self.assertEqual(process.wait(5), 0)

    def test_a_cursor_is_anybodys_text(self):
        self.start_control()
        from test_control import Client  # pylint: disable=import-outside-toplevel

        client = Client(self.path)
        self.addCleanup(client.close)
        cursors = ["", "x", "." * 40, "1.2.3", "-1", "ffffffffffffffffffff.ffffffff.1", "\u676d\u5dde", "0" * 5000]
        for cursor in cursors:
            client.ask("services", since=cursor)
            first = client.receive()["rows"][0]
            self.assertTrue(first["all"], cursor)
            run = first["cursor"].split(".")[0]
            self.assertIn("done", client.receive() | {"done": True})
            client.close()
            client = Client(self.path)
        for cursor in (first["cursor"], f"{run}.", f"{run}.-1.0", f"{run}.fffffffff.0", f"{run}.ffffffff.0"):
            client.ask("services", since=cursor)
            told = client.receive()["rows"]
            same = cursor == first["cursor"]
            self.assertEqual((told[0]["all"], len(told)), (not same, 1 if same else 2))
            client.close()
            client = Client(self.path)
        client.ask("services", since=7)
        self.assertEqual(client.receive()["status"], 2)
        client.close()


if __name__ == "__main__":
    unittest.main()
