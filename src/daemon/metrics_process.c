/* Of a scrape: the process, by the names that all clients of Prometheus use, and its log. */
#include "metrics_job.h"

#include <sys/resource.h>
#include <sys/stat.h>

#define DESCRIPTORS_DIR "/proc/self/fd"
/* Of a step; the kernel hands them out by some hundred. */
#define DESCRIPTORS_STEP 256

static enum err lines_dropped(const struct daemon *daemon, const struct log_stats *stats,
                              struct buf *out)
{
	static const char NAME[] = "fedns_log_lines_dropped_total";
	const struct {
		const char *reason;
		uint64_t count;
	} rows[] = {
		{"repeated", stats->repeated},
		{"lost", stats->lost},
		{"findings", daemon->config_findings.dropped + daemon->state_findings.dropped +
	                     daemon->publish_findings.dropped + daemon->host_findings.dropped},
		{"health", daemon->health.log.dropped},
		{"queries", daemon_notes_dropped(daemon)},
	};
	enum err err = metric_family(
		out, NAME, METRIC_COUNTER,
		"Lines of the log that were only counted (repeated; findings and health above their "
		"limits), or could not be written (lost, queries).");
	for (size_t i = 0; err == ERR_OK && i < sizeof rows / sizeof rows[0]; i++)
		err = metric_count_by(out, NAME, "reason", rows[i].reason, rows[i].count);
	return err;
}

enum err metrics_log(struct metrics_job *job, struct buf *out, bool *more)
{
	static const char NAME[] = "fedns_log_lines_total";
	static const char *const LEVELS[LOG_LEVELS] = {
		[LOG_ERROR] = "error", [LOG_WARN] = "warn", [LOG_INFO] = "info", [LOG_DEBUG] = "debug"};
	struct log_stats stats;
	(void)more;
	log_stats(&job->daemon->log, &stats);
	enum err err = metric_family(out, NAME, METRIC_COUNTER, "Lines of the log.");
	for (size_t i = 0; err == ERR_OK && i < LOG_LEVELS; i++)
		err = metric_count_by(out, NAME, "level", LEVELS[i], stats.lines[i]);
	return err == ERR_OK ? lines_dropped(job->daemon, &stats, out) : err;
}

static double seconds_of(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static double cpu_seconds(void)
{
	struct rusage usage;
	if (getrusage(RUSAGE_SELF, &usage) != 0)
		return 0;
	return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

static double descriptors_max(void)
{
	struct rlimit limit;
	return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (double)limit.rlim_cur : 0;
}

enum err metrics_process(struct metrics_job *job, struct buf *out, bool *more)
{
	size_t resident = 0;
	(void)more;
	(void)uv_resident_set_memory(&resident);
	const struct {
		const char *name, *help;
		enum metric_kind kind;
		double value;
	} rows[] = {
		{"process_start_time_seconds", "When it started, since 1970.", METRIC_GAUGE,
	     (double)job->daemon->metrics.started_ms / 1000.0},
		{"process_cpu_seconds_total", "User and system time.", METRIC_COUNTER, cpu_seconds()},
		{"process_resident_memory_bytes", "Resident memory.", METRIC_GAUGE, (double)resident},
		{"process_max_fds", "Descriptors that may be open.", METRIC_GAUGE, descriptors_max()},
	};
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i < sizeof rows / sizeof rows[0]; i++)
		err = metric_one(out, rows[i].name, rows[i].kind, rows[i].help, rows[i].value);
	return err;
}

/* With probes there may be tens of thousands: newer kernels (6.2) tell how many there are, of
 * others they are counted, some in each step. */
enum err metrics_descriptors(struct metrics_job *job, struct buf *out, bool *more)
{
	struct stat dir;
	bool known = job->at == 0 && stat(DESCRIPTORS_DIR, &dir) == 0 && dir.st_size > 0;
	if (known)
		job->sub = (size_t)dir.st_size;
	else if (job->descriptors == NULL)
		job->descriptors = opendir(DESCRIPTORS_DIR);
	for (size_t i = 0; !known && i < DESCRIPTORS_STEP; i++, job->at++) {
		const struct dirent *entry = job->descriptors == NULL ? NULL : readdir(job->descriptors);
		known = entry == NULL;
		job->sub += !known && entry->d_name[0] != '.';
	}
	*more = !known;
	if (*more)
		return ERR_OK;
	/* the directory's own is none of ours */
	size_t own = job->descriptors != NULL && job->sub != 0 ? 1 : 0;
	return metric_one(out, "process_open_fds", METRIC_GAUGE, "Descriptors that are open.",
	                  (double)(job->sub - own));
}
