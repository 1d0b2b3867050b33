"""Servers that are probed, real ones on addresses of 127/8 of their own, and a federation whose services they are."""

import http.server
import json
import socket
import socketserver
import threading
import time

import state
from harness import SystemTest, free_port, wait_until
from netns import enter

INTERVAL_S, TIMEOUT_S, FALL, RISE = 1.0, 0.5, 3, 2
# From the cut to the changed answer; and what measuring by questions adds.
OUT_S = INTERVAL_S * FALL + TIMEOUT_S + 0.1

HEALTH = (
    f"health:\n  probe: tcp\n  interval: {INTERVAL_S:.0f}s\n  timeout: {TIMEOUT_S * 1000:.0f}ms\n"
    f"  rise: {RISE}\n  fall: {FALL}\n  max_withdraw: 100%\n"
)


class _Quiet(http.server.BaseHTTPRequestHandler):
    def do_GET(self):  # pylint: disable=invalid-name
        owner = self.server.owner
        owner.requests.append((self.path, self.headers.get("Host")))
        time.sleep(owner.delay_s)
        body = owner.body.encode()
        self.send_response(owner.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass

    def server_bind(self):
        # without the reverse lookup that http.server does
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]


class Web:
    """An HTTP server, which for a TCP probe is as good as any; `context` makes it speak TLS."""

    def __init__(self, address, port, context=None):
        self.family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.address, self.port, self.context = address, port, context
        self.status, self.body, self.requests, self.delay_s = 200, "ok\n", [], 0.0
        self.server = None
        self.up()

    def up(self):
        kind = type("_Server", (_Server,), {"address_family": self.family})
        self.server = kind((self.address, self.port), _Quiet)
        self.server.owner = self
        if self.context is not None:
            self.server.socket = self.context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return time.monotonic()

    def down(self):
        """Connections are refused from now on. Returns when."""
        if self.server is not None:
            self.server.socket.close()
            when = time.monotonic()
            self.server.shutdown()
            self.server.server_close()
            self.server = None
            return when
        return time.monotonic()


class Asker(threading.Thread):
    """Asks one name again and again, and keeps each answer with its moment."""

    def __init__(self, daemon, name, rtype="A", space=None, step_s=0.005):
        super().__init__(daemon=True)
        self.server, self.name, self.rtype, self.space, self.step_s = daemon, name, rtype, space, step_s
        self.seen, self.over = [], threading.Event()
        self.start()

    def run(self):
        if self.space is not None:
            enter(self.space)
        while not self.over.is_set():
            answer = tuple(sorted(self.server.addresses(self.name, self.rtype)))
            self.seen.append((time.monotonic(), answer))
            time.sleep(self.step_s)

    def end(self):
        self.over.set()
        self.join()

    def first(self, addresses, since):
        """When it was answered so first, at or after `since`; None: never yet."""
        wanted = tuple(sorted(addresses))
        return next((when for when, answer in list(self.seen) if when >= since and answer == wanted), None)

    def wait(self, addresses, since, deadline_s):
        return wait_until(f"{self.name} answers {addresses}", lambda: self.first(addresses, since), deadline_s)

    def empty(self):
        return [when for when, answer in list(self.seen) if not answer]


class HealthTest(SystemTest):
    """Two clusters, a service in both."""

    ONE, TWO = "127.0.11.1", "127.0.11.2"
    NAME = "web.default.fed.svc"

    def setUp(self):
        super().setUp()
        self.socket = self.folder / "control.sock"
        self.web_port = free_port()
        self.webs = {}

    def serve(self, *addresses, context=None):
        for address in addresses:
            self.webs[address] = Web(address, self.web_port, context)
            self.addCleanup(self.webs[address].down)

    def services(self):
        return [
            state.service("web", {"hangzhou": [self.ONE], "beijing": [self.TWO]}, ports=[f"http:{self.web_port}"])
        ]

    def start_health(self, health=HEALTH, services=None):
        self.write_config(f"control: {self.socket}\n{health}")
        self.write_state(state.text(*state.CLUSTERS, *(services or self.services())))
        return self.start()

    def tell(self, *arguments):
        """A command to the daemon; its exit status and what it printed, read where it is JSON."""
        done = self.fedns(*arguments, "-s", str(self.socket))
        if "json" in arguments and done.stdout:
            return done.returncode, json.loads(done.stdout)
        return done.returncode, done.stdout + done.stderr

    def health(self):
        return self.tell("status", "-o", "json")[1]["health"]

    def wait_states(self, **counts):
        def there():
            health = self.health()
            return health is not None and all(health[key] == count for key, count in counts.items())

        wait_until(f"health with {counts}", there)

