"""The service unit: what `systemd-analyze` says of it, whether its filter lets the daemon work, and what the daemon
tells a service manager, whose part the test plays."""

import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest

import harness
import state
from harness import SystemTest, wait_until

TREE = pathlib.Path(__file__).resolve().parents[2]
UNIT = TREE / "conf/systemd/fedns.service"
EXPOSURE = 20  # tenths
CALLS = TREE / "src/daemon/sandbox_calls.c"
# before the sandbox, and those that it allows with some arguments only
START = {"execve", "capset", "seccomp", "prctl", "setrlimit", "prlimit64", "socket", "socketpair", "clone", "mmap",
         "mprotect", "ioctl", "tgkill", "arch_prctl", "set_tid_address"}  # fmt: skip
PORT_53 = ("127.0.0.78", 53)


def analyze(*arguments):
    if shutil.which("systemd-analyze") is None:
        raise unittest.SkipTest("systemd-analyze is not installed")
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60, check=False)


def call_set(name):
    """The system calls of "@name", or the one that it is."""
    if not name.startswith("@"):
        return {name}
    done = analyze("syscall-filter", "--no-pager", name)
    out = set()
    for line in done.stdout.splitlines()[1:]:
        word = line.strip()
        if word and not word.startswith("#"):
            out |= call_set(word)
    return out


def unit_calls():
    """What the lines SystemCallFilter= of the unit let through, in their order (systemd.exec(5))."""
    allowed = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", UNIT.read_text(), re.MULTILINE):
        takes = line.startswith("~")
        for word in line.lstrip("~").split():
            allowed = allowed - call_set(word) if takes else allowed | call_set(word)
    return allowed


def sandbox_calls():
    """SANDBOX_ALLOWED, without what is a sanitizer's."""
    text = CALLS.read_text()
    table = text[text.index("SANDBOX_ALLOWED[]") : text.index("#ifdef FEDNS_SANITIZED")]
    return set(re.findall(r'"(\w+)"', table))


class Unit(unittest.TestCase):
    def test_its_exposure_is_low(self):
        done = analyze("security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager", str(UNIT))
        self.assertEqual(done.returncode, 0, done.stdout[-4000:] + done.stderr)
        print(done.stdout.splitlines()[-1], flush=True)

    def test_it_has_no_errors(self):
        done = analyze("verify", "--man=no", str(UNIT))
        said = [line for line in done.stderr.splitlines() if "fedns is not executable" not in line]
        self.assertEqual([line for line in said if "fedns.service" in line], [])

    def test_its_filter_lets_through_what_the_daemon_needs(self):
        known = call_set("@known") or sandbox_calls()
        wanted = (sandbox_calls() | START) & known
        self.assertGreater(len(wanted), 100)
        self.assertEqual(wanted - unit_calls(), set())
        self.assertEqual({"mount", "ptrace", "bpf", "kexec_load", "reboot", "init_module"} & unit_calls(), set())


class Manager(SystemTest):
    """The manager's socket is an abstract one, so that nobody's rights to a folder matter."""

    def setUp(self):
        super().setUp()
        name = f"fedns-test-{os.getpid()}-{time.monotonic_ns()}"
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.bind(f"\0{name}")
        self.manager.settimeout(10)
        self.environment = [f"NOTIFY_SOCKET=@{name}"]

    def serve(self, *environment, extra=""):
        self.write_config(extra)
        self.write_state(state.guide())
        return self.start(prefix=("env", *self.environment, *environment))

    def hear(self, *begin):
        """The next message that begins so; those before it are returned, too."""
        heard = []
        while not heard or not heard[-1].startswith(begin):
            heard.append(self.manager.recv(4096).decode())
        return heard

    def test_it_hears_of_start_reload_and_end(self):
        daemon = self.serve()
        self.assertRegex("\n".join(self.hear("READY=1")), r"STATUS=1 services, \d+ records, serial \d+\nREADY=1$")
        daemon.signal(signal.SIGHUP)
        begun = time.monotonic_ns() // 1000
        message = self.hear("RELOADING=1")[-1]
        self.assertAlmostEqual(int(message.split("MONOTONIC_USEC=")[1]), begun, delta=2_000_000)
        self.hear("READY=1")
        self.write_config("no_such_key: 1\n")
        daemon.signal(signal.SIGHUP)
        self.hear("RELOADING=1")
        self.hear("READY=1")  # a refused reload is over as well
        self.state_path.write_text("{")
        self.assertIn("stale", self.hear("STATUS=stale")[-1])
        daemon.signal(signal.SIGTERM)
        self.hear("STOPPING=1")

    def test_it_hears_of_the_end_before_a_lame_duck(self):
        daemon = self.serve(extra="lame_duck: 30s\n")
        self.hear("READY=1")
        daemon.signal(signal.SIGTERM)
        self.hear("STOPPING=1")
        self.assertEqual(daemon.addresses(), [state.HANGZHOU, state.SHANGHAI])
        daemon.signal(signal.SIGTERM)  # it needn't be waited for

    def test_the_watchdog_is_patted_in_time_and_not_by_a_daemon_that_hangs(self):
        daemon = self.serve("WATCHDOG_USEC=1000000")
        self.hear("READY=1")
        self.hear("WATCHDOG=1")
        times = []
        for _ in range(4):
            self.hear("WATCHDOG=1")
            times.append(time.monotonic())
        self.assertLess(max(b - a for a, b in zip(times, times[1:])), 1.0)
        daemon.signal(signal.SIGSTOP)
        self.manager.settimeout(0.2)
        try:
            while True:  # what was under way
                self.manager.recv(4096)
        except TimeoutError:
            pass
        self.manager.settimeout(1.5)
        self.assertRaises(TimeoutError, self.manager.recv, 4096)
        daemon.signal(signal.SIGCONT)
        self.manager.settimeout(10)
        self.hear("WATCHDOG=1")

    def test_ready_is_told_though_the_source_is_missing(self):
        """A restart wouldn't bring it; the status says what is waited for."""
        self.write_config()
        self.start(ready=False, prefix=("env", *self.environment))
        heard = self.hear("READY=1")
        self.assertIn("STATUS=waiting for the source: ", "\n".join(heard))

    def test_a_socket_that_is_none_is_said_and_no_more(self):
        self.environment = ["NOTIFY_SOCKET=nonsense"]
        daemon = self.serve()
        daemon.log_wait("the service manager is told nothing: NOTIFY_SOCKET")


class Filtered(SystemTest):
    """The daemon with the unit's own filter around it, which a sanitizer's search for leaks is not made for."""

    def filtered(self, calls):
        self.write_config(f"control: {self.folder}/control.sock\n")
        self.write_state(state.guide())
        script = pathlib.Path(__file__).with_name("unit_filter.py")
        return ["env", "ASAN_OPTIONS=detect_leaks=0", sys.executable, str(script), ",".join(sorted(calls))]

    def test_it_starts_serves_and_reloads(self):
        daemon = self.start(prefix=self.filtered(unit_calls()))
        self.assertEqual(daemon.addresses(), [state.HANGZHOU, state.SHANGHAI])
        self.assertEqual(daemon.ask(state.NGINX, tcp=True).rcode, "NOERROR")
        self.write_state(state.guide("198.51.100.1"))
        wait_until("the change", lambda: "198.51.100.1" in daemon.addresses())
        done = self.fedns("reload", "-s", f"{self.folder}/control.sock")
        self.assertEqual(done.returncode, 0, done.stderr)
        wait_until("the kept state", (self.folder / "kept" / "last-known-good.json").exists)

    def test_what_is_missing_would_be_seen(self):
        prefix = self.filtered(unit_calls() - {"epoll_create1"})
        command = [*prefix, harness.FEDNS, "serve", "-c", str(self.config_path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("event loop", done.stderr)


@unittest.skipUnless(os.getuid() == 0, "capabilities are root's to give")
class Capability(SystemTest):
    """As the unit starts it: another user, with nothing but CAP_NET_BIND_SERVICE."""

    def test_port_53_by_one_capability_which_is_given_up(self):
        if shutil.which("setpriv") is None:
            self.skipTest("setpriv is not installed")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            try:
                sock.bind(PORT_53)
            except OSError as error:
                self.skipTest(f"{PORT_53}: {error}")
        nobody = pwd.getpwnam("nobody")
        for folder in ("kept", "run"):
            (self.folder / folder).mkdir()
            os.chown(self.folder / folder, nobody.pw_uid, nobody.pw_gid)
        self.port = PORT_53[1]
        self.write_config(f"control: {self.folder}/run/control.sock\n", listen=["%s:%d" % PORT_53])
        self.write_state(state.guide())
        one = "-all,+net_bind_service"
        daemon = self.start(
            prefix=("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups",
                    f"--inh-caps={one}", f"--ambient-caps={one}", f"--bounding-set={one}", "--no-new-privs")
        )  # fmt: skip
        self.assertEqual(daemon.ask(state.NGINX, address=PORT_53[0]).rdatas("A"), [state.HANGZHOU, state.SHANGHAI])
        status = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
        for kept in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            self.assertEqual(int(re.search(rf"^{kept}:\s*(\w+)$", status, re.MULTILINE)[1], 16), 0, kept)
        # what ExecReload= runs
        wait_until("a reload", lambda: self.fedns("reload", "-s", f"{self.folder}/run/control.sock").returncode == 0)
        self.assertIsNone(harness.SANITIZER.search(daemon.log))


if __name__ == "__main__":
    unittest.main()
