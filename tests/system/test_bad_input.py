"""Bad input gets a clear error, and nothing good is lost by it."""

import json
import os
import time
import unittest

import state
from harness import SystemTest, wait_until

GOOD = state.service("good", {"hangzhou": ["192.0.2.1"]})
NAMES = {
    "address": state.service("address", {"hangzhou": ["192.0.2.999", "192.0.2.2"]}),
    "refused": state.service("refused", {"hangzhou": ["0.0.0.0", "192.0.2.3"]}),
    "annotation": state.service("annotation", '{"items":[{"cluster":"hangzhou"'),
    "label_bad": state.service("label_bad", {"hangzhou": ["192.0.2.4"]}),
    "stranger": state.service("stranger", {"nowhere": ["192.0.2.5"]}),
    "ttl": state.service("ttl", {"hangzhou": ["192.0.2.6"]}, ttl="0"),
    "host": state.service("host", {"hangzhou": ["no_such..example", "192.0.2.7"]}),
}

BAD_VALUES = (
    "ttl: 0",
    "ttl: 86401",
    "ttl: abc",
    "negative_ttl: -1",
    "fallback: sideways",
    "suffix: example.com.",
    "workers: 1000",
    'allow: ["10.0.0.0/33"]',
    'resolver: ["nowhere"]',
    "log: {level: loud}",
    "health: {offline_grace: soon}",
    "federation: a_b",
)


class BadFile(SystemTest):
    """Files that can't be a state: for check and render, and under a daemon that serves the guide."""

    def setUp(self):
        super().setUp()
        self.write_config()

    def refused(self, *parts, deadline_s=5.0):
        """check and render refuse the file quickly, with all the parts in one line; returns check's line."""
        for command in ("render", "check"):
            begin = time.monotonic()
            done = self.fedns(command, "-c", str(self.config_path))
            self.assertLess(time.monotonic() - begin, deadline_s)
            self.assertIn(done.returncode, (1, 3), f"{command}: {done.stderr[-2000:]}")
            if command == "render":
                self.assertEqual(done.stdout, "")
            lines = [line for line in (done.stdout + done.stderr).splitlines() if all(part in line for part in parts)]
            self.assertTrue(lines, f"{command} without {parts}:\n{(done.stdout + done.stderr)[-2000:]}")
        return lines[0]

    def test_300_mb_are_refused_with_the_limit(self):
        with open(self.state_path, "wb") as file:
            file.truncate(300 * 1000 * 1000)
        line = self.refused("state.json", deadline_s=2.0)
        self.assertRegex(line, r"256|268435456")

    def test_two_million_nested_brackets_are_refused(self):
        self.state_path.write_text("[" * 2_000_000)
        self.refused("state.json", "line 1, column")
        self.state_path.write_text('{"kind":"List","items":[{"kind":"Service","x":' + "[" * 2_000_000)
        self.refused("state.json", "line 1, column")
        nested = '{"a":' * 1_000_000 + "1" + "}" * 1_000_000
        self.state_path.write_text('{"kind":"List","items":[\n' + nested + "]}")
        self.refused("state.json", "line 2, column")

    def test_nested_brackets_in_an_annotation_cost_that_service(self):
        deep = state.service("deep", "[" * 200_000)
        self.write_state(state.text(*state.CLUSTERS, deep, GOOD))
        done = self.fedns("render", "-c", str(self.config_path))
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        self.assertIn("good.default.fed.svc.spacexnice.xyz. 180 IN A 192.0.2.1\n", done.stdout)
        self.assertNotIn("deep.default", done.stdout)

    def test_invalid_utf_8_is_refused(self):
        good = state.text(*state.CLUSTERS, GOOD).encode()
        for bad in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"):
            with self.subTest(bad=bad):
                self.state_path.write_bytes(good.replace(b"good", b"go" + bad + b"od", 1))
                self.refused("state.json", "line ", "column ")

    def test_what_is_no_state_is_refused(self):
        broken = ("{} x", "[1,2", '{"kind":"List"', "\0", "{'kind': 'List'}", "[{}]]", "[NaN]")
        for text in ("", " \n", "7", '"text"', "null", *broken):
            with self.subTest(text=text):
                self.write_state(text)
                self.refused("state.json")

    def test_folder_in_the_files_place_is_refused(self):
        self.state_path.mkdir()
        self.refused("state.json")

    def test_file_that_is_not_there_is_named(self):
        self.refused("state.json")

    def test_pipe_in_the_files_place_does_not_hang(self):
        os.mkfifo(self.state_path)
        self.refused("state.json")

    def test_daemon_refuses_them_all_and_serves_on(self):
        self.write_state(state.guide())
        daemon = self.start()
        deep = "[" * 2_000_000
        for i, bad in enumerate((b"{", deep.encode(), b'{"kind":"\xff"}', None)):
            since = daemon.log_size()
            if bad is None:
                with open(self.folder / "big", "wb") as file:
                    file.truncate(300 * 1000 * 1000)
                (self.folder / "big").rename(self.state_path)
            else:
                self.state_path.write_bytes(bad)
            daemon.log_wait("state.json", since=since)
            self.assertEqual(daemon.addresses(), [state.HANGZHOU, state.SHANGHAI])
            good = f"198.51.100.{i}"
            (self.folder / "fresh").write_text(state.guide(good))
            (self.folder / "fresh").rename(self.state_path)
            wait_until("the good file", lambda good=good: good in daemon.addresses())
            (self.folder / "fresh").write_text(state.guide())
            (self.folder / "fresh").rename(self.state_path)
            wait_until("the guide", lambda: state.HANGZHOU in daemon.addresses())


class BadObjects(SystemTest):
    """Rule 6: one bad thing never blocks a good one."""

    def setUp(self):
        super().setUp()
        self.write_config('resolver: ["127.0.0.1:9"]\n')

    def test_each_alone_leaves_the_good_service(self):
        for name, bad in NAMES.items():
            with self.subTest(name=name):
                self.write_state(state.text(bad, *state.CLUSTERS, GOOD))
                done = self.fedns("render", "-c", str(self.config_path))
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("good.default.fed.svc.spacexnice.xyz. 180 IN A 192.0.2.1\n", done.stdout)
                checked = self.fedns("check", "-c", str(self.config_path))
                lines = [line for line in (checked.stdout + checked.stderr).splitlines() if "warning:" in line]
                self.assertTrue(any(name in line for line in lines), checked.stdout + checked.stderr)
                self.assertEqual(checked.returncode, 0)

    def test_all_together_are_served_and_logged(self):
        self.write_state(state.text(*NAMES.values(), *state.CLUSTERS, GOOD, GOOD))
        daemon = self.start()
        served = {"good": 1, "address": 2, "refused": 3, "stranger": 5, "ttl": 6, "host": 7}
        for name, number in served.items():
            self.assertEqual(daemon.addresses(f"{name}.default.fed.svc"), [f"192.0.2.{number}"])
        for name in ("annotation", "label_bad"):
            self.assertEqual(daemon.ask(f"{name}.default.fed.svc").rcode, "NXDOMAIN")
        for name in NAMES:
            daemon.log_wait(name)

    def test_duplicate_objects_warn_and_the_last_one_wins(self):
        other = state.service("good", {"hangzhou": ["192.0.2.9"]})
        self.write_state(state.text(*state.CLUSTERS, GOOD, other))
        daemon = self.start()
        self.assertEqual(daemon.addresses("good.default.fed.svc"), ["192.0.2.9"])
        daemon.log_wait("good", "default")

    def test_no_input_forges_a_line_of_the_log(self):
        forged = state.service("x\n2026-01-01 forged line", {"hangzhou": ["192.0.2.1\nforged line too"]})
        self.write_state(state.text(*state.CLUSTERS, forged, GOOD))
        done = self.fedns("check", "-c", str(self.config_path))
        self.assertEqual(done.returncode, 0)
        for line in (done.stdout + done.stderr).splitlines():
            self.assertFalse(line.startswith(("2026-01-01 forged", "forged")), line)


class BadConfiguration(SystemTest):
    """Every complaint has its line, and they come together."""

    def complaints(self, extra):
        self.write_config(extra)
        self.write_state(state.guide())
        first = len(self.config_path.read_text().splitlines()) - len(extra.splitlines())
        texts = []
        for command in ("serve", "render", "check"):
            done = self.fedns(command, "-c", str(self.config_path))
            self.assertIn(done.returncode, (1, 2) if command == "check" else (2,), done.stderr)
            texts.append(done.stdout + done.stderr)
            self.assertRegex(texts[-1], r"\berror\b")
        return first, texts

    def test_unknown_keys_are_named_with_their_lines(self):
        first, texts = self.complaints("colour: red\nhealth:\n  prob: none\n")
        for text in texts:
            self.assertRegex(text, rf'fedns\.yaml:{first + 1}: .*"colour"')
            self.assertRegex(text, rf'fedns\.yaml:{first + 3}: .*"prob"')

    def test_values_out_of_range_are_named_with_their_lines(self):
        for line in BAD_VALUES:
            with self.subTest(line=line):
                extra = line + "\n"
                if line.startswith("federation"):
                    self.write_state(state.guide())
                    self.config_path.write_text(f"{extra}zone: spacexnice.xyz.\nsource: {{file: state.json}}\n")
                    done = self.fedns("render", "-c", str(self.config_path))
                    self.assertEqual(done.returncode, 2)
                    self.assertRegex(done.stderr, r"fedns\.yaml:1: error: ")
                else:
                    first, texts = self.complaints(extra)
                    for text in texts:
                        self.assertRegex(text, rf"fedns\.yaml:{first + 1}: ")

    def test_broken_yaml_has_its_line(self):
        first, texts = self.complaints("allow: [\"0.0.0.0/0\"\nttl: 5\n")
        for text in texts:
            self.assertRegex(text, rf"fedns\.yaml:({first + 1}|{first + 2}|{first + 3}): ")

    def test_missing_zone_federation_or_source_is_an_error(self):
        whole = {"federation": "fed", "zone": "spacexnice.xyz.", "source": {"file": "state.json"}}
        self.write_state(state.guide())
        for key in whole:
            with self.subTest(key=key):
                self.config_path.write_text(json.dumps({other: whole[other] for other in whole if other != key}))
                done = self.fedns("render", "-c", str(self.config_path))
                self.assertEqual(done.returncode, 2)
                self.assertIn(key, done.stderr)


if __name__ == "__main__":
    unittest.main()
