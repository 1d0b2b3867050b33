#!/usr/bin/env python3
"""The include rule: a room sees public headers of lower ranks, its own headers, and nothing else.

Ranks 0 to 4 are pure as well: no loop, no socket, no thread, no clock, no output.
"""

import os
import re

import tree

RANKS = {
    "base": 0, "dns": 1, "model": 2, "compile": 3, "answer": 4, "net": 5, "yaml": 5,
    "source": 6, "health": 6, "serve": 6, "provider": 6, "admin": 6, "daemon": 7, "cli": 8,
}  # fmt: skip

# Public headers that don't bear their room's name.
HOMES = {
    "address": "base", "sockaddr": "base", "reason": "base", "findings": "base", "log": "base", "utf8": "base", "resolver": "net", "http": "net", "tls": "net",
    "config": "daemon", "kubeconfig": "source", "kube_auth": "source", "kube": "source", "control": "admin",
    "when": "base", "base64": "base", "manifest": "daemon", "kube_apply": "source", "budget": "base", "told": "base", "lease": "source", "spawner": "source", "ask": "net", "plan": "provider", "alidns": "provider", "credentials": "provider", "prober": "health", "histogram": "base", "metrics": "admin", "history": "admin",
}  # fmt: skip

PURE_RANK_MAX = 4
LOG_RANK_MIN = 5
# The log's own files write lines with times; nobody pure calls them, see LOG_RANK_MIN.
IMPURE = {"src/base/log.c", "src/base/log_book.c", "src/base/log_line.c"}
IMPURE_HEADERS = re.compile(
    r"(uv|ares|jansson|yaml|ini|microhttpd|pthread|threads|time|netdb|poll|fcntl|unistd|signal|syslog)\.h"
    r"|(curl|openssl|sys|netinet|net|arpa|uv)/.*"
)
# Text of addresses comes from libc, in one place, and so do its names for them in sockets.
ALLOWED = {
    "src/base/address.c": {"arpa/inet.h", "netinet/in.h", "sys/socket.h"},
    "src/base/sockaddr.c": {"netinet/in.h"},
    "include/fedns/sockaddr.h": {"sys/socket.h"},
}
# libc's type names only; no call.
ALLOWED_EVERYWHERE = {"sys/types.h"}
PRINTING = re.compile(
    r"\b(v?f?printf|v?dprintf|f?puts|f?putc|putchar|perror|fopen|fdopen|freopen|open_memstream|fwrite|fread|fgets|getline"
    r"|stdout|stderr|stdin)\b"
)

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)


def home(header):
    """The room whose door `fedns/HEADER` is, or None."""
    name = os.path.splitext(header)[0]
    room = HOMES.get(name, name)
    return room if room in RANKS else None


def room_of(path):
    """The room that `path` belongs to; None: the rule doesn't speak of it; "": a place where no file may be."""
    parts = path.split("/")
    if parts[0] == "src":
        return parts[1] if len(parts) == 3 and parts[1] in RANKS else ""
    if parts[:2] == ["include", "fedns"]:
        return home(parts[2]) or ""
    return None


def public_finding(room, header):
    """What is wrong with `room` including fedns/HEADER."""
    other = home(header)
    if other is None:
        return f"fedns/{header} is no room's public header"
    if header == "log.h" and room != "base" and RANKS[room] < LOG_RANK_MIN:
        return f"{room} is pure and doesn't log"
    if other != room and RANKS[other] >= RANKS[room]:
        return f"{room} (rank {RANKS[room]}) must not see {other} (rank {RANKS[other]})"
    return None


def finding(root, path, room, bracket, name):
    if name.startswith("fedns/"):
        return public_finding(room, name[len("fedns/") :])
    if bracket == '"':
        if not path.startswith("src/"):
            return f"a public header includes a private one: {name}"
        if "/" in name or not os.path.isfile(os.path.join(root, "src", room, name)):
            return f"{name} is not a header of {room}"
        return None
    pure = RANKS[room] <= PURE_RANK_MAX and path not in IMPURE
    allowed = ALLOWED_EVERYWHERE | ALLOWED.get(path, set())
    if pure and IMPURE_HEADERS.fullmatch(name) and name not in allowed:
        return f"{room} is pure: no <{name}>"
    if name.startswith("ldns/") and room != "dns" and RANKS[room] <= PURE_RANK_MAX:
        return f"ldns stays inside dns: no <{name}> in {room}"
    return None


def check(root):
    for path in tree.files(root):
        room = room_of(path)
        if room is None or not tree.is_c(path):
            continue
        if room == "":
            yield path, 1, "belongs to no room: src/<room>/<file>, include/fedns/<room>.h"
            continue
        text = tree.code(tree.read(root, path))
        for match in INCLUDE.finditer(text):
            sentence = finding(root, path, room, match[1], match[2])
            if sentence:
                yield path, tree.line_of(text, match.start()), sentence
        if RANKS[room] <= PURE_RANK_MAX and path not in IMPURE:
            # of a prototype's attribute format(printf, ...) no output comes
            for match in PRINTING.finditer(re.sub(r"format\(printf", "format(      ", text)):
                yield path, tree.line_of(text, match.start()), f"{room} is pure: no {match[1]}"


if __name__ == "__main__":
    tree.main(check)
