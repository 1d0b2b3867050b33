"""What an attacker has to get past in the program as it is built for use: read from its ELF file."""

import platform
import re
import shutil
import subprocess
import unittest

from harness import FEDNS

SANITIZERS = (b"__asan_init", b"__tsan_init", b"__ubsan_handle")
# libc's functions that check the room of what they write to; a program of this size has several
CHECKED_MIN = 3
# what a function begins with where jumps may only go to marked places
LANDING = {"x86_64": "endbr64", "aarch64": "paciasp|bti"}


class Program(unittest.TestCase):
    """The file."""

    @classmethod
    def setUpClass(cls):
        cls.path = shutil.which(FEDNS)
        for tool in ("readelf", "objdump"):
            if shutil.which(tool) is None:
                raise unittest.SkipTest(f"{tool} is not installed")
        with open(cls.path, "rb") as program:
            octets = program.read()
        if any(name in octets for name in SANITIZERS):
            raise unittest.SkipTest("a build with sanitizers is for tests; this is about the one for use")

    def read(self, *options, tool="readelf"):
        done = subprocess.run([tool, *options, self.path], capture_output=True, text=True, timeout=60, check=True)
        return done.stdout

    def test_it_can_be_loaded_anywhere(self):
        self.assertRegex(self.read("-hW"), r"Type:\s+DYN")
        self.assertRegex(self.read("-dW"), r"FLAGS_1.*\bPIE\b")

    def test_its_tables_are_read_only_once_it_runs(self):
        self.assertRegex(self.read("-lW"), r"GNU_RELRO")
        self.assertRegex(self.read("-dW"), r"FLAGS_1.*\bNOW\b")
        self.assertNotIn("TEXTREL", self.read("-dW"))

    def test_nothing_is_both_written_and_run(self):
        segments = re.findall(r"^\s+(\w+)\s+(?:0x\w+\s+){5}([R ][W ][E ])", self.read("-lW"), re.MULTILINE)
        self.assertIn("LOAD", dict(segments))
        self.assertEqual(dict(segments)["GNU_STACK"], "RW ")
        self.assertEqual([name for name, flags in segments if "W" in flags and "E" in flags], [])

    def test_it_takes_its_libraries_from_the_system_alone(self):
        self.assertNotRegex(self.read("-dW"), r"\((RPATH|RUNPATH)\)")

    def test_its_stack_and_its_buffers_are_guarded(self):
        imported = set(re.findall(r"UND (\w+)", self.read("--dyn-syms", "-W")))
        self.assertIn("__stack_chk_fail", imported)
        checked = {name for name in imported if re.fullmatch(r"__\w+_chk", name)}
        self.assertGreaterEqual(len(checked), CHECKED_MIN, imported)
        self.assertEqual(imported & {"gets", "strcpy", "strcat", "sprintf", "vsprintf", "system", "popen"}, set())

    def test_jumps_have_places_to_land(self):
        landing = LANDING.get(platform.machine())
        if landing is None:
            self.skipTest(f"not known for {platform.machine()}")
        text = self.read("-d", "--no-show-raw-insn", tool="objdump")
        self.assertGreater(len(re.findall(rf"\s({landing})\b", text)), 100)

    def test_returns_are_kept_where_the_machine_can(self):
        """The mark of the whole file: without it code made for a shadow stack runs without one."""
        if platform.machine() != "x86_64":
            self.skipTest("shadow stacks are of x86-64")
        self.assertRegex(self.read("-nW"), r"x86 feature:.*\bSHSTK\b")


if __name__ == "__main__":
    unittest.main()
