"""Objects of a Kubernetes cluster, as little of each as its API server takes."""

import state

SERVICE_NAME = "kubernetes.io/service-name"
REGION, ZONE = "topology.kubernetes.io/region", "topology.kubernetes.io/zone"
PLURALS = {
    "Namespace": "namespaces",
    "Node": "nodes",
    "Service": "services",
    "Endpoints": "endpoints",
    "EndpointSlice": "endpointslices",
}


def collection(objects):
    """A List; without the status that only a path of its own takes."""
    return {
        "apiVersion": "v1",
        "kind": "List",
        "items": [{key: part for key, part in thing.items() if key != "status"} for thing in objects],
    }


def path(thing):
    """Where an API server has this object."""
    version, metadata = thing["apiVersion"], thing["metadata"]
    root = f"/apis/{version}" if "/" in version else f"/api/{version}"
    space = f"/namespaces/{metadata['namespace']}" if "namespace" in metadata else ""
    return f"{root}{space}/{PLURALS[thing['kind']]}/{metadata['name']}"


def namespace(name):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def service(name, ingresses=(), space="default", ports=("http:80",), kind="LoadBalancer", annotations=None, **spec):
    """`ingresses`: addresses or host names of the load balancer; `spec`: more of the specification."""
    metadata = {"name": name, "namespace": space}
    if annotations:
        metadata["annotations"] = annotations
    balancer = {"ingress": [state.item(text) for text in ingresses]} if ingresses else {}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {"type": kind, "ports": [state.port(text) for text in ports], **spec},
        "status": {"loadBalancer": balancer},
    }


def endpoint(address, ready=True, terminating=False, serving=None, zone=None):
    """One of a slice. `serving` is as `ready` unless it is given: what ends may serve still, and is not ready."""
    conditions = {"ready": ready, "serving": ready if serving is None else serving, "terminating": terminating}
    return {"addresses": [address], "conditions": conditions, **({"zone": zone} if zone else {})}


def endpoint_slice(name, of, endpoints=(), space="default", ports=("http:80",)):
    """A slice of the Service `of`."""
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": name, "namespace": space, "labels": {SERVICE_NAME: of}},
        "addressType": "IPv6" if any(":" in one["addresses"][0] for one in endpoints) else "IPv4",
        "endpoints": list(endpoints),
        "ports": [state.port(text) for text in ports],
    }


def endpoints_of(name, ready=(), not_ready=(), space="default", ports=("http:80",)):
    """The Endpoints of a Service, the form before slices."""
    subset = {"ports": [state.port(text) for text in ports]}
    if ready:
        subset["addresses"] = [{"ip": address} for address in ready]
    if not_ready:
        subset["notReadyAddresses"] = [{"ip": address} for address in not_ready]
    return {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {"name": name, "namespace": space},
        "subsets": [subset] if ready or not_ready else [],
    }


def node(name, region=None, zone=None, ready=True):
    labels = {key: value for key, value in ((REGION, region), (ZONE, zone)) if value}
    condition = {"type": "Ready", "status": "True" if ready else "False", "reason": "Test"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "status": {"conditions": [condition]},
    }
