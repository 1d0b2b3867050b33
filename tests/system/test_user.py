"""`user:` - port 53 is bound as root, then root is given up for good."""

import os
import pathlib
import pwd
import signal
import socket
import unittest

import state
from harness import SystemTest, wait_until

ADDRESS = "127.0.0.77"


def port_53_is_free():
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as sock:
            try:
                sock.bind((ADDRESS, 53))
            except OSError:
                return False
    return True


@unittest.skipUnless(os.getuid() == 0, "not run as root: nothing to give up")
class User(SystemTest):
    """Each test runs as nobody in the end."""

    def serve_as_nobody(self):
        if not port_53_is_free():
            self.skipTest(f"{ADDRESS}:53 can't be bound here")
        self.port = 53
        self.write_config("user: nobody\n", listen=[f"{ADDRESS}:53"])
        self.write_state(state.guide())
        return self.start()

    def status(self, daemon):
        """Every thread's /proc/PID/task/TID/status as a dictionary of fields."""
        out = []
        for task in pathlib.Path(f"/proc/{daemon.process.pid}/task").iterdir():
            lines = (task / "status").read_text().splitlines()
            out.append({key: text.split() for key, _, text in (line.partition(":") for line in lines)})
        return out

    def asked(self, daemon):
        return daemon.ask(state.NGINX, address=ADDRESS).rdatas("A")

    def test_every_thread_is_the_user_and_nothing_of_root_is_left(self):
        daemon = self.serve_as_nobody()
        self.assertEqual(self.asked(daemon), [state.HANGZHOU, state.SHANGHAI])
        nobody = pwd.getpwnam("nobody")
        for thread in self.status(daemon):
            self.assertEqual(thread["Uid"], [str(nobody.pw_uid)] * 4)
            self.assertEqual(thread["Gid"], [str(nobody.pw_gid)] * 4)
            self.assertLessEqual(set(thread["Groups"]), {str(nobody.pw_gid)})
            self.assertEqual(int(thread["CapEff"][0], 16), 0)
            self.assertEqual(int(thread["CapPrm"][0], 16), 0)

    def test_state_is_kept_watched_and_reloaded_as_the_user(self):
        daemon = self.serve_as_nobody()
        kept = self.folder / "kept" / "last-known-good.json"
        wait_until("the kept state", kept.exists)
        self.assertEqual(kept.stat().st_uid, pwd.getpwnam("nobody").pw_uid)
        self.write_state(state.guide("198.51.100.1"))
        wait_until("the change", lambda: "198.51.100.1" in self.asked(daemon))
        self.write_config("user: nobody\nttl: 60\n", listen=[f"{ADDRESS}:53"])
        daemon.signal(signal.SIGHUP)
        wait_until("the reload", lambda: daemon.ask(state.NGINX, address=ADDRESS).answer[0].ttl == 60)

    def test_a_directory_of_others_is_not_given_away(self):
        kept = self.folder / "kept"
        other = self.folder / "other"
        other.mkdir()
        (other / "file").write_text("root's own")
        self.write_config("user: nobody\n")
        self.write_state(state.guide())
        for make, word in ((lambda: kept.symlink_to(other), "symbolic link"),
                           (lambda: (kept.unlink(), other.rename(kept)), "chown -R nobody")):  # fmt: skip
            make()
            done = self.fedns("serve", "-c", str(self.config_path))
            self.assertEqual(done.returncode, 3)
            self.assertIn(word, done.stderr)
            self.assertEqual(kept.stat().st_uid, 0)

    def test_unknown_user_is_refused(self):
        self.write_config("user: nobody-of-this-name\n")
        self.write_state(state.guide())
        done = self.fedns("serve", "-c", str(self.config_path))
        self.assertIn(done.returncode, (2, 3))
        self.assertIn("nobody-of-this-name", done.stderr)


if __name__ == "__main__":
    unittest.main()
