#!/usr/bin/env python3
"""`/metrics`: every name that is promised, and each moves by what is done; the real Prometheus reads it."""

import collections
import json
import shutil
import socket
import struct
import time
import unittest
import urllib.parse
import urllib.request

import state
import wire
from harness import HAS_IPV6, Program, SystemTest, free_port, wait_until
from metrics_bed import Metrics

NAMES = {
    "fedns_build_info": "gauge",
    "fedns_dns_queries_total": "counter",
    "fedns_dns_responses_total": "counter",
    "fedns_dns_truncated_total": "counter",
    "fedns_dns_dropped_total": "counter",
    "fedns_dns_latency_seconds": "histogram",
    "fedns_records": "gauge",
    "fedns_services": "gauge",
    "fedns_clusters": "gauge",
    "fedns_serial": "gauge",
    "fedns_publish_seconds": "histogram",
    "fedns_source_up": "gauge",
    "fedns_source_age_seconds": "gauge",
    "fedns_source_errors_total": "counter",
    "fedns_rejected_total": "counter",
    "fedns_probe_results_total": "counter",
    "fedns_address_healthy": "gauge",
    "fedns_failovers_total": "counter",
    "fedns_held_changes": "gauge",
    "fedns_provider_calls_total": "counter",
    "fedns_provider_changes_total": "counter",
    "fedns_provider_pending": "gauge",
    "fedns_provider_last_success_timestamp_seconds": "gauge",
    "fedns_leader": "gauge",
    "process_start_time_seconds": "gauge",
    "process_cpu_seconds_total": "counter",
    "process_resident_memory_bytes": "gauge",
    "process_open_fds": "gauge",
}
QUERIES, RESPONSES, DROPPED = "fedns_dns_queries_total", "fedns_dns_responses_total", "fedns_dns_dropped_total"


class MetricsTest(Metrics, SystemTest):
    def start_metrics(self, text=None, extra=""):
        self.socket = self.folder / "control.sock"
        self.config = f"control: {self.socket}\n{self.admin_make()}{extra}"
        self.write_config(self.config)
        self.write_state(text or state.guide())
        return self.start()


class Names(MetricsTest):
    def test_every_name_is_there(self):
        self.start_metrics()
        scrape = self.scrape()
        for name, kind in NAMES.items():
            self.assertEqual(scrape.types.get(name), kind, name)
        self.assertEqual(scrape("fedns_build_info"), 1)
        self.assertEqual(scrape("fedns_services"), 1)
        self.assertEqual(scrape("fedns_source_up", cluster="file"), 1)
        self.assertEqual(scrape("fedns_clusters", state="ready"), 2)
        self.assertEqual(scrape("fedns_clusters", state="unregistered"), 1)
        self.assertGreater(scrape("process_open_fds"), 5)
        self.assertGreater(scrape("process_resident_memory_bytes"), 1e6)
        self.assertAlmostEqual(scrape("process_start_time_seconds"), time.time(), delta=60)

    def test_promtool_finds_nothing_wrong(self):
        daemon = self.start_metrics(state.text(*state.CLUSTERS, state.service("a", {'we"ird\\\n': ["192.0.2.1"]})))
        daemon.ask(state.NGINX)
        self.promtool(self.get("/metrics"))

    def test_records_are_those_of_render(self):
        services = (
            state.service("web", {"hangzhou": ["192.0.2.9", "2001:db8::1"]}, ports=["http:80", "dns:53/UDP"]),
            state.service("dns", {"beijing": None}, ports=["dns:53"]),
        )
        self.start_metrics(state.text(*state.CLUSTERS, *services))
        rendered = collections.Counter()
        done = self.fedns("render", "-c", str(self.config_path), "-o", "json")
        for row in json.loads(done.stdout):
            rendered[row["type"]] += len(row["rdata"])
        scrape = self.scrape()
        for rtype in ("A", "AAAA", "CNAME", "SRV", "NS", "SOA"):
            self.assertEqual(scrape("fedns_records", type=rtype), rendered[rtype], rtype)
        self.assertEqual(scrape("fedns_serial"), self.serial())

    def serial(self):
        done = self.fedns("status", "-s", str(self.socket), "-o", "json")
        return json.loads(done.stdout)["serial"]


class Questions(MetricsTest):
    def test_questions_move_their_counters(self):
        daemon = self.start_metrics()
        ways = [("udp", "ipv4", "127.0.0.1"), ("tcp", "ipv4", "127.0.0.1")]
        if HAS_IPV6:
            ways += [("udp", "ipv6", "::1"), ("tcp", "ipv6", "::1")]
        for transport, family, address in ways:
            way = {"transport": transport, "family": family}
            tcp = transport == "tcp"
            for rtype, label in (("A", "A"), ("AAAA", "AAAA"), ("SRV", "SRV"), ("ANY", "ANY"), ("TYPE65280", "other")):
                self.moved(
                    lambda: daemon.ask(state.NGINX, rtype, address, tcp),
                    (1, QUERIES, {**way, "type": label}),
                    (1, QUERIES, {}),
                    (1, RESPONSES, {"rcode": "NOERROR"}),
                    (1, "fedns_dns_latency_seconds_count", {}),
                    (int(tcp), "fedns_dns_tcp_connections_total", {}),
                )
        self.moved(lambda: daemon.ask("no.default.fed.svc"), (1, RESPONSES, {"rcode": "NXDOMAIN"}))
        self.moved(lambda: daemon.ask("example.org."), (1, RESPONSES, {"rcode": "REFUSED"}))
        broken = wire.query(f"{state.NGINX}.{state.ZONE}.") + b"\0"
        self.moved(
            lambda: wire.udp_exchange("127.0.0.1", self.port, broken),
            (1, RESPONSES, {"rcode": "FORMERR"}),
            (1, QUERIES, {"transport": "udp", "type": "A"}),
        )

    def test_a_truncated_answer(self):
        many = [f"192.0.2.{i}" for i in range(60)]
        daemon = self.start_metrics(state.text(*state.CLUSTERS, state.service("nginx", {"hangzhou": many})))
        self.moved(lambda: daemon.ask(state.NGINX, edns_size=None), (1, "fedns_dns_truncated_total", {}))

    def test_what_is_dropped(self):
        self.start_metrics()
        reply = bytearray(wire.query(f"{state.NGINX}.{state.ZONE}."))
        reply[2] |= 0x80
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.connect(("127.0.0.1", self.port))
            self.moved(lambda: udp.send(b"short"), (1, DROPPED, {"reason": "short"}), (0, QUERIES, {}))
            self.moved(lambda: udp.send(reply), (1, DROPPED, {"reason": "response"}), (0, QUERIES, {}))

    def test_tcp_connections(self):
        daemon = self.start_metrics()
        daemon.ask(state.NGINX, tcp=True)
        self.wait_metric("fedns_dns_tcp_connections", 0)
        query = wire.query(f"{state.NGINX}.{state.ZONE}.")
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as tcp:
            tcp.sendall(struct.pack(">H", len(query)) + query)
            wire.tcp_read(tcp)
            self.wait_metric("fedns_dns_tcp_connections", 1)
            self.moved(lambda: tcp.sendall(b"\0\0"), (1, DROPPED, {"reason": "tcp_frame"}))
        self.wait_metric("fedns_dns_tcp_connections", 0)

    def test_a_client_with_too_many_connections(self):
        self.start_metrics(extra="workers: 1\n")
        query = wire.query(f"{state.NGINX}.{state.ZONE}.")
        tcps = []
        try:
            for _ in range(64):
                tcps.append(socket.create_connection(("127.0.0.1", self.port), timeout=5))
                tcps[-1].sendall(struct.pack(">H", len(query)) + query)
                wire.tcp_read(tcps[-1])
            self.wait_metric("fedns_dns_tcp_connections", 64)

            def one_more():
                tcps.append(socket.create_connection(("127.0.0.1", self.port), timeout=5))
                tcps[-1].sendall(struct.pack(">H", len(query)) + query)

            self.moved(one_more, (1, DROPPED, {"reason": "tcp_client"}))
        finally:
            for tcp in tcps:
                tcp.close()

    def test_nothing_is_lost_over_reloads(self):
        daemon = self.start_metrics(extra="workers: 1\n")
        for _ in range(5):
            daemon.ask(state.NGINX)
        for workers in (2, 1, 2):
            with socket.create_connection(("127.0.0.1", self.port), timeout=5):
                self.write_config(self.config.replace("workers: 1", f"workers: {workers}"))
                self.assertEqual(self.fedns("reload", "-s", str(self.socket)).returncode, 0)
                self.moved(lambda: daemon.ask(state.NGINX), (1, QUERIES, {}))
        self.wait_metric(QUERIES, 8)
        self.wait_metric("fedns_dns_latency_seconds_count", 8)
        self.wait_metric("fedns_dns_tcp_connections", 0)
        self.wait_metric("fedns_dns_tcp_connections_total", 3)


class Source(MetricsTest):
    def test_a_change_is_timed_and_a_bad_file_is_seen(self):
        self.start_metrics()
        self.moved(
            lambda: self.write_state(state.guide("192.0.2.7")),
            (1, "fedns_publish_seconds_count", {}),
            (0, "fedns_source_errors_total", {}),
        )
        self.moved(lambda: self.write_state("{"), (1, "fedns_source_errors_total", {"cluster": "file"}))
        scrape = self.scrape()
        self.assertEqual(scrape("fedns_source_up", cluster="file"), 0)
        self.wait_metric("fedns_source_age_seconds", lambda age_s: age_s > scrape("fedns_source_age_seconds"))
        self.write_state(state.guide("192.0.2.8"))
        self.wait_metric("fedns_source_up", 1)
        self.assertEqual(self.scrape()("fedns_source_age_seconds"), 0)

    def test_what_is_rejected_counts_once(self):
        self.start_metrics()

        def bad(*addresses):
            return state.text(*state.CLUSTERS, state.service("nginx", {"hangzhou": list(addresses)}))

        self.moved(lambda: self.write_state(bad("0.0.0.0", "192.0.2.1")), (1, "fedns_rejected_total", {"reason": "address"}))
        before = self.scrape()("fedns_publish_seconds_count")
        # whole at once: half a file would be another one, without what is bad in this
        new = self.folder / "new.json"
        new.write_text(bad("0.0.0.0", "192.0.2.2"))
        new.replace(self.state_path)
        self.wait_metric("fedns_publish_seconds_count", before + 1)
        self.assertEqual(self.scrape()("fedns_rejected_total", reason="address"), 1)


class History(MetricsTest):
    KEYS = ("queries", "noerror", "nxdomain", "servfail", "refused", "other", "p50_us", "p99_us")

    def history(self):
        row = json.loads(self.get("/api/v1/history"))
        return row[0] if isinstance(row, list) else row

    def test_samples_come_by_themselves(self):
        daemon = self.start_metrics()
        row = self.history()
        self.assertEqual(row, {"step_s": 5} | {key: [] for key in self.KEYS})
        for _ in range(10):
            daemon.ask(state.NGINX)
        daemon.ask("no.default.fed.svc")
        row = wait_until("a sample", lambda: (row := self.history())["queries"] and row, 12, 0.2)
        self.assertAlmostEqual(row["queries"][0], 11 / 5, delta=0.4)
        self.assertAlmostEqual(row["noerror"][0] + row["nxdomain"][0], row["queries"][0], delta=0.2)
        self.assertEqual((row["servfail"], row["other"]), ([0], [0]))
        self.assertGreater(row["p99_us"][0], 0)
        self.assertLessEqual(row["p50_us"][0], row["p99_us"][0])


class Prometheus(MetricsTest):
    """The real one, of Debian's package."""

    CONFIG = """
global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}
scrape_configs:
  - job_name: fedns
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""

    def prometheus(self):
        if shutil.which("prometheus") is None:
            self.skipTest("no prometheus: package prometheus")
        config, port = self.folder / "prometheus.yml", free_port()
        config.write_text(self.CONFIG.format(port=self.admin_port))
        command = [
            "prometheus",
            f"--config.file={config}",
            f"--storage.tsdb.path={self.folder}/tsdb",
            f"--web.listen-address=127.0.0.1:{port}",
        ]
        program = Program(command, self.folder / "prometheus.log", port)
        self.addCleanup(program.stop)
        return program

    def query(self, program, text):
        """{labels: value}; nothing before it listens."""
        url = f"http://127.0.0.1:{program.port}/api/v1/query?" + urllib.parse.urlencode({"query": text})
        try:
            with urllib.request.urlopen(url, timeout=5) as reply:
                result = json.load(reply)["data"]["result"]
        except OSError:
            return {}
        return {frozenset(one["metric"].items()): float(one["value"][1]) for one in result}

    def wait_query(self, program, text, value):
        program.wait_for(f"{text} is {value}", lambda: set(self.query(program, text).values()) == {value}, 30)

    def test_the_real_prometheus_scrapes(self):
        daemon = self.start_metrics()
        program = self.prometheus()
        self.wait_query(program, "up", 1.0)
        for _ in range(7):
            daemon.ask(state.NGINX)
        daemon.ask(state.NGINX, "AAAA", tcp=True)
        self.wait_query(program, "sum(fedns_dns_queries_total)", 8.0)
        self.wait_query(program, 'fedns_dns_queries_total{transport="tcp",family="ipv4",type="AAAA"}', 1.0)
        self.wait_query(program, 'fedns_dns_responses_total{rcode="NOERROR"}', 8.0)
        p99 = self.query(program, "histogram_quantile(0.99, fedns_dns_latency_seconds_bucket)")
        self.assertEqual(len(p99), 1)
        self.assertGreater(next(iter(p99.values())), 0)
        self.wait_query(program, "scrape_samples_scraped - scrape_samples_post_metric_relabeling", 0.0)
        found = {dict(labels)["__name__"] for labels in self.query(program, '{job="fedns"}')}
        for name in NAMES.keys() - {"fedns_address_healthy", "fedns_probe_results_total", "fedns_provider_calls_total"}:
            self.assertIn(name + ("_count" if NAMES[name] == "histogram" else ""), found)
        self.assertNotRegex(program.log, r"level=(warn|error)[^\n]*scrape")


if __name__ == "__main__":
    unittest.main()
