"""The way to a server, which can be closed while the server itself goes on."""

import contextlib
import socket
import threading

from harness import free_port

CHUNK = 65536


class Relay:
    """Passes TCP connections on to a port on loopback."""

    def __init__(self, target):
        self.target = target
        self.port = free_port()
        self.flows = threading.Event()
        self.flows.set()
        self.lock = threading.Lock()
        self.sockets = set()
        self.listener = None
        self.open()

    def open(self):
        self.flows.set()
        if self.listener is None:
            self.listener = socket.create_server(("127.0.0.1", self.port))
            threading.Thread(target=self._accept, args=[self.listener], daemon=True).start()

    def cut(self):
        """Connections break off, and new ones are refused."""
        if self.listener is not None:
            # close() alone doesn't wake the thread that accepts
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None
        with self.lock:
            for sock in self.sockets:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        self.flows.set()

    def freeze(self):
        """Connections stay, and nothing passes."""
        self.flows.clear()

    close = cut

    def _accept(self, listener):
        while True:
            try:
                here, _address = listener.accept()
            except OSError:
                return
            try:
                there = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                here.close()
                continue
            with self.lock:
                self.sockets |= {here, there}
            for source, sink in ((here, there), (there, here)):
                threading.Thread(target=self._pass, args=[source, sink], daemon=True).start()

    def _pass(self, source, sink):
        with contextlib.suppress(OSError):
            while octets := source.recv(CHUNK):
                self.flows.wait()
                sink.sendall(octets)
        for sock in (source, sink):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        with self.lock:
            self.sockets -= {source}
        source.close()
