"""A thread that answers UDP makes two system calls a batch, recvmmsg and sendmmsg, and no other: seen by strace."""

import re
import shutil
import socket
import subprocess
import unittest

import state
import wire
from harness import FEDNS, SystemTest, wait_until

QUESTIONS = 20000
WINDOW = 64
CALL = re.compile(r"(\w+)\(.*\) += (-?\d+|\?)(?: (E\w+))?")


def no_tracing():
    """Why the program's calls can't be seen here; None: they can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    with open(shutil.which(FEDNS), "rb") as program:
        if b"__tsan_init" in program.read():
            return "ThreadSanitizer makes system calls of its own in every thread"
    done = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else f"tracing is forbidden here: {done.stderr.strip()}"


def calls_of(path):
    """[(name, result, error)] of one thread."""
    return [match.groups() for match in map(CALL.match, path.read_text().splitlines()) if match]


def between_questions(calls):
    """From the first query taken to the last reply sent, without waits in vain: behind one, which says that nothing is
    there to answer, the thread looks after its socket."""
    taken = [i for i, call in enumerate(calls) if call[0] == "recvmmsg" and call[1].isdecimal()]
    if not taken:
        return []
    end = max(i for i, call in enumerate(calls) if call[0] == "sendmmsg")
    kept = []
    for i in range(taken[0], end + 1):
        in_vain = calls[i][0] == "recvmmsg" and calls[i][2] == "EAGAIN"
        after = calls[i][0] == "fcntl" and calls[i - 1][2] == "EAGAIN"
        if not in_vain and not after:
            kept.append(calls[i])
    return kept


class Path(SystemTest):
    """The daemon runs under strace from its start, so that no right to attach is needed."""

    def start_traced(self):
        self.write_config("workers: 1\n", listen=[f"127.0.0.1:{self.port}"])
        self.write_state(state.guide())
        # not beside the state: the daemon watches that folder
        self.trace = self.folder / "trace"
        self.trace.mkdir()
        # LeakSanitizer traces too, at the end, and two can't
        prefix = ["env", "ASAN_OPTIONS=detect_leaks=0", "strace", "-D", "-ff", "-q", "-s", "0", "-e", "signal=none"]
        return self.start(prefix=[*prefix, "-o", str(self.trace / "thread")])

    def traces(self):
        """One file a thread, once all are complete."""

        def complete():
            paths = list(self.trace.iterdir())
            return paths if all("+++ exited" in path.read_text()[-80:] for path in paths) else None

        return wait_until("the end of the traces", complete)

    def ask_many(self):
        """Questions of all kinds, a window of them under way. Every one is answered."""
        names = [state.NGINX, state.NGINX + ".cn-beijing-a.cn-beijing", "no.default.fed.svc", "default.fed.svc"]
        messages = [wire.query(f"{name}.{state.ZONE}", "A", number=i, edns_size=1232) for i, name in enumerate(names)]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect(("127.0.0.1", self.port))
            sock.settimeout(10)
            for i in range(QUESTIONS + WINDOW):
                if i < QUESTIONS:
                    sock.send(messages[i % len(messages)])
                if i >= WINDOW:
                    sock.recv(4096)

    def test_two_calls_and_no_other(self):
        reason = no_tracing()
        if reason:
            self.skipTest(reason)
        daemon = self.start_traced()
        self.ask_many()
        self.assertEqual(daemon.stop(), 0)
        threads = {path.name: between_questions(calls_of(path)) for path in self.traces()}
        lanes = {name: calls for name, calls in threads.items() if calls}
        self.assertEqual(len(lanes), 1, f"threads that answered: {list(lanes)} of {list(threads)}")
        calls = lanes.popitem()[1]
        self.assertEqual({name for name, _result, _error in calls}, {"recvmmsg", "sendmmsg"})
        taken = [int(result) for name, result, _error in calls if name == "recvmmsg"]
        sends = sum(name == "sendmmsg" for name, _result, _error in calls)
        self.assertEqual(sum(taken), QUESTIONS)
        self.assertEqual(sends, len(taken))


if __name__ == "__main__":
    unittest.main()
