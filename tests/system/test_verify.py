"""`fedns verify` walks a small Internet from the root's zone down: a right delegation is found right, and each fault is
named by its stable word, with its mend."""

import json
import unittest

import netns
import state
from delegated import NSD_CONFIG, REPLICAS, UNBOUND_CONFIG, Delegated
from harness import FEDNS, SANITIZER

ZONE = f"{state.ZONE}."
NS1, NS2 = (f"{name}.{ZONE}" for name in REPLICAS)
ELSEWHERE = ("120.55.149.99", "2400:3200:9::53")  # no server has these
LINES = "".join(f"  - {{name: {name}.{ZONE}, addresses: [{v4}, '{v6}']}}\n" for name, (v4, v6) in REPLICAS.items())
RECORDS = "".join(
    f"@ NS {name}\n{name} A {v4}\n{name} AAAA {v6}\n" for name, (v4, v6) in REPLICAS.items()
)
# What is no name server of ours but answers for the zone by one transport alone, or for nobody.
ODD = """\
  interface: {v4}
  interface: {v6}
  {more}
auth-zone:
  name: "{zone}"
  zonefile: "{folder}/zone"
  for-upstream: no
  for-downstream: yes
"""


class Verify(Delegated):
    """The program asks in the hub, where unbound is its resolver."""

    def setUp(self):
        netns.need("unbound")
        super().setUp()
        self.write_state(state.guide())

    def serve(self, name, records=RECORDS, serial=7, ttl=180):
        """NSD as one of our name servers, with a serial that we choose. fedns numbers by its clock."""
        space, folder = self.star.server(*REPLICAS[name]), self.folder / name
        folder.mkdir()
        soa = f"$TTL {ttl}\n@ SOA ns1 hostmaster {serial} 3600 600 1209600 30\n"
        (folder / "zone").write_text(soa + records)
        zone = f'zone:\n  name: "{ZONE}"\n  zonefile: "zone"\n'
        (folder / "nsd.conf").write_text(NSD_CONFIG.format(folder=folder) + zone)
        self.spawn(name, space, ["nsd", "-d", "-c", str(folder / "nsd.conf")], "nsd started")

    def serve_oddly(self, name, more):
        """unbound in its place, told otherwise by a line of configuration."""
        space, folder = self.star.server(*REPLICAS[name]), self.folder / name
        folder.mkdir()
        (folder / "zone").write_text(f"$TTL 180\n$ORIGIN {ZONE}\n@ SOA ns1 h 7 3600 600 1209600 30\n{RECORDS}")
        v4, v6 = REPLICAS[name]
        (folder / "hints").write_text(self.hints.read_text())
        base = UNBOUND_CONFIG.format(folder=folder, caps="no").replace("  interface: 127.0.0.1\n", "")
        odd = ODD.format(v4=v4, v6=v6, more=more, zone=ZONE, folder=folder)
        access = "  access-control: 0.0.0.0/0 allow\n  access-control: ::/0 allow\n"
        text = base.replace("server:\n", "server:\n" + access).replace("remote-control:", odd + "remote-control:")
        (folder / "unbound.conf").write_text(text)
        self.spawn(name, space, ["unbound", "-d", "-c", str(folder / "unbound.conf")], "start of service")

    def verify(self, *arguments, servers=LINES, extra=""):
        """Exit status, what was printed, and what was said beside it."""
        self.config_path.write_text(
            f"federation: fed\nzone: {ZONE}\nnameservers:\n{servers}resolver: ['127.0.0.1:53']\n"
            f"source: {{file: state.json}}\n{extra}"
        )
        done = self.hub.run(FEDNS, "verify", "-c", str(self.config_path), *arguments, timeout_s=30)
        self.assertIsNone(SANITIZER.search(done.stderr), done.stderr)
        return done

    def findings(self, status, **more):
        """{reason: [text and mend, ...]} of one run."""
        done = self.verify("-o", "json", **more)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        found = {}
        for finding in json.loads(done.stdout)["findings"]:
            self.assertTrue(finding["text"] and finding["mend"], finding)
            found.setdefault(finding["reason"], []).append(f"{finding['text']}; {finding['mend']}")
        return found

    def start_world(self, serve=REPLICAS, **root):
        self.start_root(**root)
        for name in serve:
            self.serve(name)
        self.start_unbound(caps="no")

    def one(self, found, reason, *parts, count=1):
        """This alone was found, `count` times, and each sentence has these parts."""
        self.assertEqual(list(found), [reason], found)
        self.assertEqual(len(found[reason]), count, found)
        for text in found[reason]:
            for part in parts:
                self.assertIn(part, text)

    def test_a_right_delegation(self):
        self.start_world()
        self.assertEqual(self.findings(0), {})
        done = self.verify("--strict")
        self.assertEqual(done.returncode, 0, done.stdout)
        lines = [line.split() for line in done.stdout.splitlines()]
        self.assertEqual(lines[0], ["SERVER", "OF", "ADDRESS", "UDP", "TCP", "SERIAL"])
        self.assertIn(["a.root-servers.net.", "parent", "198.41.0.4", "ok", "-", "-"], lines)
        for name, pair in REPLICAS.items():
            for address in pair:
                self.assertIn([f"{name}.{ZONE}", "zone", address, "ok", "ok", "7"], lines)
        self.assertEqual(done.stderr, f"{ZONE} below xyz.: 6 addresses asked, 0 errors, 0 warnings\n")

    def test_replicas_of_fedns_are_right_too(self):
        """Each counts its serial for itself: that is a warning at most."""
        self.start_root()
        self.start_replicas()
        self.start_unbound(caps="no")
        self.assertLessEqual(set(self.findings(0)), {"serial-differs"})

    def test_the_responder_of_this_machine_is_asked_too(self):
        self.start_world()
        for zone, findings in ((ZONE, {"serial-differs"}), ("other.xyz.", {"lame"})):
            config = self.folder / "responder.yaml"
            config.write_text(
                f"federation: fed\nzone: {zone}\nnameservers:\n{LINES}listen: ['127.0.0.1:5300']\n"
                "source: {file: state.json}\n"
            )
            daemon = self.start(["-c", str(config)], prefix=self.hub.enter)
            done = self.verify("-o", "json", extra="listen: ['127.0.0.1:5300']\n")
            report = json.loads(done.stdout)
            self.assertEqual([row["address"] for row in report["servers"] if row["of"] == "responder"], ["127.0.0.1"])
            self.assertEqual({finding["reason"] for finding in report["findings"]}, findings)
            self.assertEqual(done.returncode, 1 if "lame" in findings else 0)
            daemon.stop()

    def test_the_parent_lacks_a_name_server(self):
        self.start_world(named=("ns1",))
        self.one(self.findings(1), "ns-missing-at-parent", NS2, f'add "{ZONE} NS {NS2}" to the parent')

    def test_the_parent_has_one_more(self):
        more = f"{state.ZONE}. NS ns3.{ZONE}\nns3.{ZONE} A {REPLICAS['ns1'][0]}\n"
        self.start_world(more=more)
        self.one(self.findings(1), "ns-extra-at-parent", f"ns3.{ZONE}", "out of the parent")

    def test_the_parent_does_not_delegate(self):
        self.start_world(named=())
        found = self.findings(1)
        self.assertEqual(list(found), ["no-delegation"])
        self.assertIn("2 of its 2 servers", found["no-delegation"][0])

    def test_the_glue_is_wrong(self):
        self.start_world(glue={**REPLICAS, "ns2": (ELSEWHERE[0], REPLICAS["ns2"][1])})
        found = self.findings(1)
        self.assertEqual(sorted(found), ["glue-missing", "glue-wrong"])
        self.assertIn(f'add "{NS2} A {REPLICAS["ns2"][0]}"', found["glue-missing"][0])
        self.assertIn(f'take "{NS2} A {ELSEWHERE[0]}" out', found["glue-wrong"][0])

    def test_a_server_is_dead(self):
        self.start_world(serve=("ns1",))
        self.star.server(*REPLICAS["ns2"])  # the machine is there, and nobody listens
        self.one(self.findings(1), "server-silent", NS2, "neither over UDP nor over TCP", count=2)

    def test_a_server_is_lame(self):
        self.start_world(serve=("ns1",))
        space = self.star.server(*REPLICAS["ns2"])
        config, pair = self.folder / "lame.yaml", REPLICAS["ns2"]
        config.write_text(
            f"federation: fed\nzone: other.xyz.\nnameservers: [{{name: ns1.other.xyz., addresses: [{pair[0]}]}}]\n"
            f"listen: ['{pair[0]}:53', '[{pair[1]}]:53']\nsource: {{file: state.json}}\n"
        )
        self.start(["-c", str(config)], prefix=space.enter)
        self.one(self.findings(1), "lame", NS2, "REFUSED", count=2)

    def test_one_transport_is_blocked(self):
        self.start_root()
        self.serve_oddly("ns1", "do-tcp: no")
        self.serve_oddly("ns2", "do-udp: no")
        self.start_unbound(caps="no")
        found = self.findings(1)
        self.assertEqual(sorted(found), ["no-tcp", "no-udp"])
        for text in found["no-tcp"]:
            self.assertIn(NS1, text)
            self.assertIn("open TCP port 53", text)
        for text in found["no-udp"]:
            self.assertIn(NS2, text)

    def test_serials_differ(self):
        self.start_root()
        self.serve("ns1", serial=7)
        self.serve("ns2", serial=8)
        self.start_unbound(caps="no")
        self.one(self.findings(0), "serial-differs", "has 7", "has 8")
        self.assertEqual(self.verify("--strict").returncode, 1)

    def test_a_server_has_another_ns_set_and_ttl(self):
        self.start_root()
        self.serve("ns1")
        self.serve("ns2", records=RECORDS.replace("@ NS ns1\n", "@ NS ns9\n"), ttl=60)
        self.start_unbound(caps="no")
        found = self.findings(1)
        self.assertEqual(sorted(found), ["ns-extra-at-server", "ns-missing-at-server", "ttl-differs"])
        self.assertIn(f"ns9.{ZONE}", found["ns-extra-at-server"][0])
        self.assertIn(NS1, found["ns-missing-at-server"][0])

    def test_a_name_server_is_an_alias_and_another_is_nowhere(self):
        records = "".join(f"{state.ZONE}. NS {name}\n" for name in ("alias.xyz.", "nowhere.xyz."))
        self.start_root(more=f"{records}alias.xyz. CNAME {NS1}\n")
        servers = LINES + "  - {name: alias.xyz.}\n  - {name: nowhere.xyz.}\n"
        for name in REPLICAS:
            self.serve(name, records=RECORDS + "@ NS alias.xyz.\n@ NS nowhere.xyz.\n")
        self.start_unbound(caps="no")
        found = self.findings(1, servers=servers)
        self.assertEqual(sorted(found), ["ns-alias", "ns-without-address"])
        self.assertIn("alias.xyz.", found["ns-alias"][0])
        self.assertIn("nowhere.xyz.", found["ns-without-address"][0])

    def test_it_can_not_be_done_without_a_resolver(self):
        done = self.verify()
        self.assertEqual(done.returncode, 3)
        self.assertIn("127.0.0.1:53 by UDP", done.stderr)
        self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
