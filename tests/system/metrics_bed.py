"""What `/metrics` says, read as Prometheus reads it, and what of it has moved."""

import re
import shutil
import subprocess
import urllib.request

from harness import free_port, wait_until

SAMPLE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)')
ESCAPES = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


def labels_of(text):
    """In the order that doesn't matter: a frozenset of pairs."""
    found = LABEL.findall(text or "")
    return frozenset((name, re.sub(r"\\.", lambda match: ESCAPES[match[0]], value)) for name, value in found)


def parse(text):
    """{(name, labels): value}; {family: type}."""
    samples, types = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _hash, _word, name, kind = line.split(" ")
            assert name not in types, f"{name} is there twice"
            types[name] = kind
        elif not line.startswith("#"):
            name, labels, value = SAMPLE.match(line).groups()
            key = name, labels_of(labels)
            assert key not in samples, f"{line}: there twice"
            samples[key] = float(value)
    return samples, types


class Scrape:
    """One reading."""

    def __init__(self, text):
        self.text = text
        self.samples, self.types = parse(text)

    def __call__(self, name, **labels):
        """The sum of all samples with these labels, whatever others they have; None: there are none."""
        wanted = set(labels.items())
        found = [value for (what, has), value in self.samples.items() if what == name and wanted <= has]
        return sum(found) if found else None


class Metrics:
    """Mixed into a SystemTest: `self.admin` stands in the configuration, then `self.scrape()`."""

    def admin_make(self):
        self.admin_port = free_port()
        return f"admin: 127.0.0.1:{self.admin_port}\n"

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}{path}", timeout=10) as reply:
            return reply.read().decode()

    def scrape(self):
        return Scrape(self.get("/metrics"))

    def wait_metric(self, name, value, deadline_s=15.0, **labels):
        """Workers show their counts a moment after the answer."""
        last = []

        def there():
            last[:] = [self.scrape()(name, **labels)]
            return last[0] == value if not callable(value) else last[0] is not None and value(last[0])

        try:
            wait_until(f"{name} {labels}", there, deadline_s, 0.05)
        except AssertionError as error:
            raise AssertionError(f"{error}: it is {last}, not {value}") from None

    def moved(self, action, *wanted):
        """`action` moves each of (by, name, labels) by so much."""
        before = self.scrape()
        given = action()
        for by, name, labels in wanted:
            self.wait_metric(name, (before(name, **labels) or 0) + by, **labels)
        return given

    def promtool(self, text):
        program = shutil.which("promtool")
        if program is None:
            self.skipTest("no promtool: package prometheus")
        done = subprocess.run([program, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
