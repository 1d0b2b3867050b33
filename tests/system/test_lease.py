"""Replicas that compete for a Lease of a real API server: lease_hold, which is lease.h alone, and client-go's leader
election beside it. Whatever is done to them, no two hold it at one moment; and another takes over in time.

Each scenario has a Lease of its own. All begin at once, before the first test, and take half a minute side by side; a
test looks at one of them each. What happened when is in the replicas' own lines: their clock is the machine's."""

import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from apiserver import BUILD, SKIP, ApiServerTest, Failed
from harness import SANITIZER, Program, wait_until
from live_clusters import ACCOUNT, LEASE, kubeconfig_text

HOLD = os.environ.get("LEASE_HOLD", "lease_hold")
LEADER = pathlib.Path(__file__).resolve().parent / "leader"
SPACE = "fedns"

LEASE_MS, DEADLINE_MS, RETRY_MS = 15_000, 10_000, 2_000
TAKEN_S, GIVEN_S = 20.0, 5.0
# client-go's own pauses: it may see the last renewal 4.4 s late, and the end of its time as much later again
TAKEN_BY_CLIENT_GO_S = LEASE_MS / 1000 + 2 * 4.4 + 1.0
STOPPED_S, PAUSED_S = 20.0, 12.0
BUSY_MS = 1_500  # what a machine that does much else may add
IDENTITY = re.compile(r"^[^_]+_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
MICRO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def clock_ms():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000_000


class Replica(Program):
    """One that may hold the Lease, and says when it does."""

    def __init__(self, command, log):
        super().__init__(command, log, 0)

    def times(self, what):
        """Of its lines "WHAT MS ..."."""
        return [int(line.split()[1]) for line in self.log.split("\n")[:-1] if line.startswith(f"{what} ")]

    @property
    def pushes(self):
        return self.times("push")

    def pushed_since(self, begin_ms):
        return next((at for at in self.pushes if at >= begin_ms), None)

    def signal(self, number):
        """Returns when."""
        at_ms = clock_ms()
        self.process.send_signal(number)
        return at_ms


class Race:
    """The replicas of one Lease."""

    def __init__(self, folder, server, config, name):
        self.folder, self.server, self.config, self.name = folder, server, config, name
        self.replicas = []

    def start(self, *command):
        replica = Replica(command, self.folder / f"{self.name}-{len(self.replicas)}.log")
        self.replicas.append(replica)
        return replica

    def hold(self):
        return self.start(HOLD, self.config, SPACE, self.name)

    def client_go(self, program):
        return self.start(program, f"-kubeconfig={self.config}", f"-namespace={SPACE}", f"-name={self.name}")

    def leader_since(self, begin_ms, within_s, *among):
        """The first who pushes at or after `begin_ms`, and when."""

        def found():
            first = [(at, replica) for replica in among or self.replicas if (at := replica.pushed_since(begin_ms))]
            return min(first, key=lambda pair: pair[0]) if first else None

        at_ms, replica = wait_until(f"a leader of {self.name}", found, within_s, 0.05)
        return replica, at_ms

    def others(self, replica):
        return [other for other in self.replicas if other is not replica]

    def spec(self):
        return json.loads(self.server.kubectl("get", "lease", self.name, "-n", SPACE, "-o", "json"))["spec"]

    def end(self):
        for replica in self.replicas:
            replica.process.send_signal(signal.SIGCONT)
            replica.process.kill()
            replica.process.wait()


class Leases(ApiServerTest):
    """All scenarios."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if shutil.which(HOLD) is None:
            raise FileNotFoundError(f"no program at {HOLD}: set LEASE_HOLD")
        cls.go = cls.client_go()
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="fedns-lease-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.server = cls.shared_cluster("hangzhou", wait=False)
        cls.paused = cls.shared_cluster("beijing", wait=False)
        cls.applied = [cls.prepare(server) for server in (cls.server, cls.paused)]
        cls.races = {}
        cls.scenarios_start()

    @staticmethod
    def client_go():
        """Where the program is, or nothing where it can't be built."""
        done = subprocess.run([BUILD, LEADER], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode not in (0, SKIP):
            raise AssertionError(f"{BUILD} failed:\n{done.stderr[-4000:]}")
        return done.stdout.strip()

    @classmethod
    def prepare(cls, server):
        """Rights as conf/kubernetes gives them, and a kubeconfig of its account."""
        server.wait()
        done = server.kubectl_done("apply", "-f", str(ACCOUNT), "-f", str(LEASE))
        request = json.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})
        path = f"/api/v1/namespaces/{SPACE}/serviceaccounts/fedns/token"
        token = json.loads(server.kubectl("create", "--raw", path, "-f", "-", stdin=request))["status"]["token"]
        (cls.folder / server.name).write_text(kubeconfig_text(server, token=token))
        return done

    @classmethod
    def race(cls, name, server=None):
        server = server or cls.server
        race = Race(cls.folder, server, cls.folder / server.name, name)
        cls.races[name] = race
        cls.addClassCleanup(race.end)
        return race

    @classmethod
    def scenarios_start(cls):
        """Each has its leader, `first`, and what is done to it is done at `at_ms`."""
        with_client_go = ("mixed", "inherited") if cls.go else ()
        for name in ("killed", "stopped", "ended", "paused", *with_client_go):
            race = cls.race(name, cls.paused if name == "paused" else cls.server)
            race.hold()
            if name not in with_client_go:
                race.hold()
        for race in cls.races.values():
            race.first, _ = race.leader_since(0, GIVEN_S)
        for name in with_client_go:
            cls.races[name].client_go(cls.go)
        deeds = {"killed": signal.SIGKILL, "stopped": signal.SIGSTOP, "ended": signal.SIGTERM}
        for name, number in deeds.items():
            cls.races[name].at_ms = cls.races[name].first.signal(number)
        if cls.go:
            cls.races["inherited"].at_ms = cls.races["inherited"].first.signal(signal.SIGKILL)
        cls.races["paused"].at_ms = clock_ms()
        cls.paused.pause()
        cls.timers = [
            threading.Timer(PAUSED_S, cls.paused.resume),
            threading.Timer(STOPPED_S, cls.races["stopped"].first.process.send_signal, [signal.SIGCONT]),
        ]
        for timer in cls.timers:
            timer.start()
            cls.addClassCleanup(timer.cancel)

    def exclusive(self, race):
        """Of the replicas of this race each leads once: nobody pushes between two pushes of another."""
        pushes = sorted((at, number) for number, replica in enumerate(race.replicas) for at in replica.pushes)
        turns = [number for number, _ in itertools.groupby(number for _, number in pushes)]
        self.assertEqual(len(turns), len(set(turns)), f"{race.name}: {turns}")
        for replica in race.replicas:
            self.assertIsNone(SANITIZER.search(replica.log), replica.log[-8000:])

    # --- one replica is hurt ---

    def test_killed_another_takes_over(self):
        race = self.races["killed"]
        other, at_ms = race.leader_since(race.at_ms + 100, TAKEN_S + 1, *race.others(race.first))
        taken_ms = at_ms - race.at_ms
        print(f"killed: taken over after {taken_ms / 1000:.1f} s")
        self.assertLess(taken_ms, TAKEN_S * 1000)
        self.assertGreater(at_ms, race.first.pushes[-1])
        self.assertEqual(race.spec()["leaseTransitions"], 1)
        self.assertIn("became leader", other.log)
        self.exclusive(race)

    def test_ended_it_is_given_back(self):
        race = self.races["ended"]
        self.assertEqual(race.first.process.wait(GIVEN_S), 0)
        _, at_ms = race.leader_since(race.at_ms + 100, GIVEN_S + 1, *race.others(race.first))
        print(f"ended: taken over after {(at_ms - race.at_ms) / 1000:.1f} s")
        self.assertLess(at_ms - race.at_ms, GIVEN_S * 1000)
        self.assertLess(race.first.pushes[-1], race.first.times("released")[0])
        self.assertEqual([line[-1] for line in race.first.log.split("\n") if line.startswith("leader ")], ["1", "0"])
        self.assertIn("no longer leader: it is given back", race.first.log)
        self.exclusive(race)

    def test_stopped_it_finds_that_it_holds_nothing(self):
        race = self.races["stopped"]
        on_ms = race.at_ms + STOPPED_S * 1000
        other, at_ms = race.leader_since(race.at_ms + 1000, TAKEN_S + 1, *race.others(race.first))
        self.assertLess(at_ms - race.at_ms, TAKEN_S * 1000)
        race.first.wait_for("that it goes on", lambda: "no longer leader" in race.first.log, STOPPED_S + 5)
        race.first.wait_for("whom it sees", lambda: "holds it" in race.first.log, 5)
        self.assertGreater(clock_ms(), on_ms - 100)
        self.assertIsNone(race.first.pushed_since(race.at_ms + 100))
        self.assertGreater(other.pushes[-1], on_ms)
        self.exclusive(race)

    # --- the API server is hurt ---

    def test_paused_server_the_leader_steps_down(self):
        race = self.races["paused"]
        lost = "no longer leader: not renewed for 10 s"
        race.first.wait_for("that it steps down", lambda: lost in race.first.log, 15)
        down_ms = race.first.times("leader")[1]
        print(f"paused: stepped down after {(down_ms - race.at_ms) / 1000:.1f} s")
        self.assertGreater(down_ms - race.at_ms, DEADLINE_MS - RETRY_MS - BUSY_MS)
        self.assertLess(down_ms - race.at_ms, DEADLINE_MS + BUSY_MS)
        before = [at for at in race.first.pushes if at < race.at_ms + PAUSED_S * 1000]
        self.assertLessEqual(before[-1], down_ms)
        # after it, somebody leads again
        race.leader_since(race.at_ms + PAUSED_S * 1000, TAKEN_S)
        self.exclusive(race)

    # --- client-go's leader election beside ours ---

    def need_client_go(self):
        if not self.go:
            self.skipTest("client-go's leader election can't be built here")

    def test_mixed_with_client_go(self):
        self.need_client_go()
        race = self.races["mixed"]
        ours, theirs = race.replicas
        # given back by ours
        at_ms = ours.signal(signal.SIGTERM)
        self.assertEqual(ours.process.wait(GIVEN_S), 0)
        _, led_ms = race.leader_since(at_ms + 100, GIVEN_S + 1, theirs)
        print(f"mixed: client-go leads {(led_ms - at_ms) / 1000:.1f} s after ours ended")
        # killed, and taken by ours
        ours = race.hold()
        ours.wait_for("who holds it", lambda: "holds it" in ours.log, 5)
        self.assertRegex(ours.log, r"lease fedns/mixed: client-go_\d+ holds it")
        at_ms = theirs.signal(signal.SIGKILL)
        _, led_ms = race.leader_since(at_ms + 100, TAKEN_S + 1, ours)
        print(f"mixed: ours leads {(led_ms - at_ms) / 1000:.1f} s after client-go's was killed")
        self.assertLess(led_ms - at_ms, TAKEN_S * 1000)
        # waited for by client-go, and given back by ours again
        theirs = race.client_go(self.go)
        spec = race.spec()
        self.assertEqual((spec["leaseTransitions"], spec["leaseDurationSeconds"]), (2, 15))
        self.assertRegex(spec["holderIdentity"], IDENTITY)
        for key in ("acquireTime", "renewTime"):
            self.assertRegex(spec[key], MICRO_TIME)
        time.sleep(RETRY_MS / 1000)
        self.assertEqual(theirs.pushes, [])
        at_ms = ours.signal(signal.SIGTERM)
        race.leader_since(at_ms + 100, GIVEN_S + 1, theirs)
        # given back by client-go
        ours = race.hold()
        ours.wait_for("who holds it", lambda: "holds it" in ours.log, 5)
        at_ms = theirs.signal(signal.SIGTERM)
        _, led_ms = race.leader_since(at_ms + 100, GIVEN_S + 1, ours)
        print(f"mixed: ours leads {(led_ms - at_ms) / 1000:.1f} s after client-go's ended")
        self.assertEqual(race.spec()["leaseTransitions"], 4)
        self.exclusive(race)

    def test_inherited_by_client_go(self):
        self.need_client_go()
        race = self.races["inherited"]
        _, at_ms = race.leader_since(race.at_ms + 100, TAKEN_BY_CLIENT_GO_S, *race.others(race.first))
        print(f"inherited: client-go leads {(at_ms - race.at_ms) / 1000:.1f} s after ours was killed")
        self.assertGreater(at_ms - race.at_ms, LEASE_MS - RETRY_MS - BUSY_MS)
        self.exclusive(race)

    # --- rights ---

    def test_the_rights_of_lease_yaml_are_enough_and_the_least(self):
        for done in self.applied:
            self.assertEqual(done.stderr, "")
            self.assertEqual(done.stdout.count("created"), 4, done.stdout)
        may = [f"--kubeconfig={self.folder / 'hangzhou'}", "-n", SPACE]
        self.server.kubectl("get", "lease", "killed", *may)
        for refused in (["get", "leases"], ["delete", "lease", "killed"], ["get", "secrets"], ["get", "services"]):
            with self.assertRaisesRegex(Failed, "Forbidden"):
                self.server.kubectl(*refused, *may)
        with self.assertRaisesRegex(Failed, "Forbidden"):
            self.server.kubectl("get", "lease", "killed", may[0], "-n", "default")
        # where they are missing, the log says so, and not all the time
        race = self.race("refused")
        race.config = self.server.kubeconfig("nobody")
        refused = race.hold()
        refused.wait_for("what is wrong", lambda: "is forbidden" in refused.log)
        self.assertRegex(refused.log, r'warn source: lease fedns/refused: HTTP 403: Forbidden: .*"refused" is forb')
        at_ms = refused.signal(signal.SIGTERM)
        self.assertEqual(refused.process.wait(GIVEN_S), 0)
        self.assertLess(refused.times("released")[0] - at_ms, 1000)


if __name__ == "__main__":
    unittest.main()
