"""The README's commands, run as they stand there; only the port is another."""

import pathlib
import re
import shlex
import subprocess
import unittest

from harness import SystemTest

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
ZONE = "spacexnice.xyz"
HANGZHOU, SHANGHAI = "120.55.149.69", "139.196.70.146"
# What the words in the table's right column mean.
MEANING = {
    "both addresses": ("NOERROR", [HANGZHOU, SHANGHAI]),
    HANGZHOU: ("NOERROR", [HANGZHOU]),
    "the ladder in one answer": ("NOERROR", ["CNAME", "CNAME", HANGZHOU, SHANGHAI]),
    "nothing, but the name exists": ("NOERROR", []),
    "the name does not exist": ("NXDOMAIN", []),
}


def words(text):
    """The order of addresses changes from answer to answer."""
    return sorted(line.split() for line in text.strip().splitlines())


class Readme(SystemTest):
    """The demo, on a free port."""

    def demo(self):
        demo = ROOT / "conf/demo/fedns.yaml"
        return self.start(["-c", str(demo), *(f"--listen={listen}" for listen in self.listens())])

    def test_printed_commands_print_what_stands_below_them(self):
        self.demo()
        blocks = re.findall(r"^    \$ (.*)\n((?:    (?!\$).*\n)+)", README, re.MULTILINE)
        self.assertTrue(blocks)
        for command, output in blocks:
            command = command.replace("-p 5300", f"-p {self.port}")
            done = subprocess.run(shlex.split(command), capture_output=True, text=True, timeout=10, check=True)
            self.assertEqual(words(done.stdout), words(output), command)

    def test_the_table_of_answers_is_true(self):
        daemon = self.demo()
        rows = re.findall(r"^\| (`[a-z].*?) \| (.*) \|$", README.split("## What it answers")[1].split("##")[0], re.M)
        asked = 0
        for names, answer in rows:
            rcode, expected = next(value for words, value in MEANING.items() if answer.startswith(words))
            for name in re.findall(r"`(.*?)`", names):
                reply = daemon.ask(f"{name}.{ZONE}.")
                got = [record.rdata if record.type == "A" else record.type for record in reply.answer]
                self.assertEqual((reply.rcode, sorted(got)), (rcode, sorted(expected)), name)
                asked += 1
        self.assertEqual(asked, 7)

    def test_commands_that_are_only_named_work(self):
        commands = re.findall(r"^    (fedns .*)$", README, re.MULTILINE)
        self.assertTrue(commands)
        for command in commands:
            done = self.fedns(*shlex.split(command)[1:], cwd=ROOT)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(f"nginx.default.fed.svc.{ZONE}. 180 IN A {HANGZHOU}", done.stdout)

    def test_the_smallest_configuration_is_enough(self):
        block = re.search(r"```yaml\n(.*?)```", README, re.DOTALL).group(1)
        (self.folder / "federation.json").write_text((ROOT / "conf/demo/federation.json").read_text())
        self.config_path.write_text(block)
        self.assertEqual(self.fedns("check", "-c", str(self.config_path)).returncode, 0)

    def test_the_map_names_every_folder(self):
        named = set(re.findall(r"`((?:include|src|conf|docker|tests)/[a-z/]*)`", README.split("## Map")[1]))
        there = {f"src/{path.name}/" for path in (ROOT / "src").iterdir()}
        there |= {"include/fedns/", "conf/", "docker/", "tests/"}
        self.assertEqual({name for name in named if (ROOT / name).is_dir()} & there, there)
        self.assertEqual([name for name in named if not (ROOT / name).exists()], [])


if __name__ == "__main__":
    unittest.main()
