/* The moments: what is due goes into its line, and out of the lines what there is a place for. */
#include "prober_internal.h"

#include <assert.h>

#define JITTER_PERCENT 4
#define LATE_US        100000
#define PAUSE_MS       100 /* where this machine has nothing left to begin with */

/* Probes that begin in one turn: others on this loop wait so long, some 5 ms. */
#define TURN_MAX 128
/* Handshakes among them. Fewer than are answered in one turn (EVENTS of prober_socket.c): however
 * many want to begin, none waits for us so long that its time runs out. */
#define TURN_SHAKES_MAX 16

int64_t prober_now_ms(void)
{
	return (int64_t)(uv_hrtime() / 1000000);
}

/* Steele, Lea, Flood: SplitMix64. */
int64_t prober_random(struct prober *prober, int64_t below)
{
	uint64_t mixed = prober->random += UINT64_C(0x9e3779b97f4a7c15);
	mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
	return below <= 0 ? 0 : (int64_t)((mixed ^ (mixed >> 31)) % (uint64_t)below);
}

static enum line_kind line_of(const struct target *target)
{
	if (target->kind == PROBE_HTTPS)
		return target->doubted ? LINE_TLS_DOUBTED : LINE_TLS;
	return target->doubted ? LINE_DOUBTED : LINE_PLAIN;
}

static struct target *target_of(struct wheel_node *node)
{
	return (struct target *)(void *)node;
}

void target_rest(struct prober *prober, struct target *target)
{
	target->state = TARGET_RESTS;
	wheel_add(&prober->wheel, &target->node, target->moment_ms);
}

void target_leave(struct prober *prober, struct target *target)
{
	if (target->state == TARGET_WAITS)
		line_remove(&prober->lines[line_of(target)], &target->node);
	else if (target->node.link != NULL)
		wheel_remove(&prober->wheel, &target->node);
}

/* Who is doubted may hold its place until its time runs out, and gets so many that the others,
 * whose answers take milliseconds, have what they need. */
static bool can_begin(const struct prober *prober, enum line_kind kind)
{
	uint32_t places = prober->flight_max;
	if (prober->lines[kind].first == NULL || prober->flying >= places)
		return false;
	switch (kind) {
	case LINE_TLS_DOUBTED:
		return prober->doubted + prober->doubted_tls < places - places / 8 &&
		       prober->doubted_tls < PROBES_TLS_MAX / 2;
	case LINE_TLS:
		return prober->flying_tls < PROBES_TLS_MAX;
	case LINE_DOUBTED:
		return prober->doubted + prober->doubted_tls < places - places / 8;
	default:
		return true;
	}
}

static void turn_take(uv_timer_t *timer);

void prober_arm(struct prober *prober)
{
	if (prober->inside || prober->freeing)
		return;
	int64_t next_ms = wheel_next_ms(&prober->wheel);
	for (enum line_kind i = 0; i < LINES; i++) {
		if (can_begin(prober, i) && next_ms > prober->paused_ms)
			next_ms = prober->paused_ms;
	}
	if (next_ms == INT64_MAX) {
		uv_timer_stop(&prober->timer);
		return;
	}
	/* By the loop's clock, which may lag, but is the same clock: so it ends at `next_ms`. */
	int64_t left_ms = next_ms - (int64_t)uv_now(prober->setup.loop);
	uv_timer_start(&prober->timer, turn_take, left_ms > 0 ? (uint64_t)left_ms : 0, 0);
}

/* From one probe to the next it is never longer than the interval, or it would take longer to find
 * out than is promised; and never so short that the next is due before this one can have ended. A
 * new target finds its place in the interval by its second probe. Who is late by an interval or
 * more, as after a stop of the machine, finds a new one: else all would crowd there for ever. */
static int64_t next_moment(struct prober *prober, const struct target *target, int64_t now_ms)
{
	const struct probe_policy *policy = &prober->manner->policy;
	int64_t interval_ms = policy->interval_ms, spare_ms = interval_ms - policy->timeout_ms;
	int64_t jitter_ms = interval_ms * JITTER_PERCENT / 100;
	int64_t next_ms = target->moment_ms + interval_ms;
	if (target->fresh)
		next_ms -= prober_random(prober, interval_ms);
	else
		next_ms -= prober_random(prober, 1 + (jitter_ms < spare_ms ? jitter_ms : spare_ms));
	return next_ms > now_ms ? next_ms : now_ms + 1 + prober_random(prober, interval_ms);
}

static void moment_met(struct prober *prober, struct target *target, uint64_t begun_ns)
{
	int64_t now_ms = (int64_t)(begun_ns / 1000000);
	int64_t late_us = (int64_t)(begun_ns / 1000) - target->moment_ms * 1000;
	late_note(&prober->late, late_us, now_ms, prober->manner->policy.interval_ms);
	prober->counters.late += late_us > LATE_US;
	target->moment_ms = next_moment(prober, target, now_ms);
	target->fresh = target->stalled = false;
}

static void deadline_set(struct prober *prober, const struct flight *flight)
{
	int64_t begun_ms = (int64_t)((flight->begun_ns + 999999) / 1000000); /* never early */
	wheel_add(&prober->wheel, &flight->target->node, begun_ms + flight->manner->policy.timeout_ms);
}

/* The first in line. False: none can begin now. May end all: see `freeing`. */
static bool begin(struct prober *prober, enum line_kind kind)
{
	struct why why = {{0}};
	struct target *target = target_of(line_take(&prober->lines[kind]));
	struct flight *flight = flight_new(prober, target);
	enum begun begun = target->kind == PROBE_HTTPS ? tls_begin(prober, flight, &why)
	                                               : socket_begin(prober, flight, &why);
	switch (begun) {
	case BEGUN:
		moment_met(prober, target, flight->begun_ns);
		deadline_set(prober, flight);
		break;
	case BEGUN_BAD:
		moment_met(prober, target, flight->begun_ns);
		flight_tell(prober, flight, false, why.text);
		break;
	case BEGUN_LATER:
		flight_stall(prober, flight);
		break;
	case BEGUN_NOTHING:
		prober->counters.stalled++;
		prober->paused_ms = prober_now_ms() + PAUSE_MS;
		flight_over(prober, flight);
		target->state = TARGET_WAITS;
		line_add(&prober->lines[kind], &target->node);
		return false;
	}
	return true;
}

static void take_due(struct prober *prober)
{
	int64_t now_ms = prober_now_ms();
	struct wheel_node *node;
	while (!prober->freeing && (node = wheel_take(&prober->wheel, now_ms)) != NULL) {
		struct target *target = target_of(node);
		if (target->state == TARGET_FLIES) {
			flight_timed_out(prober, &prober->flights[target->flight]);
			continue;
		}
		target->state = TARGET_WAITS;
		line_add(&prober->lines[line_of(target)], node);
	}
}

/* Take what is due and begin what can. */
static void turn_take(uv_timer_t *timer)
{
	struct prober *prober = timer->data;
	assert(!prober->inside);
	prober->inside = true;
	prober->shakes = 0;
	take_due(prober);
	bool going = prober_now_ms() >= prober->paused_ms;
	for (enum line_kind kind = 0; kind < LINES; kind++) {
		for (unsigned i = 0;
		     i < TURN_MAX && prober->shakes < TURN_SHAKES_MAX && going && can_begin(prober, kind);
		     i++)
			going = begin(prober, kind) && !prober->freeing;
	}
	prober->inside = false;
	prober_arm(prober);
}
