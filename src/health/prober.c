#include "prober_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#define FIRST_MS_MAX 1000 /* within which a new target is asked for the first time */

/* --- policy ---------------------------------------------------------------------------------- */

static enum err policy_check(const struct probe_policy *policy, struct why *why)
{
	if (policy->contains.size > PROBE_CONTAINS_SIZE_MAX) {
		why_set(why, "a text of more than %d octets can't be looked for", PROBE_CONTAINS_SIZE_MAX);
		return ERR_LIMIT;
	}
	if (policy->timeout_ms < 1 || policy->timeout_ms > policy->interval_ms ||
	    policy->interval_ms > PROBE_INTERVAL_MS_MAX) {
		why_set(why, "a probe's timeout is not above 0 and up to its interval, or that is longer "
		             "than a day");
		return ERR_INVALID;
	}
	return ERR_OK;
}

static enum err manner_new(const struct probe_policy *policy, struct manner **out, struct why *why)
{
	*out = NULL;
	enum err err = policy_check(policy, why);
	if (err != ERR_OK)
		return err;
	struct manner *manner = calloc(1, sizeof *manner);
	if (manner == NULL) {
		why_set(why, "out of memory");
		return ERR_NOMEM;
	}
	manner->users = 1;
	manner->policy = *policy;
	if (policy->contains.size != 0)
		memcpy(manner->text, policy->contains.data, policy->contains.size);
	manner->policy.contains = (struct bytes){manner->text, policy->contains.size};
	probe_text_prepare(manner->policy.contains, manner->left);
	manner->wanted = (struct probe_wanted){
		.status_low = policy->status_low,
		.status_high = policy->status_high,
		.contains = {manner->policy.contains, manner->left},
	};
	*out = manner;
	return ERR_OK;
}

/* Whose moment is farther away than the new interval gets one within it. */
static void moments_pull(struct prober *prober)
{
	int64_t now_ms = prober_now_ms(), interval_ms = prober->manner->policy.interval_ms;
	for (size_t i = 0; i < prober->targets.room; i++) {
		struct target *target = prober->targets.slots[i].value;
		if (target == NULL || target->moment_ms <= now_ms + interval_ms)
			continue;
		target->moment_ms = now_ms + prober_random(prober, interval_ms);
		if (target->state == TARGET_RESTS) {
			target_leave(prober, target);
			target_rest(prober, target);
		}
	}
}

enum err prober_set_policy(struct prober *prober, const struct probe_policy *policy,
                           struct why *why)
{
	struct manner *manner;
	assert(!prober->freeing);
	enum err err = manner_new(policy, &manner, why);
	if (err != ERR_OK)
		return err;
	manner_release(prober->manner);
	prober->manner = manner;
	/* The roots are read anew before the next probe of https; what flies has the old ones. */
	prober->tls_old = true;
	prober->tls_retry_ms = 0;
	moments_pull(prober);
	prober_arm(prober);
	return ERR_OK;
}

/* --- targets --------------------------------------------------------------------------------- */

static struct target *target_new(uint32_t id, const struct health_target *from)
{
	const char *path = from->path == NULL ? "" : from->path;
	const char *host = from->host == NULL ? "" : from->host;
	size_t path_size = strlen(path) + 1, host_size = strlen(host) + 1;
	struct target *target = calloc(1, sizeof *target + path_size + host_size);
	if (target == NULL)
		return NULL;
	memcpy(target->path, path, path_size);
	memcpy(target->path + path_size, host, host_size);
	target->host = target->path + path_size;
	target->address = from->address;
	target->port = from->port;
	target->kind = (uint8_t)from->kind;
	target->id = id;
	target->flight = NO_FLIGHT;
	target->fresh = target->doubted = true;
	if (from->kind != PROBE_HTTPS)
		return target;
	target->kept = kept_new();
	if (target->kept == NULL) {
		free(target);
		return NULL;
	}
	return target;
}

enum err prober_add(struct prober *prober, uint32_t id, const struct health_target *target,
                    struct why *why)
{
	assert(!prober->freeing && target->kind >= PROBE_TCP);
	assert(target->address.family == 4 || target->address.family == 6);
	if (prober->targets.count >= PROBES_MAX) {
		why_set(why, "more than %d targets of probes", PROBES_MAX);
		return ERR_LIMIT;
	}
	enum err err = probe_target_check(target, why);
	if (err != ERR_OK)
		return err;
	struct target *added = target_new(id, target);
	if (added == NULL || probe_table_add(&prober->targets, id, added) != ERR_OK) {
		if (added != NULL)
			kept_free(prober, added->kept);
		free(added);
		why_set(why, "out of memory");
		return ERR_NOMEM;
	}
	prober->targets_tls += target->kind == PROBE_HTTPS;
	int64_t interval_ms = prober->manner->policy.interval_ms;
	int64_t within_ms = interval_ms < FIRST_MS_MAX ? interval_ms : FIRST_MS_MAX;
	added->moment_ms = prober_now_ms() + prober_random(prober, within_ms);
	target_rest(prober, added);
	prober_arm(prober);
	return ERR_OK;
}

static void target_free(struct prober *prober, struct target *target)
{
	if (target->flight != NO_FLIGHT)
		flight_over(prober, &prober->flights[target->flight]);
	else
		target_leave(prober, target);
	prober->targets_tls -= target->kind == PROBE_HTTPS;
	kept_free(prober, target->kept);
	free(target);
}

void prober_remove(struct prober *prober, uint32_t id)
{
	struct target *target = probe_table_get(&prober->targets, id);
	if (target == NULL)
		return;
	probe_table_remove(&prober->targets, id);
	target_free(prober, target);
	prober_arm(prober);
}

void prober_counters(const struct prober *prober, struct prober_counters *out)
{
	*out = prober->counters;
	out->targets = prober->targets.count;
	out->flying = prober->flying;
	out->kept = prober->kept;
	out->late_us_max = late_us_max(&prober->late);
	out->late_us_p99 = late_us_p99(&prober->late);
}

/* --- life ------------------------------------------------------------------------------------ */

/* The other half is for whoever else needs descriptors: clients, files, the API servers. */
static uint32_t flight_max(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur / 2 >= PROBES_FLIGHT_MAX)
		return PROBES_FLIGHT_MAX;
	return limit.rlim_cur < 4 ? 1 : (uint32_t)(limit.rlim_cur / 2);
}

static uint32_t kept_max(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur / 4 >= PROBES_KEPT_MAX)
		return PROBES_KEPT_MAX;
	return (uint32_t)(limit.rlim_cur / 4);
}

static void prober_discard(struct prober *prober)
{
	manner_release(prober->manner);
	probe_table_free(&prober->targets);
	if (prober->epoll >= 0)
		(void)close(prober->epoll);
	tls_context_free(prober->tls);
	free(prober->flights);
	free(prober);
}

static void handle_closed(uv_handle_t *handle)
{
	struct prober *prober = handle->data;
	if (--prober->handles == 0)
		prober_discard(prober);
}

static enum err loop_enter(struct prober *prober, struct why *why)
{
	uv_loop_t *loop = prober->setup.loop;
	prober->epoll = epoll_create1(EPOLL_CLOEXEC);
	int status = prober->epoll < 0 ? -errno : uv_poll_init(loop, &prober->poll, prober->epoll);
	if (status != 0) {
		why_set(why, "prober: %s", uv_strerror(status));
		return ERR_IO;
	}
	uv_timer_init(loop, &prober->timer);
	prober->timer.data = prober->poll.data = prober;
	prober->handles = 2;
	uv_poll_start(&prober->poll, UV_READABLE, socket_events);
	return ERR_OK;
}

enum err prober_new(const struct prober_setup *setup, struct prober **out, struct why *why)
{
	struct manner *manner;
	*out = NULL;
	enum err err = manner_new(&setup->policy, &manner, why);
	if (err != ERR_OK)
		return err;
	struct prober *prober = calloc(1, sizeof *prober);
	uint32_t places = flight_max();
	struct flight *flights = calloc(places, sizeof *flights);
	if (prober == NULL || flights == NULL) {
		free(flights);
		free(prober);
		manner_release(manner);
		why_set(why, "out of memory");
		return ERR_NOMEM;
	}
	prober->setup = *setup;
	if (setup->shakes_a_second == 0)
		prober->setup.shakes_a_second = PROBES_SHAKES;
	prober->manner = manner;
	prober->flights = flights;
	prober->flight_max = places;
	prober->kept_max = kept_max();
	prober->free_flight = NO_FLIGHT;
	prober->random = setup->seed;
	wheel_init(&prober->wheel, prober_now_ms());
	err = loop_enter(prober, why);
	if (err != ERR_OK)
		prober_discard(prober);
	else
		*out = prober;
	return err;
}

void prober_free(struct prober *prober)
{
	if (prober == NULL)
		return;
	assert(!prober->freeing);
	prober->freeing = true;
	for (size_t i = 0; i < prober->targets.room; i++) {
		if (prober->targets.slots[i].value != NULL)
			target_free(prober, prober->targets.slots[i].value);
	}
	probe_table_free(&prober->targets);
	uv_close((uv_handle_t *)&prober->timer, handle_closed);
	uv_close((uv_handle_t *)&prober->poll, handle_closed);
}
