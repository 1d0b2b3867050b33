"""The programs by which zones are judged, given ours as it is delegated: they find only what is explained here."""

import json
import unittest

import netns
import state
from delegated import REPLICAS, ROOT, Delegated

NGINX = f"{state.NGINX}.{state.ZONE}"
BEIJING = f"{state.NGINX}.cn-beijing.{state.ZONE}"
BEIJING_A = f"{state.NGINX}.cn-beijing-a.cn-beijing.{state.ZONE}"
HANGZHOU = f"{state.NGINX}.cn-hangzhou.{state.ZONE}"
# A parent that believes both replicas at the address of the first: what the programs must complain of.
WRONG_GLUE = {name: REPLICAS["ns1"] for name in REPLICAS}


class Judged(Delegated):
    """The whole federation guide, served."""

    def serve(self, glue=REPLICAS):
        self.write_state(state.guide())
        self.start_root(glue)
        self.start_replicas()

    def output(self, *command):
        done = self.hub.run(*command, timeout_s=60)
        self.assertEqual(done.returncode, 0, f"{command}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout


class Dnsviz(Judged):
    """From the root down, every server and both families, with the EDNS of the future (-E) and NSID (-n)."""

    # code: why it is right as it is
    EXPLAINED = {}
    NAMES = (state.ZONE, NGINX, BEIJING_A, HANGZHOU)

    def setUp(self):
        netns.need("dnsviz")
        super().setUp()

    def analyse(self, *names):
        probe, keys, out = (self.folder / name for name in ("probe.json", "no-keys", "grok.json"))
        keys.write_text("")  # nothing is signed, so there is nothing to trust
        root = f".:a.root-servers.net={ROOT[0]},a.root-servers.net=[{ROOT[1]}]"
        self.output("dnsviz", "probe", "-A", "-a", ".", "-E", "-n", "-d", "1", "-x", root, "-o", str(probe), *names)
        self.output("dnsviz", "grok", "-t", str(keys), "-l", "info", "-r", str(probe), "-o", str(out))
        return json.loads(out.read_text())

    def findings(self, part):
        """(error or warning, code) wherever they stand in what `grok` printed."""
        found = set()
        if isinstance(part, list):
            for below in part:
                found |= self.findings(below)
        elif isinstance(part, dict):
            for key, below in part.items():
                if key in ("errors", "warnings"):
                    found |= {(key, finding["code"]) for finding in below}
                else:
                    found |= self.findings(below)
        return found

    def test_it_finds_nothing(self):
        self.serve()
        result = self.analyse(*self.NAMES)
        found = {(key, code) for key, code in self.findings(result) if code not in self.EXPLAINED}
        self.assertEqual(found, set(), json.dumps(result, indent=1)[:20000])
        # it followed the ladder, and saw the delegation
        self.assertLessEqual({f"{name}." for name in (*self.NAMES, BEIJING)}, set(result))
        self.assertEqual(result[f"{state.ZONE}."]["delegation"]["status"], "INSECURE")

    def test_it_would_find_wrong_glue(self):
        self.serve(WRONG_GLUE)
        self.assertIn("GLUE_MISMATCH", {code for _, code in self.findings(self.analyse(state.ZONE))})


class Zonemaster(Judged):
    """All its modules, through a delegation and before there is one."""

    # tag: why it is right as it is
    EXPLAINED = {
        "NOT_SIGNED": "fedns has no DNSSEC",
        "NEITHER_DNSKEY_NOR_DS": "the same",
        "MULTIPLE_SOA_SERIALS": "each replica counts its own changes from its start on; nobody transfers zones",
        "SOA_SERIAL_VARIATION": "the same",
        "Z01_MNAME_NOT_MASTER": "the same: the replica that SOA names as the first may have started first",
        "REFRESH_MINIMUM_VALUE_LOWER": "REFRESH is for secondaries, of which there are none",
        "RETRY_MINIMUM_VALUE_LOWER": "the same of RETRY",
        "SOA_DEFAULT_TTL_MAXIMUM_VALUE_LOWER": "a new service shall be seen soon: that is what negative_ttl is for",
        "RNAME_MAIL_DOMAIN_INVALID": "the zone receives no mail; an operator names a mailbox by contact:",
        "Z09_MISSING_MAIL_TARGET": "the same",
    }
    # what it says for each address of each replica, or once, when it has seen what it must
    EACH = {"NO_RECURSOR", "AXFR_FAILURE", "QNAME_CASE_SENSITIVE"}
    ONCE = {
        "ADDRESSES_MATCH",
        "ARE_AUTHORITATIVE",
        "CASE_QUERIES_RESULTS_OK",
        "DISTINCT_IP_ADDRESS",
        "EDNS0_SUPPORT",
        "IPV4_DIFFERENT_ASN",
        "IPV6_DIFFERENT_ASN",
        "NAMES_MATCH",
        "NO_UPWARD_REFERRAL",
        "ONE_NS_SET",
        "ONE_SOA",
        "ONE_SOA_TIME_PARAMETER_SET",
        "REFERRAL_SIZE_OK",
        "SAME_SOURCE_IP",
    }

    def setUp(self):
        netns.need("zonemaster-cli")
        super().setUp()

    def judge(self, *arguments):
        """[(level, tag), ...] of all it says."""
        command = ["zonemaster-cli", "--hints", str(self.hints), "--json", "--level", "DEBUG", "--no-progress"]
        results = json.loads(self.output(*command, *arguments, state.ZONE))
        return [(result["level"], result["tag"]) for result in results]

    def good(self, said):
        tags = [tag for _, tag in said]
        bad = {(level, tag) for level, tag in said if level not in ("INFO", "DEBUG") and tag not in self.EXPLAINED}
        self.assertEqual(bad, set())
        self.assertEqual(self.ONCE - set(tags), set())
        self.assertEqual({tag: tags.count(tag) for tag in self.EACH}, {tag: 4 for tag in self.EACH})

    def test_it_finds_what_is_explained(self):
        self.serve()
        self.good(self.judge())
        servers = (f"{name}.{state.ZONE}/{address}" for name, pair in REPLICAS.items() for address in pair)
        self.good(self.judge(*(f"--ns={server}" for server in servers)))

    def test_it_would_find_wrong_glue(self):
        self.serve(WRONG_GLUE)
        self.assertIn(("ERROR", "IN_BAILIWICK_ADDR_MISMATCH"), self.judge())


if __name__ == "__main__":
    unittest.main()
