#!/usr/bin/env python3
"""The daemon's push over time: drift is mended, a reload is heeded, a provider that was away is served; delegation."""

import time
import unittest

import state
from live import fast
from push_bed import GLOBAL, PushTest, content, guide, guide_wanted


class Drift(PushTest):
    def spoil(self):
        """Somebody changes what is ours."""
        for record in self.ours():
            if record.rr == GLOBAL:
                self.api.edit(record, value="198.51.100.7" if record.value == state.HANGZHOU else record.value, ttl=600)
            elif "beijing-a" in record.rr:
                self.api.remove(record)

    def test_the_interval(self):
        self.write_push("interval: 1m")
        foreign = self.api.put(self.zone, "www", "A", "192.0.2.1")
        self.start(prefix=fast(60))
        self.wait_have(guide_wanted())
        for _ in range(2):
            self.spoil()
            self.wait_have(guide_wanted())
        self.check_have(guide_wanted(), [foreign])

    def test_reload(self):
        self.start()
        self.wait_have(guide_wanted())
        self.spoil()
        self.assertEqual(self.run_fedns("reload", "-c", str(self.config_path)).returncode, 0)
        self.wait_have(guide_wanted())

    def test_reload_with_another_owner_and_back(self):
        self.start()
        self.wait_have(guide_wanted())
        before = self.api.records(self.zone)
        self.write_push("owner: second")
        self.assertEqual(self.run_fedns("reload", "-c", str(self.config_path)).returncode, 0)
        self.wait_status("conflicts", lambda said: said["conflicts"] == 5)
        self.assertEqual(self.api.records(self.zone), before)
        self.write_push()
        self.assertEqual(self.run_fedns("reload", "-c", str(self.config_path)).returncode, 0)
        self.wait_status("none", lambda said: said["conflicts"] == 0 and said["phase"] == "up to date")
        self.assertEqual(self.api.records(self.zone), before)

    def test_reload_without_a_provider_and_with_it(self):
        self.write_config(f"control: {self.folder}/control.sock\n")
        self.start()
        self.assertIsNone(self.status())
        self.write_push()
        self.assertEqual(self.run_fedns("reload", "-c", str(self.config_path)).returncode, 0)
        self.wait_have(guide_wanted())
        self.write_config(f"control: {self.folder}/control.sock\n")
        self.assertEqual(self.run_fedns("reload", "-c", str(self.config_path)).returncode, 0)
        self.write_state(guide("192.0.2.50"))
        time.sleep(1.0)  # long enough for a push that there must not be
        self.check_have(guide_wanted())

    def test_restart_writes_nothing(self):
        self.start().wait_for("the push", lambda: sorted(map(content, self.ours())) == sorted(guide_wanted())).stop()
        since = len(self.api.calls)
        self.start()
        self.wait_status("at rest", lambda said: said["phase"] == "up to date")
        self.assertEqual(self.writes(since), [])

    def test_the_provider_dies_and_comes_back(self):
        """Kept connections break, nobody listens for a while; changes of that time arrive in the end."""
        daemon = self.start()
        self.wait_have(guide_wanted())
        self.api.stop()
        self.write_state(guide("192.0.2.50"))
        self.wait_status("trouble", lambda said: said["trouble"])
        self.assertIn("192.0.2.50", daemon.addresses())
        self.api.start()
        self.wait_have(guide_wanted("192.0.2.50"), 20)
        self.wait_status("none any more", lambda said: not said["trouble"])


class Delegation(PushTest):
    ZONE = "fed.spacexnice.xyz"

    def write_delegation(self, servers="[{name: ns1.fed.spacexnice.xyz., addresses: [192.0.2.53, \"2001:db8::53\"]}]"):
        listen = ", ".join(f'"{text}"' for text in self.listens())
        self.config_path.write_text(
            f"federation: fed\nzone: {self.ZONE}.\nnameservers: {servers}\nlisten: [{listen}]\n"
            f"state_dir: {self.folder}/kept\nsource: {{file: state.json}}\ncontrol: {self.folder}/control.sock\n"
            f'provider:\n  alidns: {{config: alidns.yaml, verify_servers: ["127.0.0.1:{self.dns.port}"]}}\n'
            "  delegate: {parent: spacexnice.xyz.}\n"
        )

    def test_name_servers_and_glue(self):
        foreign = [self.api.put(self.zone, "www", "A", "192.0.2.1"), self.api.put(self.zone, "@", "TXT", "a word")]
        self.write_delegation()
        self.push()
        first = {(rr, rtype, value) for rr, rtype, value, _ttl in map(content, self.ours())}
        wanted = {
            ("fed", "NS", "ns1.fed.spacexnice.xyz"),
            ("ns1.fed", "A", "192.0.2.53"),
            ("ns1.fed", "AAAA", "2001:db8::53"),
        }
        self.assertEqual(first, wanted)
        self.assertEqual(self.others(), foreign)
        since = len(self.api.calls)
        self.push()
        self.assertEqual(self.writes(since), [])
        self.write_delegation("[{name: ns1.fed.spacexnice.xyz., addresses: [192.0.2.54]}, {name: ns.example.org.}]")
        self.push()
        wanted = {
            ("fed", "NS", "ns1.fed.spacexnice.xyz"),
            ("fed", "NS", "ns.example.org"),
            ("ns1.fed", "A", "192.0.2.54"),
        }
        self.assertEqual({content(one)[:3] for one in self.ours()}, wanted)
        self.assertEqual(self.others(), foreign)


if __name__ == "__main__":
    unittest.main()
