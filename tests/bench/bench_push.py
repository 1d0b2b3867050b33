#!/usr/bin/env python3
"""The first push of many records at full quota, to the local Alibaba Cloud DNS with its quotas on: seconds beside those
that the quota allows, processor time and peak memory of fedns. Then what the second push costs, that changes nothing.

usage: bench_push.py FEDNS [--records 10000] [--latency 0.02]
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

SYSTEM = pathlib.Path(__file__).resolve().parents[1] / "system"
sys.path.insert(0, str(SYSTEM))

import state  # noqa: E402  pylint: disable=wrong-import-position

RECORDS_A_SERVICE = 5  # two clusters: the global name, a region and a zone each
ADDS_PER_S = 60 * 0.8  # of an account, at 80 %
TARGET = 1.15
CONFIG = """\
federation: fed
zone: spacexnice.xyz.
nameservers: [{{name: ns1.spacexnice.xyz., addresses: [192.0.2.53]}}]
listen: ["127.0.0.1:0"]
state_dir: {folder}/kept
source: {{file: state.json}}
provider: {{alidns: {{config: alidns.yaml, verify_servers: ["127.0.0.1:{dns}"]}}}}
"""
INI = "[Global]\naccess-key-id = testid\naccess-key-secret = testsecret\nzones = spacexnice.xyz.\nendpoint = {url}\n"


def federation(count):
    services = [
        state.service(f"s{at}", {"hangzhou": [f"192.0.2.{at % 254 + 1}"], "beijing": []}) for at in range(count)
    ]
    return state.text(*state.CLUSTERS, *services)


def server_start(latency_s):
    """The server's process, and {"ready": its URL, "dns": its port}."""
    command = [sys.executable, SYSTEM / "alidns" / "main.py", "--domain", "spacexnice.xyz", "--dns-port", "0"]
    server = subprocess.Popen(  # pylint: disable=consider-using-with
        [*command, "--latency", str(latency_s)], stdout=subprocess.PIPE, text=True
    )
    said = {}
    while "ready" not in said:
        word, value = server.stdout.readline().split()
        said[word] = value
    return server, said


def push(program, folder):
    """(seconds, processor seconds, peak KiB, what it printed)."""
    begun = time.monotonic()
    with open(folder / "out", "w+", encoding="utf-8") as out, open(folder / "log", "ab") as log:
        process = subprocess.Popen(  # pylint: disable=consider-using-with
            [program, "push", "-c", str(folder / "fedns.yaml")], stdout=out, stderr=log
        )
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        if process.returncode != 0:
            sys.exit(f"push ended with {process.returncode}:\n{(folder / 'log').read_text()[-4000:]}")
        return time.monotonic() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, out.read().strip()


def main():
    parser = argparse.ArgumentParser(description="The first push of many records.")
    parser.add_argument("fedns")
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--latency", type=float, default=0.02, metavar="S", help="of each call, at the server")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fedns-bench-") as name:
        folder = pathlib.Path(name)
        server, said = server_start(given.latency)
        try:
            (folder / "fedns.yaml").write_text(CONFIG.format(folder=folder, dns=said["dns"]))
            (folder / "alidns.yaml").write_text(INI.format(url=said["ready"]))
            (folder / "alidns.yaml").chmod(0o600)
            (folder / "state.json").write_text(federation(given.records // RECORDS_A_SERVICE))
            allowed_s = given.records / ADDS_PER_S
            took_s, cpu_s, peak_kib, told = push(given.fedns, folder)
            print(told)
            ratio = f"{took_s / allowed_s:.3f} (target {TARGET})"
            print(f"first push: {took_s:.1f} s; the quota allows {allowed_s:.1f} s: {ratio}")
            print(f"fedns: {cpu_s:.2f} s of processor time, {peak_kib / 1024:.1f} MiB at most")
            took_s, cpu_s, peak_kib, told = push(given.fedns, folder)
            print(told)
            print(f"second push: {took_s:.2f} s, {cpu_s:.2f} s of processor time, {peak_kib / 1024:.1f} MiB at most")
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
