#!/usr/bin/env python3
"""fedns' prober beside gdnsd's monitors: the same targets, the same interval, in one run.

usage: bench_probes.py BENCH_PROBES PROBE_LISTENER [--targets 50000] [--gdnsd-targets N] [--https-targets 4900]
                       [--seconds 20] [--interval 5] [--only NAME,...]

The prober is pinned to CPU 0; what it asks, one listener for all of 127/8, to CPU 1. Times are the whole process's,
user and system. `chrt -r 1` before it keeps others off both CPUs: an end that doesn't keep up shows as lateness of the
other. gdnsd is left out, and named, where it is not installed. How late its monitors are isn't known: connections that
this machine has opened a second (Tcp ActiveOpens) show whether it keeps up.

"fedns https" asks as often a second as the others, of fewer targets whose interval is as much shorter: each may keep a
connection, which is a descriptor here and one at the listener.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import tempfile
import time

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
PROBER_CPU, LISTENER_CPU = "0", "1"
RESOURCE_ADDRESSES = 64
HOST = "shop.default.fed.svc.example.com"
START_S = 60


def free_port():
    """Below the range that the kernel hands out, so that nobody is given it meanwhile."""
    while True:
        port = random.randrange(12000, 30000)
        with socket.socket() as tcp:
            try:
                tcp.bind(("", port))
                return port
            except OSError:
                continue


def address(i):
    """As bench_probes has them."""
    return f"127.{1 + i // 62500}.{i // 250 % 250}.{1 + i % 250}"


def opened():
    """Connections that this machine has begun."""
    lines = pathlib.Path("/proc/net/snmp").read_text().splitlines()
    names, values = (line.split() for line in lines if line.startswith("Tcp:"))
    return int(values[names.index("ActiveOpens")])


def cpu_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) * TICK_S, int(fields[12]) * TICK_S


def resident(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


class Listener:
    """What is asked; ends with its standard input."""

    def __init__(self, program, *identity):
        self.port = free_port()
        self.process = subprocess.Popen(
            ["taskset", "-c", LISTENER_CPU, program, str(self.port), *identity],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.process.stdout.readline()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def identity_make(folder):
    """A certificate and its key, by the shortest chain there is."""
    subprocess.run(
        f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN={HOST}"
        " -keyout key.pem -out certificate.pem".split(),
        cwd=folder, capture_output=True, check=True,
    )  # fmt: skip
    return [f"{folder}/certificate.pem", f"{folder}/key.pem"]


def fedns(kind, port, options):
    targets = options.https_targets if kind == "https" else options.targets
    interval_ms = options.interval * 1000 * targets // options.targets
    done = subprocess.run(
        ["taskset", "-c", PROBER_CPU, options.bench_probes, kind, str(port), str(targets), str(interval_ms),
         str(options.seconds)],
        stdout=subprocess.PIPE, check=True, timeout=2 * options.seconds + 10 * options.interval,
    )  # fmt: skip
    told = json.loads(done.stdout)
    return told | {"probes_a_second": (told["good"] + told["bad"]) // options.seconds}


def gdnsd_configure(folder, kind, port, targets, interval):
    monitor = {
        "tcp": f"plugin => tcp_connect, port => {port}",
        "http": f"plugin => http_status, port => {port}, url_path => /healthz, vhost => {HOST}",
    }[kind]
    resources = "\n".join(
        f"r{at} => {{ "
        + ", ".join(f"a{i} => {address(i)}" for i in range(at, min(at + RESOURCE_ADDRESSES, targets)))
        + " }"
        for at in range(0, targets, RESOURCE_ADDRESSES)
    )
    (folder / "zones").mkdir(parents=True)
    (folder / "zones" / "example").write_text("@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 127.0.0.1\nwww 60 DYNA multifo!r0\n")
    (folder / "config").write_text(
        f"options => {{ listen => [ 127.0.0.1:{free_port()} ], udp_threads = 1, tcp_threads = 1,"
        f" run_dir = {folder}/run, state_dir = {folder}/state }}\n"
        f"service_types => {{ probe => {{ {monitor}, interval => {interval}, timeout => 2 }} }}\n"
        f"plugins => {{ multifo => {{ service_types => probe\n{resources}\n}} }}\n"
    )


def gdnsd_started(process, log):
    """Has it asked all of its targets for the first time?"""
    end_s = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < end_s:
        if "DNS listeners started" in log.read_text(encoding="utf-8"):
            return True
        time.sleep(0.1)
    return False


def gdnsd_measure(pid, options):
    time.sleep(2 * options.interval)
    before, begun, begun_s = cpu_s(pid), opened(), time.monotonic()
    time.sleep(options.seconds)
    user_s, system_s = (after - past for after, past in zip(cpu_s(pid), before))
    seconds = time.monotonic() - begun_s
    return {
        "user_s": round(user_s, 2),
        "system_s": round(system_s, 2),
        "core_percent": round(100 * (user_s + system_s) / seconds, 1),
        "opened_a_second": round((opened() - begun) / seconds),
        "resident": resident(pid),
    }


def gdnsd(kind, port, options):
    targets = options.gdnsd_targets or options.targets
    with tempfile.TemporaryDirectory() as name:
        folder, log = pathlib.Path(name) / "gdnsd", pathlib.Path(name) / "log"
        gdnsd_configure(folder, kind, port, targets, options.interval)
        with log.open("w", encoding="utf-8") as output:
            process = subprocess.Popen(
                ["taskset", "-c", PROBER_CPU, "gdnsd", "-c", folder, "start"], stdout=output, stderr=output
            )
        try:
            if gdnsd_started(process, log):
                return {"targets": targets} | gdnsd_measure(process.pid, options)
            return {"targets": targets, "log": log.read_text(encoding="utf-8")[-500:]}
        finally:
            process.terminate()
            process.wait()


PROBERS = {"fedns tcp": (fedns, "tcp"), "fedns http": (fedns, "http"), "fedns https": (fedns, "https"), "gdnsd tcp": (gdnsd, "tcp"),
           "gdnsd http": (gdnsd, "http")}  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench_probes")
    parser.add_argument("probe_listener")
    parser.add_argument("--targets", type=int, default=50000)
    parser.add_argument("--gdnsd-targets", type=int, default=0)
    parser.add_argument("--https-targets", type=int, default=4900)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--interval", type=int, default=5)
    parser.add_argument("--only", default=",".join(PROBERS))
    options = parser.parse_args()
    for name in options.only.split(","):
        probe, kind = PROBERS[name]
        if probe is gdnsd and shutil.which("gdnsd") is None:
            print(f"{name}: not installed")
            continue
        with tempfile.TemporaryDirectory() as folder:
            identity = identity_make(folder) if kind == "https" else []
            with Listener(options.probe_listener, *identity) as listener:
                print(f"{name}: {json.dumps(probe(kind, listener.port, options))}", flush=True)


if __name__ == "__main__":
    main()
