#!/usr/bin/env python3
"""The daemon's push: each change within a second, also while much else is pushed, and an orderly end."""

import re
import signal
import time
import unittest

import harness
import push_bed
import state
from alidns import faults
from live import fast
from push_bed import PushTest, content, guide, guide_wanted, ladder

SOON_S = 3.0  # it takes 0.3 s, on a machine that does nothing else


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

    def test_reload_in_the_middle_of_a_push(self):
        self.write_state(push_bed.services(*many(60)))
        self.start()
        for _ in range(3):
            self.wait_status("it pushes", lambda said: said["phase"] == "pushing" and said["done"] > 5)
            self.assertEqual(self.run_fedns("reload", "-c", str(self.config_path)).returncode, 0)
        wanted = set().union(*(ladder(f"s{at}", ["192.0.2.1"]) for at in range(60)))
        self.wait_have(wanted, 20)
        self.assertEqual(self.others(), [])
        heard = [call for call in self.api.asked("AddDomainRecord") if call.code != "Throttling.User"]
        self.assertEqual(len(heard), len(wanted), "nothing is asked twice, but for what came too fast for the account")

    def test_the_end_while_the_provider_hangs(self):
        """The calls under way are not waited for longer than 5 s; the next start finds out what became of them."""
        self.api.fault(faults.hang(applied=True), action="AddDomainRecord", times=None)
        daemon = self.start()
        self.wait_status("it pushes", lambda said: said["phase"] == "pushing")
        begun = time.monotonic()
        self.assertEqual(daemon.stop(), 0)
        self.assertLess(time.monotonic() - begun, 7.0)
        self.api.faults_clear()
        self.start()
        self.wait_have(guide_wanted())
        self.assertEqual(self.others(), [])

    def test_many_changes_at_once(self):
        self.start()
        self.wait_have(guide_wanted())
        for at in range(30):
            self.write_state(guide(f"192.0.2.{at + 10}"))
            time.sleep(0.01)
        self.wait_have(guide_wanted("192.0.2.39"))
        self.assertLess(len(self.writes()), 3 * 30)

    def test_a_change_cuts_a_long_pause_short(self):
        """Something has failed again and again, and the pauses have grown: what is new doesn't wait for their end."""
        self.api.fault(faults.code("InternalError"), action="AddDomainRecord", times=None)
        self.start(prefix=fast(20))
        calls = self.api.calls
        harness.wait_until("a pause of 20 s", lambda: calls and time.monotonic() - calls[-1].began > 1.0, 30)
        self.api.faults_clear()
        self.write_state(guide("192.0.2.50"))
        took = self.wait_have(guide_wanted("192.0.2.50"))
        print(f"\nafter a long pause: {20 * took:.1f} s of its clock ", end="", flush=True)
        self.assertLess(20 * took, 10.0)


class Trouble(PushTest):
    """What the operator hears of it, debug lines not counted."""

    def test_another_reason_is_told(self):
        """Soon, and not when as much has failed again."""
        self.api.fault(faults.bare(502), action="DescribeDomainInfo", times=None)
        daemon = self.start(prefix=fast(20))
        daemon.log_wait("error provider", "not pushed: DescribeDomainInfo", "502")
        self.api.faults_clear()
        self.api.fault(faults.code("InternalError"), action="DescribeDomainInfo", times=None)
        calls = len(self.api.calls)
        daemon.log_wait("provider", "DescribeDomainInfo: InternalError", deadline_s=20)
        self.assertLess(len(self.api.calls), calls + 5)
        self.api.faults_clear()
        daemon.log_wait("pushed again", deadline_s=20)
        self.wait_have(guide_wanted())

    def test_a_reload_with_a_bad_file(self):
        """The old one goes on pushing by the keys that it has."""
        daemon = self.start()
        self.wait_have(guide_wanted())
        path = self.folder / "alidns.yaml"
        good = path.read_text()
        elsewhere = good.replace(f"zones = {state.ZONE}.", "zones = example.org.")
        self.assertNotEqual(elsewhere, good)
        for bad, words in (("[Global\n", "alidns.yaml:1"), (elsewhere, "none of the zones holds")):
            with self.subTest(bad=bad):
                since = daemon.log_size()
                path.write_text(bad)
                daemon.signal(signal.SIGHUP)
                daemon.log_wait("configuration refused, the old one stays", words, since=since)
        self.write_state(guide("192.0.2.60"))
        self.wait_have(guide_wanted("192.0.2.60"))
        path.write_text(good)
        daemon.signal(signal.SIGHUP)
        daemon.log_wait("configuration read again")
        self.write_state(guide("192.0.2.61"))
        self.wait_have(guide_wanted("192.0.2.61"))

    def test_a_push_that_cannot_begin_again(self):
        """It is said, in `status` too, and tried until it can."""
        daemon = self.start(prefix=fast(20))
        self.wait_have(guide_wanted())
        hurdle = self.folder / "other" / f"alidns-fedns-{state.ZONE}.journal"
        hurdle.mkdir(parents=True)
        text = self.config_path.read_text()
        self.config_path.write_text(re.sub("state_dir: .*", f"state_dir: {hurdle.parent}", text))
        daemon.signal(signal.SIGHUP)
        daemon.log_wait("nothing is pushed", str(hurdle))
        self.assertIn(str(hurdle), self.wait_status("trouble", lambda said: said["trouble"])["trouble"])
        for command in ("status", "provider"):
            done = self.run_fedns(command, "-c", str(self.config_path))
            self.assertIn("in trouble", done.stdout)
            self.assertIn(str(hurdle), done.stdout)
        done = self.run_fedns("drain", "hangzhou", "-c", str(self.config_path))
        self.assertIn("so far for our own answers: the provider's follow", done.stdout)
        self.run_fedns("undrain", "hangzhou", "-c", str(self.config_path))
        self.write_state(guide("192.0.2.62"))
        hurdle.rmdir()
        self.wait_have(guide_wanted("192.0.2.62"), deadline_s=20)
        self.wait_status("an end of it", lambda said: said["phase"] == "up to date" and not said["trouble"])

    def test_a_start_while_somebody_pushes(self):
        """It answers at once, and pushes when the other one has ended."""
        self.api.fault(faults.hang(), action="AddDomainRecord", times=None)
        with self.push_begun():
            harness.wait_until("a push by hand", lambda: self.api.asked("AddDomainRecord"))
            daemon = self.start(prefix=fast(20))
            daemon.log_wait("nothing is pushed", "in use: another fedns pushes these records")
            self.assertTrue(daemon.addresses())
        self.api.faults_clear()
        self.wait_have(guide_wanted(), deadline_s=20)

    def test_another_conflict_is_told(self):
        """Also where as many are there as before."""
        for name in "xy":
            self.api.put(self.zone, f"{name}.default.fed.svc", "A", "192.0.2.99")
        daemon = self.start()
        for name in "xyx":
            since = daemon.log_size()
            self.write_state(state.text(*state.CLUSTERS, state.service(name, {"hangzhou": ["192.0.2.7"]})))
            daemon.log_wait("warn provider", f"{name}.default.fed.svc", since=since)

    def test_a_domain_that_is_always_busy(self):
        self.api.fault(faults.code("LastOperationNotFinished"), action="AddDomainRecord", times=None)
        daemon = self.start(prefix=fast(20))
        daemon.log_wait("warn provider", "AddDomainRecord: LastOperationNotFinished", deadline_s=20)
        self.api.faults_clear()
        self.wait_have(guide_wanted(), deadline_s=30)


if __name__ == "__main__":
    unittest.main()
