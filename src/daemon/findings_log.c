#include "findings_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int hash_compare(const void *left, const void *right)
{
	uint64_t a, b;
	memcpy(&a, left, sizeof a);
	memcpy(&b, right, sizeof b);
	return (a > b) - (a < b);
}

/* Of a hash: the model tells of it only when its service changes, so its silence is no news. */
#define STAYS ((uint64_t)1)

/* Without the line: an object that moved in its file is not a new finding. */
static uint64_t hash_of(const struct finding *finding)
{
	uint64_t seed = finding->file != NULL ? hash_bytes(bytes_of(finding->file), 1) : 0;
	uint64_t hash = hash_bytes(bytes_of(finding->text), seed) & ~STAYS;
	return finding->reason == FINDING_CLUSTER ? hash | STAYS : hash;
}

static bool told_before(const struct findings_log *findings, uint64_t hash)
{
	return findings->before_count != 0 && bsearch(&hash, findings->before, findings->before_count,
	                                              sizeof hash, hash_compare) != NULL;
}

/* Without memory it is only told again the next time. */
static void remember(struct findings_log *findings, uint64_t hash)
{
	if (findings->now_count == FINDINGS_KEPT_MAX)
		return;
	if (findings->now_count == findings->now_room) {
		size_t room = findings->now_room == 0 ? 64 : findings->now_room * 2;
		uint64_t *now = realloc(findings->now, room * sizeof *now);
		if (now == NULL)
			return;
		findings->now = now;
		findings->now_room = room;
	}
	findings->now[findings->now_count++] = hash;
}

/* What was reported now, and of earlier what stays, is what the next reading compares with. */
static void now_becomes_before(struct findings_log *findings)
{
	for (size_t i = 0; i < findings->before_count; i++) {
		if (findings->keeps || (findings->before[i] & STAYS) != 0)
			remember(findings, findings->before[i]);
	}
	free(findings->before);
	uint64_t *hashes = findings->now;
	size_t count = 0;
	if (findings->now_count != 0)
		qsort(hashes, findings->now_count, sizeof hashes[0], hash_compare);
	for (size_t i = 0; i < findings->now_count; i++) {
		if (count == 0 || hashes[count - 1] != hashes[i])
			hashes[count++] = hashes[i];
	}
	findings->before = hashes;
	findings->before_count = count;
	findings->now = NULL;
	findings->now_count = findings->now_room = 0;
}

static void error_keep(struct findings_log *findings, const struct finding *finding)
{
	if (finding->severity != SEVERITY_ERROR || findings->error[0] != '\0')
		return;
	struct why text = {{0}};
	why_set(&text, "%s", finding->text);
	if (finding->file != NULL && finding->line != 0)
		why_wrap(&text, "%s:%u", finding->file, finding->line);
	else if (finding->file != NULL)
		why_wrap(&text, "%s", finding->file);
	(void)snprintf(findings->error, sizeof findings->error, "%s", text.text);
}

static void finding_log(void *arg, const struct finding *finding)
{
	struct findings_log *findings = arg;
	error_keep(findings, finding);
	uint64_t hash = hash_of(finding);
	remember(findings, hash);
	if (told_before(findings, hash)) {
		findings->repeated++;
		return;
	}
	findings->found[finding->reason]++;
	if (findings->logged == FINDINGS_LOGGED_MAX) {
		findings->untold++;
		findings->dropped++;
		return;
	}
	findings->logged++;
	enum log_level level = finding->severity == SEVERITY_ERROR ? LOG_ERROR : LOG_WARN;
	if (finding->file != NULL && finding->line != 0)
		log_write(findings->log, level, findings->room, "%s:%u: %s", finding->file, finding->line,
		          finding->text);
	else if (finding->file != NULL)
		log_write(findings->log, level, findings->room, "%s: %s", finding->file, finding->text);
	else
		log_write(findings->log, level, findings->room, "%s", finding->text);
}

void findings_log_init(struct findings_log *findings, const struct log *log, const char *room)
{
	*findings = (struct findings_log){.log = log, .room = room};
	findings->sink = (struct findings){.report = finding_log, .arg = findings};
}

void findings_log_clear(struct findings_log *findings)
{
	free(findings->now);
	free(findings->before);
	findings->now = findings->before = NULL;
	findings->now_count = findings->now_room = findings->before_count = 0;
}

void findings_log_begin(struct findings_log *findings, const char *file)
{
	now_becomes_before(findings);
	findings->logged = findings->repeated = findings->untold = 0;
	findings->error[0] = '\0';
	findings->sink.file = file;
	findings->sink.line = 0;
}

void findings_log_more(struct findings_log *findings)
{
	if (findings->now_count != 0)
		now_becomes_before(findings);
}

void findings_log_end(struct findings_log *findings)
{
	if (findings->repeated != 0 && !findings->partial)
		log_write(findings->log, LOG_INFO, findings->room, "%zu finding%s as before",
		          findings->repeated, findings->repeated == 1 ? "" : "s");
	if (findings->untold != 0)
		log_write(findings->log, LOG_WARN, findings->room,
		          "%zu more findings; `fedns check` lists them all", findings->untold);
	findings->repeated = findings->untold = 0; /* said */
}
