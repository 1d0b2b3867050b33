#!/usr/bin/env python3
"""Calls that have no place here, each with what takes its place."""

import re

import tree

COPY = "it knows no size: memcpy with one, or snprintf"
NUMBER = "it can't say that the text is no number: strtoul with its end, or a parser of ours"
SHARED = "it keeps state that threads share: the one that takes a buffer"
SHELL = "no shell between us and a program"
BANNED = {
    "strcpy": COPY, "strcat": COPY, "stpcpy": COPY, "strncpy": "it may leave out the NUL", "strncat": COPY,
    "sprintf": COPY, "vsprintf": COPY, "gets": COPY,
    "atoi": NUMBER, "atol": NUMBER, "atoll": NUMBER, "atof": NUMBER,
    "strtok": SHARED, "localtime": SHARED, "gmtime": SHARED, "asctime": SHARED, "ctime": SHARED, "inet_ntoa": SHARED,
    "gethostbyname": SHARED, "rand": SHARED, "srand": SHARED, "setlocale": "the daemon speaks one language",
    "alloca": "the stack has no error to check",
    "system": SHELL, "popen": SHELL,
    "tmpnam": "another may take the name first: mkstemp", "mktemp": "another may take the name first: mkstemp",
}  # fmt: skip

CALL = re.compile(r"\b(" + "|".join(BANNED) + r")[ \t]*\(")
# A test that waits for a fixed time is slow when all is well and fails when the machine is busy. System tests wait for
# other processes, and measuring needs time to pass.
SLEEP = re.compile(r"\b(sleep|usleep|nanosleep|clock_nanosleep|uv_sleep)[ \t]*\(")
MAY_SLEEP = ("tests/system/", "tests/bench/")


def check(root):
    for path in tree.files(root):
        if not tree.is_c(path):
            continue
        text = tree.code(tree.read(root, path))
        for match in CALL.finditer(text):
            yield path, tree.line_of(text, match.start()), f"{match[1]}: {BANNED[match[1]]}"
        if path.startswith("tests/") and not path.startswith(MAY_SLEEP):
            for match in SLEEP.finditer(text):
                yield path, tree.line_of(text, match.start()), f"{match[1]}: wait for what is awaited, with a limit"


if __name__ == "__main__":
    tree.main(check)
