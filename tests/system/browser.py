"""Debian's Chromium without a screen, driven by WebDriver over plain HTTP; all that it starts ends with it."""

import base64
import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import unittest

from harness import die_with_parent, free_port, wait_until

REPLY_S = 30.0
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver's word for a reference
ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-domain-reliability",
    "--no-pings", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip


def require():
    """Skips the test where there is no browser."""
    for name in ("chromium", "chromedriver"):
        if shutil.which(name) is None:
            raise unittest.SkipTest(f"{name} is not installed: docker/bootstrap.sh ci-deps")


class Browser:
    """One window. `folder` is for its profile and the driver's log."""

    def __init__(self, folder):
        require()
        self.port = free_port()
        self.session = None
        with open(folder / "chromedriver.log", "ab") as log:
            # a group of its own: should the driver end before the browser, both end by the group's id
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                ["chromedriver", f"--port={self.port}"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
                env={**os.environ, "HOME": str(folder)},
            )
        try:
            wait_until("chromedriver", self._ready, REPLY_S, step_s=0.05)
            options = {"args": [*ARGUMENTS, f"--user-data-dir={folder}/profile"], "binary": shutil.which("chromium")}
            capabilities = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
            made = self._call("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
            self.session = made["sessionId"]
        except BaseException:
            self.close()
            raise

    def _ready(self):
        with contextlib.suppress(OSError):
            return self._call("GET", "/status")["ready"]
        return False

    def _call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=REPLY_S)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(value, dict) and "error" in value:
            raise AssertionError(f"{method} {path}: {value['error']}: {value['message'][:1000]}")
        return value

    def _ask(self, method, path, body=None):
        return self._call(method, f"/session/{self.session}{path}", body)

    def close(self):
        if self.session is not None:
            with contextlib.suppress(OSError, AssertionError):
                self._ask("DELETE", "")
            self.session = None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    # --- what a reader does ------------------------------------------------------------------

    def cdp(self, command, **parameters):
        return self._ask("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def open(self, url):
        self._ask("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        """The value of a function's body."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def press(self, *keys):
        """Keys one after another, on what has the focus."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._ask("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def click(self, selector):
        element = self._ask("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]
        self._ask("POST", f"/element/{element}/click", {})

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.textContent ?? null", selector)

    def wait_text(self, selector, part, deadline_s=15.0):
        def there():
            return part in (self.text(selector) or "")

        try:
            wait_until(f"{selector} says {part!r}", there, deadline_s, step_s=0.1)
        except AssertionError as error:
            raise AssertionError(f"{error}; it says {self.text(selector)!r}") from None

    def tree(self):
        """What a screen reader is given: (role, name) of each node."""
        nodes = self.cdp("Accessibility.getFullAXTree")["nodes"]
        return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]

    # --- how it is shown ---------------------------------------------------------------------

    def size(self, width, height=900):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def scheme(self, name):
        self.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def scripts(self, on):
        self.cdp("Emulation.setScriptExecutionDisabled", value=not on)

    def console(self):
        """What was written there since the last time: errors of scripts, of loading, of the policy."""
        return self._ask("POST", "/se/log", {"type": "browser"})

    def screenshot(self, path):
        shot = self.cdp("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))
