/* A lookup waits in one of two lines, flies (it is with c-ares), is finished (its reply is read),
 * and is told to who asked.
 *
 * c-ares can't be ended from within its own callbacks, and who asked may not be called from within
 * resolver_ask(). So both only arm `turn`, a timer of zero: telling and starting happen there, from
 * the loop, with c-ares not on the stack. */
#include "channel.h"
#include "reply.h"
#include "resolver_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 2000
#define TRIES      2

struct lookup {
	struct lookup *next;
	resolver_done *done;
	void *arg;
	uint8_t family;
	uint8_t line; /* enum resolver_line */
	uint8_t name_size;
	uint8_t name[]; /* [name_size]: whole struct names would cost 50 MB in a full line */
};

struct flight {
	struct resolver *resolver;
	struct lookup *lookup; /* NULL: the place is free */
	bool finished;
	struct reply reply;
	struct why why;
};

struct line {
	struct lookup *first, *last;
	size_t count;
};

struct resolver {
	struct channel channel;
	uv_timer_t turn;
	unsigned closing_count; /* of channel and turn, those still to be let go */
	bool freeing;
	struct line lines[RESOLVER_LINES];
	size_t waiting_max;  /* of each line */
	size_t flying_later; /* lookups of RESOLVER_LATER in `flights` */
	struct flight flights[RESOLVER_FLIGHT_MAX];
};

static void turn_taken(uv_timer_t *turn);

static void turn_arm(struct resolver *resolver)
{
	if (!resolver->freeing)
		uv_timer_start(&resolver->turn, turn_taken, 0, 0);
}

/* Tell and free `lookup`; without `reply` it is cancelled. The callback may ask again, or end the
 * resolver. */
static void lookup_tell(struct lookup *lookup, const struct reply *reply, const char *why)
{
	struct name host = {.size = lookup->name_size};
	memcpy(host.octets, lookup->name, lookup->name_size);
	struct resolved resolved = {
		.host = &host,
		.family = lookup->family,
		.status = RESOLVED_CANCELLED,
		.why = why,
	};
	if (reply != NULL)
		resolved.status = reply->status;
	if (reply != NULL && reply->status != RESOLVED_FAILED) {
		resolved.addresses = reply->addresses;
		resolved.address_count = reply->address_count;
		resolved.ttl_s = reply->ttl_s;
	}
	lookup->done(lookup->arg, &resolved);
	free(lookup);
}

static void lookup_answered(void *arg, int status, int timeouts, unsigned char *data, int size)
{
	(void)timeouts;
	struct flight *flight = arg;
	struct name host = {.size = flight->lookup->name_size};
	memcpy(host.octets, flight->lookup->name, host.size);
	flight->finished = true;
	flight->why.text[0] = '\0';
	flight->reply.status = RESOLVED_FAILED;
	if (data != NULL && size > 0) {
		struct bytes message = {data, (size_t)size};
		enum err err =
			reply_read(message, &host, flight->lookup->family, &flight->reply, &flight->why);
		assert((err == ERR_OK) == (flight->reply.status != RESOLVED_FAILED));
		(void)err;
	} else if (status == ARES_ENOTFOUND) {
		/* Without asking anybody: RFC 7686 section 2, .onion has no addresses. */
		flight->reply = (struct reply){.status = RESOLVED_NONAME};
	} else if (status == ARES_ECONNREFUSED) {
		/* c-ares says this, too, when the servers answered SERVFAIL, NOTIMP or REFUSED. */
		why_set(&flight->why, "no server gave a usable reply");
	} else {
		why_set(&flight->why, "%s", ares_strerror(status));
	}
	turn_arm(flight->resolver);
}

static struct flight *flight_free_one(struct resolver *resolver)
{
	for (size_t i = 0; i < RESOLVER_FLIGHT_MAX; i++) {
		if (resolver->flights[i].lookup == NULL)
			return &resolver->flights[i];
	}
	return NULL;
}

static struct lookup *line_take(struct line *line)
{
	struct lookup *lookup = line->first;
	if (lookup != NULL) {
		line->first = lookup->next;
		line->count--;
	}
	return lookup;
}

/* Who flies next; NULL: nobody may. */
static struct lookup *lookup_next(struct resolver *resolver)
{
	struct lookup *lookup = line_take(&resolver->lines[RESOLVER_FIRST]);
	if (lookup != NULL || resolver->flying_later == RESOLVER_LATER_MAX)
		return lookup;
	lookup = line_take(&resolver->lines[RESOLVER_LATER]);
	resolver->flying_later += lookup != NULL;
	return lookup;
}

static void flight_start(struct resolver *resolver, struct flight *flight, struct lookup *lookup)
{
	struct name host = {.size = lookup->name_size};
	char text[CHANNEL_NAME_SIZE];
	flight->resolver = resolver;
	flight->lookup = lookup;
	flight->finished = false;
	memcpy(host.octets, lookup->name, host.size);
	enum err err = channel_name_text(&host, text);
	assert(err == ERR_OK); /* resolver_ask() has tried it */
	(void)err;
	channel_ask(&resolver->channel, text, lookup->family == 4 ? TYPE_A : TYPE_AAAA, lookup_answered,
	            flight);
}

static void flights_start(struct resolver *resolver)
{
	struct flight *flight;
	while ((flight = flight_free_one(resolver)) != NULL) {
		struct lookup *lookup = lookup_next(resolver);
		if (lookup == NULL)
			return;
		flight_start(resolver, flight, lookup);
	}
}

static void turn_taken(uv_timer_t *turn)
{
	struct resolver *resolver = turn->data;
	for (size_t i = 0; i < RESOLVER_FLIGHT_MAX; i++) {
		struct flight *flight = &resolver->flights[i];
		struct lookup *lookup = flight->lookup;
		if (lookup == NULL || !flight->finished)
			continue;
		flight->lookup = NULL;
		resolver->flying_later -= lookup->line == RESOLVER_LATER;
		lookup_tell(lookup, &flight->reply, flight->why.text);
		/* The resolver's memory stays until its handles have closed, after this. */
		if (resolver->freeing)
			return;
	}
	flights_start(resolver);
}

enum err resolver_new_limited(uv_loop_t *loop, const char *const *servers, size_t count,
                              const struct resolver_limits *limits, struct resolver **out,
                              struct why *why)
{
	*out = NULL;
	struct resolver *resolver = calloc(1, sizeof *resolver);
	if (resolver == NULL) {
		why_set(why, "resolver: out of memory");
		return ERR_NOMEM;
	}
	const struct channel_manner manner = {limits->timeout_ms, limits->tries, 0};
	enum err err = channel_init(&resolver->channel, loop, servers, count, &manner, why);
	if (err != ERR_OK) {
		free(resolver);
		return err;
	}
	uv_timer_init(loop, &resolver->turn);
	resolver->turn.data = resolver;
	resolver->waiting_max = limits->waiting_max;
	*out = resolver;
	return ERR_OK;
}

enum err resolver_new(uv_loop_t *loop, const char *const *servers, size_t count,
                      struct resolver **out, struct why *why)
{
	const struct resolver_limits limits = {TIMEOUT_MS, TRIES, RESOLVER_WAITING_MAX};
	return resolver_new_limited(loop, servers, count, &limits, out, why);
}

static enum err ask_check(const struct resolver *resolver, const struct name *host,
                          const struct line *line, struct why *why)
{
	char text[CHANNEL_NAME_SIZE];
	if (resolver->freeing) {
		why_set(why, "the resolver is closing");
		return ERR_CONFLICT;
	}
	if (line->count >= resolver->waiting_max) {
		why_set(why, "more than %zu lookups are waiting", resolver->waiting_max);
		return ERR_LIMIT;
	}
	if (channel_name_text(host, text) != ERR_OK) {
		why_set(why, "a name with a zero octet can't be looked up");
		return ERR_INVALID;
	}
	return ERR_OK;
}

enum err resolver_ask(struct resolver *resolver, const struct name *host, uint8_t family,
                      enum resolver_line line, resolver_done *done, void *arg, struct why *why)
{
	assert(host->size != 0 && (family == 4 || family == 6) && done != NULL);
	assert(line < RESOLVER_LINES);
	struct line *waiting = &resolver->lines[line];
	enum err err = ask_check(resolver, host, waiting, why);
	if (err != ERR_OK)
		return err;
	struct lookup *lookup = malloc(sizeof *lookup + host->size);
	if (lookup == NULL) {
		why_set(why, "out of memory");
		return ERR_NOMEM;
	}
	*lookup = (struct lookup){
		.done = done, .arg = arg, .family = family, .line = (uint8_t)line, .name_size = host->size};
	memcpy(lookup->name, host->octets, host->size);
	if (waiting->first == NULL)
		waiting->first = lookup;
	else
		waiting->last->next = lookup;
	waiting->last = lookup;
	waiting->count++;
	turn_arm(resolver);
	return ERR_OK;
}

static void part_closed(struct resolver *resolver)
{
	if (--resolver->closing_count == 0)
		free(resolver);
}

static void turn_closed(uv_handle_t *handle)
{
	part_closed(handle->data);
}

static void resolver_channel_closed(void *arg)
{
	part_closed(arg);
}

void resolver_free(struct resolver *resolver)
{
	if (resolver == NULL)
		return;
	assert(!resolver->freeing);
	resolver->freeing = true;
	resolver->closing_count = 2;
	uv_close((uv_handle_t *)&resolver->turn, turn_closed);
	channel_close(&resolver->channel, resolver_channel_closed, resolver);
	for (size_t i = 0; i < RESOLVER_FLIGHT_MAX; i++) {
		struct lookup *lookup = resolver->flights[i].lookup;
		resolver->flights[i].lookup = NULL;
		if (lookup != NULL)
			lookup_tell(lookup, NULL, "cancelled");
	}
	for (size_t i = 0; i < RESOLVER_LINES; i++) {
		struct lookup *lookup;
		while ((lookup = line_take(&resolver->lines[i])) != NULL)
			lookup_tell(lookup, NULL, "cancelled");
	}
}
