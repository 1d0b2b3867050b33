#!/usr/bin/env python3
"""fedns under everything at once for some minutes: load, floods of garbage, slow and rude TCP clients, a state file that changes every
second and is broken now and then, reloads. Then: did it lose, mix or hold anything?

usage: soak.py FEDNS [SECONDS]      600 unless said otherwise; exit status 1 if something is not as it should be

10,000 services on loopback. Memory and descriptors are looked at every 5 seconds. Memory is flat if the median of the last third
of the samples is at most 5 % above that of the first third. The first third of the time is warm-up and left out: each reload's
threads find malloc's arenas as others left them, and it takes some reloads until all arenas have had their fullest moment.
"""
import argparse
import multiprocessing
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
SERVICES, IDLE_CLUSTERS = 10000, 1
LOAD_A_SECOND, GARBAGE_A_SECOND, PROBES_A_SECOND = 4000, 2000, 100
SAMPLE_S, CHANGE_S, RELOAD_S = 5, 1.0, 17.0
GROWTH_MAX = 1.05
LEAVE_S = 12  # idle TCP connections are closed after 10
RELOAD_OVER_S = 5  # the old workers have ended


def modules():
    """Those of the system tests start and ask a daemon already."""
    sys.path.insert(0, str(HERE.parent / "system"))
    import harness  # pylint: disable=import-outside-toplevel
    import soak_clients  # pylint: disable=import-outside-toplevel

    return harness, soak_clients


class State:
    """The state file, in versions: the addresses of the first 256 services move together."""

    def __init__(self, folder):
        self.path, self.next_path = folder / "state.json", folder / "elsewhere" / "state.json"
        self.next_path.parent.mkdir()
        command = [sys.executable, HERE / "make_state.py", str(SERVICES), "2", str(IDLE_CLUSTERS)]
        self.base = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        self.writes = self.breaks = 0

    def write(self):
        self.writes += 1
        version = self.writes % 256
        text = self.base.replace('\\"10.0.0.', f'\\"10.{version}.0.').replace('\\"11.0.0.', f'\\"11.{version}.0.')
        self.next_path.write_text(text)
        os.replace(self.next_path, self.path)

    def break_it(self):
        """Half a file, written in place."""
        self.breaks += 1
        self.path.write_text(self.base[: len(self.base) // 2])


def config_write(path, port, workers, good=True):
    path.write_text(
        f"federation: fed\nzone: example.\nworkers: {workers}\nlisten: ['127.0.0.1:{port}']\nlog: {{level: warn}}\n"
        f"nameservers: [{{name: ns1.example., addresses: [127.0.0.1]}}]\nstate_dir: {path.parent}/kept\n"
        f"source: {{file: state.json}}\n" + ("" if good else "nonsense: 1\n")
    )


def resident_kb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def kernel_drops(port):
    """Datagrams that the queues of the server's sockets had no room for (proc(5), /proc/net/udp)."""
    drops = 0
    for line in pathlib.Path("/proc/net/udp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[1].endswith(f":{port:04X}") and fields[2].endswith(":0000"):
            drops += int(fields[-1])
    return drops


class Soak:
    """One daemon, and what happens to it."""

    def __init__(self, folder, options):
        self.folder, self.seconds = folder, options.seconds
        self.harness, self.clients = modules()
        self.harness.FEDNS = options.fedns
        self.state = State(folder)
        self.state.write()
        self.port = self.harness.free_port()
        self.config = folder / "fedns.yaml"
        config_write(self.config, self.port, 2)
        self.daemon = self.harness.Daemon(["-c", str(self.config)], folder / "log", self.port)
        self.pid = self.daemon.process.pid
        self.samples, self.reloads, self.counts, self.faults = [], 0, {}, []
        self.drops = 0

    def ready(self):
        """Where it says so at level info only: by an answer."""
        self.harness.wait_until("an answer", lambda: self.answers() or None, 30)

    def answers(self):
        wire = self.clients.wire
        try:
            reply = wire.udp_exchange("127.0.0.1", self.port, wire.query("svc-000001.ns-1.fed.svc.example.", "A"), 1)
        except OSError:
            return False
        return reply.rcode == "NOERROR" and len(reply.answer) == 2

    def reload(self):
        """One worker, two, and a configuration that is refused, in turn."""
        self.reloads += 1
        self.configure(1 + self.reloads % 2, self.reloads % 5 != 0)

    def configure(self, workers, good=True):
        config_write(self.config, self.port, workers, good)
        self.daemon.signal(signal.SIGHUP)

    def rest(self):
        """Nobody asks, two workers run that took over from others. Returns how many descriptors are open then."""
        for workers in (1, 2):
            self.configure(workers)
            time.sleep(RELOAD_OVER_S)
        return descriptors(self.pid)

    def start_clients(self):
        clients, port, context = self.clients, self.port, multiprocessing.get_context("fork")
        self.stop, self.results = context.Event(), context.Queue()
        plans = [
            (clients.load, (port, SERVICES, LOAD_A_SECOND)),
            (clients.flood, (port, SERVICES, GARBAGE_A_SECOND)),
            (clients.probe, (port, PROBES_A_SECOND)),
            (clients.tcp, (port, SERVICES)),
        ]
        self.processes = [context.Process(target=run, args=(self.stop, self.results, *more)) for run, more in plans]
        for process in self.processes:
            process.start()

    def stop_clients(self):
        self.stop.set()
        for _ in self.processes:
            self.counts.update(self.results.get(timeout=60))
        for process in self.processes:
            process.join(30)

    def sample(self, begin):
        at, kb, fds = time.monotonic() - begin, resident_kb(self.pid), descriptors(self.pid)
        self.drops = max(self.drops, kernel_drops(self.port))
        self.samples.append((at, kb, fds))
        print(f"{at:6.0f} s {kb:7} KB {fds:4} descriptors, {self.drops} dropped by the kernel", flush=True)

    def change(self):
        if self.state.writes % 10 == 9:
            self.state.break_it()
            time.sleep(0.3)
        self.state.write()

    def due(self):
        """{what: every so many seconds}"""
        return {self.change: CHANGE_S, self.reload: RELOAD_S}

    def run(self):
        begin = time.monotonic()
        due = self.due() | {lambda: self.sample(begin): SAMPLE_S}
        at = {act: begin + every for act, every in due.items()}
        while time.monotonic() < begin + self.seconds and self.daemon.process.poll() is None:
            for act, every in due.items():
                if time.monotonic() >= at[act]:
                    act()
                    at[act] = max(at[act] + every, time.monotonic())
            time.sleep(0.05)

    # --- what must hold ---

    def expect(self, good, sentence):
        print(("      " if good else "FAULT ") + sentence)
        if not good:
            self.faults.append(sentence)

    def expect_memory(self):
        sizes = [kb for at, kb, _fds in self.samples if at >= self.seconds / 3]
        third = max(1, len(sizes) // 3)
        first, last = statistics.median(sizes[:third]), statistics.median(sizes[-third:])
        growth = last / first
        self.expect(growth <= GROWTH_MAX, f"memory: first third {first:.0f} KB, last third {last:.0f} KB: {growth:.3f} x")

    def expect_counts(self):
        for key in sorted(self.counts):
            print(f"      {key}: {self.counts[key]}")
        count = self.counts
        lost = count["load sent"] - count["load answered"] + count["probes lost"]
        self.expect(lost <= self.drops, f"{lost} queries lost, the kernel dropped {self.drops} datagrams")
        self.expect(count["probes wrong"] == 0, f"{count['probes wrong']} probes answered wrong or by two states at once")
        failed = {key: n for key, n in count.items() if key.endswith("failed")}
        self.expect(not failed, f"TCP clients that didn't get what they were owed: {failed or 'none'}")

    def finish(self, base):
        self.stop_clients()
        time.sleep(LEAVE_S)
        fds = self.rest()
        self.expect(fds <= base, f"descriptors: {base} at the beginning, {fds} after the clients left")
        self.expect_memory()
        self.expect_counts()
        self.expect(self.answers(), "it still answers")
        print(f"      {self.state.writes} states, {self.state.breaks} broken ones, {self.reloads} reloads")
        if self.daemon.process.poll() is None:
            self.daemon.signal(signal.SIGTERM)
        status = self.daemon.process.wait(10)
        self.expect(status == 0, f"exit status {status} after SIGTERM")

    def close(self):
        """Of what was begun beside the daemon and its clients there is nothing here."""


def main(kind, description, seconds):
    """The soak of class `kind`, from the command line's words to the exit status."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("fedns", type=os.path.abspath)
    parser.add_argument("seconds", type=int, nargs="?", default=seconds)
    options = parser.parse_args()
    random.seed(1)
    with tempfile.TemporaryDirectory() as where:
        soak = kind(pathlib.Path(where), options)
        try:
            soak.ready()
            base = soak.rest()
            soak.start_clients()
            soak.run()
            soak.finish(base)
        finally:
            soak.close()
            if soak.daemon.process.poll() is None:
                soak.daemon.process.kill()
            if soak.faults:
                print((pathlib.Path(where) / "log").read_text()[-3000:])
    return 1 if soak.faults else 0


if __name__ == "__main__":
    sys.exit(main(Soak, "fedns under everything at once", 600))
