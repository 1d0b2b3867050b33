"""What the image consists of, as docker/rootfs.sh collects it, and whether it serves: as its user, with a
read-only root and one capability or none, in a mount namespace of its own.

`--root FOLDER` is for docker/rootfs_check.py, which has made that root by the Dockerfile's own stages.
"""

import errno
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

import harness
import state
from harness import SystemTest, wait_until

TREE = pathlib.Path(__file__).resolve().parents[2]
DOCKERFILE = TREE / "docker/Dockerfile"
ID = 953
AT_53 = "127.0.0.79"
NEEDED = ("setcap", "getcap", "setpriv", "unshare", "chroot", "ldd", "dpkg-query")
# What an engine does: /proc, volumes, the root read-only. chroot(1) then becomes the user, for which it needs three
# capabilities; they are lost with root, for the program's file has none of them.
START = (
    'mount --bind "$0" "$0" && mount -t proc proc "$0/proc" && mount --bind "$1/etc" "$0/etc/fedns" &&'
    ' mount --bind "$1/var" "$0/var/lib/fedns" && mount --bind "$1/run" "$0/run/fedns" &&'
    ' mount -o remount,bind,ro "$0" && cd / &&'
    ' exec setpriv "--bounding-set=-all,+sys_chroot,+setuid,+setgid$2" --'
    f' chroot --userspec={ID}:{ID} --groups= "$0" /usr/sbin/fedns serve -c /etc/fedns/fedns.yaml'
)
ROOT = None


def setUpModule():  # pylint: disable=invalid-name
    global ROOT  # pylint: disable=global-statement
    if os.getuid() != 0:
        raise unittest.SkipTest("an image is made by root")
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        raise unittest.SkipTest(f"not installed: {missing}")
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0:
        raise unittest.SkipTest("no mount namespaces")
    if ROOT is None:
        ROOT = tempfile.mkdtemp(prefix="fedns-image-")
        unittest.addModuleCleanup(shutil.rmtree, ROOT, ignore_errors=True)
        os.chmod(ROOT, 0o755)
        program = shutil.which(harness.FEDNS)
        subprocess.run([str(TREE / "docker/rootfs.sh"), program, ROOT], check=True, capture_output=True, timeout=60)


class Content(unittest.TestCase):
    """The files."""

    def files(self):
        return [path for path in pathlib.Path(ROOT).rglob("*") if path.is_file() and not path.is_symlink()]

    def test_one_program_and_no_shell(self):
        programs = {path.name for path in self.files() if path.stat().st_mode & 0o111 and ".so" not in path.name}
        self.assertEqual(programs, {"fedns"})

    def test_nothing_is_set_uid_or_writable_by_others(self):
        for path in pathlib.Path(ROOT).rglob("*"):
            mode = path.lstat().st_mode
            if not path.is_symlink():
                self.assertEqual(mode & 0o6000, 0, path)
                self.assertTrue(not mode & 0o002 or path.name == "tmp", path)

    def test_its_only_capability_is_for_port_53(self):
        done = subprocess.run(["getcap", "-r", ROOT], capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout.split(), [f"{ROOT}/usr/sbin/fedns", "cap_net_bind_service=p"])

    def test_it_is_told_which_packages_it_has_and_their_licences(self):
        noted = {path.name for path in (pathlib.Path(ROOT) / "var/lib/dpkg/status.d").iterdir()}
        self.assertLessEqual({"libc6", "libuv1", "libssl3", "ca-certificates"}, noted)
        for name in ("libc6", "libuv1"):
            text = (pathlib.Path(ROOT) / "var/lib/dpkg/status.d" / name).read_text()
            self.assertRegex(text, rf"(?m)^Package: {name}$")
            self.assertTrue((pathlib.Path(ROOT) / "usr/share/doc" / name / "copyright").exists(), name)

    def test_its_size(self):
        size = sum(path.stat().st_size for path in self.files())
        print(f"{len(self.files())} files, {size / 1e6:.1f} MB ", end="", flush=True)
        self.assertLess(size, 100e6)


class Served(SystemTest):
    """The program in its root."""

    def setUp(self):
        super().setUp()
        os.environ.pop("TSAN_OPTIONS", None)  # the file of suppressions that it names is not in that root
        for name in ("etc", "var", "run"):
            folder = self.folder / name
            folder.mkdir()
            os.chown(folder, ID, ID)
        self.state_path = self.folder / "etc" / "state.json"
        self.config_path = self.folder / "etc" / "fedns.yaml"

    def serve(self, address="127.0.0.1", capability="", ready=True):
        self.config_path.write_text(
            f'federation: fed\nzone: spacexnice.xyz.\nlisten: ["{address}:{self.port}"]\nstate_dir: /var/lib/fedns\n'
            "nameservers:\n  - {name: ns1.spacexnice.xyz., addresses: [192.0.2.53]}\n"
            "control: /run/fedns/control.sock\nsource: {file: state.json}\n"
        )
        self.write_state(state.guide())
        command = ["unshare", "--mount", "sh", "-c", START, ROOT, str(self.folder), capability]
        daemon = Contained(command, self.folder / "log", self.port)
        self.addCleanup(daemon.stop)
        return daemon.wait_ready() if ready else daemon

    def inside(self, daemon, *command):
        """As an engine's `exec` does; by the root that the process has."""
        command = ["chroot", f"--userspec={ID}:{ID}", f"/proc/{daemon.process.pid}/root", *command]
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)

    def status(self, daemon, key):
        text = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
        return re.search(rf"^{key}:[ \t]*(.*)$", text, re.MULTILINE)[1].split()

    def test_it_serves_as_its_user_from_a_read_only_root(self):
        daemon = self.serve()
        self.assertEqual(daemon.addresses(), [state.HANGZHOU, state.SHANGHAI])
        self.assertEqual(self.status(daemon, "Uid"), [str(ID)] * 4)
        self.assertEqual(self.status(daemon, "Groups"), [])
        self.assertEqual(int(self.status(daemon, "CapPrm")[0], 16), 0)
        with self.assertRaises(OSError) as caught:
            pathlib.Path(f"/proc/{daemon.process.pid}/root/file").touch()
        self.assertEqual(caught.exception.errno, errno.EROFS)
        wait_until("the kept state", (self.folder / "var" / "last-known-good.json").exists)
        self.assertEqual(daemon.stop(), 0)

    def test_the_healthcheck_works_without_a_shell(self):
        daemon = self.serve()
        command = json.loads(re.search(r"^HEALTHCHECK .*\n\tCMD (\[.*\])$", DOCKERFILE.read_text(), re.MULTILINE)[1])
        done = self.inside(daemon, *command)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.state_path.write_text("{")
        daemon.log_wait("state refused")
        self.assertEqual(self.inside(daemon, *command).returncode, 1)
        self.assertEqual(self.inside(daemon, "/bin/sh", "-c", "true").returncode, 127)

    def test_port_53_by_the_files_capability(self):
        self.port = 53
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            try:
                sock.bind((AT_53, 53))
            except OSError as error:
                self.skipTest(f"{AT_53}:53: {error}")
        daemon = self.serve(AT_53, ",+net_bind_service")
        self.assertEqual(daemon.ask(state.NGINX, address=AT_53).rdatas("A"), [state.HANGZHOU, state.SHANGHAI])
        self.assertEqual(int(self.status(daemon, "CapPrm")[0], 16), 0, "it is given up once the port is bound")

    def test_port_53_without_it_says_why_not(self):
        start = int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
        if start <= 53:
            self.skipTest("here everybody may bind port 53")
        self.port = 53
        daemon = self.serve(AT_53, ready=False)
        self.assertEqual(daemon.process.wait(10), 3)
        self.assertIn(f"{AT_53}:53", daemon.log)
        self.assertIn("ermission denied", daemon.log)


class Contained(harness.Daemon):
    """A daemon that another command starts."""

    def __init__(self, command, log_path, port):  # pylint: disable=super-init-not-called
        harness.Program.__init__(self, command, log_path, port)


class TryOut(SystemTest):
    """docker/compose.yaml's files; the engine that reads it is not here."""

    def test_its_configuration_is_good(self):
        shutil.copy(TREE / "docker/compose/fedns.yaml", self.config_path)
        shutil.copy(TREE / "conf/demo/federation.json", self.folder)
        done = self.fedns("check", "-c", str(self.config_path))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        compose = (TREE / "docker/compose.yaml").read_text()
        for path in re.findall(r"- (\.\.?/\S+?):/", compose):
            self.assertTrue((TREE / "docker" / path).is_file(), path)
        corefile = (TREE / "docker/compose/Corefile").read_text()
        self.assertIn("forward . " + re.search(r"ipv4_address: ([0-9.]+)", compose)[1], corefile)


if __name__ == "__main__":
    if "--root" in sys.argv:
        at = sys.argv.index("--root")
        ROOT = sys.argv[at + 1]
        del sys.argv[at : at + 2]
    unittest.main()
