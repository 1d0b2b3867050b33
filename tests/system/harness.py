"""The real program under test: started on free loopback ports, waited for with a deadline, stopped by its own pid."""

import ctypes
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import state
import wire

FEDNS = os.environ.get("FEDNS", "fedns")
START_S = 15.0
STOP_S = 10.0
PORTS = range(12000, 26000)
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)
SANITIZER = re.compile(r"(Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:")


def die_with_parent(number=signal.SIGKILL):
    LIBC.prctl(PR_SET_PDEATHSIG, number)


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as sock:
            sock.bind(("::1", 0))
        return True
    except OSError:
        return False


HAS_IPV6 = has_ipv6()


def port_is_free(port):
    families = [(socket.AF_INET, "127.0.0.1")] + ([(socket.AF_INET6, "::1")] if HAS_IPV6 else [])
    for family, address in families:
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            with socket.socket(family, kind) as sock:
                try:
                    sock.bind((address, port))
                except OSError:
                    return False
    return True


def free_port(ports=PORTS):
    """For a program that binds it at once: of those below the range that the kernel hands out."""
    for _ in range(200):
        port = random.choice(ports)
        if port_is_free(port):
            return port
    raise OSError("no free port on loopback")


def wait_until(what, condition, deadline_s=10.0, step_s=0.01):
    """Returns the first true value of `condition`; fails when the deadline passes."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s} s: {what}")
        time.sleep(step_s)


class Program:
    """One running server, whichever. `death` is what the kernel sends it should this process end first."""

    def __init__(self, command, log_path, port, death=signal.SIGKILL):
        self.port = port
        self.log_path = log_path
        with open(log_path, "ab") as log:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=lambda: die_with_parent(death),
            )

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    def wait_for(self, what, condition, deadline_s=START_S):
        """`condition` comes true before the deadline passes and the program ends."""

        def checked():
            if self.process.poll() is not None:
                raise AssertionError(f"it ended with {self.process.returncode}:\n{self.log[-4000:]}")
            return condition()

        wait_until(what, checked, deadline_s)
        return self

    def stop(self, within_s=STOP_S):
        """SIGTERM; returns the exit status. Kills what doesn't end in time."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"no end within {within_s} s of SIGTERM:\n{self.log[-4000:]}") from None


class Daemon(Program):
    """One running `fedns serve`."""

    def __init__(self, arguments, log_path, port, prefix=()):
        super().__init__([*prefix, FEDNS, "serve", *arguments], log_path, port)

    def log_size(self):
        return self.log_path.stat().st_size

    def log_wait(self, *parts, since=0, deadline_s=10.0):
        """The first line after offset `since` that holds all the parts."""

        def found():
            with open(self.log_path, "rb") as log:
                log.seek(since)
                lines = log.read().decode(errors="replace").split("\n")[:-1]
            return next((line for line in lines if all(part in line for part in parts)), None)

        try:
            return wait_until(f"a log line with {parts}", found, deadline_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; the log:\n{self.log[-4000:]}") from None

    def wait_ready(self):
        return self.wait_for("the line that says ready", lambda: re.search(r"\bready\b", self.log))

    def signal(self, number):
        self.process.send_signal(number)

    def ask(self, name, rtype="A", address="127.0.0.1", tcp=False, edns_size=1232):
        """Ask for a name below the zone; one with a final dot is absolute."""
        absolute = name if name.endswith(".") else f"{name}.{state.ZONE}."
        exchange = wire.tcp_exchange if tcp else wire.udp_exchange
        return exchange(address, self.port, wire.query(absolute, rtype, edns_size=edns_size))

    def addresses(self, name=state.NGINX, rtype="A"):
        return self.ask(name, rtype).rdatas(rtype)


class SystemTest(unittest.TestCase):
    """A folder of its own, and daemons that end with the test."""

    @classmethod
    def setUpClass(cls):
        if shutil.which(FEDNS) is None:
            raise FileNotFoundError(f"no program at {FEDNS}: set FEDNS")

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fedns-system-"))
        self.folder.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.state_path = self.folder / "state.json"
        self.config_path = self.folder / "fedns.yaml"
        self.port = free_port()
        self.daemons = 0

    def listens(self):
        return [f"127.0.0.1:{self.port}"] + ([f"[::1]:{self.port}"] if HAS_IPV6 else [])

    def write_config(self, extra="", listen=None, source="state.json", path=None):
        listen = ", ".join(f'"{text}"' for text in listen or self.listens())
        (path or self.config_path).write_text(
            "federation: fed\nzone: spacexnice.xyz.\n"
            "nameservers:\n  - {name: ns1.spacexnice.xyz., addresses: [192.0.2.53]}\n"
            f"listen: [{listen}]\nstate_dir: {self.folder}/kept\nsource:\n  file: {source}\n{extra}"
        )

    def write_state(self, text):
        self.state_path.write_text(text)

    def start(self, arguments=None, ready=True, prefix=()):
        arguments = ["-c", str(self.config_path)] if arguments is None else arguments
        self.daemons += 1
        daemon = Daemon(arguments, self.folder / f"log-{self.daemons}", self.port, prefix)
        self.addCleanup(self.end, daemon)
        return daemon.wait_ready() if ready else daemon

    def end(self, daemon):
        status = daemon.stop()
        self.assertIsNone(SANITIZER.search(daemon.log), daemon.log[-8000:])
        self.assertEqual(status, 0, f"exit status of the daemon:\n{daemon.log[-4000:]}")

    def start_guide(self, extra=""):
        """The federation guide's service, served."""
        self.write_config(extra)
        self.write_state(state.guide())
        return self.start()

    def fedns(self, *arguments, timeout_s=20.0, **more):
        """Run a command to its end. Output is text."""
        return subprocess.run(
            [FEDNS, *arguments], capture_output=True, text=True, timeout=timeout_s, check=False, **more
        )


def dig_path(name="dig"):
    path = shutil.which(name)
    if path is None:
        raise unittest.SkipTest(f"{name} is not installed")
    return path


class Dig:
    """What `dig` (or kdig) printed. `prefix` is a command that runs it elsewhere."""

    def __init__(self, port, name, *arguments, server="127.0.0.1", program="dig", recurse=False, prefix=()):
        command = [*prefix, dig_path(program), f"@{server}", "-p", str(port), name, *arguments]
        # a resolver may drop what took it long, and answers when it is asked again
        wait_s, tries = (3, 4) if recurse else (2, 1)
        command += ["+recurse" if recurse else "+norecurse"]
        if program == "dig":
            command += [f"+time={wait_s}", f"+tries={tries}"]
        else:
            command += [f"+timeout={wait_s}", f"+retry={tries - 1}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=15, check=False)
        self.text = done.stdout
        self.exit_status = done.returncode
        status = re.search(r"status: (\w+)", self.text)
        self.status = status.group(1) if status else None
        flags = re.search(r"[;,] ?[Ff]lags: ([a-z ]*)", self.text)
        self.flags = flags.group(1).split() if flags else []
        self.question = self.section("QUESTION")
        self.answer = self.section("ANSWER")
        self.authority = self.section("AUTHORITY")
        self.additional = self.section("ADDITIONAL")

    def section(self, title):
        match = re.search(rf"^;; {title} SECTION:\n((?:.+\n)*)", self.text, re.MULTILINE)
        return [" ".join(line.split()) for line in match.group(1).splitlines()] if match else []
