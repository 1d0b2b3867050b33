#!/usr/bin/env python3
"""No file of code over 500 lines, no C function over 60, its heading included."""

import re

import tree

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 60
CODE = (".c", ".h", ".go", ".py", ".sh", ".cmake", "CMakeLists.txt", ".ci/run")

# With our .clang-format only a function's body begins with a brace in the first column, and it ends with one.
BODY = re.compile(r"^\{[^\n]*\n.*?^\}", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"(\w+)\s*\(")


def functions(text):
    """(name, first line, count of lines) of each function in `text`."""
    clean = tree.code(text)
    for body in BODY.finditer(clean):
        # the heading: the lines just before the brace, up to what ends the thing before it
        lines = clean[: body.start()].split("\n")[:-1]
        first = len(lines)
        while first > 0 and lines[first - 1].strip() and not re.search(r"[;}]\s*$|^\s*#", lines[first - 1]):
            first -= 1
        name = NAME.search("\n".join(lines[first:]))
        last = tree.line_of(clean, body.end())
        yield (name[1] if name else "?"), first + 1, last - first


def check(root):
    for path in tree.files(root):
        if not path.endswith(CODE):
            continue
        text = tree.read(root, path)
        lines = text.count("\n")
        if lines > FILE_LINES_MAX:
            yield path, lines, f"{lines} lines, {FILE_LINES_MAX} are the limit"
        if path.endswith(".c"):
            for name, line, count in functions(text):
                if count > FUNCTION_LINES_MAX:
                    yield path, line, f"{name} has {count} lines, {FUNCTION_LINES_MAX} are the limit"


if __name__ == "__main__":
    tree.main(check)
