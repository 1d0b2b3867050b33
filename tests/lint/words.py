#!/usr/bin/env python3
"""Words that must not be in the tree: work left open, and absolute paths of the machine it was written on."""

import re

import tree

# Brackets keep this file from finding itself.
OPEN = re.compile(r"\b(TO[D]O|FIX[M]E|XX[X]|HAC[K]|not imple[m]ented|for no[w])\b")
OPEN_WHERE = ("src/", "include/", "tests/", "docker/", "conf/", ".ci/", "CMake")

# Folders that are somebody's: a home, a workspace, a mount. /root is one where it begins a path.
PATH = re.compile(r"(?<![\w.~$})\]>*/-])/(hom[e]|Use[r]s|roo[t]|wor[k]|workspac[e]|mn[t]|medi[a]|priva[t]e)/[\w.-]+")


def check(root):
    for path in tree.files(root):
        for number, line in enumerate(tree.read(root, path).split("\n"), 1):
            match = OPEN.search(line) if path.startswith(OPEN_WHERE) else None
            if match:
                yield path, number, f"work left open: {match[0]}"
            match = PATH.search(line)
            if match:
                yield path, number, f"a path of one machine: {match[0]}"


if __name__ == "__main__":
    tree.main(check)
