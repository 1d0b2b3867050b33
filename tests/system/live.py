"""Daemons whose source is API servers that the test plays."""

import json
import os
import pathlib
import unittest

import state
from fake_api import FakeApi
from harness import FEDNS, SystemTest, wait_until


def fast(speed):
    """What runs a program with a faster clock."""
    beside = pathlib.Path(FEDNS).parent / "tests" / "system" / "libfast_clock.so"
    library = pathlib.Path(os.environ.get("FAST_CLOCK_LIBRARY", beside))
    if not library.exists():
        raise unittest.SkipTest(f"no {library}: build it")
    options = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]))
    return ("env", f"FAST_CLOCK={speed}", f"LD_PRELOAD={library}", f"ASAN_OPTIONS={options}")


def ingress(*texts):
    return {"loadBalancer": {"ingress": [state.item(text) for text in texts]}}


def service(name, *texts, namespace="default", labels=None, **spec):
    """A Service of a member cluster, whose load balancer has these addresses."""
    metadata = {"name": name, "namespace": namespace, "annotations": {"note": 'a "}{" \\ and é, €, 𝄞'}}
    if labels:
        metadata["labels"] = labels
    ports = [{"name": "http", "port": 80, "protocol": "TCP"}]
    return {"metadata": metadata, "spec": {"type": "LoadBalancer", "ports": ports} | spec, "status": ingress(*texts)}


def endpoint(ready=True, **conditions):
    return {"addresses": ["10.0.0.1"], "conditions": {"ready": ready} | conditions}


def endpoint_slice(of, *endpoints, name=None, namespace="default"):
    metadata = {"name": name or f"{of}-x1", "namespace": namespace, "labels": {"kubernetes.io/service-name": of}}
    return {"metadata": metadata, "addressType": "IPv4", "endpoints": list(endpoints), "ports": []}


def endpoints(name, ready=1, not_ready=0, namespace="default"):
    """The same of the core API."""
    subset = {"addresses": [{"ip": "10.0.0.1"}] * ready, "notReadyAddresses": [{"ip": "10.0.0.2"}] * not_ready}
    return {"metadata": {"name": name, "namespace": namespace}, "subsets": [subset]}


def node(name, region=None, zone=None, prefix="topology.kubernetes.io"):
    labels = {f"{prefix}/region": region, f"{prefix}/zone": zone}
    return {"metadata": {"name": name, "labels": {key: value for key, value in labels.items() if value}}}


class Member(FakeApi):
    """A member cluster: services with their endpoints, as slices and as Endpoints."""

    def __init__(self, region="cn-hangzhou", zone="cn-hangzhou-b", **more):
        super().__init__(**more)
        if region:
            self.store.put("nodes", node("n1", region, zone))

    def serve(self, name, *texts, ready=True, namespace="default", **more):
        self.store.put("services", service(name, *texts, namespace=namespace, **more))
        self.ready(name, ready, namespace)

    def ready(self, name, ready=True, namespace="default"):
        self.store.put("slices", endpoint_slice(name, endpoint(ready), namespace=namespace))
        self.store.put("endpoints", endpoints(name, int(ready), int(not ready), namespace))

    def holds(self):
        """{service: sorted addresses that it should have}, by what the slices say."""
        with self.store.changed:
            well = {
                found["metadata"]["labels"]["kubernetes.io/service-name"]
                for found in self.store.tables.get("slices", {}).values()
                if any(one["conditions"]["ready"] for one in found["endpoints"])
            }
            held = {}
            for found in self.store.tables.get("services", {}).values():
                name, ingresses = found["metadata"]["name"], found["status"]["loadBalancer"]["ingress"]
                held[name] = sorted(item["ip"] for item in ingresses) if name in well else []
            return held


class LiveTest(SystemTest):
    """`source.clusters` or `source.federation_v1` on servers of the test's own."""

    def setUp(self):
        super().setUp()
        self.control = self.folder / "control.sock"

    def fake(self, api):
        self.addCleanup(api.down)
        return api

    def member(self, **more):
        return self.fake(Member(**more))

    def config_of(self, name, api, user=None, **more):
        """An entry of source.clusters; None: without a server of ours behind its kubeconfig."""
        path = self.folder / f"{name}.kubeconfig"
        if api is not None:
            api.kubeconfig(path, user)
        return {"name": name, "kubeconfig": str(path)} | more

    def write_live(self, clusters=None, federation=None, extra="", **source):
        """JSON is YAML. The grace is longer than any test takes, by whatever clock."""
        source = {"start_grace": "1h"} | source
        if clusters is not None:
            source["clusters"] = clusters
        if federation is not None:
            source["federation_v1"] = federation
        listen = ", ".join(f'"{text}"' for text in self.listens())
        self.config_path.write_text(
            "federation: fed\nzone: spacexnice.xyz.\n"
            "nameservers:\n  - {name: ns1.spacexnice.xyz., addresses: [192.0.2.53]}\n"
            f"listen: [{listen}]\nstate_dir: {self.folder}/kept\ncontrol: {self.control}\n"
            f"source: {json.dumps(source)}\n{extra}"
        )

    def run_command(self, *arguments, status=0, **more):
        done = self.fedns(*arguments, "-s", str(self.control), **more)
        self.assertEqual(done.returncode, status, f"{arguments}: {done.stdout}{done.stderr}")
        return done

    def rows(self, command):
        """What `fedns status` and the like say, whatever their exit status."""
        done = self.fedns(command, "-o", "json", "-s", str(self.control))
        return json.loads(done.stdout)

    def servers(self):
        return {row["name"]: row for row in self.rows("status")["source"]["servers"]}

    def clusters(self):
        return {row["name"]: row for row in self.rows("clusters")}

    def wait_answer(self, daemon, name, addresses, deadline_s=10.0):
        """`name` is "SERVICE" or all of it below the zone."""
        full = name if "." in name else f"{name}.default.fed.svc"
        wait_until(f"{full} is {addresses}", lambda: daemon.addresses(full) == sorted(addresses), deadline_s)

    def wait_trouble(self, name, trouble, deadline_s=10.0):
        return wait_until(
            f"{name} has trouble {trouble}",
            lambda: (row := self.servers()[name])["trouble"] == trouble and row,
            deadline_s,
            step_s=0.05,
        )

    def wait_good(self, name, deadline_s=20.0):
        wait_until(
            f"{name} is in sight",
            lambda: (row := self.servers()[name])["trouble"] == "none" and row["in_sight"] and row["synced"],
            deadline_s,
            step_s=0.05,
        )

    def start_synced(self, *arguments, **more):
        daemon = self.start(*arguments, **more)
        daemon.log_wait("daemon: every API server has told all it has")
        return daemon
