"""The configuration of conf/kubernetes as a pod runs it: user 953 without any capability, port 53 in a network of its
own, and its end."""

import os
import re
import signal
import time
import unittest

import manifests
import netns
import state
from harness import Dig, SystemTest, wait_until

USER = 953


class Pod(SystemTest):
    """One replica, from its start to its end."""

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("this needs root")
        netns.need("unshare", "nsenter", "ip", "setpriv", "dig", "curl")
        manifests.need_kustomize()
        self.space = netns.Space()
        self.addCleanup(self.space.close)

    def configure(self):
        """As in the pod, but for folders and the state: there is no API server here."""
        text = manifests.one(manifests.overlay("delegated"), "ConfigMap")["data"]["fedns.yaml"]
        text = re.sub(r"(?ms)^source:\n.*?(?=^\w|\Z)", "source: {file: state.json}\n", text)
        for path in ("/var/lib/fedns", "/run/fedns"):
            self.assertIn(path, text)
            own = self.folder / path.replace("/", "_")
            own.mkdir()
            os.chown(own, USER, USER)
            text = text.replace(path, str(own))
        self.config_path.write_text(text)
        self.write_state(state.guide())

    def ports_for_everybody(self):
        """The sysctl of the Deployment."""
        pod = manifests.one(manifests.overlay("delegated"), "Deployment")["spec"]["template"]["spec"]
        (sysctl,) = pod["securityContext"]["sysctls"]
        path = "/proc/sys/" + sysctl["name"].replace(".", "/")
        done = self.space.run("sh", "-c", f"echo {sysctl['value']} >{path}")
        if done.returncode != 0:
            self.skipTest(f"{path} can't be written here: {done.stderr.strip()}")

    def pod(self):
        rights = ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--no-new-privs",
                  "--inh-caps=-all", "--bounding-set=-all,+net_bind_service", "--")  # fmt: skip
        return self.start(prefix=(*self.space.enter, *rights))

    def get(self, path):
        """Status and body of the admin server's answer."""
        done = self.space.run("curl", "-s", "-w", "\n%{http_code}", f"http://127.0.0.1:9153{path}")
        body, _line, status = done.stdout.rpartition("\n")
        return int(status), body

    def ask(self):
        return Dig(53, f"{state.NGINX}.{state.ZONE}", "+short", prefix=self.space.enter).text.split()

    def test_it_answers_at_port_53_and_announces_its_end(self):
        self.configure()
        self.ports_for_everybody()
        daemon = self.pod()
        self.assertEqual(sorted(self.ask()), [state.HANGZHOU, state.SHANGHAI])
        self.assertEqual([self.get(path)[0] for path in ("/healthz", "/readyz")], [200, 200])
        begin = time.monotonic()
        daemon.signal(signal.SIGTERM)
        wait_until("that it is not ready", lambda: self.get("/readyz")[0] == 503)
        # load balancers turn elsewhere meanwhile
        self.assertEqual(self.get("/healthz")[0], 200)
        self.assertEqual(sorted(self.ask()), [state.HANGZHOU, state.SHANGHAI])
        # a second one ends it at once, as a test needs it
        daemon.signal(signal.SIGTERM)
        self.assertEqual(daemon.process.wait(10), 0)
        print(f"ended after {time.monotonic() - begin:.1f} s")


if __name__ == "__main__":
    unittest.main()
