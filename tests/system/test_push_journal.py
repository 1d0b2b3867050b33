#!/usr/bin/env python3
"""The journal of a killed push, cut at any octet of its last lines: the next push ends the work all the same."""

import dataclasses
import unittest

import push_bed
import state
from alidns import faults

WANTED = {(f"{name}.n.fed.svc", "A", address, 180) for name in ("a", "b") for address in ("192.0.2.1", "192.0.2.2")}


NOISE = (
    b"\n\n",
    b"{}\n[]\nnull\n",
    b'{"do":"intend"}\n',
    b'{"do":7,"rr":[]}\n',
    b"\xff\xfe\n",
    b"{" * 5000 + b"\n",
    b"\0" * 4096 + b"\n",
)


class CutJournal(push_bed.PushTest):
    """Two names of two addresses; the push is killed between an Add and its Remark."""

    def setUp(self):
        super().setUp()
        self.api.quota.per_s = {}
        self.write_push("quota: 100%")
        services = [state.service(name, {"h": ["192.0.2.1", "192.0.2.2"]}, "n") for name in ("a", "b")]
        self.write_state(state.text(state.cluster("h"), *services))

    def restore(self, records):
        self.zone = self.api.domain(state.ZONE)
        for record in records:
            self.api.put(self.zone, record.rr, record.type, record.value, ttl=record.ttl, remark=record.remark)
        self.api.calls.clear()

    def begun(self):
        """(journal's path, its octets, records) once it was killed with its adds unmarked."""
        self.api.fault(faults.cut(), times=None, action="UpdateDomainRecordRemark")
        self.kill_at(6, "after")  # 1 and 2 read, 3 and 4 add
        (path,) = (self.folder / "kept").glob("*.journal")
        return path, path.read_bytes(), [dataclasses.replace(one) for one in self.api.records(self.zone)]

    def check_cuts(self, cuts):
        path, octets, records = self.begun()
        self.assertTrue(any(not one.remark for one in records))
        for cut in cuts(octets):
            self.restore(records)
            path.write_bytes(octets[:cut])
            self.push()
            self.check_have(WANTED)

    def test_every_octet_of_the_last_line(self):
        """And some of the one before, where they tell what was done. What was meant to be done was on the disk before
        its first call, so a cut is never before the end of such a line; how many are left behind it is chance."""

        def cuts(octets):
            lines = octets.splitlines(keepends=True)
            meant = max(at for at, line in enumerate(lines) if b'"intend"' in line)
            kept = len(b"".join(lines[: meant + 1]))
            last, before = (len(b"".join(lines[:-n])) for n in (1, 2))
            return [*range(max(before, kept), last, 6), *range(max(last, kept), len(octets) + 1)]

        self.check_cuts(cuts)

    def test_noise(self):
        """Lines that are not ours, or hold nothing, say nothing."""
        path, octets, records = self.begun()
        for noise in NOISE:
            for text in (noise + octets, octets + noise):
                self.restore(records)
                path.write_bytes(text)
                self.push()
                self.check_have(WANTED)
        self.restore(records)
        path.write_bytes(octets + b"\0" * 4096)  # as a file system may leave it
        self.push()
        self.check_have(WANTED)

    def test_no_journal(self):
        """Without one, what is unmarked is nobody's that we know: it is said, and nothing is touched."""
        path, _octets, records = self.begun()
        self.restore(records)
        path.unlink()
        done = self.push(1)
        self.assertIn("in conflict", done.stdout)
        left = [one for one in self.api.records(self.zone) if not one.remark]
        self.assertEqual(len(left), len([one for one in records if not one.remark]))
        self.write_push("adopt: true")
        self.push()
        self.check_have(WANTED)

    def test_a_full_disk_and_an_unwritable_folder(self):
        (self.folder / "kept").write_text("a file where the folder should be")
        done = self.run_fedns("push", "-c", str(self.config_path))
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("kept", done.stderr)
        self.assertEqual(self.writes(), [])


if __name__ == "__main__":
    unittest.main()
