#!/usr/bin/env python3
"""The first push of many records, as fast as the account's quota allows.

usage: bench_push.py FEDNS [--records 10000] [--latency 0.02] [--quota 80%]

The local Alibaba Cloud DNS takes 60 additions a second; fedns uses the given share of that.
"""

import argparse
import os
import tempfile

import pushing

TARGET = 1.15


def measure(options, where):
    bed = pushing.Bed(where, options.latency)
    try:
        bed.configure(options.quota)
        services = [pushing.service(number) for number in range(options.records)]
        limit = bed.api.quota.per_s["AddDomainRecord"] * int(options.quota.rstrip("%")) / 100
        cost = bed.push(os.path.abspath(options.fedns), services)
        if cost.status != 0:
            raise SystemExit(f"bench_push: exit status {cost.status}:\n{bed.log()[-2000:]}")
        right = bed.have() == {(one.rr, one.address, one.ttl) for one in services}
        ours = sum(one.remark == pushing.MARK for one in bed.api.records(bed.zone))
        count = pushing.actions(cost.calls)
        again = bed.push(os.path.abspath(options.fedns), services)
    finally:
        bed.close()
    least = options.records / limit
    print(
        f"{options.records} records, {limit:g} a second allowed, {options.latency * 1000:g} ms a call\n"
        f"{cost.seconds:.1f} s, {cost.seconds / least:.3f} x the quota's {least:.1f} s (target {TARGET})\n"
        f"CPU {cost.cpu_s:.2f} s, peak {cost.peak / 1e6:.1f} MB,"
        f" at most {max(call.flying for call in cost.calls)} calls in flight\n"
        f"calls: {len(cost.calls)}, {', '.join(f'{name} {number}' for name, number in sorted(count.items()))}\n"
        f"the end is as wanted: {'yes' if right and ours == options.records else 'NO'}\n"
        f"a push of the same again: {again.seconds:.2f} s, {len(again.calls)} calls, CPU {again.cpu_s:.2f} s"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fedns")
    parser.add_argument("--records", type=int, default=10000)
    parser.add_argument("--latency", type=float, default=0.02, metavar="S")
    parser.add_argument("--quota", default="80%")
    options = parser.parse_args()
    pushing.require("unshare", "openssl")
    with tempfile.TemporaryDirectory() as where:
        measure(options, where)


if __name__ == "__main__":
    main()
