#!/usr/bin/env python3
"""fedns beside knotd, nsd, gdnsd, named and a reflector, on one zone, in one run: server CPU time a query.

usage: peers.py FEDNS LOAD REFLECTOR [--services 1000,10000,100000] [--rounds 3] [--queries 1000000] [--only NAME,...]
       peers.py FEDNS LOAD_TCP REFLECTOR --tcp [WINDOW] ...

One server thread, pinned to CPU 0; the load on CPU 1, a window of 256. Over TCP there are 16 connections, 64 queries under
way in each unless WINDOW says otherwise, and no reflector. Of the questions 60 % are for the global level, 15 % for a
zone, 15 % climb a ladder of CNAMEs, 10 % don't exist; all with EDNS. Times are the server's own from /proc, user and
system apart; medians of interleaved rounds. Peers that are not installed are left out and named.
"""
import argparse
import os
import pathlib
import random
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "system"))
import servers  # noqa: E402

ZONE = "example"
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
WINDOW, TCP_CONNECTIONS, TCP_WINDOW = 256, 16, 64
SERVER_CPU, LOAD_CPU = "0", "1"


def free_port():
    """For both; below the range that the kernel hands out, so that nobody is given it meanwhile."""
    while True:
        port = random.randrange(12000, 30000)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            try:
                udp.bind(("127.0.0.1", port))
                tcp.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


# --- the servers: write the configuration into `folder`, return the command; the peers' are in servers.py --------


def fedns(folder, port, options):
    (folder / "fedns.yaml").write_text(
        f"federation: fed\nzone: {ZONE}.\nworkers: 1\nlisten: ['127.0.0.1:{port}']\nlog: {{level: error}}\n"
        f"nameservers: [{{name: ns1.{ZONE}., addresses: [127.0.0.1]}}]\nsource: {{file: ../state.json}}\n"
    )
    return [options.fedns, "serve", "-c", folder / "fedns.yaml"]


def reflector(_folder, port, options):
    return [options.reflector, str(port)]


def peer(configure):
    return lambda folder, port, _options: configure(folder, port, ZONE)


SERVERS = {"reflector": reflector, "fedns": fedns, "gdnsd": peer(servers.gdnsd), "nsd": peer(servers.nsd),
           "knotd": peer(servers.knotd), "named": peer(servers.named)}


# --- measuring ------------------------------------------------------------------------------------


def tree(pid):
    """The process and all below it."""
    found = [pid]
    for at in found:
        for task in pathlib.Path(f"/proc/{at}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def cpu_s(pid):
    """User and system seconds so far, of the whole tree."""
    user = system = 0
    for at in tree(pid):
        fields = pathlib.Path(f"/proc/{at}/stat").read_text().rsplit(")", 1)[1].split()
        user, system = user + int(fields[11]), system + int(fields[12])
    return user * TICK_S, system * TICK_S


def resident(pid):
    """Octets, shared pages counted once a process tree as far as the kernel tells (Pss)."""
    total = 0
    for at in tree(pid):
        for line in pathlib.Path(f"/proc/{at}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


def answers(port, name):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    query = struct.pack(">HHHHHH", 1, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.1)
        sock.sendto(query, ("127.0.0.1", port))
        try:
            reply = sock.recv(4096)
        except (TimeoutError, ConnectionRefusedError):
            time.sleep(0.05)
            return False
        return reply[3] & 15 == 0 and reply[7] > 0


class Server:
    """One running server."""

    def __init__(self, name, where, options, probe):
        self.name, self.port = name, free_port()
        folder = pathlib.Path(where) / name
        folder.mkdir()
        command = SERVERS[name](folder, self.port, options)
        with open(folder / "log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(["taskset", "-c", SERVER_CPU, *command], stdout=log, stderr=log)
        deadline = time.monotonic() + 120
        while not answers(self.port, probe):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"peers: {name} does not answer: {(folder / 'log').read_text()[-1000:]}")

    def run(self, options, queries):
        with open(queries, encoding="utf-8") as lines:
            before = cpu_s(self.process.pid)
            window = [str(TCP_CONNECTIONS), str(options.tcp)] if options.tcp else [str(WINDOW)]
            command = ["taskset", "-c", LOAD_CPU, options.load, str(self.port), str(options.queries), *window]
            done = subprocess.run(command, stdin=lines, stdout=subprocess.PIPE, text=True, check=True)
            after = cpu_s(self.process.pid)
        seconds, _sent, answered, lost, p50, p99, _good, _missing = map(float, done.stdout.split())
        each = 1e6 / answered
        user, system = (after[0] - before[0]) * each, (after[1] - before[1]) * each
        return user + system, user, system, answered / seconds, lost, p50, p99

    def stop(self):
        for pid in reversed(tree(self.process.pid)):
            os.kill(pid, signal.SIGTERM)
        self.process.wait(30)


# --- the work -------------------------------------------------------------------------------------


def questions(services, count, path):
    chance = random.Random(services)
    with open(path, "w", encoding="utf-8") as out:
        for _ in range(count):
            n, kind = chance.randrange(services), chance.random()
            name = f"svc-{n:06d}.ns-{n % 1000}.fed.svc"
            if kind < 0.15:
                name += f".cn-region{n % 2}-a.cn-region{n % 2}"
            elif kind < 0.30:
                name += ".cn-region2-a.cn-region2"  # a cluster that lists nothing: the ladder
            elif kind < 0.40:
                name = f"no{n}.ns-{n % 1000}.fed.svc"
            out.write(f"{name}.{ZONE} 1\n")


def measure(services, options, names):
    with tempfile.TemporaryDirectory() as where:
        root = pathlib.Path(where)
        root.chmod(0o755)
        with open(root / "state.json", "w", encoding="utf-8") as out:
            subprocess.run([sys.executable, HERE / "make_state.py", str(services), "2", "1"], stdout=out, check=True)
        with open(root / "zone", "w", encoding="utf-8") as out:
            flags = ["--federation=fed", f"--dns-zone-name={ZONE}.", f"--source-file={root}/state.json"]
            subprocess.run([options.fedns, "render", *flags], stdout=out, stderr=subprocess.DEVNULL, check=True)
        with open(root / "zone", "a", encoding="utf-8") as out:
            out.write(f"ns1.{ZONE}. 180 IN A 127.0.0.1\n")
        questions(services, min(options.queries, 300000), root / "queries")
        servers = []
        try:
            for name in names:
                servers.append(Server(name, where, options, f"svc-000000.ns-0.fed.svc.{ZONE}"))
            rows = {server.name: [] for server in servers}
            for _ in range(options.rounds):
                for server in servers:
                    rows[server.name].append(server.run(options, root / "queries"))
            show(services, servers, rows)
        finally:
            for server in servers:
                server.stop()


def show(services, servers, rows):
    print(f"\n{services} services")
    print(f"{'server':10} {'us/query':>9} {'user':>6} {'system':>7} {'x floor':>8} {'per CPU s':>10} {'queries/s':>10} "
          f"{'lost':>5} {'p50 us':>7} {'p99 us':>7} {'MB':>6}")
    middle = {name: [statistics.median(column) for column in zip(*runs)] for name, runs in rows.items()}
    floor = middle["reflector"][0] if "reflector" in middle else float("nan")
    for server in servers:
        total, user, system, rate, lost, p50, p99 = middle[server.name]
        print(f"{server.name:10} {total:9.2f} {user:6.2f} {system:7.2f} {total / floor:8.2f} {1e6 / total:10.0f} "
              f"{rate:10.0f} {lost:5.0f} {p50:7.0f} {p99:7.0f} {resident(server.process.pid) / 1e6:6.0f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description="server CPU time a query, fedns beside its peers")
    parser.add_argument("fedns", type=os.path.abspath)
    parser.add_argument("load", type=os.path.abspath)
    parser.add_argument("reflector", type=os.path.abspath)
    parser.add_argument("--services", default="1000,10000,100000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--queries", type=int, default=1000000)
    parser.add_argument("--only", default=",".join(SERVERS))
    parser.add_argument("--tcp", type=int, nargs="?", const=TCP_WINDOW, metavar="WINDOW")
    options = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin"
    if options.tcp:
        options.only = ",".join(name for name in options.only.split(",") if name != "reflector")
    names = [name for name in options.only.split(",") if name in ("fedns", "reflector") or shutil.which(name)]
    for name in set(options.only.split(",")) - set(names):
        print(f"{name} is not installed: left out")
    for services in map(int, options.services.split(",")):
        measure(services, options, names)


if __name__ == "__main__":
    main()
