"""What goes wrong at the local Alibaba Cloud DNS when it is told to: faults, hooks, quotas, slowness, its command."""

import http.client
import json
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from alidns import client, errors, faults, tls
from alidns.server import Alidns
from alidns_bed import ZONE, AlidnsTest

MAIN = pathlib.Path(__file__).resolve().parent / "alidns" / "main.py"
BROKEN = (OSError, http.client.HTTPException)
ADD = {"DomainName": ZONE, "RR": "www", "Type": "A", "Value": "192.0.2.1"}


class Faults(AlidnsTest):
    """One call each, and whether it was carried out."""

    def broken(self, fault, applied, name):
        self.api.fault(fault)
        with self.assertRaises(BROKEN):
            self.client.call("AddDomainRecord", **ADD)
        self.told(applied, name)

    def told(self, applied, name):
        """What the server has done and noted; then all is as before."""
        call = self.api.calls[-1]
        self.assertEqual((len(self.api.records(self.zone)), call.applied, call.fault), (int(applied), applied, name))
        self.client.close()
        self.good("DescribeDomains")
        for record in self.api.records(self.zone):
            self.api.remove(record)

    def test_connections_that_end(self):
        for reset in (False, True):
            self.broken(faults.cut(reset=reset), False, "cut")
            self.broken(faults.lost(reset=reset), True, "lost")
        self.broken(faults.cut_body(20), True, "cut_body")
        # http.client takes half a head for a whole one
        self.assertEqual(self.answered(faults.drip(0.001, 48, until_s=0.001), 200, True, "drip").json, {})
        self.broken(faults.length(5), True, "length")

    def test_an_answer_that_does_not_come(self):
        for applied in (False, True):
            self.broken(faults.hang(0.1, applied), applied, "hang")
        self.api.fault(faults.hang())
        began = time.monotonic()
        threading.Timer(0.1, self.api.stop).start()
        with self.assertRaises(BROKEN):
            self.client.call("DescribeDomains")
        self.assertLess(time.monotonic() - began, 5.0)

    def answered(self, fault, status, applied, name, octets=None):
        self.api.fault(fault)
        answer = self.client.call("AddDomainRecord", **ADD)
        self.assertEqual(answer.status, status)
        self.told(applied, name)
        if octets is not None:
            self.assertEqual(answer.octets, octets)
        return answer

    def test_answers_that_say_nothing(self):
        self.answered(faults.bare(500), 500, False, "bare 500", b"")
        self.answered(faults.bare(502, applied=True), 502, True, "bare 502", b"")
        self.assertIn("html", self.answered(faults.html(), 503, False, "bare 503").headers["Content-Type"])
        self.answered(faults.body(b"{}"), 200, True, "body", b"{}")
        self.answered(faults.body(b"[1]", applied=False), 200, False, "body", b"[1]")
        self.assertEqual(self.answered(faults.half_json(), 200, True, "half_json").json, {})

    def test_any_code_before_or_after(self):
        for code, (status, _message) in errors.MESSAGES.items():
            for applied in (False, True):
                with self.subTest(code=code, applied=applied):
                    fault = faults.code(code, applied=applied)
                    self.assertEqual(self.answered(fault, status, applied, f"code {code}").code, code)
        fault = faults.code("Throttling", headers=[("x-acs-retry-after", "700")])
        answer = self.answered(fault, 400, False, fault.name)
        self.assertEqual(answer.headers["x-acs-retry-after"], "700")

    def test_slow_ones_are_whole(self):
        for fault in (faults.drip(0.001, 64), faults.slow(0.05)):
            self.assertIn("RecordId", self.answered(fault, 200, True, fault.name).json)

    def test_too_short_a_length_spoils_the_body(self):
        self.assertEqual(self.answered(faults.length(-5), 200, True, "length").json, {})


class When(AlidnsTest):
    """Which calls a fault or a hook is for."""

    def codes(self, count, action="DescribeDomains", **params):
        return [self.client.call(action, **params).code for _ in range(count)]

    def test_the_nth_call(self):
        self.api.fault(faults.code("Throttling"), n=3)
        self.assertEqual(self.codes(4), ["", "", "Throttling", ""])

    def test_the_nth_of_an_action_and_some_more(self):
        self.api.fault(faults.code("Throttling"), n=2, action="DescribeDomainInfo", times=2)
        info = ("DescribeDomainInfo",)
        self.assertEqual(self.codes(1, *info, DomainName=ZONE) + self.codes(2), ["", "", ""])
        self.assertEqual(self.codes(3, *info, DomainName=ZONE), ["Throttling", "Throttling", ""])

    def test_by_chance_and_the_same_each_time(self):
        def run():
            kinds = [faults.code("Throttling"), faults.code("InternalError")]
            self.api.fault(kinds, chance=0.5, times=None, seed=7)
            codes = self.codes(40)
            self.api.faults_clear()
            return codes

        first = run()
        self.assertEqual(first, run())
        self.assertEqual(set(first), {"", "Throttling", "InternalError"})

    def test_hooks_stand_between_calls(self):
        seen = []

        def note(when):
            return lambda call: seen.append((when, call.n, len(self.api.records(self.zone)), call.applied))

        for when in ("before", "after", "answered"):
            self.api.on_call(2, note(when), when)
        self.api.on_call(None, lambda call: seen.append(call.action), action="DescribeDomainInfo")
        self.good("DescribeDomains")
        self.good("AddDomainRecord", **ADD)
        self.good("DescribeDomainInfo", DomainName=ZONE)
        expected = [("before", 2, 0, False), ("after", 2, 1, True), ("answered", 2, 1, True), "DescribeDomainInfo"]
        self.assertEqual(seen, expected)

    def test_calls_are_noted(self):
        self.good("AddDomainRecord", **ADD)
        self.refused("DomainRecordDuplicate", "AddDomainRecord", **ADD)
        good, bad = self.api.asked("AddDomainRecord")
        self.assertEqual((good.code, good.applied, good.record_id), ("", True, self.api.records(self.zone)[0].id))
        self.assertEqual((bad.code, bad.applied, bad.params, bad.key), ("DomainRecordDuplicate", False, ADD, "testid"))
        self.assertEqual((len(self.api.wrote()), self.api.asked(code="DomainRecordDuplicate")), (1, [bad]))


class Limits(AlidnsTest):
    """Quotas, and writes that meet."""

    def test_calls_above_the_quota_of_a_second_are_throttled(self):
        self.api.quota.per_s = {"DescribeDomains": 5}
        now = [10.0]
        self.api.quota.now = lambda: now[0]
        codes = [self.client.call("DescribeDomains").code for _ in range(7)]
        self.assertEqual(codes, [""] * 5 + ["Throttling.User"] * 2)
        self.good("DescribeDomainInfo", DomainName=ZONE)
        now[0] = 11.0
        self.good("DescribeDomains")
        self.api.quota.per_s, self.api.retry_after_ms = {"DescribeDomains": 0}, 250
        answer = self.refused("Throttling.User", "DescribeDomains")
        self.assertEqual(answer.headers["x-acs-retry-after"], "250")

    def test_the_quotas_are_the_documented_ones(self):
        api = Alidns()
        for action, limit in (
            ("AddDomainRecord", 60),
            ("DescribeDomainRecords", 100),
            ("DescribeSubDomainRecords", 300),
        ):
            self.assertEqual(api.quota.per_s[action], limit)

    def test_two_writes_at_once_to_a_domain(self):
        self.api.domain("other.example")
        self.api.busy_s, self.api.latency_s = 0.0, 0.5
        codes = {}

        def write(rr, domain):
            asks = client.Client(self.api)
            codes[rr] = asks.call("AddDomainRecord", **(ADD | {"RR": rr, "DomainName": domain})).code
            asks.close()

        threads = [
            threading.Thread(target=write, args=args) for args in (("a", ZONE), ("b", ZONE), ("c", "other.example"))
        ]
        for thread in threads:
            thread.start()
            time.sleep(0.05)
        self.assertEqual(self.client.call("DescribeDomains").code, "")
        for thread in threads:
            thread.join()
        self.assertEqual(codes, {"a": "", "b": "LastOperationNotFinished", "c": ""})
        self.assertGreaterEqual(max(call.flying for call in self.api.calls), 3)

    def test_a_domain_stays_busy_for_a_while(self):
        self.api.busy_s = 0.5
        self.good("AddDomainRecord", **ADD)
        self.refused_add("LastOperationNotFinished", "app", "A", "192.0.2.1")
        time.sleep(0.51)
        self.good("AddDomainRecord", **(ADD | {"RR": "app"}))

    def test_a_busy_domain_is_free_after_a_refusal_too(self):
        self.api.busy_s = 0.0
        self.good("AddDomainRecord", **ADD)
        self.refused_add("DomainRecordDuplicate", "www", "A", "192.0.2.1")
        self.good("AddDomainRecord", **(ADD | {"RR": "app"}))


class Days(unittest.TestCase):
    """TLS, stopping, and the command."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_https_by_a_test_authority(self):
        tls.authority(self.folder)
        api = Alidns(tls=tls.context(self.folder)).start()
        self.addCleanup(api.stop)
        api.domain(ZONE)
        asks = client.Client(api)
        self.addCleanup(asks.close)
        asks.cafile = self.folder / "ca.crt"
        self.assertTrue(api.url.startswith("https://"))
        for fault in (None, faults.slow(0.01), faults.drip(0.001, 64)):
            if fault:
                api.fault(fault)
            self.assertEqual(asks.call("DescribeDomainInfo", DomainName=ZONE)["DomainName"], ZONE)

    def test_after_a_stop_it_starts_on_its_port_with_its_records(self):
        api = Alidns().start()
        zone, port = api.domain(ZONE), api.port
        asks = client.Client(api)
        asks.call("AddDomainRecord", **ADD)
        api.stop()
        with self.assertRaises(BROKEN):
            asks.call("DescribeDomains")
        api.start()
        self.addCleanup(api.stop)
        self.addCleanup(asks.close)
        self.assertEqual(asks.call("DescribeDomains").code, "")
        self.assertEqual((api.port, len(api.records(zone))), (port, 1))

    def test_kept_connections_end_when_nothing_comes(self):
        api = Alidns()
        api.idle_s = 0.3
        api.start()
        self.addCleanup(api.stop)
        asks = client.Client(api)
        self.addCleanup(asks.close)
        asks.call("DescribeDomains")
        time.sleep(0.6)
        with self.assertRaises(BROKEN):
            asks.call("DescribeDomains")

    def test_who_waits_to_be_told_to_go_on_is_told(self):
        api = Alidns().start()
        self.addCleanup(api.stop)
        with socket.create_connection((api.address, api.port), timeout=5) as sock:
            sock.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
            self.assertEqual(sock.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
            sock.sendall(b"x")
            self.assertTrue(sock.recv(1000).startswith(b"HTTP/1.1 400 "))

    def test_the_command_serves_and_writes_its_calls_down(self):
        log, records = self.folder / "calls", self.folder / "records"
        line = {"domain": ZONE, "rr": "www", "type": "A", "value": "192.0.2.1", "remark": "by hand"}
        records.write_text(json.dumps(line) + "\n")
        command = [sys.executable, MAIN, "--domain", f"{ZONE}=free", "--key", "id:secret", "--log", log]
        command += ["--records", records, "--dns-port", "0", "--sts", "0", "--role", "acs:ram::1:role/x", "--no-quota"]
        command += ["--fault", "html=0", "--fault", "Throttling=0.0", "--seed", "3"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                lines = [process.stdout.readline().split() for _ in range(3)]
                self.assertEqual([line[0] for line in lines], ["dns", "sts", "ready"])
                api = Alidns(int(lines[2][1].rpartition(":")[2]))
                asks = client.Client(api, "id", "secret")
                found = asks.call("DescribeDomainRecords", DomainName=ZONE)["DomainRecords"]["Record"]
                self.assertEqual([(one["RR"], one["Remark"]) for one in found], [("www", "by hand")])
                asks.close()
            finally:
                process.send_signal(signal.SIGTERM)
        self.assertEqual(process.returncode, 0)
        (call,) = [json.loads(line) for line in log.read_text().splitlines()]
        self.assertEqual((call["action"], call["code"], call["key"]), ("DescribeDomainRecords", "", "id"))


if __name__ == "__main__":
    unittest.main()
