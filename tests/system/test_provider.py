#!/usr/bin/env python3
"""`fedns provider`: how the push is, for people and for programs."""

import json
import unittest

import state
from push_bed import GLOBAL, PushTest, guide_wanted


class Provider(PushTest):
    def provider(self, *arguments, status=0):
        done = self.run_fedns("provider", "-c", str(self.config_path), *arguments)
        self.assertEqual(done.returncode, status, f"{done.stdout}\n{done.stderr[-4000:]}")
        return done.stdout

    def row(self, **more):
        return json.loads(self.provider("-o", "json", **more))

    def test_what_was_pushed_and_what_is_in_its_way(self):
        self.api.put(self.zone, GLOBAL, "A", "203.0.113.7")
        self.start()
        self.wait_status("at rest", lambda said: said["phase"] == "up to date")
        row = self.row()
        self.assertEqual((row["domain"], row["pending"], row["held"], row["failures"]), (state.ZONE.rstrip("."), 0, 0, 0))
        self.assertEqual(row["conflicts"], 1)
        self.assertEqual([note["kind"] for note in row["notes"]], ["conflict"])
        self.assertIn(GLOBAL, row["notes"][0]["text"])
        pushed = len(guide_wanted()) - 2
        self.assertEqual((row["changes"]["add"], row["plan"]["unchanged"]), (pushed, pushed))
        self.assertTrue(row["leader"])
        calls = {(call["action"], call["code"]): call["count"] for call in row["calls"]}
        self.assertEqual(calls["AddDomainRecord", "OK"], pushed)
        text = self.provider()
        self.assertRegex(text, r"(?m)^phase +up to date$")
        self.assertRegex(text, rf"(?m)^changed +{pushed} add$")
        self.assertRegex(text, rf"(?m)^calls +.*AddDomainRecord OK {pushed}")
        self.assertRegex(text, rf"(?m)^note +.*{GLOBAL}")

    def test_without_a_provider(self):
        self.write_config(f"control: {self.folder}/control.sock\n")
        self.start()
        self.assertEqual(self.row(), {"phase": "off"})
        self.assertRegex(self.provider(), r"^phase +off: no provider is configured.*provider\.alidns.*\n$")

    def test_trouble_is_not_good(self):
        self.write_keys(key="testid2")
        self.start()
        self.wait_status("trouble", lambda said: said["trouble"])
        self.assertIn("InvalidAccessKeyId", self.provider(status=1))
        self.assertEqual(self.row(status=1)["phase"], "in trouble")


if __name__ == "__main__":
    unittest.main()
