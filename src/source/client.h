/* client: the reflectors of one API server, driven by HTTP on the loop.
 *
 *     kube.c --> [client.h] --http.h, kube_auth.h--> API server
 *                    |
 *                    +--replies, time--> reflector.c
 */
#ifndef FEDNS_SOURCE_CLIENT_H
#define FEDNS_SOURCE_CLIENT_H

#include "reflector.h"

#include "fedns/http.h"
#include "fedns/kube_auth.h"

/** Resources of one API server. */
#define FEEDS_MAX 4

struct client;
struct feed;

/** A call of `feed` is over, and its reflector has judged it. May replace its resource. */
typedef void feed_told(void *arg, struct feed *feed);

struct client_setup {
	uv_loop_t *loop;
	struct http *http;
	const struct log *log; /* outlives the client */
	const char *name;      /* "cluster beijing": before each line of the log; borrowed for life */
	struct kube_access *access;   /* the client's from now on, also when client_new() fails */
	int64_t (*now_ms)(void *arg); /* the wall clock */
	void *now_arg;
	const struct spawner *spawner; /* of a kube_auth_setup */
	uint64_t random;
	void (*sighted)(void *arg); /* a resource is in sight, out of it, or in other trouble */
	void *arg;
};

/** ERR_NOMEM. */
MUST_CHECK enum err client_new(const struct client_setup *setup, struct client **out,
                               struct why *why);
/** End: calls are cancelled and sinks let go; handles close on the loop, which must run until they
 * have. Not from within a sink or a feed_told. */
void client_free(struct client *client);

/**
 * Reflect `resource` into `sink`, both borrowed for life, from the loop's next turn on. `told`
 * (NULL: nobody) hears of each call's end. ERR_NOMEM.
 */
MUST_CHECK enum err client_add(struct client *client, const struct resource *resource,
                               const struct sink *sink, feed_told *told, void *arg,
                               struct feed **out, struct why *why);

/** Reflect `resource` instead, into the same sink, `wait_ms` from now: the one before isn't served
 * here. From within `told` only. ERR_NOMEM: as before. */
MUST_CHECK enum err feed_replace(struct feed *feed, const struct resource *resource,
                                 int64_t wait_ms);

const struct reflector_state *feed_state(const struct feed *feed);

#endif
