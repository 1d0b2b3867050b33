"""A daemon with an admin server, and what asks it."""

import http.client
import json
import socket

import state
from harness import SystemTest, free_port


class Admin(SystemTest):
    """Each test asks a daemon of its own."""

    def setUp(self):
        super().setUp()
        self.admin_port = free_port()
        self.control = self.folder / "run" / "control.sock"

    def admin_config(self, admin="", extra=""):
        """`admin`: further keys of the mapping."""
        keys = ", ".join(filter(None, [f"listen: '127.0.0.1:{self.admin_port}'", admin]))
        self.write_config(f"control: {self.control}\nadmin: {{{keys}}}\n{extra}")

    def start_admin(self, admin="", extra="", text=None):
        self.admin_config(admin, extra)
        self.write_state(text or state.guide())
        return self.start()

    def connect(self, timeout_s=10, **more):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=timeout_s, **more)
        self.addCleanup(connection.close)
        return connection

    def ask(self, path, method="GET", headers=None, body=None):
        """(status, headers, body) by a connection of its own."""
        connection = self.connect()
        connection.request(method, path, body=body, headers=headers or {})
        reply = connection.getresponse()
        body = reply.read().decode()
        connection.close()
        return reply.status, reply.headers, body

    def get(self, path, token=None):
        """(status, body)"""
        headers = {"Authorization": f"Bearer {token}"} if token else None
        status, _headers, body = self.ask(path, headers=headers)
        return status, body

    def api(self, path):
        status, body = self.get(f"/api/v1/{path}")
        self.assertEqual(status, 200, body)
        return json.loads(body)

    def raw(self, octets, timeout_s=10):
        """All that is answered to these octets, until the end of the stream."""
        with socket.create_connection(("127.0.0.1", self.admin_port), timeout=timeout_s) as sock:
            answer = b""
            try:
                sock.sendall(octets)
                sock.shutdown(socket.SHUT_WR)
                while more := sock.recv(65536):
                    answer += more
            except OSError:  # it was closed before all was sent
                pass
        return answer
