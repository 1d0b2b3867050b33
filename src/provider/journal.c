#include "journal.h"

#include "hash_set.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Longer than this it is begun anew once nothing is left to do. */
#define JOURNAL_LONG  ((size_t)1 << 20)
#define LINE_SIZE_MAX (PLAN_TEXT_SIZE_MAX * 6 + 256) /* all of it as \u00XX */

struct journal {
	int fd; /* -1: none is kept */
	bool read_only;
	char path[PATH_MAX];
	size_t size;
	struct hash_set intended;
	struct hash_set inherited; /* intended before this journal was opened, and not settled since */
	struct buf lines; /* not written yet */
	struct why trouble;
	bool troubled;
};

/* --- reading ------------------------------------------------------------------------------ */

static struct bytes text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return json_is_string(value) ? (struct bytes){(const uint8_t *)json_string_value(value),
	                                              json_string_length(value)}
	                             : (struct bytes){NULL, 0};
}

static void all_forget(struct journal *journal)
{
	hash_set_clear(&journal->intended);
	hash_set_clear(&journal->inherited);
}

static void one_forget(struct journal *journal, uint64_t hash)
{
	hash_set_remove(&journal->intended, hash);
	hash_set_remove(&journal->inherited, hash);
}

static enum err line_take(struct journal *journal, const json_t *line)
{
	struct bytes what = text_of(line, "do");
	struct record record = {.rr = text_of(line, "rr"),
	                        .value = text_of(line, "value"),
	                        .type = record_type_of(text_of(line, "type"))};
	uint64_t hash = record_hash(&record);
	if (bytes_equal(what, bytes_of("intend"))) {
		enum err err = hash_set_add(&journal->intended, hash);
		return err == ERR_OK ? hash_set_add(&journal->inherited, hash) : err;
	}
	if (bytes_equal(what, bytes_of("settled")))
		all_forget(journal);
	else if (bytes_equal(what, bytes_of("disown")))
		one_forget(journal, hash);
	return ERR_OK;
}

/* What was cut, or isn't ours, says nothing. */
static enum err lines_take(struct journal *journal, struct bytes text)
{
	enum err err = ERR_OK;
	while (text.size != 0 && err == ERR_OK) {
		const uint8_t *end = memchr(text.data, '\n', text.size);
		if (end == NULL)
			return ERR_OK;
		size_t size = (size_t)(end - text.data);
		json_t *line = json_loadb((const char *)text.data, size, JSON_REJECT_DUPLICATES, NULL);
		if (line != NULL)
			err = line_take(journal, line);
		json_decref(line);
		text.data += size + 1;
		text.size -= size + 1;
	}
	return err;
}

static enum err system_failed(const struct journal *journal, const char *what, struct why *why)
{
	why_set(why, "%s can't be %s: %s", journal->path, what, strerror(errno));
	return ERR_IO;
}

static enum err journal_read(struct journal *journal, struct why *why)
{
	struct stat file;
	if (fstat(journal->fd, &file) != 0)
		return system_failed(journal, "read", why);
	if ((uintmax_t)file.st_size > JOURNAL_SIZE_MAX) {
		why_set(why, "%s has more than %zu MiB: that is no journal of ours; move it away",
		        journal->path, JOURNAL_SIZE_MAX >> 20);
		return ERR_LIMIT;
	}
	journal->size = (size_t)file.st_size;
	uint8_t *text = malloc(journal->size + 1);
	if (text == NULL) {
		why_set(why, "no memory for %s", journal->path);
		return ERR_NOMEM;
	}
	size_t have = 0;
	while (have < journal->size) {
		ssize_t got = pread(journal->fd, text + have, journal->size - have, (off_t)have);
		if (got <= 0)
			break;
		have += (size_t)got;
	}
	enum err err = lines_take(journal, (struct bytes){text, have});
	bool cut = have != 0 && text[have - 1] != '\n';
	free(text);
	if (err != ERR_OK) {
		why_set(why, "%s: no room for what it says", journal->path);
		return err;
	}
	/* what is appended must not become a part of the line that was cut */
	return cut && !journal->read_only ? buf_printf(&journal->lines, "\n") : ERR_OK;
}

static enum err journal_lock(struct journal *journal, struct why *why)
{
	if (journal->read_only || flock(journal->fd, LOCK_EX | LOCK_NB) == 0)
		return ERR_OK;
	if (errno != EWOULDBLOCK)
		return system_failed(journal, "locked", why);
	why_set(why, "%s is in use: another fedns pushes these records", journal->path);
	return ERR_CONFLICT;
}

static enum err file_open(struct journal *journal, struct why *why)
{
	int flags = journal->read_only ? O_RDONLY : O_RDWR | O_CREAT | O_APPEND;
	journal->fd = open(journal->path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (journal->fd < 0)
		return journal->read_only && errno == ENOENT ? ERR_OK
		                                             : system_failed(journal, "opened", why);
	enum err err = journal_lock(journal, why);
	return err == ERR_OK ? journal_read(journal, why) : err;
}

enum err journal_open(const char *dir, const char *owner, const char *domain, bool read_only,
                      struct journal **out, struct why *why)
{
	assert(owner != NULL && domain != NULL && out != NULL && why != NULL);
	*out = NULL;
	struct journal *journal = calloc(1, sizeof *journal);
	if (journal == NULL) {
		why_set(why, "no memory for the journal");
		return ERR_NOMEM;
	}
	journal->fd = -1;
	journal->read_only = read_only;
	buf_init(&journal->lines, JOURNAL_SIZE_MAX);
	enum err err = ERR_OK;
	if (dir != NULL) {
		int size = snprintf(journal->path, sizeof journal->path, "%s/alidns-%s-%s.journal", dir,
		                    owner, domain);
		if (size < 0 || (size_t)size >= sizeof journal->path) {
			why_set(why, "state_dir is too long a path");
			err = ERR_LIMIT;
		}
		if (err == ERR_OK)
			err = file_open(journal, why);
	}
	if (err == ERR_OK)
		*out = journal;
	else
		journal_close(journal);
	return err;
}

void journal_close(struct journal *journal)
{
	if (journal == NULL)
		return;
	if (journal->fd >= 0)
		(void)close(journal->fd);
	hash_set_free(&journal->intended);
	hash_set_free(&journal->inherited);
	buf_free(&journal->lines);
	free(journal);
}

/* --- writing ------------------------------------------------------------------------------ */

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

static enum err lines_write(struct journal *journal, struct why *why)
{
	size_t done = 0;
	while (done < journal->lines.size) {
		ssize_t put = write(journal->fd, journal->lines.data + done, journal->lines.size - done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0) {
			(void)system_failed(journal, "written", why);
			break;
		}
		done += (size_t)put;
	}
	journal->size += done;
	bool all = done == journal->lines.size;
	buf_free(&journal->lines);
	return all ? ERR_OK : ERR_IO;
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
		err = lines_write(journal, &why);
	else
		why_set(&why, "%s: no memory for a line", journal->path);
	if (err != ERR_OK && !journal->troubled) {
		journal->troubled = true;
		journal->trouble = why;
	}
}

enum err journal_intend(struct journal *journal, const struct record *record, int64_t now_ms,
                        struct why *why)
{
	assert(journal != NULL && record != NULL && why != NULL);
	enum err err = hash_set_add(&journal->intended, record_hash(record));
	if (err == ERR_OK)
		err = line_add(journal, "intend", record, "", now_ms);
	if (err != ERR_OK)
		why_set(why, "no room in the journal");
	return err;
}

enum err journal_sync(struct journal *journal, struct why *why)
{
	if (!kept(journal))
		return ERR_OK;
	if (journal->size + journal->lines.size > JOURNAL_SIZE_MAX) {
		why_set(why, "%s is full: changes have not come to an end for long", journal->path);
		return ERR_LIMIT;
	}
	enum err err = lines_write(journal, why);
	if (err == ERR_OK && fdatasync(journal->fd) != 0)
		err = system_failed(journal, "brought to the disk", why);
	return err;
}

bool journal_intended(const struct journal *journal, const struct record *record)
{
	return hash_set_has(&journal->intended, record_hash(record));
}

bool journal_inherited(const struct journal *journal, const struct record *record)
{
	return hash_set_has(&journal->inherited, record_hash(record));
}

void journal_disown(struct journal *journal, const struct record *record, int64_t now_ms)
{
	one_forget(journal, record_hash(record));
	line_write(journal, "disown", record, "", now_ms);
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

static size_t pending_count(const struct record_list *have)
{
	size_t pending = 0;
	for (size_t i = 0; i < record_list_count(have); i++)
		pending += is_pending(record_list_at(have, i));
	return pending;
}

static enum err pending_intend(struct journal *journal, const struct record_list *have, int64_t now_ms,
                               struct why *why)
{
	enum err err = ERR_OK;
	for (size_t i = 0; i < record_list_count(have) && err == ERR_OK; i++) {
		if (is_pending(record_list_at(have, i)))
			err = journal_intend(journal, record_list_at(have, i), now_ms, why);
	}
	return err == ERR_OK ? journal_sync(journal, why) : err;
}

void journal_settle(struct journal *journal, const struct record_list *have, int64_t now_ms)
{
	size_t pending = pending_count(have);
	struct why why = {{0}};
	if (journal->intended.count == pending)
		return;
	all_forget(journal);
	if (kept(journal) && journal->size > JOURNAL_LONG && ftruncate(journal->fd, 0) == 0)
		journal->size = 0;
	line_write(journal, "settled", &(struct record){.rr = bytes_of("@"), .value = bytes_of("")}, "",
	           now_ms);
	if (pending_intend(journal, have, now_ms, &why) != ERR_OK && !journal->troubled) {
		journal->troubled = true;
		journal->trouble = why;
	}
}

const char *journal_trouble(const struct journal *journal)
{
	return journal->troubled ? journal->trouble.text : NULL;
}
