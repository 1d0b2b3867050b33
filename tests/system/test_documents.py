"""The commands and configurations of conf/doc, run where they can run here, and held against the program where not.

A block's info string says which: `sh run` is run in a clone's folder; `sh control` is asked of a running daemon;
`sh check` is read by the program's own reader of options, and goes no further; `sh elsewhere` is for programs that
aren't ours. `yaml` with a federation is a configuration of ours.
"""

import pathlib
import re
import shlex
import shutil
import subprocess
import unittest
import xml.etree.ElementTree as xml

from harness import SystemTest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "conf/doc"
PAGES = sorted(FOLDER.glob("*.md"))
# What `sh elsewhere` may begin with.
OTHERS = {"kubectl", "dig", "sysctl", "systemctl", "systemd-analyze", "usermod", "conf/kubernetes/member.sh"}
INFOS = {"sh run", "sh control", "sh check", "sh elsewhere", "yaml", "ini"}
SOCKET = "/run/fedns/control.sock"
KEY = "[Global]\naccess-key-id = testid\naccess-key-secret = testsecret\nzones = spacexnice.xyz.\n"


def blocks(path):
    """(info string, text) of each fenced block."""
    return re.findall(r"^```([^\n`]+)\n(.*?)^```$", path.read_text(), re.MULTILINE | re.DOTALL)


def commands(info):
    """(page, command) of the blocks of that kind."""
    found = []
    for path in PAGES:
        for kind, text in blocks(path):
            if kind == info:
                found += [(path.name, line) for line in text.splitlines() if line]
    return found


def named_in_passing():
    """Commands of ours in `backquotes`, outside blocks, that are more than a name."""
    for path in PAGES:
        prose = re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
        for command in re.findall(r"`(fedns [^`]+)`", prose):
            if "…" not in command and "<(" not in command:
                yield path.name, command


class Documents(SystemTest):
    """A folder like a clone's, with what the commands read."""

    def clone(self):
        (self.folder / "conf").symlink_to(ROOT / "conf")
        (self.folder / "federation.json").write_text((ROOT / "conf/demo/federation.json").read_text())
        (self.folder / "alidns.yaml").write_text(KEY)
        (self.folder / "alidns.yaml").chmod(0o600)

    def understood(self, where, command):
        """`--help` behind it: the options are read, and nothing is done."""
        words = shlex.split(command, comments=True)
        self.assertEqual(words[0], "fedns", where)
        done = self.fedns(*words[1:], "--help")
        self.assertEqual((done.returncode, done.stderr), (0, ""), f"{where}: {command}")

    def test_every_block_says_what_it_is(self):
        for path in PAGES:
            for info, _text in blocks(path):
                self.assertIn(info, INFOS, path.name)
            self.assertEqual(len(re.findall(r"^```", path.read_text(), re.MULTILINE)), 2 * len(blocks(path)), path.name)

    def test_commands_that_can_be_run(self):
        self.clone()
        run = commands("sh run")
        self.assertGreaterEqual(len(run), 4)
        for where, command in run:
            done = self.fedns(*shlex.split(command)[1:], cwd=self.folder)
            self.assertEqual(done.returncode, 0, f"{where}: {command}: {done.stderr}")
            self.assertTrue(done.stdout or "check" in command, command)

    def test_commands_that_ask_the_daemon(self):
        self.clone()
        path = self.folder / "control.sock"
        self.write_config(f"control: {path}\n")
        self.write_state((ROOT / "conf/demo/federation.json").read_text())
        self.start()
        asked = commands("sh control")
        self.assertGreaterEqual(len(asked), 10)
        for where, command in asked:
            words = shlex.split(command)
            self.assertEqual(words[-2:], ["-s", SOCKET], f"{where}: {command}: of which daemon?")
            done = self.fedns(*words[1:-1], str(path))
            self.assertIn(done.returncode, (0, 1), f"{where}: {command}: {done.stderr}")
            self.assertTrue(done.stdout or "drain" in command, command)

    def test_commands_that_can_not_be_run_here_are_understood(self):
        checked = commands("sh check")
        self.assertGreaterEqual(len(checked), 6)
        for where, command in checked:
            self.understood(where, command)

    def test_commands_in_passing_are_understood(self):
        named = list(named_in_passing())
        self.assertGreaterEqual(len(named), 12)
        for where, command in named:
            self.understood(where, command)

    def test_commands_for_other_programs(self):
        for where, command in commands("sh elsewhere"):
            words = shlex.split(command)
            self.assertIn(words[0], OTHERS, where)
            if "fedns" in words and "--" in words:
                self.understood(where, shlex.join(words[words.index("--") + 1 :]))
            for word in words:
                if word.startswith("conf/"):
                    self.assertTrue((ROOT / word).exists(), f"{where}: {word}")

    def test_questions_have_answers(self):
        """Of the demo, on a port of its own; who asks no server of ours asks this one."""
        if shutil.which("dig") is None:
            self.skipTest("dig is not installed")
        demo = ROOT / "conf/demo/fedns.yaml"
        self.start(["-c", str(demo), *(f"--listen={listen}" for listen in self.listens())])
        asked = [words for _where, command in commands("sh elsewhere") if (words := shlex.split(command))[0] == "dig"]
        self.assertGreaterEqual(len(asked), 4)
        for words in asked:
            words = [str(self.port) if word == "5300" else word for word in words]
            if "-p" not in words:
                words += ["@127.0.0.1", "-p", str(self.port)]
            done = subprocess.run(words, capture_output=True, text=True, timeout=10, check=True)
            self.assertRegex(done.stdout, r"\A([a-z0-9.-]+\n)*[0-9.]+\n\Z", shlex.join(words))

    def test_configurations_are_good(self):
        self.clone()
        (self.folder / "token").write_text("testtoken\n")
        (self.folder / "token").chmod(0o600)
        (self.folder / "config").write_text(
            "apiVersion: v1\nkind: Config\nclusters:\n- {name: c, cluster: {server: 'http://127.0.0.1:9'}}\n"
            "contexts:\n- {name: hangzhou, context: {cluster: c}}\n- {name: beijing, context: {cluster: c}}\n"
        )
        (self.folder / "kubeconfig").symlink_to("config")
        good = 0
        for path in PAGES:
            for info, text in blocks(path):
                if info != "yaml" or not text.startswith("federation:"):
                    continue
                self.config_path.write_text(text)
                done = self.fedns("reload", "-c", str(self.config_path))
                # read whole, and no daemon answers; or it has no control socket
                self.assertRegex(done.stderr, "there is none|has no key `control`", f"{path.name}: {text}")
                self.assertNotIn("error:", done.stderr)
                good += 1
        self.assertGreaterEqual(good, 4)

    def test_both_languages_say_the_same(self):
        english, chinese = FOLDER / "guide.md", FOLDER / "guide.zh.md"
        self.assertEqual(blocks(english), blocks(chinese))
        titles = [re.findall(r"^## (\d)\.", path.read_text(), re.MULTILINE) for path in (english, chinese)]
        self.assertEqual(titles[0], titles[1])

    def test_the_guide_shows_what_init_makes(self):
        """The pods' configuration, once a member's kubeconfig is there."""
        self.clone()
        (self.folder / "members").write_text(
            "apiVersion: v1\nkind: Config\nclusters:\n- {name: c, cluster: {server: 'https://127.0.0.1:9'}}\n"
            "users:\n- {name: u, user: {token: testtoken}}\n"
            "contexts:\n- {name: beijing, context: {cluster: c, user: u}}\ncurrent-context: beijing\n"
        )
        (self.folder / "members").chmod(0o600)
        init = next(command for _where, command in commands("sh check") if "--member-kubeconfig" in command)
        done = self.fedns(*shlex.split(init.removesuffix(" --apply"))[1:], cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        made = re.search(r"^  fedns\.yaml: \|\n((?:    .*\n)+)", done.stdout, re.MULTILINE)[1]
        guide = next(text for info, text in blocks(FOLDER / "guide.md") if info == "yaml" and "federation:" in text)

        def words(text):
            """Keys and values wherever they stand, in block or flow."""
            return sorted(word for word in re.findall(r"[^\s,{}\[\]\"]+", text) if word != "-")

        self.assertEqual(words(made), words(guide))

    def test_links_and_files_are_there(self):
        for path in PAGES:
            text = path.read_text()
            for target in re.findall(r"\]\(([^):]+)\)", text):
                self.assertTrue((FOLDER / target).exists(), f"{path.name}: {target}")
            for target in re.findall(r"`((?:conf|docker|tests|src)/[A-Za-z0-9_./-]+)`", text):
                self.assertTrue((ROOT / target).exists(), f"{path.name}: {target}")

    def test_pictures_are_whole_and_say_what_they_show(self):
        pictures = sorted(FOLDER.glob("*.svg"))
        self.assertEqual(len(pictures), 2)
        space = "{http://www.w3.org/2000/svg}"
        for path in pictures:
            root = xml.parse(path).getroot()
            self.assertTrue(root.find(f"{space}title").text)
            self.assertTrue(root.find(f"{space}desc").text)
            _x, _y, width, height = map(float, root.get("viewBox").split())
            for text in root.iter(f"{space}text"):
                self.assertLess(float(text.get("x")), width)
                self.assertLess(float(text.get("y")), height)
            self.assertNotRegex(path.read_text(), r"<script|href=|@import|url\((?!#)")

    def test_figures_of_the_limits_are_those_of_the_program(self):
        """Each number in the table of limits is one of a header's."""
        table = (FOLDER / "tuning.md").read_text().split("## Limits")[1]
        headers = "".join(path.read_text() for path in sorted((ROOT / "include/fedns").glob("*.h")))
        known = {
            "100,000": r"SERVICES_MAX\s+100000\b", "64": r"LISTEN_MAX\s+64\b",
            "16": r"CONTROL_CONNECTIONS_MAX\s+16\b", "1,024": r"TCP_CONNECTIONS_MAX\s+1024\b",
            "100": r"CLUSTERS_MAX\s+100\b",
        }  # fmt: skip
        for number, pattern in known.items():
            self.assertIn(number, table)
            self.assertTrue(re.search(pattern, headers), pattern)


if __name__ == "__main__":
    unittest.main()
