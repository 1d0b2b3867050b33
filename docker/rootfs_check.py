#!/usr/bin/env python3
"""The image without a container engine: the Dockerfile's FROM, WORKDIR, COPY and RUN in a debootstrap root, then
what its last stage consists of, started as the engine would: as its user, its root read-only, in a mount namespace.

usage: rootfs_check.py [FOLDER]      as root, on Debian; some minutes and 1 GB. A FOLDER is kept, and used again.

Not done here, for only an engine does it: the image's layers and labels, HEALTHCHECK's timer, VOLUME, networks.
"""

import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

TREE = pathlib.Path(__file__).resolve().parents[1]
SUITE = "bookworm"
APT = pathlib.Path("/etc/apt")
# what an engine mounts into a container, and a package's own start-up scripts must find
ENTER = (
    'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && cp -L /etc/resolv.conf "$0/etc/resolv.conf" &&'
    ' cd / && exec chroot "$0" sh -c "$1"'
)
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def instructions(path):
    """[(word, rest)] of a Dockerfile, with its continued lines joined."""
    out, joined = [], ""
    for line in path.read_text().splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        joined += line
        if joined.endswith("\\"):
            joined = joined[:-1]
            continue
        word, _, rest = joined.strip().partition(" ")
        out.append((word.upper(), rest.strip()))
        joined = ""
    return out


def run(*command, **more):
    return subprocess.run(command, check=True, **more)


class Stages:
    """Each stage's root is a folder; `root` is that of the stage at hand."""

    def __init__(self, folder):
        self.folder, self.named = folder, {}
        self.root, self.workdir = folder, pathlib.PurePosixPath("/")

    def place(self, root, text):
        """Where `text` lies below `root`, seen from the stage's folder."""
        return root / str(self.workdir / text).lstrip("/")

    def do_from(self, rest):
        words = rest.split()
        self.root = self.folder / (words[2] if len(words) == 3 else "last")
        self.workdir = pathlib.PurePosixPath("/")
        self.named[self.root.name] = self.root
        if words[0] == "scratch":
            shutil.rmtree(self.root, ignore_errors=True)
            self.root.mkdir()
        elif words[0] != "debian:12-slim":
            raise SystemExit(f"no way to begin from {words[0]} here")
        elif not (self.root / "etc/debian_version").exists():
            run("debootstrap", "--variant=minbase", SUITE, str(self.root), stdout=subprocess.DEVNULL)
            self.take_sources()

    def take_sources(self):
        """Packages come from where this machine has Debian's."""
        (self.root / "etc/apt/sources.list").write_text("")
        for source in [APT / "sources.list", *sorted((APT / "sources.list.d").glob("*.*"))]:
            if source.suffix in (".list", ".sources") and source.is_file() and SUITE in source.read_text():
                shutil.copy(source, self.root / source.relative_to("/"))

    def do_workdir(self, rest):
        self.workdir = self.workdir / rest
        self.place(self.root, ".").mkdir(parents=True, exist_ok=True)

    def do_copy(self, rest):
        words = shlex.split(rest)
        origin = TREE
        if words[0].startswith("--from="):
            origin = self.named[words.pop(0).removeprefix("--from=")]
        target = self.place(self.root, words[-1])
        for word in words[:-1]:
            source = origin / word.lstrip("/")
            into = target / source.name if words[-1].endswith("/") and source.is_file() else target
            into.parent.mkdir(parents=True, exist_ok=True)
            # with owners and extended attributes, as an engine does
            run("cp", "-a", "-T", str(source), str(into))

    def do_run(self, rest):
        command = f"export PATH={PATH} && cd {self.workdir} && {rest}"
        run("unshare", "--mount", "sh", "-c", ENTER, str(self.root), command, stdin=subprocess.DEVNULL)

    def all(self):
        for word, rest in instructions(TREE / "docker/Dockerfile"):
            step = getattr(self, f"do_{word.lower()}", None)
            print(f"{'==' if step else '-- not here:'} {word} {rest}", flush=True)
            if step:
                step(rest)
        return self.root


def main():
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) == 2 else tempfile.mkdtemp(prefix="fedns-image-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        root = Stages(folder).all()
        test = [sys.executable, str(TREE / "tests/system/test_image.py"), "--root", str(root), "--verbose"]
        run(*test, "Content", "Served", env=os.environ | {"FEDNS": str(root / "usr/sbin/fedns")})
    finally:
        if len(sys.argv) == 1:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
