#!/usr/bin/env python3
"""The whole of fedns for half an hour: questions, garbage and rude TCP clients; a state that changes every second; probes of servers
that come and go; pushes to an Alibaba Cloud DNS that throttles, hangs, loses answers and is gone now and then; drains, reloads, broken
files; and those who look: scrapes, the page, the control socket. Then: did it lose, mix, forget or hold anything?

usage: soak_whole.py FEDNS [SECONDS]      1800 unless said otherwise; exit status 1 if something is not as it should be

300 services in two clusters, all on loopback. What is judged at the end is that of soak.py, and: no answer was empty or held an
address that isn't the service's; every scrape was answered; once all is calm, `fedns plan` finds nothing to change at the provider.
"""
import http.client
import json
import os
import pathlib
import random
import socket
import subprocess
import sys
import threading
import time

import soak

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))

import soak_clients  # noqa: E402  pylint: disable=wrong-import-position
import state  # noqa: E402  pylint: disable=wrong-import-position
import wire  # noqa: E402  pylint: disable=wrong-import-position
from alidns import faults  # noqa: E402  pylint: disable=wrong-import-position
from alidns.server import Alidns  # noqa: E402  pylint: disable=wrong-import-position

SERVICES, GROUPS = 300, 8
ZONE = "example.com"  # a provider takes no domain of one label
PROBE_PORT = 18080
FAULT_CHANCE = 0.02
GONE_S, SERVER_S, DRAIN_S, LOOK_S = 90.0, 4.0, 23.0, 5.0
CALM_S = 120.0  # the last push, by the account's quota and after its pauses
CLUSTERS = ("hangzhou", "beijing")
INI = "[Global]\naccess-key-id = testid\naccess-key-secret = testsecret\nzones = {zone}.\nendpoint = {url}\n"


def address(cluster, group):
    """All services of a group share one address a cluster, and so its probes."""
    return f"127.{20 + CLUSTERS.index(cluster)}.0.{group + 1}"


def name(number):
    return f"svc-{number:06d}.ns-{number % 1000}.fed.svc.{ZONE}"


class Listener:
    """What is probed at one address."""

    def __init__(self, where):
        self.where, self.sock = where, None
        self.up()

    def up(self):
        self.sock = socket.socket()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((self.where, PROBE_PORT))
        self.sock.listen(1024)
        self.sock.setblocking(False)

    def drain(self):
        while self.sock is not None:
            try:
                self.sock.accept()[0].close()
            except OSError:
                return

    def turn(self):
        """Down if it is up, and the other way round."""
        if self.sock is None:
            self.up()
        else:
            self.sock.close()
            self.sock = None


class State(soak.State):
    """Each write lists some services in one cluster alone, and a service more or less."""

    def __init__(self, folder):  # pylint: disable=super-init-not-called
        self.path, self.next_path = folder / "state.json", folder / "elsewhere" / "state.json"
        self.next_path.parent.mkdir()
        self.writes = self.breaks = 0
        self.base = self.text(set())

    @staticmethod
    def text(alone):
        def listed(number):
            group = number % GROUPS
            return {one: [address(one, group)] for one in CLUSTERS if number not in alone or one == CLUSTERS[number % 2]}

        services = [
            state.service(f"svc-{number:06d}", listed(number), f"ns-{number % 1000}", probe=f"tcp:{PROBE_PORT}")
            for number in range(SERVICES)
        ]
        return state.text(*state.CLUSTERS, *services)

    def write(self):
        self.writes += 1
        dice = random.Random(self.writes)
        self.next_path.write_text(self.text(set(dice.sample(range(SERVICES), 3))))
        os.replace(self.next_path, self.path)

    def settle(self):
        self.next_path.write_text(self.base)
        os.replace(self.next_path, self.path)


def config_write(path, port, workers, admin, dns, good=True):
    path.write_text(
        f"federation: fed\nzone: {ZONE}.\nworkers: {workers}\nlisten: ['127.0.0.1:{port}']\nlog: {{level: warn}}\n"
        f"nameservers: [{{name: ns1.{ZONE}., addresses: [127.0.0.1]}}]\nstate_dir: {path.parent}/kept\n"
        f"control: {path.parent}/control.sock\nadmin: 127.0.0.1:{admin}\nsource: {{file: state.json}}\n"
        "health: {interval: 1s, timeout: 500ms, rise: 2, fall: 2, max_withdraw: 100%}\n"
        f"provider: {{alidns: {{config: alidns.yaml, max_delete: 100%, verify_servers: ['127.0.0.1:{dns}']}}}}\n"
        + ("" if good else "nonsense: 1\n")
    )


def probe(stop, results, port, a_second):
    """No answer may be empty, or hold an address of another service."""
    count = {"probes sent": 0, "probes answered": 0, "probes lost": 0, "probes wrong": 0}
    chance, sock = random.Random(3), soak_clients.udp_socket(port)
    sock.settimeout(soak_clients.ANSWER_S)

    def act():
        number = chance.randrange(SERVICES)
        count["probes sent"] += 1
        sock.send(wire.query(name(number), "A", number=count["probes sent"] & 0xFFFF, edns_size=1232))
        try:
            message = wire.decode(sock.recv(65535))
        except OSError:
            count["probes lost"] += 1
            return
        count["probes answered"] += 1
        own = {address(one, number % GROUPS) for one in CLUSTERS}
        found = {record.rdata for record in message.answer}
        if message.rcode != "NOERROR" or not found or found - own:
            count["probes wrong"] += 1

    soak_clients.paced(stop, a_second, act)
    sock.close()
    results.put(count)


class Whole(soak.Soak):
    """soak.Soak with all that the daemon does beside answering."""

    def __init__(self, folder, options):  # pylint: disable=super-init-not-called
        self.folder, self.seconds = folder, options.seconds
        self.harness, self.clients = soak.modules()
        self.harness.FEDNS = options.fedns
        self.api = Alidns().start()
        self.zone = self.api.domain(ZONE)
        self.dns = self.api.dns_start()
        self.rule, self.gone = None, False
        self.listeners = []
        self.over = threading.Event()
        self.accepting = threading.Thread(target=self.accept, daemon=True)
        self.state = State(folder)
        self.state.settle()
        keys = folder / "alidns.yaml"
        keys.write_text(INI.format(zone=ZONE, url=self.api.url))
        keys.chmod(0o600)
        self.port, self.admin = self.harness.free_port(), self.harness.free_port()
        self.config = folder / "fedns.yaml"
        config_write(self.config, self.port, 2, self.admin, self.dns.port)
        self.daemon = self.harness.Daemon(["-c", str(self.config)], folder / "log", self.port)
        self.pid = self.daemon.process.pid
        self.samples, self.reloads, self.counts, self.faults = [], 0, {}, []
        self.drops = self.looks = self.looks_failed = self.turns = self.drains = 0

    def accept(self):
        while not self.over.is_set():
            for listener in self.listeners:
                listener.drain()
            time.sleep(0.02)

    def configure(self, workers, good=True):
        config_write(self.config, self.port, workers, self.admin, self.dns.port, good)
        self.daemon.signal(soak.signal.SIGHUP)

    def answers(self):
        try:
            reply = wire.udp_exchange("127.0.0.1", self.port, wire.query(name(1), "A"), 1)
        except OSError:
            return False
        return reply.rcode == "NOERROR" and len(reply.answer) > 0

    def start_clients(self):
        self.clients.probe = probe  # what is true of an answer is another thing here
        soak.SERVICES, self.clients.ZONE = SERVICES, ZONE
        super().start_clients()
        # after the clients' processes, which would keep these sockets open
        self.listeners += [Listener(address(one, group)) for one in CLUSTERS for group in range(GROUPS)]
        self.accepting.start()
        self.rule = self.api.fault(faults.code("Throttling.User"), chance=FAULT_CHANCE, times=None, seed=1)
        self.api.fault(faults.lost(), chance=FAULT_CHANCE, times=None, seed=2)
        self.api.fault(faults.cut(), chance=FAULT_CHANCE, times=None, seed=3)
        self.api.fault(faults.hang(3), chance=FAULT_CHANCE / 4, times=None, seed=4)

    # --- what happens ---

    def server_turn(self):
        """At most one group of a cluster is down at a time, and never the same group of both."""
        down = [listener for listener in self.listeners if listener.sock is None]
        (down[0] if down else random.choice(self.listeners)).turn()
        self.turns += 1

    def provider_turn(self):
        """Gone, and back."""
        self.gone = not self.gone
        if self.gone:
            self.api.fault(faults.cut(reset=True), times=None)
            return
        self.api.faults_clear()
        self.api.fault(faults.code("Throttling.User"), chance=FAULT_CHANCE, times=None, seed=1)
        self.api.fault(faults.lost(), chance=FAULT_CHANCE, times=None, seed=2)

    def command(self, *words):
        asked = [self.harness.FEDNS, *words, "-s", str(self.folder / "control.sock")]
        return subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)

    def drain_turn(self):
        self.drains += 1
        word = "drain" if self.drains % 2 == 1 else "undrain"
        done = self.command(word, "beijing")
        if done.returncode > 1:  # 1: it is done, and some service has nobody else
            self.expect(False, f"{word}: {done.stderr}")

    def look(self):
        for path in ("/metrics", "/", "/readyz", "/api/v1/services"):
            self.looks += 1
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.admin, timeout=10)
                connection.request("GET", path)
                reply = connection.getresponse()
                good = reply.status == 200 and len(reply.read()) > 0
                connection.close()
            except OSError:
                good = False
            self.looks_failed += not good
        self.looks += 1
        self.looks_failed += not json.loads(self.command("services", "-o", "json").stdout or "[]")

    def due(self):
        return super().due() | {
            self.server_turn: SERVER_S,
            self.provider_turn: GONE_S,
            self.drain_turn: DRAIN_S,
            self.look: LOOK_S,
        }

    # --- what must hold ---

    def calm(self):
        """Everything is well again."""
        self.api.faults_clear()
        for listener in self.listeners:
            if listener.sock is None:
                listener.up()
        if self.drains % 2 == 1:
            self.drain_turn()
        self.state.settle()

    def plan_empty(self):
        """The running daemon pushes; `plan` only reads."""
        done = subprocess.run(
            [self.harness.FEDNS, "plan", "-c", str(self.config)], capture_output=True, text=True, timeout=60, check=False
        )
        return done.returncode == 0

    def finish(self, base):
        self.calm()
        self.configure(2)
        end = time.monotonic() + CALM_S
        while not self.plan_empty() and time.monotonic() < end:
            time.sleep(2)
        self.expect(self.plan_empty(), f"`plan` finds nothing to change, {len(self.api.records(self.zone))} records there")
        self.expect(self.looks_failed == 0, f"{self.looks} scrapes, pages and commands, {self.looks_failed} failed")
        print(f"      {self.turns} turns of servers, {self.drains} drains, {len(self.api.calls)} calls at the provider")
        super().finish(base)

    def close(self):
        self.over.set()
        if self.listeners:
            self.accepting.join()
        self.api.stop()


if __name__ == "__main__":
    sys.exit(soak.main(Whole, "the whole of fedns for half an hour", 1800))
