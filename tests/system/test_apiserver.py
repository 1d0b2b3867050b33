"""What a real API server does where a client of it must be right; and the test clusters themselves."""

import gzip
import json
import time
import unittest

import kube
from apiserver import START_S, ApiServerTest, Failed
from harness import wait_until

SERVICES = "/api/v1/services"
SLICES = "/apis/discovery.k8s.io/v1/endpointslices"
METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
GZIP_FROM = 128 * 1024  # the server compresses what is larger


def names(answer):
    return [item["metadata"]["name"] for item in answer.json["items"]]


class Cluster(ApiServerTest):
    """One server for questions that change nothing for one another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # as a server before 1.34: pages are read from etcd, and compaction is felt at once
        cls.server = cls.shared_cluster("hangzhou", "--feature-gates=ListFromCacheSnapshot=false")
        cls.server.apply(
            *(kube.service(f"web-{i}", [f"192.0.2.{i}"]) for i in range(1, 4)),
            kube.endpoint_slice(
                "web-1-a",
                "web-1",
                [
                    kube.endpoint("10.1.0.1", zone="cn-hangzhou-b"),
                    kube.endpoint("10.1.0.2", ready=False),
                    kube.endpoint("10.1.0.3", ready=False, serving=True, terminating=True),
                ],
            ),
            kube.node("node-1", "cn-hangzhou", "cn-hangzhou-b"),
        )

    def status(self, answer, code, reason):
        self.assertEqual(answer.status, code)
        self.assertEqual((answer.json["kind"], answer.json["code"], answer.json["reason"]), ("Status", code, reason))

    def version(self):
        return self.server.get(SERVICES).json["metadata"]["resourceVersion"]


class Lists(Cluster):
    """Lists, and what is refused."""

    def test_objects_come_back_as_they_were_written(self):
        self.server.apply(kube.endpoints_of("old-style", ["10.1.0.1"], ["10.1.0.2"]))
        web = next(i for i in self.server.get(SERVICES).json["items"] if i["metadata"]["name"] == "web-1")
        self.assertEqual(web["status"]["loadBalancer"]["ingress"], [{"ip": "192.0.2.1", "ipMode": "VIP"}])
        endpoints = self.server.get(SLICES).json["items"][0]["endpoints"]
        self.assertEqual([one["conditions"]["ready"] for one in endpoints], [True, False, False])
        self.assertEqual([one["conditions"]["terminating"] for one in endpoints], [False, False, True])
        subset = self.server.get("/api/v1/namespaces/default/endpoints/old-style").json["subsets"][0]
        self.assertEqual(subset["notReadyAddresses"], [{"ip": "10.1.0.2"}])

    def test_a_list_by_pages_is_of_one_moment(self):
        self.server.apply(kube.service("web-9", ["192.0.2.9"]))
        self.addCleanup(self.server.delete, kube.service("web-0"))
        got, versions, more = [], set(), ""
        while True:
            page = self.server.get(f"{SERVICES}?limit=2{more}")
            got += names(page)
            versions.add(page.json["metadata"]["resourceVersion"])
            token = page.json["metadata"].get("continue")
            if not more:
                # neither is seen on later pages
                self.server.delete(kube.service("web-9"))
                self.server.apply(kube.service("web-0", ["192.0.2.10"]))
            if not token:
                break
            more = f"&continue={token}"
        self.assertEqual(got, ["kubernetes", "web-1", "web-2", "web-3", "web-9"])
        self.assertEqual(len(versions), 1)

    def test_items_of_a_list_do_not_say_their_kind(self):
        answer = self.server.get(SERVICES)
        self.assertEqual((answer.json["kind"], answer.json["apiVersion"]), ("ServiceList", "v1"))
        self.assertFalse([item for item in answer.json["items"] if "kind" in item or "apiVersion" in item])

    def test_a_page_of_forgotten_history_is_http_410_with_another_token(self):
        page = self.server.get(f"{SERVICES}?limit=1").json["metadata"]
        self.server.apply(kube.service("web-1", ["192.0.2.1"], annotations={"changed": "yes"}))
        self.server.compact()
        gone = self.server.get(f"{SERVICES}?limit=1&continue={page['continue']}")
        self.status(gone, 410, "Expired")
        inconsistent = self.server.get(f"{SERVICES}?continue={gone.json['metadata']['continue']}")
        self.assertEqual(inconsistent.status, 200)
        self.assertEqual(names(inconsistent), ["web-1", "web-2", "web-3"])
        exact = f"resourceVersionMatch=Exact&resourceVersion={page['resourceVersion']}"
        self.status(self.server.get(f"{SERVICES}?limit=1&{exact}"), 410, "Expired")

    def test_a_version_of_the_future_is_504_and_says_when_to_ask_again(self):
        answer = self.server.get(f"{SERVICES}?resourceVersion=99999999")
        self.status(answer, 504, "Timeout")
        self.assertEqual(answer.json["details"]["causes"][0]["reason"], "ResourceVersionTooLarge")
        self.assertEqual(answer.headers["Retry-After"], "1")

    def test_a_bad_token_is_401_and_none_is_a_user_without_rights(self):
        self.status(self.server.get(SERVICES, None, Authorization="Bearer testtoken-wrong"), 401, "Unauthorized")
        none = self.server.get(SERVICES, None)
        self.status(none, 403, "Forbidden")
        self.assertIn("system:anonymous", none.json["message"])

    def test_what_the_role_does_not_name_is_403(self):
        self.status(self.server.get("/api/v1/secrets"), 403, "Forbidden")
        self.status(self.server.get(SERVICES, "nobody"), 403, "Forbidden")

    def test_an_unknown_resource_is_404_for_those_who_may_and_403_for_others(self):
        path = "/apis/federation.example/v1/clusters"
        self.assertEqual(self.server.get(path, "admin").status, 404)
        self.status(self.server.get("/api/v1/things", "admin"), 404, "NotFound")
        self.status(self.server.get(path), 403, "Forbidden")

    def test_only_metadata_by_what_is_accepted(self):
        answer = self.server.get("/api/v1/nodes", Accept=METADATA_ONLY)
        self.assertEqual(answer.json["kind"], "PartialObjectMetadataList")
        [node] = answer.json["items"]
        self.assertEqual(node["kind"], "PartialObjectMetadata")
        self.assertEqual(node["metadata"]["labels"][kube.ZONE], "cn-hangzhou-b")
        self.assertNotIn("status", node)

    def test_large_lists_are_compressed_when_that_is_accepted_and_watches_never(self):
        note = {"example.com/note": "long " * 10000}
        many = [kube.service(f"large-{i}", annotations=note, kind="ClusterIP") for i in range(3)]
        # created, not applied: that would keep a second copy of it, too long for an annotation
        self.server.kubectl("create", "--validate=false", "-f", "-", stdin=json.dumps(kube.collection(many)))
        self.addCleanup(lambda: [self.server.delete(thing) for thing in many])
        plain, packed = self.server.get(SERVICES), self.server.get(SERVICES, Accept_Encoding="gzip")
        self.assertGreater(len(plain.octets), GZIP_FROM)
        self.assertIsNone(plain.headers["Content-Encoding"])
        self.assertEqual(packed.headers["Content-Encoding"], "gzip")
        self.assertEqual(json.loads(gzip.decompress(packed.octets))["kind"], "ServiceList")
        small = self.server.get(f"{SERVICES}?limit=1", Accept_Encoding="gzip")
        self.assertIsNone(small.headers["Content-Encoding"])
        watch = self.server.watch(f"{SERVICES}?watch=1&timeoutSeconds=1", Accept_Encoding="gzip")
        self.addCleanup(watch.close)
        self.assertIsNone(watch.headers["Content-Encoding"])
        self.assertEqual(watch.event()["type"], "ADDED")


class Watches(Cluster):
    """Streams of events."""

    def watch(self, parameters="", path=SERVICES):
        watch = self.server.watch(f"{path}?watch=1&allowWatchBookmarks=true&{parameters}")
        self.addCleanup(watch.close)
        self.assertEqual((watch.status, watch.headers["Content-Type"]), (200, "application/json"))
        return watch

    def test_changes_come_as_they_are_made_one_object_a_line(self):
        watch = self.watch(f"timeoutSeconds=30&resourceVersion={self.version()}")
        self.assertEqual(watch.headers["Transfer-Encoding"], "chunked")
        self.server.apply(kube.service("new", ["192.0.2.20"]))
        self.server.delete(kube.service("new"))
        lines = [watch.line() for _ in range(3)]
        events = [json.loads(line) for line in lines]
        self.assertTrue(all(line.endswith(b"}\n") and line.count(b"\n") == 1 for line in lines))
        self.assertEqual([event["type"] for event in events], ["ADDED", "MODIFIED", "DELETED"])
        self.assertEqual({event["object"]["kind"] for event in events}, {"Service"})
        # the deletion has a version of its own, and the last state
        self.assertEqual(events[2]["object"]["status"], events[1]["object"]["status"])
        versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in events]
        self.assertEqual(versions, sorted(set(versions)))

    def test_without_a_version_what_there_is_comes_first(self):
        watch = self.watch("timeoutSeconds=5", SLICES)
        event = watch.event()
        self.assertEqual((event["type"], event["object"]["metadata"]["name"]), ("ADDED", "web-1-a"))

    def test_a_bookmark_comes_before_the_clean_end_that_was_asked_for(self):
        begin = time.monotonic()
        watch = self.watch(f"timeoutSeconds=10&resourceVersion={self.version()}")
        self.server.apply(kube.service("web-2", ["192.0.2.2"], annotations={"at": str(begin)}))
        events = []
        while line := watch.line():
            events.append(json.loads(line))
        self.assertLess(time.monotonic() - begin, 30)
        last = events[-1]
        self.assertEqual((last["type"], last["object"]["kind"]), ("BOOKMARK", "Service"))
        # of a typed object: it has a specification and a status, and both are empty
        self.assertEqual(last["object"]["metadata"].keys(), {"resourceVersion"})
        self.assertEqual(last["object"]["spec"], {})

    def test_a_version_that_a_restarted_server_no_longer_knows_is_an_error_event(self):
        old = self.version()
        self.server.apply(kube.service("web-3", ["192.0.2.30"]))
        self.server.restart()
        watch = self.watch(f"timeoutSeconds=5&resourceVersion={old}")
        event = watch.event()
        self.assertEqual(event["type"], "ERROR")
        self.assertEqual((event["object"]["code"], event["object"]["reason"]), (410, "Expired"))
        self.assertEqual(watch.line(), b"")
        self.assertIn("web-3", names(self.server.get(SERVICES)))  # the objects are still there

    def test_the_first_state_by_watch_ends_with_a_bookmark_that_says_so(self):
        more = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=10"
        watch = self.watch(more, SLICES)
        self.assertEqual(watch.event()["type"], "ADDED")
        last = watch.event()
        self.assertEqual(last["type"], "BOOKMARK")
        self.assertEqual(last["object"]["metadata"]["annotations"], {"k8s.io/initial-events-end": "true"})


class Harness(ApiServerTest):
    """A cluster's own life."""

    def test_every_way_in_and_every_end(self):
        server = self.cluster("beijing")
        for who in ("admin", "cafile", "certificate", "certfiles", "fedns"):
            self.assertIn("kubernetes", server.kubectl("get", "services", "-A", who=who), who)
        for who, why in (("nobody", "Forbidden"), ("stranger", "Unauthorized")):
            with self.assertRaisesRegex(Failed, why):
                server.kubectl("get", "services", who=who)
        server.namespace("shop")
        server.pause()
        with self.assertRaises(Failed):
            server.kubectl("get", "namespaces", "--request-timeout=1s")
        server.resume()
        # it may first find that its own clocks stood still
        wait_until("ready again", lambda: server.get("/readyz").octets == b"ok", START_S)
        server.kill()
        server.start()
        self.assertIn("shop", server.kubectl("get", "namespaces"))
        server.pause()
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
