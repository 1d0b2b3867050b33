/* journal: what we were about to do at the provider, and what came of it: a file of JSON lines.
 *
 * A record that was added and not yet marked looks like anybody's. So before the first call of a
 * plan all records that it adds are written down and brought to the disk: one of exactly that
 * content, without a remark, that is there afterwards and was not before, is ours. When nothing is
 * left to do the journal says so, and forgets.
 */
#ifndef FEDNS_PROVIDER_JOURNAL_H
#define FEDNS_PROVIDER_JOURNAL_H

#include "fedns/base.h"
#include "fedns/plan.h"

#define JOURNAL_SIZE_MAX                                                                           \
	((size_t)64 << 20) /* 200,000 records of 300 octets; it is begun anew then */

struct journal;

/**
 * The journal of `owner` and `domain` in `dir` (NULL: none is kept, but for this process's life).
 * `read_only`: what it says counts, nothing is written. ERR_CONFLICT: another process has it;
 * ERR_IO, ERR_NOMEM. A last line that was cut is ignored.
 */
MUST_CHECK enum err journal_open(const char *dir, const char *owner, const char *domain,
                                 bool read_only, struct journal **out, struct why *why);
void journal_close(struct journal *journal);

/** `record` is about to be added. On disk after journal_sync(). */
MUST_CHECK enum err journal_intend(struct journal *journal, const struct record *record,
                                   int64_t now_ms, struct why *why);
MUST_CHECK enum err journal_sync(struct journal *journal, struct why *why);
/** Did we intend to add `record`, and don't know better since? */
bool journal_intended(const struct journal *journal, const struct record *record);
/** Likewise, and by a process before this one: its call may come to the provider late, after all
 * was read. */
bool journal_inherited(const struct journal *journal, const struct record *record);
/** It was there before we came: it is not ours. */
void journal_disown(struct journal *journal, const struct record *record, int64_t now_ms);
/** A step was done: a line for people. */
void journal_done(struct journal *journal, const char *action, const struct record *record,
                  const char *request_id, int64_t now_ms);
/** Nothing is left to do: intentions are over, but for the records of `have` that are still
 * MARK_PENDING: others hold their names, or the provider refuses the remark. */
void journal_settle(struct journal *journal, const struct record_list *have, int64_t now_ms);
/** Has a write failed since this was asked last? The newest sentence, or NULL. */
const char *journal_trouble(struct journal *journal);

#endif
