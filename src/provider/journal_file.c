/* The file of a journal: read whole at the beginning, appended to, begun anew when it is long. */
#include "journal_internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

/* Shorter than this it is never begun anew. */
#define JOURNAL_LONG ((size_t)1 << 20)

/* --- reading ------------------------------------------------------------------------------ */

static struct bytes text_of(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return json_is_string(value) ? (struct bytes){(const uint8_t *)json_string_value(value),
	                                              json_string_length(value)}
	                             : (struct bytes){NULL, 0};
}

void journal_forget(struct journal *journal)
{
	hash_set_clear(&journal->intended);
	hash_set_clear(&journal->inherited);
}

void journal_forget_one(struct journal *journal, uint64_t hash)
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
		journal_forget(journal);
	else if (says(line, "disown"))
		journal_forget_one(journal, hash);
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

enum err journal_failed(const struct journal *journal, const char *what, struct why *why)
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
		return journal_failed(journal, "read", why);
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
		return journal_failed(journal, "locked", why);
	why_set(why, "%s is in use: another fedns pushes these records", journal->path);
	return ERR_CONFLICT;
}

static enum err file_open(struct journal *journal, struct why *why)
{
	int flags = journal->read_only ? O_RDONLY : O_RDWR | O_CREAT | O_APPEND;
	journal->fd = open(journal->path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (journal->fd < 0)
		return journal->read_only && errno == ENOENT ? ERR_OK
		                                             : journal_failed(journal, "opened", why);
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
	hash_set_clear(&journal->intended);
	hash_set_clear(&journal->inherited);
	buf_free(&journal->lines);
	free(journal);
}

/* --- appending ---------------------------------------------------------------------------- */

static enum err octets_write(const struct journal *journal, int fd, struct bytes octets,
                             struct why *why)
{
	while (octets.size > 0) {
		ssize_t put = write(fd, octets.data, octets.size);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return journal_failed(journal, "written", why);
		octets = (struct bytes){octets.data + put, octets.size - (size_t)put};
	}
	return ERR_OK;
}

enum err journal_lines_write(struct journal *journal, struct why *why)
{
	enum err err = octets_write(journal, journal->fd, buf_bytes(&journal->lines), why);
	if (err == ERR_OK) {
		journal->size += journal->lines.size;
	} else {
		journal->doubt = true;
		/* half a line would spoil the next one; a line feed that can't be written either is no news
		 */
		ssize_t ended = 0;
		if (ftruncate(journal->fd, (off_t)journal->size) != 0)
			ended = write(journal->fd, "\n", 1);
		(void)ended;
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
	hash_set_clear(&taken);
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
		return journal_failed(journal, "begun anew", why);
	enum err err = octets_write(journal, fd, octets, why);
	if (err == ERR_OK && (flock(fd, LOCK_EX | LOCK_NB) != 0 || fdatasync(fd) != 0 ||
	                      rename(path, journal->path) != 0))
		err = journal_failed(journal, "begun anew", why);
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

enum err journal_renew(struct journal *journal, struct why *why)
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
