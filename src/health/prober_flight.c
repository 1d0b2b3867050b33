/* Places for what is under way, and how a probe ends. */
#include "prober_internal.h"

#include <assert.h>
#include <stdlib.h>

#define STALL_MS_MAX 1000 /* between two attempts to begin */
#define STALL_MS_MIN 50
#define LATE_MS      100 /* such a delay of ours is no busy moment any more */

void manner_release(struct manner *manner)
{
	if (--manner->users == 0)
		free(manner);
}

struct health_target target_view(const struct target *target)
{
	return (struct health_target){.address = target->address,
	                              .port = target->port,
	                              .kind = target->kind,
	                              .path = target->path,
	                              .host = target->host};
}

/* `doubted` stays as it is while it flies. */
static void flights_count(struct prober *prober, const struct target *target, int one)
{
	bool tls = target->kind == PROBE_HTTPS;
	prober->flying += (uint32_t)one;
	prober->flying_tls += tls ? (uint32_t)one : 0;
	if (target->doubted && tls)
		prober->doubted_tls += (uint32_t)one;
	else if (target->doubted)
		prober->doubted += (uint32_t)one;
}

struct flight *flight_new(struct prober *prober, struct target *target)
{
	uint32_t i = prober->free_flight;
	assert(prober->flying < prober->flight_max && target->node.link == NULL);
	if (i != NO_FLIGHT)
		prober->free_flight = prober->flights[i].next_free;
	else
		i = prober->flight_used++;
	struct flight *flight = &prober->flights[i];
	*flight = (struct flight){
		.prober = prober,
		.target = target,
		.manner = prober->manner,
		.begun_ns = uv_hrtime(),
		.fd = -1,
		.turn = flight->turn,
	};
	flight->manner->users++;
	target->flight = i;
	target->state = TARGET_FLIES;
	flights_count(prober, target, 1);
	return flight;
}

void flight_over(struct prober *prober, struct flight *flight)
{
	struct target *target = flight->target;
	tls_close(flight->tls);
	socket_end(flight);
	target_leave(prober, target); /* its deadline, where it has one */
	flights_count(prober, target, -1);
	manner_release(flight->manner);
	flight->next_free = prober->free_flight;
	prober->free_flight = target->flight;
	flight->turn++;
	flight->target = NULL;
	flight->tls = NULL;
	target->flight = NO_FLIGHT;
}

static void tell(struct prober *prober, struct flight *flight, bool good, bool timed_out,
                 const char *why)
{
	struct target *target = flight->target;
	const struct prober_setup *setup = &prober->setup;
	uint32_t id = target->id;
	uint64_t now_ns = uv_hrtime();
	int64_t now_ms = (int64_t)(now_ns / 1000000);
	int64_t took_us = (int64_t)((now_ns - flight->begun_ns) / 1000);
	flight_over(prober, flight);
	target->doubted = timed_out;
	/* While it was asked it could not be asked again: that is not late. */
	if (target->moment_ms < now_ms)
		target->moment_ms = now_ms;
	target_rest(prober, target);
	if (good)
		prober->counters.good++;
	else
		prober->counters.bad++;
	prober_arm(prober);
	setup->result(setup->arg, id, good, good ? "" : why, took_us);
}

void flight_tell(struct prober *prober, struct flight *flight, bool good, const char *why)
{
	tell(prober, flight, good, false, why);
}

void flight_timed_out(struct prober *prober, struct flight *flight)
{
	struct why why;
	uint32_t turn = flight->turn;
	/* It may be us who are late. What came in time counts, though nobody has looked yet; and who
	 * waited for us has that much more time, once. */
	socket_look(prober, flight);
	if (prober->freeing || flight->turn != turn)
		return;
	int64_t now_ms = prober_now_ms(), timeout_ms = flight->manner->policy.timeout_ms;
	int64_t late_ms = now_ms - (int64_t)(flight->begun_ns / 1000000) - timeout_ms;
	if (late_ms > LATE_MS && !flight->spared) {
		flight->spared = true;
		late_ms = late_ms < timeout_ms ? late_ms : timeout_ms;
		wheel_add(&prober->wheel, &flight->target->node, now_ms + late_ms);
		return;
	}
	probe_timed_out(&flight->reader, flight->manner->policy.timeout_ms, &why);
	tell(prober, flight, false, true, why.text);
}

void flight_stall(struct prober *prober, struct flight *flight)
{
	struct target *target = flight->target;
	int64_t wait_ms = prober->manner->policy.interval_ms / 4;
	if (wait_ms < STALL_MS_MIN)
		wait_ms = STALL_MS_MIN;
	else if (wait_ms > STALL_MS_MAX)
		wait_ms = STALL_MS_MAX;
	flight_over(prober, flight);
	prober->counters.stalled++;
	prober->counters.late += !target->stalled;
	target->stalled = true;
	target->moment_ms = prober_now_ms() + wait_ms;
	target_rest(prober, target);
	prober_arm(prober);
}
