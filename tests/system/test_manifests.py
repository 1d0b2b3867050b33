"""conf/kubernetes without a cluster: what the pods are told, who may do what, alerts and the dashboard."""

import ipaddress
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.request

import alert_cases
import manifests
from harness import FEDNS, SystemTest, free_port
from netns import need

HISTOGRAMS = ("fedns_dns_latency_seconds", "fedns_publish_seconds")
OVERLAYS = ("delegated", "push", "ack")
LAME_DUCK_SPARE_S = 10  # what giving back the lease and ending connections may take on top


def metrics_of(expression):
    """The metrics that are asked for, a histogram by its own name."""
    names = re.findall(r"\b(?:(?:fedns|process)_\w+|up)\b", re.sub(r'"[^"]*"', '""', expression))
    return {next((whole for whole in HISTOGRAMS if name == f"{whole}_bucket"), name) for name in names}


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(s|m)", text).groups()
    return int(number) * {"s": 1, "m": 60}[unit]


class Promtool(unittest.TestCase):
    """What Prometheus' own tool says of alerts and dashboard."""

    @classmethod
    def setUpClass(cls):
        manifests.need_kustomize()
        need("promtool")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="fedns-rules-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.objects = manifests.objects(manifests.kustomize(manifests.monitored(cls.folder)))
        cls.rules = manifests.rules(cls.objects)
        board = manifests.one(cls.objects, "ConfigMap", "fedns-dashboard")
        cls.dashboard = json.loads(board["data"]["fedns.json"])

    def promtool(self, *arguments):
        return subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=60, check=False)

    def rule_file(self, name, rules):
        path = self.folder / name
        path.write_text(json.dumps({"groups": [{"name": "all", "rules": rules}]}))
        return path

    def check(self, path):
        return self.promtool("check", "rules", "--lint-fatal", str(path))

    def test_alerts_and_their_texts_are_sound(self):
        done = self.check(self.rule_file("alerts.yaml", self.rules))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for rule in self.rules:
            self.assertEqual(set(rule["annotations"]), {"summary", "description", "action"}, rule["alert"])
            self.assertIn(rule["labels"]["severity"], ("critical", "warning", "info"), rule["alert"])

    def test_what_to_do_can_be_done(self):
        """Each alert says what; the commands, keys and metrics that it names are there."""
        known = (manifests.ROOT / "conf" / "fedns.yaml").read_text() + (manifests.ROOT / "README.md").read_text()
        for rule in self.rules:
            action = rule["annotations"]["action"]
            self.assertGreater(len(action.split()), 8, rule["alert"])
            for command in re.findall(r"`fedns (\w+)", action):
                done = subprocess.run([FEDNS, command, "--help"], capture_output=True, timeout=30, check=False)
                self.assertEqual(done.returncode, 0, f"{rule['alert']}: {command}")
            for metric in re.findall(r"\bfedns_\w+", action):
                self.assertIn(metric, known, rule["alert"])
            for key in re.findall(r"`([a-z_]+)`", action):
                self.assertIn(key, known, rule["alert"])

    def test_each_alert_has_cases_in_which_it_fires_and_in_which_it_does_not(self):
        for silent in (True, False):
            told = {case["alert"] for case in alert_cases.CASES if (case["labels"] is None) == silent}
            self.assertEqual(told, {rule["alert"] for rule in self.rules})

    def test_alerts_fire_when_they_should_and_only_then(self):
        bare = [{key: rule[key] for key in rule if key != "annotations"} for rule in self.rules]
        path = self.rule_file("bare.yaml", bare)
        severities = {rule["alert"]: rule["labels"]["severity"] for rule in self.rules}
        (self.folder / "cases.yaml").write_text(json.dumps(alert_cases.unit_tests(path.name, severities)))
        done = self.promtool("test", "rules", str(self.folder / "cases.yaml"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_wrong_alert_is_found(self):
        """That the test above can fail: the same cases, with one comparison turned round."""
        turned = [{"alert": "FednsDown", "expr": 'sum by (job) (up{job="fedns"}) > 0', "for": "1m"}]
        path = self.rule_file("turned.yaml", turned)
        cases = alert_cases.unit_tests(path.name, {rule["alert"]: "critical" for rule in self.rules})
        cases["tests"] = [test for test in cases["tests"] if test["name"] == "FednsDown silent"]
        (self.folder / "turned-cases.yaml").write_text(json.dumps(cases))
        done = self.promtool("test", "rules", str(self.folder / "turned-cases.yaml"))
        self.assertNotEqual(done.returncode, 0, done.stdout)

    def test_what_the_dashboard_asks_is_promql(self):
        asked = manifests.expressions(self.dashboard)
        rules = [{"record": f"panel:number:{at}", "expr": expr} for at, expr in enumerate(asked)]
        done = self.check(self.rule_file("panels.yaml", rules))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        bad = self.check(self.rule_file("bad.yaml", [{"record": "panel:number:0", "expr": asked[0] + ")"}]))
        self.assertNotEqual(bad.returncode, 0)

    def test_the_dashboard_has_no_panel_upon_another(self):
        taken = set()
        for panel in self.dashboard["panels"]:
            at = panel["gridPos"]
            self.assertLessEqual(at["x"] + at["w"], 24)
            cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
            self.assertFalse(cells & taken, panel["title"])
            taken |= cells
        self.assertEqual(len({panel["id"] for panel in self.dashboard["panels"]}), len(self.dashboard["panels"]))

    def test_prometheus_finds_the_replicas(self):
        service = manifests.one(self.objects, "Service", "fedns-metrics")
        monitor = manifests.one(self.objects, "ServiceMonitor")["spec"]
        self.assertLessEqual(monitor["selector"]["matchLabels"].items(), service["metadata"]["labels"].items())
        self.assertEqual(service["metadata"]["labels"][monitor["jobLabel"]], "fedns")
        self.assertEqual([monitor["endpoints"][0]["port"]], [port["name"] for port in service["spec"]["ports"]])


class Metrics(SystemTest):
    """What alerts and dashboard ask for, and what a fedns has."""

    def test_all_that_is_asked_for_is_there_and_all_that_is_there_is_shown(self):
        manifests.need_kustomize()
        things = manifests.objects(manifests.kustomize(manifests.monitored(self.folder)))
        board = json.loads(manifests.one(things, "ConfigMap", "fedns-dashboard")["data"]["fedns.json"])
        port = free_port()
        self.start_guide(f"admin: 127.0.0.1:{port}\n")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as reply:
            told = set(re.findall(r"^# TYPE (\S+)", reply.read().decode(), re.MULTILINE))
        panels = manifests.expressions(board)
        for expr in [*panels, *(rule["expr"] for rule in manifests.rules(things))]:
            asked = metrics_of(expr)
            self.assertTrue(asked, expr)
            self.assertLessEqual(asked, told | {"up"}, expr)
        self.assertEqual(told - set().union(*map(metrics_of, panels)), set(), "metrics that no panel shows")


class Manifests(SystemTest):
    """The overlays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        manifests.need_kustomize()
        cls.overlays = {name: manifests.overlay(name) for name in OVERLAYS}

    def pod(self, overlay):
        return manifests.one(self.overlays[overlay], "Deployment")["spec"]["template"]["spec"]

    def config(self, overlay):
        return manifests.one(self.overlays[overlay], "ConfigMap")["data"]["fedns.yaml"]

    def test_configurations_pass_check(self):
        for overlay in OVERLAYS:
            text = self.config(overlay)
            # as in the pod, but for the state: there is no API server here
            source = re.sub(r"(?ms)^source:\n.*?(?=^\w|\Z)", "source: {file: state.json}\n", text)
            self.assertNotEqual(source, text)
            self.config_path.write_text(source)
            self.write_state("[]")
            if overlay != "delegated":
                secret = manifests.one(self.overlays[overlay], "Secret")
                self.assertEqual(list(secret["data"]), ["alidns.yaml"])
                filled = (manifests.KUBERNETES / "overlays" / "push" / "alidns.yaml").read_text()
                path = self.folder / "alidns.yaml"
                path.write_text(re.sub("<[^>]*>", "testid", filled))
                path.chmod(0o600)
            done = self.fedns("check", "-c", str(self.config_path))
            self.assertEqual(done.returncode, 0, f"{overlay}: {done.stdout}{done.stderr}")
            self.assertNotIn("error:", done.stdout)

    def test_a_pod_can_do_nothing_that_it_need_not(self):
        for overlay in OVERLAYS:
            pod = self.pod(overlay)
            (container,) = pod["containers"]
            self.assertEqual(pod["securityContext"]["runAsUser"], 953)
            self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
            self.assertEqual(
                container["securityContext"],
                {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
                },
            )
            paths = {mount["mountPath"] for mount in container["volumeMounts"]}
            text = self.config(overlay)
            for path in re.findall(r"^(?:state_dir|control): (\S+)$", text, re.MULTILINE):
                self.assertTrue(any(path == at or path.startswith(f"{at}/") for at in paths), path)

    def test_a_pod_gets_no_credentials_of_its_node(self):
        """The metadata services of the clouds: by no rule but that of DNS."""
        for overlay in OVERLAYS:
            dns, rest = manifests.one(self.overlays[overlay], "NetworkPolicy")["spec"]["egress"]
            self.assertEqual({port["port"] for port in dns["ports"]}, {53})
            for address in map(ipaddress.ip_address, ("169.254.169.254", "100.100.100.200", "fd00:ec2::254")):
                for block in (peer["ipBlock"] for peer in rest["to"]):
                    if address.version == ipaddress.ip_network(block["cidr"]).version:
                        excepted = [ipaddress.ip_network(text) for text in block["except"]]
                        self.assertTrue(any(address in network for network in excepted), address)

    def test_ports_probes_and_services_agree(self):
        for overlay in OVERLAYS:
            (container,) = self.pod(overlay)["containers"]
            ports = {port["name"]: (port["containerPort"], port["protocol"]) for port in container["ports"]}
            self.assertEqual(ports, {"dns": (53, "UDP"), "dns-tcp": (53, "TCP"), "admin": (9153, "TCP")})
            self.assertIn('listen: "0.0.0.0:9153"', self.config(overlay))
            for probe, path in (("liveness", "/healthz"), ("readiness", "/readyz"), ("startup", "/healthz")):
                self.assertEqual(container[f"{probe}Probe"]["httpGet"], {"path": path, "port": "admin"})
            service = manifests.one(self.overlays[overlay], "Service")["spec"]
            self.assertEqual(service["type"], "LoadBalancer")
            told = {port["targetPort"]: (port["port"], port["protocol"]) for port in service["ports"]}
            self.assertEqual(told, {name: ports[name] for name in ("dns", "dns-tcp")})

    def test_selectors_find_the_pods_and_nothing_holds_them_up(self):
        for overlay in OVERLAYS:
            things = self.overlays[overlay]
            deployment = manifests.one(things, "Deployment")["spec"]
            labels = deployment["template"]["metadata"]["labels"].items()
            for selector in (
                deployment["selector"]["matchLabels"],
                manifests.one(things, "Service")["spec"]["selector"],
                manifests.one(things, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
                manifests.one(things, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
            ):
                self.assertLessEqual(selector.items(), labels)
            self.assertEqual(deployment["replicas"], 2)
            budget = manifests.one(things, "PodDisruptionBudget")["spec"]
            self.assertGreater(deployment["replicas"], budget["maxUnavailable"])

    def test_the_end_of_a_pod_leaves_time_for_the_lame_duck(self):
        for overlay in OVERLAYS:
            lame = re.search(r"^lame_duck: (\w+)$", self.config(overlay), re.MULTILINE)
            self.assertIsNotNone(lame, overlay)
            pod = self.pod(overlay)
            self.assertGreaterEqual(pod["terminationGracePeriodSeconds"], seconds(lame[1]) + LAME_DUCK_SPARE_S)
            probe = pod["containers"][0]["readinessProbe"]
            self.assertLess(probe["periodSeconds"] * probe["failureThreshold"], seconds(lame[1]))

    def test_no_real_key_lies_here(self):
        text = (manifests.KUBERNETES / "overlays" / "push" / "alidns.yaml").read_text()
        keys = re.findall(r"^access-key-\w+ = (.*)$", text, re.MULTILINE)
        self.assertEqual(keys, ["<Your-key-id>", "<Your-key-secret>"])


if __name__ == "__main__":
    unittest.main()
