#!/usr/bin/env python3
"""The same 1,000 changes on top of 2,000 records, made by `fedns push` and by external-dns's provider for Alibaba Cloud
DNS, on the same local server: calls, seconds, and whether the end is as wanted.

usage: bench_external_dns.py FEDNS [--latency 0,0.01,0.03] [--only fedns,txt,noop]

400 names are added, 300 get another address, 200 go, 100 another TTL; which, chance says. external-dns (externaldns/,
built once) is run with its ownership by TXT records, its default, and without any; round after round, as it does it by
itself each minute, until the end is as wanted or a round has written nothing. The minutes are counted, and not waited
for. A failed round, after which external-dns ends and its pod is started again, counts as one.

"bare": of the names that get another address, how many had none at all in between.
"""

import argparse
import json
import os
import random
import subprocess
import tempfile
import time

import pushing

BUILD = pushing.HERE.parent / "system" / "apiserver" / "build.sh"
ROUNDS_MAX = 12
INTERVAL_S = 60  # external-dns's --interval
HERITAGE = "heritage=external-dns,external-dns/owner=bench"
NAMES = {"fedns": "fedns", "txt": "external-dns, TXT", "noop": "external-dns, none"}
ACTIONS = ("reads", "AddDomainRecord", "UpdateDomainRecordRemark", "UpdateDomainRecord", "DeleteDomainRecord")


class Change:
    """What is wanted before and after."""

    def __init__(self):
        numbers = list(range(2400))
        random.Random(1).shuffle(numbers)
        old, new = numbers[:2000], numbers[2000:]
        moved, slower, kept = old[:300], old[300:400], old[400:1800]
        self.before = [pushing.service(number) for number in sorted(old)]
        after = [pushing.service(number, moved=True) for number in moved]
        after += [pushing.service(number, ttl=300) for number in slower]
        after += [pushing.service(number) for number in kept + new]
        self.after = sorted(after, key=lambda one: one.name)


def contents(services):
    return {(one.rr, one.address, one.ttl) for one in services}


class Fedns:
    """One push does it all."""

    def __init__(self, bed, options):
        self.bed, self.fedns = bed, os.path.abspath(options.fedns)
        bed.configure()
        for one in options.change.before:
            bed.api.put(bed.zone, one.rr, "A", one.address, ttl=one.ttl, remark=pushing.MARK)

    def round(self, services):
        return self.bed.push(self.fedns, services)

    def unowned(self):
        return [one for one in self.bed.api.records(self.bed.zone) if one.remark != pushing.MARK]


class ExternalDns:
    """`kind`: of its registry."""

    def __init__(self, bed, options, kind):
        self.bed, self.program, self.kind = bed, options.external_dns, kind
        config = {"regionId": "local", "accessKeyId": "testid", "accessKeySecret": "testsecret"}
        (bed.where / "alibaba.yaml").write_text(json.dumps(config))  # which is YAML, too
        for one in options.change.before:
            bed.api.put(bed.zone, one.rr, "A", one.address, ttl=one.ttl)
            if kind == "txt":
                bed.api.put(bed.zone, f"a-{one.rr}", "TXT", HERITAGE, ttl=600)

    def round(self, services):
        wanted = self.bed.where / "wanted.json"
        sets = [
            {"name": f"{one.rr}.{pushing.state.ZONE}", "type": "A", "ttl": one.ttl, "targets": [one.address]}
            for one in services
        ]
        wanted.write_text(json.dumps(sets))
        command = [self.program, f"-endpoint=127.0.0.1:{self.bed.api.port}", f"-config={self.bed.where}/alibaba.yaml"]
        command += [f"-wanted={wanted}", f"-registry={self.kind}"]
        return self.bed.run(command, SSL_CERT_FILE=str(self.bed.authority))

    def unowned(self):
        """Names with an address and no TXT, or the other way."""
        if self.kind != "txt":
            return []
        records = self.bed.api.records(self.bed.zone)
        addresses = {f"a-{one.rr}" for one in records if one.type == "A"}
        return addresses ^ {one.rr for one in records if one.type == "TXT"}


def bare(calls, names):
    """How many of the names, kept or moved, were without any address for a while. `names`: RR of each record's id."""
    gone, lost = set(), set()
    for call in sorted((one for one in calls if one.applied), key=lambda one: one.ended):
        if call.action == "DeleteDomainRecord" and call.params["RecordId"] in names:
            gone.add(names[call.params["RecordId"]])
        elif call.action == "AddDomainRecord" and call.params["RR"] in gone:
            lost.add(call.params["RR"])
    return len(lost)


def writes(calls):
    return [call for call in calls if not call.action.startswith("Describe")]


def run(make, options, latency_s, quota):
    """Rounds until it is done. Returns their costs and what was found at the end."""
    with tempfile.TemporaryDirectory() as where:
        bed = pushing.Bed(where)
        per_s, bed.api.quota.per_s = bed.api.quota.per_s, {}
        try:
            program = make(bed, options)
            rest = program.round(options.change.before)
            if rest.status != 0 or writes(rest.calls):
                raise SystemExit(f"bench_external_dns: not at rest:\n{bed.log()[-2000:]}")
            names = {str(one.id): one.rr for one in bed.api.records(bed.zone, rtype="A")}
            bed.api.latency_s, bed.api.quota.per_s = latency_s, per_s if quota else {}
            wanted, costs = contents(options.change.after), []
            while len(costs) < ROUNDS_MAX:
                cost = program.round(options.change.after)
                if cost.status == 0 and costs and not writes(cost.calls):
                    break  # nor will the next one do anything
                costs.append(cost)
                if bed.have() == wanted and not program.unowned():
                    break
                time.sleep(1.0)  # the quota's window
            calls = [call for cost in costs for call in cost.calls]
            return costs, calls, bare(calls, names), len(bed.have() ^ wanted), len(program.unowned())
        finally:
            bed.close()


def row(kind, quota, latency_s, found):
    costs, calls, lost, wrong, unowned = found
    count = pushing.actions(calls)
    seconds = sum(cost.seconds for cost in costs)
    until = INTERVAL_S * (len(costs) - 1) + costs[-1].seconds
    failed = sum(cost.status != 0 for cost in costs)
    fine = wrong + unowned == 0
    end = "as wanted" if fine else f"{wrong} wrong, {unowned} names unowned or owned without an address"
    cells = [
        "on" if quota else "off",
        f"{latency_s * 1000:g} ms",
        NAMES[kind],
        len(calls),
        *(count[name] for name in ACTIONS),
        count["throttled"],
        count["refused"],
        f"{len(costs)} ({failed} failed)" if failed else len(costs),
        f"{seconds:.1f}",
        f"{until:.0f}" if fine else "never",
        f"{sum(cost.cpu_s for cost in costs):.2f}",
        f"{max(cost.peak for cost in costs) / 1e6:.0f}",
        lost,
        end,
    ]
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fedns")
    parser.add_argument("--latency", default="0,0.01,0.03", metavar="S,...", help="what each call takes at least")
    parser.add_argument("--only", default="fedns,txt,noop")
    options = parser.parse_args()
    options.change = Change()
    pushing.require("unshare", "openssl")
    command = [BUILD, pushing.HERE / "externaldns"]
    options.external_dns = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    makers = {
        "fedns": Fedns,
        "txt": lambda bed, options: ExternalDns(bed, options, "txt"),
        "noop": lambda bed, options: ExternalDns(bed, options, "noop"),
    }
    heads = ["quota", "a call", "program, ownership", "calls", "reads", "add", "remark", "update", "delete"]
    heads += ["throttled", "refused", "rounds", "s at work", "s until right", "CPU s", "peak MB", "bare", "the end"]
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    for quota in (False, True):
        for text in options.latency.split(","):
            for kind in options.only.split(","):
                row(kind, quota, float(text), run(makers[kind], options, float(text), quota))


if __name__ == "__main__":
    main()
