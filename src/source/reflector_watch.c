/* A watch's events, one after the other. */
#include "reflector_internal.h"

#include <string.h>

/* Watches in a row that said nothing and ended; then it lists anew. */
#define WATCH_SHORTS_MAX 3

struct watching {
	struct reflector *reflector;
	int64_t now_ms;
};

static enum err version_note(struct reflector *reflector, struct why *why)
{
	struct bytes version = object_version(&reflector->nodes);
	if (version.size == 0 || version.size >= sizeof reflector->version) {
		why_set(why, "an event without a resourceVersion that can be used");
		return ERR_INVALID;
	}
	memcpy(reflector->version, version.data, version.size);
	reflector->version[version.size] = '\0';
	return ERR_OK;
}

/* ADDED, MODIFIED, DELETED. What is new and what is known is the sink's business. */
static enum err object_take(struct reflector *reflector, bool gone, struct why *why)
{
	const struct nodes *nodes = &reflector->nodes;
	uint32_t kind = node_member(nodes, NODE_ROOT, "kind");
	if (!node_is_text(nodes, kind, reflector->resource->kind)) {
		why_set(why, "an event about a %.*s", BYTES_ARG(node_text(nodes, kind)));
		return ERR_INVALID;
	}
	const struct object object = {
		.nodes = nodes,
		.kind = node_text(nodes, kind),
		.api_version = node_text(nodes, node_member(nodes, NODE_ROOT, "apiVersion")),
	};
	reflector->state.events++;
	reflector->watch_events++;
	enum err err = reflector->sink->changed(reflector->sink->arg, &object, gone, why);
	return err == ERR_OK ? version_note(reflector, why) : err;
}

/* A Status in the stream; the server ends it after that. */
static enum err error_take(struct watching *watching, struct why *why)
{
	struct reflector *reflector = watching->reflector;
	struct status_read said;
	if (!status_read(&reflector->nodes, &said)) {
		why_set(why, "an ERROR that is no Status");
		return ERR_INVALID;
	}
	bool gone = strcmp(said.reason, "Expired") == 0 || strcmp(said.reason, "Gone") == 0;
	unsigned status = gone ? 410 : said.code != 0 ? said.code : 500;
	refuse(reflector, status, 0, &said, watching->now_ms);
	return ERR_OK;
}

static enum err event_take(void *arg, struct bytes text, struct why *why)
{
	struct watching *watching = arg;
	struct reflector *reflector = watching->reflector;
	enum event_type type;
	struct bytes object;
	if (reflector->failed)
		return ERR_OK; /* nothing counts behind an ERROR */
	enum err err = event_read(text, &type, &object, why);
	if (err == ERR_OK && type != EVENT_UNKNOWN)
		err = nodes_read_whole(&reflector->nodes, object, why);
	if (err != ERR_OK)
		return err;
	switch (type) {
	case EVENT_ADDED:
	case EVENT_MODIFIED:
		return object_take(reflector, false, why);
	case EVENT_DELETED:
		return object_take(reflector, true, why);
	case EVENT_BOOKMARK:
		reflector->bookmarks_seen = true;
		reflector->watch_events++;
		return version_note(reflector, why);
	case EVENT_ERROR:
		return error_take(watching, why);
	case EVENT_UNKNOWN:
		break;
	}
	return ERR_OK;
}

bool watch_body(struct reflector *reflector, struct bytes octets, int64_t now_ms)
{
	struct why why = {{0}};
	struct watching watching = {reflector, now_ms};
	reflector->state.heard_ms = now_ms;
	enum err err = splitter_feed(&reflector->splitter, octets, event_take, &watching, &why);
	if (err != ERR_OK && !reflector->failed) /* behind an ERROR it doesn't count either */
		content_bad(reflector, err, &why, now_ms);
	return !reflector->failed;
}

/*
 * The watch is over by itself. The end of its time, and a connection lost after some good time, are
 * no trouble: on from the last version. One that ends as soon as it began is.
 */
void watch_end(struct reflector *reflector, const struct why *why, int64_t now_ms)
{
	bool good =
		reflector->watch_events != 0 || now_ms - reflector->watch_begin_ms >= WATCH_SHORT_MS;
	if (good) {
		reflector->shorts = 0;
		reflector->expired_ms = 0;
		watch_pace(reflector, now_ms);
		return;
	}
	trouble_set(reflector, TROUBLE_CONNECT, why);
	wait_backoff(reflector, now_ms);
	if (++reflector->shorts >= WATCH_SHORTS_MAX)
		reflector->list_wanted = true;
}
