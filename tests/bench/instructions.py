#!/usr/bin/env python3
"""Instructions that answering takes, a query of each kind that bench_respond knows: counted, not timed, so a busy machine doesn't matter.

usage: instructions.py BENCH_RESPOND [SERVICES]      10,000 unless said otherwise; needs valgrind

Two runs of different length are subtracted, so that what comes before the first query cancels out. The loop of bench_respond
itself, some ten instructions a query, is in the figures.
"""
import re
import subprocess
import sys

SHORT, LONG = 20000, 120000


def kinds(program):
    done = subprocess.run([program, "100", "1"], capture_output=True, text=True, check=True)
    return [line.split()[0] for line in done.stdout.splitlines()]


def instructions(program, services, queries, kind):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, services, str(queries), kind]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(re.search(r"Collected : (\d+)", done.stderr)[1])


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program, services = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "10000"
    for kind in kinds(program):
        short, long = (instructions(program, services, queries, kind) for queries in (SHORT, LONG))
        print(f"{kind:10} {(long - short) / (LONG - SHORT):6.0f}", flush=True)


if __name__ == "__main__":
    main()
