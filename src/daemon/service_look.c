#include "service_look.h"

#include "listed.h"

/* What stands against a service's addresses. */
struct tally {
	size_t listed;
	size_t ordered;  /* out by somebody's order */
	size_t out;      /* out otherwise */
	size_t forced;   /* in, though their cluster is withdrawn */
	size_t unsteady; /* in, but for how long */
	size_t empty;    /* clusters without an address */
	size_t bad;      /* probes say that they don't serve, out or not */
};

const char *service_state_text(enum service_state state)
{
	static const char *const TEXTS[] = {
		[SERVICE_DOWN] = "down",         [SERVICE_DEGRADED] = "degraded",
		[SERVICE_UNSTEADY] = "unsteady", [SERVICE_DRAINED] = "drained",
		[SERVICE_FINE] = "fine",
	};
	return TEXTS[state];
}

static void verdicts_tally(const struct model *model, uint32_t id, struct tally *tally)
{
	const struct verdict *verdicts;
	size_t count = model_verdicts(model, id, &verdicts);
	for (size_t i = 0; i < count; i++) {
		struct cluster_view cluster;
		if (model_cluster(model, verdicts[i].cluster, &cluster) && cluster.withdrawn_at_ms != 0) {
			tally->forced += verdicts[i].forced; /* the others are counted with their cluster */
			continue;
		}
		bool ordered =
			verdicts[i].reason == REASON_DRAINED || verdicts[i].reason == REASON_FORCED_DOWN;
		tally->ordered += verdicts[i].out && ordered;
		tally->out += verdicts[i].out && !ordered;
		tally->unsteady += !verdicts[i].out;
	}
}

static void ingresses_tally(const struct model *model, struct service_view service,
                            struct tally *tally)
{
	struct ingress_view ingress;
	while (model_ingress_next(&service, &ingress)) {
		struct cluster_view cluster;
		size_t count = listed_count(model, &ingress);
		tally->listed += count;
		tally->empty += count == 0;
		if (model_cluster(model, ingress.cluster, &cluster) && cluster.withdrawn_at_ms != 0)
			tally->out += count;
	}
}

static void probes_tally(const struct daemon *daemon, uint32_t id, struct tally *tally)
{
	uint16_t cluster;
	enum health_state state;
	if (daemon->health.health == NULL)
		return;
	for (size_t i = 0; health_probed(daemon->health.health, id, i, &cluster, &state); i++)
		tally->bad += state == HEALTH_UNHEALTHY;
}

enum service_state service_look(const struct daemon *daemon, uint32_t id,
                                const struct service_view *service)
{
	struct tally tally = {.listed = 0};
	verdicts_tally(daemon->model, id, &tally);
	ingresses_tally(daemon->model, *service, &tally);
	probes_tally(daemon, id, &tally);
	tally.out -= tally.forced < tally.out ? tally.forced : tally.out;
	if (tally.out + tally.ordered >= tally.listed)
		return SERVICE_DOWN;
	/* more bad ones than are out: some are held, or suspected */
	if (tally.out != 0 || tally.empty != 0 || tally.bad > tally.ordered)
		return SERVICE_DEGRADED;
	if (tally.unsteady != 0)
		return SERVICE_UNSTEADY;
	return tally.ordered != 0 ? SERVICE_DRAINED : SERVICE_FINE;
}
