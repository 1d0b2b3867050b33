#!/usr/bin/env python3
"""The daemon's push: each change within a second, also while much else is pushed; drift is mended; an orderly end."""

import time
import unittest

import harness
import push_bed
import state
from alidns import credential_servers
from live import fast
from push_bed import GLOBAL, PushTest, content, guide, guide_wanted, ladder

SOON_S = 3.0  # it takes 0.3 s, on a machine that does nothing else
ROLE, PROVIDER = "acs:ram::1234567890123456:role/fedns", "acs:ram::1234567890123456:oidc-provider/ack"


def many(count, address="192.0.2.1"):
    return [state.service(f"s{at}", {"hangzhou": [address]}) for at in range(count)]


class Changes(PushTest):
    def test_a_change_arrives_within_a_second(self):
        self.start()
        self.wait_have(guide_wanted())
        took = []
        for at in range(8):
            address = f"192.0.2.{at + 10}"
            self.write_state(guide(address))
            took.append(self.wait_have(guide_wanted(address)))
        print(f"\nfrom the state file to the API: at most {max(took):.3f} s ", end="", flush=True)
        self.assertLess(max(took), SOON_S)
        self.assertEqual(len(self.api.asked("DescribeDomainRecords")), 1, "a change costs no reading")

    def test_a_change_overtakes_a_long_push(self):
        """Then it is told to end, in the middle: what was begun is ended, and the rest is left."""
        self.write_state(guide())
        daemon = self.start()
        self.wait_have(guide_wanted())
        nginx = {"hangzhou": ["192.0.2.99"], "shanghai": [state.SHANGHAI]}
        self.write_state(push_bed.services(state.service("nginx", {**nginx, "hangzhou": [state.HANGZHOU]}), *many(150)))
        self.wait_status("it pushes", lambda said: said["phase"] == "pushing" and said["done"] > 20)
        self.write_state(push_bed.services(state.service("nginx", nginx), *many(150)))
        begun = time.monotonic()
        wanted = sorted(one for one in guide_wanted("192.0.2.99"))

        def there():
            return sorted(content(one) for one in self.ours() if one.rr.startswith("nginx.")) == wanted

        harness.wait_until("the change", there, SOON_S)
        took = time.monotonic() - begun
        said = self.status()
        print(f"\nbeside a long push: {took:.3f} s, {said['pending']} changes pending ", end="", flush=True)
        self.assertGreater(said["pending"], 100)
        self.assertEqual(said["phase"], "pushing")
        shown = self.run_fedns("status", "-c", str(self.config_path)).stdout
        self.assertRegex(shown, r"pushing: \d+ of \d+ changes")
        begun = time.monotonic()
        self.assertEqual(daemon.stop(), 0)
        took = time.monotonic() - begun
        print(f"\nthe end in the middle of it: {took:.3f} s ", end="", flush=True)
        self.assertLess(took, 5.0)
        self.assertEqual(self.others(), [], "every record that was added is marked")
        self.assertLess(len(self.ours()), 700)

    def test_many_changes_at_once(self):
        self.start()
        self.wait_have(guide_wanted())
        for at in range(30):
            self.write_state(guide(f"192.0.2.{at + 10}"))
            time.sleep(0.01)
        self.wait_have(guide_wanted("192.0.2.39"))
        self.assertLess(len(self.writes()), 3 * 30)


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


class Credentials(PushTest):
    def setUp(self):
        super().setUp()
        (self.folder / "alidns.yaml").write_text(f"[Global]\nzones = {state.ZONE}.\nendpoint = {self.api.url}\n")
        self.sts = credential_servers.Sts(self.api.access).start()
        self.addCleanup(self.sts.stop)
        self.token = self.folder / "token"
        self.token.write_text("eyJ.testsecret.token")
        self.sts.role(ROLE, tokens={"eyJ.testsecret.token"})
        self.environment = [
            f"HOME={self.folder}",
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED=true",
            f"ALIBABA_CLOUD_ROLE_ARN={ROLE}",
            f"ALIBABA_CLOUD_OIDC_PROVIDER_ARN={PROVIDER}",
            f"ALIBABA_CLOUD_OIDC_TOKEN_FILE={self.token}",
            f"ALIBABA_CLOUD_STS_ENDPOINT={self.sts.url}",
        ]

    def check_secret(self):
        self.token.unlink()
        super().check_secret()

    def prefix(self):
        return ["env", *self.environment, *super().prefix()]

    def test_by_a_service_account(self):
        for signature in ("acs3", "v1"):
            with self.subTest(signature=signature):
                self.zone = self.api.domain(state.ZONE)
                self.write_push(f"signature: {signature}")
                self.push()
                self.check_have(guide_wanted())
                self.assertEqual({call.key.split(".")[0] for call in self.api.calls}, {"STS"})
        self.assertEqual([one.action for one in self.sts.asked], ["AssumeRoleWithOIDC"] * 2)

    def test_a_role_that_refuses(self):
        self.speed = 50
        self.token.write_text("eyJ.other")
        done = self.push(3)
        self.assertNotIn("eyJ", done.stderr)
        self.assertIn("AuthenticationFail.OIDCToken.Invalid", done.stderr.strip().split("\n")[-1])

    def test_a_token_that_is_withdrawn(self):
        """The API refuses the key in the middle of a daemon's life: a new one is fetched."""
        self.start(prefix=self.prefix())
        self.wait_have(guide_wanted())
        self.api.access.end(self.api.calls[-1].key)
        self.write_state(guide("192.0.2.50"))
        self.wait_have(guide_wanted("192.0.2.50"), 25)
        self.assertEqual(len(self.sts.asked), 2)

    def test_a_credentials_uri(self):
        uri = credential_servers.CredentialsUri(self.api.access).start()
        self.addCleanup(uri.stop)
        self.environment[2:] = [f"ALIBABA_CLOUD_CREDENTIALS_URI={uri.url}/"]
        self.push()
        self.check_have(guide_wanted())


if __name__ == "__main__":
    unittest.main()
