"""https probes: the certificate of a test CA, which stands for the system's roots in a mount namespace of the
daemon's own, and the name that the server is asked for."""

import os
import shutil
import ssl
import subprocess
import unittest

from health_bed import HEALTH, HealthTest
from harness import wait_until
import state

GLOBAL = "web.default.fed.svc.spacexnice.xyz"
ROOTS = "/etc/ssl/certs/ca-certificates.crt"
HTTPS = HEALTH.replace("probe: tcp", "probe: https")


class TlsTest(HealthTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if os.geteuid() != 0:
            raise unittest.SkipTest("other roots than the system's need root")
        for program in ("openssl", "unshare", "mount"):
            if shutil.which(program) is None:
                raise unittest.SkipTest(f"{program} is not installed")
        if not os.path.exists(ROOTS):
            raise unittest.SkipTest(f"there are no roots at {ROOTS}")
        if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0:
            raise unittest.SkipTest("no mount namespaces")

    def setUp(self):
        super().setUp()
        self.asked_for = {}
        self.openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=testca"
                     " -keyout ca.key -out ca.pem")

    def openssl(self, line):
        subprocess.run(["openssl", *line.split()], cwd=self.folder, capture_output=True, check=True)

    def context(self, label, name, signed=True):
        """TLS of a server that is `name`, and what it was asked for in `asked_for[label]`."""
        (self.folder / "san").write_text(f"subjectAltName=DNS:{name}\n")
        self.openssl(f"req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={label}"
                     f" -keyout {label}.key -out {label}.csr")
        by = "-CA ca.pem -CAkey ca.key -CAcreateserial" if signed else f"-signkey {label}.key"
        self.openssl(f"x509 -req -in {label}.csr {by} -days 1 -extfile san -out {label}.pem")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / f"{label}.pem", self.folder / f"{label}.key")
        asked = self.asked_for.setdefault(label, set())
        context.sni_callback = lambda _socket, server_name, _context: asked.add(server_name)
        return context

    def start_tls(self, health=HTTPS, services=None, roots="ca.pem"):
        self.write_config(f"control: {self.socket}\n{health}")
        self.write_state(state.text(*state.CLUSTERS, *(services or self.services())))
        script = f'mount --bind "{self.folder}/{roots}" {ROOTS} && exec "$@"'
        return self.start(prefix=("unshare", "--mount", "sh", "-c", script, "sh"))

    def probe(self, address):
        rows = self.tell("explain", GLOBAL, "-o", "json")[1]
        return next(row["probe"] for row in rows if row["row"] == "address" and row["address"] == address)

    def test_a_good_certificate_is_healthy_and_another_name_is_not(self):
        self.serve(self.ONE, context=self.context("good", GLOBAL))
        self.serve(self.TWO, context=self.context("other", "other.spacexnice.xyz"))
        daemon = self.start_tls()
        self.wait_states(healthy=1, unhealthy=1)
        wait_until("the wrong one has gone", lambda: daemon.addresses(self.NAME) == [self.ONE])
        self.assertEqual(self.asked_for["good"], {GLOBAL})
        self.assertEqual(self.webs[self.ONE].requests[0], ("/healthz", GLOBAL))
        print(f"another name: {self.probe(self.TWO)['why']}")
        self.assertTrue(self.probe(self.TWO)["why"])

    def test_an_unknown_signer_is_unhealthy_but_without_verify(self):
        self.serve(self.ONE, context=self.context("good", GLOBAL))
        self.serve(self.TWO, context=self.context("alone", GLOBAL, signed=False))
        daemon = self.start_tls()
        self.wait_states(healthy=1, unhealthy=1)
        print(f"an unknown signer: {self.probe(self.TWO)['why']}")
        self.write_config(f"control: {self.socket}\n{HTTPS}  verify: false\n")
        self.assertEqual(self.tell("reload")[0], 0)
        wait_until("both are answered", lambda: len(daemon.addresses(self.NAME)) == 2)

    def test_a_configured_host_is_asked_for(self):
        self.serve(self.ONE, self.TWO, context=self.context("shop", "shop.example.org"))
        self.start_tls(HTTPS + "  host: shop.example.org\n  path: /ready\n")
        self.wait_states(healthy=2)
        self.assertEqual(self.asked_for["shop"], {"shop.example.org"})
        self.assertEqual(self.webs[self.ONE].requests[0], ("/ready", "shop.example.org"))

    def test_a_server_that_speaks_no_tls_is_unhealthy(self):
        self.serve(self.ONE, context=self.context("good", GLOBAL))
        self.serve(self.TWO)
        daemon = self.start_tls()
        self.wait_states(healthy=1, unhealthy=1)
        wait_until("it has gone", lambda: daemon.addresses(self.NAME) == [self.ONE])
        print(f"no TLS: {self.probe(self.TWO)['why']}")

    def test_without_roots_https_waits_alone_and_says_so(self):
        (self.folder / "none.pem").write_text("")
        self.serve(self.ONE, context=self.context("good", GLOBAL))
        other = state.service("plain", {"hangzhou": [self.ONE]}, ports=[f"web:{self.web_port}"])
        other["metadata"]["annotations"]["fedns.io/probe"] = f"tcp:{self.web_port}"
        daemon = self.start_tls(services=[*self.services(), other], roots="none.pem")
        daemon.log_wait(f"https is not probed, or by the roots of before: no root certificates in {ROOTS}")
        self.wait_states(healthy=1, unknown=2)
        self.write_config(f"control: {self.socket}\n{HTTPS}  verify: false\n")
        self.assertEqual(self.tell("reload")[0], 0)  # who proves nothing needs no roots
        self.wait_states(healthy=2, unhealthy=1)


if __name__ == "__main__":
    unittest.main()
