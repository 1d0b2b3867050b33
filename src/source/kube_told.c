/* What can be told of API servers. */
#include "kube_internal.h"

#include <assert.h>

/* Refusals of any kind, after which a cluster is taken without what its nodes say. */
#define NODES_REFUSALS 3

bool kube_nodes_denied(const struct reflector_state *state)
{
	if (state->synced)
		return false;
	return state->trouble == TROUBLE_FORBIDDEN || state->trouble == TROUBLE_NOT_FOUND ||
	       ((state->trouble == TROUBLE_SERVER || state->trouble == TROUBLE_CONTENT) &&
	        state->errors >= NODES_REFUSALS);
}

static void feed_add_state(const struct kube *kube, const struct feed *feed, struct kube_state *out)
{
	const struct reflector_state *state = feed_state(feed);
	int64_t now_ms = (int64_t)uv_now(kube->setup.loop);
	int64_t ago_ms = state->heard_ms == 0 ? -1 : now_ms - state->heard_ms;
	if (out->heard_ago_ms < 0 || (ago_ms >= 0 && ago_ms < out->heard_ago_ms))
		out->heard_ago_ms = ago_ms;
	out->in_sight &= reflector_in_sight(state);
	out->lists += state->lists;
	out->watches += state->watches;
	out->events += state->events;
	out->errors += state->errors;
	if (state->trouble == TROUBLE_NONE || out->why[0] != '\0')
		return;
	out->trouble = trouble_text(state->trouble);
	out->why = state->why.text;
}

size_t kube_count(const struct kube *kube)
{
	return kube->member_count;
}

void kube_state(const struct kube *kube, size_t i, struct kube_state *out)
{
	assert(i < kube->member_count);
	const struct member *member = kube->members[i];
	*out = (struct kube_state){.name = member->origin->name,
	                           .server = member->server == NULL ? "" : member->server,
	                           .synced = origin_synced(member->origin),
	                           .in_sight = member->client != NULL,
	                           .heard_ago_ms = -1,
	                           .trouble =
	                               member->client == NULL ? "config" : trouble_text(TROUBLE_NONE),
	                           .why = member->why.text,
	                           .services = catalog_count(member->origin->parts[PART_SERVICES])};
	for (unsigned part = 0; part < ORIGIN_PARTS; part++) {
		const struct feed *feed = member->feeds[part];
		/* Nodes that may not be read are no reason to call a cluster unseen. */
		if (feed != NULL && !(part == PART_NODES && kube_nodes_denied(feed_state(feed))))
			feed_add_state(kube, feed, out);
	}
}

bool kube_errors(const struct kube *kube, size_t i, size_t reason, const char **word,
                 uint64_t *count)
{
	size_t trouble = reason + 1; /* that there is none is no trouble */
	*count = 0;
	if (trouble >= TROUBLES)
		return false;
	*word = trouble_text((enum reflector_trouble)trouble);
	for (unsigned part = 0; part < ORIGIN_PARTS; part++) {
		const struct feed *feed = kube->members[i]->feeds[part];
		if (feed != NULL)
			*count += feed_state(feed)->errors_by[trouble];
	}
	return true;
}

uint64_t kube_heard_ns(const struct kube *kube)
{
	return kube->heard_ns;
}

bool kube_synced(const struct kube *kube)
{
	if (kube->merge.news)
		return false; /* heard, but not in the model yet */
	for (size_t i = 0; i < kube->member_count; i++) {
		if (!origin_synced(kube->members[i]->origin))
			return false;
	}
	return true;
}

bool kube_any_synced(const struct kube *kube)
{
	for (size_t i = 0; !kube->merge.news && i < kube->member_count; i++) {
		if (origin_synced(kube->members[i]->origin))
			return true;
	}
	return false;
}

size_t kube_held(const struct kube *kube)
{
	return merge_held(&kube->merge);
}
