"""The control socket: what the commands say of the running daemon, and whom it lets say what."""

import fcntl
import json
import os
import pty
import pwd
import re
import signal
import socket
import stat
import struct
import subprocess
import termios
import threading
import time
import unittest

import state
from harness import FEDNS, SystemTest, wait_until

REPLY_S = 20.0


class Client:
    """Speaks the protocol by hand."""

    def __init__(self, path, timeout_s=REPLY_S):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(path))
        self.sock.settimeout(timeout_s)

    def send(self, octets):
        self.sock.sendall(octets)

    def ask(self, command, **arguments):
        self.send(frame(json.dumps({"command": command, "arguments": arguments}).encode()))

    def receive(self):
        """The next frame; None: the end."""
        size = self.exactly(4)
        return json.loads(self.exactly(struct.unpack(">I", size)[0])) if size else None

    def exactly(self, size):
        octets = b""
        while len(octets) < size:
            more = self.sock.recv(size - len(octets))
            if not more:
                return None
            octets += more
        return octets

    def close(self):
        self.sock.close()


def answer_once(server, octets):
    accepted, _address = server.accept()
    with accepted:
        accepted.recv(4096)
        accepted.sendall(octets)


def frame(octets):
    return struct.pack(">I", len(octets)) + octets


def cells(line):
    return re.split(r"\s{2,}", line.strip())


class Control(SystemTest):
    """Each test asks a daemon of its own."""

    def setUp(self):
        super().setUp()
        self.path = self.folder / "run" / "control.sock"

    def start_control(self, text=None, extra=""):
        self.write_config(f"control: {self.path}\n{extra}")
        self.write_state(text or state.guide())
        return self.start()

    def ask(self, *arguments, status=0, **more):
        done = self.fedns(*arguments, "-s", str(self.path), **more)
        self.assertEqual(done.returncode, status, f"{arguments}: {done.stdout}{done.stderr}")
        return done

    def rows(self, *arguments):
        return json.loads(self.ask(*arguments, "-o", "json").stdout)

    def client(self):
        client = Client(self.path)
        self.addCleanup(client.close)
        return client

    # --- what is said ------------------------------------------------------------------------

    def test_status(self):
        daemon = self.start_control()
        daemon.ask(state.NGINX)
        daemon.ask("nothing.default.fed.svc")
        row = self.rows("status")
        self.assertEqual(row["state"], "serving")
        self.assertEqual((row["zone"], row["federation"]), ("spacexnice.xyz.", "fed"))
        self.assertEqual((row["clusters"], row["services"]), (2, 1))
        self.assertEqual(row["listen"], self.listens())
        self.assertEqual(row["source"]["kind"], "file")
        self.assertFalse(row["source"]["stale"])
        self.assertIsNone(row["source"]["refused"])
        self.assertRegex(row["source"]["read"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertGreaterEqual(row["answers"]["queries"], 2)
        self.assertEqual(row["answers"]["rcodes"]["NXDOMAIN"], 1)
        text = self.ask("status").stdout
        self.assertRegex(text, r"(?m)^state +serving$")
        self.assertRegex(text, rf"(?m)^serial +{row['serial']}$")
        self.assertRegex(text, r"(?m)^rcodes +NOERROR \d+, NXDOMAIN 1$")

    def test_status_is_not_good_when_the_state_is_stale_or_missing(self):
        daemon = self.start_control()
        self.write_state("{")
        daemon.log_wait("state refused")
        done = self.ask("status", status=1)
        self.assertRegex(done.stdout, r"(?m)^state +stale$")
        self.assertRegex(done.stdout, r"(?m)^refused +.*line 1, column 2")
        self.write_state(state.guide())
        wait_until("good again", lambda: self.fedns("status", "-s", str(self.path)).returncode == 0)

    def test_nothing_served_is_said(self):
        self.write_config(f"control: {self.path}\n")
        self.start(ready=False)
        wait_until("the socket", self.path.exists)
        self.assertRegex(self.ask("status", status=1).stdout, r"(?m)^state +nothing served$")
        self.assertIn("nothing is served yet", self.ask("records", status=1).stderr)
        self.assertEqual(self.rows("services"), [])
        self.assertEqual(self.ask("services").stdout.split(), "NAMESPACE NAME CLUSTERS TTL PORTS ADDRESSES".split())

    def test_clusters(self):
        clusters = (
            *state.CLUSTERS,
            state.cluster("qingdao", "cn-qingdao", ["cn-qingdao-b", "cn-qingdao-c"], ready="False"),
            state.cluster("lost", ready="Unknown"),
        )
        services = [state.service(f"s{i}", {"hangzhou": [f"192.0.2.{i}"], "shanghai": ["198.51.100.1"]}) for i in range(9)]
        self.start_control(state.text(*clusters, *services), "topology: {moon: {region: cn-moon}}\n")
        lines = self.ask("clusters").stdout.splitlines()
        self.assertEqual(lines[0].split(), "NAME STATUS REGION ZONES SERVICES SEEN AGE HEALTHY".split())
        table = {line.split()[0]: line.split()[1:-2] for line in lines[1:]}
        self.assertEqual(list(table), sorted(table))
        self.assertEqual(table["hangzhou"], ["Ready", "cn-hangzhou", "cn-hangzhou-b", "9", "yes"])
        qingdao = ["NotReady,Withdrawn", "cn-qingdao", "cn-qingdao-b,cn-qingdao-c", "0", "yes"]
        self.assertEqual(table["qingdao"], qingdao)
        self.assertEqual(table["lost"], ["Unknown", "-", "-", "0", "yes"])
        self.assertEqual(table["moon"], ["Unseen", "cn-moon", "-", "0", "no"])
        self.assertEqual(table["shanghai"], ["Unregistered", "-", "-", "9", "no"])
        rows = {row["name"]: row for row in self.rows("clusters")}
        self.assertTrue(rows["qingdao"]["withdrawn"])
        self.assertEqual(rows["qingdao"]["not_ready_since"], "2026-11-23T02:30:45Z")
        self.assertFalse(rows["hangzhou"]["withdrawn"])
        self.assertEqual(rows["moon"]["age_s"], None)
        self.assertIn("WITHDRAWN AT", self.ask("clusters", "-o", "wide").stdout)

    def test_services(self):
        services = (
            state.service("web", {"hangzhou": ["192.0.2.9", "2001:db8::1"], "beijing": ["192.0.2.9"]}, ports=["http:80"], ttl="7"),
            state.service("dns", {"beijing": None}, namespace="a", ports=["dns:53/UDP", "x:1"]),
        )  # fmt: skip
        self.start_control(state.text(*state.CLUSTERS, *services))
        rows = self.rows("services")
        self.assertEqual([row["name"] for row in rows], ["dns", "web"])
        self.assertEqual(rows[0]["ports"], ["dns:53/UDP", "x:1/TCP"])
        self.assertEqual(rows[0]["addresses"], [])
        self.assertEqual(rows[1]["clusters"], ["beijing", "hangzhou"])
        self.assertEqual(rows[1]["addresses"], ["192.0.2.9", "2001:db8::1"])
        self.assertEqual([row["ttl"] for row in rows], [180, 7])
        lines = self.ask("services").stdout.splitlines()
        self.assertEqual(cells(lines[2]), ["default", "web", "beijing,hangzhou", "7", "http:80/TCP", "192.0.2.9,2001:db8::1"])

    def test_services_in_pages(self):
        many = [state.service(f"s{i}", {"hangzhou": ["192.0.2.1"]}, namespace=f"n{i % 3}") for i in range(30)]
        ill = state.service("ill", {"hangzhou": ["192.0.2.1"], "beijing": None})
        down = state.service("down", {"beijing": None})
        self.start_control(state.text(*state.CLUSTERS, ill, down, *many))
        rows = {row["name"]: row["state"] for row in self.rows("services")}
        self.assertEqual((rows["ill"], rows["down"], rows["s7"]), ("degraded", "down", "fine"))
        self.assertEqual([row["name"] for row in self.rows("services", "N1/S2")], ["s22", "s25", "s28"])
        self.assertRegex(self.ask("services", "-o", "wide").stdout, r"(?m)^default +ill .* degraded$")
        client = self.client()

        def ask(**arguments):
            client.ask("services", **arguments)
            rows = []
            while "rows" in (got := client.receive()):
                rows += got["rows"]
            return rows, got

        rows, end = ask(limit=3, troubled=True, levels=True, summary="1")
        self.assertEqual(end, {"done": True, "status": 0})
        counts = {"matched": 32, "before": 0, "down": 1, "degraded": 1, "unsteady": 0, "drained": 0, "fine": 30}
        self.assertEqual(rows[0], counts)
        self.assertEqual([row["name"] for row in rows[1:]], ["down", "ill", "s0"])
        levels = [(row["level"], row["region"], row["zone"], row["answer"], row["from"]) for row in rows[2]["levels"]]
        self.assertEqual(
            levels,
            [
                ("global", None, None, "addresses", "global"),
                ("region", "cn-beijing", None, "cname", "global"),
                ("region", "cn-hangzhou", None, "addresses", "region"),
                ("zone", "cn-beijing", "cn-beijing-a", "cname", "global"),
                ("zone", "cn-hangzhou", "cn-hangzhou-b", "addresses", "zone"),
            ],
        )
        trouble = {"cluster": "beijing", "reason": "no-address", "addresses": 0, "out": 0}
        self.assertEqual(rows[2]["troubles"], [trouble])
        self.assertEqual(rows[1]["levels"][0]["answer"], "nothing")
        self.assertEqual(rows[3]["global_name"], "s0.n0.fed.svc.spacexnice.xyz.")
        names, key = [row["name"] for row in rows[1:]], rows[3]["key"]
        while rows := ask(limit="7", troubled="true", levels=True, after=key)[0]:
            names += [row["name"] for row in rows]
            key = rows[-1]["key"]
        self.assertEqual((len(names), len(set(names))), (32, 32))
        # a page in the order of the names alone: "n1-x" is behind all of "n1"
        self.assertEqual([row["namespace"] for row in ask(limit=2, after="0/n1/zzz")[0]], ["n2", "n2"])
        for wrong in ({"limit": 0}, {"limit": 201}, {"limit": "x"}, {"find": 1}, {"find": "x" * 200}, {"after": []},
                      {"troubled": "yes"}, {"levels": 1}, {"other": 1}):  # fmt: skip
            self.assertEqual(ask(**wrong)[1].get("status"), 2, wrong)

    def test_records_are_those_of_render(self):
        services = [state.service(f"s{i}", {"hangzhou": [f"192.0.2.{i}"]}, ports=["http:80"]) for i in range(50)]
        services.append(state.service("nginx", {"shanghai": ["198.51.100.7"], "beijing": None}, namespace="s1"))
        self.start_control(state.text(*state.CLUSTERS, *services))
        rendered = [line.split(" ", 4) for line in self.fedns("render", "-c", str(self.config_path)).stdout.splitlines()]
        wanted = sorted((n, t, r) for n, _ttl, _class, t, r in rendered if t != "SOA")
        rows = self.rows("records")
        self.assertEqual(rows[0]["type"], "SOA")
        self.assertEqual(sorted((row["name"], row["type"], row["rdata"]) for row in rows[1:]), wanted)
        for name in ("s7.default.fed.svc", "default.fed.svc", "s1.fed.svc", "cn-hangzhou", "fed.svc.cn-beijing",
                     "cn-beijing-a.cn-beijing", "_http._tcp.s9.default.fed.svc.cn-hangzhou", "ns1", ""):  # fmt: skip
            absolute = f"{name}.spacexnice.xyz.".lstrip(".")
            below = [row for row in wanted if f".{row[0]}".endswith(f".{absolute}")]
            got = [(row["name"], row["type"], row["rdata"]) for row in self.rows("records", absolute) if row["type"] != "SOA"]
            self.assertEqual(sorted(got), below, absolute)
            self.assertTrue(below, absolute)

    def test_records_of_a_name_that_is_not_there(self):
        self.start_control()
        for name in ("nope.spacexnice.xyz", "mysql.default.fed.svc.spacexnice.xyz", "example.org", "x.nginx.default.fed.svc.spacexnice.xyz"):
            done = self.ask("records", name, status=1)
            self.assertEqual(done.stdout, "")
            self.assertIn(name, done.stderr)
        self.ask("records", "a..b", status=2)

    def test_names_in_the_state_do_not_reach_the_terminal_raw(self):
        bad = "a\x1b[31m\u009b\nb\u202e"
        self.start_control(state.text(state.cluster(bad), state.service("s", {bad: ["192.0.2.1"], "x\0y": ["192.0.2.2"]})))
        for command in (["clusters"], ["services"], ["clusters", "-o", "json"], ["services", "-o", "json"], ["status"]):
            told = self.ask(*command).stdout
            self.assertIsNone(re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", told), repr(told))

    def test_a_table_fits_the_terminal_and_is_whole_elsewhere(self):
        addresses = [f"192.0.2.{i}" for i in range(1, 60)]
        self.start_control(state.text(*state.CLUSTERS, state.service("nginx", {"hangzhou": addresses})))
        self.assertIn(",".join(addresses), self.ask("services").stdout)
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        try:
            command = [FEDNS, "services", "-s", str(self.path)]
            subprocess.run(command, stdout=theirs, stdin=subprocess.DEVNULL, timeout=REPLY_S, check=True)
            lines = os.read(ours, 65536).decode().splitlines()
        finally:
            os.close(ours)
            os.close(theirs)
        self.assertEqual([len(line) for line in lines[1:]], [80])
        self.assertRegex(lines[1], r"^default +nginx .* 192\.0\.2\.1,[0-9.,]+\.\.\.$")

    def test_many_services_come_whole(self):
        count = 5000
        services = [state.service(f"s{i:05}", {"hangzhou": ["192.0.2.1"]}) for i in range(count)]
        daemon = self.start_control(state.text(*state.CLUSTERS, *services))
        self.assertEqual([row["name"] for row in self.rows("services")], [f"s{i:05}" for i in range(count)])
        self.assertEqual(len(self.ask("records").stdout.splitlines()), 1 + 3 + 5 * count)
        client = self.client()
        client.ask("services")
        frames = 0
        while "rows" in (got := client.receive()):
            frames += 1
            self.assertLessEqual(len(got["rows"]), 256)
        self.assertEqual(got, {"done": True, "status": 0})
        self.assertGreaterEqual(frames, count / 256)
        self.assertEqual(daemon.addresses("s00001.default.fed.svc"), ["192.0.2.1"])

    def test_who_changes_something_is_logged(self):
        daemon = self.start_control()
        who = rf"user {os.getuid()}, group {os.getgid()}, process (\d+)"
        self.ask("drain", "hangzhou")
        line = daemon.log_wait('"drain" asked for')
        match = re.search(rf'info control: "drain" asked for by {who}: (\{{.*\}})$', line)
        self.assertIsNotNone(match, line)
        self.assertEqual(json.loads(match[2])["cluster"], "hangzhou")
        client = self.client()
        client.ask("drain", cluster="shanghai", more=1)
        self.assertIn("error", client.receive())
        self.assertIn(f'"drain" of process {os.getpid()} refused: this command takes', daemon.log)
        self.ask("status", status=0)
        self.assertNotIn('"status" asked for', daemon.log)

    # --- reload ------------------------------------------------------------------------------

    def test_reload_takes_a_good_configuration_and_says_what_is_wrong_with_a_bad_one(self):
        daemon = self.start_control()
        self.write_config(f"control: {self.path}\nttl: 60\n")
        self.assertIn("configuration read again: 1 service,", self.ask("reload").stdout)
        self.assertEqual(daemon.ask(state.NGINX).answer[0].ttl, 60)
        self.write_config(f"control: {self.path}\nttl: never\n")
        done = self.ask("reload", status=2)
        self.assertRegex(done.stderr, r'the old configuration stays: .*fedns\.yaml:\d+: "ttl" is "never"')
        self.assertEqual(daemon.ask(state.NGINX).answer[0].ttl, 60)
        self.assertRegex(daemon.log, rf'"reload" asked for by user {os.getuid()}, group {os.getgid()}, process \d+')
        self.write_config(f"control: {self.path}\nttl: 61\n")
        self.write_state("{")
        self.assertIn("the state is not good (stale)", self.ask("reload", status=1).stderr)

    def test_reloads_in_a_row_wait_for_each_other(self):
        daemon = self.start_control(extra="workers: 1\n")
        daemon.ask(state.NGINX, tcp=True)
        for workers in (2, 3, 1):
            self.write_config(f"control: {self.path}\nworkers: {workers}\n")
            self.ask("reload")
            row = self.rows("status")
            self.assertEqual(row["workers"], workers)
        self.assertGreaterEqual(row["answers"]["queries"], 1, "counted across the reloads")

    def test_reload_moves_the_socket(self):
        daemon = self.start_control()
        client = self.client()
        client.ask("status")
        self.assertIn("rows", client.receive())
        old, self.path = self.path, self.folder / "other.sock"
        self.write_config(f"control: {self.path}\n")
        done = self.fedns("reload", "-s", str(old))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse(old.exists())
        self.ask("status")
        self.assertEqual(client.receive(), {"done": True, "status": 0})
        client.ask("status")
        self.assertIn("rows", client.receive())
        self.write_config()
        daemon.signal(signal.SIGHUP)
        wait_until("no socket", lambda: not self.path.exists())
        self.write_config(f"control: {self.state_path}\n")
        since = daemon.log_size()
        daemon.signal(signal.SIGHUP)
        daemon.log_wait("configuration refused", "no socket is there", since=since)
        self.assertEqual(daemon.addresses(), [state.HANGZHOU, state.SHANGHAI])

    # --- the socket --------------------------------------------------------------------------

    def test_the_file_is_for_owner_and_group_and_goes_with_the_daemon(self):
        daemon = self.start_control()
        there = self.path.stat()
        self.assertTrue(stat.S_ISSOCK(there.st_mode))
        self.assertEqual(there.st_mode & 0o777, 0o660)
        self.assertEqual(self.path.parent.stat().st_mode & 0o777, 0o750)
        self.assertEqual(daemon.stop(), 0)
        self.assertFalse(self.path.exists())

    def test_without_the_key_there_is_no_socket(self):
        self.start_guide()
        self.assertEqual([path for path in self.folder.rglob("*") if path.is_socket()], [])
        done = self.fedns("status", "-c", str(self.config_path))
        self.assertEqual(done.returncode, 2)
        self.assertIn("has no key `control`", done.stderr)

    def test_the_socket_is_found_by_the_configuration(self):
        self.write_config("control: run/control.sock\n")
        self.write_state(state.guide())
        self.start()
        self.assertEqual(self.fedns("status", "-c", str(self.config_path), cwd="/").returncode, 0)
        self.assertEqual(self.fedns("status").returncode, 2)

    def test_no_daemon_is_status_3_and_says_how_to_mend_it(self):
        daemon = self.start_control()
        daemon.process.kill()
        daemon.process.wait()
        self.assertTrue(self.path.exists())
        done = self.ask("status", status=3)
        self.assertRegex(done.stderr, rf"{self.path}: no daemon listens there\. Start `fedns serve`")
        daemon.stop = lambda: 0  # it has ended
        wrong = str(self.folder / "none.sock")
        done = self.fedns("clusters", "-s", wrong)
        self.assertEqual(done.returncode, 3)
        self.assertIn(f"{wrong}: there is none", done.stderr)
        self.start_control()  # replaces what was left
        self.ask("status")

    def test_a_second_daemon_is_refused_and_the_first_serves_on(self):
        daemon = self.start_control()
        done = self.fedns("serve", "-c", str(self.config_path))
        self.assertEqual(done.returncode, 3)
        self.assertIn(f"a daemon listens there already (process {daemon.process.pid})", done.stderr)
        self.ask("status")
        self.assertEqual(daemon.addresses(), [state.HANGZHOU, state.SHANGHAI])

    @unittest.skipUnless(os.getuid() == 0, "not run as root: nobody else to be")
    def test_it_is_the_users_and_strangers_are_turned_away(self):
        daemon = self.start_control(extra="user: nobody\n")
        nobody = pwd.getpwnam("nobody")
        for path in (self.path, self.path.parent):
            self.assertEqual((path.stat().st_uid, path.stat().st_gid), (nobody.pw_uid, nobody.pw_gid))
        self.ask("reload")
        self.ask("status", user=nobody.pw_uid, group=nobody.pw_gid)
        self.path.parent.chmod(0o755)
        done = self.ask("status", status=3, user=12345, group=12345, extra_groups=[])
        self.assertIn("permission denied. Ask as root", done.stderr)
        self.ask("status", user=12345, group=12345, extra_groups=[nobody.pw_gid])
        self.assertEqual(daemon.stop(), 0)
        self.assertFalse(self.path.exists())

    # --- clients that are in the way ---------------------------------------------------------

    def test_who_stalls_in_mid_frame_harms_nobody(self):
        daemon = self.start_control()
        stalled = [self.client() for _ in range(40)]
        for client in stalled:
            try:
                client.send(b"\0\0\0\x40{\"comm")
            except OSError:
                pass  # for one too many, the oldest has gone already
        begun = time.monotonic()
        for _ in range(20):
            self.ask("status")
        self.assertLess(time.monotonic() - begun, REPLY_S)
        self.assertEqual(daemon.addresses(), [state.HANGZHOU, state.SHANGHAI])

    def test_garbage_is_refused_with_a_sentence(self):
        self.start_control()
        client = self.client()
        for octets, words in ((b"garbage", "no JSON object"), (b"{}", 'no "command"'), (b'{"command":"x"}', 'no command "x"'),
                              (b'{"command":"status","arguments":{"a":1}}', "takes no arguments"),
                              (b'{"command":"records","arguments":{"name":1}}', 'a "name" and nothing else')):  # fmt: skip
            client.send(frame(octets))
            got = client.receive()
            self.assertEqual(got["status"], 2)
            self.assertIn(words, got["error"])
        client.ask("status")
        self.assertIn("rows", client.receive())
        client = self.client()
        client.send(b"GET / HTTP/1.1\r\n\r\n")
        self.assertIn("1 to 65536 are taken", client.receive()["error"])
        self.assertIsNone(client.receive())

    def test_what_is_no_daemon_of_ours_is_told_apart(self):
        self.path.parent.mkdir()
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(server.close)
        server.bind(str(self.path))
        server.listen(1)
        for reply in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0\0\0\0", frame(b"[]"), frame(b'{"rows":1}'), frame(b"\xff"), b""):
            server.settimeout(REPLY_S)
            with self.subTest(reply=reply):
                answering = threading.Thread(target=answer_once, args=(server, reply), daemon=True)
                answering.start()
                done = self.ask("status", status=3)
                answering.join(REPLY_S)
                self.assertRegex(done.stderr, "no fedns of this version|ended the connection")


if __name__ == "__main__":
    unittest.main()
