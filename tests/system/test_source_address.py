"""A reply leaves from the address that was asked, whichever of the host's it was."""

import itertools
import unittest

import netns
import state
from harness import SystemTest

ADDRESSES = (["192.0.2.1", "192.0.2.2"], ["2001:db8::1", "2001:db8::2"])


class SourceAddress(SystemTest):
    """A host with two addresses of each family, and sockets that are bound to none of them."""

    def setUp(self):
        netns.need("dig", "unshare", "nsenter", "ip")
        super().setUp()
        self.space = netns.Space()
        self.addCleanup(self.space.close)
        adds = [f"address add {address}/{32 if family == 0 else 128} dev lo"
                for family, addresses in enumerate(ADDRESSES) for address in addresses]
        self.space.ip(*adds)

    def dig(self, asked, client, *more):
        """Of a reply from another address dig says so, and waits on."""
        command = ["dig", f"@{asked}", "-b", client, "+short", "+tries=1", "+time=2", f"{state.NGINX}.{state.ZONE}"]
        return self.space.run(*command, *more).stdout.split()

    def test_the_reply_comes_from_where_the_question_went(self):
        self.write_config(listen=["0.0.0.0:53", "[::]:53"])
        self.write_state(state.guide())
        self.start(prefix=self.space.enter)
        for addresses in ADDRESSES:
            for asked, client in itertools.product(addresses, addresses):
                for more in ((), ("+tcp",)):
                    got = self.dig(asked, client, *more)
                    self.assertEqual(sorted(got), sorted([state.HANGZHOU, state.SHANGHAI]), f"{asked} from {client}")


if __name__ == "__main__":
    unittest.main()
