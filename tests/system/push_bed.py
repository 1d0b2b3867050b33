"""A local Alibaba Cloud DNS, a federation to push to it, and what a push must leave there."""

import contextlib
import json
import signal
import subprocess
import time

import harness
import state
from alidns import faults
from alidns.server import Alidns
from live import fast

MARK = "fedns:fedns"
SECRET = "testsecret"
INI = "[Global]\naccess-key-id = {key}\naccess-key-secret = {secret}\nzones = {zone}.\nendpoint = {url}\n"
GLOBAL = "nginx.default.fed.svc"
ZONE_B, REGION_B = f"{GLOBAL}.cn-hangzhou-b.cn-hangzhou", f"{GLOBAL}.cn-hangzhou"
ZONE_A, REGION_A = f"{GLOBAL}.cn-beijing-a.cn-beijing", f"{GLOBAL}.cn-beijing"


def content(record):
    """A record of the server as what can be wanted."""
    return record.rr, record.type, record.value, record.ttl


def address_type(text):
    return "AAAA" if ":" in text else "A"


def ladder(name, hangzhou=(), beijing=(), namespace="default", ttl=180):
    """What a service of the guide's two clusters must have: rules 2 to 4 of the records, written once more. With no
    address at all: only the CNAMEs."""
    glob = f"{name}.{namespace}.fed.svc"
    wanted = {(glob, address_type(one), one, ttl) for one in (*hangzhou, *beijing)}
    for region, zone, here in (("cn-hangzhou", "cn-hangzhou-b", hangzhou), ("cn-beijing", "cn-beijing-a", beijing)):
        levels = [f"{glob}.{zone}.{region}", f"{glob}.{region}", glob]
        for level, above in zip(levels, levels[1:]):
            values = [(address_type(one), one) for one in here] or [("CNAME", f"{above}.{state.ZONE}")]
            wanted |= {(level, rtype, value, ttl) for rtype, value in values}
    return wanted


def services(*objects):
    return state.text(*state.CLUSTERS, *objects)


def guide(address=state.HANGZHOU):
    """The federation guide's service, without the ports that would make SRV records."""
    return services(state.service("nginx", {"hangzhou": [address], "shanghai": [state.SHANGHAI]}))


def guide_wanted(address=state.HANGZHOU):
    """`shanghai` is no known cluster: it counts at the global level."""
    return ladder("nginx", [address]) | {(GLOBAL, "A", state.SHANGHAI, 180)}


class PushTest(harness.SystemTest):
    """`self.api` and its domain `self.zone`; what a program has said is looked through for the secret at the end.
    `speed`: of the programs' clock, so that pauses and time-outs needn't be waited for."""

    speed = 1

    def setUp(self):
        super().setUp()
        self.api = Alidns().start()
        self.addCleanup(self.api.stop)
        self.dns = self.api.dns_start()
        self.zone = self.api.domain(state.ZONE)
        self.said = []
        self.addCleanup(self.check_secret)
        self.write_keys()
        self.write_push()
        self.write_state(guide())

    def check_secret(self):
        texts = list(self.said)
        for path in self.folder.rglob("*"):
            if path.is_file() and path.name != "alidns.yaml":
                texts.append(path.read_text(errors="replace"))
        for text in texts:
            self.assertNotIn(SECRET, text)

    def write_keys(self, key="testid", secret=SECRET, zone=state.ZONE, more="", url=None):
        path = self.folder / "alidns.yaml"
        path.write_text(INI.format(key=key, secret=secret, zone=zone, url=url or self.api.url) + more)
        path.chmod(0o600)

    def write_push(self, more="", extra="", path=None):
        """`more`: keys of `alidns`, as in a flow mapping. Nobody's name servers but ours are asked."""
        more = f", {more}" if more else ""
        control = f"control: {self.folder}/control.sock\n"
        servers = f'verify_servers: ["127.0.0.1:{self.dns.port}"]'
        push = f"provider:\n  alidns: {{config: alidns.yaml, {servers}{more}}}\n"
        self.write_config(control + push + extra, path=path)

    def prefix(self):
        return fast(self.speed) if self.speed > 1 else ()

    # --- programs -------------------------------------------------------------------------------

    def run_fedns(self, *arguments, timeout_s=30.0):
        done = subprocess.run(
            [*self.prefix(), harness.FEDNS, *arguments], capture_output=True, text=True, timeout=timeout_s, check=False
        )
        self.said += [done.stdout, done.stderr]
        self.assertIsNone(harness.SANITIZER.search(done.stderr), done.stderr[-8000:])
        return done

    def push(self, status=0, **more):
        done = self.run_fedns("push", "-c", str(self.config_path), **more)
        self.assertEqual(done.returncode, status, f"{done.stdout}\n{done.stderr[-6000:]}\n{self.tail()}")
        return done

    def plan(self, status=0):
        """What `plan -o json` says."""
        done = self.run_fedns("plan", "-c", str(self.config_path), "-o", "json")
        self.assertEqual(done.returncode, status, f"{done.stdout}\n{done.stderr[-4000:]}")
        return json.loads(done.stdout)

    @contextlib.contextmanager
    def push_begun(self):
        """A push that somebody else ends. Its log is `push.log`."""
        command = [*self.prefix(), harness.FEDNS, "push", "-c", str(self.config_path)]
        with open(self.folder / "push.log", "ab") as log, subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=harness.die_with_parent
        ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()

    def kill_at(self, n, when):
        """Begin a push that is killed at its n-th call; returns its exit status (-9: it was). "before": neither that
        call nor a later one is carried out."""
        with self.push_begun() as process:

            def kill(_call):
                process.send_signal(signal.SIGKILL)
                if when == "before":
                    self.api.fault(faults.cut(), times=None)

            rule = self.api.on_call(n, kill, when=when)
            try:
                return process.wait(30)
            finally:
                harness.wait_until("the last call's end", lambda: all(call.ended for call in self.api.calls))
                rule.used = 1  # the calls of later pushes are none of its business
                self.api.faults_clear()

    def status(self):
        """Of a running daemon: what `status` says of the provider."""
        done = self.run_fedns("status", "-c", str(self.config_path), "-o", "json")
        if done.returncode == 3:
            return None  # it has only just been started
        self.assertIn(done.returncode, (0, 1), done.stderr)  # 1: what it serves is stale, or nothing
        said = json.loads(done.stdout)
        return (said[0] if isinstance(said, list) else said)["provider"]

    def wait_status(self, what, condition, deadline_s=20.0):
        last = {}

        def good():
            last.update(self.status() or {})
            return last and condition(last) and last

        try:
            return harness.wait_until(what, good, deadline_s, 0.1)
        except AssertionError as error:
            raise AssertionError(f"{error}; status: {last}") from None

    # --- what is there --------------------------------------------------------------------------

    def tail(self):
        """The last calls, for a message."""
        return "\n".join(
            f"{call.n} {call.action} {call.params.get('RR', '')} {call.params.get('Type', '')} "
            f"{call.params.get('Value', '')} {call.params.get('RecordId', '')} -> {call.code or 'OK'} {call.fault}"
            for call in self.api.calls[-30:]
        )

    def ours(self, mark=MARK):
        return [one for one in self.api.records(self.zone) if one.remark == mark]

    def others(self):
        return [one for one in self.api.records(self.zone) if one.remark != MARK]

    def check_have(self, wanted, others=(), mark=MARK):
        """Ours are exactly what is wanted, each once; others' are the very records that they were."""
        have = sorted(content(one) for one in self.ours(mark))
        self.assertEqual(have, sorted(wanted), self.tail())
        self.assertEqual([one for one in self.api.records(self.zone) if one.remark != mark], list(others), self.tail())

    def wait_have(self, wanted, deadline_s=10.0):
        """Returns how long that took."""
        begun = time.monotonic()
        want = sorted(wanted)
        try:
            harness.wait_until("what is wanted", lambda: sorted(map(content, self.ours())) == want, deadline_s, 0.002)
        except AssertionError as error:
            have = sorted(map(content, self.ours()))
            missing, beside = set(want) - set(have), set(have) - set(want)
            raise AssertionError(f"{error}: missing {missing}, beside {beside}\n{self.tail()}") from None
        return time.monotonic() - begun

    def writes(self, since=0):
        """Names of the writing calls, whatever came of them."""
        return [call.action for call in list(self.api.calls)[since:] if not call.action.startswith("Describe")]

    def watch(self, *rrs):
        """What is seen of each name after every call: a list that grows."""
        seen = []

        def look(_call):
            seen.append({rr: self.api.records(self.zone, rr) for rr in rrs})

        self.api.on_call(None, look, when="after")
        return seen


MOVED = "moved.default.fed.svc"
# one service per kind of change, of a cluster without a place: global names alone
OLD = {("moved.default.fed.svc", "A", "192.0.2.1", 180), ("gone.default.fed.svc", "A", "192.0.2.2", 180)}
NEW = {("moved.default.fed.svc", "A", "192.0.2.3", 180), ("new.default.fed.svc", "A", "192.0.2.4", 180)}
READS = ("DescribeDomainInfo", "DescribeDomainRecords")
WRITES = ("AddDomainRecord", "UpdateDomainRecordRemark", "UpdateDomainRecord", "DeleteDomainRecord")
LEAST = 4  # writing calls: add and its remark, update, delete


class FaultTest(PushTest):
    """A push of one change of each kind."""

    speed = 20

    def setUp(self):
        super().setUp()
        self.api.quota.per_s = {}
        self.write_push("max_delete: 100%, quota: 100%")
        moved, new = state.service("moved", {"h": ["192.0.2.3"]}), state.service("new", {"h": ["192.0.2.4"]})
        self.write_state(state.text(state.cluster("h"), moved, new))
        self.renew()

    def renew(self):
        self.api.faults_clear()
        self.zone = self.api.domain(state.ZONE)
        for rr, rtype, value, ttl in sorted(OLD):
            self.api.put(self.zone, rr, rtype, value, ttl=ttl, remark=MARK)
        self.foreign = [self.api.put(self.zone, "www", "A", "192.0.2.4")]
        self.foreign.append(self.api.put(self.zone, MOVED, "TXT", "a word"))
        self.api.calls.clear()

    def check_row(self, name, action, fault, cost):
        with self.subTest(fault=name, action=action):
            self.renew()
            rule = self.api.fault(fault, action=action)
            self.push()
            self.assertEqual(rule.used, 1)
            self.check_have(NEW, self.foreign)
            self.assertLessEqual(len(self.api.calls), len(READS) + LEAST + cost, self.tail())
