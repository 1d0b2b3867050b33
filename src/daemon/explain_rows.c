#include "explain_rows.h"

#include "clock.h"
#include "orders.h"

#include <stdio.h>

#define NEXT_TEXT_SIZE 512

/* All that is known of one address. */
struct signals {
	const struct daemon *daemon;
	struct service_view service;
	struct cluster_view cluster;
	struct health_view health;
	struct health_order order;
	bool ordered;
};

/* The closer order counts, as in the core. */
static bool order_find(const struct signals *signals, struct health_order *out)
{
	struct health_order order;
	bool found = false;
	for (size_t i = 0; health_orders(signals->daemon->health.health, i, &order); i++) {
		bool one = order.service.size != 0;
		if (!bytes_equal(order.cluster, signals->cluster.name) || (!one && found) ||
		    (one && (!bytes_equal_nocase(order.namespace, signals->service.namespace) ||
		             !bytes_equal_nocase(order.service, signals->service.name))))
			continue;
		*out = order;
		found = true;
		if (one)
			break;
	}
	return found;
}

/* --- signals ------------------------------------------------------------------------------ */

static json_t *source_json(const struct signals *signals)
{
	static const char *const READY[] = {
		[READY_UNKNOWN] = "unknown", [READY_TRUE] = "true", [READY_FALSE] = "false"};
	const struct daemon *daemon = signals->daemon;
	const struct cluster_view *cluster = &signals->cluster;
	struct kube_state server;
	bool seen = cluster->in_source;
	json_t *age = NULL;
	if (control_server_of(daemon, cluster, &server)) {
		seen = server.in_sight;
		age = server.heard_ago_ms < 0 ? json_null() : json_integer(server.heard_ago_ms / 1000);
	} else {
		age = control_age(cluster->in_source ? daemon->look.read_ms : 0);
	}
	return json_pack("{s:b, s:b, s:b, s:o, s:s, s:o, s:o}", "listed", 1, "known",
	                 cluster->known ? 1 : 0, "seen", seen ? 1 : 0, "age_s", age, "ready",
	                 READY[cluster->ready], "not_ready_since",
	                 control_time(cluster->ready_since_ms), "withdrawn_at",
	                 control_time(cluster->withdrawn_at_ms));
}

static json_t *probe_json(const struct signals *signals)
{
	const struct health_view *view = &signals->health;
	if (!view->probed)
		return json_null();
	return json_pack("{s:s, s:I, s:s, s:s, s:o, s:I, s:I, s:o, s:o}", "kind",
	                 probe_kind_text(view->target->kind), "port", (json_int_t)view->target->port,
	                 "path", view->target->path, "host", view->target->host, "age_s",
	                 control_age(view->result_ms), "good", (json_int_t)view->good, "bad",
	                 (json_int_t)view->bad, "why",
	                 view->why[0] != '\0' ? control_text(view->why) : json_null(), "since",
	                 control_time(view->since_ms));
}

static json_t *order_json(const struct signals *signals)
{
	if (!signals->ordered)
		return json_null();
	return json_pack("{s:s, s:b, s:o, s:o}", "order", order_kind_text(signals->order.kind),
	                 "whole_cluster", signals->order.service.size == 0, "since",
	                 control_time(signals->order.since_ms), "age_s",
	                 control_age(signals->order.since_ms));
}

/* --- what comes next ---------------------------------------------------------------------- */

/* A sentence, "" where nothing is to come by itself, and when at the earliest (0: unknown). */
struct next {
	char text[NEXT_TEXT_SIZE];
	int64_t at_ms;
};

static void next_of_order(const struct signals *signals, struct next *next)
{
	const struct health_order *order = &signals->order;
	if (order->kind == ORDER_DRAIN && order->service.size == 0)
		(void)snprintf(next->text, sizeof next->text, "until `fedns undrain %.*s`",
		               BYTES_ARG(order->cluster));
	else if (order->kind == ORDER_DRAIN)
		(void)snprintf(next->text, sizeof next->text,
		               "until `fedns undrain %.*s --service %.*s/%.*s`", BYTES_ARG(order->cluster),
		               BYTES_ARG(order->namespace), BYTES_ARG(order->service));
	else
		(void)snprintf(next->text, sizeof next->text, "until `fedns force %.*s/%.*s %.*s auto`",
		               BYTES_ARG(order->namespace), BYTES_ARG(order->service),
		               BYTES_ARG(order->cluster));
}

/* After so many more results, one an interval. */
static void next_of_results(const struct signals *signals, const char *what, unsigned wanted,
                            unsigned had, const char *kind, struct next *next)
{
	unsigned more = wanted > had ? wanted - had : 1;
	(void)snprintf(next->text, sizeof next->text, "%s after %u %s%s", what, more,
	               had != 0 ? "more " : "", kind);
	next->at_ms =
		signals->health.result_ms + more * signals->daemon->config->health.policy.interval_ms;
}

static void next_of_recovering(const struct signals *signals, struct next *next)
{
	const struct health_view *view = &signals->health;
	const struct health_policy *policy = &signals->daemon->config->health.policy;
	next->at_ms = view->next_ms;
	if (view->reason != REASON_HOLD)
		next_of_results(signals, policy->failback == FAILBACK_PREEMPT ? "in" : "risen",
		                policy->rise, view->good, "good", next);
	else if (view->next_ms != 0)
		(void)snprintf(next->text, sizeof next->text, "in when failback's hold is over");
	else
		(void)snprintf(next->text, sizeof next->text, "in by `fedns force %.*s/%.*s %.*s auto`",
		               BYTES_ARG(signals->service.namespace), BYTES_ARG(signals->service.name),
		               BYTES_ARG(signals->cluster.name));
}

static void next_of_probe(const struct signals *signals, struct next *next)
{
	const struct health_view *view = &signals->health;
	const struct health_policy *policy = &signals->daemon->config->health.policy;
	switch (view->state) {
	case HEALTH_UNKNOWN:
		(void)snprintf(next->text, sizeof next->text, "the first result counts at once");
		break;
	case HEALTH_FAILING:
		next_of_results(signals, "out", policy->fall, view->bad, "bad", next);
		break;
	case HEALTH_UNHEALTHY:
		if (view->reason == REASON_HELD)
			(void)snprintf(next->text, sizeof next->text,
			               "out by `fedns approve`, or once enough of the others are back");
		else if (view->reason == REASON_SUSPECTED)
			(void)snprintf(next->text, sizeof next->text, "out when any other probe is answered");
		else
			next_of_results(signals, "in", policy->rise, 0, "good", next);
		break;
	case HEALTH_RECOVERING:
		next_of_recovering(signals, next);
		break;
	default:
		break;
	}
}

static void next_find(const struct signals *signals, struct next *next)
{
	const struct cluster_view *cluster = &signals->cluster;
	*next = (struct next){.at_ms = 0};
	if (signals->ordered) {
		next_of_order(signals, next);
	} else if (cluster->withdrawn_at_ms != 0) {
		(void)snprintf(next->text, sizeof next->text, "in when the cluster is ready");
	} else if (signals->health.probed && signals->health.state != HEALTH_HEALTHY) {
		next_of_probe(signals, next);
	} else if (cluster->ready == READY_FALSE) {
		(void)snprintf(next->text, sizeof next->text, "withdrawn when offline_grace is over");
		next->at_ms = cluster->ready_since_ms + signals->daemon->config->model.offline_grace_ms;
	}
}

/* --- the row ------------------------------------------------------------------------------ */

/* By its cluster (rule 9); who is forced up stands above that. */
static bool is_withdrawn(const struct signals *signals)
{
	return signals->cluster.withdrawn_at_ms != 0 && signals->health.reason != REASON_FORCED_UP;
}

/* Why the address isn't where its verdict would have it; NULL: it is. */
static const char *exception_of(const struct signals *signals, const struct explain_entry *entry)
{
	bool out = signals->health.out || is_withdrawn(signals);
	if (out && entry->answered)
		return reason_text(REASON_ALL_DOWN);
	return !out && entry->weak != REASON_NONE ? reason_text(entry->weak) : NULL;
}

static const char *reason_of(const struct signals *signals)
{
	if (is_withdrawn(signals) && !signals->health.out)
		return reason_text(REASON_NOT_READY);
	return reason_text(signals->health.reason);
}

static json_t *row_json(const struct signals *signals, const struct explain_entry *entry)
{
	char address[ADDRESS_TEXT_SIZE];
	struct next next;
	const struct health_view *view = &signals->health;
	const char *exception = exception_of(signals, entry);
	bool in = !view->out && !is_withdrawn(signals);
	address_text(&entry->address, address);
	next_find(signals, &next);
	return json_pack("{s:s, s:i, s:o, s:s, s:b, s:s, s:s, s:s, s:s?, s:o, s:o, s:o, s:s?, s:o}",
	                 "row", "address", "step", (int)entry->step, "cluster",
	                 control_bytes(signals->cluster.name), "address", address, "answered",
	                 entry->answered ? 1 : 0, "verdict", in ? "in" : "out", "state",
	                 view->probed ? health_state_text(view->state) : "unprobed", "reason",
	                 reason_of(signals), "exception", exception, "source", source_json(signals),
	                 "probe", probe_json(signals), "order", order_json(signals), "next",
	                 next.text[0] != '\0' ? next.text : NULL, "next_at", control_time(next.at_ms));
}

json_t *explain_entry_json(const struct daemon *daemon, uint32_t service,
                           const struct explain_entry *entry)
{
	struct signals signals = {.daemon = daemon};
	if (!model_service(daemon->model, service, &signals.service) ||
	    !model_cluster(daemon->model, entry->cluster, &signals.cluster))
		return json_pack("{s:s, s:i}", "row", "gone", "step", (int)entry->step);
	health_view(daemon->health.health, service, entry->cluster, &entry->address, &signals.health);
	signals.ordered = order_find(&signals, &signals.order);
	return row_json(&signals, entry);
}
