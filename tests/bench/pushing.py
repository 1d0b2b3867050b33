"""A local Alibaba Cloud DNS over HTTPS, `fedns push` beside it, and what a push cost. For bench_external_dns.py."""

import collections
import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "system"))
import state  # noqa: E402
from alidns import tls  # noqa: E402
from alidns.server import Alidns  # noqa: E402

NAMESPACE = "default"
TTL = 180
MARK = "fedns:fedns"
ROOTS = "/etc/ssl/certs/ca-certificates.crt"
LOOK_S = 0.05
CONFIG = """\
federation: fed
zone: {zone}.
ttl: {ttl}
nameservers: [{{name: ns1.{zone}., addresses: [192.0.2.53]}}]
state_dir: {where}/kept
control: {where}/control.sock
log: {{level: warn}}
source: {{file: {where}/state.json}}
provider: {{alidns: {{config: alidns.yaml}}}}
"""
INI = "[Global]\naccess-key-id = testid\naccess-key-secret = testsecret\nzones = {zone}.\nendpoint = {url}\n"


@dataclasses.dataclass(frozen=True)
class Service:
    """One with one address in a cluster without a place: it has one name with one A record."""

    name: str
    address: str
    ttl: int = TTL

    @property
    def rr(self):
        return f"{self.name}.{NAMESPACE}.fed.svc"

    def object(self):
        notes = {} if self.ttl == TTL else {"ttl": str(self.ttl)}
        return state.service(self.name, {"c": [self.address]}, NAMESPACE, **notes)


def service(number, moved=False, ttl=TTL):
    return Service(f"svc-{number:06d}", f"{11 if moved else 10}.{number >> 16}.{number >> 8 & 255}.{number & 255}", ttl)


@dataclasses.dataclass
class Cost:
    """Of one program's run."""

    status: int
    seconds: float
    cpu_s: float
    peak: int
    out: str
    calls: list


def actions(calls):
    """How many of each action, throttled ones apart."""
    count = collections.Counter()
    for call in calls:
        if "Throttling" in call.code:
            count["throttled"] += 1
        elif call.code or call.fault:
            count["refused"] += 1
        count["reads" if call.action.startswith("Describe") else call.action] += 1
    return count


class Bed:
    """`api`, its domain `zone`, and the folder `where`."""

    def __init__(self, where):
        self.where = pathlib.Path(where)
        self.authority = tls.authority(self.where)
        self.api = Alidns(tls=tls.context(self.where)).start()
        self.zone = self.api.domain(state.ZONE)

    def close(self):
        self.api.stop()

    def have(self):
        """The A records, as (RR, value, TTL)."""
        return {(one.rr, one.value, one.ttl) for one in self.api.records(self.zone, rtype="A")}

    def configure(self):
        (self.where / "fedns.yaml").write_text(CONFIG.format(zone=state.ZONE, ttl=TTL, where=self.where))
        keys = self.where / "alidns.yaml"
        keys.write_text(INI.format(zone=state.ZONE, url=self.api.url))
        keys.chmod(0o600)

    def push(self, fedns, services):
        """fedns trusts the system's authorities alone: in a mount namespace of its own, the test's is the only one."""
        objects = [one.object() for one in services]
        (self.where / "state.json").write_text(state.text(state.cluster("c"), *objects))
        bind = f'mount --bind {self.authority} {ROOTS} && exec "$0" "$@"'
        return self.run(["unshare", "-rm", "sh", "-c", bind, fedns, "push", "-c", self.where / "fedns.yaml"])

    def run(self, command, **environment):
        """Run a program to its end; the calls are those that it made."""
        first, begin = len(self.api.calls), time.monotonic()
        with open(self.where / "log", "ab") as log, subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=os.environ | environment
        ) as process:
            peaks = [0]
            watcher = threading.Thread(target=_peak_watch, args=(process.pid, peaks))
            watcher.start()
            out = process.stdout.read().decode()
            _pid, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - begin
            process.returncode = os.waitstatus_to_exitcode(status)
            watcher.join()
        calls = list(self.api.calls)[first:]
        cpu_s = usage.ru_utime + usage.ru_stime
        return Cost(process.returncode, seconds, cpu_s, max(peaks), out, calls)

    def log(self):
        return (self.where / "log").read_text(errors="replace")


def _peak_watch(pid, peaks):
    """The greatest resident size of what a process has become: its own account of it begins anew at each exec()."""
    while True:
        try:
            text = pathlib.Path(f"/proc/{pid}/status").read_text()
        except OSError:
            return
        found = [line for line in text.splitlines() if line.startswith("VmHWM:")]
        if not found:
            return  # it has ended
        peaks[0] = int(found[0].split()[1]) * 1024
        time.sleep(LOOK_S)


def require(*programs):
    missing = [name for name in programs if shutil.which(name) is None]
    if missing:
        raise SystemExit(f"needed, and not here: {', '.join(missing)}")
