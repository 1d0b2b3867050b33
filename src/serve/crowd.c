#include "crowd.h"

#include <string.h>

#define CLIENT_V6_SIZE 8 /* octets of a /64 */

/*
 * All of this walks through at most TCP_CONNECTIONS_MAX connections, once an accept, a tick or an
 * overflow: microseconds.
 */

bool client_same(const struct address *a, const struct address *b)
{
	return a->family == b->family &&
	       memcmp(a->octets, b->octets, a->family == 4 ? V4_SIZE : CLIENT_V6_SIZE) == 0;
}

bool crowd_evict(struct connections *all, enum serve_drop why)
{
	struct connection *chosen = all->oldest;
	for (struct connection *at = chosen; at != NULL; at = at->newer) {
		if (connection_idle(at)) {
			chosen = at;
			break;
		}
	}
	if (chosen == NULL)
		return false;
	all->responder->own.dropped[why]++;
	connection_close(chosen);
	return true;
}

bool crowd_admit(struct connections *all, const struct address *client)
{
	struct connection *idle = NULL;
	unsigned count = 0, fresh = 0;
	for (struct connection *at = all->oldest; at != NULL; at = at->newer) {
		if (!client_same(&at->client, client))
			continue;
		count++;
		fresh += connection_fresh(at);
		if (idle == NULL && connection_idle(at))
			idle = at;
	}
	/* A burst is served: what came just now counts once it has had time to ask. */
	if (count - fresh < all->limits->client_max)
		return true;
	all->responder->own.dropped[SERVE_DROP_TCP_CLIENT]++;
	if (idle != NULL)
		connection_close(idle);
	return idle != NULL;
}

static size_t input_held(const struct connection *connection)
{
	return connection->input_held;
}

static size_t output_held(const struct connection *connection)
{
	return connection->output_held;
}

/* Of those that hold the same, the one that got nowhere for longest. */
static void largest_close(struct connections *all, size_t (*held)(const struct connection *),
                          enum serve_drop why)
{
	struct connection *largest = all->oldest;
	for (struct connection *at = largest; at != NULL; at = at->newer) {
		if (held(at) > held(largest))
			largest = at;
	}
	if (largest == NULL)
		return;
	all->responder->own.dropped[why]++;
	connection_close(largest);
}

void crowd_trim(struct connections *all)
{
	while (all->input_held > all->limits->input_max)
		largest_close(all, input_held, SERVE_DROP_TCP_INPUT);
	while (all->output_held > all->limits->output_max)
		largest_close(all, output_held, SERVE_DROP_TCP_OUTPUT);
}

static bool expired(const struct connection *connection, uint64_t now_ms,
                    const struct limits *limits)
{
	/* Further questions keep nobody alive who doesn't take the answers. */
	if (now_ms - connection->active_ms >= limits->idle_ms ||
	    (connection->output_held != 0 && now_ms - connection->output_ms >= limits->idle_ms))
		return true;
	uint64_t age_ms = now_ms - connection->opened_ms;
	return age_ms >= limits->total_ms &&
	       (connection_idle(connection) || age_ms - limits->total_ms >= limits->idle_ms);
}

void crowd_expire(struct connections *all)
{
	uint64_t now_ms = uv_now(all->loop);
	struct connection *next;
	for (struct connection *at = all->oldest; at != NULL; at = next) {
		next = at->newer;
		if (expired(at, now_ms, all->limits))
			connection_close(at);
	}
}
