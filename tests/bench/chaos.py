#!/usr/bin/env python3
"""fedns before three API servers that are stopped, paused, killed, restarted and made to forget, while what they hold
changes all the time.

usage: chaos.py FEDNS [--seconds 300] [--seed N]      exit status 1 if something is not as it should be

At quiet points (all servers up, nothing changes) the running daemon's records and those of a fresh `fedns render` equal
what the servers hold. All the time in between every answer is one that the servers' own words explain: nobody but
an API server takes an address away.
"""
import argparse
import collections
import http.client
import json
import os
import pathlib
import random
import ssl
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "system"))

CLUSTERS = ("hangzhou", "beijing", "shanghai")
SPACE = "chaos"
# anchors never change: whatever happens to servers, they are there
NAMES = tuple(f"svc-{i}" for i in range(12))
ANCHORS = tuple(f"anchor-{i}" for i in range(3))
ROUND_S = 25.0  # of unrest between two quiet points
QUIET_S = 2.0
BACK_S = 130.0  # back-off waits up to 60 s, for a connection and then perhaps for a right
FLAGS = ("--feature-gates=ListFromCacheSnapshot=false", "--shutdown-watch-termination-grace-period=1s")


def modules():
    """Those of the system tests."""
    import apiserver  # pylint: disable=import-outside-toplevel
    import chaos_truth  # pylint: disable=import-outside-toplevel
    import harness  # pylint: disable=import-outside-toplevel
    import kube  # pylint: disable=import-outside-toplevel

    return apiserver, chaos_truth, harness, kube


apiserver, chaos_truth, harness, kube = modules()


class Worker(threading.Thread):
    """Acts again and again unless it is calm. It lives as long as the run, for servers end with the thread that started
    them (harness.die_with_parent())."""

    def __init__(self, act):
        super().__init__(daemon=True)
        self.act, self.error = act, None
        self.calm, self.over, self.acting = threading.Event(), threading.Event(), threading.Lock()
        self.calm.set()
        self.start()

    def run(self):
        while not self.over.is_set():
            with self.acting:
                try:
                    if not self.calm.is_set():
                        self.act(self.calm)
                except Exception as error:  # pylint: disable=broad-exception-caught
                    self.error = error
                    return
            time.sleep(0.01)

    def rest(self):
        """Returns once it does nothing any more."""
        self.calm.set()
        with self.acting:
            if self.error:
                raise self.error

    def end(self):
        self.over.set()
        self.calm.set()
        self.join()


class Changer:
    """What a cluster's users do, at random."""

    def __init__(self, chaos, server, seed):
        self.chaos, self.server = chaos, server
        self.dice = random.Random(seed)
        self.done = self.failed = 0

    def addresses(self):
        four = [f"192.0.2.{self.dice.randrange(1, 250)}" for _ in range(self.dice.randrange(1, 3))]
        return frozenset(four + ([f"2001:db8::{self.dice.randrange(1, 999):x}"] if self.dice.random() < 0.2 else []))

    def send(self, method, path, thing=None):
        """True: the server took it. What it refuses is no matter; what it may have taken unsaid is possible."""
        try:
            status = self.server.send(method, path, thing)
        except OSError:
            status = 0
        good = 200 <= status < 300
        self.done += good
        self.failed += not good
        return good

    def service(self, name):
        return f"/api/v1/namespaces/{SPACE}/services/{name}"

    def slice(self, name):
        return f"/apis/discovery.k8s.io/v1/namespaces/{SPACE}/endpointslices/{name}-a"

    def say(self, name, addresses):
        with self.chaos.lock:
            self.chaos.possible.add_service(name, self.server.name, addresses)

    def unhide(self, name):
        """What its load balancer has shows, should it have been left out so far."""
        with self.chaos.lock:
            self.chaos.possible.unhide(name, self.server.name)

    def say_health(self, name, healthy):
        with self.chaos.lock:
            self.chaos.possible.add_health(name, self.server.name, healthy)

    def create(self, name):
        more = {"annotations": {"fedns.io/ttl": str(self.dice.randrange(30, 90))}} if self.dice.random() < 0.3 else {}
        thing = kube.service(name, (), SPACE, **more)
        self.say(name, None)
        if self.send("POST", f"/api/v1/namespaces/{SPACE}/services", thing):
            self.balance(name)
        self.endpoints_create(name)

    def balance(self, name):
        """The load balancer has another address, or none."""
        addresses = self.addresses() if self.dice.random() < 0.85 else frozenset()
        ingress = [{"ip": address} for address in sorted(addresses)]
        with self.chaos.lock:  # of a type that has none, or of one that is left out, it is none either
            for may_be in (addresses or None, None):
                self.chaos.possible.add_service(name, self.server.name, may_be)
        self.send("PATCH", self.service(name) + "/status", {"status": {"loadBalancer": {"ingress": ingress}}})

    def retype(self, name):
        kind = self.dice.choice(["LoadBalancer", "LoadBalancer", "ClusterIP"])
        self.say(name, None)
        self.unhide(name)
        if self.send("PATCH", self.service(name), {"spec": {"type": kind}}) and kind == "LoadBalancer":
            self.balance(name)

    def ignore(self, name):
        value = self.dice.choice(["true", None, None])
        self.say(name, None)
        self.unhide(name)
        if self.send("PATCH", self.service(name), {"metadata": {"annotations": {"fedns.io/ignore": value}}}):
            self.balance(name)

    def delete(self, name):
        self.say(name, None)
        self.send("DELETE", self.service(name))

    def endpoints_create(self, name):
        self.say_health(name, True)
        thing = kube.endpoint_slice(f"{name}-a", name, [kube.endpoint("10.1.0.1")], SPACE)
        self.send("POST", f"/apis/discovery.k8s.io/v1/namespaces/{SPACE}/endpointslices", thing)

    def endpoints(self, name):
        ready = [self.dice.random() < 0.6 for _ in range(self.dice.randrange(3))]
        self.say_health(name, any(ready))
        endpoints = [kube.endpoint(f"10.1.0.{i}", ready=good) for i, good in enumerate(ready, 1)]
        self.send("PATCH", self.slice(name), {"endpoints": endpoints})

    def endpoints_delete(self, name):
        self.say_health(name, False)
        self.send("DELETE", self.slice(name))

    def relabel(self, _name):
        region = self.dice.choice(["r1", "r2"])
        labels = {kube.REGION: region, kube.ZONE: f"{region}-{self.dice.choice('abc')}"}
        self.send("PATCH", f"/api/v1/nodes/node-{self.dice.randrange(2)}", {"metadata": {"labels": labels}})

    def act(self, calm):
        acts = {
            self.balance: 6,
            self.endpoints: 8,
            self.create: 4,
            self.delete: 1,
            self.retype: 1,
            self.ignore: 1,
            self.endpoints_create: 2,
            self.endpoints_delete: 1,
            self.relabel: 1,
        }
        act = self.dice.choices(list(acts), list(acts.values()))[0]
        act(self.dice.choice(NAMES))
        calm.wait(self.dice.uniform(0.01, 0.1))


class Breaker:
    """What happens to a server, at random. At its end it is up."""

    def __init__(self, server, seed):
        self.server = server
        self.dice = random.Random(seed)
        self.counts = collections.Counter()

    def pause(self, calm):
        self.server.pause()
        calm.wait(self.dice.uniform(0.5, 6))
        self.server.resume()

    def compact(self, _calm):
        self.server.compact()

    def kill(self, calm):
        self.server.kill()
        calm.wait(self.dice.uniform(0, 4))
        self.server.start()

    def restart(self, _calm):
        try:
            self.server.stop()
        except AssertionError:
            pass  # it took too long, and was killed
        self.server.start()

    def act(self, calm):
        if calm.wait(self.dice.uniform(1, 8)):
            return
        act = self.dice.choices([self.pause, self.compact, self.kill, self.restart], [4, 4, 2, 2])[0]
        act(calm)
        self.counts[act.__name__] += 1


class Chaos:
    """A run."""

    def __init__(self, fedns, folder, seed):
        harness.FEDNS = fedns
        self.seed, self.folder = seed, pathlib.Path(folder)
        self.lock = threading.Lock()
        self.possible = chaos_truth.Possible(CLUSTERS)
        self.wrong, self.probes, self.unanswered, self.points = [], 0, 0, 0
        self.waits_s = []
        self.servers = [Server(name, *FLAGS, wait=False) for name in CLUSTERS]
        self.daemon = None

    def start(self):
        for i, server in enumerate(self.servers):
            server.wait()
            server.namespace(SPACE)
            server.apply(*(kube.node(f"node-{n}", f"r{1 + i % 2}", f"r{1 + i % 2}-{'abc'[n]}") for n in range(2)))
            for n, name in enumerate(ANCHORS):
                server.apply(
                    kube.service(name, [f"198.51.100.{10 * i + n + 1}"], SPACE),
                    kube.endpoint_slice(f"{name}-a", name, [kube.endpoint("10.1.0.1")], SPACE),
                )
        self.port, config = harness.free_port(), self.folder / "fedns.yaml"
        members = [{"name": server.name, "kubeconfig": str(server.kubeconfig("fedns"))} for server in self.servers]
        config.write_text(
            f"federation: fed\nzone: spacexnice.xyz.\nlisten: ['127.0.0.1:{self.port}']\nworkers: 1\n"
            f"state_dir: {self.folder}/kept\ncontrol: {self.folder}/run/control\nhealth: {{max_withdraw: 100%}}\n"
            f"source: {json.dumps({'clusters': members})}\n"
        )
        self.possible.reset([chaos_truth.Held(server, SPACE) for server in self.servers], NAMES + ANCHORS)
        self.daemon = harness.Daemon(["-c", str(config)], self.folder / "log", self.port)
        # what was told is published a moment later
        lines = ("every API server has told all", "ready: ")
        self.daemon.wait_for("it is ready", lambda: all(line in self.daemon.log for line in lines))

    def close(self):
        for server in self.servers:
            server.close()
        if self.daemon:
            status = self.daemon.stop()
            if status != 0 or harness.SANITIZER.search(self.daemon.log):
                self.wrong.append(f"the daemon ended with {status}:\n{self.daemon.log[-4000:]}")

    # --- at all times ------------------------------------------------------------------------

    def ask(self, name):
        """The addresses; None: there is no such name."""
        found = set()
        for rtype in ("A", "AAAA"):
            reply = self.daemon.ask(f"{name}.{SPACE}.fed.svc", rtype)
            if reply.rcode not in ("NOERROR", "NXDOMAIN"):
                return frozenset([reply.rcode])  # nothing explains it
            if reply.rcode == "NXDOMAIN":
                return None
            found.update(reply.rdatas(rtype))
        return frozenset(found)

    def probe(self, stop):
        """A and AAAA are two questions, between which the state may change: what can't be explained is asked again."""
        while not stop.is_set():
            for name in NAMES + ANCHORS:
                try:
                    answers = [self.ask(name)]
                    self.probes += 1
                    with self.lock:
                        good = self.possible.explains(name, answers[0])
                    for _ in range(3):
                        if not good:
                            answers.append(self.ask(name))
                            with self.lock:
                                good = self.possible.explains(name, answers[-1])
                except TimeoutError:
                    self.unanswered += 1
                    continue
                if not good:
                    with self.lock:
                        states = {c: list(self.possible.states(name, c)) for c in CLUSTERS}
                    self.wrong.append(f"{name}: answered {answers}; the servers' words: {states}")
            stop.wait(0.01)

    # --- at quiet points ---------------------------------------------------------------------

    def fedns(self, *arguments):
        return subprocess.run([harness.FEDNS, *arguments], capture_output=True, text=True, timeout=90, check=False)

    def served(self):
        rows = json.loads(self.fedns("records", "-s", f"{self.folder}/run/control", "-o", "json").stdout)
        return {(row["name"], row["type"], row["ttl"], row["rdata"]) for row in rows}

    def rendered(self):
        done = self.fedns("render", "-c", f"{self.folder}/fedns.yaml")
        if done.returncode != 0:
            return {done.stderr}
        lines = [line.split(" ", 4) for line in done.stdout.splitlines()]
        return {(name, rtype, int(ttl), data) for name, ttl, _class, rtype, data in lines}

    def same(self, rows, expected, what):
        rows = {row for row in rows if row[0].endswith(".spacexnice.xyz.") and f".{SPACE}.fed.svc." in row[0]}
        targets = {row[0] for row in expected}
        rows = {row for row in rows if row[1] != "SRV" or row[0] in targets}
        if rows != expected:
            return f"{what}: too much {sorted(rows - expected)[:9]}, missing {sorted(expected - rows)[:9]}"
        return ""

    def in_sight(self):
        done = self.fedns("status", "-s", f"{self.folder}/run/control", "-o", "json")
        return done.stdout and all(one["in_sight"] for one in json.loads(done.stdout)["source"]["servers"])

    def quiet_point(self):
        begin = time.monotonic()
        try:
            harness.wait_until("all servers in sight", self.in_sight, BACK_S, 0.2)
        except AssertionError as error:
            raise AssertionError(f"{error}; the log:\n{self.daemon.log[-6000:]}") from None
        self.waits_s.append(time.monotonic() - begin)
        time.sleep(QUIET_S)
        helds = [chaos_truth.Held(server, SPACE) for server in self.servers]
        expected = chaos_truth.records(helds, SPACE)
        for what, rows in (("records", self.served()), ("render", self.rendered())):
            problem = self.same(rows, expected, f"quiet point {self.points}: {what}")
            if problem:
                self.wrong.append(problem)
        self.points += 1
        with self.lock:
            self.possible.reset(helds, NAMES + ANCHORS)

    # --- all of it ---------------------------------------------------------------------------

    def unrest(self, seconds, changers, breakers):
        for worker in changers + breakers:
            worker.calm.clear()
        time.sleep(seconds)
        for worker in breakers + changers:  # what is changed while servers come back counts too
            worker.rest()

    def run(self, seconds):
        """Problems, in words."""
        stop, end = threading.Event(), time.monotonic() + seconds
        changers = [Changer(self, server, self.seed + i) for i, server in enumerate(self.servers)]
        breakers = [Breaker(server, self.seed + 100 + i) for i, server in enumerate(self.servers)]
        workers = [[Worker(one.act) for one in some] for some in (changers, breakers)]
        prober = threading.Thread(target=self.probe, args=[stop])
        prober.start()
        try:
            while time.monotonic() < end:
                self.unrest(min(ROUND_S, max(5.0, end - time.monotonic() - 5)), *workers)
                self.quiet_point()
        finally:
            stop.set()
            prober.join()
            for worker in workers[0] + workers[1]:
                worker.end()
        counts = sum((one.counts for one in breakers), collections.Counter())
        print(
            f"seed {self.seed}: {sum(one.done for one in changers)} changes"
            f" ({sum(one.failed for one in changers)} not taken), {dict(counts)}, {self.probes} probes"
            f" ({self.unanswered} unanswered), {self.points} quiet points,"
            f" in sight again after {', '.join(f'{wait:.0f}' for wait in self.waits_s)} s: {len(self.wrong)} wrong",
            flush=True,
        )
        return self.wrong


class Server(apiserver.ApiServer):
    """One that is written to by plain HTTP: kubectl takes too long."""

    admin = ""  # its token: the file is written anew by each start

    def wait(self):
        super().wait()
        self.admin = self.admin or self.token("admin")
        return self

    def send(self, method, path, thing=None):
        """The status."""
        context = ssl.create_default_context(cafile=self.folder / "cluster" / "ca.crt")
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=10, context=context)
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        headers = {"User-Agent": apiserver.AGENT, "Content-Type": kind, "Authorization": f"Bearer {self.admin}"}
        try:
            connection.request(method, path, None if thing is None else json.dumps(thing), headers)
            return connection.getresponse().status
        except http.client.HTTPException as error:
            raise OSError("cut off") from error
        finally:
            connection.close()


def run(fedns, seconds, seed):
    with tempfile.TemporaryDirectory(prefix="fedns-chaos-") as folder:
        chaos = Chaos(fedns, folder, seed)
        try:
            chaos.start()
            chaos.run(seconds)
        finally:
            chaos.close()
        return chaos.wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fedns")
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    wrong = run(os.path.abspath(options.fedns), options.seconds, options.seed)
    for problem in wrong[:20]:
        print(problem)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
