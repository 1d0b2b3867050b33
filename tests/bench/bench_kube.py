#!/usr/bin/env python3
"""What it costs fedns, and client-go's informers beside it, to know and follow the Services and EndpointSlices of one
large cluster.

usage: bench_kube.py FEDNS [--objects 100000] [--rate 1000] [--seconds 60] [--real]

The cluster is replayed (replay.py), so that it is not what is measured; with --real it is a Kubernetes API server, for
which 3 GB are needed, and the time from an event to the answer is not known.
"""
import argparse
import contextlib
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

import bench_start
import cluster
import follow
import replay
from harness import free_port  # cluster has said where it is

TICK_S = 1 / os.sysconf("SC_CLK_TCK")
SETTLE_S = 5
PATIENCE_S = 120
CONFIG = """\
federation: fed
zone: example.
nameservers: [{{name: ns1.example., addresses: [127.0.0.1]}}]
listen: ["127.0.0.1:{port}"]
workers: 1
state_dir: {dir}/state
source: {{clusters: [{{name: bench, kubeconfig: {kubeconfig}, region: r, zones: [z]}}]}}
"""
KUBECONFIG = {
    "apiVersion": "v1",
    "kind": "Config",
    "users": [{"name": "u", "user": {"token": "t"}}],
    "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    "current-context": "c",
}
GONE_S = 10


def cpu_s(pid, thread=None):
    """User and system time of a process, or of one of its threads."""
    path = f"/proc/{pid}/stat" if thread is None else f"/proc/{pid}/task/{thread}/stat"
    fields = pathlib.Path(path).read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


class Replayed:
    """A cluster in a process of its own."""

    def __init__(self, where, options):
        self.port = free_port()
        self.times = replay.Times(where / "times", options.rate * options.seconds)
        numbers = [str(number) for number in (self.port, options.objects, options.rate, options.seconds)]
        command = [sys.executable, bench_start.HERE / "replay.py", *numbers, where / "times"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()
        self.kubeconfig = where / "kubeconfig"
        server = {"name": "c", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}
        self.kubeconfig.write_text(json.dumps({**KUBECONFIG, "clusters": [server]}))

    def change(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", "/go")
        connection.getresponse().read()
        connection.close()

    def said(self):
        """What came of the changes, once they are over."""
        return self.process.stdout.readline().strip()

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Real:
    """A Kubernetes API server."""

    def __init__(self, options):
        self.options = options
        self.server = cluster.apiserver.ApiServer("bench", *cluster.FLAGS)
        self.fill = [cluster.build("fill"), f"-kubeconfig={self.server.kubeconfig()}"]
        subprocess.run([*self.fill, f"-etcd={self.server.etcd_socket}", f"-objects={options.objects}"], check=True)
        self.kubeconfig = self.server.kubeconfig("fedns")
        self.thread, self.text = None, ""

    def change(self):
        self.thread = threading.Thread(target=self._change)
        self.thread.start()

    def _change(self):
        rate = [f"-changes={self.options.rate}", f"-seconds={self.options.seconds}"]
        among = f"-among={min(1000, self.options.objects)}"
        done = subprocess.run([*self.fill, "-objects=0", among, *rate], stdout=subprocess.PIPE, text=True, check=True)
        self.text = done.stdout.strip()

    def said(self):
        self.thread.join()
        return self.text

    def close(self):
        self.server.close()


@contextlib.contextmanager
def fedns_running(fedns, where, kubeconfig):
    port = free_port()
    config = where / "fedns.yaml"
    config.write_text(CONFIG.format(port=port, dir=where, kubeconfig=kubeconfig))
    with open(where / "log", "w") as log:
        daemon = subprocess.Popen([fedns, "serve", "-c", config], stderr=log)
    try:
        yield daemon, port
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(GONE_S)


def wait_synced(where, begin):
    while "every API server has told all it has" not in (where / "log").read_text():
        if time.monotonic() - begin > PATIENCE_S:
            raise SystemExit(f"bench_kube: not synced:\n{(where / 'log').read_text()[-2000:]}")
        time.sleep(0.002)
    return time.monotonic() - begin


def show_latency(took, lost):
    half, most = (took[int(len(took) * share)] * 1000 for share in (0.5, 0.99))
    print(
        f"fedns: from the event's last octet to the answer: p50 {half:.2f} ms, p99 {most:.2f} ms,"
        f" longest {took[-1] * 1000:.1f} ms, of {len(took)}; {lost} never came"
    )


def measure_fedns(source, fedns, where, options):
    begin = time.monotonic()
    with fedns_running(fedns, where, source.kubeconfig) as (daemon, port):
        synced = wait_synced(where, begin)
        last = follow.name(options.objects - 1)
        first = bench_start.first_answer(port, last, begin + PATIENCE_S) - begin
        peak, cpu = bench_start.memory(daemon.pid, "VmHWM"), cpu_s(daemon.pid)
        time.sleep(SETTLE_S)
        resident = bench_start.memory(daemon.pid, "VmRSS")
        print(
            f"fedns: synced after {synced:.2f} s, first answer {first:.2f} s, CPU {cpu:.2f} s,"
            f" peak {peak / 1e6:.0f} MB, resident at rest {resident / 1e6:.0f} MB",
            flush=True,
        )
        before, control = cpu_s(daemon.pid), cpu_s(daemon.pid, daemon.pid)
        source.change()
        if isinstance(source, Replayed):
            show_latency(*follow.Follower(port, options.objects, source.times).run())
        print(source.said())
        whole, control = cpu_s(daemon.pid) - before, cpu_s(daemon.pid, daemon.pid) - control
        per = 1e6 / (options.rate * options.seconds)
        print(
            f"fedns: CPU of the control thread {control:.2f} s, {control * per:.0f} us a change;"
            f" of all threads {whole:.2f} s; resident {bench_start.memory(daemon.pid, 'VmRSS') / 1e6:.0f} MB,"
            f" peak {bench_start.memory(daemon.pid, 'VmHWM') / 1e6:.0f} MB",
            flush=True,
        )


def measure_informer(source, options):
    command = [cluster.build("informer"), f"-kubeconfig={source.kubeconfig}"]
    command += [f"-seconds={options.seconds + SETTLE_S}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as informer:
        known = json.loads(informer.stdout.readline())
        source.change()
        end = json.loads(informer.stdout.readline())
    print(
        f"informer: synced after {known['seconds']:.2f} s, CPU {known['cpu_seconds']:.2f} s, peak {known['peak']},"
        f" resident {known['rss']}\n{source.said()}\n"
        f"informer: CPU {end['cpu_seconds'] - known['cpu_seconds']:.2f} s for {end['events'] - known['events']} events,"
        f" resident {end['rss']}, peak {end['peak']}",
        flush=True,
    )


def measure(make, act):
    with tempfile.TemporaryDirectory() as folder:
        where = pathlib.Path(folder)
        source = make(where)
        try:
            act(source, where)
        finally:
            source.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fedns")
    parser.add_argument("--objects", type=int, default=100000)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--real", action="store_true")
    options = parser.parse_args()
    fedns = os.path.abspath(options.fedns)

    def fedns_first(source, where):
        measure_fedns(source, fedns, where, options)
        if options.real:
            measure_informer(source, options)

    if options.real:
        measure(lambda where: Real(options), fedns_first)
        return
    measure(lambda where: Replayed(where, options), fedns_first)
    measure(lambda where: Replayed(where, options), lambda source, where: measure_informer(source, options))


if __name__ == "__main__":
    main()
