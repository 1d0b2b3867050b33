"""`fedns init --apply`, before a real API server."""

import base64
import json
import re
import unittest

import manifests
from apiserver import ApiServerTest
from harness import wait_until
from init_bed import CONTEXT, KEY, OVERLAYS, Init


def policy(space):
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "warns"},
        "spec": {
            "matchConstraints": {
                "resourceRules": [
                    {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"],
                     "resources": ["deployments"]}
                ]
            },
            "validations": [{"expression": f"object.metadata.namespace != '{space}'", "message": 'say "no"'}],
        },
    }  # fmt: skip


def binding(space):
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "warns", "labels": {"of": space}},
        "spec": {"policyName": "warns", "validationActions": ["Warn"]},
    }


class Brought(Init, ApiServerTest):
    """To a real API server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        manifests.need_yaml()
        cls.server = cls.shared_cluster(CONTEXT)
        cls.context = cls.server.kubectl("config", "current-context").strip()

    def bring(self, *more, who="admin", context=None, overlay="push"):
        kubeconfig = [f"--kubeconfig={self.server.kubeconfig(who)}", "--apply", f"--cluster-name={CONTEXT}"]
        return self.init(*self.arguments(overlay, context or self.context), *kubeconfig, *more, timeout_s=60)

    def get(self, kind, name="fedns", space="fedns"):
        return json.loads(self.server.kubectl("get", kind, name, "-n", space, "-o", "json"))

    def lines(self, done):
        self.assertEqual(done.returncode, 0, done.stderr)
        return dict(line.rsplit(" ", 1) for line in done.stdout.splitlines())

    def test_created_unchanged_configured(self):
        space = "--namespace=first"
        first = self.lines(self.bring(space))
        self.assertEqual(set(first.values()), {"created"})
        self.assertEqual(len(first), 12)
        key = self.get("secret", "fedns-alidns", "first")["data"]["alidns.yaml"]
        self.assertEqual(base64.b64decode(key).decode(), KEY)
        deployment = self.get("deployment", space="first")
        self.assertEqual(deployment["spec"]["replicas"], 2)
        self.assertEqual(deployment["spec"]["template"]["spec"]["volumes"][0]["projected"]["defaultMode"], 0o440)
        again = self.lines(self.bring(space))
        self.assertEqual((again.keys(), set(again.values())), (first.keys(), {"unchanged"}))
        other = self.lines(self.bring(space, "--replicas=3"))
        self.assertEqual([name for name, what in other.items() if what != "unchanged"], ["Deployment first/fedns"])
        self.assertEqual(other["Deployment first/fedns"], "configured")
        self.assertEqual(self.get("deployment", space="first")["spec"]["replicas"], 3)

    def test_what_others_have_changed_is_theirs(self):
        space = "--namespace=shared"
        self.lines(self.bring(space))
        self.server.kubectl("scale", "deployment/fedns", "-n", "shared", "--replicas=6")
        done = self.bring(space)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertRegex(done.stderr, r"Deployment shared/fedns: HTTP 409: Conflict: .*replicas")
        self.assertIn("--force-conflicts", done.stderr)
        self.assertNotIn("Deployment", done.stdout)
        self.lines(self.bring(space, "--force-conflicts"))
        self.assertEqual(self.get("deployment", space="shared")["spec"]["replicas"], 2)

    def test_the_overlays_are_taken(self):
        for overlay in OVERLAYS:
            done = self.bring(f"--namespace={overlay}", overlay=overlay)
            self.assertEqual(self.lines(done)[f"Service {overlay}/fedns"], "created")
            self.assertIn(f"-n {overlay} rollout status deployment/fedns", done.stderr)

    def test_what_is_needed_no_more_is_told_and_left(self):
        space = "--namespace=smaller"
        first = self.bring(space)
        self.assertNotIn("needed no more", first.stderr)
        done = self.bring(space, overlay="delegated")
        told = re.findall(r"fedns: (\S+ smaller/\S+) is there from before, and needed no more: (.*)", done.stderr)
        names = ["RoleBinding smaller/fedns-lease", "Role smaller/fedns-lease", "Secret smaller/fedns-alidns"]
        self.assertEqual([name for name, _command in told], names)
        # the commands are sound, and then nothing is left to say
        for _name, command in told:
            kubectl, context, *arguments = command.split()
            self.assertEqual((kubectl, context), ("kubectl", f"--context={self.context}"))
            self.server.kubectl(*arguments)
        self.assertNotIn("needed no more", self.bring(space, overlay="delegated").stderr)

    def test_what_the_overlay_has_no_more_goes_from_objects(self):
        space = "--namespace=changed"
        self.bring(space, overlay="ack")
        self.assertIn("annotations", self.get("service", space="changed")["metadata"])
        self.lines(self.bring(space))
        self.assertNotIn("annotations", self.get("service", space="changed")["metadata"])

    def test_the_servers_warnings_are_shown(self):
        """A policy that warns of every Deployment in one namespace."""
        for thing in (policy("warned"), binding("warned")):
            self.server.kubectl("apply", "-f", "-", stdin=json.dumps(thing))
        warning = "fedns: Deployment warned/fedns: Warning: Validation failed for ValidatingAdmissionPolicy"
        # it comes into force some moments later
        wait_until("the warning", lambda: warning in self.bring("--namespace=warned").stderr, 30.0, 0.5)
        done = self.bring("--namespace=warned")
        self.assertEqual([line for line in done.stderr.splitlines() if "Warning" in line],
                         [line for line in done.stderr.splitlines() if line.startswith(warning)])  # fmt: skip
        self.assertEqual(set(self.lines(done).values()), {"unchanged"})

    def test_wrong_context(self):
        done = self.bring(context="nowhere")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn('"nowhere"', done.stderr)

    def test_no_rights(self):
        done = self.bring("--namespace=refused", who="nobody")
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertRegex(done.stderr, r"fedns: Namespace refused: HTTP 403: Forbidden: .*forbidden")
        self.assertNotIn("testsecret", done.stderr)
        done = self.bring("--namespace=refused", who="stranger")
        self.assertEqual(done.returncode, 3)
        self.assertIn("HTTP 401: Unauthorized", done.stderr)

    def test_not_reached(self):
        text = self.server.kubeconfig().read_text().replace(self.server.url, "https://127.0.0.1:1")
        path = self.folder / "config"
        path.write_text(text)
        done = self.init(*self.arguments(context=self.context), f"--kubeconfig={path}", "--apply", "--cluster-name=x")
        self.assertEqual((done.returncode, done.stdout), (3, ""))
        self.assertRegex(done.stderr, r"fedns: Namespace fedns: .*127\.0\.0\.1")

    def test_what_is_printed_kubectl_applies(self):
        done = self.init(*self.arguments(), "--namespace=piped")
        # of others' namespaces too; kubectl warns of what it hasn't made itself
        self.server.kubectl("delete", "clusterrole", "fedns-member", "--ignore-not-found")
        applied = self.server.kubectl_done("apply", "-f", "-", stdin=done.stdout)
        self.assertEqual(applied.stderr, "")
        self.assertEqual(self.get("service", space="piped")["spec"]["type"], "LoadBalancer")


if __name__ == "__main__":
    unittest.main()
