#!/usr/bin/env python3
"""From starting the daemon to its first answer, and what it takes in memory: from the state file, then from the
last-known-good state alone.

usage: bench_start.py FEDNS [SERVICES] [ROUNDS]
"""
import os
import pathlib
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
CONFIG = """\
federation: fed
zone: example.
ttl: 180
nameservers: [{{name: ns1.example., addresses: [127.0.0.1]}}]
listen: ["127.0.0.1:{port}"]
workers: 1
state_dir: {dir}/state
source: {{file: {dir}/state.json}}
"""


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def question(name):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">HHHHHH", 1, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", 1, 1)


def first_answer(port, name, deadline):
    """Ask until an answer with records comes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.005)
        while time.monotonic() < deadline:
            sock.sendto(question(name), ("127.0.0.1", port))
            try:
                reply = sock.recv(4096)
            except (TimeoutError, ConnectionRefusedError):
                time.sleep(0.001)
                continue
            if reply[3] & 15 == 0 and reply[7] > 0:
                return time.monotonic()
    raise SystemExit("bench_start: no answer in time")


def memory(pid, key):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024
    raise SystemExit(f"bench_start: no {key}")


def run(fedns, where, services, keep):
    """One start; `keep` is called before the daemon is stopped."""
    port = free_port()
    config = pathlib.Path(where) / "fedns.yaml"
    config.write_text(CONFIG.format(port=port, dir=where))
    begin = time.monotonic()
    daemon = subprocess.Popen([fedns, "serve", "-c", config], stderr=open(f"{where}/log", "a"))
    try:
        name = f"svc-{services - 1:06d}.ns-{(services - 1) % 1000}.fed.svc.example"
        took = first_answer(port, name, begin + 60) - begin
        peak = memory(daemon.pid, "VmHWM")
        keep(daemon.pid)
        return took, peak, memory(daemon.pid, "VmRSS"), memory(daemon.pid, "VmHWM")
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(30)


def wait_for(path, pid):
    deadline = time.monotonic() + 60
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(2)  # and let it come to rest
    assert pathlib.Path(f"/proc/{pid}").exists()


def show(what, rows, size):
    first, peak, resident, peak_later = (statistics.median(column) for column in zip(*rows))
    print(
        f"{what}: first answer {first:.2f} s, peak {peak / 1e6:.0f} MB ({peak / size:.2f} x the file), "
        f"resident at rest {resident / 1e6:.0f} MB, peak with the last-known-good written {peak_later / 1e6:.0f} MB"
    )


def main():
    fedns = os.path.abspath(sys.argv[1])
    services = int(sys.argv[2]) if len(sys.argv) > 2 else 100000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    with tempfile.TemporaryDirectory() as where:
        state, good = pathlib.Path(where) / "state.json", pathlib.Path(where) / "state/last-known-good.json"
        with open(state, "w") as out:
            subprocess.run([sys.executable, HERE / "make_state.py", str(services)], stdout=out, check=True)
        size = state.stat().st_size
        print(f"{services} services, state file {size / 1e6:.0f} MB, medians of {rounds}")
        rows = [run(fedns, where, services, lambda pid: wait_for(good, pid)) for _ in range(rounds)]
        show("from the state file", rows, size)
        print(f"last-known-good file {good.stat().st_size / 1e6:.0f} MB")
        state.unlink()
        rows = [run(fedns, where, services, lambda pid: time.sleep(2)) for _ in range(rounds)]
        show("from the last-known-good state", rows, good.stat().st_size)


if __name__ == "__main__":
    main()
