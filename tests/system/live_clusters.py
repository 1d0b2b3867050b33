"""fedns before real API servers."""

import json
import pathlib
import sys
import time

import kube
import state
from apiserver import ApiServer, ApiServerTest
from harness import SystemTest, wait_until

KUBERNETES = pathlib.Path(__file__).resolve().parents[2] / "conf" / "kubernetes"
ACCOUNT = KUBERNETES / "account" / "account.yaml"
RBAC = KUBERNETES / "components" / "member" / "rbac.yaml"
LEASE = KUBERNETES / "components" / "lease" / "lease.yaml"
# at an orderly end it waits for those that watch, and longer than the tests do, unless it ends the watches itself
FLAGS = ("--shutdown-watch-termination-grace-period=1s",)
SOON_S = 5.0  # it takes milliseconds
LATE_S = 1.0  # a machine in the middle of many tests


def kubeconfig_text(server, port=None, token=None):
    """An admin's kubeconfig; by way of another port, with another token."""
    text = server.kubeconfig().read_text()
    if port is not None:
        text = text.replace(server.url, f"https://127.0.0.1:{port}")
    return text if token is None else text.replace(server.token("admin"), token)


def slice_patch(*endpoints):
    return json.dumps({"endpoints": list(endpoints)})


class LiveTest(ApiServerTest, SystemTest):
    """Two clusters that live as long as the class; a daemon a test. What a test writes stands in its namespace."""

    NAMES = ("hangzhou", "beijing")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.servers = [ApiServer(name, *FLAGS, wait=False) for name in cls.NAMES]
        for server in cls.servers:
            cls.addClassCleanup(server.close)
        for server in cls.servers:
            server.wait()
        cls.hangzhou, cls.beijing = cls.servers
        cls.hangzhou.apply(
            kube.node("node-1", "cn-hangzhou", "cn-hangzhou-b"), kube.node("node-2", "cn-hangzhou", "cn-hangzhou-g")
        )
        cls.beijing.apply(kube.node("node-1", "cn-beijing", "cn-beijing-a"))

    def setUp(self):
        super().setUp()
        self.control = self.folder / "run" / "control.sock"
        self.daemon = None
        self.took_ms = []

    # --- fedns -------------------------------------------------------------------------------

    def member(self, server, text=None, **more):
        """An entry of `source.clusters`."""
        path = server.kubeconfig()
        if text is not None:
            path = self.folder / f"{server.name}.kubeconfig"
            path.write_text(text)
        return {"name": server.name, "kubeconfig": str(path), **more}

    def write_live(self, members, extra="", max_withdraw="100%", **source):
        """`source`: further keys there."""
        listen = ", ".join(f'"{text}"' for text in self.listens())
        self.config_path.write_text(
            "federation: fed\nzone: spacexnice.xyz.\n"
            "nameservers:\n  - {name: ns1.spacexnice.xyz., addresses: [192.0.2.53]}\n"
            f"listen: [{listen}]\nstate_dir: {self.folder}/kept\ncontrol: {self.control}\n"
            f"source: {json.dumps({'clusters': members, **source})}\n"
            f"health: {{max_withdraw: {max_withdraw}}}\n{extra}"
        )

    def start_live(self, *members, **more):
        self.write_live(members or [self.member(server) for server in self.servers], **more)
        self.daemon = self.start()
        return self.daemon

    def ask_control(self, *arguments, status=0):
        done = self.fedns(*arguments, "-s", str(self.control))
        self.assertEqual(done.returncode, status, f"{arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def clusters(self):
        """{name: its row of the table, without AGE and HEALTHY}"""
        lines = self.ask_control("clusters").splitlines()
        self.assertEqual(lines[0].split(), "NAME STATUS REGION ZONES SERVICES SEEN AGE HEALTHY".split())
        return {line.split()[0]: line.split()[1:-2] for line in lines[1:]}

    # --- answers -----------------------------------------------------------------------------

    def expect(self, name, *addresses, rtype="A", within_s=SOON_S):
        """The answer becomes this one; the milliseconds until then."""
        begin = time.monotonic()
        got = []

        def good():
            got[:] = self.daemon.addresses(name, rtype)
            return got == sorted(addresses)

        try:
            wait_until(f"{name} {rtype} {sorted(addresses)}", good, within_s, 0.001)
        except AssertionError as error:
            raise AssertionError(f"{error}, but {got}; the log:\n{self.daemon.log[-3000:]}") from None
        return (time.monotonic() - begin) * 1000

    def follows(self, name, *addresses, rtype="A"):
        """The last word of kubectl becomes the answer; how long that took is told at the end."""
        self.took_ms.append(self.expect(name, *addresses, rtype=rtype, within_s=LATE_S))

    def expect_nothing(self, name, rcode="NXDOMAIN", within_s=SOON_S):
        def good():
            reply = self.daemon.ask(name)
            return reply.rcode == rcode and not reply.answer

        wait_until(f"{name}: {rcode}", good, within_s)

    def stays(self, name, *addresses, for_s=0.3):
        """The answer is this one, and goes on to be."""
        end = time.monotonic() + for_s
        while time.monotonic() < end:
            self.assertEqual(self.daemon.addresses(name), sorted(addresses), name)
            time.sleep(0.005)

    def kinds(self, name):
        return [record.type for record in self.daemon.ask(name).answer]

    def tell_times(self):
        took = sorted(self.took_ms)
        print(
            f"{self.id()}: from kubectl's end to the answer: {len(took)} changes, median {took[len(took) // 2]:.1f} ms,"
            f" longest {took[-1]:.1f} ms",
            file=sys.stderr,
        )

    # --- clusters ----------------------------------------------------------------------------

    def namespace(self, space, *servers):
        for server in servers or self.servers:
            server.namespace(space)

    def set_endpoints(self, server, name, *endpoints, space="default"):
        """Those of the slice `name`."""
        server.kubectl("patch", "endpointslices", name, "-n", space, "--type=merge", "-p", slice_patch(*endpoints))

    def annotate(self, server, space, name, *pairs):
        server.kubectl("annotate", "service", name, "-n", space, "--overwrite", *pairs)

    def serve(self, server, space, name, *ingresses, endpoints=None, **more):
        """A service of one slice, with one ready endpoint unless told otherwise."""
        server.apply(
            kube.service(name, ingresses, space, **more),
            kube.endpoint_slice(f"{name}-a", name, endpoints or [kube.endpoint("10.1.0.1")], space),
        )


def below(level=""):
    """A function from "SVC.NS" to its name at a level."""
    return lambda service: f"{service}.fed.svc{level}"


GLOBAL, HANGZHOU, BEIJING = below(), below(".cn-hangzhou"), below(".cn-beijing")
HANGZHOU_B, BEIJING_A = below(".cn-hangzhou-b.cn-hangzhou"), below(".cn-beijing-a.cn-beijing")


def whole(name):
    """As a record has it."""
    return f"{name}.{state.ZONE}."

