"""Runs the table of faults: one daemon, a cluster for each row, all at once. No row may cost another anything."""

import concurrent.futures
import json
import re
import threading
import time

import fault_rows
from harness import wait_until
from live import LiveTest, Member

OBSERVE_S = 0.15
ROW_S = 40.0
BOOKMARK_S = 2.0


def bookmark(kind, version):
    obj = {"kind": kind, "metadata": {"resourceVersion": str(version)}}
    return json.dumps({"type": "BOOKMARK", "object": obj}).encode() + b"\n"


class RowRun:
    """One row on a cluster of its own."""

    def __init__(self, number, table, row, speed=1):
        self.row, self.table, self.name = row, table, f"c{number}"
        bookmark_s = BOOKMARK_S / (1 if speed == 1 else 2)
        self.member = Member(region=f"region-{number}", bookmark_s=bookmark_s if row.bookmarks else None, speed=speed)
        self.octet = number + 1
        for word, last in (("steady", 1), ("moved", 2), ("gone", 3), ("sick", 4), ("well", 5)):
            self.member.serve(f"{word}-{self.name}", self.address(last), ready=word != "well")
        self.faults = [fault.on(table, row.watch) for fault in row.make(fault_rows.KINDS[table])]
        self.failure = None

    def address(self, last):
        return f"10.{self.octet}.0.{last}"

    def allowed(self):
        """{service: the answers that no fault excuses any other than}."""
        one = {word: [self.address(last)] for word, last in (("moved", 2), ("gone", 3), ("sick", 4), ("well", 5))}
        return {
            f"steady-{self.name}": ([self.address(1)],),
            f"moved-{self.name}": (one["moved"], [self.address(22)]),
            f"gone-{self.name}": (one["gone"], []),
            f"sick-{self.name}": (one["sick"], []),
            f"well-{self.name}": ([], one["well"]),
            f"new-{self.name}": ([], [self.address(6)]),
        }

    def change(self):
        member, name = self.member, self.name
        member.serve(f"moved-{name}", self.address(22))
        if self.row.forgets:
            member.store.forget("services", f"gone-{name}")
        else:
            member.store.delete("services", f"gone-{name}")
        member.ready(f"sick-{name}", False)
        member.ready(f"well-{name}", True)
        member.serve(f"new-{name}", self.address(6))

    def strike(self):
        """Let the faulty request be made, and change what it would tell."""
        member, row = self.member, self.row
        with member.store.changed:
            member.faults, member.page_max = self.faults, row.page_max
            if row.forgets:
                pass  # it goes on as if nothing were wrong
            elif row.watch:
                # not too short a watch: it said something
                member.end_watches(self.table, bookmark(fault_rows.KINDS[self.table], member.store.version))
            else:
                member.expire(self.table)
            self.change()
        if row.restart_s is not None:
            member.down()
            time.sleep(row.restart_s)
            member.up()

    def observe(self, daemon):
        """Do all names answer what the server holds? None may say what it never should."""
        holds, good = self.member.holds(), True
        for name, answers in self.allowed().items():
            reply = daemon.ask(f"{name}.default.fed.svc")
            got = reply.rdatas("A")
            if got not in answers:
                raise AssertionError(f"{name} answers {reply.rcode} {got}, which is none of {answers}")
            good &= got == holds.get(name, [])
        return good

    def done(self):
        return all(fault.used == fault.times or fault.times is None and fault.used for fault in self.faults)

    def run(self, daemon):
        """Never raises."""
        try:
            since = time.monotonic()
            striking = threading.Thread(target=self.strike)
            striking.start()
            what = f"row {self.name} ({self.row.name}): all as the server has it"
            wait_until(what, lambda: self.observe(daemon) and self.done(), ROW_S, OBSERVE_S)
            striking.join()
            assert self.observe(daemon)
            took_s = time.monotonic() - since
            assert took_s >= self.row.seconds_min, f"after {took_s} s"
            asked = self.member.asked(self.table, since=since)
            assert len(asked) <= self.row.requests_max, f"hammered: {[(r.when - since, r.query) for r in asked]}"
        except (AssertionError, OSError) as error:
            self.failure = error

    def said(self, log):
        """What the log has of this cluster."""
        return [line for line in log.split("\n") if re.search(rf"\bcluster {self.name}: ", line)]


class FaultTable(LiveTest):
    """The subclass says which rows; each is a sub-test."""

    def begin(self, runs, prefix):
        for run in runs:
            self.fake(run.member)
        entries = [self.config_of(run.name, run.member) for run in runs]
        self.write_live(entries, extra="health: {max_withdraw: 100%}\n")
        return self.start_synced(prefix=prefix)

    def check(self, run, daemon):
        with self.subTest(table=run.table, row=run.row.name):
            said = run.said(daemon.log)
            story = "\n".join([*said[-20:], *(f"{r.when:.3f} {r.path} {r.query}" for r in run.member.asked(run.table))])
            self.assertIsNone(run.failure, f"{run.failure}\n{story}")
            troubles = [line for line in said if "out of sight" in line]
            if run.row.trouble is fault_rows.MAYBE:
                pass
            elif run.row.trouble is None:
                self.assertEqual(troubles, [], story)
            else:
                self.assertTrue(any(run.row.trouble in line for line in troubles), f"{run.row.trouble!r}?\n{story}")
            self.wait_good(run.name)

    def run_table(self, rows, speed=1, prefix=()):
        runs = [RowRun(number, table, row, speed) for number, (table, row) in enumerate(rows)]
        daemon = self.begin(runs, prefix)
        with concurrent.futures.ThreadPoolExecutor(len(runs)) as pool:
            list(pool.map(lambda run: run.run(daemon), runs))
        for run in runs:
            self.check(run, daemon)
