"""A little of tests/bench/chaos.py: API servers that fail at random while what they hold changes at random."""

import os
import pathlib
import sys
import unittest

from apiserver import ApiServerTest
from harness import FEDNS

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "bench"))

SECONDS, SEED = 30, 20261125  # of when to do what; how long each takes is the machine's


class Chaos(ApiServerTest):
    """One round of it, and what is left of a second one."""

    def test_only_an_api_server_takes_an_address_away(self):
        import chaos  # pylint: disable=import-outside-toplevel

        self.assertEqual(chaos.run(os.path.abspath(FEDNS), SECONDS, SEED), [])


if __name__ == "__main__":
    unittest.main()
