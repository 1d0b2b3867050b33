#include "listen.h"

#include "endpoint.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

static void listener_clear(struct listener *listener)
{
	for (unsigned i = 0; i < listener->pair_count; i++)
		socket_pair_close(&listener->pairs[i]);
	free(listener->pairs);
	*listener = (struct listener){.pair_count = 0};
}

static const struct listener *listener_find(const struct listeners *old,
                                            const struct endpoint *wanted)
{
	for (size_t i = 0; old != NULL && i < old->count; i++) {
		if (endpoint_equal(&old->items[i].wanted, wanted) ||
		    endpoint_equal(&old->items[i].bound, wanted))
			return &old->items[i];
	}
	return NULL;
}

/* Open the next pair: the old one of this index, else a new one. */
static enum err pair_add(struct listener *listener, const struct listener *old, struct why *why)
{
	unsigned i = listener->pair_count;
	struct socket_pair *pair = &listener->pairs[i];
	assert(old == NULL || old->pair_count != 0);
	enum err err;
	if (old != NULL && i < old->pair_count) {
		err = socket_pair_share(&old->pairs[i], pair, why);
	} else {
		err = socket_pair_open(&listener->bound, pair, why);
		/* After the change of user the kernel refuses new sockets in the group (SO_REUSEPORT wants
		 * one user) or at a low port. Two workers at one socket serve as well, only less evenly. */
		if (err != ERR_OK && old != NULL && (errno == EADDRINUSE || errno == EACCES))
			err = socket_pair_share(&old->pairs[i % old->pair_count], pair, why);
	}
	if (err == ERR_OK)
		listener->pair_count++;
	return err;
}

static enum err listener_init(struct listener *listener, const struct endpoint *wanted,
                              unsigned workers, const struct listener *old, struct why *why)
{
	unsigned count = old != NULL && old->pair_count > workers ? old->pair_count : workers;
	*listener = (struct listener){
		.wanted = *wanted,
		.bound = old != NULL ? old->bound : *wanted,
		.pairs = calloc(count, sizeof *listener->pairs),
	};
	if (listener->pairs == NULL) {
		why_set(why, "out of memory");
		return ERR_NOMEM;
	}
	enum err err = ERR_OK;
	while (err == ERR_OK && listener->pair_count < count)
		err = pair_add(listener, old, why);
	if (err != ERR_OK) {
		char text[ENDPOINT_TEXT_SIZE];
		endpoint_text(wanted, text);
		why_wrap(why, "listen at %s", text);
		listener_clear(listener);
	}
	return err;
}

static enum err endpoints_check(const struct endpoint *endpoints, size_t count, struct why *why)
{
	if (count == 0 || count > LISTEN_MAX) {
		why_set(why, "%zu addresses to listen at; 1 to %d are possible", count, LISTEN_MAX);
		return count == 0 ? ERR_INVALID : ERR_LIMIT;
	}
	for (size_t i = 0; i < count; i++) {
		for (size_t before = 0; before < i; before++) {
			if (!endpoint_equal(&endpoints[i], &endpoints[before]))
				continue;
			char text[ENDPOINT_TEXT_SIZE];
			endpoint_text(&endpoints[i], text);
			why_set(why, "listen at %s: given twice", text);
			return ERR_CONFLICT;
		}
	}
	return ERR_OK;
}

/* With SO_REUSEPORT a second daemon of one user could join, and half of the questions would go to
 * the wrong one: so look first whether somebody is there, before any socket of our own is. */
static enum err endpoints_probe(const struct endpoint *endpoints, size_t count, struct why *why)
{
	for (size_t i = 0; i < count; i++) {
		enum err err = endpoint_probe(&endpoints[i], why);
		if (err == ERR_OK)
			continue;
		char text[ENDPOINT_TEXT_SIZE];
		endpoint_text(&endpoints[i], text);
		why_wrap(why, "listen at %s", text);
		return err;
	}
	return ERR_OK;
}

enum err listeners_open(const struct endpoint *endpoints, size_t count, unsigned workers,
                        const struct listeners *old, struct listeners **out, struct why *why)
{
	assert(workers >= 1 && workers <= SOCKET_PAIRS_MAX);
	*out = NULL;
	enum err err = endpoints_check(endpoints, count, why);
	if (err == ERR_OK && old == NULL)
		err = endpoints_probe(endpoints, count, why);
	if (err != ERR_OK)
		return err;
	struct listeners *listeners = calloc(1, sizeof *listeners);
	if (listeners != NULL)
		listeners->items = calloc(count, sizeof *listeners->items);
	if (listeners == NULL || listeners->items == NULL) {
		free(listeners);
		why_set(why, "listen: out of memory");
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < count && err == ERR_OK; i++) {
		const struct listener *same = listener_find(old, &endpoints[i]);
		err = listener_init(&listeners->items[i], &endpoints[i], workers, same, why);
		if (err == ERR_OK)
			listeners->count++;
	}
	if (err != ERR_OK) {
		listeners_close(listeners);
		return err;
	}
	*out = listeners;
	return ERR_OK;
}

void listeners_close(struct listeners *listeners)
{
	if (listeners == NULL)
		return;
	for (size_t i = 0; i < listeners->count; i++)
		listener_clear(&listeners->items[i]);
	free(listeners->items);
	free(listeners);
}

struct endpoint listeners_endpoint(const struct listeners *listeners, size_t i)
{
	assert(i < listeners->count);
	return listeners->items[i].bound;
}
