#!/usr/bin/env python3
"""`plan`, `push` and the daemon's push against a local Alibaba Cloud DNS: what is wanted is there, by as few calls as
can be, and nobody else's record is touched."""

import json
import stat
import unittest

import harness
import push_bed
import state
from alidns import faults
from push_bed import GLOBAL, REGION_A, REGION_B, ZONE_A, ZONE_B, ladder
from state import HANGZHOU, SHANGHAI

GUIDE = push_bed.guide_wanted()


class PlanAndPush(push_bed.PushTest):
    def test_first_push(self):
        self.assertEqual(len(self.plan(1)["changes"]), len(GUIDE))
        done = self.push()
        self.assertIn(f"{len(GUIDE)} added", done.stdout)
        self.check_have(GUIDE)
        self.assertEqual(self.plan(0)["changes"], [])

    def test_second_push_writes_nothing(self):
        self.push()
        since = len(self.api.calls)
        self.push()
        self.assertEqual(self.writes(since), [])
        self.assertLessEqual(len(self.api.calls) - since, 2)

    def test_plan_as_text_and_json(self):
        done = self.run_fedns("plan", "-c", str(self.config_path))
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{GLOBAL} 180 A {HANGZHOU}", done.stdout)
        self.assertIn(f"{len(GUIDE)} to add, 0 to update, 0 to delete, 0 to mark, 0 unchanged", done.stdout)
        said = self.plan(1)
        wanted = [change["want"] for change in said["changes"]]
        self.assertEqual({(one["name"], one["type"], one["value"], one["ttl"]) for one in wanted}, GUIDE)
        self.assertEqual(self.api.wrote(), [])
        self.assertFalse((self.folder / "kept").exists(), "a plan leaves nothing behind")

    def test_a_replaced_address_is_one_update(self):
        self.push()
        self.write_state(push_bed.guide("192.0.2.7"))
        since = len(self.api.calls)
        self.push()
        self.assertEqual(self.writes(since), ["UpdateDomainRecord"] * 3)  # zone, region, global
        self.check_have(push_bed.guide_wanted("192.0.2.7"))

    def test_addresses_and_cname_swap(self):
        """Zone and region names of hangzhou lose their addresses, and get some: never are they without a record for
        longer than a call."""
        many, beijing = ["192.0.2.1", "192.0.2.2", "2001:db8::1"], ["192.0.2.9"]
        self.write_push("max_delete: 100%")
        for first, second in ((many, []), ([], many)):
            with self.subTest(first=first):
                self.write_state(push_bed.services(state.service("nginx", {"hangzhou": first, "beijing": beijing})))
                self.push()
                self.check_have(ladder("nginx", first, beijing))
                self.write_state(push_bed.services(state.service("nginx", {"hangzhou": second, "beijing": beijing})))
                seen = self.watch(ZONE_B, REGION_B, GLOBAL)
                self.push()
                self.check_have(ladder("nginx", second, beijing))
                for rr in seen[0]:
                    empty = [at for at, one in enumerate(seen) if not one[rr]]
                    self.assertLessEqual(len(empty), 1, f"{rr} was empty after calls {empty}")

    def test_ttl_is_raised_with_one_warning(self):
        self.zone = self.api.domain(state.ZONE, "personal", levels_max=10)
        done = self.push()
        self.assertEqual(done.stderr.count("smallest TTL"), 1, done.stderr)
        self.check_have({(rr, rtype, value, 600) for rr, rtype, value, _ttl in GUIDE})
        since = len(self.api.calls)
        self.push()
        self.assertEqual(self.writes(since), [])

    def test_deep_names_are_left_out(self):
        self.zone = self.api.domain(state.ZONE, "free")
        done = self.push(1)
        self.assertIn("2 left out", done.stdout)
        self.check_have({(*one[:3], 600) for one in GUIDE if one[0].count(".") < 5})
        self.assertEqual([note["kind"] for note in self.plan(0)["notes"]], ["deep", "deep"])

    def test_refused_records_are_left_out(self):
        """The domain allows less than its edition says: each refused name costs one call, and the others go on."""
        self.zone = self.api.domain(state.ZONE, "standard", levels_max=5)
        done = self.push(1)
        self.assertIn("2 refused", done.stdout)
        self.assertEqual(done.stderr.count("QuotaExceeded.SubDomain"), 2, done.stderr)
        self.check_have({one for one in GUIDE if one[0].count(".") < 5})
        self.assertEqual(len(self.api.asked(code="QuotaExceeded.SubDomain")), 2)

    def test_srv(self):
        self.write_state(push_bed.services(state.service("dns", {"hangzhou": ["192.0.2.1"]}, ports=["dns:53/UDP"])))
        self.push()
        served = [one for one in self.ours() if one.type == "SRV"]
        self.assertEqual([one.value.split()[2] for one in served], ["53"] * len(served))
        since = len(self.api.calls)
        self.push()
        self.assertEqual(self.writes(since), [])

    def test_a_deleted_service_goes(self):
        other = state.service("web", {"hangzhou": ["192.0.2.1"], "beijing": ["192.0.2.2"]})
        nginx = state.service("nginx", {"hangzhou": [HANGZHOU]})
        self.write_push("max_delete: 60%")
        self.write_state(push_bed.services(nginx, other))
        self.push()
        self.write_state(push_bed.services(other))
        self.push()
        self.check_have(ladder("web", ["192.0.2.1"], ["192.0.2.2"]))

    def test_dry_run_writes_nothing(self):
        self.write_push("dry_run: true")
        self.push()
        self.assertEqual(self.writes(), [])
        self.assertEqual(self.api.records(self.zone), [])

    def test_two_owners(self):
        """Each has a service of its own in one domain; the second never touches what the first has."""
        self.push()
        second = push_bed.services(state.service("web", {"hangzhou": ["192.0.2.1"]}))
        self.write_push("owner: second")
        self.write_state(second)
        self.push()
        self.check_have(GUIDE, [one for one in self.api.records(self.zone) if one.remark == "fedns:second"])
        self.assertEqual(set(map(push_bed.content, self.ours("fedns:second"))), ladder("web", ["192.0.2.1"]))
        self.write_state(push_bed.guide())  # both want the same now: the one who was there has it
        self.push(1)
        self.check_have(GUIDE, [one for one in self.api.records(self.zone) if one.remark == "fedns:second"])

    def test_a_zone_within_the_domain(self):
        """Another fedns of the same owner has another zone there: what lies beside our zone is not ours."""
        put = self.api.put
        beside = [
            put(self.zone, f"nginx.default.fed.svc.{zone}", "A", "192.0.2.1", remark=push_bed.MARK)
            for zone in ("other", "subother", "a.other")
        ]
        beside.append(put(self.zone, "sub-other", "A", "192.0.2.1", remark=push_bed.MARK))
        old = put(self.zone, "old.default.fed.svc.sub", "A", "192.0.2.1", remark=push_bed.MARK)
        self.write_push("max_delete: 100%")
        text = self.config_path.read_text().replace("zone: spacexnice.xyz.", "zone: SUB.spacexnice.xyz.")
        self.config_path.write_text(text)
        self.push()
        records = self.api.records(self.zone)
        self.assertEqual([one for one in records if one in beside], beside)
        self.assertNotIn(old, records)
        wanted = {(f"{rr}.sub", rtype, value.replace("space", "sub.space"), ttl) for rr, rtype, value, ttl in GUIDE}
        self.assertEqual({push_bed.content(one) for one in records if one not in beside}, wanted)

    def test_the_mark_of_a_longer_owner_is_another(self):
        self.write_push("owner: fed")
        self.api.put(self.zone, "old.default.fed.svc", "A", "192.0.2.1", remark="fedns:fed2")
        self.push()
        self.assertEqual(len(self.api.records(self.zone, "old.default.fed.svc")), 1)


class Others(push_bed.PushTest):
    def setUp(self):
        super().setUp()
        put = self.api.put
        self.foreign = [
            put(self.zone, "www", "A", "192.0.2.1"),
            put(self.zone, "@", "MX", "mail.example.org", priority=10),
            put(self.zone, "@", "TXT", "v=spf1 -all", remark="by hand"),
            put(self.zone, GLOBAL, "A", "192.0.2.33", line="telecom"),
            put(self.zone, GLOBAL, "TXT", "a word"),
            put(self.zone, "a-" + GLOBAL, "TXT", "heritage=other"),
        ]

    def test_foreign_records_stay(self):
        self.push()
        self.check_have(GUIDE, self.foreign)
        self.write_state(push_bed.services(state.service("web", {"hangzhou": ["192.0.2.1"]})))
        self.write_push("max_delete: 100%")
        self.push()
        self.check_have(ladder("web", ["192.0.2.1"]), self.foreign)

    def test_a_name_in_other_hands_is_a_conflict(self):
        self.foreign.append(self.api.put(self.zone, REGION_A, "A", "198.51.100.1"))
        done = self.push(1)
        self.assertIn("conflict", done.stdout)
        self.check_have({one for one in GUIDE if one[0] != REGION_A}, self.foreign)
        self.assertIn(REGION_A, [note["text"].split()[0] for note in self.plan(0)["notes"]])

    def test_external_dns_owns_a_name(self):
        claim = "heritage=external-dns,external-dns/owner=one,external-dns/resource=service/default/nginx"
        self.foreign.append(self.api.put(self.zone, f"cname-{REGION_A}", "TXT", claim))
        self.push(1)
        self.check_have({one for one in GUIDE if one[0] != REGION_A}, self.foreign)

    def test_equal_records_are_adopted_when_told(self):
        equal = self.api.put(self.zone, REGION_A, "CNAME", f"{GLOBAL}.{state.ZONE}", ttl=180)
        self.push(1)
        self.assertEqual(self.api.records(self.zone, REGION_A), [equal])
        self.write_push("adopt: true")
        since = len(self.api.calls)
        self.push()
        self.assertEqual(self.writes(since), ["UpdateDomainRecordRemark"])
        self.check_have(GUIDE, self.foreign)
        self.assertEqual(self.api.records(self.zone, REGION_A)[0].id, equal.id)

    def test_ours_held_by_hand_are_drift(self):
        self.push()
        record = self.api.records(self.zone, ZONE_A)[0]
        for fields in ({"locked": True}, {"status": "DISABLE"}, {"line": "telecom"}, {"weight": 7}):
            with self.subTest(fields=fields):
                self.api.balance(record, "weight" in fields)
                held = self.api.edit(record, **fields)
                since = len(self.api.calls)
                self.write_state(push_bed.guide("192.0.2.77"))
                self.push()
                self.assertIn(held, self.api.records(self.zone, ZONE_A))
                self.assertNotIn(held.id, [call.params.get("RecordId") for call in self.api.calls[since:]])
                self.assertEqual([note["kind"] for note in self.plan(0)["notes"]], ["drift"])
                for made in self.api.records(self.zone, ZONE_A):
                    if made.id != record.id:
                        self.api.remove(made)
                self.api.edit(held, locked=False, status="ENABLE", line="default", weight=1)


class Safety(push_bed.PushTest):
    def many(self, count):
        return [state.service(f"s{at}", {"hangzhou": [f"192.0.2.{at + 1}"]}) for at in range(count)]

    def test_mass_deletion_waits_for_approval(self):
        self.write_state(push_bed.services(*self.many(6)))
        all_ours = set().union(*(ladder(f"s{at}", [f"192.0.2.{at + 1}"]) for at in range(6)))
        daemon = self.start()
        self.wait_have(all_ours)
        self.write_state(push_bed.services(*self.many(2), state.service("new", {"hangzhou": ["192.0.2.99"]})))
        self.wait_have(all_ours | ladder("new", ["192.0.2.99"]))  # the rest goes on
        held = self.wait_status("held", lambda said: said["held"])
        self.assertEqual(held["held"], 20)
        daemon.log_wait("more than max_delete")
        done = self.run_fedns("approve", "-c", str(self.config_path))
        self.assertEqual(done.returncode, 0, done.stderr)
        left = set().union(*(ladder(f"s{at}", [f"192.0.2.{at + 1}"]) for at in range(2)))
        self.wait_have(left | ladder("new", ["192.0.2.99"]))
        self.write_state(push_bed.services(*self.many(1)))  # the approval was for once
        self.wait_status("held again", lambda said: said["held"])

    def test_an_approval_is_for_what_was_seen(self):
        """While what was approved can't be done yet, more goes missing."""
        self.write_state(push_bed.services(*self.many(6)))
        all_ours = set().union(*(ladder(f"s{at}", [f"192.0.2.{at + 1}"]) for at in range(6)))
        daemon = self.start()
        self.wait_have(all_ours)
        self.write_state(push_bed.services(*self.many(3)))
        self.wait_status("held", lambda said: said["held"] == 15)
        self.api.fault(faults.code("Throttling.User"), action="DeleteDomainRecord", times=None)
        self.assertEqual(self.run_fedns("approve", "-c", str(self.config_path)).returncode, 0)
        harness.wait_until("a try", lambda: self.api.asked("DeleteDomainRecord"))
        self.write_state(push_bed.services(*self.many(1)))
        self.wait_status("held again", lambda said: said["held"] == 25)
        self.api.faults_clear()
        self.wait_have(all_ours)

    def test_a_push_holds_too(self):
        self.write_state(push_bed.services(*self.many(4)))
        self.push()
        self.write_state(push_bed.services(*self.many(1)))
        done = self.push(1)
        self.assertIn("max_delete", done.stdout)
        self.assertEqual(self.plan(1)["held"], 15)
        self.assertEqual(len(self.ours()), 20)

    def test_nothing_wanted_deletes_nothing(self):
        self.push()
        self.write_push("max_delete: 100%")
        self.write_state(push_bed.services())
        done = self.push()
        self.assertIn("nothing is wanted", done.stderr)
        self.check_have(GUIDE)
        done = self.fedns("plan", "-c", str(self.config_path))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"nothing is wanted, so nothing is deleted: {len(self.ours())} records of ours stay", done.stdout)

    def test_an_unreadable_source_deletes_nothing(self):
        self.push()
        self.write_push("max_delete: 100%")
        self.write_state("{")
        since = len(self.api.calls)
        done = self.run_fedns("push", "-c", str(self.config_path))
        self.assertNotEqual(done.returncode, 0)
        daemon = self.start(ready=False)
        daemon.log_wait("state.json")
        self.write_state(push_bed.guide())
        self.wait_status("pushed", lambda said: said["phase"] == "up to date")
        self.assertEqual(self.writes(since), [])
        self.check_have(GUIDE)

    def test_beside_a_daemon_a_push_is_refused(self):
        self.start()
        self.wait_have(GUIDE)
        done = self.push(3)
        self.assertIn("in use: another fedns pushes these records", done.stderr)
        self.assertEqual(self.plan(0)["changes"], [])

    def test_the_journal_is_ours_alone(self):
        self.push()
        kept = self.folder / "kept"
        (journal,) = kept.glob("*.journal")
        self.assertEqual(stat.S_IMODE(kept.stat().st_mode) & 0o022, 0)
        self.assertEqual(stat.S_IMODE(journal.stat().st_mode), 0o600)
        lines = [json.loads(line) for line in journal.read_text().splitlines()]
        self.assertEqual([one["do"] for one in lines].count("add"), len(GUIDE))
        asked = {call.request_id for call in self.api.asked("AddDomainRecord")}
        self.assertEqual({one["request"] for one in lines if one["do"] == "add"}, asked)


ERRORS = (
    ("InvalidAccessKeyId.NotFound", "the key must be good"),
    ("InvalidAccessKeyId.Inactive", "the key must be good"),
    ("SignatureDoesNotMatch", "the key must be good"),
    ("Forbidden.RAM", "rights"),
    ("InvalidDomainName.NoExist", "a domain of this account"),
    ("IncorrectDomainUser", "a domain of this account"),
)


class Refused(push_bed.PushTest):
    def check(self, done, *parts):
        self.assertEqual(done.returncode, 3, done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr.strip().split("\n")[-1])

    def test_errors_end_a_push_at_once(self):
        """What no patience mends is told at once, with its mend."""
        for code, mend in ERRORS:
            for command in ("push", "plan"):
                with self.subTest(code=code, command=command):
                    rule = self.api.fault(faults.code(code, *[""] * 3), times=None)
                    done = self.run_fedns(command, "-c", str(self.config_path), timeout_s=8)
                    self.check(done, code, mend)
                    self.api.faults_clear()
                    self.assertLessEqual(rule.used, 2)

    def test_wrong_secret(self):
        self.write_keys(secret="testsecretwrong")
        done = self.run_fedns("push", "-c", str(self.config_path), timeout_s=8)
        self.check(done, "SignatureDoesNotMatch", "the key must be good")

    def test_no_key_at_all(self):
        (self.folder / "alidns.yaml").write_text(f"[Global]\nzones = {state.ZONE}.\nendpoint = {self.api.url}\n")
        bare = {"HOME": str(self.folder), "PATH": "/usr/bin:/bin", "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}
        done = self.fedns("push", "-c", str(self.config_path), env=bare, timeout_s=10)
        self.check(done, "credential")

    def test_the_daemon_answers_all_the_while(self):
        self.write_keys(secret="testsecretwrong")
        daemon = self.start()
        daemon.log_wait("SignatureDoesNotMatch", "the key must be good")
        self.assertEqual(sorted(daemon.addresses()), sorted([HANGZHOU, SHANGHAI]))
        said = self.status()
        self.assertEqual(said["phase"], "in trouble")
        self.assertIn("SignatureDoesNotMatch", said["trouble"])
        self.write_keys()
        self.assertEqual(self.run_fedns("reload", "-c", str(self.config_path)).returncode, 0)
        self.wait_have(GUIDE)

    def test_no_server(self):
        self.api.stop()
        daemon = self.start()
        self.wait_status("trouble", lambda said: said["trouble"])
        self.assertEqual(sorted(daemon.addresses()), sorted([HANGZHOU, SHANGHAI]))
        self.api.start()
        self.wait_have(GUIDE, 15)

    def test_zones_that_hold_nothing_of_ours(self):
        self.write_keys(zone="example.org")
        done = self.run_fedns("push", "-c", str(self.config_path))
        self.assertEqual(done.returncode, 2)
        self.assertIn("none of the zones holds", done.stderr)


if __name__ == "__main__":
    unittest.main()
