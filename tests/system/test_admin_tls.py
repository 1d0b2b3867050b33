"""The admin server by TLS: certificates of the day, and one that is replaced while it runs."""

import http.client
import shutil
import signal
import socket
import ssl
import subprocess
import unittest

from admin_bed import Admin
from harness import wait_until


@unittest.skipUnless(shutil.which("openssl"), "openssl is not installed")
class Tls(Admin):
    """Each test asks a daemon of its own."""

    def certificate(self, name):
        """A new one for localhost that signs itself, in NAME.crt and NAME.key."""
        subprocess.run(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
            f" -addext subjectAltName=DNS:localhost -keyout {name}.key -out {name}.crt".split(),
            cwd=self.folder, capture_output=True, check=True,
        )  # fmt: skip

    def install(self, name):
        for kind in ("crt", "key"):
            (self.folder / f"{name}.{kind}").replace(self.folder / f"tls.{kind}")

    def start_tls(self, admin=""):
        self.certificate("first")
        shutil.copy(self.folder / "first.crt", self.folder / "ca.crt")
        self.install("first")
        return self.start_admin(admin=", ".join(filter(None, ["tls: {cert: tls.crt, key: tls.key}", admin])))

    def trusting(self, *cas):
        context = ssl.create_default_context()
        for ca in cas:
            context.load_verify_locations(self.folder / ca)
        return context

    def https(self, context):
        connection = http.client.HTTPSConnection("localhost", self.admin_port, timeout=10, context=context)
        self.addCleanup(connection.close)
        return connection

    def ask_tls(self, context, path="/healthz", **headers):
        connection = self.https(context)
        connection.request("GET", path, headers=headers)
        reply = connection.getresponse()
        reply.read()
        connection.close()
        return reply.status

    def test_told_by_tls_alone(self):
        (self.folder / "token").write_text("testsecret")
        self.start_tls(admin="token_file: token")
        context = self.trusting("ca.crt")
        self.assertEqual(self.ask_tls(context), 200)
        self.assertEqual(self.ask_tls(context, "/api/v1/services"), 401)
        self.assertEqual(self.ask_tls(context, "/api/v1/services", Authorization="Bearer testsecret"), 200)
        self.assertNotIn(b"200", self.raw(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        self.assertEqual(self.ask_tls(context), 200)

    def test_old_versions_are_refused(self):
        self.start_tls()
        context = self.trusting("ca.crt")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context.minimum_version = context.maximum_version = version
            self.assertEqual(self.ask_tls(context), 200)
        old = self.trusting("ca.crt")
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        old.set_ciphers("DEFAULT:@SECLEVEL=0")
        with self.assertRaises(OSError):
            self.ask_tls(old)

    def test_a_large_answer(self):
        self.start_tls()
        connection = self.https(self.trusting("ca.crt"))
        for _ in range(20):
            connection.request("GET", "/api/v1/records")
            self.assertGreater(len(connection.getresponse().read()), 300)

    def test_a_new_certificate_counts_without_a_restart(self):
        daemon = self.start_tls()
        first = self.trusting("ca.crt")
        kept = self.https(first)
        kept.request("GET", "/healthz")
        kept.getresponse().read()
        self.certificate("second")
        shutil.copy(self.folder / "second.crt", self.folder / "new.crt")
        self.install("second")
        new = self.trusting("new.crt")
        wait_until("the new certificate", lambda: self.works(new))
        self.assertFalse(self.works(first))
        kept.request("GET", "/healthz")  # a connection that was there goes on
        self.assertEqual(kept.getresponse().read(), b"alive\n")
        kept.close()
        # a pair that doesn't fit: the one before stays
        self.certificate("third")
        shutil.copy(self.folder / "third.crt", self.folder / "tls.crt")
        wait_until("a look", lambda: self.works(new) and "the certificate before stays" in daemon.log)
        self.assertTrue(self.works(new))
        shutil.copy(self.folder / "third.crt", self.folder / "last.crt")
        shutil.copy(self.folder / "third.key", self.folder / "tls.key")
        wait_until("the last certificate", lambda: self.works(self.trusting("last.crt")))

    def works(self, context):
        try:
            return self.ask_tls(context) == 200
        except OSError:
            return False

    def test_handshakes_that_do_not_end(self):
        self.start_tls()
        hanging = []
        for _ in range(30):
            sock = socket.create_connection(("127.0.0.1", self.admin_port), timeout=10)
            self.addCleanup(sock.close)
            sock.sendall(b"\x16\x03\x01\x02\x00\x01")
            hanging.append(sock)
        self.assertEqual(self.ask_tls(self.trusting("ca.crt")), 200)

    def test_a_reload_brings_tls(self):
        daemon = self.start_admin()
        self.assertEqual(self.get("/healthz")[0], 200)
        self.certificate("first")
        shutil.copy(self.folder / "first.crt", self.folder / "ca.crt")
        self.install("first")
        self.admin_config(admin="tls: {cert: tls.crt, key: tls.key}")
        daemon.signal(signal.SIGHUP)
        wait_until("TLS", lambda: self.works(self.trusting("ca.crt")))
        self.admin_config(admin="tls: {cert: tls.crt, key: tls.crt}")
        daemon.signal(signal.SIGHUP)
        daemon.log_wait("the old one stays")
        self.assertTrue(self.works(self.trusting("ca.crt")))

    def test_a_bad_pair_is_refused_at_the_start(self):
        self.certificate("first")
        self.certificate("second")
        shutil.copy(self.folder / "first.crt", self.folder / "tls.crt")
        shutil.copy(self.folder / "second.key", self.folder / "tls.key")
        self.admin_config(admin="tls: {cert: tls.crt, key: tls.key}")
        done = self.fedns("serve", "-c", str(self.config_path))
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("admin", done.stderr)


if __name__ == "__main__":
    unittest.main()
