#include "hosts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* How often due lookups are sought: of 100,000 names a pass takes a fraction of a millisecond. */
#define TICK_MS 1000

struct host_watch {
	uint64_t key; /* hash of its name; 0: no host has this id */
	uint64_t due_ms[2];
	uint64_t seen[2];    /* hash of the last good answer; 0: none yet */
	uint32_t retry_s[2]; /* 0: the last lookup did not fail */
	bool asked[2], answered[2];
	uint8_t reported;  /* clarity of what was reported last; 0: nothing was */
	bool ours;         /* a name of the ladder, which is not asked for */
	uint8_t status[2]; /* enum resolved_status, of what was answered */
	char *why;         /* words of the last lookup that got no usable reply, or NULL */
};

struct hosts {
	uv_loop_t *loop;
	uv_timer_t tick;
	struct model *model;
	struct resolver *resolver;
	struct findings *findings;
	const struct zone_policy *ladder; /* NULL: no name is refused */
	hosts_answered *answered;
	void *answered_arg;
	hosts_ticked *ticked;
	void *ticked_arg;
	struct host_watch *watches; /* [room] by host id */
	size_t count, room, pending;
	uint64_t revision;
	bool scanned, ladder_differs, failures, stopped;
};

/* On the wire or in the resolver's line. */
struct ask {
	struct hosts *hosts;
	uint64_t key;
	uint32_t id;
	uint8_t family;
};

static size_t slot_of(uint8_t family)
{
	return family == 4 ? 0 : 1;
}

static uint64_t key_of(const struct name *name)
{
	uint64_t key = hash_bytes(name_bytes(name), 0);
	return key != 0 ? key : 1;
}

/* --- answers ------------------------------------------------------------------------------ */

static uint32_t clamp(uint32_t value, uint32_t low, uint32_t high)
{
	return value < low ? low : value > high ? high : value;
}

static void answer_note(struct hosts *hosts, struct host_watch *watch, size_t slot,
                        const struct resolved *resolved, bool good)
{
	watch->asked[slot] = false;
	if (!watch->answered[slot])
		hosts->pending--;
	watch->answered[slot] = true;
	watch->status[slot] = (uint8_t)resolved->status;
	uint32_t wait_s = clamp(resolved->ttl_s, HOST_TTL_MIN_S, HOST_TTL_MAX_S);
	if (good) {
		watch->retry_s[slot] = 0;
	} else {
		watch->retry_s[slot] = clamp(2 * watch->retry_s[slot], HOST_RETRY_MIN_S, HOST_RETRY_MAX_S);
		wait_s = watch->retry_s[slot];
	}
	watch->due_ms[slot] = uv_now(hosts->loop) + (uint64_t)wait_s * 1000;
	if (resolved->status == RESOLVED_FAILED && resolved->why != NULL) {
		free(watch->why);
		watch->why = strdup(resolved->why); /* NULL: then without words */
	}
}

/* Does the name as a whole fail? One family that isn't there is how most names are. */
static bool failing(const struct host_watch *watch)
{
	for (size_t slot = 0; slot < 2; slot++) {
		if (!watch->answered[slot])
			return false;
	}
	if (watch->status[0] == RESOLVED_NODATA && watch->status[1] == RESOLVED_NODATA)
		return true;
	return watch->status[0] == RESOLVED_NONAME || watch->status[0] == RESOLVED_FAILED ||
	       watch->status[1] == RESOLVED_NONAME || watch->status[1] == RESOLVED_FAILED;
}

/* Of a failure: that nobody answers tells nothing of the name, a plain answer does. It is told
 * after the other, but not in turns with it. */
static uint8_t clarity(const struct host_watch *watch)
{
	bool silent = watch->status[0] == RESOLVED_FAILED || watch->status[1] == RESOLVED_FAILED;
	bool none = watch->status[0] == RESOLVED_NONAME || watch->status[1] == RESOLVED_NONAME;
	return silent && !none ? 1 : 2;
}

static void verdict_note(struct hosts *hosts, struct host_watch *watch)
{
	if (!watch->answered[0] || !watch->answered[1])
		return;
	if (!failing(watch))
		watch->reported = 0; /* it recovered: the next failure is news */
	else if (watch->reported < clarity(watch))
		hosts->failures = true;
}

/* In whatever order the addresses come: servers rotate them. */
static uint64_t answer_hash(const struct resolved *resolved)
{
	uint64_t hash = 1;
	for (size_t i = 0; i < resolved->address_count; i++) {
		const struct address *address = &resolved->addresses[i];
		const struct bytes octets = {address->octets, address_size(resolved->family)};
		hash += hash_bytes(octets, resolved->family);
	}
	return hash != 0 ? hash : 1;
}

/* An answer that comes again every few seconds is complained about once. */
static enum err answer_give(struct hosts *hosts, uint64_t *seen, const struct resolved *resolved)
{
	struct why why;
	struct findings nobody = {.report = NULL};
	uint64_t hash = answer_hash(resolved);
	struct findings *findings = *seen == hash ? &nobody : hosts->findings;
	enum err err =
		model_host_resolved(hosts->model, resolved->host, resolved->family, resolved->addresses,
	                        resolved->address_count, findings, &why);
	*seen = hash;
	return err;
}

static void answer_take(struct hosts *hosts, struct host_watch *watch,
                        const struct resolved *resolved)
{
	size_t slot = slot_of(resolved->family);
	bool good = resolved->status == RESOLVED_ADDRESSES || resolved->status == RESOLVED_NODATA;
	/* NXDOMAIN counts as a failure here: a deleted balancer's name and a broken DNS server look the
	 * same. */
	if (good && answer_give(hosts, &watch->seen[slot], resolved) != ERR_OK)
		good = false;
	bool other_stands = watch->answered[1 - slot] && watch->status[1 - slot] == RESOLVED_ADDRESSES;
	bool settled = good && (resolved->status == RESOLVED_ADDRESSES || other_stands);
	answer_note(hosts, watch, slot, resolved, settled);
	verdict_note(hosts, watch);
}

static void host_answered(void *arg, const struct resolved *resolved)
{
	struct ask ask = *(struct ask *)arg;
	struct hosts *hosts = ask.hosts;
	free(arg);
	bool there = ask.id < hosts->count && hosts->watches[ask.id].key == ask.key &&
	             !hosts->watches[ask.id].ours;
	if (!there || hosts->stopped)
		return;
	if (resolved->status == RESOLVED_CANCELLED) {
		hosts->watches[ask.id].asked[slot_of(ask.family)] =
			false; /* the new resolver is asked at the next tick */
		return;
	}
	answer_take(hosts, &hosts->watches[ask.id], resolved);
	if (hosts->answered != NULL)
		hosts->answered(hosts->answered_arg);
}

/* --- asking ------------------------------------------------------------------------------- */

static bool failed(const struct host_watch *watch, size_t slot)
{
	return watch->retry_s[slot] != 0 &&
	       (watch->status[slot] == RESOLVED_NONAME || watch->status[slot] == RESOLVED_FAILED);
}

/* What failed waits behind what did not, or the bad names of one service would hold up the good
 * ones of all. So does the family that wasn't answered yet of a name whose other one failed. */
static enum resolver_line line_of(const struct host_watch *watch, size_t slot)
{
	bool later = watch->retry_s[slot] != 0 || (!watch->answered[slot] && failed(watch, 1 - slot));
	return later ? RESOLVER_LATER : RESOLVER_FIRST;
}

static enum err host_ask(struct hosts *hosts, uint32_t id, const struct name *name, uint8_t family)
{
	struct why why;
	struct host_watch *watch = &hosts->watches[id];
	struct ask *ask = malloc(sizeof *ask);
	if (ask == NULL)
		return ERR_NOMEM;
	*ask = (struct ask){hosts, watch->key, id, family};
	enum err err = resolver_ask(hosts->resolver, name, family, line_of(watch, slot_of(family)),
	                            host_answered, ask, &why);
	if (err == ERR_OK) {
		watch->asked[slot_of(family)] = true;
		return ERR_OK;
	}
	free(ask);
	if (err != ERR_INVALID)
		return err;
	/* A name that can't be asked for at all fails like one that nobody knows. */
	const struct resolved resolved = {
		.host = name, .family = family, .status = RESOLVED_FAILED, .why = why.text};
	answer_take(hosts, watch, &resolved);
	return ERR_OK;
}

/* Ask for all that is due. No memory, or a full line, which says nothing of the other line: the
 * next tick goes on. */
static void due_ask(struct hosts *hosts)
{
	uint64_t now_ms = uv_now(hosts->loop);
	for (size_t id = 0; id < hosts->count; id++) {
		struct host_watch *watch = &hosts->watches[id];
		struct host_view view;
		for (size_t slot = 0; slot < 2 && watch->key != 0 && !watch->ours; slot++) {
			if (watch->asked[slot] || watch->due_ms[slot] > now_ms)
				continue;
			if (!model_host(hosts->model, (uint32_t)id, &view) || key_of(view.name) != watch->key)
				break; /* it went; the next scan will see */
			enum err err = host_ask(hosts, (uint32_t)id, view.name, slot == 0 ? 4 : 6);
			if (err == ERR_NOMEM)
				return;
		}
	}
}

/* Who has changed the ladder need not have anything else to say. */
static void ladder_apply(struct hosts *hosts)
{
	struct why why;
	if (!hosts->ladder_differs || hosts_scan(hosts, &why) != ERR_OK)
		return; /* the next tick tries again */
	if (hosts->answered != NULL)
		hosts->answered(hosts->answered_arg);
}

static void ticked(uv_timer_t *tick)
{
	struct hosts *hosts = tick->data;
	ladder_apply(hosts);
	due_ask(hosts);
	if (hosts->failures)
		hosts_report(hosts, false);
	if (hosts->ticked != NULL)
		hosts->ticked(hosts->ticked_arg);
}

/* --- the set of hosts --------------------------------------------------------------------- */

static void watch_reset(struct hosts *hosts, struct host_watch *watch, uint64_t key)
{
	if (watch->key != 0)
		hosts->pending -= (size_t)!watch->answered[0] + (size_t)!watch->answered[1];
	free(watch->why);
	*watch = (struct host_watch){.key = key};
	if (key != 0)
		hosts->pending += 2;
}

static enum err addresses_drop(struct hosts *hosts, const struct host_view *view, struct why *why)
{
	const bool has[] = {view->addresses.v4_count != 0, view->addresses.v6_count != 0};
	const struct name name = *view->name;
	enum err err = ERR_OK;
	if (has[0])
		err = model_host_resolved(hosts->model, &name, 4, NULL, 0, hosts->findings, why);
	if (err == ERR_OK && has[1])
		err = model_host_resolved(hosts->model, &name, 6, NULL, 0, hosts->findings, why);
	return err;
}

/* A lookup would give what we answer already: that there is nothing else is known without one. */
static void ours_settle(struct hosts *hosts, struct host_watch *watch)
{
	const struct resolved none = {.status = RESOLVED_NODATA};
	watch->ours = true;
	answer_note(hosts, watch, 0, &none, true);
	answer_note(hosts, watch, 1, &none, true);
	verdict_note(hosts, watch);
}

static enum err watch_begin(struct hosts *hosts, struct host_watch *watch,
                            const struct host_view *view, struct why *why)
{
	uint64_t key = view->name != NULL ? key_of(view->name) : 0;
	bool ours = key != 0 && hosts->ladder != NULL && ladder_has(hosts->ladder, view->name);
	if (watch->key == key && watch->ours == ours)
		return ERR_OK;
	if (ours && addresses_drop(hosts, view, why) != ERR_OK)
		return ERR_NOMEM; /* the next scan tries again */
	watch_reset(hosts, watch, key);
	if (ours)
		ours_settle(hosts, watch);
	return ERR_OK;
}

void hosts_set_ladder(struct hosts *hosts, const struct zone_policy *policy)
{
	hosts->ladder = policy;
	hosts->ladder_differs = hosts->scanned;
}

static enum err room_make(struct hosts *hosts, size_t limit)
{
	if (limit <= hosts->room)
		return ERR_OK;
	size_t room = limit + limit / 2;
	struct host_watch *watches = realloc(hosts->watches, room * sizeof *watches);
	if (watches == NULL)
		return ERR_NOMEM;
	memset(watches + hosts->room, 0, (room - hosts->room) * sizeof *watches);
	hosts->watches = watches;
	hosts->room = room;
	return ERR_OK;
}

enum err hosts_scan(struct hosts *hosts, struct why *why)
{
	uint64_t revision = model_hosts_revision(hosts->model);
	if (hosts->scanned && revision == hosts->revision && !hosts->ladder_differs)
		return ERR_OK;
	size_t limit = model_host_limit(hosts->model);
	if (room_make(hosts, limit) != ERR_OK) {
		why_set(why, "no memory to look host names up");
		return ERR_NOMEM;
	}
	size_t before = hosts->count;
	hosts->count = limit > before ? limit : before;
	for (size_t id = 0; id < hosts->count; id++) {
		struct host_view view = {.name = NULL};
		if (id < limit)
			(void)model_host(hosts->model, (uint32_t)id, &view);
		if (watch_begin(hosts, &hosts->watches[id], &view, why) != ERR_OK)
			return ERR_NOMEM;
	}
	hosts->count = limit;
	hosts->revision = revision;
	hosts->scanned = true;
	hosts->ladder_differs = false;
	uv_update_time(hosts->loop);
	due_ask(hosts);
	return ERR_OK;
}

size_t hosts_pending(const struct hosts *hosts)
{
	return hosts->pending;
}

/* --- complaints --------------------------------------------------------------------------- */

static const char *reason_of(const struct host_watch *watch)
{
	if (watch->ours)
		return "it is one of this federation's own names, which would answer itself; "
			   "give the load balancer's own name or address";
	if (!watch->answered[0] || !watch->answered[1])
		return "no reply in time";
	if (watch->status[0] == RESOLVED_NONAME || watch->status[1] == RESOLVED_NONAME)
		return "there is no such name";
	if (watch->status[0] == RESOLVED_NODATA && watch->status[1] == RESOLVED_NODATA)
		return "it has no addresses";
	return watch->why != NULL ? watch->why : "no usable reply";
}

static bool wanted(const struct host_watch *watch, bool all)
{
	if (watch->key == 0)
		return false;
	bool answered = watch->answered[0] && watch->answered[1];
	return all ? !answered || failing(watch)
	           : answered && failing(watch) && watch->reported < clarity(watch);
}

static void ingress_report(struct hosts *hosts, const struct service_view *service,
                           const struct ingress_view *ingress, bool all)
{
	for (uint16_t i = 0; i < ingress->host_count; i++) {
		uint32_t id = ingress->hosts[i];
		struct host_view host;
		struct cluster_view cluster = {.name = {NULL, 0}};
		if (id >= hosts->count || !wanted(&hosts->watches[id], all) ||
		    !model_host(hosts->model, id, &host))
			continue;
		(void)model_cluster(hosts->model, ingress->cluster, &cluster);
		bool has = host.addresses.v4_count != 0 || host.addresses.v6_count != 0;
		char text[NAME_TEXT_SIZE];
		name_text(name_bytes(host.name), text);
		findings_add(hosts->findings, SEVERITY_WARNING, FINDING_HOST,
		             "service %.*s/%.*s: cluster %.*s: host name %.253s %s: %s",
		             BYTES_SHOWN(service->namespace), BYTES_SHOWN(service->name),
		             BYTES_SHOWN(cluster.name), text,
		             has ? "keeps its last known addresses" : "is left out",
		             reason_of(&hosts->watches[id]));
	}
}

void hosts_report(struct hosts *hosts, bool all)
{
	size_t limit = model_service_limit(hosts->model);
	hosts->failures = false;
	for (size_t id = 0; id < limit; id++) {
		struct service_view service;
		struct ingress_view ingress;
		if (!model_service(hosts->model, (uint32_t)id, &service))
			continue;
		struct service_view walk = service;
		while (model_ingress_next(&walk, &ingress))
			ingress_report(hosts, &service, &ingress, all);
	}
	for (size_t id = 0; id < hosts->count; id++) {
		if (wanted(&hosts->watches[id], false))
			hosts->watches[id].reported = clarity(&hosts->watches[id]);
	}
}

/* --- life --------------------------------------------------------------------------------- */

enum err hosts_new(uv_loop_t *loop, struct model *model, const char *const *servers,
                   size_t server_count, struct findings *findings, struct hosts **out,
                   struct why *why)
{
	assert(loop != NULL && model != NULL && findings != NULL && out != NULL);
	*out = NULL;
	struct hosts *hosts = calloc(1, sizeof *hosts);
	if (hosts == NULL) {
		why_set(why, "no memory to look host names up");
		return ERR_NOMEM;
	}
	enum err err = resolver_new(loop, servers, server_count, &hosts->resolver, why);
	if (err != ERR_OK) {
		free(hosts);
		return err;
	}
	hosts->loop = loop;
	hosts->model = model;
	hosts->findings = findings;
	(void)uv_timer_init(loop, &hosts->tick);
	hosts->tick.data = hosts;
	(void)uv_timer_start(&hosts->tick, ticked, TICK_MS, TICK_MS);
	*out = hosts;
	return ERR_OK;
}

void hosts_on_answer(struct hosts *hosts, hosts_answered *answered, void *arg)
{
	hosts->answered = answered;
	hosts->answered_arg = arg;
}

void hosts_on_tick(struct hosts *hosts, hosts_ticked *ticked_by, void *arg)
{
	hosts->ticked = ticked_by;
	hosts->ticked_arg = arg;
}

void hosts_set_resolver(struct hosts *hosts, struct resolver *resolver)
{
	assert(resolver != NULL);
	struct resolver *old = hosts->resolver;
	hosts->resolver = resolver;
	resolver_free(old);
}

void hosts_stop(struct hosts *hosts)
{
	assert(!hosts->stopped);
	hosts->stopped = true;
	resolver_free(hosts->resolver);
	hosts->resolver = NULL;
	uv_close((uv_handle_t *)&hosts->tick, NULL);
}

void hosts_free(struct hosts *hosts)
{
	if (hosts == NULL)
		return;
	assert(hosts->stopped);
	for (size_t id = 0; id < hosts->room; id++)
		free(hosts->watches[id].why);
	free(hosts->watches);
	free(hosts);
}
