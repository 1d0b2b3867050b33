"""Real API servers, real kubectl, and what DNS clients are told: each change that a cluster's users can make."""

import json
import unittest

import kube
from apiserver import Failed
from harness import Dig
from live_clusters import ACCOUNT, BEIJING, BEIJING_A, GLOBAL, HANGZHOU, HANGZHOU_B, RBAC, LiveTest, kubeconfig_text, whole

ONE, TWO, OTHER = "192.0.2.1", "192.0.2.2", "198.51.100.1"
READY, NOT_READY = kube.endpoint("10.1.0.1"), kube.endpoint("10.1.0.1", ready=False)


class Answers(LiveTest):
    """Names and addresses."""

    def test_names_endpoints_and_the_ladder(self):
        self.namespace("shop")
        self.serve(self.hangzhou, "shop", "web", ONE, "2001:db8::1")
        self.serve(self.beijing, "shop", "web", OTHER)
        web = "web.shop"
        self.start_live()
        # each level
        self.expect(GLOBAL(web), ONE, OTHER)
        self.expect(GLOBAL(web), "2001:db8::1", rtype="AAAA")
        self.expect(HANGZHOU(web), ONE)
        for zone in ("b", "g"):
            self.expect(f"{web}.fed.svc.cn-hangzhou-{zone}.cn-hangzhou", ONE)
        self.expect(BEIJING_A(web), OTHER)
        self.expect("_http._tcp." + HANGZHOU(web), f"0 0 80 {whole(HANGZHOU(web))}", rtype="SRV")
        dig = Dig(self.port, whole(GLOBAL(web)))
        self.assertEqual((dig.status, len(dig.answer)), ("NOERROR", 2))
        self.assertIn("aa", dig.flags)
        # a cluster without a ready endpoint
        self.set_endpoints(self.hangzhou, "web-a", NOT_READY, space="shop")
        self.follows(GLOBAL(web), OTHER)
        self.assertEqual(self.kinds(HANGZHOU_B(web)), ["CNAME", "CNAME", "A"])
        dig = Dig(self.port, whole(HANGZHOU_B(web)))
        self.assertEqual([line.split()[3] for line in dig.answer], ["CNAME", "CNAME", "A"])
        self.assertEqual(dig.answer[-1].split()[-1], OTHER)
        self.set_endpoints(self.hangzhou, "web-a", READY, space="shop")
        self.follows(HANGZHOU_B(web), ONE)
        # without any slice, and with one again
        self.hangzhou.kubectl("delete", "endpointslices", "web-a", "-n", "shop")
        self.follows(GLOBAL(web), OTHER)
        self.hangzhou.apply(kube.endpoint_slice("web-b", "web", [READY], "shop"))
        self.follows(GLOBAL(web), ONE, OTHER)
        # of two slices one is enough
        self.hangzhou.apply(kube.endpoint_slice("web-c", "web", [NOT_READY], "shop"))
        self.stays(GLOBAL(web), ONE, OTHER)
        # the clusters are taken at their word when none of them has any
        self.set_endpoints(self.beijing, "web-a", NOT_READY, space="shop")
        self.follows(GLOBAL(web), ONE)
        self.set_endpoints(self.hangzhou, "web-b", NOT_READY, space="shop")
        self.expect_nothing(GLOBAL(web), "NOERROR")
        self.assertEqual(self.kinds(HANGZHOU_B(web)), ["CNAME", "CNAME"])
        self.set_endpoints(self.beijing, "web-a", READY, space="shop")
        self.follows(GLOBAL(web), OTHER)
        self.tell_times()

    def test_what_is_done_to_a_service(self):
        self.namespace("pay")
        self.serve(self.hangzhou, "pay", "api", ONE)
        self.serve(self.beijing, "pay", "api", OTHER)
        api = "api.pay"
        self.start_live()
        self.expect(GLOBAL(api), ONE, OTHER)
        # the load balancer's address: another one, one more, none
        self.hangzhou.apply(kube.service("api", [TWO], "pay"))
        self.follows(HANGZHOU(api), TWO)
        self.hangzhou.apply(kube.service("api", [ONE, TWO], "pay"))
        self.follows(HANGZHOU(api), ONE, TWO)
        self.hangzhou.apply(kube.service("api", [], "pay"))
        self.follows(GLOBAL(api), OTHER)
        self.assertEqual(self.kinds(HANGZHOU(api)), ["CNAME", "A"])
        self.hangzhou.apply(kube.service("api", [ONE], "pay"))
        self.follows(GLOBAL(api), ONE, OTHER)
        # the type
        self.hangzhou.kubectl("patch", "service", "api", "-n", "pay", "-p", '{"spec": {"type": "ClusterIP"}}')
        self.follows(GLOBAL(api), OTHER)
        self.hangzhou.apply(kube.service("api", [ONE], "pay"))
        self.follows(GLOBAL(api), ONE, OTHER)
        # annotations
        self.annotate(self.hangzhou, "pay", "api", "fedns.io/ignore=true")
        self.follows(GLOBAL(api), OTHER)
        self.annotate(self.hangzhou, "pay", "api", "fedns.io/ignore-")
        self.follows(GLOBAL(api), ONE, OTHER)
        for server in self.servers:
            self.annotate(server, "pay", "api", "fedns.io/ttl=77")
        self.daemon.wait_for("the TTL", lambda: self.daemon.ask(HANGZHOU(api)).answer[0].ttl == 77)
        # a port
        self.hangzhou.apply(kube.service("api", [ONE], "pay", ports=["http:80", "dns:53/UDP"]))
        self.follows("_dns._udp." + HANGZHOU(api), f"0 0 53 {whole(HANGZHOU(api))}", rtype="SRV")
        # deleted in one, in both, and there again
        self.hangzhou.kubectl("delete", "service", "api", "-n", "pay")
        self.follows(GLOBAL(api), OTHER)
        self.beijing.kubectl("delete", "service", "api", "-n", "pay")
        self.expect_nothing(GLOBAL(api))
        self.expect_nothing(HANGZHOU_B(api))
        self.beijing.apply(kube.service("api", [OTHER], "pay"))
        self.follows(HANGZHOU_B(api), OTHER)
        self.tell_times()

    def test_kinds_of_endpoints(self):
        self.namespace("ends", self.hangzhou)
        self.namespace("ends", self.beijing)
        self.serve(self.beijing, "ends", "api", OTHER)
        draining = kube.endpoint("10.1.0.2", ready=False, serving=True, terminating=True)
        self.serve(self.hangzhou, "ends", "api", ONE, endpoints=[NOT_READY])
        api = "api.ends"
        self.start_live()
        self.expect(GLOBAL(api), OTHER)
        # what ends still serves, and nobody else does
        self.set_endpoints(self.hangzhou, "api-a", NOT_READY, draining, space="ends")
        self.follows(GLOBAL(api), ONE, OTHER)
        over = kube.endpoint("10.1.0.2", ready=False, serving=False, terminating=True)
        self.set_endpoints(self.hangzhou, "api-a", NOT_READY, over, space="ends")
        self.follows(GLOBAL(api), OTHER)
        # conditions that nobody has set yet
        self.set_endpoints(self.hangzhou, "api-a", {"addresses": ["10.1.0.1"], "conditions": {}}, space="ends")
        self.follows(GLOBAL(api), ONE, OTHER)
        self.set_endpoints(self.hangzhou, "api-a", space="ends")
        self.follows(GLOBAL(api), OTHER)
        # a service that publishes what isn't ready is judged by what serves
        serving = kube.endpoint("10.1.0.1", ready=False, serving=True)
        self.set_endpoints(self.hangzhou, "api-a", serving, space="ends")
        self.stays(GLOBAL(api), OTHER)
        publish = '{"spec": {"publishNotReadyAddresses": true}}'
        self.hangzhou.kubectl("patch", "service", "api", "-n", "ends", "-p", publish)
        self.follows(GLOBAL(api), ONE, OTHER)
        all_ready = kube.endpoint("10.1.0.1", ready=True, serving=False)
        self.set_endpoints(self.hangzhou, "api-a", all_ready, space="ends")
        self.follows(GLOBAL(api), OTHER)
        # the old form doesn't count beside slices
        self.hangzhou.apply(kube.endpoints_of("api", ["10.1.0.1"], space="ends"))
        self.stays(GLOBAL(api), OTHER)
        self.tell_times()


class Places(LiveTest):
    """Where clusters are, which services are meant, and what fedns must be allowed."""

    def test_labels_of_nodes(self):
        self.namespace("geo")
        self.serve(self.beijing, "geo", "web", OTHER)
        self.serve(self.hangzhou, "geo", "web", ONE)
        web = "web.geo"
        self.start_live(self.member(self.hangzhou, region="cn-east", zones=["cn-east-1"]), self.member(self.beijing))
        # what the configuration says wins
        self.expect(f"{web}.fed.svc.cn-east-1.cn-east", ONE)
        self.expect_nothing(HANGZHOU(web))
        self.expect(BEIJING_A(web), OTHER)
        self.beijing.kubectl("label", "node", "node-1", "--overwrite", f"{kube.ZONE}=cn-beijing-c")
        self.follows(f"{web}.fed.svc.cn-beijing-c.cn-beijing", OTHER)
        self.expect_nothing(BEIJING_A(web))
        self.beijing.apply(kube.node("node-2", "cn-beijing", "cn-beijing-a"))
        self.follows(BEIJING_A(web), OTHER)
        self.assertEqual(self.clusters()["beijing"][:3], ["Ready", "cn-beijing", "cn-beijing-a,cn-beijing-c"])
        self.beijing.kubectl("delete", "node", "node-2")
        self.expect_nothing(BEIJING_A(web))
        # the names before Kubernetes 1.17
        old = "failure-domain.beta.kubernetes.io"
        self.beijing.kubectl("label", "node", "node-1", f"{kube.REGION}-", f"{kube.ZONE}-")
        self.beijing.kubectl("label", "node", "node-1", f"{old}/region=cn-north", f"{old}/zone=cn-north-1")
        self.follows(f"{web}.fed.svc.cn-north-1.cn-north", OTHER)
        self.expect_nothing(BEIJING(web))
        self.beijing.kubectl("label", "node", "node-1", f"{old}/region-", f"{old}/zone-")
        self.beijing.kubectl("label", "node", "node-1", f"{kube.REGION}=cn-beijing", f"{kube.ZONE}=cn-beijing-a")
        self.follows(BEIJING_A(web), OTHER)
        self.tell_times()

    def test_which_services_are_meant(self):
        self.namespace("yes", self.hangzhou)
        self.namespace("no", self.hangzhou)
        for space in ("yes", "no"):
            for name in ("in", "out"):
                self.serve(self.hangzhou, space, name, ONE)
            self.hangzhou.kubectl("label", "service", "in", "-n", space, "dns=public")
        self.start_live(self.member(self.hangzhou), namespaces=["yes", "default"], selector="dns in (public, all)")
        self.expect(GLOBAL("in.yes"), ONE)
        self.expect_nothing(GLOBAL("out.yes"))
        self.expect_nothing(GLOBAL("in.no"))
        self.hangzhou.kubectl("label", "service", "out", "-n", "yes", "dns=all")
        self.follows(GLOBAL("out.yes"), ONE)
        self.hangzhou.kubectl("label", "service", "in", "-n", "yes", "dns-")
        self.expect_nothing(GLOBAL("in.yes"))
        self.assertEqual(self.clusters()["hangzhou"][3], "1")
        rendered = self.fedns("render", "-c", str(self.config_path)).stdout
        self.assertIn(whole(GLOBAL("out.yes")), rendered)
        self.assertNotIn(whole(GLOBAL("in.yes")), rendered)
        self.tell_times()

    def account(self, server):
        """A kubeconfig of the service account that rbac.yaml makes, with a real token of it."""
        request = json.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})
        path = "/api/v1/namespaces/fedns/serviceaccounts/fedns/token"
        token = json.loads(server.kubectl("create", "--raw", path, "-f", "-", stdin=request))["status"]["token"]
        return kubeconfig_text(server, token=token)

    def test_the_rights_of_rbac_yaml_are_enough_and_the_least(self):
        self.namespace("rights")
        self.serve(self.hangzhou, "rights", "web", ONE)
        self.serve(self.beijing, "rights", "web", OTHER)
        for server in self.servers:
            made = server.kubectl_done("apply", "-f", str(ACCOUNT), "-f", str(RBAC))
            self.assertEqual(made.stderr, "")
            self.assertEqual(made.stdout.count("created"), 4, made.stdout)
        # one of them without nodes
        role = json.loads(self.beijing.kubectl("get", "clusterrole", "fedns-member", "-o", "json"))
        role["rules"] = [rule for rule in role["rules"] if rule["resources"] != ["nodes"]]
        self.beijing.kubectl("replace", "-f", "-", stdin=json.dumps(role))
        members = [self.member(server, self.account(server)) for server in self.servers]
        self.start_live(*members)
        self.expect(GLOBAL("web.rights"), ONE, OTHER)
        self.expect(HANGZHOU_B("web.rights"), ONE)
        line = self.daemon.log_wait("cluster beijing", "nodes can't be read")
        self.assertIn("warn", line)
        self.expect_nothing(BEIJING("web.rights"))
        self.assertEqual(self.clusters()["beijing"][:2], ["Ready", "-"])
        self.assertEqual(self.fedns("render", "-c", str(self.config_path)).returncode, 0)
        self.set_endpoints(self.beijing, "web-a", NOT_READY, space="rights")
        self.follows(GLOBAL("web.rights"), ONE)
        # nothing else is allowed
        may = ["--kubeconfig", str(self.folder / "hangzhou.kubeconfig")]
        for refused in ("secrets", "pods", "configmaps"):
            with self.assertRaisesRegex(Failed, "Forbidden"):
                self.hangzhou.kubectl("get", refused, "-A", *may)
        with self.assertRaisesRegex(Failed, "Forbidden"):
            self.hangzhou.kubectl("delete", "service", "web", "-n", "rights", *may)
        self.tell_times()


if __name__ == "__main__":
    unittest.main()
