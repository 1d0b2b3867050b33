"""What a fake API server holds: objects by kind, their versions, and the events that made them so."""

import base64
import copy
import json
import threading


class Gone(Exception):
    """A version or a continue token that is older than what is remembered."""


class Store:
    """Objects by table and key. Versions are those of etcd: one number, shared by all kinds."""

    def __init__(self, version=100):
        self.changed = threading.Condition(threading.RLock())
        self.version = version
        self.tables = {}
        self._events = {}
        self._oldest = {}
        self._pages = {}

    def put(self, table, obj):
        """Add or replace; returns the object as it is now."""
        with self.changed:
            key = key_of(obj)
            old = self.tables.setdefault(table, {}).get(key)
            self.version += 1
            obj = copy.deepcopy(obj)
            obj["metadata"]["resourceVersion"] = str(self.version)
            obj["metadata"].setdefault("uid", old["metadata"]["uid"] if old else f"uid-{self.version}")
            self.tables[table][key] = obj
            self._note(table, "MODIFIED" if old else "ADDED", obj)
            return obj

    def delete(self, table, name, namespace="default"):
        with self.changed:
            obj = self.tables[table].pop((namespace, name))
            self.version += 1
            obj = copy.deepcopy(obj)
            obj["metadata"]["resourceVersion"] = str(self.version)  # a DELETED has the deletion's
            self._note(table, "DELETED", obj)

    def forget(self, table, name, namespace="default"):
        """It is gone, and no event says so: only a list can tell."""
        with self.changed:
            del self.tables[table][namespace, name]
            self.version += 1

    def _note(self, table, kind, obj):
        self._events.setdefault(table, []).append((self.version, kind, obj))
        self.changed.notify_all()

    def compact(self, table):
        """Who watches from before this moment is told 410, and so is who holds a continue token."""
        with self.changed:
            self.version += 1
            self._oldest[table] = self.version
            self._events[table] = []
            self.drop_pages(table)

    def drop_pages(self, table):
        self._pages = {token: page for token, page in self._pages.items() if page[0] != table}

    def since(self, table, version):
        """Events later than `version`."""
        with self.changed:
            if version < self._oldest.get(table, 0):
                raise Gone(f"too old resource version: {version} ({self._oldest[table]})")
            return [event for event in self._events.get(table, []) if event[0] > version]

    def list(self, table):
        with self.changed:
            objects = self.tables.get(table, {})
            return self.version, [copy.deepcopy(objects[key]) for key in sorted(objects)]

    def keep_page(self, table, version, rest):
        """A token by which the rest of a list is found."""
        with self.changed:
            start = base64.b64encode(json.dumps({"v": "meta.k8s.io/v1", "rv": version, "n": len(self._pages)}).encode())
            self._pages[start.decode()] = (table, version, rest)
            return start.decode()

    def take_page(self, token):
        """(version, objects) behind a token."""
        with self.changed:
            if token not in self._pages:
                raise Gone("The provided continue parameter is too old")
            return self._pages[token][1:]


def key_of(obj):
    metadata = obj["metadata"]
    return metadata.get("namespace", "default"), metadata["name"]
