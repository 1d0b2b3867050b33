"""A cluster that is only replayed: lists in pages made beforehand, and events at a steady rate whose times are noted.

usage: replay.py PORT OBJECTS RATE SECONDS TIMES      TIMES: a file of doubles; the changes begin when /go is asked for

It stands for an API server that can send as fast as a client can take it: the real one needs most of a small machine
for the same. Services and EndpointSlices look as tests/bench/fill has them. Plain HTTP/1.1, on loopback.
"""

import http.server
import json
import mmap
import pathlib
import struct
import sys
import threading
import time
import urllib.parse

PAGE = 500
SPACES = 100
AMONG = 5000  # slices that flip, again and again; as many services get new addresses
SERVICES, SLICES = "/api/v1/services", "/apis/discovery.k8s.io/v1/endpointslices"
KINDS = {
    SERVICES: ("v1", "Service"),
    SLICES: ("discovery.k8s.io/v1", "EndpointSlice"),
    "/api/v1/nodes": ("meta.k8s.io/v1", "PartialObjectMetadata"),
}
TIME = "2026-11-25T11:06:50Z"
FIELDS_OF_SERVICE = (
    '[{"manager":"fill","operation":"Update","apiVersion":"v1","time":"%s","fieldsType":"FieldsV1","fieldsV1":{'
    '"f:spec":{"f:allocateLoadBalancerNodePorts":{},"f:externalTrafficPolicy":{},"f:internalTrafficPolicy":{},'
    '"f:ports":{".":{},"k:{\\"port\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},'
    '"f:name":{},"f:port":{},"f:protocol":{},"f:targetPort":{}}},'
    '"f:sessionAffinity":{},"f:type":{}}}},{"manager":"fill","operation":"Update","apiVersion":"v1","time":"%s",'
    '"fieldsType":"FieldsV1","fieldsV1":{"f:status":{"f:loadBalancer":{"f:ingress":{}}}},"subresource":"status"}]'
) % (TIME, TIME)
FIELDS_OF_SLICE = (
    '[{"manager":"fill","operation":"Update","apiVersion":"discovery.k8s.io/v1","time":"%s","fieldsType":"FieldsV1",'
    '"fieldsV1":{"f:addressType":{},"f:endpoints":{},"f:metadata":{"f:labels":{'
    '".":{},"f:kubernetes.io/service-name":{}}},"f:ports":{}}}]'
) % TIME


def space(n):
    return f"ns-{n % SPACES:02}"


def address(n, number=0):
    return f"{11 + number % 100}.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"


def service(n, version, number=0, head=""):
    return (
        f'{{{head}"metadata":{{"name":"svc-{n:06}","namespace":"{space(n)}","uid":"a0000000-0000-4000-8000-{n:012x}",'
        f'"resourceVersion":"{version}","creationTimestamp":"{TIME}","managedFields":{FIELDS_OF_SERVICE}}},'
        '"spec":{"ports":[{"name":"http","protocol":"TCP","port":80,"targetPort":80}],"type":"LoadBalancer",'
        '"sessionAffinity":"None","externalTrafficPolicy":"Cluster","ipFamilies":["IPv4"],'
        '"ipFamilyPolicy":"SingleStack","allocateLoadBalancerNodePorts":true,"internalTrafficPolicy":"Cluster"},'
        f'"status":{{"loadBalancer":{{"ingress":[{{"ip":"{address(n, number)}","ipMode":"VIP"}}]}}}}}}'
    )


def endpoint_slice(n, version, ready=True, head=""):
    good = "true" if ready else "false"
    return (
        f'{{{head}"metadata":{{"name":"svc-{n:06}-a","namespace":"{space(n)}","uid":"b0000000-0000-4000-8000-{n:012x}",'
        f'"resourceVersion":"{version}","generation":1,"creationTimestamp":"{TIME}",'
        f'"labels":{{"kubernetes.io/service-name":"svc-{n:06}"}},"managedFields":{FIELDS_OF_SLICE}}},'
        f'"addressType":"IPv4","endpoints":[{{"addresses":["{address(n)}"],"conditions":{{"ready":{good}}}}},'
        f'{{"addresses":["{address(n, 1)}"],"conditions":{{"ready":{good}}}}}],'
        '"ports":[{"name":"http","protocol":"TCP","port":8080}]}'
    )


def change(k, objects):
    """Which object the change `k` is of, by turns of services and slices, and which round of changes it is."""
    half = objects // 2
    n, number = (k // 2) % min(AMONG, half), (k // 2) // min(AMONG, half) + 1
    return (n, number) if k % 2 == 0 else (half + n, number)


class Times:
    """When each change was sent, in seconds of the monotonic clock, for another process to read; 0: not yet."""

    def __init__(self, path, count):
        self.count = count
        path = pathlib.Path(path)
        if not path.exists():
            path.write_bytes(bytes(8 * count))
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 8 * count)

    def __getitem__(self, k):
        return struct.unpack_from("=d", self.memory, 8 * k)[0]

    def __setitem__(self, k, when):
        struct.pack_into("=d", self.memory, 8 * k, when)


class Cluster:
    """What is replayed."""

    def __init__(self, objects, rate, seconds, times):
        self.objects, self.rate, self.count, self.times = objects, rate, rate * seconds, Times(times, rate * seconds)
        self.version = 1000 + objects
        self.pages = {SERVICES: self.pages_of(SERVICES, service), SLICES: self.pages_of(SLICES, endpoint_slice)}
        node = '{"metadata":{"name":"node-1","labels":{"topology.kubernetes.io/region":"r"}}}'
        self.pages["/api/v1/nodes"] = [self.page("/api/v1/nodes", [node], "")]
        self.watches = {}

    def page(self, path, items, more):
        version, kind = KINDS[path]
        head = {"resourceVersion": str(self.version), **({"continue": more} if more else {})}
        start = f'{{"kind":"{kind}List","apiVersion":"{version}","metadata":{json.dumps(head)},"items":['
        return (start + ",".join(items) + "]}").encode()

    def pages_of(self, path, one):
        pages, starts = [], range(0, self.objects, PAGE)
        for first in starts:
            end = min(first + PAGE, self.objects)
            more = str(len(pages) + 1) if end < self.objects else ""
            pages.append(self.page(path, [one(n, 1000 + n) for n in range(first, end)], more))
        return pages

    def whole(self, path):
        """All pages in one."""
        heads = [page.index(b"[") + 1 for page in self.pages[path]]
        items = b",".join(page[at:-2] for at, page in zip(heads, self.pages[path]))
        return self.page(path, [], "")[:-2] + items + b"]}"

    def event(self, k):
        """The stream and the octets of change `k`."""
        n, number = change(k, self.objects)
        path = SERVICES if k % 2 == 0 else SLICES
        version, kind = KINDS[path]
        head = f'"kind":"{kind}","apiVersion":"{version}",'
        if path == SERVICES:
            thing = service(n, self.version + k + 1, number, head)
        else:
            thing = endpoint_slice(n, self.version + k + 1, number % 2 == 0, head)
        line = f'{{"type":"MODIFIED","object":{thing}}}\n'.encode()
        return path, b"%x\r\n%s\r\n" % (len(line), line)

    def send(self):
        """All changes, at the rate; what they are is worked out before it is time for them."""
        begin = time.monotonic() + 0.1
        for k in range(self.count):
            path, octets = self.event(k)
            wait = begin + k / self.rate - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            self.watches[path].sendall(octets)
            self.times[k] = time.monotonic()
        print(f"{self.count} changes in {time.monotonic() - begin:.2f} s", flush=True)


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection. `cluster` is the class's."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # as a server written in Go: an event is not held back for the one before it
    cluster = None

    def log_message(self, *_arguments):
        pass

    def whole(self, status, octets):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def refuse(self, code, reason):
        status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": "a replay"}
        self.whole(code, json.dumps({**status, "reason": reason, "code": code}).encode())

    def watch(self, path):
        """Held open; whoever sends the changes writes to it."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.cluster.watches[path] = self.connection
        while self.connection.recv(1):
            pass
        self.close_connection = True

    def do_GET(self):  # pylint: disable=invalid-name
        url = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/go":
            threading.Thread(target=self.cluster.send, daemon=True).start()
            self.whole(200, b"{}")
        elif url.path not in KINDS:
            self.refuse(404, "NotFound")
        elif asked.get("sendInitialEvents") == "true":
            self.refuse(422, "Invalid")  # as a server that doesn't know it: clients fall back to a list
        elif asked.get("watch") in ("1", "true"):
            self.watch(url.path)
        elif asked.get("resourceVersion") == "0":
            self.whole(200, self.cluster.whole(url.path))  # whatever limit says, as a server has it
        else:
            self.whole(200, self.cluster.pages[url.path][int(asked.get("continue", 0))])


def serve(port, objects, rate, seconds, times):
    Handler.cluster = Cluster(objects, rate, seconds, times)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    serve(*map(int, sys.argv[1:5]), sys.argv[5])
