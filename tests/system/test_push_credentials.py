#!/usr/bin/env python3
"""A push with keys that are not in a file: from the STS by a service account's token, and from a credentials URI."""

import unittest

import state
from alidns import credential_servers
from push_bed import PushTest, guide, guide_wanted

ROLE, PROVIDER = "acs:ram::1234567890123456:role/fedns", "acs:ram::1234567890123456:oidc-provider/ack"


class Credentials(PushTest):
    def setUp(self):
        super().setUp()
        (self.folder / "alidns.yaml").write_text(f"[Global]\nzones = {state.ZONE}.\nendpoint = {self.api.url}\n")
        self.sts = credential_servers.Sts(self.api.access).start()
        self.addCleanup(self.sts.stop)
        self.token = self.folder / "token"
        self.token.write_text("eyJ.testsecret.token")
        self.sts.role(ROLE, tokens={"eyJ.testsecret.token"})
        self.environment = [
            f"HOME={self.folder}",
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED=true",
            f"ALIBABA_CLOUD_ROLE_ARN={ROLE}",
            f"ALIBABA_CLOUD_OIDC_PROVIDER_ARN={PROVIDER}",
            f"ALIBABA_CLOUD_OIDC_TOKEN_FILE={self.token}",
            f"ALIBABA_CLOUD_STS_ENDPOINT={self.sts.url}",
        ]

    def check_secret(self):
        self.token.unlink()
        super().check_secret()

    def prefix(self):
        return ["env", *self.environment, *super().prefix()]

    def test_by_a_service_account(self):
        for signature in ("acs3", "v1"):
            with self.subTest(signature=signature):
                self.zone = self.api.domain(state.ZONE)
                self.write_push(f"signature: {signature}")
                self.push()
                self.check_have(guide_wanted())
                self.assertEqual({call.key.split(".")[0] for call in self.api.calls}, {"STS"})
        self.assertEqual([one.action for one in self.sts.asked], ["AssumeRoleWithOIDC"] * 2)

    def test_a_role_that_refuses(self):
        self.speed = 50
        self.token.write_text("eyJ.other")
        done = self.push(3)
        self.assertNotIn("eyJ", done.stderr)
        self.assertIn("AuthenticationFail.OIDCToken.Invalid", done.stderr.strip().split("\n")[-1])

    def test_a_token_that_is_withdrawn(self):
        """The API refuses the key in the middle of a daemon's life: a new one is fetched."""
        self.start(prefix=self.prefix())
        self.wait_have(guide_wanted())
        self.api.access.end(self.api.calls[-1].key)
        self.write_state(guide("192.0.2.50"))
        self.wait_have(guide_wanted("192.0.2.50"), 25)
        self.assertEqual(len(self.sts.asked), 2)

    def test_a_token_that_is_withdrawn_in_the_middle_of_a_push(self):
        self.speed = 20
        self.api.on_call(6, lambda call: self.api.access.end(call.key), when="answered")
        self.push()
        self.check_have(guide_wanted())
        self.assertEqual(len(self.sts.asked), 2)

    def test_a_credentials_uri(self):
        uri = credential_servers.CredentialsUri(self.api.access).start()
        self.addCleanup(uri.stop)
        self.environment[2:] = [f"ALIBABA_CLOUD_CREDENTIALS_URI={uri.url}/"]
        self.push()
        self.check_have(guide_wanted())


if __name__ == "__main__":
    unittest.main()
