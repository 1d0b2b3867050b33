"""When each alert of conf/kubernetes fires, and when it does not: what promtool's unit tests of rules are made of.

A case is an alert, a time, series (a name and its values, a minute between them), and the labels that the alert has
then, or that it doesn't fire. `fires` and `silent` make one."""

JOB = 'job="fedns"'
A, B = f'{JOB},instance="a"', f'{JOB},instance="b"'


def fires(alert, at, series, **labels):
    return {"alert": alert, "at": at, "series": series, "labels": labels}


def silent(alert, at, series):
    return {"alert": alert, "at": at, "series": series, "labels": None}


def latency(metric, fast, slow):
    """A histogram that grows by `fast` a minute up to 1 ms, and by `slow` between 1 and 5 s."""
    return {
        f'{metric}_bucket{{{A},le="0.001"}}': f"0+{fast}x60",
        f'{metric}_bucket{{{A},le="1"}}': f"0+{fast}x60",
        f'{metric}_bucket{{{A},le="5"}}': f"0+{fast + slow}x60",
        f'{metric}_bucket{{{A},le="+Inf"}}': f"0+{fast + slow}x60",
    }


def answers(servfail, dropped=0):
    """A thousand questions a minute; so many of them get SERVFAIL, or nothing."""
    return {
        f"fedns_dns_queries_total{{{A}}}": "0+1000x60",
        f'fedns_dns_responses_total{{{A},rcode="NOERROR"}}': f"0+{1000 - servfail - dropped}x60",
        f'fedns_dns_responses_total{{{A},rcode="SERVFAIL"}}': f"0+{servfail}x60",
        f'fedns_dns_dropped_total{{{A},reason="short"}}': f"0+{dropped}x60",
    }


def pushed(last_s, leader_a=1, leader_b=0, pending=0):
    """Two replicas, of which one has pushed at `last_s`; `leader_b` None: it tells nothing."""
    series = {
        f"fedns_provider_last_success_timestamp_seconds{{{A}}}": f"{last_s}x600",
        f"fedns_provider_last_success_timestamp_seconds{{{B}}}": "0x600",
        f"fedns_provider_configured{{{A}}}": "1x600",
        f"fedns_provider_pending{{{A}}}": f"{pending}x600",
        f"fedns_leader{{{A}}}": f"{leader_a}x600",
        f"fedns_leader{{{B}}}": f"{leader_b}x600",
        f'fedns_provider_calls_total{{{A},action="AddDomainRecord",code="OK"}}': "0+1x600",
    }
    return series


CLUSTER = f'{A},cluster="beijing"'
SEEN = {"job": "fedns", "instance": "a", "cluster": "beijing"}
SERVICE = 'service="default/nginx"'

CASES = (
    fires("FednsDown", "5m", {f"up{{{A}}}": "1 0x10", f"up{{{B}}}": "1 0x10"}, job="fedns"),
    fires("FednsDown", "5m", {'up{job="other"}': "1x10"}, job="fedns"),
    silent("FednsDown", "5m", {f"up{{{A}}}": "1 0x10", f"up{{{B}}}": "1x10"}),
    silent("FednsDown", "1m", {f"up{{{A}}}": "1 0x10"}),
    fires("FednsReplicaDown", "8m", {f"up{{{A}}}": "1 0x10", f"up{{{B}}}": "1x10"}, job="fedns", instance="a"),
    silent("FednsReplicaDown", "5m", {f"up{{{A}}}": "1 0x10"}),
    silent("FednsReplicaDown", "8m", {f"up{{{A}}}": "1x10", 'up{job="other"}': "0x10"}),
    fires("FednsServerFailures", "20m", answers(servfail=20), job="fedns"),
    silent("FednsServerFailures", "20m", answers(servfail=5)),
    silent("FednsServerFailures", "20m", {}),
    fires("FednsDropsQuestions", "20m", answers(0, dropped=100), job="fedns"),
    silent("FednsDropsQuestions", "20m", answers(0, dropped=20)),
    fires("FednsSlowAnswers", "20m", latency("fedns_dns_latency_seconds", 90, 10), job="fedns", instance="a"),
    silent("FednsSlowAnswers", "20m", latency("fedns_dns_latency_seconds", 1000, 1)),
    fires("FednsPublishesSlowly", "30m", latency("fedns_publish_seconds", 90, 10), job="fedns", instance="a"),
    silent("FednsPublishesSlowly", "30m", latency("fedns_publish_seconds", 1000, 1)),
    fires(
        "FednsReplicasDisagree", "15m",
        {f'fedns_records{{{A},type="A"}}': "10x20", f'fedns_records{{{B},type="A"}}': "10 9x20"}, job="fedns",
    ),
    silent(
        "FednsReplicasDisagree", "15m",
        {f'fedns_records{{{A},type="A"}}': "10x20", f'fedns_records{{{B},type="A"}}': "9 9 10x20"},
    ),
    fires("FednsClusterOutOfSight", "8m", {f"fedns_source_up{{{CLUSTER}}}": "1 0x10"}, **SEEN),
    silent("FednsClusterOutOfSight", "8m", {f"fedns_source_up{{{CLUSTER}}}": "1 0 0 1x10"}),
    fires("FednsStateIsOld", "20m", {f"fedns_source_age_seconds{{{CLUSTER}}}": "0+60x30"}, **SEEN),
    silent("FednsStateIsOld", "20m", {f"fedns_source_age_seconds{{{CLUSTER}}}": "60x30"}),
    fires("FednsChangesHeld", "5m", {f"fedns_held_changes{{{A}}}": "0 3x10", f"fedns_held_changes{{{B}}}": "0x10"},
          job="fedns"),
    silent("FednsChangesHeld", "5m", {f"fedns_held_changes{{{A}}}": "0x10"}),
    fires(
        "FednsServiceWithoutHealthyAddress", "5m",
        {f'fedns_address_healthy{{{CLUSTER},{SERVICE},address="192.0.2.1"}}': "1 0x10",
         f'fedns_address_healthy{{{A},cluster="hangzhou",{SERVICE},address="192.0.2.2"}}': "0x10"},
        job="fedns", service="default/nginx",
    ),
    silent(
        "FednsServiceWithoutHealthyAddress", "5m",
        {f'fedns_address_healthy{{{CLUSTER},{SERVICE},address="192.0.2.1"}}': "0x10",
         f'fedns_address_healthy{{{A},cluster="hangzhou",{SERVICE},address="192.0.2.2"}}': "1x10"},
    ),
    fires("FednsFailsOverOften", "40m", {f'fedns_failovers_total{{{A},level="zone"}}': "0+1x60"},
          job="fedns", level="zone"),
    silent("FednsFailsOverOften", "40m", {f'fedns_failovers_total{{{A},level="zone"}}': "0x20 2x40"}),
    fires("FednsRefusesState", "20m", {f'fedns_rejected_total{{{A},reason="address"}}': "0x5 1x60"},
          job="fedns", reason="address"),
    silent("FednsRefusesState", "20m", {f'fedns_rejected_total{{{A},reason="address"}}': "7x60"}),
    fires("FednsNobodyPushes", "10m", pushed(60, leader_a=0), job="fedns"),
    # from the start, by rights that are missing: there is no plan, and no call
    fires("FednsNobodyPushes", "10m", {f"fedns_leader{{{A}}}": "0x20", f"fedns_provider_configured{{{A}}}": "1x20"},
          job="fedns"),
    silent("FednsNobodyPushes", "10m", pushed(60)),
    # no provider is configured
    silent("FednsNobodyPushes", "10m",
           {f"fedns_leader{{{A}}}": "0x20", f"fedns_provider_configured{{{A}}}": "0x20"}),
    fires("FednsTwoPush", "5m", pushed(60, leader_b=1), job="fedns"),
    silent("FednsTwoPush", "5m", pushed(60)),
    fires("FednsPushIsBehind", "20m", pushed(60, pending=4), job="fedns"),
    silent("FednsPushIsBehind", "10m", pushed(60, pending=4)),
    silent("FednsPushIsBehind", "20m", pushed(60)),
    fires("FednsPushFails", "160m", pushed(60), job="fedns"),
    silent("FednsPushFails", "140m", pushed(60)),
    # a key that was wrong from the start: no plan, so nothing is pending
    fires("FednsNeverPushed", "70m", pushed(0), job="fedns"),
    silent("FednsNeverPushed", "50m", pushed(0)),
    silent("FednsNeverPushed", "70m", pushed(60)),
    silent("FednsNeverPushed", "70m", pushed(0, leader_a=0)),
    fires("FednsNamesInConflict", "20m", {f"fedns_provider_conflicts{{{A}}}": "0 2x30"}, job="fedns"),
    silent("FednsNamesInConflict", "20m", {f"fedns_provider_conflicts{{{A}}}": "0x30"}),
    # of a replica that has never led
    silent("FednsPushFails", "160m", pushed(0)),
)  # fmt: skip


def unit_tests(rules, severities):
    """The file of `promtool test rules` for the file `rules`, whose alerts have no annotations."""
    tests = []
    for case in CASES:
        alert, labels = case["alert"], case["labels"]
        expected = [] if labels is None else [{"exp_labels": {"severity": severities[alert], **labels}}]
        tests.append(
            {
                "interval": "1m",
                "name": f"{alert} {'silent' if labels is None else 'fires'}",
                "input_series": [{"series": name, "values": values} for name, values in case["series"].items()],
                "alert_rule_test": [{"eval_time": case["at"], "alertname": alert, "exp_alerts": expected}],
            }
        )
    return {"rule_files": [rules], "evaluation_interval": "1m", "tests": tests}
