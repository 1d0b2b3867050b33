"""Last-known-good: what was last served is served again when the source can't be read."""

import unittest

import state
from harness import SystemTest, wait_until


class LastGood(SystemTest):
    """A first run leaves its state in state_dir; a second one starts without the source."""

    def setUp(self):
        super().setUp()
        self.kept = self.folder / "kept"

    def kept_files(self):
        return sorted(path.name for path in self.kept.iterdir()) if self.kept.exists() else []

    def first_run(self):
        daemon = self.start_guide()
        wait_until("the kept state", lambda: "last-known-good.json" in self.kept_files())
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(self.kept_files(), ["last-known-good.json"], "a temporary file is left over")

    def assert_serves_the_guide(self, daemon):
        self.assertEqual(daemon.addresses(), [state.HANGZHOU, state.SHANGHAI])
        reply = daemon.ask(f"{state.NGINX}.cn-beijing-a.cn-beijing")
        self.assertEqual([record.type for record in reply.answer], ["CNAME", "CNAME", "A", "A"])

    def test_starts_from_it_when_the_source_is_gone_and_says_its_age(self):
        self.first_run()
        self.state_path.unlink()
        daemon = self.start()
        self.assert_serves_the_guide(daemon)
        line = daemon.log_wait("last-known-good")
        self.assertRegex(line, r"\d+ ?(s|sec|m|h|d)", "the age is missing")

    def test_starts_from_it_when_the_source_is_broken_and_takes_the_mended_one(self):
        self.first_run()
        self.write_state("{broken")
        daemon = self.start()
        self.assert_serves_the_guide(daemon)
        self.write_state(state.guide("198.51.100.1"))
        wait_until("the mended file", lambda: "198.51.100.1" in daemon.addresses())

    def test_readable_source_wins_over_it(self):
        self.first_run()
        self.write_state(state.guide("198.51.100.2"))
        self.assertIn("198.51.100.2", self.start().addresses())

    def test_change_is_kept_too(self):
        daemon = self.start_guide()
        self.write_state(state.guide("198.51.100.3"))
        wait_until("the change", lambda: "198.51.100.3" in daemon.addresses())
        self.assertEqual(daemon.stop(), 0)
        self.state_path.unlink()
        self.assertIn("198.51.100.3", self.start().addresses())

    def test_corrupted_one_is_said_and_not_served(self):
        self.first_run()
        self.state_path.unlink()
        path = self.kept / "last-known-good.json"
        path.write_bytes(path.read_bytes()[:-40])
        daemon = self.start(ready=False)
        daemon.log_wait("last-known-good")
        wait_until("an answer", lambda: self.rcode(daemon) == "SERVFAIL")
        self.write_state(state.guide())
        wait_until("the source", lambda: self.rcode(daemon) == "NOERROR")
        self.assert_serves_the_guide(daemon)

    def rcode(self, daemon):
        try:
            return daemon.ask(state.NGINX).rcode
        except OSError:
            return None

    def test_temporary_file_left_over_by_a_crash_does_no_harm(self):
        self.first_run()
        for name in ("last-known-good.json.tmp", "last-known-good.json.new", ".last-known-good.json.tmp"):
            (self.kept / name).write_text("{half")
        self.state_path.unlink()
        self.assert_serves_the_guide(self.start())

    def test_nothing_there_is_servfail_until_the_file_appears(self):
        self.write_config()
        daemon = self.start(ready=False)
        wait_until("an answer", lambda: self.rcode(daemon) == "SERVFAIL")
        self.assertEqual(daemon.ask(state.NGINX, tcp=True).rcode, "SERVFAIL")
        self.write_state(state.guide())
        daemon.wait_ready()
        self.assert_serves_the_guide(daemon)

    def test_place_of_a_cluster_that_lost_it_outlives_a_restart(self):
        self.first_run()
        lost = state.cluster("hangzhou", ready="Unknown")
        service = state.service("nginx", {"hangzhou": [state.HANGZHOU]})
        daemon = self.start()
        self.write_state(state.text(lost, state.CLUSTERS[1], service))
        wait_until("the change", lambda: daemon.addresses() == [state.HANGZHOU])
        name = f"{state.NGINX}.cn-hangzhou-b.cn-hangzhou"
        self.assertEqual(daemon.addresses(name), [state.HANGZHOU])
        self.assertEqual(daemon.stop(), 0)
        self.state_path.unlink()
        self.assertEqual(self.start().addresses(name), [state.HANGZHOU])

    def test_state_dir_that_is_no_folder_is_refused_at_the_start(self):
        self.kept.write_text("a file where the folder should be")
        self.write_config()
        self.write_state(state.guide())
        done = self.fedns("serve", "-c", str(self.config_path))
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn(str(self.kept), done.stderr)

    def test_state_dir_that_goes_bad_is_said_and_answers_go_on(self):
        daemon = self.start_guide()
        wait_until("the kept state", lambda: "last-known-good.json" in self.kept_files())
        since = daemon.log_size()
        self.kept.rename(self.folder / "away")
        self.kept.write_text("a file where the folder should be")
        self.write_state(state.guide("198.51.100.4"))
        wait_until("the change", lambda: "198.51.100.4" in daemon.addresses())
        daemon.log_wait("kept", since=since)
        self.assertIn("198.51.100.4", daemon.addresses())


if __name__ == "__main__":
    unittest.main()
