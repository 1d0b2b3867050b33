"""`fedns init` without a cluster: the objects of conf/kubernetes filled in and printed."""

import base64
import json
import re
import unittest

import manifests
from init_bed import KEY, OVERLAYS, Init
from manifests import HASH

MARK = "fedns.io/config"


def normal(thing):
    """An object without what makes other pods of another configuration: kustomize's hash in a name, init's mark on the
    pods. The configuration itself as a tree, without the name servers, which are examples."""
    text = json.dumps(thing)
    thing = json.loads(re.sub(r'"(fedns(?:-alidns)?)-[0-9a-z]{10}"', r'"\1"', text))
    if thing["kind"] == "Deployment":
        thing["spec"]["template"]["metadata"].pop("annotations", None)
    if thing["kind"] == "ConfigMap":
        thing["data"] = {"fedns.yaml": manifests.yaml.safe_load(thing["data"]["fedns.yaml"])}
        thing["data"]["fedns.yaml"].pop("nameservers", None)
    if thing["kind"] == "Secret":
        thing["data"] = list(thing["data"])
    return thing


class Printed(Init):
    """Without a cluster."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        manifests.need_yaml()

    def test_they_are_those_of_the_overlays(self):
        manifests.need_kustomize()
        for overlay in OVERLAYS:
            printed = self.printed(*self.arguments(overlay))
            ours = {(one["kind"], one["metadata"]["name"]): normal(one) for one in printed}
            theirs = {
                (one["kind"], HASH.sub("", one["metadata"]["name"])): normal(one) for one in manifests.overlay(overlay)
            }
            self.assertEqual(ours.keys(), theirs.keys())
            for key, one in theirs.items():
                self.assertEqual(ours[key], one, f"{overlay}: {key}")

    def test_values_are_filled_in_everywhere(self):
        things = self.printed(
            *self.arguments(), "--namespace=dns", "--image=registry.example/fedns@sha256:0", "--replicas=5",
            "--federation=myfed", "--cluster-name=here.example",
            "--nameserver=ns1.spacexnice.xyz=192.0.2.53,2001:db8::53",
        )  # fmt: skip
        names = {one["metadata"].get("namespace", one["metadata"]["name"]) for one in things}
        self.assertEqual(names, {"dns", "fedns-member", "fedns-member-dns"})
        for kind in ("RoleBinding", "ClusterRoleBinding"):
            self.assertEqual(manifests.one(things, kind)["subjects"][0]["namespace"], "dns")
        spec = manifests.one(things, "Deployment")["spec"]
        self.assertEqual(spec["replicas"], 5)
        self.assertEqual(spec["template"]["spec"]["containers"][0]["image"], "registry.example/fedns@sha256:0")
        config = manifests.yaml.safe_load(manifests.one(things, "ConfigMap")["data"]["fedns.yaml"])
        self.assertEqual((config["federation"], config["zone"]), ("myfed", "spacexnice.xyz."))
        self.assertEqual(config["source"], {"clusters": [{"name": "here.example", "in_cluster": True}]})
        self.assertEqual(config["lease"]["namespace"], "dns")
        self.assertEqual(
            config["nameservers"], [{"name": "ns1.spacexnice.xyz", "addresses": ["192.0.2.53", "2001:db8::53"]}]
        )
        self.assertEqual(base64.b64decode(manifests.one(things, "Secret")["data"]["alidns.yaml"]).decode(), KEY)

    def test_documented_commands(self):
        for path in (manifests.ROOT / "README.md", manifests.KUBERNETES / "README.md"):
            commands = re.findall(r"^ *fedns (init --.*)$", path.read_text(), re.MULTILINE)
            self.assertEqual(len(commands), 1, path)
            arguments = commands[0].split()
            self.assertEqual(arguments.pop(), "--apply")
            done = self.init(*arguments, cwd=self.folder)
            self.assertEqual((done.returncode, len(manifests.objects(done.stdout))), (0, 12), done.stderr)

    def test_another_configuration_or_key_makes_other_pods(self):
        def mark(*more):
            pod = manifests.one(self.printed(*self.arguments(), *more), "Deployment")["spec"]["template"]
            return pod["metadata"]["annotations"][MARK]

        first = mark()
        self.assertEqual(mark("--replicas=7"), first)
        self.assertNotEqual(mark("--federation=other"), first)
        self.key.write_text(KEY.replace("testsecret", "testsecret2"))
        self.assertNotEqual(mark(), first)

    def test_without_a_key_the_chain_of_credentials_is_left_to_the_pods(self):
        arguments = [one for one in self.arguments() if "provider-config" not in one]
        things = self.printed(*arguments)
        self.assertEqual([one for one in things if one["kind"] == "Secret"], [])
        config = manifests.yaml.safe_load(manifests.one(things, "ConfigMap")["data"]["fedns.yaml"])
        self.assertEqual(config["provider"], {"alidns": {}})

    def test_it_says_what_it_does_and_never_the_secret(self):
        done = self.init(*self.arguments())
        for line in ("zone spacexnice.xyz.", "Deployment fedns/fedns", "Secret fedns/fedns-alidns"):
            self.assertIn(line, done.stderr)
        self.assertNotIn("testsecret", done.stderr)
        self.assertIn("next: the same with --apply, or | kubectl --context=hangzhou apply -f -", done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 2 + len(manifests.objects(done.stdout)))

    def test_the_name_may_be_given_as_to_kubefed(self):
        config = manifests.one(self.printed(*self.arguments(), "myfed"), "ConfigMap")["data"]["fedns.yaml"]
        self.assertIn("federation: myfed\n", config)
        done = self.init(*self.arguments(), "myfed", "--federation=other")
        self.assertEqual((done.returncode, done.stdout), (2, ""))

    def test_hostile_values_are_values_or_refused(self):
        hostile = (
            'x"\n  hostNetwork: true\n', "x: y", "{a: b}", "*anchor", "!!int 1", "---", "'", '"', "null", "0440", "-",
            "x #y",             "\u2028", "é", "a" * 2000, "", "../../x",
        )  # fmt: skip
        flags = ("image", "namespace", "cluster-name", "federation", "dns-zone-name", "nameserver", "replicas")
        kinds = [one["kind"] for one in self.printed(*self.arguments())]
        taken = 0
        for flag in flags:
            for value in hostile:
                done = self.init(*self.arguments(), f"--{flag}={value}")
                if done.returncode != 0:
                    self.assertEqual((done.returncode, done.stdout), (2, ""), (flag, value))
                    self.assertTrue(done.stderr.startswith("fedns: "), (flag, value, done.stderr))
                    self.assertLess(len(done.stderr), 4000)
                    continue
                taken += 1
                things = manifests.objects(done.stdout)
                self.assertEqual([one["kind"] for one in things], kinds, (flag, value))
                pod = manifests.one(things, "Deployment")["spec"]["template"]["spec"]
                self.assertNotIn("hostNetwork", pod)
                if flag == "image":
                    self.assertEqual(pod["containers"][0]["image"], value)
        self.assertGreater(taken, 10)

    def test_bad_input(self):
        self.key.chmod(0o644)
        (self.folder / "guide.yaml").write_text(KEY.replace("testid", "<Your-key-id>"))
        cases = (
            ([], "--host-cluster-context"),
            (["--host-cluster-context=x"], "--dns-zone-name"),
            ([*self.arguments()[1:], "--dns-zone-name=x..y"], "x..y"),
            ([*self.arguments()[1:], "--dns-provider=route53"], "alidns"),
            ([*self.arguments()[1:], "--dns-provider-config=/nowhere"], "/nowhere: open: No such file"),
            ([*self.arguments()[1:], f"--dns-provider-config={self.folder}/guide.yaml"], "placeholder"),
            ([*self.arguments()[1:], "--overlay=helm"], "delegated, push or ack"),
            ([*self.arguments()[1:], "--overlay=delegated"], "leave --dns-provider out"),
            ([*self.arguments("delegated")[1:], "--overlay=push"], "give --dns-provider"),
            ([*self.arguments()[1:], "--replicas=0"], "1 to 100"),
            ([*self.arguments()[1:], "--replicas=101"], "1 to 100"),
            ([*self.arguments()[1:], "--nameserver=ns1.spacexnice.xyz=192.0.2.300"], "192.0.2.300"),
            ([*self.arguments()[1:], *["--nameserver=ns1.example."] * 17], "more than 16"),
            ([*self.arguments()[1:], "--listen=127.0.0.1:53"], "--listen"),
            ([*self.arguments(context="user@cluster")[1:]], "--cluster-name"),
            ([*self.arguments()[1:], "a", "b"], "one word too many"),
            *(
                ([*self.arguments()[1:], f"--namespace={name}"], "one of fedns' own")
                for name in ("default", "kube-system", "kube-public")
            ),
        )
        for arguments, sentence in cases:
            done = self.init("init", *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertIn(sentence, done.stderr)


if __name__ == "__main__":
    unittest.main()
