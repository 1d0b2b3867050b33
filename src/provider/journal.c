#include "journal_internal.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

static bool kept(const struct journal *journal)
{
	return journal->fd >= 0 && !journal->read_only;
}

static enum err line_add(struct journal *journal, const char *what, const struct record *record,
                         const char *request_id, int64_t now_ms)
{
	if (!kept(journal))
		return ERR_OK;
	char type[16];
	type_text(record->type, type);
	json_t *line = json_pack(
		"{s:I, s:s, s:s%, s:s, s:s%, s:I, s:s%, s:s}", "at", (json_int_t)now_ms, "do", what, "rr",
		(const char *)record->rr.data, record->rr.size, "type", type, "value",
		(const char *)record->value.data, record->value.size, "ttl", (json_int_t)record->ttl_s,
		"id", record->id.size == 0 ? "" : (const char *)record->id.data, record->id.size, "request",
		request_id);
	char *text = line == NULL ? NULL : json_dumps(line, JSON_COMPACT);
	enum err err = text == NULL ? ERR_NOMEM : buf_printf(&journal->lines, "%s\n", text);
	free(text);
	json_decref(line);
	return err;
}

static void trouble_set(struct journal *journal, const struct why *why)
{
	journal->trouble = *why;
	journal->troubled = true;
}

/* A line for people is lost where it can't be written; what has been done is done. */
static void line_write(struct journal *journal, const char *what, const struct record *record,
                       const char *request_id, int64_t now_ms)
{
	struct why why = {{0}};
	if (!kept(journal))
		return;
	enum err err = line_add(journal, what, record, request_id, now_ms);
	if (err == ERR_OK)
		err = journal_lines_write(journal, &why);
	else
		why_set(&why, "%s: no memory for a line", journal->path);
	if (err != ERR_OK)
		trouble_set(journal, &why);
}

enum err journal_intend(struct journal *journal, const struct record *record, int64_t now_ms,
                        struct why *why)
{
	assert(journal != NULL && record != NULL && why != NULL);
	uint64_t hash = record_hash(record, journal->seed);
	if (hash_set_has(&journal->intended, hash) && !journal->doubt)
		return ERR_OK; /* it stands there: where nothing goes well the file must not grow */
	enum err err = hash_set_add(&journal->intended, hash);
	if (err == ERR_OK)
		err = line_add(journal, "intend", record, "", now_ms);
	if (err != ERR_OK) {
		journal->doubt = true;
		why_set(why, "no room in the journal");
	}
	return err;
}

enum err journal_sync(struct journal *journal, struct why *why)
{
	if (!kept(journal) || (journal->lines.size == 0 && !journal->doubt))
		return ERR_OK;
	struct why lasting = {{0}};
	size_t size = journal->size + journal->lines.size;
	if (size > journal->size_long && journal_renew(journal, &lasting) == ERR_OK) {
		journal->doubt = false;
		return ERR_OK;
	}
	if (size > JOURNAL_SIZE_MAX) {
		*why = lasting;
		return ERR_LIMIT;
	}
	enum err err = journal_lines_write(journal, why);
	if (err == ERR_OK && fdatasync(journal->fd) != 0)
		err = journal_failed(journal, "brought to the disk", why);
	journal->doubt = err != ERR_OK;
	return err;
}

bool journal_intended(const struct journal *journal, const struct record *record)
{
	return hash_set_has(&journal->intended, record_hash(record, journal->seed));
}

bool journal_inherited(const struct journal *journal, const struct record *record)
{
	return hash_set_has(&journal->inherited, record_hash(record, journal->seed));
}

/* On the disk: whoever forgets it takes somebody else's record for ours. */
void journal_disown(struct journal *journal, const struct record *record, int64_t now_ms)
{
	struct why why = {{0}};
	journal_forget_one(journal, record_hash(record, journal->seed));
	why_set(&why, "%s: no memory for a line", journal->path);
	enum err err = line_add(journal, "disown", record, "", now_ms);
	if (err == ERR_OK)
		err = journal_sync(journal, &why);
	if (err == ERR_OK)
		return;
	journal->stale = true;
	trouble_set(journal, &why);
}

void journal_done(struct journal *journal, const char *action, const struct record *record,
                  const char *request_id, int64_t now_ms)
{
	line_write(journal, action, record, request_id, now_ms);
}

static bool is_pending(const struct record *record)
{
	return record->mark == MARK_PENDING;
}

/* Is what is intended, here and in the file, what is pending? */
static bool is_settled(const struct journal *journal, const struct record_list *have)
{
	size_t pending = 0;
	for (size_t i = 0; i < record_list_count(have); i++) {
		if (!is_pending(record_list_at(have, i)))
			continue;
		if (!journal_intended(journal, record_list_at(have, i)))
			return false;
		pending++;
	}
	return journal->intended.count == pending && !journal->stale;
}

static enum err pending_intend(struct journal *journal, const struct record_list *have,
                               int64_t now_ms, struct why *why)
{
	static const struct record NONE = {.rr = {(const uint8_t *)"@", 1},
	                                   .value = {(const uint8_t *)"", 0}};
	enum err err = line_add(journal, "settled", &NONE, "", now_ms);
	for (size_t i = 0; i < record_list_count(have) && err == ERR_OK; i++) {
		if (is_pending(record_list_at(have, i)))
			err = journal_intend(journal, record_list_at(have, i), now_ms, why);
	}
	return err == ERR_OK ? journal_sync(journal, why) : err;
}

void journal_settle(struct journal *journal, const struct record_list *have, int64_t now_ms)
{
	struct why why = {{0}};
	if (is_settled(journal, have))
		return;
	journal_forget(journal);
	/* at once: between two writes what is pending would be nobody's */
	journal->stale = pending_intend(journal, have, now_ms, &why) != ERR_OK;
	if (journal->stale)
		trouble_set(journal, &why);
}

const char *journal_trouble(struct journal *journal)
{
	bool troubled = journal->troubled;
	journal->troubled = false;
	return troubled ? journal->trouble.text : NULL;
}
