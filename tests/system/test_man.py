"""The manual pages say what the program knows, no more and no less, and render without a warning."""

import pathlib
import re
import shutil
import subprocess
import unittest

from harness import SystemTest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = ROOT / "conf/man"
COMMANDS = (PAGES / "fedns.1").read_text()
KEYS = (PAGES / "fedns.yaml.5").read_text()
KEY = "[Global]\naccess-key-id = testid\naccess-key-secret = testsecret\nzones = spacexnice.xyz.\n"
# Where the mapping stands that a table of keys is about; the table of the whole file is config.c's.
TABLES = {
    "config.c:KEYS": "",
    "config_admin.c:ADMIN_KEYS": "admin.",
    "config_admin.c:TLS_KEYS": "admin.tls.",
    "config_answer.c:IDENTITY_KEYS": "identity.",
    "config_answer.c:COOKIE_KEYS": "cookies.",
    "config_health.c:KEYS": "health.",
    "config_nameserver.c:KEYS": "nameservers[].",
    "config_process.c:LOG_KEYS": "log.",
    "config_provider.c:ALIDNS_KEYS": "provider.alidns.",
    "config_provider.c:DELEGATE_KEYS": "provider.delegate.",
    "config_provider.c:PROVIDER_KEYS": "provider.",
    "config_provider.c:LEASE_KEYS": "lease.",
    "config_source.c:FEDERATION_V1_KEYS": "source.federation_v1.",
    "config_source.c:CLUSTER_KEYS": "source.clusters[].",
    "config_source.c:SOURCE_KEYS": "source.",
    "config_topology.c:TOPOLOGY_KEYS": "topology.*.",
}


def keys_of_the_program():
    """{"config.c:KEYS": [key, ...]}"""
    tables = {}
    for path in sorted((ROOT / "src/daemon").glob("config*.c")):
        for name, body in re.findall(r"struct config_key (\w+)\[\] = \{\n(.*?)\n\};", path.read_text(), re.DOTALL):
            tables[f"{path.name}:{name}"] = re.findall(r'\{"(\w+)",', body)
    return tables


def keys_of_the_page():
    return re.findall(r"^\.It Ic (\S+) : ", KEYS, re.MULTILINE)




class Man(SystemTest):
    """Both pages."""

    def overview(self):
        return re.findall(r"^  ([a-z]+) ", self.fedns("--help").stdout, re.MULTILINE)

    def test_every_command_stands_in_the_page_and_the_other_way_round(self):
        page = re.findall(r"^\.It Cm ([a-z]+)\b", COMMANDS, re.MULTILINE)
        self.assertEqual(page, self.overview())  # in the same order, too

    def test_every_heading_is_that_of_the_overview(self):
        told = re.findall(r"^(\S.*):$", self.fedns("--help").stdout, re.MULTILINE)
        page = re.findall(r"^\.Ss (.*)$", COMMANDS, re.MULTILINE)
        self.assertEqual([title.lower() for title in page], [title.lower() for title in told])

    def test_every_option_stands_in_the_page_and_the_other_way_round(self):
        known = {"--version"}
        for command in self.overview():
            known |= set(re.findall(r"^ {2,6}(?:-[a-z], )?(--[a-z-]+)", self.fedns(command, "--help").stdout, re.M))
        described = set()
        for line in re.findall(r"^\.It Fl (.*)$", COMMANDS, re.MULTILINE):
            described |= {"-" + name for name in re.findall(r"(?:^| |Fl )(-[a-z-]+)", line)}
        self.assertEqual(known - {"--version"}, described)
        mentioned = {f"-{name}" for name in re.findall(r"\bFl (-[a-z-]+)", COMMANDS)}
        self.assertEqual(mentioned - known, set())

    def test_every_option_of_a_command_stands_with_it(self):
        """All that not whole groups of commands share: -c of the first ones, -s -c -o -w of the others."""
        shared = {"--config", "--socket", "--output", "--watch", "--no-headers", "--help", "--federation",
                  "--dns-zone-name", "--dns-provider", "--dns-provider-config", "--source-file", "--listen"}  # fmt: skip
        for command in self.overview():
            line = re.search(rf"^\.It Cm {command}\b(.*)$", COMMANDS, re.MULTILINE)[1]
            told = self.fedns(command, "--help").stdout
            own = set(re.findall(r"^ {2,6}(?:-[a-z], )?(--[a-z-]+)", told, re.MULTILINE)) - shared
            self.assertEqual({f"-{name}" for name in re.findall(r"\bFl (-[a-z-]+)", line)} - shared, own, command)

    def test_every_exit_status_stands_in_the_page(self):
        part = COMMANDS.split(".Sh EXIT STATUS")[1].split(".Sh")[0]
        self.assertEqual(re.findall(r"^\.It (\d)$", part, re.MULTILINE), ["0", "1", "2", "3"])

    def test_every_key_of_the_program_stands_in_the_page_and_the_other_way_round(self):
        tables = keys_of_the_program()
        self.assertEqual(sorted(tables), sorted(TABLES))
        known = [TABLES[table] + key for table, keys in tables.items() for key in keys]
        self.assertGreater(len(known), 80)
        self.assertEqual(sorted(keys_of_the_page()), sorted(known))

    def test_every_key_says_type_and_default(self):
        for key, kind, text in re.findall(r"^\.It Ic (\S+) : Ar (.*)\n((?:(?!\.It|\.El).*\n)+)", KEYS, re.MULTILINE):
            with self.subTest(key=key):
                self.assertTrue(kind)
                group = kind == "mapping" or key.startswith("source.") or key == "topology"
                said = "efault" in text or "As above" in text
                self.assertTrue(said or group, text)

    def test_every_key_of_the_explained_file_is_one_of_the_page(self):
        """Also those that are commented out; by their last part, as the page has them whole."""
        explained = set()
        for line in (ROOT / "conf/fedns.yaml").read_text().splitlines():
            match = re.match(r"(?:# ?)?( *)(?:- )?\{?([a-z0-9_]+):(?: |$)", line)
            if match and not re.match(r"# [A-Z]", line):
                explained |= {match[2], *re.findall(r"[{,] *([a-z0-9_]+): ", line)}
        page = {key.split(".")[-1].removesuffix("[]") for key in keys_of_the_page()}
        self.assertGreater(len(explained), 50)
        clusters = {"shanghai"}  # of the example of `topology`
        self.assertEqual(explained - page - clusters, set())
        top = {key for key in keys_of_the_page() if "." not in key and "[" not in key}
        self.assertEqual(top - explained, set())

    def test_examples_are_good(self):
        for block in re.findall(r"^\.Bd -literal[^\n]*\n(federation:.*?)^\.Ed", KEYS, re.MULTILINE | re.DOTALL):
            (self.folder / "federation.json").write_text((ROOT / "conf/demo/federation.json").read_text())
            (self.folder / "alidns.yaml").write_text(KEY)
            (self.folder / "alidns.yaml").chmod(0o600)
            (self.folder / "config").write_text(
                "apiVersion: v1\nkind: Config\nclusters:\n- {name: c, cluster: {server: 'http://127.0.0.1:9'}}\n"
                "contexts:\n- {name: hangzhou, context: {cluster: c}}\n- {name: beijing, context: {cluster: c}}\n"
            )
            self.config_path.write_text(block)
            done = self.fedns("reload", "-c", str(self.config_path))  # is there a daemon? Its configuration says where
            self.assertIn("control", done.stderr)
            self.assertNotIn("error:", done.stderr)

    def test_examples_of_commands_are_understood(self):
        for line in re.findall(r"^\.Dl fedns (.*)$", COMMANDS, re.MULTILINE):
            done = self.fedns(*line.split(), "--help")
            self.assertEqual((done.returncode, done.stderr), (0, ""), line)

    def test_they_render_without_a_warning(self):
        for page in sorted(PAGES.iterdir()):
            for command in (["mandoc", "-T", "lint", "-W", "warning"], ["groff", "-mandoc", "-Tutf8", "-ww", "-z"]):
                if shutil.which(command[0]) is None:
                    self.skipTest(f"{command[0]} is not installed")
                done = subprocess.run([*command, page], capture_output=True, text=True, timeout=20, check=False)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""), f"{command} {page}")

    def test_they_are_as_wide_as_a_terminal(self):
        if shutil.which("mandoc") is None:
            self.skipTest("mandoc is not installed")
        for page in sorted(PAGES.iterdir()):
            command = ["mandoc", "-T", "ascii", page]
            done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
            for line in done.stdout.splitlines():
                self.assertLessEqual(len(re.sub(".\b", "", line)), 80, line)



if __name__ == "__main__":
    unittest.main()
