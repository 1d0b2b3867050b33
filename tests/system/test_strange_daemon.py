"""The commands beside something that answers like a daemon, and is none of this version: a sentence, or a table of what
there is, and never a crash."""

import json
import socket
import struct
import subprocess
import threading
import unittest

from harness import FEDNS, SANITIZER, SystemTest

SHORT_S = 20.0
EVIL = "\x1b[31m\u202e\nforged"
HOSTILE = {
    key: EVIL
    for key in ("state", "name", "namespace", "cluster", "service", "done", "unkept", "level", "region", "zone",
                "answer", "reason", "address", "next", "phase", "trouble", "status", "type", "text", "version")
}  # fmt: skip
ROWS = [
    {}, {"row": "level"}, {"row": 7}, {"row": "level", "answer": 5, "level": 3}, {"row": "level", "answer": "cname"},
    {"cursor": "x" * 5000, "all": True}, 5, None, [1],
    {"name": ["a"], "plan": {"x": 1}, "phase": "\x1b[31m", "calls": [1, {}], "lease": 3, "arrival": {"arrived": 1},
     "provider": {}, "health": {"targets": 1}, "source": {}, "answers": {"rcodes": {"a": "b"}}, "probe": {},
     "stop": {}},
    {**HOSTILE, "row": "level", "clusters": [EVIL], "rdata": [EVIL], "addresses": [EVIL], "lease": {"holder": EVIL},
     "notes": [{"text": EVIL}], "source": {"kind": EVIL, "refused": EVIL}},
    {**HOSTILE, EVIL: 1, "plan": {EVIL: 1}, "changes": {EVIL: 1}, "answers": {"rcodes": {EVIL: 1}}},
    {**HOSTILE, "row": "address", "probe": {"kind": EVIL, "why": EVIL}},
]  # fmt: skip
ALONE = [row for row in ROWS if isinstance(row, dict) and row]
REPLIES = [[{"rows": [row]}, {"done": True, "status": 0}] for row in ALONE] + [
    [{"rows": ROWS}, {"done": True, "status": 0}],
    [{"rows": 3}, {"done": True}],
    [{"done": True, "status": 77}],
    [{"error": "\x1b[2J no", "status": -1}],
    [{}],
    [],
]
COMMANDS = ("status", "clusters", "services -o wide", "records", "explain x", "provider", "drain x", "force a/b c up",
            "approve", "reload", "join x", "unjoin x", "status -o json", "services -o json",
            "explain x -o json")  # fmt: skip


class Strange(SystemTest):
    """A socket of ours, and each reply for each command."""

    def setUp(self):
        super().setUp()
        self.path = str(self.folder / "control.sock")
        self.reply = []
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.server.bind(self.path)
        self.server.listen(8)
        self.thread = threading.Thread(target=self.answer, daemon=True)
        self.thread.start()
        self.addCleanup(self.close)

    def close(self):
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.thread.join(5)

    def answer(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            with client, client.makefile("rb") as stream:
                stream.read(struct.unpack(">I", stream.read(4))[0])
                for frame in self.reply:
                    text = json.dumps(frame).encode()
                    try:
                        client.sendall(struct.pack(">I", len(text)) + text)
                    except BrokenPipeError:
                        break

    def told(self, *arguments):
        done = subprocess.run([FEDNS, *arguments, "-s", self.path], capture_output=True, text=True, timeout=SHORT_S,
                              check=False)  # fmt: skip
        said = done.stdout + done.stderr
        self.assertIn(done.returncode, (0, 1, 2, 3), said)
        self.assertIsNone(SANITIZER.search(said), said)
        for octets in ("\x1b", "\u202e", "\nforged"):
            self.assertNotIn(octets, said)
        self.assertNotIn("(null)", said)
        return done

    def test_no_reply_is_a_crash(self):
        for command in COMMANDS:
            for reply in REPLIES:
                with self.subTest(command=command, reply=reply):
                    self.reply = reply
                    self.told(*command.split())

    def test_what_makes_no_sense_is_said(self):
        self.reply = [{"what": 1}]
        done = self.told("status")
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertIn("no fedns of this version", done.stderr)


if __name__ == "__main__":
    unittest.main()
