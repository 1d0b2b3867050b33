"""conf/kubernetes, applied by kubectl to a real API server: nothing is refused, and nothing warned of."""

import json
import pathlib
import re
import tempfile
import unittest

import manifests
from apiserver import ApiServerTest, Failed

# What the Prometheus operator defines, as far as ours need it: the API server must know the kinds, no more.
MONITORING = "monitoring.coreos.com"
OVERLAYS = ("delegated", "push", "ack")
ACK = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-"


def definition(kind):
    plural = f"{kind.lower()}s"
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{MONITORING}"},
        "spec": {
            "group": MONITORING,
            "scope": "Namespaced",
            "names": {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {
                        "openAPIV3Schema": {
                            "type": "object",
                            "properties": {"spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                        }
                    },
                }
            ],
        },
    }


class Applied(ApiServerTest):
    """One cluster; the overlays come one after the other, as when an operator changes from one to another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        manifests.need_kustomize()
        cls.server = cls.shared_cluster("hangzhou")
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="fedns-kustomize-")))

    def apply(self, folder, *more):
        """kubectl's output. It must not warn of anything. What it can't put together itself it is given."""
        if manifests.kubectl_knows_components():
            done = self.server.kubectl_done("apply", "-k", str(folder), *more)
        else:
            done = self.server.kubectl_done("apply", "-f", "-", *more, stdin=manifests.kustomize(folder))
        self.assertEqual(done.stderr, "", folder)
        return done.stdout

    def get(self, kind, name="fedns"):
        return json.loads(self.server.kubectl("get", kind, name, "-n", "fedns", "-o", "json"))

    def versions(self):
        """Of all that is in the namespace: another one tells a change. (kubectl's word for it isn't enough: of what it
        sends each time, as a Secret with its base64 in lines, it says "configured".)"""
        kinds = "sa,roles,rolebindings,configmaps,secrets,services,deployments,pdb,networkpolicies"
        things = json.loads(self.server.kubectl("get", kinds, "-n", "fedns", "-o", "json"))["items"]
        return {(one["kind"], one["metadata"]["name"]): one["metadata"]["resourceVersion"] for one in things}

    def test_overlays(self):
        for name in OVERLAYS:
            folder = manifests.KUBERNETES / "overlays" / name
            count = len(manifests.overlay(name))
            # a namespace that isn't there yet can't be tried in
            if name != OVERLAYS[0]:
                self.assertEqual(self.apply(folder, "--dry-run=server").count("(server dry run)"), count)
            self.assertEqual(len(self.apply(folder).splitlines()), count)
            before = self.versions()
            self.apply(folder)
            self.assertEqual(self.versions(), before)
        service = self.get("service")
        self.assertEqual(
            [(port["port"], port["protocol"]) for port in service["spec"]["ports"]], [(53, "UDP"), (53, "TCP")]
        )
        self.assertEqual(service["spec"]["type"], "LoadBalancer")
        self.assertEqual(service["metadata"]["annotations"][f"{ACK}address-type"], "internet")

    def test_monitoring(self):
        for kind in ("ServiceMonitor", "PrometheusRule"):
            self.server.kubectl("apply", "-f", "-", stdin=json.dumps(definition(kind)))
        self.server.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=30s")
        folder = manifests.monitored(self.folder)
        out = self.apply(folder)
        for made in ("servicemonitor", "prometheusrule", "service/fedns-metrics", "configmap/fedns-dashboard"):
            self.assertIn(made, out)
        self.assertEqual(len(self.get("prometheusrule")["spec"]["groups"]), 3)

    def test_rights_for_other_clusters(self):
        for name in ("member", "lease"):
            things = self.apply(manifests.KUBERNETES / "overlays" / name).splitlines()
            self.assertEqual(len(things), 4)
            # as every kubectl can
            (file,) = (manifests.KUBERNETES / "components" / name).glob("[lr]*.yaml")
            account = manifests.KUBERNETES / "account" / "account.yaml"
            done = self.server.kubectl_done("apply", "-f", str(account), "-f", str(file))
            self.assertEqual({line.split()[0] for line in done.stdout.splitlines()}, {one.split()[0] for one in things})
            self.assertNotIn("created", done.stdout)

    def test_the_namespace_lets_in_nothing_that_may_more(self):
        self.apply(manifests.KUBERNETES / "overlays" / "member")
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "intruder", "namespace": "fedns"},
            "spec": {"containers": [{"name": "c", "image": "c"}], "hostNetwork": True},
        }
        with self.assertRaisesRegex(Failed, "violates PodSecurity"):
            self.server.kubectl("create", "-f", "-", stdin=json.dumps(pod))

    def test_a_pod_of_the_deployment_is_let_in(self):
        """No controller makes pods here: one is made as it would."""
        self.apply(manifests.KUBERNETES / "overlays" / "push")
        template = self.get("deployment")["spec"]["template"]
        metadata = {**template["metadata"], "name": "fedns-0", "namespace": "fedns"}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
        done = self.server.kubectl_done("create", "--dry-run=server", "-f", "-", stdin=json.dumps(pod))
        self.assertEqual(done.stderr, "")

    def test_the_account_may_what_it_must_and_no_more(self):
        self.apply(manifests.KUBERNETES / "overlays" / "push")
        account = "system:serviceaccount:fedns:fedns"
        may = {
            ("list", "services", "-A"), ("watch", "services", "-A"), ("list", "nodes"), ("watch", "nodes"),
            ("watch", "endpointslices.discovery.k8s.io", "-A"), ("update", "leases.coordination.k8s.io", "-n", "fedns"),
        }  # fmt: skip
        may_not = {
            ("get", "secrets", "-n", "fedns"), ("delete", "leases.coordination.k8s.io", "-n", "fedns"),
            ("update", "services", "-A"), ("create", "pods", "-n", "fedns"), ("get", "configmaps", "-n", "fedns"),
            ("update", "leases.coordination.k8s.io", "-n", "default"), ("patch", "nodes"),
        }  # fmt: skip
        for allowed, questions in ((True, may), (False, may_not)):
            for verb, resource, *where in questions:
                self.assertEqual(self.allowed(account, verb, resource, *where), allowed, (verb, resource, where))

    def allowed(self, account, verb, resource, *where):
        """By `kubectl auth can-i`, whose exit status is the answer."""
        try:
            said = self.server.kubectl("auth", "can-i", verb, resource, *where, f"--as={account}")
        except Failed as failed:
            # the sentence that a resource isn't namespaced may stand before it
            self.assertRegex(str(failed), r"can-i .*")
            return False
        return re.search(r"^yes$", said, re.MULTILINE) is not None


if __name__ == "__main__":
    unittest.main()
