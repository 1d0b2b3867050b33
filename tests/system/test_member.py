"""How a member cluster comes to a fedns in another: conf/kubernetes/member.sh, then `fedns init --member-kubeconfig`; and
a fedns with what the pods are given then, and no more rights than that."""

import base64
import json
import os
import re
import subprocess
import unittest

import kube
import manifests
from apiserver import ApiServerTest
from harness import wait_until
from init_bed import Init

SCRIPT = manifests.KUBERNETES / "member.sh"
SCRIPT_S = 60
TOKEN = "/api/v1/namespaces/fedns/serviceaccounts/fedns/token"
REQUEST = json.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})
SECRET = ("secret", "fedns-token", "-n", "fedns")


class Member(Init, ApiServerTest):
    """The one cluster is the host's, and by another name the member too."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        manifests.need_yaml()
        cls.server = cls.shared_cluster("beijing")
        cls.context = cls.server.kubectl("config", "current-context").strip()

    def setUp(self):
        super().setUp()
        self.members = self.folder / "members"

    def script(self, *arguments, name="beijing"):
        """A running one."""
        command = [SCRIPT, self.context, self.members, name, *arguments]
        environment = {**os.environ, "KUBECONFIG": str(self.server.kubeconfig())}
        process = subprocess.Popen(command, env=environment, stdout=-1, stderr=-1, text=True)
        self.addCleanup(self.end_script, process)
        return process

    @staticmethod
    def end_script(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def fill_token(self):
        """What the token controller does, which doesn't run here."""
        wait_until("the token's Secret", lambda: self.server.kubectl("get", *SECRET, "--ignore-not-found"), 30.0)
        made = json.loads(self.server.kubectl("create", "--raw", TOKEN, "-f", "-", stdin=REQUEST))
        data = base64.b64encode(made["status"]["token"].encode()).decode()
        self.server.kubectl("patch", *SECRET, "-p", json.dumps({"data": {"token": data}}))

    def join(self, name="beijing"):
        running = self.script(name=name)
        self.fill_token()
        out, said = running.communicate(timeout=SCRIPT_S)
        self.assertEqual(running.returncode, 0, said)
        self.assertIn(f"{self.members}: context {name}\n", out)
        return said

    def contexts(self):
        config = manifests.yaml.safe_load(self.members.read_text())
        return {one["name"]: one["context"] for one in config["contexts"]}

    def test_from_a_context_to_answers(self):
        self.server.apply(
            kube.node("node-1", "cn-beijing", "cn-beijing-a"),
            kube.service("nginx", ["192.0.2.80"]),
            kube.endpoint_slice("nginx-1", "nginx", [kube.endpoint("10.0.0.1")]),
        )
        said = self.join()
        # as the test's server is on this machine, that is told
        self.assertIn("no pod reaches the cluster there", said)
        self.assertEqual(self.members.stat().st_mode & 0o777, 0o600)
        done = self.init(
            *self.arguments("delegated", self.context), f"--kubeconfig={self.server.kubeconfig()}",
            "--cluster-name=hangzhou", f"--member-kubeconfig={self.members}", "--apply", timeout_s=60,
        )  # fmt: skip
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("member.sh", done.stderr)
        daemon = self.start_as_a_pod()
        name = "nginx.default.fed.svc.cn-beijing"
        daemon.wait_for("an answer", lambda: daemon.addresses(name) == ["192.0.2.80"])
        self.assertNotIn("forbidden", daemon.log)

    def start_as_a_pod(self):
        """With the files that a pod is given; but for the host cluster, whose account only a pod has, and for ports and
        folders."""
        for kind, name, key in (("configmap", "fedns", "fedns.yaml"), ("secret", "fedns-members", "kubeconfig")):
            text = json.loads(self.server.kubectl("get", kind, name, "-n", "fedns", "-o", "json"))["data"][key]
            data = text.encode() if kind == "configmap" else base64.b64decode(text)
            (self.folder / key).write_bytes(data)
        config = manifests.yaml.safe_load((self.folder / "fedns.yaml").read_text())
        host, member = config["source"]["clusters"]
        self.assertEqual(host, {"name": "hangzhou", "in_cluster": True})
        self.assertEqual(member, {"name": "beijing", "kubeconfig": "kubeconfig", "context": "beijing"})
        config["source"]["clusters"] = [member]
        config.update(listen=self.listens(), state_dir=str(self.folder / "kept"), control=str(self.folder / "socket"))
        del config["admin"], config["lame_duck"]
        self.config_path.write_text(json.dumps(config))
        return self.start()

    def test_several_in_one_file_and_the_same_again(self):
        for name in ("beijing", "shanghai.example", "beijing"):
            self.join(name)
        self.assertEqual(set(self.contexts()), {"beijing", "shanghai.example"})
        self.assertEqual(self.contexts()["beijing"]["user"], "fedns@beijing")
        printed = self.printed(*self.arguments("delegated"), f"--member-kubeconfig={self.members}")
        config = manifests.yaml.safe_load(manifests.one(printed, "ConfigMap")["data"]["fedns.yaml"])
        names = [one["name"] for one in config["source"]["clusters"]]
        self.assertEqual(names, ["hangzhou", "beijing", "shanghai.example"])

    def test_the_rights_are_the_least(self):
        """All that the account may, but for what anybody may who is known: ask about himself, and read versions."""
        self.join()
        token = (f"--kubeconfig={self.members}", "--context=beijing", f"--cache-dir={self.folder}/cache")
        done = subprocess.run(
            ["kubectl", *token, "auth", "can-i", "--list", "-n", "fedns"], capture_output=True, text=True, check=False
        )
        rows = [re.fullmatch(r"(\S*) +\[(.*)\] +\[(.*)\] +\[(.*)\]", line) for line in done.stdout.splitlines()[1:]]
        self.assertTrue(rows and all(rows), done.stdout + done.stderr)
        may = {row[1]: row[4] for row in rows if row[1] and not row[1].startswith("self")}
        kinds = ("services", "endpoints", "nodes", "endpointslices.discovery.k8s.io")
        self.assertEqual(may, dict.fromkeys(kinds, "list watch"))
        self.assertEqual({row[4] for row in rows if row[2]}, {"get"})

    def test_bad_words(self):
        for arguments, status, sentence in (
            ([], 2, "usage: "),
            (["x"], 2, "usage: "),
            (["nowhere", self.members], 1, "nowhere"),
            ([self.context, self.members, "User@Beijing"], 1, "third word"),
            ([self.context, "a:b"], 1, "colon"),
        ):
            environment = {**os.environ, "KUBECONFIG": str(self.server.kubeconfig())}
            done = subprocess.run(
                [SCRIPT, *arguments], capture_output=True, text=True, env=environment, timeout=SCRIPT_S, check=False
            )
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(sentence, done.stderr)
            self.assertFalse(self.members.exists())


if __name__ == "__main__":
    unittest.main()
