"""The sandbox: every part of the daemon works in it, and makes no system call that it refuses: seen by strace."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import unittest

import harness
import state
from admin_bed import Admin
from health_bed import HEALTH, HealthTest
from harness import SystemTest, wait_until
from live import LiveTest
from name_server import NameServer
from push_bed import PushTest, guide, guide_wanted

# clone3() hides what it is asked for, so libc is told to do with clone()
KNOWN = {"clone3"}
REFUSED = re.compile(r"(\w+)\(.*\) += -1 ENOSYS")
DIED = re.compile(r"SIGSYS|killed by")


def no_tracing():
    """Why the program's calls can't be seen here; None: they can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    with open(shutil.which(harness.FEDNS), "rb") as program:
        if b"__asan_init" in (octets := program.read()) or b"__tsan_init" in octets:
            return "a sanitizer makes system calls of its own"
    done = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else f"tracing is forbidden here: {done.stderr.strip()}"


def threads(daemon):
    """Every thread's /proc/PID/task/TID/status as a dictionary."""
    out = []
    for task in pathlib.Path(f"/proc/{daemon.process.pid}/task").iterdir():
        lines = (task / "status").read_text().splitlines()
        out.append({key: text.strip() for key, _, text in (line.partition(":") for line in lines)})
    return out


class Traced:
    """A mixin: the daemon runs under strace where that can be; its calls are looked through at its end."""

    def strace(self):
        if no_tracing():
            return ()
        # not beside the state: the daemon watches that folder
        self.trace = self.folder / "trace"
        self.trace.mkdir(exist_ok=True)
        return ("strace", "-D", "-f", "-q", "-Z", "-s", "0", "-o", str(self.trace / "calls"))

    def check(self, daemon):
        """It ends well, and nothing was refused but what is known."""
        self.assertEqual(daemon.stop(), 0, daemon.log[-4000:])
        if not hasattr(self, "trace"):
            return
        text = (self.trace / "calls").read_text()
        self.assertEqual(set(REFUSED.findall(text)), KNOWN, "refused, or not seen though it is in every start")
        self.assertIsNone(DIED.search(text))


class State(SystemTest):
    """What a thread is left with."""

    def check_threads(self, daemon, seccomp="2"):
        found = threads(daemon)
        self.assertGreater(len(found), 2)
        for thread in found:
            self.assertEqual(thread["Seccomp"], seccomp)
            self.assertEqual(thread["NoNewPrivs"], "1")
            for kept in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
                self.assertEqual(int(thread[kept], 16), 0, kept)
            if os.geteuid() == 0:
                self.assertEqual(int(thread["CapBnd"], 16), 0)

    def test_every_thread_is_in_it_also_those_of_a_reload(self):
        daemon = self.start_guide()
        self.check_threads(daemon)
        self.write_config("workers: 3\n", listen=[*self.listens(), f"127.0.0.1:{harness.free_port()}"])
        daemon.signal(signal.SIGHUP)
        daemon.log_wait("configuration read again")
        self.check_threads(daemon)

    def test_false_says_so_and_keeps_the_calls_alone(self):
        daemon = self.start_guide("sandbox: false\n")
        daemon.log_wait("warn daemon: no sandbox: every system call is allowed")
        self.check_threads(daemon, seccomp="0")
        self.write_config("sandbox: true\n")
        daemon.signal(signal.SIGHUP)
        daemon.log_wait('"sandbox" has changed: that needs a restart')


class Files(Traced, HealthTest):
    """A state file, host names, probes, orders, the control socket, reloads."""

    def test_nothing_is_refused(self):
        server = NameServer()
        self.addCleanup(server.close)
        server.host("lb.example.net", 1, self.TWO)
        self.serve(self.ONE, self.TWO)
        extra = f'control: {self.socket}\nresolver: ["{server.text}"]\nquery_log: 1\n'
        services = [
            state.service("web", {"hangzhou": [self.ONE], "beijing": ["lb.example.net"]},
                          ports=[f"http:{self.web_port}"]),
            state.service("page", {"hangzhou": [self.ONE]}, ports=[f"http:{self.web_port}"],
                          probe=f"http:{self.web_port}/healthz"),
            state.service("safe", {"beijing": [self.TWO]}, ports=[f"http:{self.web_port}"],
                          probe=f"https:{self.web_port}/healthz"),
        ]  # fmt: skip
        self.write_config(extra + HEALTH)
        self.write_state(state.text(*state.CLUSTERS, *services))
        daemon = self.start(prefix=self.strace())
        wait_until("the host name's address", lambda: daemon.addresses(self.NAME) == [self.ONE, self.TWO])
        self.assertEqual(daemon.ask(self.NAME, tcp=True).rcode, "NOERROR")
        self.wait_states(healthy=3)
        for command in (("clusters",), ("services",), ("records",), ("explain", f"{self.NAME}.{state.ZONE}"),
                        ("drain", "beijing"), ("undrain", "beijing"), ("force", "default/web", "hangzhou", "down"),
                        ("force", "default/web", "hangzhou", "auto"), ("approve",), ("reload",)):  # fmt: skip
            status, said = self.tell(*command)
            self.assertIn(status, (0, 1), f"{command}: {said}")  # 1: not yet safe to stop
        self.webs[self.ONE].down()
        wait_until("its address out", lambda: daemon.addresses(self.NAME) == [self.TWO])
        # what a reload can make anew: sockets, threads, control socket, resolvers
        port, self.socket = harness.free_port(), self.folder / "other.sock"
        self.write_config(
            f"workers: 2\ncontrol: {self.socket}\n{HEALTH}", listen=[*self.listens(), f"127.0.0.1:{port}"]
        )
        daemon.signal(signal.SIGHUP)
        daemon.log_wait("configuration read again", f":{port}")
        self.assertEqual(self.tell("reload")[0], 0)
        wait_until("the kept state", (self.folder / "kept" / "last-known-good.json").exists)
        self.check(daemon)


class Http(Traced, Admin):
    """The admin server: what it tells, and at another place after a reload."""

    def test_nothing_is_refused(self):
        self.admin_config()
        self.write_state(state.guide())
        daemon = self.start(prefix=self.strace())
        for path in ("/metrics", "/healthz", "/readyz", "/", "/api/v1/status", "/api/v1/records"):
            self.assertEqual(self.get(path)[0], 200, path)
        self.admin_port = harness.free_port()
        self.admin_config()
        daemon.signal(signal.SIGHUP)
        daemon.log_wait("configuration read again")
        self.assertEqual(self.get("/healthz")[0], 200)
        self.check(daemon)


class Servers(Traced, LiveTest):
    """API servers; TLS is in test_health_tls.py and test_apiserver.py, which run in the sandbox as all do."""

    def test_nothing_is_refused(self):
        member, other = self.member(region="r1"), self.member(region="r2")
        member.serve("web", "192.0.2.1")
        other.serve("web", "192.0.2.2")
        other.kubeconfig(self.folder / "other.kubeconfig")
        self.write_live([self.config_of("hz", member)])
        daemon = self.start_synced(prefix=self.strace())
        self.wait_answer(daemon, "web", ["192.0.2.1"])
        self.run_command("join", "bj", "--kubeconfig", str(self.folder / "other.kubeconfig"))
        self.wait_answer(daemon, "web", ["192.0.2.1", "192.0.2.2"])
        self.run_command("unjoin", "bj")
        self.wait_answer(daemon, "web", ["192.0.2.1"])
        self.check(daemon)

    def test_commands_for_credentials_are_for_a_daemon_without_it(self):
        member = self.member(region="r1")
        self.write_live([self.config_of("hz", member)], exec_allow=["some-command"])
        daemon = self.start_synced()
        daemon.log_wait('warn daemon: no sandbox: "source.exec_allow" lets commands be run')
        self.assertEqual({thread["Seccomp"] for thread in threads(daemon)}, {"0"})

    def test_a_reload_lets_no_command_in(self):
        member = self.member(region="r1")
        self.write_live([self.config_of("hz", member)])
        daemon = self.start_synced()
        self.write_live([self.config_of("hz", member)], exec_allow=["some-command"])
        done = self.run_command("reload", status=3)
        self.assertIn("the sandbox lets no command be run: that needs a restart", done.stderr + done.stdout)
        self.assertEqual({thread["Seccomp"] for thread in threads(daemon)}, {"2"})


class Push(Traced, PushTest):
    """The provider."""

    def prefix(self):
        return ()

    def test_nothing_is_refused(self):
        daemon = harness.SystemTest.start(self, prefix=self.strace())
        self.wait_have(guide_wanted())
        self.write_state(guide("198.51.100.7"))
        self.wait_have(guide_wanted("198.51.100.7"))
        self.check(daemon)


if __name__ == "__main__":
    unittest.main()
