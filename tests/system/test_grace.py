"""Rule 9 as time passes: a cluster that is not ready leaves by itself when its grace is over, and comes back."""

import datetime
import time
import unittest

import state
from harness import SystemTest, wait_until

HANGZHOU, BEIJING = "192.0.2.1", "192.0.2.2"
GRACE_S = 2


def seconds_ago(seconds):
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


class Grace(SystemTest):
    """hangzhou and beijing serve nginx; `offline_grace` is 2 s."""

    def setUp(self):
        super().setUp()
        self.write_config(f"health: {{offline_grace: {GRACE_S}s}}\n")
        self.put()
        self.daemon = self.start()
        self.assertEqual(self.daemon.addresses(), [HANGZHOU, BEIJING])

    def put(self, hangzhou=("True", "2020-01-01T00:00:00Z"), beijing=("True", "2020-01-01T00:00:00Z")):
        clusters = [
            state.cluster(name, f"cn-{name}", [f"cn-{name}-a"], ready=ready, since=since)
            for name, (ready, since) in (("hangzhou", hangzhou), ("beijing", beijing))
        ]
        service = state.service("nginx", {"hangzhou": [HANGZHOU], "beijing": [BEIJING]})
        self.write_state(state.text(*clusters, service))

    def wait_for(self, *addresses, deadline_s=6.0):
        begin = time.monotonic()
        wait_until(f"{addresses}", lambda: self.daemon.addresses() == list(addresses), deadline_s)
        return time.monotonic() - begin

    def test_grace_counts_from_the_transition_and_ends_by_itself(self):
        self.put(hangzhou=("False", seconds_ago(0)))
        took = self.wait_for(BEIJING)
        self.assertGreater(took, GRACE_S - 1.2)  # the transition is told in whole seconds
        self.assertLess(took, GRACE_S + 1)
        reply = self.daemon.ask(f"{state.NGINX}.cn-hangzhou-a.cn-hangzhou")
        self.assertEqual([record.type for record in reply.answer], ["CNAME", "CNAME", "A"])

    def test_grace_without_a_transition_counts_from_the_first_reading_once(self):
        self.put(hangzhou=("False", None))
        begin = time.monotonic()
        while time.monotonic() - begin < GRACE_S - 0.5:
            self.assertEqual(self.daemon.addresses(), [HANGZHOU, BEIJING])
            time.sleep(0.2)
            self.put(hangzhou=("False", None))
        self.wait_for(BEIJING, deadline_s=1.5)

    def test_transition_long_past_withdraws_at_once_and_ready_brings_back(self):
        self.put(hangzhou=("False", seconds_ago(60)))
        self.assertLess(self.wait_for(BEIJING), 1)
        self.put()
        self.assertLess(self.wait_for(HANGZHOU, BEIJING), 1)

    def test_lost_sight_brings_back_too(self):
        self.put(hangzhou=("False", seconds_ago(60)))
        self.wait_for(BEIJING)
        self.put(hangzhou=("Unknown", seconds_ago(60)))
        self.wait_for(HANGZHOU, BEIJING)

    def test_last_healthy_cluster_stays_when_it_goes_too(self):
        self.put(hangzhou=("False", seconds_ago(60)))
        self.wait_for(BEIJING)
        self.put(hangzhou=("False", seconds_ago(60)), beijing=("False", seconds_ago(60)))
        time.sleep(0.5)
        self.assertEqual(self.daemon.addresses(), [BEIJING])


if __name__ == "__main__":
    unittest.main()
