"""States of a federation as its API server would print them."""

import json

INGRESSES = "federation.kubernetes.io/service-ingresses"
HANGZHOU, SHANGHAI = "120.55.149.69", "139.196.70.146"
NGINX = "nginx.default.fed.svc"
ZONE = "spacexnice.xyz"


def cluster(name, region=None, zones=(), ready="True", since="2026-11-23T02:30:45Z"):
    status = {"conditions": [{"type": "Ready", "status": ready, "lastTransitionTime": since}]}
    if region:
        status["region"] = region
    if zones:
        status["zones"] = list(zones)
    return {"apiVersion": "federation/v1beta1", "kind": "Cluster", "metadata": {"name": name}, "status": status}


def item(text):
    """An ingress: an address, or the name of a host."""
    return {"ip": text} if text[-1].isdigit() or ":" in text else {"hostname": text}


def port(text):
    """A port of a Service: "http:80" or "dns:53/UDP"; ":80" has no name."""
    name, number = text.split(":")
    number, _slash, protocol = number.partition("/")
    named = {"name": name} if name else {}
    return {**named, "port": int(number), "protocol": protocol or "TCP"}


def service(name, ingresses, namespace="default", ports=(), **annotations):
    """`ingresses`: {cluster: [address or host, ...] or None}, or the annotation's raw text."""
    raw = ingresses
    if not isinstance(raw, str):
        entries = [
            {"cluster": cluster_name, "items": None if items is None else [item(text) for text in items]}
            for cluster_name, items in ingresses.items()
        ]
        raw = json.dumps({"items": entries}, separators=(",", ":"))
    notes = {INGRESSES: raw, **{"fedns.io/" + key.replace("_", "-"): text for key, text in annotations.items()}}
    metadata = {"name": name, "namespace": namespace, "annotations": notes}
    spec = {"type": "LoadBalancer"}
    if ports:
        spec["ports"] = [port(text) for text in ports]
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}


def text(*objects):
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}, indent=1) + "\n"


CLUSTERS = (
    cluster("hangzhou", "cn-hangzhou", ["cn-hangzhou-b"]),
    cluster("beijing", "cn-beijing", ["cn-beijing-a"]),
)


def guide(address=HANGZHOU):
    """The service of the federation guide; `address` is that of hangzhou."""
    return text(*CLUSTERS, service("nginx", {"hangzhou": [address], "shanghai": [SHANGHAI]}, ports=["http:80"]))
