#!/usr/bin/env python3
"""What it costs client-go's informers to know and follow the Services and EndpointSlices of one large cluster.

usage: cluster.py [--objects 100000] [--changes 100] [--seconds 30]

Starts a Kubernetes API server (3 GB for 100,000 Services and as many slices), fills it, watches it with `informer`
while `fill` makes changes, and prints what both say, and the server's own CPU time.
"""
import argparse
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "system"))
import apiserver  # noqa: E402

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
SETTLE_S = 5
# the server is not what is measured: it takes all that comes
FLAGS = ("--max-requests-inflight=0", "--max-mutating-requests-inflight=0", "--enable-priority-and-fairness=false")


def build(name):
    return subprocess.run([apiserver.BUILD, HERE / name], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def server_cpu_s(server):
    fields = pathlib.Path(f"/proc/{server.program.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def measure(server, options):
    fill = [build("fill"), f"-kubeconfig={server.kubeconfig()}"]
    subprocess.run([*fill, f"-etcd={server.etcd_socket}", f"-objects={options.objects}"], check=True)
    seconds = options.seconds + SETTLE_S
    watch = [build("informer"), f"-kubeconfig={server.kubeconfig('fedns')}", f"-seconds={seconds}"]
    with subprocess.Popen(watch, stdout=subprocess.PIPE, text=True) as informer:
        print(informer.stdout.readline(), end="", flush=True)
        if options.changes:
            changes = [f"-changes={options.changes}", f"-seconds={options.seconds}"]
            subprocess.run([*fill, "-objects=0", f"-among={min(1000, options.objects)}", *changes], check=True)
        print(informer.stdout.read(), end="")
    print(f"the API server: {server_cpu_s(server):.1f} s of CPU")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=100000)
    parser.add_argument("--changes", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=30)
    options = parser.parse_args()
    server = apiserver.ApiServer("bench", *FLAGS)
    try:
        measure(server, options)
    finally:
        server.close()


if __name__ == "__main__":
    main()
