"""One protocol test a rule, for fedns and, as a check of the tests themselves, for its peers NSD, Knot and BIND.

A test stands once, in a class under @on_every_server, and runs against all of them; they serve the zone that
`fedns render` prints. Its name begins with the RFC and the section. In expect() it says what the RFC wants; of a server
that does something else it says what and why, and holds the server to that as strictly: a remark that is no longer true
fails. What the peers are said to do is what NSD 4.6.1, Knot 3.2.6 and BIND 9.18 of Debian 12 do.
"""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

import servers
import state
import wire
from harness import FEDNS, SANITIZER, Daemon, Program, free_port

ZONE = f"{state.ZONE}."
GLOBAL = f"{state.NGINX}.{ZONE}"
LADDER = [f"{state.NGINX}.cn-beijing-a.cn-beijing.{ZONE}", f"{state.NGINX}.cn-beijing.{ZONE}", GLOBAL]
MANY = f"many.default.fed.svc.{ZONE}"
MISSING = f"www.{ZONE}"
EMPTY = f"fed.svc.{ZONE}"

# A service whose zone name fills labels (63 octets) and name (255 octets) to the limits.
LONG = state.cluster("long", "r" * 51, ["z" * 50])
PLACE = ".".join(["z" * 50, "r" * 51, ZONE])
LONG_NAME = ".".join(["s" * 63, "n" * 63, "fed.svc", PLACE])
LONG_ADDRESS = "192.0.2.255"

# More than 1232 octets hold; BIND takes 100 of a type.
ADDRESSES = [f"{net}.{i}" for net in ("192.0.2", "198.51.100") for i in range(1, 49)]

VERSION, IDENTITY, SECRET = "mine", "pod-7", "00112233445566778899aabbccddeeff"
PROGRAMS = ("fedns", "nsd", "knotd", "named")
# What each one's configuration says besides, so that all say who they are and make cookies, and none calls others.
CONFIG = {
    "fedns": f"identity: {{version: {VERSION}, id: {IDENTITY}}}\ncookies: {{secrets: [{SECRET}]}}\n",
    "nsd": f'server:\n nsid: "ascii_{IDENTITY}"\n identity: "{IDENTITY}"\n version: "{VERSION}"\n'
    f' minimal-responses: yes\n answer-cookie: yes\n cookie-secret: "{SECRET}"\n',
    "knotd": f"  nsid: {IDENTITY}\n  identity: {IDENTITY}\n  version: {VERSION}\n",
    "named": f' server-id "{IDENTITY}"; hostname "{IDENTITY}"; version "{VERSION}"; cookie-secret "{SECRET}";'
    " minimal-responses yes; notify no; allow-transfer { none; }; dnssec-validation no;",
}


def federation():
    """The federation guide's, one service with many addresses, and one with a long name."""
    return state.text(
        *state.CLUSTERS,
        LONG,
        state.service(
            "nginx", {"hangzhou": [state.HANGZHOU], "shanghai": [state.SHANGHAI]}, ports=["http:80", "dns:53/UDP"]
        ),
        state.service("many", {"hangzhou": ADDRESSES[:48], "beijing": ADDRESSES[48:]}),
        state.service("s" * 63, {"long": [LONG_ADDRESS]}, namespace="n" * 63),
    )


class Stage:
    """A folder with the state, the zone made of it, and the servers that run with one set of configurations."""

    def __init__(self, config):
        self.config = config
        self.running = {}
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fedns-rules-"))
        unittest.addModuleCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.folder.chmod(0o755)
        (self.folder / "state.json").write_text(federation())
        command = [FEDNS, "render", "-c", self.fedns_config(0)]
        zone = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        (self.folder / "zone").write_text(zone)

    def fedns_config(self, port):
        path = self.folder / "fedns.yaml"
        path.write_text(
            f"federation: fed\nzone: {ZONE}\nlisten: ['127.0.0.1:{port}']\nsource: {{file: state.json}}\nworkers: 1\n"
            "nameservers:\n"
            f"  - {{name: ns1.{ZONE}, addresses: [192.0.2.53, '2001:db8::53']}}\n  - {{name: ns2.example.net.}}\n"
            + self.config["fedns"]
        )
        return path

    def server(self, name):
        """The running server, started when it is first wanted."""
        if name not in self.running:
            start = self.start_fedns if name == "fedns" else self.start_peer
            self.running[name] = start(name, free_port())
        return self.running[name]

    def start_fedns(self, name, port):
        daemon = Daemon(["-c", str(self.fedns_config(port))], self.folder / f"log-{name}", port)
        unittest.addModuleCleanup(end_fedns, daemon)
        return daemon.wait_ready()

    def start_peer(self, name, port):
        path = os.environ["PATH"] + ":/usr/sbin"  # where Debian has daemons, and not every user looks
        if shutil.which(name, path=path) is None:
            raise unittest.SkipTest(f"{name} is not installed")
        (self.folder / name).mkdir()
        program, *arguments = getattr(servers, name)(self.folder / name, port, ZONE, self.config[name])
        command = [shutil.which(program, path=path), *arguments]
        # NSD is three processes: asked to end, the first ends the others
        peer = Program(command, self.folder / f"log-{name}", port, signal.SIGTERM)
        unittest.addModuleCleanup(peer.stop)
        return peer.wait_for("an answer", lambda: answers(port))


def end_fedns(daemon):
    status = daemon.stop()
    if status != 0 or SANITIZER.search(daemon.log):
        raise AssertionError(f"exit status {status}:\n{daemon.log[-8000:]}")


def answers(port):
    try:
        return wire.udp_exchange("127.0.0.1", port, wire.query(ZONE, "SOA"), 0.05).aa
    except OSError:
        return False


STAGES = {}


def stage(config):
    key = tuple(sorted(config.items()))
    if key not in STAGES:
        STAGES[key] = Stage(config)
    return STAGES[key]


def replies(receive, wake):
    """What `receive` gives before it gives the answer to the question `wake`, or the connection ends.

    Servers answer a socket's questions in their order, so what is not there by then doesn't come: silence is no wait.
    """
    found = []
    while True:
        try:
            octets = receive()
        except ConnectionError:
            return found
        if octets is None or octets[:2] == wake[:2]:
            return found
        found.append(wire.decode(octets))


def comparable(reply):
    """A reply without what may differ from one to the next: the order of records, and options of time and transport."""
    if reply is None:
        return None
    sections = [sorted(map(repr, section)) for section in (reply.answer, reply.authority, reply.additional)]
    sections[2] = [text for text in sections[2] if "type='OPT'" not in text]
    options = {code: data for code, data in reply.options.items() if code not in (wire.COOKIE, wire.KEEPALIVE)}
    return reply.flags, reply.question, sections, reply.opt and (reply.opt.rclass, reply.opt.ttl), options


class Rules(unittest.TestCase):
    """What the tests are written with. `port` is that of the server under test, `program` its name."""

    program = "fedns"
    config = CONFIG
    client = "127.0.0.1"
    port = 0

    @classmethod
    def setUpClass(cls):
        cls.port = stage(cls.config).server(cls.program).port

    def expect(self, got, rule, **but):
        """`but`: program=(what it does instead, why)."""
        for other, _why in but.values():
            self.assertNotEqual(other, rule, "this is what the rule says: no difference")
        wanted, why = but.get(self.program, (rule, "the rule"))
        if got == rule != wanted:
            self.fail(f"{self.program} follows the rule now: the remark '{why}' can go")
        self.assertEqual(got, wanted, f"{self.program}: {why}")

    def only(self, found):
        """The one reply, or None for silence."""
        self.assertLessEqual(len(found), 1)
        return found[0] if found else None

    def udp(self, message):
        wake = wire.query(ZONE, "SOA", number=(int.from_bytes(message[:2], "big") + 1) % 65536)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(5)
            sock.bind((self.client, 0))
            sock.connect(("127.0.0.1", self.port))
            sock.send(message)
            sock.send(wake)
            return self.only(replies(lambda: sock.recv(65535), wake))

    def tcp(self, message):
        wake = wire.query(ZONE, "SOA", number=(int.from_bytes(message[:2], "big") + 1) % 65536)
        with self.connect() as sock:
            sock.sendall(wire.tcp_frame(message) + wire.tcp_frame(wake))
            return self.only(replies(lambda: wire.tcp_read_octets(sock), wake))

    def ask(self, message):
        """The reply over UDP, which must be that over TCP too; None is silence. A name asks for its A."""
        if isinstance(message, str):
            message = wire.query(message)
        reply = self.udp(message)
        self.assertEqual(comparable(reply), comparable(self.tcp(message)), "not the same over UDP and TCP")
        return reply

    def rcode(self, message):
        reply = self.ask(message)
        return "silence" if reply is None else reply.rcode

    @contextlib.contextmanager
    def connect(self):
        with socket.create_connection(("127.0.0.1", self.port), 5, (self.client, 0)) as sock:
            yield sock


def on_every_server(rules):
    """Puts a class a program in the place of `rules`: the tests of Header become Header_fedns, Header_nsd and so on."""
    for name in vars(rules):
        if name.startswith("test") and not re.match(r"test_rfc(2782|\d+_\d+)_", name):  # 2782 numbers no sections
            raise NameError(f"{name}: test_rfcNUMBER_SECTION_what_is_so")
    module = sys.modules[rules.__module__]
    for program in PROGRAMS:
        name = f"{rules.__name__}_{program}"
        setattr(module, name, type(name, (rules,), {"program": program, "__module__": rules.__module__}))
