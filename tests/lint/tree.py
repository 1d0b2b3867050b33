"""What the lints share: the files of the tree, C text without comments and strings, and how findings are told."""

import os
import re
import subprocess
import sys

# Of a tree without git (a release archive): folders that hold nothing of ours.
FOREIGN = {".git", "build", "__pycache__"}


def files(root):
    """Paths below `root`, relative to it: those that git tracks or would track, else all but build folders."""
    command = ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "."]
    if os.path.exists(os.path.join(root, ".git")):
        listed = subprocess.run(command, check=True, capture_output=True).stdout.decode()
        names = {name for name in listed.split("\0") if name}
    else:
        names = set()
        for folder, below, here in os.walk(root):
            below[:] = [name for name in below if name not in FOREIGN]
            names.update(os.path.relpath(os.path.join(folder, name), root) for name in here)
    # a file may be deleted and not yet committed so; a link is read where it points to
    return sorted(n for n in names if os.path.isfile(os.path.join(root, n)) and not os.path.islink(os.path.join(root, n)))


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def is_c(path):
    return path.endswith((".c", ".h"))


_TOKEN = re.compile(r"""//[^\n]* | /\*.*?\*/ | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'""", re.VERBOSE | re.DOTALL)


def code(text):
    """C text with comments and literals blanked; lines stay where they are. Include lines keep their file names."""

    def blank(match):
        start = text.rfind("\n", 0, match.start()) + 1
        if match[0][0] == '"' and re.fullmatch(r"\s*#\s*include\s*", text[start : match.start()]):
            return match[0]
        return re.sub(r"[^\n]", " ", match[0])

    return _TOKEN.sub(blank, text)


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def main(check):
    """Run `check(root)`, which yields (path, line, sentence), over the folder that the command line names."""
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    found = 0
    for path, line, sentence in check(root):
        print(f"{path}:{line}: {sentence}")
        found += 1
    sys.exit(1 if found else 0)
