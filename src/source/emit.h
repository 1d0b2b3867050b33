/* emit: a model as the text of the last-known-good file, one JSON object a line, in as many slices
 * as one likes. */
#ifndef FEDNS_SOURCE_EMIT_H
#define FEDNS_SOURCE_EMIT_H

#include "fedns/base.h"
#include "fedns/model.h"

/** A slice ends with the first object at or above this: one write(2), and far below the log's or a
 * socket's patience. */
#define EMIT_SLICE_SIZE ((size_t)256 << 10)

enum emit_part { EMIT_HEAD, EMIT_CLUSTERS, EMIT_SERVICES, EMIT_HOSTS, EMIT_DONE };

/** How far the text has come. */
struct emit {
	const struct model *model; /* may change between slices: each object is whole, old or new */
	int64_t written_ms;        /* since 1970, above 0 */
	uint32_t serial;
	enum emit_part part;
	size_t next;      /* id in that part */
	size_t room;      /* octets that are left of what can be read again, STATE_FILE_SIZE_MAX */
	size_t left_out;  /* objects above STATE_OBJECT_SIZE_MAX, or above `room`: likewise */
	struct buf slice; /* the text of the last emit_slice() */
	struct buf scratch;
};

void emit_init(struct emit *emit, const struct model *model, int64_t written_ms, uint32_t serial);
void emit_clear(struct emit *emit);

/** Fill `slice` anew (empty where ids have no object), until `deadline_ns` by uv_hrtime(). `part`
 * tells the end. ERR_NOMEM. */
MUST_CHECK enum err emit_slice(struct emit *emit, uint64_t deadline_ns);

/** Append `text` (valid UTF-8) as a JSON string, quotes included. */
MUST_CHECK enum err emit_string(struct buf *out, struct bytes text);

#endif
