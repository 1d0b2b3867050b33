#!/usr/bin/env python3
"""Record what a real API server answers, octet by octet, into a folder: fakes and readers are checked against it.

usage: record.py [FOLDER]     tests/source/data/kubernetes-v1.35 without an argument

Identifiers, times and versions are others with each recording; nothing may depend on them.
"""

import pathlib
import ssl
import socket
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
import kube  # noqa: E402
from apiserver import AGENT, ApiServer  # noqa: E402

FOLDER = HERE.parents[1] / "source" / "data" / "kubernetes-v1.35"
SERVICES = "/api/v1/services"
SLICES = "/apis/discovery.k8s.io/v1/endpointslices"
METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
ANNOTATIONS = {"fedns.io/ttl": "60", "example.com/note": 'quotes " and \\ and ümlauts ☃'}


def objects():
    """A small shop: one service of each sort that matters."""
    yield kube.namespace("shop")
    yield kube.service("cart", ["192.0.2.1", "2001:db8::1"], "shop", ["http:80", "dns:53/UDP"], annotations=ANNOTATIONS)
    yield kube.service("pay", ["lb.example.com"], "shop")
    yield kube.service("pending", [], "shop")
    yield kube.service("inside", space="shop", kind="ClusterIP")
    ready, unready = kube.endpoint("10.1.0.1", zone="cn-hangzhou-b"), kube.endpoint("10.1.0.2", ready=False)
    ending = kube.endpoint("10.1.0.3", ready=False, serving=True, terminating=True)
    yield kube.endpoint_slice("cart-a", "cart", [ready, unready, ending], "shop", ["http:8080", "dns:5353/UDP"])
    yield kube.endpoint_slice("cart-6", "cart", [kube.endpoint("fd00::1")], "shop")
    yield kube.endpoint_slice("pay-a", "pay", [], "shop")
    yield kube.endpoints_of("cart", ["10.1.0.1"], ["10.1.0.2"], "shop")
    yield kube.node("node-1", "cn-hangzhou", "cn-hangzhou-b")
    yield kube.node("node-2", "cn-hangzhou", "cn-hangzhou-h", ready=False)


def whole(server, path):
    """All that comes over the connection for one request: head, and the body in its chunks."""
    context = ssl.create_default_context(cafile=server.folder / "cluster" / "ca.crt")
    head = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"User-Agent: {AGENT}", "Accept: application/json"]
    head += [f"Authorization: Bearer {server.token('fedns')}", "Connection: close", "", ""]
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as plain:
        with context.wrap_socket(plain, server_hostname="127.0.0.1") as sock:
            sock.sendall("\r\n".join(head).encode())
            return b"".join(iter(lambda: sock.recv(65536), b""))


def lists(server):
    yield "services.json", server.get(SERVICES)
    yield "endpointslices.json", server.get(SLICES)
    yield "endpoints.json", server.get("/api/v1/endpoints")
    yield "nodes.json", server.get("/api/v1/nodes")
    yield "nodes_metadata.json", server.get("/api/v1/nodes", Accept=METADATA)
    yield "version.json", server.get("/version")
    page = server.get(f"{SERVICES}?limit=2")
    yield "services_page_1.json", page
    more = f"limit=2&continue={page.json['metadata']['continue']}"
    yield "services_page_2.json", server.get(f"{SERVICES}?{more}")
    yield "error_401.json", server.get(SERVICES, None, Authorization="Bearer testtoken-wrong")
    yield "error_403.json", server.get("/api/v1/secrets")
    yield "error_404.json", server.get("/api/v1/things", "admin")
    yield "error_422.json", server.get(f"{SERVICES}?watch=1&sendInitialEvents=true")
    yield "error_504_version_too_large.json", server.get(f"{SERVICES}?resourceVersion=99999999")
    server.apply(kube.namespace("other"))
    server.compact()
    yield "error_410_page.json", server.get(f"{SERVICES}?{more}")


def record(server, folder):
    folder.mkdir(parents=True, exist_ok=True)
    server.apply(*objects())
    for name, answer in lists(server):
        (folder / name).write_bytes(answer.octets)
    version = server.get(SERVICES).json["metadata"]["resourceVersion"]
    server.apply(kube.service("new", ["192.0.2.9"], "shop"))
    server.delete(kube.service("new", space="shop"))
    # a bookmark needs a version beyond the last event's, of whatever; etcd tells of it every 5 s
    server.namespace("later")
    changes = f"{SERVICES}?watch=1&allowWatchBookmarks=true&timeoutSeconds=12&resourceVersion={version}"
    (folder / "watch_services.http").write_bytes(whole(server, changes))
    first = "watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=4"
    (folder / "watch_list_endpointslices.http").write_bytes(whole(server, f"{SLICES}?{first}"))
    server.restart()
    (folder / "watch_expired.http").write_bytes(whole(server, changes))


def main():
    # as a server before 1.34: what etcd has forgotten is forgotten at once
    server = ApiServer("hangzhou", "--feature-gates=ListFromCacheSnapshot=false")
    try:
        record(server, pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
    finally:
        server.close()


if __name__ == "__main__":
    main()
