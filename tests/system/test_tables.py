"""Every table fits the terminal it is printed on; elsewhere, and with -o wide, it is whole."""

import fcntl
import functools
import os
import pty
import re
import struct
import subprocess
import termios
import unittest

import state
from harness import FEDNS, SystemTest, wait_until

REPLY_S = 20.0
MANY = [f"192.0.2.{i}" for i in range(1, 40)]
COMMANDS = (["status"], ["clusters"], ["services"], ["records"], ["explain", f"{state.NGINX}.cn-beijing.{state.ZONE}."])


class Tables(SystemTest):
    """One daemon, terminals of several widths."""

    def setUp(self):
        super().setUp()
        self.path = self.folder / "control.sock"
        self.write_config(f"control: {self.path}\nhealth: {{probe: tcp, port: 9, interval: 1s, timeout: 1s}}\n")
        self.write_state(
            state.text(*state.CLUSTERS,
                       state.cluster("a-cluster-of-a-rather-long-name", "cn-region-of-a-long-name", ["zone-a"]),
                       state.service("nginx", {"hangzhou": MANY, "a-cluster-of-a-rather-long-name": ["2001:db8::1"]},
                                     ports=["http:80", "https:443"]),
                       state.service("b", {"beijing": ["127.0.0.1"]}, namespace="another"))
        )  # fmt: skip
        self.start()

    def shown(self, width, *arguments):
        """The lines that a terminal of `width` columns gets."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        try:
            command = [FEDNS, *arguments, "-s", str(self.path)]
            with subprocess.Popen(command, stdout=theirs, stdin=subprocess.DEVNULL) as process:
                os.close(theirs)
                octets = b""
                try:
                    while more := os.read(ours, 65536):
                        octets += more
                except OSError:
                    pass  # the other end is closed
                self.assertIn(process.wait(REPLY_S), (0, 1))
        finally:
            os.close(ours)
        return octets.decode().splitlines()

    def test_no_line_is_wider_than_the_terminal(self):
        for width in (40, 60, 80, 132):
            for command in COMMANDS:
                lines = self.shown(width, *command)
                self.assertTrue(lines)
                # what is no table says a name whole, and `status` a path: cut, they would be of no use
                whole = re.compile(r"\S+\., (zone|region|global)")
                table = [line for line in lines if command[0] != "status" and not whole.match(line)]
                for line in table:
                    self.assertLessEqual(len(line), width, f"{command} at {width}: {line!r}")

    def test_a_name_is_never_cut_where_the_terminal_is_narrow(self):
        told = " ".join(self.shown(40, "clusters"))
        for name in ("hangzhou", "beijing", "a-cluster-of-a-rather-lo"):
            self.assertIn(name, told)
        self.assertIn("another", " ".join(self.shown(40, "services")))

    def test_paragraphs_have_one_blank_line_between(self):
        for command in COMMANDS[1:]:
            self.assertNotIn("\n\n\n", "\n".join(self.shown(40, *command)))

    def test_wide_cuts_nothing(self):
        self.assertTrue(any(",".join(MANY) in line for line in self.shown(40, "services", "-o", "wide")))

    def test_without_headers_there_are_rows_alone(self):
        def rows(*arguments):
            told = self.fedns(*arguments, "-s", str(self.path)).stdout
            return [line.split() for line in told.splitlines()]

        def same(command):
            return rows(command, "--no-headers") == rows(command)[1:]

        for command in ("clusters", "services", "records"):
            # ages and TTLs may move between the two
            wait_until(command, functools.partial(same, command))

    def test_check_counts_as_the_daemon_does(self):
        done = self.fedns("check", "-c", str(self.config_path))
        counts = re.search(r"(\d+) services, (\d+) records", done.stdout + done.stderr).groups()
        status = dict(line.split(None, 1) for line in self.fedns("status", "-s", str(self.path)).stdout.splitlines())
        self.assertEqual((status["services"], status["records"]), counts)

    def test_rows_are_sorted(self):
        for command, columns in (("clusters", 1), ("services", 2)):
            rows = self.fedns(command, "-s", str(self.path), "--no-headers").stdout.splitlines()
            keys = [line.split()[:columns] for line in rows]
            self.assertEqual(keys, sorted(keys))

    def test_there_are_no_colours(self):
        for command in COMMANDS:
            self.assertNotIn("\x1b", "".join(self.shown(80, *command)))


if __name__ == "__main__":
    unittest.main()
