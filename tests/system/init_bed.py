"""What the tests of `fedns init` share."""

import manifests
from harness import SANITIZER, SystemTest

KEY = "[Global]\naccess-key-id = testid\naccess-key-secret = testsecret\nzones = spacexnice.xyz.\n"
OVERLAYS = {"delegated": [], "push": [], "ack": ["--overlay=ack"]}
CONTEXT = "hangzhou"


class Init(SystemTest):
    """With a key for the provider."""

    def setUp(self):
        super().setUp()
        self.key = self.folder / "alidns.yaml"
        self.key.write_text(KEY)
        self.key.chmod(0o600)

    def arguments(self, overlay="push", context=CONTEXT):
        provider = [] if overlay == "delegated" else ["--dns-provider=alidns", f"--dns-provider-config={self.key}"]
        more = OVERLAYS[overlay]
        return ["init", f"--host-cluster-context={context}", "--dns-zone-name=spacexnice.xyz.", *provider, *more]

    def init(self, *arguments, **more):
        done = self.fedns(*arguments, **more)
        self.assertIsNone(SANITIZER.search(done.stderr), done.stderr)
        return done

    def printed(self, *arguments):
        done = self.init(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return manifests.objects(done.stdout)
