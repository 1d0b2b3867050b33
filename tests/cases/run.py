#!/usr/bin/env python3
"""Run every case of this folder through the real program and compare what it prints.

A case is a folder with state.json, config.yaml and expect.zone: what `fedns render` must print, octet by octet
but for the SOA serial. Beside them may lie expect.json (`render -o json`) and expect.stderr (findings of `check`).

A line of expect.stderr is `[FILE:]LINE: SEVERITY: PART ... PART`: one finding about that line of the file
(state.json unless named), with all the parts in its sentence, in any order. `*` stands for any line, severity or
sentence. Every finding that `check` prints must be expected, so a case without expect.stderr is also one without.

usage: run.py [--fedns PROGRAM] [--again AGAIN] [CASE ...]      (or FEDNS=PROGRAM in the environment)

AGAIN is the program in one process for many runs (again.c): all but the first case go through it.
"""

import argparse
import concurrent.futures
import difflib
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile

CASES = pathlib.Path(__file__).resolve().parent
DEADLINE_S = 20
FINDING = re.compile(r"(?:^(.*?):)?(?:(\d+):)? ?(error|warning): (.*)$")
EXPECTED = re.compile(r"^(?:([^:\s]+\.[a-z]+):)?(\d+|\*): (error|warning|\*): (.*)$")
SANITIZER = re.compile(r"(ERROR|WARNING): [A-Za-z]*Sanitizer|runtime error:")
# What named-checkzone refuses on purpose: fedns publishes it, and `check` says so.
UNLOADABLE = {"defaults": "its name server has no address"}


class Failure(Exception):
    """A case that did not come out as written down."""


def run(program, *arguments, stdin=None):
    return subprocess.run(
        [program, *arguments], input=stdin, capture_output=True, text=True, timeout=DEADLINE_S, check=False
    )


def sane(done):
    """A sanitizer's exit status is that of `check` with findings too."""
    if SANITIZER.search(done.stderr):
        raise Failure(done.stderr.strip()[-4000:])
    return done


class Again:
    """The program, started once, that forks itself for each run. Looks like run(PROGRAM, ...); one run at a time."""

    def __init__(self, program, folder):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.paths = [str(pathlib.Path(folder) / f"{self.process.pid}.{name}") for name in ("stdout", "stderr")]

    def run(self, *arguments):
        self.process.stdin.write("\t".join([*self.paths, *arguments]) + "\n")
        answer = self.process.stdout.readline()
        if not answer:
            raise Failure(f"{self.process.args[0]} ended: {self.process.wait()}")
        texts = [pathlib.Path(path).read_text() for path in self.paths]
        if int(answer) == 128 + signal.SIGALRM:
            raise subprocess.TimeoutExpired(arguments, DEADLINE_S)
        return sane(subprocess.CompletedProcess(arguments, int(answer), *texts))

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(DEADLINE_S)


class Program:
    """The program itself, started for each run."""

    def __init__(self, path):
        self.path = path

    def run(self, *arguments):
        return sane(run(self.path, *arguments))


def serial_one(zone):
    """The serial is the state file's time: make it 1."""
    return re.sub(r"^(\S+ \d+ IN SOA \S+ \S+) \d+ ", r"\1 1 ", zone, count=1)


def difference(what, expected, printed):
    lines = difflib.unified_diff(expected.splitlines(), printed.splitlines(), "expected", "printed", lineterm="", n=1)
    return f"{what} differs:\n    " + "\n    ".join(lines)


def render(fedns, case):
    done = fedns.run("render", "-c", str(case / "config.yaml"))
    if done.returncode != 0:
        raise Failure(f"render exits {done.returncode}: {done.stderr.strip()[-2000:]}")
    expected = (case / "expect.zone").read_text()
    printed = serial_one(done.stdout)
    if printed != expected:
        raise Failure(difference("the zone", expected, printed))
    return done.stdout


def render_json(fedns, case):
    done = fedns.run("render", "-c", str(case / "config.yaml"), "-o", "json")
    if done.returncode != 0:
        raise Failure(f"render -o json exits {done.returncode}: {done.stderr.strip()[-2000:]}")
    printed = json.loads(done.stdout)
    for rrset in printed:
        if rrset["type"] == "SOA":
            rrset["rdata"] = [re.sub(r"^(\S+ \S+) \d+ ", r"\1 1 ", text) for text in rrset["rdata"]]
    expected = json.loads((case / "expect.json").read_text())
    if printed != expected:
        texts = ["\n".join(json.dumps(rrset, sort_keys=True) for rrset in rrsets) for rrsets in (expected, printed)]
        raise Failure(difference("the JSON", *texts))


def load_zone(checker, case, zone):
    apex = zone.split(" ", 1)[0]
    done = run(checker, "-q", "-i", "local", apex, "/dev/stdin", stdin=zone)
    if done.returncode != 0 and case.name not in UNLOADABLE:
        done = run(checker, "-i", "local", apex, "/dev/stdin", stdin=zone)
        raise Failure(f"named-checkzone refuses the zone: {done.stdout.strip()}")
    if done.returncode == 0 and case.name in UNLOADABLE:
        raise Failure(f"named-checkzone takes the zone, though {UNLOADABLE[case.name]}")


def finding_read(line):
    match = FINDING.search(line)
    if not match:
        return None
    path, number, severity, sentence = match.groups()
    return os.path.basename(path or ""), number, severity, sentence


def finding_fits(expected, finding):
    name, number, severity, sentence = expected
    if number != "*" and (finding[0] != (name or "state.json") or finding[1] != number):
        return False
    if severity not in ("*", finding[2]):
        return False
    return sentence == "*" or all(part in finding[3] for part in sentence.split(" ... "))


def findings_pair(expected, printed):
    """Give each expectation a finding of its own; returns what is left of both. Augmenting paths, a few lines each."""
    owner = {}

    def claim(want, seen):
        for i, finding in enumerate(printed):
            if i not in seen and finding_fits(expected[want], finding):
                seen.add(i)
                if i not in owner or claim(owner[i], seen):
                    owner[i] = want
                    return True
        return False

    missing = [want for want in range(len(expected)) if not claim(want, set())]
    return missing, [i for i in range(len(printed)) if i not in owner]


def check(fedns, case):
    done = fedns.run("check", "-c", str(case / "config.yaml"))
    printed = [finding for finding in map(finding_read, (done.stdout + done.stderr).splitlines()) if finding]
    path = case / "expect.stderr"
    lines = path.read_text().splitlines() if path.exists() else []
    matches = [EXPECTED.match(line) for line in lines]
    if not all(matches):
        raise Failure("expect.stderr has a line that is no expectation")
    missing, extra = findings_pair([match.groups() for match in matches], printed)
    if missing or extra:
        report = [f"missing: {lines[i]}" for i in missing]
        report += ["unexpected: " + ":".join(str(part) for part in printed[i]) for i in extra]
        raise Failure("check's findings differ:\n    " + "\n    ".join(report))
    status = 1 if any(finding[2] == "error" for finding in printed) else 0
    if done.returncode != status:
        raise Failure(f"check exits {done.returncode}, not {status}: {done.stderr.strip()[-2000:]}")


def case_run(fedns, checker, case):
    """Returns the complaints about one case."""
    complaints = []

    def attempt(step, *arguments):
        try:
            return step(*arguments)
        except subprocess.TimeoutExpired:
            complaints.append(f"{step.__name__}: no end within {DEADLINE_S} s")
        except Failure as failure:
            complaints.append(str(failure))
        except (ValueError, KeyError, TypeError) as error:
            complaints.append(f"{step.__name__}: what was printed can't be read: {error!r}")
        return None

    zone = attempt(render, fedns, case)
    if zone is not None and checker:
        attempt(load_zone, checker, case, zone)
    if (case / "expect.json").exists():
        attempt(render_json, fedns, case)
    attempt(check, fedns, case)
    return complaints


def cases_run(arguments, folder, checker, chosen):
    """Returns how many failed."""
    workers = max(2, os.cpu_count() or 2)
    program = Program(arguments.fedns)
    again = [Again(arguments.again, folder) for _ in range(workers)] if arguments.again else []
    free = queue.SimpleQueue()
    for worker in again or [program] * workers:
        free.put(worker)

    def one(case):
        worker = free.get()
        try:
            return case_run(program if case == chosen[0] else worker, checker, case)
        finally:
            free.put(worker)

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for case, complaints in zip(chosen, pool.map(one, chosen)):
            failed += bool(complaints)
            for complaint in complaints:
                print(f"FAILED {case.name}: {complaint}")
    for status in [worker.end() for worker in again]:
        if status != 0:
            print(f"FAILED {arguments.again} ends with {status}")
            failed += 1
    return failed


def main():
    parser = argparse.ArgumentParser(description="run the behaviour cases")
    parser.add_argument("--fedns", default=os.environ.get("FEDNS", "fedns"))
    parser.add_argument("--again", metavar="AGAIN")
    parser.add_argument("cases", nargs="*", metavar="CASE")
    arguments = parser.parse_args()
    if not shutil.which(arguments.fedns):
        parser.error(f"no program at {arguments.fedns}: give --fedns or set FEDNS")
    folders = sorted(path.parent for path in CASES.glob("*/state.json"))
    chosen = [path for path in folders if not arguments.cases or path.name in arguments.cases]
    checker = shutil.which("named-checkzone") or shutil.which("named-checkzone", path="/usr/sbin:/usr/bin")
    if not checker:
        print("skipped: named-checkzone is not installed, the zones are not loaded by it")
    with tempfile.TemporaryDirectory() as folder:
        failed = cases_run(arguments, folder, checker, chosen)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
