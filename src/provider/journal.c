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
#include <uv.h>

/* Shorter than this it is never begun anew. */
#define JOURNAL_LONG  ((size_t)1 << 20)
#define LINE_SIZE_MAX (PLAN_TEXT_SIZE_MAX * 6 + 256) /* all of it as \u00XX */

struct journal {
	int fd; /* -1: none is kept */
	bool read_only;
	char path[PATH_MAX];
	size_t size;
	size_t size_long; /* beyond this it is begun anew */
	uint64_t seed;
	bool doubt; /* not all that is intended may stand in the file */
	struct hash_set intended;
	struct hash_set inherited; /* intended before this journal was opened, and not settled since */
	struct buf lines;          /* not written yet */
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

static uint64_t line_hash(const struct journal *journal, const json_t *line)
{
	struct record record = {.rr = text_of(line, "rr"),
	                        .value = text_of(line, "value"),
	                        .type = record_type_of(text_of(line, "type"))};
	return record_hash(&record, journal->seed);
}

static bool says(const json_t *line, const char *what)
{
	return bytes_equal(text_of(line, "do"), bytes_of(what));
}

static enum err line_take(struct journal *journal, const json_t *line)
{
	uint64_t hash = line_hash(journal, line);
	if (says(line, "intend")) {
		enum err err = hash_set_add(&journal->intended, hash);
		return err == ERR_OK ? hash_set_add(&journal->inherited, hash) : err;
	}
	if (says(line, "settled"))
		all_forget(journal);
	else if (says(line, "disown"))
		one_forget(journal, hash);
	return ERR_OK;
}

/* The next whole line; false: none is left, but for one that was cut. */
static bool line_next(struct bytes *text, struct bytes *line)
{
	const uint8_t *end = text->size == 0 ? NULL : memchr(text->data, '\n', text->size);
	if (end == NULL)
		return false;
	*line = (struct bytes){text->data, (size_t)(end - text->data) + 1};
	*text = (struct bytes){end + 1, text->size - line->size};
	return true;
}

static json_t *line_read(struct bytes line)
{
	return json_loadb((const char *)line.data, line.size, JSON_REJECT_DUPLICATES, NULL);
}

/* What was cut, or isn't ours, says nothing. */
static enum err lines_take(struct journal *journal, struct bytes text)
{
	struct bytes line;
	enum err err = ERR_OK;
	while (err == ERR_OK && line_next(&text, &line)) {
		json_t *json = line_read(line);
		if (json != NULL)
			err = line_take(journal, json);
		json_decref(json);
	}
	return err;
}

static enum err system_failed(const struct journal *journal, const char *what, struct why *why)
{
	why_set(why, "%s can't be %s: %s", journal->path, what, strerror(errno));
	return ERR_IO;
}

static enum err text_read(const struct journal *journal, uint8_t **text, size_t *have,
                          struct why *why)
{
	*have = 0;
	*text = malloc(journal->size + 1);
	if (*text == NULL) {
		why_set(why, "no memory for %s", journal->path);
		return ERR_NOMEM;
	}
	while (*have < journal->size) {
		ssize_t got = pread(journal->fd, *text + *have, journal->size - *have, (off_t)*have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		*have += (size_t)got;
	}
	return ERR_OK;
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
	uint8_t *text;
	size_t have;
	enum err err = text_read(journal, &text, &have, why);
	if (err != ERR_OK)
		return err;
	err = lines_take(journal, (struct bytes){text, have});
	bool cut = have != 0 && text[have - 1] != '\n';
	free(text);
	if (err != ERR_OK) {
		why_set(why, "%s: no room for what it says", journal->path);
		return err;
	}
	/* what is appended must not become a part of the line that was cut */
	return cut && !journal->read_only ? buf_printf(&journal->lines, "\n") : ERR_OK;
}

/* Is it still the file of that name, or did its process begin another one meanwhile? */
static bool is_current(const struct journal *journal)
{
	struct stat ours, named;
	return fstat(journal->fd, &ours) == 0 && stat(journal->path, &named) == 0 &&
	       ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

static enum err journal_lock(struct journal *journal, struct why *why)
{
	if (journal->read_only)
		return ERR_OK;
	if (flock(journal->fd, LOCK_EX | LOCK_NB) == 0 && is_current(journal))
		return ERR_OK;
	if (errno != EWOULDBLOCK && is_current(journal))
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
	journal->size_long = JOURNAL_LONG;
	buf_init(&journal->lines, JOURNAL_SIZE_MAX);
	enum err err = ERR_OK;
	int error = uv_random(NULL, NULL, &journal->seed, sizeof journal->seed, 0, NULL);
	if (error != 0) {
		why_set(why, "no random octets: %s", uv_strerror(error));
		err = ERR_IO;
	}
	if (err == ERR_OK && dir != NULL) {
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

static enum err octets_write(const struct journal *journal, int fd, struct bytes octets,
                             struct why *why)
{
	while (octets.size > 0) {
		ssize_t put = write(fd, octets.data, octets.size);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return system_failed(journal, "written", why);
		octets = (struct bytes){octets.data + put, octets.size - (size_t)put};
	}
	return ERR_OK;
}

static enum err lines_write(struct journal *journal, struct why *why)
{
	enum err err = octets_write(journal, journal->fd, buf_bytes(&journal->lines), why);
	if (err == ERR_OK) {
		journal->size += journal->lines.size;
	} else {
		journal->doubt = true;
		/* half a line would spoil the next one */
		if (ftruncate(journal->fd, (off_t)journal->size) != 0)
			(void)write(journal->fd, "\n", 1);
	}
	buf_free(&journal->lines);
	return err;
}

/* --- beginning anew ----------------------------------------------------------------------- */

/* Lines of `text` that say what is still intended, each once, and those not written yet. */
static enum err lines_choose(const struct journal *journal, struct bytes text, struct buf *out)
{
	struct hash_set taken = {0};
	struct bytes line;
	enum err err = ERR_OK;
	while (err == ERR_OK && line_next(&text, &line)) {
		json_t *json = line_read(line);
		uint64_t hash = json == NULL ? 0 : line_hash(journal, json);
		if (json != NULL && says(json, "intend") && hash_set_has(&journal->intended, hash) &&
		    !hash_set_has(&taken, hash)) {
			err = hash_set_add(&taken, hash);
			if (err == ERR_OK)
				err = buf_add(out, line);
		}
		json_decref(json);
	}
	hash_set_free(&taken);
	return err == ERR_OK ? buf_add(out, buf_bytes(&journal->lines)) : err;
}

/* The other file takes the place of this one, once all of it is on the disk. */
static enum err file_replace(struct journal *journal, struct bytes octets, struct why *why)
{
	char path[PATH_MAX];
	int size = snprintf(path, sizeof path, "%s.new", journal->path);
	if (size < 0 || (size_t)size >= sizeof path) {
		why_set(why, "state_dir is too long a path");
		return ERR_LIMIT;
	}
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return system_failed(journal, "begun anew", why);
	enum err err = octets_write(journal, fd, octets, why);
	if (err == ERR_OK && (flock(fd, LOCK_EX | LOCK_NB) != 0 || fdatasync(fd) != 0 ||
	                      rename(path, journal->path) != 0))
		err = system_failed(journal, "begun anew", why);
	if (err != ERR_OK) {
		(void)close(fd);
		(void)unlink(path);
		return err;
	}
	(void)close(journal->fd);
	journal->fd = fd;
	journal->size = octets.size;
	journal->size_long = 2 * octets.size + JOURNAL_LONG;
	buf_free(&journal->lines);
	return ERR_OK;
}

static enum err journal_renew(struct journal *journal, struct why *why)
{
	struct buf fresh;
	uint8_t *text;
	size_t have;
	enum err err = text_read(journal, &text, &have, why);
	if (err != ERR_OK)
		return err;
	buf_init(&fresh, JOURNAL_SIZE_MAX);
	err = lines_choose(journal, (struct bytes){text, have}, &fresh);
	if (err != ERR_OK)
		why_set(why, "%s: no room for what is intended", journal->path);
	else
		err = file_replace(journal, buf_bytes(&fresh), why);
	free(text);
	buf_free(&fresh);
	return err;
}

/* --- what its user says ------------------------------------------------------------------- */

static void trouble_set(struct journal *journal, const struct why *why)
{
	if (!journal->troubled)
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
		err = lines_write(journal, &why);
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
	enum err err = lines_write(journal, why);
	if (err == ERR_OK && fdatasync(journal->fd) != 0)
		err = system_failed(journal, "brought to the disk", why);
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

void journal_disown(struct journal *journal, const struct record *record, int64_t now_ms)
{
	one_forget(journal, record_hash(record, journal->seed));
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
	size_t pending = pending_count(have);
	struct why why = {{0}};
	if (journal->intended.count == pending)
		return;
	all_forget(journal);
	/* at once: between two writes what is pending would be nobody's */
	if (pending_intend(journal, have, now_ms, &why) != ERR_OK)
		trouble_set(journal, &why);
}

const char *journal_trouble(const struct journal *journal)
{
	return journal->troubled ? journal->trouble.text : NULL;
}
