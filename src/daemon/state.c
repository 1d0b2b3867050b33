/* The state: read at the start and at every change, or what was last known good. */
#include "clock.h"
#include "daemon_internal.h"

#include <stdio.h>
#include <sys/stat.h>

/* No file system's clock is as coarse as this (FAT: 2 s). */
#define MARK_SETTLED_MS 2500

/* A crash leaves some six seconds of changes that were answered and not written: by a file ten a
 * second at most. Few enough that restarts don't carry the serial away from the clock. */
#define SERIALS_UNWRITTEN 100

static int64_t stat_ms(const struct stat *file)
{
	return (int64_t)file->st_ctim.tv_sec * 1000 + file->st_ctim.tv_nsec / 1000000;
}

/* Before the reading, so that a write during it shows. */
static void mark_set(struct daemon *daemon, const char *path)
{
	struct stat file;
	daemon->mark = (struct state_mark){.set = false};
	if (stat(path, &file) != 0)
		return;
	daemon->mark = (struct state_mark){.set = true,
	                                   .device = file.st_dev,
	                                   .inode = file.st_ino,
	                                   .size = file.st_size,
	                                   .changed_ms = stat_ms(&file),
	                                   .read_ms = clock_now_ms()};
}

/* What is served is what the source says. */
static void source_taken(struct daemon *daemon)
{
	daemon->have_state = daemon->spoken = true;
	daemon->look = (struct source_look){.read_ms = clock_now_ms()};
	zone_set_stale(daemon->zone, false);
}

static void source_refused(struct daemon *daemon, const struct why *why)
{
	daemon->metrics.file_errors++;
	daemon->look.stale = true;
	daemon->look.refused = *why;
	zone_set_stale(daemon->zone, true);
}

static enum err source_load(struct daemon *daemon, struct why *why)
{
	const char *path = daemon->config->source_file;
	mark_set(daemon, path);
	findings_log_begin(&daemon->state_findings, path);
	enum err err =
		state_load(path, daemon->model, clock_now_ms(), &daemon->state_findings.sink, why);
	findings_log_end(&daemon->state_findings);
	return err;
}

/* Hosts may have come or gone; time may have run out for a cluster. */
static void model_settle(struct daemon *daemon)
{
	struct why why = {{0}};
	daemon_tick(daemon);
	if (hosts_scan(daemon->hosts, &why) != ERR_OK)
		daemon_log(daemon, LOG_ERROR, "host names: %s", why.text);
}

void daemon_state_say(struct daemon *daemon)
{
	struct zone_stats stats;
	if (!daemon->news.waits)
		return;
	daemon->news.waits = false;
	zone_stats(daemon->zone, &stats);
	daemon_log(daemon, LOG_INFO,
	           "state read: %zu service%s, %zu record%s, %zu changed, serial %u, %llu ms",
	           stats.services, stats.services == 1 ? "" : "s", stats.records,
	           stats.records == 1 ? "" : "s", daemon->news.changed, stats.serial,
	           (unsigned long long)((uv_hrtime() - daemon->news.begun_ns) / 1000000));
}

static size_t changed_count(const struct daemon *daemon)
{
	struct model_changes changes = model_changes(daemon->model);
	return changes.everything ? model_service_count(daemon->model) : changes.service_count;
}

/* Said by daemon_publish() when it is true, which may be later. */
static void news_set(struct daemon *daemon, uint64_t begun_ns)
{
	daemon->news =
		(struct state_news){.waits = true, .changed = changed_count(daemon), .begun_ns = begun_ns};
}

void daemon_state_read(struct daemon *daemon)
{
	struct why why = {{0}};
	uint64_t begun_ns = uv_hrtime();
	daemon_event(daemon, begun_ns);
	if (source_load(daemon, &why) != ERR_OK) {
		daemon_log(daemon, LOG_ERROR, "state refused, %s: %s",
		           daemon->have_state ? "the old one is served on" : "there is none to serve yet",
		           why.text);
		source_refused(daemon, &why);
		daemon_tick(daemon);    /* the grace may have changed */
		daemon_publish(daemon); /* a policy may be waiting */
		return;
	}
	source_taken(daemon);
	model_settle(daemon);
	news_set(daemon, begun_ns);
	daemon_publish(daemon);
}

/* Is the file the very one that was read last? What is younger than that reading by less than a
 * tick of the clock of a file system may have been written to again without looking so. */
static bool same_as_read(const struct daemon *daemon)
{
	struct stat file;
	const struct state_mark *mark = &daemon->mark;
	if (!mark->set || stat(daemon->config->source_file, &file) != 0)
		return false;
	return file.st_dev == mark->device && file.st_ino == mark->inode &&
	       file.st_size == mark->size && stat_ms(&file) == mark->changed_ms &&
	       mark->changed_ms + MARK_SETTLED_MS < mark->read_ms;
}

void daemon_state_changed(void *arg)
{
	struct daemon *daemon = arg;
	if (!daemon->stopping && !same_as_read(daemon))
		daemon_state_read(daemon);
}

static void age_text(int64_t age_ms, char *text, size_t size)
{
	long long age_s = age_ms > 0 ? (long long)(age_ms / 1000) : 0;
	if (age_s < 120)
		(void)snprintf(text, size, "%lld s", age_s);
	else if (age_s < 2 * 3600)
		(void)snprintf(text, size, "%lld min", age_s / 60);
	else
		(void)snprintf(text, size, "%lld h", age_s / 3600);
}

/*
 * Read before the source even where that is fine: it remembers what the source can't say, the
 * addresses of host names and the places of clusters out of sight, so that a restart doesn't forget
 * them. Its findings are of yesterday.
 */
static enum err last_good_take(struct daemon *daemon, struct last_good *last, struct why *why)
{
	struct findings nobody = {.report = NULL};
	if (daemon->config->state_dir == NULL)
		return ERR_MISSING;
	enum err err = last_good_load(daemon->config->state_dir, daemon->model, clock_now_ms(), &nobody,
	                              last, why);
	if (err == ERR_OK)
		daemon->serial_floor = last->serial + SERIALS_UNWRITTEN;
	else if (err != ERR_MISSING)
		daemon_log(daemon, LOG_WARN, "last-known-good state not used: %s", why->text);
	return err;
}

static void start_by_last_good(struct daemon *daemon, const struct last_good *last)
{
	char age[32];
	age_text(clock_now_ms() - last->written_ms, age, sizeof age);
	daemon->have_state = true;
	daemon->look.read_ms = last->written_ms;
	daemon_log(daemon, LOG_WARN, "serving the last-known-good state, which is %s old", age);
}

/* API servers tell what they have later, see watching.c. */
static void start_live(struct daemon *daemon, enum err kept, const struct last_good *last)
{
	if (kept != ERR_OK)
		return;
	start_by_last_good(daemon, last);
	model_settle(daemon);
	daemon_publish(daemon);
}

void daemon_state_start(struct daemon *daemon)
{
	struct why why = {{0}}, kept_why = {{0}};
	struct last_good last = {0, 0};
	uint64_t begun_ns = uv_hrtime();
	enum err kept = last_good_take(daemon, &last, &kept_why);
	if (daemon->config->source != CONFIG_FILE) {
		start_live(daemon, kept, &last);
		return;
	}
	enum err err = source_load(daemon, &why);
	if (err == ERR_OK) {
		source_taken(daemon);
	} else if (kept == ERR_OK) {
		source_refused(daemon, &why);
		daemon_log(daemon, LOG_ERROR, "state refused: %s", why.text);
		start_by_last_good(daemon, &last);
	} else {
		source_refused(daemon, &why);
		daemon_log(daemon, LOG_ERROR, "state refused: %s", why.text);
		daemon_log(
			daemon, LOG_ERROR,
			"there is no state to serve: every answer is SERVFAIL until the source can be read");
		return;
	}
	model_settle(daemon);
	if (err == ERR_OK)
		news_set(daemon, begun_ns);
	daemon_publish(daemon);
}
