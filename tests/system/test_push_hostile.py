#!/usr/bin/env python3
"""An API that contradicts itself, records that somebody made to be shown, and another fedns in the same domain."""

import unittest

import state
from alidns import faults
from push_bed import MARK, MOVED, NEW, FaultTest, PushTest, guide_wanted

NEWS, GONE = "new.default.fed.svc", "gone.default.fed.svc"
MOST = 60  # calls: more would be without end


class Contradiction(FaultTest):
    """One record is left out, the others go on, and the push comes to its end."""

    def check_left_out(self, action, code, left_out):
        self.api.fault(faults.code(code), action=action, times=None)
        done = self.push(1)
        self.assertIn("1 refused", done.stdout)
        self.assertIn(code, done.stderr)
        self.assertLess(len(self.api.calls), MOST)
        self.api.faults_clear()
        have = {one for one in NEW if one[0] != left_out}
        self.assertLessEqual(have, {(one.rr, one.type, one.value, one.ttl) for one in self.ours()})
        self.push()
        self.check_have(NEW, self.foreign)

    def test_says_that_it_is_there_and_does_not_list_it(self):
        self.check_left_out("AddDomainRecord", "DomainRecordDuplicate", NEWS)

    def test_says_that_it_is_gone_and_lists_it(self):
        self.check_left_out("UpdateDomainRecord", "DomainRecordNotBelongToUser", MOVED)

    def test_says_that_it_is_there_and_lists_what_it_was(self):
        self.check_left_out("UpdateDomainRecord", "DomainRecordDuplicate", MOVED)

    def test_says_that_it_was_added_and_not_as_what(self):
        answer = faults.body(b'{"RequestId": "00000000-0000-4000-8000-000000000000"}', applied=False)
        self.api.fault(answer, action="AddDomainRecord", times=None)
        self.push(1)
        self.assertLess(len(self.api.calls), MOST)
        self.api.faults_clear()
        self.push()
        self.check_have(NEW, self.foreign)

    def test_refuses_the_remark(self):
        """The record is ours nonetheless, and the next push marks it."""
        self.api.fault(faults.code("SomethingNew", status=400), action="UpdateDomainRecordRemark", times=None)
        self.assertIn("is ours, but the provider refuses to change it", self.push().stderr)
        self.api.faults_clear()
        self.push()
        self.check_have(NEW, self.foreign)


class Partly(FaultTest):
    """A list with less than it says there is: what is missing may be somebody else's, and have the name."""

    def setUp(self):
        super().setUp()
        self.foreign.append(self.api.put(self.zone, NEWS, "A", "192.0.2.99"))
        self.wanted = {one for one in NEW if one[0] != NEWS}

    def test_once(self):
        for keep in (0, 1):
            with self.subTest(keep=keep):
                self.api.fault(faults.partial(keep), action="DescribeDomainRecords")
                self.push(1)
                self.check_have(self.wanted, self.foreign)

    def test_a_page_of_several(self):
        self.foreign += [self.api.put(self.zone, f"f{at}", "A", "192.0.2.1") for at in range(600)]
        for n in (1, 2):
            with self.subTest(page=n):
                self.api.fault(faults.partial(1), n, action="DescribeDomainRecords")
                self.push(1)
                self.check_have(self.wanted, self.foreign)

    def test_a_name_that_is_looked_at(self):
        self.api.remove(self.foreign.pop())
        self.api.fault(faults.lost(), action="AddDomainRecord")
        self.api.fault(faults.partial(0), action="DescribeSubDomainRecords", times=None)
        self.push()
        self.check_have(NEW, self.foreign)

    def test_a_name_that_is_never_shown_whole(self):
        """As if it were there already, and can't be looked at: read again and again, with pauses, and not silently."""
        self.api.remove(self.foreign.pop())
        self.api.put(self.zone, NEWS, "A", "192.0.2.5", ttl=180, remark=MARK)
        words = ["192.0.2.4", "192.0.2.5"]
        self.write_state(state.text(state.cluster("h"), state.service("new", {"h": words})))
        self.api.fault(faults.code("DomainRecordDuplicate"), action="AddDomainRecord", times=None)
        self.api.fault(faults.partial(0), action="DescribeSubDomainRecords", times=None)
        done = self.push(3)
        self.assertIn("DescribeSubDomainRecords: there are 1 records, and 0 are listed", done.stderr)
        self.assertLess(len(self.api.calls), MOST)

    def test_always(self):
        """It may be the count that is wrong. That is said, and the push comes to its end."""
        self.api.remove(self.foreign.pop())
        self.api.fault(faults.partial(3), action="DescribeDomainRecords", times=None)
        done = self.push()
        self.assertIn("says that there are 4 records, and lists 3", done.stderr)
        self.assertLess(len(self.api.calls), MOST)
        self.api.faults_clear()
        self.push()
        self.check_have(NEW, self.foreign)


class Shown(FaultTest):
    """What others wrote at the provider moves no terminal, and breaks no JSON."""

    def test_in_a_plan(self):
        self.api.put(self.zone, NEWS, "TXT", "heritage=external-dns," + "a" * 60 + "域" * 60)
        self.api.put(self.zone, GONE, "TXT", "\x1b[2Ja", remark=MARK)
        done = self.run_fedns("plan", "-c", str(self.config_path))
        self.assertIn("[2Ja", done.stdout)
        self.assertNotIn("\x1b", done.stdout)
        kinds = [note["kind"] for note in self.plan(1)["notes"]]
        self.assertEqual(kinds, ["external-dns"])


class SharedDomain(PushTest):
    """Two federations in one hosted domain, each by a fedns that was left the default owner."""

    def test_records_of_another_zone_are_not_ours(self):
        self.write_push("max_delete: 100%")
        text = self.config_path.read_text().replace(f"zone: {state.ZONE}.", f"zone: eu.{state.ZONE}.")
        self.config_path.write_text(text)
        other = [self.api.put(self.zone, rr, "A", "192.0.2.1", remark=MARK) for rr in ("a.fed.svc", "myeu", "@")]
        gone = self.api.put(self.zone, "gone.fed.svc.eu", "A", "192.0.2.1", remark=MARK)
        self.push()
        have = self.api.records(self.zone)
        self.assertLess({one.id for one in other}, {one.id for one in have})
        self.assertNotIn(gone.rr, [one.rr for one in have])
        self.assertEqual(len(have), len(other) + len(guide_wanted()))


if __name__ == "__main__":
    unittest.main()
