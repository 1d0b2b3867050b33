"""Clusters for tests: a real Kubernetes API server each (tests/system/apiserver/), spoken to by kubectl, or by plain
HTTP where the octets matter. One takes 300 MB: no test has more than three at once."""

import functools
import http.client
import json
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import unittest

import kube
from harness import Program, free_port, wait_until
from netns import need

BUILD = pathlib.Path(__file__).resolve().parent / "apiserver" / "build.sh"
SKIP = 77
START_S = 90.0  # 5 s on an idle machine
STOP_S = 60.0
PORTS = range(26000, 30000)  # apart from other programs': seconds pass until it binds, and again at each restart
HTTP_S = 30.0
KUBECTL_S = 60.0
OWN_SERVICE = "/api/v1/namespaces/default/services/kubernetes"
AGENT = "fedns-test/1"  # the server prints lists pretty for those that call themselves curl


@functools.cache
def program():
    """Where the API server is; built first, should that be needed. Under ctest a fixture has done so before."""
    done = subprocess.run([BUILD], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode == SKIP:
        raise unittest.SkipTest(done.stderr.strip().splitlines()[-1])
    if done.returncode != 0:
        raise AssertionError(f"{BUILD} failed:\n{done.stderr[-4000:]}")
    return done.stdout.strip()


class Failed(AssertionError):
    """kubectl didn't do what it was told to."""


class Answer:
    """What came back for one request, whole."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.octets = response.read()

    @property
    def json(self):
        return json.loads(self.octets)


class Watch:
    """An open stream of events; one is a line."""

    def __init__(self, connection, response):
        self.connection, self.response = connection, response
        self.status, self.headers = response.status, response.headers

    def line(self):
        """The next line as octets; empty at the end of the stream."""
        return self.response.readline()

    def event(self):
        line = self.line()
        return json.loads(line) if line else None

    def close(self):
        self.connection.close()
        self.response.close()


class ControlConnection(http.client.HTTPConnection):
    """HTTP on a unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=HTTP_S)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class ApiServer:
    """One cluster. Its folder, port, objects and certificates stay over a restart; close() ends and removes it all.

    `flags` are further ones of kube-apiserver. With wait=False several start beside each other: call wait() on each.
    """

    def __init__(self, name="test", *flags, wait=True):
        self.name, self.flags = name, flags
        self.binary = program()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"fedns-{name}-"))
        self.port = free_port(PORTS)
        self.program = None
        self.log_from = 0
        try:
            self.start(wait)
        except BaseException:
            self.close()
            raise

    # --- its life ---

    def start(self, wait=True):
        log = self.folder / "log"
        self.log_from = log.stat().st_size if log.exists() else 0
        own = ["-dir", self.folder / "cluster", "-port", str(self.port), "-name", self.name]
        self.program = Program([self.binary, *own, "--", *self.flags], log, self.port)
        return self.wait() if wait else self

    def wait(self):
        line = f"ready {self.name} "
        self.program.wait_for(line, lambda: line in self.program.log[self.log_from :], START_S)
        # its own first service comes a moment after it says that it is ready
        wait_until("service kubernetes", lambda: self.get(OWN_SERVICE, "admin").status == 200, START_S)
        return self

    def pause(self):
        """It holds its connections and answers nothing: a server that is stuck, or a network that swallows all."""
        self.program.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.program.process.send_signal(signal.SIGCONT)

    def stop(self):
        """An orderly end; returns the exit status."""
        self.resume()
        return self.program.stop(STOP_S)

    def kill(self):
        """As when the machine is switched off: no connection is closed in an orderly way by the server itself."""
        if self.program:
            self.program.process.kill()
            self.program.process.wait()

    def restart(self):
        self.stop()
        return self.start()

    def close(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def compact(self):
        """Forget history, as etcd does after some minutes; returns the revision up to which. The server's own caches
        of lists follow within 15 s, and at once with --feature-gates=ListFromCacheSnapshot=false."""
        connection = ControlConnection(self.folder / "cluster" / "control.sock")
        try:
            connection.request("POST", "/compact")
            answer = Answer(connection.getresponse())
        finally:
            connection.close()
        if answer.status != 200:
            raise AssertionError(f"compact: {answer.status} {answer.octets}")
        return int(answer.octets)

    # --- ways in ---

    def kubeconfig(self, who="admin"):
        """admin: token, authority inline. cafile: the same, authority in a file. certificate, certfiles: an admin's
        client certificate, inline and in files. fedns: the rights of role.yaml. nobody: no rights. stranger: a bad
        token."""
        return self.folder / "cluster" / f"{who}.kubeconfig"

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    @property
    def etcd_socket(self):
        return self.folder / "cluster" / "etcd.sock:1"

    def token(self, user):
        lines = (self.folder / "cluster" / "tokens.csv").read_text().splitlines()
        return next(line.split(",")[0] for line in lines if line.split(",")[1] == user)

    def _request(self, path, user, headers):
        context = ssl.create_default_context(cafile=self.folder / "cluster" / "ca.crt")
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=HTTP_S, context=context)
        given = {"User-Agent": AGENT, "Accept": "application/json", **headers}
        if user:
            given.setdefault("Authorization", f"Bearer {self.token(user)}")
        connection.request("GET", path, headers=given)
        return connection, connection.getresponse()

    def get(self, path, user="fedns", **headers):
        """One request by plain HTTP. `headers` by keyword: Accept_Encoding is Accept-Encoding."""
        connection, response = self._request(path, user, {key.replace("_", "-"): headers[key] for key in headers})
        try:
            return Answer(response)
        finally:
            connection.close()

    def watch(self, path, user="fedns", **headers):
        return Watch(*self._request(path, user, {key.replace("_", "-"): headers[key] for key in headers}))

    def kubectl_done(self, *arguments, who="admin", stdin=None):
        """kubectl when it has ended; Failed, with what it said, when its exit status isn't 0."""
        need("kubectl")
        command = ["kubectl", f"--kubeconfig={self.kubeconfig(who)}", f"--cache-dir={self.folder}/kubectl", *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=KUBECTL_S, check=False)
        if done.returncode != 0:
            raise Failed(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
        return done

    def kubectl(self, *arguments, **more):
        """What kubectl printed."""
        return self.kubectl_done(*arguments, **more).stdout

    # --- objects: builders are in kube.py ---

    def apply(self, *objects):
        """Create or change objects; their status too where they carry one, as what runs in a real cluster would do."""
        self.kubectl("apply", "--validate=false", "-f", "-", stdin=json.dumps(kube.collection(objects)))
        for thing in objects:
            if "status" in thing:
                # kubectl patch --subresource is of 1.24, and Debian 12's kubectl of 1.20
                self.kubectl("replace", "--raw", kube.path(thing) + "/status", "-f", "-", stdin=json.dumps(thing))

    def delete(self, thing):
        self.kubectl("delete", "--raw", kube.path(thing))

    def namespace(self, name):
        self.apply(kube.namespace(name))


class ApiServerTest(unittest.TestCase):
    """Tests that need kubectl and API servers; they are skipped with a sentence where there is neither."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        need("kubectl")
        program()

    @classmethod
    def shared_cluster(cls, *arguments, **more):
        """A cluster that lives as long as the class."""
        server = ApiServer(*arguments, **more)
        cls.addClassCleanup(server.close)
        return server

    def cluster(self, *arguments, **more):
        """A cluster that lives as long as the test."""
        server = ApiServer(*arguments, **more)
        self.addCleanup(server.close)
        return server
