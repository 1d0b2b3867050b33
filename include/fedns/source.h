/* source: from the outside's JSON to model events: the state file, its watch, and the
 * last-known-good state.
 *
 * model.h --> [source.h] --> daemon
 */
#ifndef FEDNS_SOURCE_H
#define FEDNS_SOURCE_H

#include "fedns/base.h"
#include "fedns/findings.h"
#include "fedns/log.h"
#include "fedns/model.h"

#include <uv.h>

/* Octets: 100,000 services as kubectl prints them, twice. */
#define STATE_FILE_SIZE_MAX   ((size_t)256 << 20)
#define STATE_OBJECT_SIZE_MAX ((size_t)4 << 20) /* octets of one object: etcd holds 1.5 MiB */
#define STATE_DEPTH_MAX       64                /* nested brackets: API objects stay below 20 */

/* --- decode: text -> staged model events (pure) ------------------------------------------- */

/**
 * Read a state (a List, a typed ClusterList or ServiceList, an array, or several documents in a
 * row; RFC 8259 JSON) and stage every Cluster and Service in `model`. Other kinds are passed over.
 * `findings->line` is set to the object at hand. ERR_INVALID: not JSON, cut off, more than
 * STATE_DEPTH_MAX deep, or no state at all: `why` begins with "line L, column C: ". ERR_LIMIT,
 * ERR_NOMEM. On any error the caller rolls the model back.
 *
 * An object above STATE_OBJECT_SIZE_MAX is left out with a finding (rule 6) and
 * only searched for its end, not judged; if it has none, or if it is a document whose kind can't be
 * a part of a state, the text is refused. Nothing may be staged before: where services name more
 * clusters than there is room for, all is rolled back and staged again, clusters first, and what
 * was found of services is reported twice.
 */
MUST_CHECK enum err state_decode(struct bytes text, struct model *model, struct findings *findings,
                                 struct why *why);

/* --- the state file ----------------------------------------------------------------------- */

/** Read a whole regular file into `*out` (the caller frees it by buf_free). ERR_IO, ERR_LIMIT name
 * the path. */
MUST_CHECK enum err file_read(const char *path, size_t size_max, struct buf *out, struct why *why);

/** Read `path`, decode it, commit it as everything there is. On error the model is as before. */
MUST_CHECK enum err state_load(const char *path, struct model *model, int64_t now_ms,
                               struct findings *findings, struct why *why);

/** Calls `changed` on the loop soon after the file behind a path has changed in any way. */
struct file_watch;
typedef void file_changed(void *arg);

/**
 * Watch `path`, which need not exist yet: writes, renames over it, and symlink swaps anywhere on
 * the way to it. A burst of events gives one call, within 200 ms of its end at the latest. ERR_IO,
 * ERR_NOMEM.
 */
MUST_CHECK enum err file_watch_new(uv_loop_t *loop, const char *path, file_changed *changed,
                                   void *arg, struct file_watch **out, struct why *why);
/** Stop; handles close on the loop, which must run until they have. NULL is fine. */
void file_watch_free(struct file_watch *watch);

/* --- last-known-good ---------------------------------------------------------------------- */

/** What the file says of itself. */
struct last_good {
	int64_t written_ms; /* since 1970 */
	uint32_t serial;
};

/**
 * Load DIR/last-known-good.json into `model`, host addresses included. The file is a state file
 * that state_decode() reads as well, with one object of kind LastKnownGood at its head.
 * ERR_MISSING: there is none; ERR_INVALID, ERR_IO.
 */
MUST_CHECK enum err last_good_load(const char *dir, struct model *model, int64_t now_ms,
                                   struct findings *findings, struct last_good *out,
                                   struct why *why);

/** Writes the file in slices on the loop, so that 100,000 services never hold it up. */
struct last_good_writer;
MUST_CHECK enum err last_good_writer_new(uv_loop_t *loop, const char *dir,
                                         const struct model *model, const struct log *log,
                                         struct last_good_writer **out, struct why *why);
/** The model changed and was published under `serial`: write soon (atomically: temporary file,
 * fsync, rename). */
void last_good_writer_dirty(struct last_good_writer *writer, uint32_t serial);
/** Write now if anything is dirty, and wait for it (shutdown). */
void last_good_writer_flush(struct last_good_writer *writer);
/** Stop without writing; handles close on the loop, which must run until they have. NULL is fine.
 */
void last_good_writer_free(struct last_good_writer *writer);

#endif
