/* findings_log: what is news is told, what stays is counted. */
#include "findings_log.h"

#include "check.h"

#include <string.h>
#include <unistd.h>

static char lines[65536];

/* What was written to the pipe `fd` so far. */
static const char *read_lines(int fd)
{
	ssize_t size = read(fd, lines, sizeof lines - 1);
	lines[size > 0 ? size : 0] = '\0';
	return lines;
}

static size_t count_of(const char *text, const char *word)
{
	size_t count = 0;
	for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word))
		count++;
	return count;
}

static void tells_once_what_stays(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	const struct log log = {.fd = ends[1], .level = LOG_INFO, .format = LOG_TEXT};
	struct findings_log findings;
	findings_log_init(&findings, &log, "source");

	findings_log_begin(&findings, "state.json");
	findings.sink.line = 3;
	findings_add(&findings.sink, SEVERITY_WARNING, FINDING_ADDRESS, "one");
	findings_add(&findings.sink, SEVERITY_ERROR, FINDING_ADDRESS, "two");
	findings_log_end(&findings);
	const char *text = read_lines(ends[0]);
	assert_int_equal(count_of(text, "\n"), 2);
	assert_non_null(strstr(text, "state.json:3: one"));
	assert_non_null(strstr(text, "state.json:3: two"));

	findings_log_begin(&findings, "state.json");
	findings.sink.line = 4; /* it moved; it is the same */
	findings_add(&findings.sink, SEVERITY_WARNING, FINDING_ADDRESS, "one");
	findings_add(&findings.sink, SEVERITY_WARNING, FINDING_ADDRESS, "three");
	findings_log_end(&findings);
	text = read_lines(ends[0]);
	assert_int_equal(count_of(text, "\n"), 2);
	assert_non_null(strstr(text, "state.json:4: three"));
	assert_non_null(strstr(text, "1 finding as before"));

	findings_log_begin(&findings, "state.json"); /* "two" was gone for a reading: it is news */
	findings_add(&findings.sink, SEVERITY_ERROR, FINDING_ADDRESS, "two");
	findings_log_end(&findings);
	assert_non_null(strstr(read_lines(ends[0]), "state.json: two"));

	findings_log_clear(&findings);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void stops_before_the_log_drowns(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	const struct log log = {.fd = ends[1], .level = LOG_INFO, .format = LOG_TEXT};
	struct findings_log findings;
	findings_log_init(&findings, &log, "s");
	findings_log_begin(&findings, NULL);
	for (size_t i = 0; i < FINDINGS_LOGGED_MAX + 5; i++) {
		findings_add(&findings.sink, SEVERITY_WARNING, FINDING_ADDRESS, "f%zu", i);
		if (i % 100 == 0)
			(void)read_lines(ends[0]); /* a pipe holds only so much */
	}
	findings_log_end(&findings);
	assert_non_null(strstr(read_lines(ends[0]), "5 more findings; `fedns check` lists them all"));
	findings_log_clear(&findings);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

/* Of host names every second is a report: one that was too long must not silence the next ones. */
static void a_partial_report_counts_afresh_and_repeats_nothing(void **state)
{
	(void)state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	const struct log log = {.fd = ends[1], .level = LOG_INFO, .format = LOG_TEXT};
	struct findings_log findings;
	findings_log_init(&findings, &log, "hosts");
	findings.partial = true;
	findings_log_begin(&findings, NULL);
	for (size_t i = 0; i < FINDINGS_LOGGED_MAX + 5; i++) {
		findings_add(&findings.sink, SEVERITY_WARNING, FINDING_HOST, "f%zu", i);
		if (i % 100 == 0)
			(void)read_lines(ends[0]);
	}
	findings_log_end(&findings);
	assert_non_null(strstr(read_lines(ends[0]), "5 more findings"));
	findings_log_begin(&findings, NULL);
	findings_add(&findings.sink, SEVERITY_WARNING, FINDING_HOST, "f7");
	findings_add(&findings.sink, SEVERITY_WARNING, FINDING_HOST, "new");
	findings_log_end(&findings);
	const char *text = read_lines(ends[0]);
	assert_int_equal(count_of(text, "\n"), 1);
	assert_non_null(strstr(text, "hosts: new"));
	findings_log_clear(&findings);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_once_what_stays),
		cmocka_unit_test(stops_before_the_log_drowns),
		cmocka_unit_test(a_partial_report_counts_afresh_and_repeats_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
