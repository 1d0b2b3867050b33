#!/usr/bin/env python3
"""conf/doc/operations.md tells what fails and what is served then: each row names tests that are there, and the
README's shorter table has the same rows."""

import re

import tree

PAGE = "conf/doc/operations.md"
ROW = re.compile(r"^\| (.+?) \| (.+) \|$")
TEST = re.compile(r"`([^`:]+)(?:: (\w+))?`")


def rows(text, title):
    """(line, first cell, the rest) of the first table behind the title."""
    lines = text.split("\n")
    begun = False
    for i, line in enumerate(lines):
        if line.startswith("#") and line.lstrip("# ") == title:
            begun = True
        elif begun and line.startswith("#"):
            return
        match = ROW.match(line) if begun else None
        if match and not re.match(r"\| (what happens|---)", line) and not line.startswith("|---"):
            yield i + 1, match[1], match[2]


def test_is_there(root, files, path, name):
    full = f"tests/{path}"
    if full not in files:
        return False
    if name is None:
        return full.endswith(".story")
    text = tree.read(root, full)
    return re.search(rf"\b(def {name}\(self|void {name}\(void \*\*state\))", text) is not None


def check(root):
    files = set(tree.files(root))
    if PAGE not in files or "README.md" not in files:
        return
    told = {}
    for line, what, rest in rows(tree.read(root, PAGE), "What fails, and what is served then"):
        served, _, tests = rest.rpartition(" | ")
        named = TEST.findall(tests)
        told[what] = served
        if not named or TEST.sub("", tests).replace("<br>", "").strip():
            yield PAGE, line, f'"{what}" names no test'
        for path, name in named:
            if not test_is_there(root, files, path, name or None):
                yield PAGE, line, f"there is no test tests/{path}{': ' + name if name else ''}"
    if not told:
        yield PAGE, 1, "the table of what fails is not where it is looked for"
    for line, what, served in rows(tree.read(root, "README.md"), "When things go wrong"):
        if told.get(what) != served:
            yield "README.md", line, f'"{what}" is told otherwise by {PAGE}, or not at all'


if __name__ == "__main__":
    tree.main(check)
