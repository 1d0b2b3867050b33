#!/usr/bin/env python3
"""A local Alibaba Cloud DNS by hand, or for a bench. It prints `ready URL` (and `dns PORT`, `sts URL`, ...), and runs
until it is told to end (SIGTERM, ^C). Options: --help."""

import argparse
import json
import pathlib
import signal
import sys
import threading

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path[0] = str(FOLDER.parent)

# pylint: disable=wrong-import-position
from alidns import credential_servers, faults, tls, values  # noqa: E402
from alidns.server import Alidns  # noqa: E402

KINDS = {"cut": faults.cut, "lost": faults.lost, "hang": faults.hang, "html": faults.html, "half": faults.half_json}


def arguments_read():
    parser = argparse.ArgumentParser(description="A local Alibaba Cloud DNS.")
    add = parser.add_argument
    add("--port", type=int, default=0, help="0: a free one")
    add("--address", default="127.0.0.1")
    add(
        "--domain",
        action="append",
        default=[],
        metavar="NAME[=EDITION]",
        help=f"{', '.join(values.EDITIONS)}; ultimate",
    )
    add("--key", action="append", default=[], metavar="ID:SECRET[:TOKEN]", help="testid:testsecret is always there")
    add("--records", type=pathlib.Path, help='JSON lines: {"domain", "rr", "type", "value", "ttl", "remark", ...}')
    add("--log", help="each call becomes a line of JSON")
    add("--tls", type=pathlib.Path, metavar="FOLDER", help="HTTPS; ca.crt is made there")
    add("--dns-port", type=int, metavar="PORT", help="answer DNS too; 0: a free one")
    add("--propagation", type=float, default=0.0, metavar="S", help="how far DNS is behind")
    add("--latency", type=float, default=0.0, metavar="S")
    add("--jitter", type=float, default=0.0, metavar="S")
    add("--busy", type=float, metavar="S", help="LastOperationNotFinished while a write runs, and so long after")
    add("--qps", action="append", default=[], metavar="ACTION=N", help="calls a second; 0: as many as come")
    add("--no-quota", action="store_true", help="as many calls as come")
    add("--fault", action="append", default=[], metavar="KIND=CHANCE", help=f"{', '.join(KINDS)}, or a Code")
    add("--seed", type=int, default=1, help="of chance")
    add("--sts", type=int, metavar="PORT", help="an STS beside it; any role is fine that --role names")
    add("--role", action="append", default=[], metavar="ARN")
    add("--metadata", type=int, metavar="PORT", help="an ECS machine's metadata")
    add("--uri", type=int, metavar="PORT", help="a credentials URI")
    return parser.parse_args()


def server_make(given):
    context = None
    if given.tls:
        given.tls.mkdir(parents=True, exist_ok=True)
        tls.authority(given.tls)
        context = tls.context(given.tls)
    api = Alidns(given.port, given.address, context, given.log, given.seed)
    api.latency_s, api.jitter_s, api.busy_s = given.latency, given.jitter, given.busy
    api.propagation_s = given.propagation
    for text in given.key:
        api.access.add(*text.split(":", 2))
    for text in given.domain:
        name, _equals, edition = text.partition("=")
        api.domain(name, edition or "ultimate")
    if given.no_quota:
        api.quota.per_s = {}
    for text in given.qps:
        action, _equals, count = text.partition("=")
        api.quota.per_s[action] = int(count) or None
    for number, text in enumerate(given.fault):
        kind, _equals, chance = text.partition("=")
        fault = KINDS[kind]() if kind in KINDS else faults.code(kind)
        api.fault(fault, chance=float(chance or 1), times=None, seed=given.seed + number)
    for line in given.records.read_text().splitlines() if given.records else []:
        fields = json.loads(line)
        domain = api.store.find(fields.pop("domain"))
        api.put(domain, fields.pop("rr"), fields.pop("type"), fields.pop("value"), **fields)
    return api


def main():
    given, ended = arguments_read(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    api = server_make(given).start()
    running = [api]
    if given.dns_port is not None:
        print(f"dns {api.dns_start(given.dns_port).port}")
    for name, port, kind in (
        ("sts", given.sts, credential_servers.Sts),
        ("metadata", given.metadata, credential_servers.Metadata),
        ("uri", given.uri, credential_servers.CredentialsUri),
    ):
        if port is not None:
            running.append(kind(api.access, port=port, address=given.address).start())
            print(f"{name} {running[-1].url}")
            for arn in given.role if name == "sts" else []:
                running[-1].role(arn)
    print(f"ready {api.url}", flush=True)
    ended.wait()
    for service in running:
        service.stop()


if __name__ == "__main__":
    main()
