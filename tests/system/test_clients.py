"""dig, kdig and drill, which ask and read in their own ways: the options that the other tests don't show."""

import re
import subprocess
import unittest

import netns
import state
from delegated import Delegated
from harness import SystemTest

NGINX = f"{state.NGINX}.{state.ZONE}."
BEIJING = f"{state.NGINX}.cn-beijing.{state.ZONE}."
BEIJING_A = f"{state.NGINX}.cn-beijing-a.cn-beijing.{state.ZONE}."
LADDER = [f"{BEIJING_A} 180 IN CNAME {BEIJING}", f"{BEIJING} 180 IN CNAME {NGINX}"]
BOTH = [f"{NGINX} 180 IN A {state.HANGZHOU}", f"{NGINX} 180 IN A {state.SHANGHAI}"]
LARGE = f"large.default.fed.svc.{state.ZONE}."
MANY = [f"2001:db8::{i:x}" for i in range(1, 65)]


def records(text, section="ANSWER"):
    """The records of a section, as both programs print them."""
    part = re.search(rf"^;; {section} SECTION:\n((?:[^;\n].*\n)*)", text, re.MULTILINE)
    return [" ".join(line.split()) for line in part.group(1).splitlines()] if part else []


class Client(SystemTest):
    """One program and one daemon, with the guide's service and a large one."""

    program = None

    def setUp(self):
        netns.need(self.program)
        super().setUp()
        self.write_config("identity: {id: pod-7}\n")
        large = state.service("large", {"hangzhou": MANY})
        nginx = state.service("nginx", {"hangzhou": [state.HANGZHOU], "shanghai": [state.SHANGHAI]})
        self.write_state(state.text(*state.CLUSTERS, nginx, large))
        self.start()

    def ask(self, *arguments):
        command = [self.program, "-p", str(self.port), "@127.0.0.1", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=15, check=True).stdout


class Bind(Client):
    """dig."""

    program = "dig"

    def test_options_over_tcp(self):
        text = self.ask("+tcp", "+keepalive", "+padding=128", "+subnet=2001:db8::/48", "+dnssec", NGINX, "A")
        self.assertRegex(text, r"TCP KEEPALIVE: \d+\.\d secs")
        self.assertIn("CLIENT-SUBNET: 2001:db8::/48/0", text)
        self.assertIn("EDNS: version: 0, flags: do; udp: 1232", text)
        self.assertEqual(sorted(records(text)), BOTH)

    def test_a_cookie_may_be_fetched_without_a_question(self):
        text = self.ask("+header-only", "+cookie")
        self.assertIn("status: NOERROR", text)
        self.assertRegex(text, r"COOKIE: [0-9a-f]{48} \(good\)")


class Kdig(Client):
    """Knot's dig."""

    program = "kdig"

    def test_questions_share_a_connection(self):
        text = self.ask("+tcp", "+keepopen", NGINX, "A", BEIJING_A, "AAAA", f"www.{state.ZONE}.", "A")
        parts = text.split(";; ->>HEADER<<-")[1:]
        statuses = [re.search(r"status: (\w+)", part).group(1) for part in parts]
        self.assertEqual(statuses, ["NOERROR", "NOERROR", "NXDOMAIN"])
        self.assertEqual([len(re.findall(r"\(TCP\)", part)) for part in parts], [1, 1, 1])
        self.assertEqual([sorted(records(part)) for part in parts], [BOTH, sorted(LADDER), []])

    def test_options_together_do_not_disturb_each_other(self):
        text = self.ask("+nsid", "+subnet=192.0.2.0/24", "+cookie", "+padding=64", "+ednsopt=65001:00ff", NGINX, "A")
        self.assertIn("NSID: 706F642D37", text)
        self.assertIn("COOKIE: ", text)
        self.assertIn("UDP size: 1232 B", text)
        # the answer is the same for everybody (RFC 7871 7.2.1), and of an unknown option nothing is said
        self.assertIn("CLIENT-SUBNET: 192.0.2.0/24/0", text)
        self.assertNotIn("65001", text)
        self.assertEqual(sorted(records(text)), BOTH)

    def test_the_clients_buffer_size_counts_up_to_ours(self):
        for size, limit in ((512, 512), (1232, 1232), (4096, 1232)):
            text = self.ask(f"+bufsize={size}", "+ignore", LARGE, "AAAA")
            self.assertRegex(text, r"Flags: qr aa tc")
            self.assertLessEqual(int(re.search(r"Received (\d+) B", text).group(1)), limit)
        # without +ignore it comes again by itself, over TCP
        self.assertEqual(len(records(self.ask("+bufsize=512", LARGE, "AAAA"))), len(MANY))

    def test_a_later_version_of_edns_is_told_ours(self):
        text = self.ask("+edns=1", NGINX, "A")
        self.assertIn("status: BADVERS", text)
        self.assertEqual(records(text), [])


class Drill(Client):
    """ldns's."""

    program = "drill"

    def test_it_reads_each_kind_of_answer(self):
        for transport in ([], ["-t"]):
            self.assertEqual(sorted(records(self.ask(*transport, NGINX, "A"))), BOTH)
            self.assertEqual(sorted(records(self.ask(*transport, BEIJING_A, "A"))), sorted(LADDER + BOTH))
            self.assertEqual(records(self.ask(*transport, BEIJING_A, "CNAME")), LADDER[:1])
            nodata = self.ask(*transport, BEIJING_A, "AAAA")
            self.assertEqual(records(nodata), LADDER)
            self.assertRegex(records(nodata, "AUTHORITY")[0], rf"^{state.ZONE}\. 30 IN SOA ")
            self.assertIn("rcode: NXDOMAIN", self.ask(*transport, f"www.{state.ZONE}.", "A"))

    def test_the_buffer_size_counts(self):
        plain = self.ask(LARGE, "AAAA")
        self.assertIn("flags: qr aa tc", plain)
        self.assertNotIn("EDNS:", plain)
        for size in (512, 1232):
            text = self.ask("-b", str(size), LARGE, "AAAA")
            self.assertIn("EDNS: version 0; flags: ; udp: 1232", text)
            self.assertLessEqual(int(re.search(r"MSG SIZE  rcvd: (\d+)", text).group(1)), size)
        self.assertEqual(len(records(self.ask("-a", LARGE, "AAAA"))), len(MANY))
        self.assertEqual(len(records(self.ask("-t", LARGE, "AAAA"))), len(MANY))

    def test_it_knows_the_do_bit_again(self):
        self.assertIn("EDNS: version 0; flags: do ;", self.ask("-D", NGINX, "A"))


class Trace(Delegated):
    """drill as its own resolver."""

    def test_drill_comes_from_the_root_to_the_answer(self):
        netns.need("drill")
        self.write_state(state.guide())
        self.start_root()
        self.start_replicas()
        text = self.hub.run("drill", "-T", "-r", str(self.hints), BEIJING_A, "A").stdout
        for line in (*LADDER, *BOTH):
            self.assertIn(line, " ".join(text.split()))


if __name__ == "__main__":
    unittest.main()
