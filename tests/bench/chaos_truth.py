"""What API servers hold, and what DNS must make of it: worked out from the objects, beside fedns and without it.

It knows the objects that chaos.py writes: load balancers by address, one slice a service, one named port.
"""

import itertools
import json

import kube

DOMAIN = "fed.svc.spacexnice.xyz."
TTL = 180
PATHS = {
    "services": "/api/v1/services",
    "slices": "/apis/discovery.k8s.io/v1/endpointslices",
    "nodes": "/api/v1/nodes",
}


def addresses_of(service):
    """Of a Service: those that its cluster lists; None: it doesn't list it."""
    notes = service["metadata"].get("annotations") or {}
    if service["spec"].get("type") != "LoadBalancer" or notes.get("fedns.io/ignore") == "true":
        return None
    return balanced(service)


def balanced(service):
    """The addresses of its load balancer; None: none."""
    ingress = service.get("status", {}).get("loadBalancer", {}).get("ingress") or []
    return frozenset(item["ip"] for item in ingress) or None


def is_healthy(endpoint_slice):
    def good(endpoint):
        conditions = endpoint.get("conditions", {})
        ready = conditions.get("ready", True)
        draining = conditions.get("serving", ready) and conditions.get("terminating", False)
        return ready or draining

    return endpoint_slice is not None and any(good(one) for one in endpoint_slice.get("endpoints") or [])


class Held:
    """What one API server holds."""

    def __init__(self, server, space):
        things = {kind: json.loads(server.get(path, "admin").octets)["items"] for kind, path in PATHS.items()}
        self.region, self.zones = self.place([node["metadata"].get("labels", {}) for node in things["nodes"]])
        self.services = {
            thing["metadata"]["name"]: thing for thing in things["services"] if thing["metadata"]["namespace"] == space
        }
        self.slices = {
            thing["metadata"]["labels"][kube.SERVICE_NAME]: thing
            for thing in things["slices"]
            if thing["metadata"]["namespace"] == space
        }

    @staticmethod
    def place(nodes):
        regions = sorted(labels[kube.REGION] for labels in nodes if labels.get(kube.REGION))
        if not regions:
            return None, set()
        region = max(dict.fromkeys(regions), key=regions.count)  # the first by name of those with most nodes
        here = [labels for labels in nodes if labels.get(kube.REGION) == region]
        return region, {labels[kube.ZONE] for labels in here if labels.get(kube.ZONE)}

    def listed(self, name):
        """The addresses in force, perhaps none; None: not listed here."""
        service = self.services.get(name)
        addresses = addresses_of(service) if service else None
        if addresses is None or is_healthy(self.slices.get(name)):
            return addresses
        return frozenset()

    def ttl(self, name):
        notes = self.services[name]["metadata"].get("annotations") or {}
        return int(notes.get("fedns.io/ttl", TTL))


def rows_of_addresses(owner, ttl, addresses):
    return {(owner, "AAAA" if ":" in address else "A", ttl, address) for address in addresses}


def service_rows(name, space, helds):
    """The records of one service, from what all servers hold, in the order of the configuration."""
    listing = [(held, held.listed(name)) for held in helds]
    listing = [(held, addresses) for held, addresses in listing if addresses is not None]
    if not listing:
        return set()
    ttl = listing[0][0].ttl(name)
    base = f"{name}.{space}.{DOMAIN}"
    # each level: its owner, its addresses, its place on the ladder
    ladders = [[(base, frozenset().union(*(addresses for _held, addresses in listing)))]]
    for region in {held.region for held in helds if held.region}:
        there = [(held, addresses) for held, addresses in listing if held.region == region]
        level = (f"{name}.{space}.fed.svc.{region}.spacexnice.xyz.", frozenset().union(*(a for _held, a in there)))
        ladders.append([level, ladders[0][0]])
        for zone in set().union(*(held.zones for held in helds if held.region == region)):
            here = frozenset().union(*(addresses for held, addresses in there if zone in held.zones))
            ladders.append([(f"{name}.{space}.fed.svc.{zone}.{region}.spacexnice.xyz.", here), level, ladders[0][0]])
    return set().union(*(level_rows(ladder, ttl) for ladder in ladders))


def level_rows(ladder, ttl):
    owner, addresses = ladder[0]
    rows = rows_of_addresses(owner, ttl, addresses)
    if not addresses and len(ladder) > 1:
        rows.add((owner, "CNAME", ttl, ladder[1][0]))
    target = next((above for above, have in ladder if have), None)
    if target:  # without any address what SRV says is of no use to anybody
        rows.add((f"_http._tcp.{owner}", "SRV", ttl, f"0 0 80 {target}"))
    return rows


def records(helds, space):
    names = set().union(*(held.services for held in helds))
    return set().union(*(service_rows(name, space, helds) for name in names))


class Possible:
    """What a client may be told of each service: in each cluster any state that was written since all was compared.

    A Service and its slice come by streams of their own, so each state of one may meet each of the other.
    """

    def __init__(self, clusters):
        self.clusters = clusters
        self.services, self.health, self.hidden = {}, {}, {}

    def reset(self, helds, names):
        for cluster, held in zip(self.clusters, helds):
            for name in names:
                service = held.services.get(name)
                self.services[name, cluster] = {addresses_of(service) if service else None}
                self.hidden[name, cluster] = balanced(service) if service else None
                self.health[name, cluster] = {is_healthy(held.slices.get(name))}

    def unhide(self, name, cluster):
        self.add_service(name, cluster, self.hidden[name, cluster])

    def add_service(self, name, cluster, addresses):
        self.services[name, cluster] = self.services[name, cluster] | {addresses}

    def add_health(self, name, cluster, healthy):
        self.health[name, cluster] = self.health[name, cluster] | {healthy}

    def states(self, name, cluster):
        """Sets of addresses, or None where the service may be missing."""
        for addresses in self.services[name, cluster]:
            if addresses is None:
                yield None
                continue
            for healthy in self.health[name, cluster]:
                yield addresses if healthy else frozenset()

    def explains(self, name, answer):
        """`answer`: a set of addresses, or None for "no such name"."""
        choices = [set(self.states(name, cluster)) for cluster in self.clusters]
        if answer is None:
            return all(None in states for states in choices)
        # only states within the answer can make it up; an address of each must be found
        inside = [{state or frozenset() for state in states if state is None or state <= answer} for states in choices]
        return any(frozenset().union(*combination) == answer for combination in itertools.product(*inside))
