"""The program as typed: help, version, flags, exit statuses, output that can't be written."""

import json
import os
import re
import shutil
import subprocess
import unittest

import state
from harness import FEDNS, SystemTest

COMMANDS = ("serve", "check", "render", "status", "clusters", "services", "records", "reload", "version")


class Commands(SystemTest):
    """Everything but the running daemon."""

    def setUp(self):
        super().setUp()
        self.write_config()
        self.write_state(state.text(*state.CLUSTERS, state.service("nginx", {"hangzhou": [state.HANGZHOU]})))

    def run_ok(self, *arguments, status=0):
        done = self.fedns(*arguments)
        self.assertEqual(done.returncode, status, f"{arguments}: {done.stderr[-2000:]}")
        return done

    def test_help_is_a_result_and_names_the_commands(self):
        for arguments in (["--help"], ["-h"]):
            done = self.run_ok(*arguments)
            for command in COMMANDS:
                self.assertIn(command, done.stdout)
        for command in COMMANDS:
            self.assertIn(command, self.run_ok(command, "--help").stdout)

    def test_version(self):
        for arguments in (["version"], ["--version"]):
            self.assertRegex(self.run_ok(*arguments).stdout, r"\b\d+\.\d+\.\d+\b")

    def test_version_as_json(self):
        told = json.loads(self.run_ok("version", "-o", "json").stdout)
        self.assertRegex(told["version"], r"^\d+\.\d+\.\d+$")
        self.assertTrue(told["build"] and told["compiler"])
        for library in ("libuv", "ldns", "c-ares", "curl", "openssl", "jansson", "libyaml", "libmicrohttpd", "libseccomp"):
            self.assertRegex(told["libraries"][library], r"\d+\.\d+")

    def test_the_nearest_word_is_suggested(self):
        for typed, meant in (("stauts", "status"), ("srevices", "services"), ("aprove", "approve"), ("Explain", "explain")):
            self.assertIn(f'did you mean "{meant}"?', self.run_ok(typed, status=2).stderr)
            self.assertIn(f'did you mean "{meant}"?', self.run_ok("help", typed, status=2).stderr)
        self.assertIn("did you mean --strict?", self.run_ok("check", "--strcit", status=2).stderr)
        self.assertIn("did you mean --source-file?", self.run_ok("serve", "--sorce-file=x", status=2).stderr)
        # another command's option is none of this one's
        self.assertNotIn("did you mean", self.run_ok("status", "--strcit", status=2).stderr)
        self.assertNotIn("did you mean", self.run_ok("qwertyuiop", status=2).stderr)

    def test_the_overview_has_every_command_once_under_a_heading(self):
        told = self.run_ok("--help").stdout
        commands = re.findall(r"^  ([a-z]+) ", told, re.MULTILINE)
        self.assertEqual(len(commands), len(set(commands)))
        self.assertRegex(told.split("\n\n")[2], r"^[a-z].*:\n  [a-z]")
        self.assertLessEqual(max(map(len, told.splitlines())), 110)

    def test_wrong_usage_is_status_2_and_said_on_standard_error(self):
        config = str(self.config_path)
        wrong = ([], ["nonsense"], ["render", "--nonsense"], ["render", "-c"], ["render", "-c", config, "extra"],
                 ["render", "-c", config, "-o", "yaml"], ["--nonsense"], ["check", "-c", config, "-x"], ["render"],
                 ["check", "-c", ""], ["status", "-s", ""])
        for arguments in wrong:
            with self.subTest(arguments=arguments):
                done = self.run_ok(*arguments, status=2)
                self.assertEqual(done.stdout, "")
                self.assertTrue(done.stderr.strip())

    def test_what_was_typed_does_not_reach_the_terminal_raw(self):
        bad = "a\x1b[31m\rb\nfedns: all is well\x7f\udcc2\udc9b"  # with the C1 form of ESC [
        config = str(self.config_path)
        listed = ([bad], ["help", bad], ["render", bad], ["render", f"--{bad}"], ["render", "-c", config, "-o", bad],
                  ["render", "-c", bad], ["check", "-c", bad], ["serve", "-c", bad],
                  ["check", "-c", config, "--source-file", bad], ["render", "-c", config, "--listen", bad])  # fmt: skip
        for arguments in listed:
            with self.subTest(arguments=arguments):
                done = subprocess.run([FEDNS, *arguments], capture_output=True, timeout=20, check=False)
                self.assertIn(done.returncode, (1, 2, 3))
                told = (done.stdout + done.stderr).decode()
                self.assertTrue(told)
                self.assertIsNone(re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", told), told)
                self.assertNotIn("\nfedns: all is well", told)

    def test_missing_configuration_file_is_named(self):
        for command in ("serve", "render", "check"):
            done = self.fedns(command, "-c", str(self.folder / "none.yaml"))
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("none.yaml", done.stderr + done.stdout)

    def test_render_prints_the_zone_alone_on_standard_output(self):
        done = self.run_ok("render", "-c", str(self.config_path))
        lines = done.stdout.splitlines()
        self.assertRegex(lines[0], r"^spacexnice\.xyz\. 180 IN SOA ")
        for line in lines:
            self.assertRegex(line, r"^[a-z0-9.-]+\. \d+ IN (SOA|NS|A|AAAA|CNAME) \S.*$")

    def test_render_works_from_flags_alone(self):
        flags = ["--federation", "fed", "--dns-zone-name", "spacexnice.xyz", "--source-file", str(self.state_path)]
        zone = self.run_ok("render", *flags).stdout
        self.assertIn(f"nginx.default.fed.svc.spacexnice.xyz. 180 IN A {state.HANGZHOU}\n", zone)
        joined = [f"{flags[i]}={flags[i + 1]}" for i in range(0, len(flags), 2)]
        self.assertEqual(self.run_ok("render", *joined).stdout, zone)
        self.assertEqual(self.run_ok("check", *flags).returncode, 0)

    def test_flag_wins_over_the_file(self):
        other = self.folder / "other.json"
        other.write_text(state.guide("198.51.100.1"))
        done = self.run_ok("render", "-c", str(self.config_path), "--federation", "moon", "--source-file", str(other))
        self.assertIn("nginx.default.moon.svc.spacexnice.xyz. 180 IN A 198.51.100.1\n", done.stdout)

    def test_json_is_the_same_zone(self):
        zone = self.run_ok("render", "-c", str(self.config_path)).stdout
        rrsets = json.loads(self.run_ok("render", "-c", str(self.config_path), "-o", "json").stdout)
        lines = [
            f"{rrset['name']} {rrset['ttl']} IN {rrset['type']} {rdata}" for rrset in rrsets for rdata in rrset["rdata"]
        ]
        self.assertEqual(lines, zone.splitlines())
        self.assertEqual(set(rrsets[0]), {"name", "type", "ttl", "rdata"})

    def test_render_is_the_same_each_time(self):
        first = self.run_ok("render", "-c", str(self.config_path)).stdout
        self.assertEqual(self.run_ok("render", "-c", str(self.config_path)).stdout, first)

    def test_full_output_is_status_3(self):
        config = str(self.config_path)
        for arguments in (["render", "-c", config], ["render", "-c", config, "-o", "json"], ["version"], ["--help"]):
            with self.subTest(arguments=arguments), open("/dev/full", "w", encoding="utf-8") as full:
                done = subprocess.run([FEDNS, *arguments], stdout=full, stderr=subprocess.PIPE, timeout=20, check=False)
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertTrue(done.stderr.strip())

    def test_a_reader_that_leaves_is_status_3_without_a_word(self):
        for arguments in (["render", "-c", str(self.config_path)], ["--help"]):
            ours, theirs = os.pipe()
            os.close(ours)
            done = subprocess.run([FEDNS, *arguments], stdout=theirs, stderr=subprocess.PIPE, timeout=20, check=False)
            os.close(theirs)
            self.assertEqual((done.returncode, done.stderr), (3, b""))

    def test_check_judges_and_render_does_not(self):
        config = str(self.config_path)
        self.run_ok("check", "-c", config)
        self.run_ok("check", "-c", config, "--strict")
        self.write_state(state.guide())
        done = self.run_ok("check", "-c", config)
        self.assertRegex(done.stdout + done.stderr, r"state\.json:\d+: warning: .*shanghai")
        self.run_ok("check", "-c", config, "--strict", status=1)
        self.run_ok("render", "-c", config)
        self.write_state("{")
        self.run_ok("check", "-c", config, status=1)

    def test_check_reads_what_the_configuration_names(self):
        alidns = self.folder / "alidns.yaml"
        config = self.config_path
        keys = "[Global]\naccess-key-id = testid\naccess-key-secret = testsecret\nzones = "
        provider = "provider: {alidns: {config: alidns.yaml}}\n"
        lease = "lease: {kubeconfig: none, context: a, namespace: b, name: c}\n"
        admin = 'admin: {listen: "127.0.0.1:0", '
        cases = (
            (provider, None, f"{alidns}: error: open: No such file or directory"),
            (provider, keys + "spacexnice.xyz.\n", None),
            (provider, keys + "a..b\n", f'{alidns}:4: error: zones: name "a..b": a label is empty'),
            (provider, keys + "other.org\n", f"{alidns}: error: none of the zones holds spacexnice.xyz."),
            (provider + lease, keys + "xyz\n", f"{config}: error: lease: {self.folder}/none: there is no such file"),
            (admin + "token_file: none}\n", None, f"{config}: error: admin.token_file: {self.folder}/none: "),
            (admin + "tls: {cert: none, key: x}}\n", None, f"{config}: error: admin.tls.cert: {self.folder}/none: "),
        )
        for extra, text, told in cases:
            with self.subTest(told=told):
                alidns.unlink(missing_ok=True)
                if text is not None:
                    alidns.write_text(text)
                    alidns.chmod(0o600)
                self.write_config(extra)
                done = self.run_ok("check", "-c", str(config), "--strict", status=0 if told is None else 1)
                self.assertEqual(done.stdout == "", told is None, done.stdout)
                self.assertTrue(done.stdout.startswith(told or ""), done.stdout)

    def test_a_secret_that_others_may_read_is_a_warning(self):
        alidns = self.folder / "alidns.yaml"
        alidns.write_text("[Global]\naccess-key-id = testid\naccess-key-secret = testsecret\n")
        alidns.chmod(0o644)
        self.write_config("provider: {alidns: {config: alidns.yaml}}\n")
        done = self.run_ok("check", "-c", str(self.config_path))
        self.assertEqual(done.stdout, f"{alidns}: warning: it holds a secret, and others than its owner may read it: "
                         "chmod 600\n")  # fmt: skip
        self.run_ok("check", "-c", str(self.config_path), "--strict", status=1)

    def test_a_user_that_is_not_there_is_status_2(self):
        self.write_config("user: no-such-user-here\n")
        self.assertIn("there is none of this name", self.run_ok("serve", "-c", str(self.config_path), status=2).stderr)

    def test_a_provider_file_that_is_not_there_is_status_2(self):
        self.write_config("provider: {alidns: {config: none}}\n")
        for command in ("plan", "push", "serve"):
            self.assertIn("none: open: No such file", self.run_ok(command, "-c", str(self.config_path), status=2).stderr)

    def test_paths_in_the_file_are_relative_to_it(self):
        relative = os.path.relpath(self.config_path, "/")
        done = self.fedns("render", "-c", relative, cwd="/")
        self.assertEqual(done.returncode, 0, done.stderr)


class FlagsOnlyServe(SystemTest):
    """serve without a file keeps its state in the default folder, so it is given a /var/lib of its own."""

    @unittest.skipUnless(os.getuid() == 0 and shutil.which("unshare"), "needs root and unshare")
    def test_serve_works_from_flags_alone(self):
        self.write_state(state.guide())
        listen = [argument for text in self.listens() for argument in ("--listen", text)]
        flags = ["--federation=fed", "--dns-zone-name=spacexnice.xyz.", "--source-file", str(self.state_path), *listen]
        own = ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /var/lib && exec "$0" "$@"']
        if subprocess.run([*own, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("no mount namespace to be had here")
        daemon = self.start(flags, prefix=own)
        self.assertEqual(daemon.addresses(), [state.HANGZHOU, state.SHANGHAI])

    def test_serve_ends_when_an_address_is_taken(self):
        first = self.start_guide()
        config = self.folder / "second.yaml"
        self.write_config(listen=[f"192.0.2.1:{self.port}"], path=config)
        done = self.fedns("serve", "-c", str(config))
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("192.0.2.1", done.stderr)
        self.assertEqual(first.addresses(), [state.HANGZHOU, state.SHANGHAI])

    def test_log_is_json_where_asked(self):
        """From the first line on, also of what the configuration itself is warned of."""
        self.write_config("log: {format: json, level: debug}\n")
        text = self.config_path.read_text()
        self.config_path.write_text(text.replace(", addresses: [192.0.2.53]", ""))
        self.write_state(state.guide())
        daemon = self.start()
        daemon.ask(state.NGINX)
        self.assertEqual(daemon.stop(), 0)
        lines = daemon.log.splitlines()
        self.assertTrue(lines)
        for line in lines:
            self.assertIsInstance(json.loads(line), dict)
        self.assertIn("so nobody can find it", lines[0])
        self.assertFalse(re.search("AddressSanitizer", daemon.log))


if __name__ == "__main__":
    unittest.main()
