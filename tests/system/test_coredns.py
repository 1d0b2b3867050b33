"""How pods come to fedns: the blocks of conf/coredns in a real CoreDNS, which is asked as a pod's resolver asks."""

import functools
import getpass
import json
import pathlib
import re
import subprocess
import time
import unittest

import state
import wire
from harness import Program, SystemTest, free_port, wait_until
from netns import need

SYSTEM = pathlib.Path(__file__).resolve().parent
BUILD, COREDNS = SYSTEM / "apiserver" / "build.sh", SYSTEM / "coredns"
CONF = SYSTEM.parents[1] / "conf" / "coredns"
SKIP = 77
BUILD_S = 110
# of a pod in the namespace `default`, as the kubelet writes it
SEARCH = ("default.svc.cluster.local", "svc.cluster.local", "cluster.local")
NDOTS = 5
LOCAL = "10.96.0.7"  # of a Service of this cluster
BEIJING, V6 = "203.0.113.9", "2001:db8::7"
STALE_S = 10.0
CLUSTER_LOCAL = """
cluster.local:53 {
    errors
    file FOLDER/cluster.local
}
"""
ZONE_FILE = f"""
cluster.local. 5 IN SOA ns.dns.cluster.local. hostmaster.cluster.local. 1 7200 1800 86400 5
kubernetes.default.svc.cluster.local. 5 IN A {LOCAL}
"""


@functools.cache
def coredns_program():
    """Where CoreDNS is; built first, should that be needed. Under ctest a fixture has done so before."""
    done = subprocess.run([BUILD, COREDNS], capture_output=True, text=True, timeout=BUILD_S, check=False)
    if done.returncode == SKIP:
        raise unittest.SkipTest(done.stderr.strip().splitlines()[-1])
    if done.returncode != 0:
        raise AssertionError(f"{BUILD} failed:\n{done.stderr[-4000:]}")
    return done.stdout.strip()


class CoreDns(Program):
    """One running CoreDNS (or dnsmasq), and what a pod's resolver does with it."""

    def ask(self, name, rtype="A", tcp=False):
        """One question as it is, recursion desired."""
        exchange = wire.tcp_exchange if tcp else wire.udp_exchange
        return exchange("127.0.0.1", self.port, wire.query(name, rtype, flags=wire.RD), timeout_s=8.0)

    def look_up(self, name, rtype="A"):
        """As resolv.conf(5) says: by the search path first, where the name has fewer dots than ndots; the first answer
        counts. Returns the name that was answered, and the answer."""
        listed = [f"{name}.{suffix}" for suffix in SEARCH]
        reply = None
        for full in [*listed, name] if name.count(".") < NDOTS else [name, *listed]:
            reply = self.ask(full, rtype)
            if reply.rcode == "NOERROR" and reply.answer:
                return full, reply
        return None, reply


class Bed(SystemTest):
    """A fedns with the guide's service, and one with both families; CoreDNS before it."""

    def serve(self, fallback, extra=""):
        self.write_config(f"fallback: {fallback}\n{extra}")
        both = state.service("both", {"hangzhou": [state.HANGZHOU, V6]}, ports=["http:80"])
        nginx = state.service("nginx", {"beijing": [BEIJING], "hangzhou": [state.HANGZHOU]}, ports=["http:80"])
        away = state.service("away", {"beijing": [BEIJING]}, ports=["http:80"])
        self.write_state(state.text(*state.CLUSTERS, nginx, away, both))
        return self.start()

    def coredns(self, file):
        """The file of conf/coredns as it stands, but for addresses and ports of this machine."""
        port = free_port()
        text = (CONF / file).read_text() + CLUSTER_LOCAL.replace("FOLDER", str(self.folder))
        text = text.replace("192.0.2.53", f"127.0.0.1:{self.port}").replace("169.254.20.10", "127.0.0.1")
        text = text.replace(":9253", f"127.0.0.1:{free_port()}")
        blocks = re.split(r"(?m)^(?=\S+:53 \{$)", text)
        bound = [b if "    bind " in b else b.replace(":53 {\n", ":53 {\n    bind 127.0.0.1\n") for b in blocks]
        text = "".join(bound).replace(":53 {", f":{port} {{")
        (self.folder / "cluster.local").write_text(ZONE_FILE)
        (self.folder / "Corefile").write_text(text)
        program = CoreDns([coredns_program(), "-conf", str(self.folder / "Corefile")], self.folder / "coredns.log", port)
        self.addCleanup(program.stop)
        return program.wait_for("an answer", lambda: self.answers(program))

    @staticmethod
    def answers(program):
        try:
            return program.ask("kubernetes.default.svc.cluster.local").rdatas("A") == [LOCAL]
        except OSError:
            return False


class Pods:
    """Questions of pods in the cluster `hangzhou`, whichever way an empty level falls back."""

    FALLBACK = None

    def setUp(self):
        super().setUp()
        self.serve(self.FALLBACK)
        self.dns = self.coredns("Corefile")

    def answered(self, name, rtype="A"):
        """The data of the answer, which must come under the name that was asked for."""
        full, reply = self.dns.look_up(name, rtype)
        self.assertIsNotNone(full, f"{name}: {reply}")
        self.assertEqual([entry[0].rstrip(".").lower() for entry in reply.question], [full])
        self.assertEqual(reply.answer[0].name.rstrip("."), full)
        return reply.rdatas(rtype)

    def test_names_of_federation_v1_by_the_search_path(self):
        # served here: the zone's own address
        self.assertEqual(self.answered("nginx.default.fed"), [state.HANGZHOU])
        self.assertEqual(self.answered("nginx.default.fed.svc.cluster.local"), [state.HANGZHOU])
        # not served here: what is next up the ladder
        self.assertEqual(self.answered("away.default.fed"), [BEIJING])
        # both families
        self.assertEqual(self.answered("both.default.fed"), [state.HANGZHOU])
        self.assertEqual(self.answered("both.default.fed", "AAAA"), [V6])
        # this cluster's own names are not touched
        self.assertEqual(self.answered("kubernetes"), [LOCAL])

    def test_a_family_that_is_not_there_is_nodata(self):
        for name in ("nginx.default.fed.svc.cluster.local", f"{state.NGINX}.{state.ZONE}", "fed.svc.cluster.local"):
            reply = self.dns.ask(name, "AAAA")
            self.assertEqual((reply.rcode, reply.rdatas("AAAA")), ("NOERROR", []), name)

    def test_a_service_that_is_not_there_is_nxdomain(self):
        for name in ("mysql.default.fed.svc.cluster.local", f"mysql.default.fed.svc.{state.ZONE}"):
            for rtype in ("A", "AAAA", "SRV"):
                reply = self.dns.ask(name, rtype)
                self.assertEqual((reply.rcode, reply.answer), ("NXDOMAIN", []), name)
                self.assertEqual([record.type for record in reply.authority], ["SOA"])
        self.assertEqual(self.dns.look_up("mysql.default.fed")[0], None)

    def test_ports(self):
        for service, expected in (("nginx", state.HANGZHOU), ("away", BEIJING)):
            (data,) = self.answered(f"_http._tcp.{service}.default.fed.svc.cluster.local", "SRV")
            priority, _weight, port, target = data.split()
            self.assertEqual((priority, port), ("0", "80"))
            # a pod finds the target in turn
            self.assertEqual(self.dns.ask(target).rdatas("A"), [expected])

    def test_names_of_the_zone(self):
        for tcp in (False, True):
            reply = self.dns.ask(f"{state.NGINX}.{state.ZONE}", tcp=tcp)
            self.assertEqual(reply.rdatas("A"), [state.HANGZHOU, BEIJING])
        for place in ("cn-beijing-a.cn-beijing", "cn-beijing"):
            self.assertEqual(self.answered(f"{state.NGINX}.{place}.{state.ZONE}"), [BEIJING])
        self.assertLessEqual(max(record.ttl for record in reply.answer), 30)


class Chains(Pods, Bed):
    """An empty level is a CNAME to the next."""

    FALLBACK = "cname"


class Flat(Pods, Bed):
    """An empty level carries the addresses of the next."""

    FALLBACK = "flatten"


class Caches(Bed):
    """What CoreDNS remembers, and for how long."""

    def test_a_change_is_seen_when_the_cache_lets_go(self):
        self.serve("cname", extra="ttl: 1\n")
        dns = self.coredns("Corefile")
        name = "nginx.default.fed.svc.cluster.local"
        self.assertEqual(dns.ask(name).rdatas("A"), [state.HANGZHOU])
        self.write_state(state.text(*state.CLUSTERS, state.service("nginx", {"hangzhou": ["192.0.2.7"]})))
        wait_until("the change", lambda: dns.ask(name).rdatas("A") == ["192.0.2.7"], 5.0, 0.1)

    def test_without_fedns_the_last_answers_stay(self):
        daemon = self.serve("cname", extra="ttl: 1\n")
        dns = self.coredns("Corefile")
        names = ("nginx.default.fed.svc.cluster.local", f"{state.NGINX}.cn-hangzhou.{state.ZONE}")
        for name in names:
            self.assertEqual(dns.ask(name).rdatas("A"), [state.HANGZHOU])
        self.assertEqual(daemon.stop(), 0)
        time.sleep(1.5)  # the TTL
        for name in names:
            begin = time.monotonic()
            reply = dns.ask(name)
            self.assertEqual((reply.rcode, reply.rdatas("A")), ("NOERROR", [state.HANGZHOU]), name)
            self.assertEqual({record.ttl for record in reply.answer}, {0})
            print(f"stale answer after {time.monotonic() - begin:.3f} s")
            self.assertLess(time.monotonic() - begin, STALE_S)
        # what was never asked for can't be known
        self.assertEqual(dns.ask("both.default.fed.svc.cluster.local").rcode, "SERVFAIL")
        # and with another fedns all is as before
        self.start()
        wait_until("an answer of its own", lambda: dns.ask(names[0]).answer[0].ttl != 0, STALE_S, 0.2)

    def test_node_local_cache(self):
        daemon = self.serve("cname")
        dns = self.coredns("nodelocaldns.Corefile")
        self.assertEqual(dns.ask(f"{state.NGINX}.cn-hangzhou.{state.ZONE}").rdatas("A"), [state.HANGZHOU])
        self.assertEqual(dns.ask(f"mysql.default.fed.svc.{state.ZONE}").rcode, "NXDOMAIN")
        self.assertIsNone(daemon.process.poll())


class KubeDns(Bed):
    """The stub domain of its ConfigMap, in dnsmasq, which is what kube-dns hands it to."""

    def test_stub_domain(self):
        need("dnsmasq")
        text = (CONF / "kube-dns.yaml").read_text()
        self.assertIn(f"\n  federations: fed={state.ZONE}\n", text)
        stubs = json.loads(re.search(r"stubDomains: \|\n    (.*)\n", text)[1])
        self.assertEqual(stubs, {state.ZONE: ["192.0.2.53"]})
        self.serve("cname")
        port = free_port()
        servers = [f"--server=/{zone}/127.0.0.1#{self.port}" for zone in stubs]
        command = ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
                   f"--user={getpass.getuser()}", "--pid-file=", f"--port={port}", "--listen-address=127.0.0.1",
                   "--bind-interfaces", "--log-facility=-"]  # fmt: skip
        dns = CoreDns([*command, *servers], self.folder / "dnsmasq.log", port)
        self.addCleanup(dns.stop)

        def answered():
            try:
                return dns.ask(f"{state.NGINX}.cn-hangzhou-b.cn-hangzhou.{state.ZONE}").rdatas("A") == [state.HANGZHOU]
            except OSError:
                return False

        dns.wait_for("an answer", answered)
        self.assertEqual(dns.ask(f"away.default.fed.svc.cn-hangzhou.{state.ZONE}").rdatas("A"), [BEIJING])
        self.assertEqual(dns.ask(f"mysql.default.fed.svc.{state.ZONE}").rcode, "NXDOMAIN")


if __name__ == "__main__":
    unittest.main()
