#!/usr/bin/env python3
"""Write a federation's state as `kubectl get clusters,services --all-namespaces -o json` prints it.

usage: make_state.py SERVICES [CLUSTERS [IDLE]] > state.json

Every service is listed in each of CLUSTERS (2) with one address; IDLE (0) further clusters list nothing. Two clusters give five
names and six records a service; each idle one two names with a CNAME.
"""
import json
import sys

STAMP = "2026-11-23T02:30:45Z"


def cluster(i):
    region = f"cn-region{i}"
    return {
        "apiVersion": "federation/v1beta1",
        "kind": "Cluster",
        "metadata": {
            "creationTimestamp": STAMP,
            "name": f"cluster{i}",
            "resourceVersion": "129",
            "selfLink": f"/apis/federation/v1beta1/clusters/cluster{i}",
            "uid": f"998bd359-e6e5-11f1-b8c8-{i:012x}",
        },
        "spec": {"serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": "https://127.0.0.1:6443"}]},
        "status": {
            "conditions": [
                {
                    "lastProbeTime": STAMP,
                    "lastTransitionTime": STAMP,
                    "message": "/healthz responded with ok",
                    "reason": "ClusterReady",
                    "status": "True",
                    "type": "Ready",
                }
            ],
            "region": region,
            "zones": [f"{region}-a"],
        },
    }


def service(n, clusters):
    namespace, name = f"ns-{n % 1000}", f"svc-{n:06d}"
    items = [
        {"cluster": f"cluster{c}", "items": [{"ip": f"{10 + c}.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"}]}
        for c in range(clusters)
    ]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "annotations": {
                "federation.kubernetes.io/service-ingresses": json.dumps({"items": items}, separators=(",", ":"))
            },
            "creationTimestamp": STAMP,
            "labels": {"app": name},
            "name": name,
            "namespace": namespace,
            "resourceVersion": str(100 + n),
            "selfLink": f"/api/v1/namespaces/{namespace}/services/{name}",
            "uid": f"e2d57025-e6e5-11f1-a488-{n:012x}",
        },
        "spec": {
            "externalTrafficPolicy": "Cluster",
            "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 80}],
            "selector": {"app": name},
            "sessionAffinity": "None",
            "type": "LoadBalancer",
        },
        "status": {"loadBalancer": {}},
    }


def main():
    services = int(sys.argv[1])
    clusters = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    idle = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    out = sys.stdout
    out.write('{\n    "apiVersion": "v1",\n    "items": [')
    objects = [lambda i=i: cluster(i) for i in range(clusters + idle)]
    objects += [lambda n=n: service(n, clusters) for n in range(services)]
    for i, make in enumerate(objects):
        text = json.dumps(make(), indent=4, sort_keys=True)
        out.write(("," if i else "") + "\n        " + text.replace("\n", "\n        "))
    out.write('\n    ],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": "",\n        "selfLink": ""\n    }\n}\n')


if __name__ == "__main__":
    main()
