#!/usr/bin/env python3
"""Two replicas before one Lease of a real API server: one pushes, the other takes over when it is killed or ends."""

import time
import unittest

import harness
import push_bed
import state
from alidns import faults
from apiserver import ApiServerTest
from push_bed import PushTest, guide, guide_wanted, ladder

TAKEN_S = 20.0
GIVEN_S = 8.0  # a Lease that was given back is seen at the next try, 2 s later


def many(count):
    return [state.service(f"s{at}", {"hangzhou": [f"192.0.2.{at % 250 + 1}"]}) for at in range(count)]


class Replica:
    """One daemon; its own port, folder and socket."""

    def __init__(self, test, name, server):
        self.test, self.name = test, name
        self.folder = test.folder / name
        self.folder.mkdir()
        self.config_path = self.folder / "fedns.yaml"
        self.port = harness.free_port()
        lease = test.id().split(".")[-1].replace("_", "-")
        self.config_path.write_text(
            "federation: fed\nzone: spacexnice.xyz.\n"
            "nameservers: [{name: ns1.spacexnice.xyz., addresses: [192.0.2.53]}]\n"
            f'listen: ["127.0.0.1:{self.port}"]\nstate_dir: {self.folder}/kept\ncontrol: {self.folder}/control.sock\n'
            "source: {file: ../state.json}\n"
            "provider:\n  alidns: {config: ../alidns.yaml, max_delete: 100%,"
            f' verify_servers: ["127.0.0.1:{test.dns.port}"]}}\n'
            f"lease: {{kubeconfig: {server.kubeconfig()}, namespace: default, name: {lease}}}\n"
        )
        self.daemon = harness.Daemon(["-c", str(self.config_path)], self.folder / "log", self.port)
        test.addCleanup(self.end)
        self.daemon.wait_ready()

    def end(self):
        """Unless it was killed: in order."""
        if self.daemon.process.returncode is None:
            self.test.assertEqual(self.daemon.stop(), 0)
        self.test.assertIsNone(harness.SANITIZER.search(self.daemon.log), self.daemon.log[-8000:])

    @property
    def leads(self):
        self.test.config_path = self.config_path
        said = self.test.status()
        return bool(said and said["lease"] and said["lease"]["leader"])


class Replicas(ApiServerTest, PushTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.shared_cluster("lease")

    def setUp(self):
        super().setUp()
        self.first, self.second = Replica(self, "first", self.server), None
        harness.wait_until("the first leads", lambda: self.first.leads, 20)
        self.second = Replica(self, "second", self.server)

    def check_once(self):
        """No record was added twice, nor while it was there."""
        self.assertEqual(self.api.asked("AddDomainRecord", "DomainRecordDuplicate"), [])
        asked = [call.params for call in self.api.asked("AddDomainRecord")]
        adds = [(one["RR"], one["Type"], one["Value"]) for one in asked]
        self.assertEqual(len(adds), len(set(adds)))

    def test_the_holder_is_killed_in_the_middle_of_a_push(self):
        self.wait_have(guide_wanted())
        self.write_state(push_bed.services(*many(100)))
        harness.wait_until("it pushes", lambda: len(self.ours()) > 60, 10)
        self.assertFalse(self.second.leads)
        self.api.fault(faults.cut(), action="UpdateDomainRecordRemark", times=None)
        harness.wait_until("records without a mark", self.others, 5)
        self.first.daemon.process.kill()  # its journal dies with it, for all that the second knows
        self.first.daemon.process.wait()
        self.api.faults_clear()
        killed, since = time.monotonic(), len(self.api.calls)
        harness.wait_until("another call", lambda: self.writes(since + 8), TAKEN_S + 5)
        took = self.api.calls[-1].began - killed
        wanted = set().union(*(ladder(f"s{at}", [f"192.0.2.{at + 1}"]) for at in range(100)))
        self.wait_have(wanted, 40)
        print(f"\ntaken over after {took:.1f} s ", end="", flush=True)
        self.assertLess(took, TAKEN_S)
        self.assertEqual(self.others(), [])
        self.check_once()

    def test_the_holder_loses_sight_of_its_lease(self):
        """The API server stands still: no call starts once 10 s have passed without a renewal."""
        self.second.end()
        self.wait_have(guide_wanted())
        self.write_state(push_bed.services(*many(400)))
        harness.wait_until("it pushes", lambda: len(self.ours()) > 60, 10)
        self.server.pause()
        try:
            time.sleep(11.0)  # the last renewal was before it stood still
            since = len(self.api.calls)
            time.sleep(3.0)
            self.assertEqual(self.writes(since), [])
            self.assertEqual([one for one in self.others() if one.remark], [])
        finally:
            self.server.resume()
        harness.wait_until("it pushes again", lambda: len(self.writes(since)) > 50, 30)

    def test_the_holder_ends(self):
        self.wait_have(guide_wanted())
        self.first.end()
        begun, since = time.monotonic(), len(self.api.calls)
        self.write_state(guide("192.0.2.50"))
        self.wait_have(guide_wanted("192.0.2.50"), GIVEN_S)
        print(f"\ngiven over after {time.monotonic() - begun:.1f} s ", end="", flush=True)
        self.assertEqual(self.writes(since), ["UpdateDomainRecord"] * 3)

    def test_a_push_waits_for_nobody_for_ever(self):
        """The command beside a daemon of another machine: it says who holds the Lease."""
        self.wait_have(guide_wanted())
        config = self.first.config_path.read_text().replace(f"{self.first.folder}/", f"{self.folder}/third/")
        (self.folder / "third").mkdir()
        path = self.folder / "third" / "fedns.yaml"
        path.write_text(config)
        since = len(self.api.calls)
        done = self.run_fedns("push", "-c", str(path), timeout_s=60)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("another replica pushes", done.stderr)
        self.assertEqual(self.writes(since), [])
        done = self.run_fedns("plan", "-c", str(path), timeout_s=60)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()
