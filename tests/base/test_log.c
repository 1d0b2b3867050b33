/* log: one well-formed line an event, whatever the message holds. */
#include "fedns/log.h"

#include "check.h"
#include "log_book.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* What one log_write() of `message` puts out; the NUL-terminated text and its size. */
static size_t written(enum log_format format, enum log_level level, const char *message, char *text,
                      size_t room)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	struct log log = {.fd = ends[1], .level = LOG_INFO, .format = format};
	log_write(&log, level, "source", "%s", message);
	(void)close(ends[1]);
	ssize_t size = read(ends[0], text, room - 1);
	assert_true(size >= 0);
	(void)close(ends[0]);
	text[size] = '\0';
	return (size_t)size;
}

/* Is `text` a time like that of `shape`, digit by digit? */
static void assert_time(const char *text)
{
	static const char SHAPE[] = "2026-11-23T04:40:00.123Z";
	for (size_t i = 0; i < sizeof SHAPE - 1; i++) {
		if (SHAPE[i] >= '0' && SHAPE[i] <= '9')
			assert_in_range(text[i], '0', '9');
		else
			assert_int_equal(text[i], SHAPE[i]);
	}
}

static void writes_text(void **state)
{
	(void)state;
	const struct {
		enum log_level level;
		const char *message, *rest;
	} cases[] = {
		{LOG_ERROR, "gone", " error source: gone\n"},
		{LOG_WARN, "say \"hi\"", " warn source: say \"hi\"\n"},
		{LOG_INFO, "a\n2026-11-23T04:40:00.123Z error source: b",
	     " info source: a?2026-11-23T04:40:00.123Z error source: b\n"},
		{LOG_INFO, "\xff\x1b", " info source: ??\n"},
		/* a line separator, and a name that turns what follows */
		{LOG_INFO,
	     "a\xe2\x80\xa8"
	     "b \xe2\x80\xae"
	     "gnp.\xe2\x80\xac",
	     " info source: a?b ?gnp.?\n"},
		{LOG_INFO, "", " info source: \n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[4096];
		assert_true(written(LOG_TEXT, cases[i].level, cases[i].message, text, sizeof text) > 24);
		assert_time(text);
		assert_string_equal(text + 24, cases[i].rest);
	}
}

static void writes_json(void **state)
{
	(void)state;
	const struct {
		const char *message, *escaped;
	} cases[] = {
		{"plain", "plain"},
		{"say \"hi\" \\ /", "say \\\"hi\\\" \\\\ /"},
		{"a\nb\t\x01\x7f", "a\\u000ab\\u0009\\u0001\\u007f"},
		{"\xe4\xba\xac", "\xe4\xba\xac"},
		{"bad \xff\xe4\xba", "bad \\ufffd\\ufffd\\ufffd"},
		{"\xc2\x85", "\\u0085"},
		{"a\xe2\x80\xa8\xe2\x80\xae\xe2\x80\xac", "a\\u2028\\u202e\\u202c"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[4096];
		(void)written(LOG_JSON, LOG_WARN, cases[i].message, text, sizeof text);
		assert_memory_equal(text, "{\"time\":\"", 9);
		assert_time(text + 9);
		char rest[256];
		(void)snprintf(rest, sizeof rest,
		               "\",\"level\":\"warn\",\"room\":\"source\",\"message\":\"%s\"}\n",
		               cases[i].escaped);
		assert_string_equal(text + 33, rest);
	}
}

static void leaves_out_what_is_not_wanted(void **state)
{
	(void)state;
	char text[4096];
	assert_int_equal(written(LOG_TEXT, LOG_DEBUG, "quiet", text, sizeof text), 0);
}

static void cuts_long_lines_whole(void **state)
{
	(void)state;
	/* A message of escapes that don't divide the line evenly, at each offset. */
	for (size_t offset = 0; offset < 8; offset++) {
		char message[LOG_LINE_SIZE * 2] = {0};
		memset(message, 'x', offset);
		memset(message + offset, '\x01', sizeof message - 1 - offset);
		char text[8192];
		size_t size = written(LOG_JSON, LOG_INFO, message, text, sizeof text);
		assert_true(size <= LOG_LINE_SIZE && size > LOG_LINE_SIZE - 8);
		assert_string_equal(text + size - 4, "1\"}\n");
		size = written(LOG_TEXT, LOG_INFO, message, text, sizeof text);
		assert_int_equal(size, LOG_LINE_SIZE);
		assert_true(strchr(text, '\n') == text + size - 1);
	}
}

static void keeps_errno(void **state)
{
	(void)state;
	struct log log = {.fd = -1, .level = LOG_INFO, .format = LOG_TEXT};
	errno = ENOENT;
	log_write(&log, LOG_ERROR, "source", "to nowhere");
	assert_int_equal(errno, ENOENT);
}

/* --- repeats, and a descriptor that takes nothing ------------------------------------------ */

/* A log of text to a pipe, on a clock of the test's own. */
struct scene {
	int64_t now_ms;
	int ends[2];
	struct log log;
};

static int64_t scene_now_ms(void *arg)
{
	const struct scene *scene = arg;
	return scene->now_ms;
}

static void scene_open(struct scene *scene)
{
	*scene = (struct scene){.now_ms = 1000};
	assert_int_equal(pipe2(scene->ends, O_CLOEXEC), 0);
	assert_true(fcntl(scene->ends[0], F_SETFL, O_NONBLOCK) == 0);
	scene->log = (struct log){.fd = scene->ends[1], .level = LOG_INFO};
	scene->log.book = log_book_new(scene_now_ms, scene);
	assert_non_null(scene->log.book);
}

static void scene_close(struct scene *scene)
{
	log_book_free(scene->log.book);
	(void)close(scene->ends[0]);
	(void)close(scene->ends[1]);
}

/* What was written since the last call, without the times: lines of "LEVEL ROOM: MESSAGE". */
static const char *scene_read(struct scene *scene, char *text, size_t room)
{
	static char raw[1 << 17];
	ssize_t size = read(scene->ends[0], raw, sizeof raw - 1);
	raw[size < 0 ? 0 : size] = '\0';
	size_t used = 0;
	text[0] = '\0';
	for (char *line = raw, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		assert_time(line);
		int more = snprintf(text + used, room - used, "%s\n", line + 25);
		assert_true(more > 0 && (size_t)more < room - used);
		used += (size_t)more;
	}
	return text;
}

static void counts_repeats_and_tells_the_count(void **state)
{
	(void)state;
	struct scene scene;
	struct log_stats stats;
	char text[8192];
	scene_open(&scene);
	for (unsigned i = 0; i < LOG_BURST + 3; i++)
		log_write(&scene.log, LOG_WARN, "serve", "no room");
	assert_string_equal(scene_read(&scene, text, sizeof text),
	                    "warn serve: no room\nwarn serve: no room\nwarn serve: no room\n"
	                    "warn serve: no room\nwarn serve: no room\n");
	log_write(&scene.log, LOG_INFO, "serve", "no room"); /* another level is another line */
	assert_string_equal(scene_read(&scene, text, sizeof text), "info serve: no room\n");
	scene.now_ms += LOG_WINDOW_MS - 1;
	log_tick(&scene.log);
	assert_string_equal(scene_read(&scene, text, sizeof text), "");
	scene.now_ms += 1;
	log_tick(&scene.log);
	assert_string_equal(scene_read(&scene, text, sizeof text),
	                    "warn serve: 3 times more within 10 s: no room\n");
	log_tick(&scene.log);
	assert_string_equal(scene_read(&scene, text, sizeof text), "");
	log_stats(&scene.log, &stats);
	assert_int_equal(stats.repeated, 3);
	assert_int_equal(stats.lines[LOG_WARN], LOG_BURST + 1);
	assert_int_equal(stats.lines[LOG_INFO], 1);
	assert_int_equal(stats.lost, 0);
	scene_close(&scene);
}

static void the_next_window_begins_with_the_count_of_the_last(void **state)
{
	(void)state;
	struct scene scene;
	char text[8192];
	scene_open(&scene);
	for (unsigned i = 0; i < LOG_BURST + 1; i++)
		log_write(&scene.log, LOG_WARN, "serve", "no room");
	(void)scene_read(&scene, text, sizeof text);
	scene.now_ms += LOG_WINDOW_MS;
	log_write(&scene.log, LOG_WARN, "serve", "no room");
	assert_string_equal(scene_read(&scene, text, sizeof text),
	                    "warn serve: 1 times more within 10 s: no room\nwarn serve: no room\n");
	scene_close(&scene);
}

/* More different lines than are kept: a count goes out before its place is taken. */
static void no_count_is_forgotten(void **state)
{
	(void)state;
	enum { OTHERS = 200, REPEATS = 10 };
	struct scene scene;
	struct log_stats stats;
	char text[1 << 15];
	scene_open(&scene);
	for (unsigned i = 0; i < REPEATS; i++)
		log_write(&scene.log, LOG_ERROR, "source", "the first");
	for (unsigned i = 0; i < OTHERS; i++) {
		scene.now_ms += 1;
		log_write(&scene.log, LOG_ERROR, "source", "another %u", i);
	}
	(void)scene_read(&scene, text, sizeof text);
	assert_non_null(strstr(text, "error source: 5 times more within 10 s: the first\n"));
	assert_non_null(strstr(text, "another 0\n"));
	assert_non_null(strstr(text, "another 199\n"));
	for (unsigned i = 0; i < REPEATS; i++)
		log_write(&scene.log, LOG_ERROR, "source", "the last");
	log_flush(&scene.log); /* at the end nothing waits for its window */
	(void)scene_read(&scene, text, sizeof text);
	assert_non_null(strstr(text, "error source: 5 times more within 10 s: the last\n"));
	log_stats(&scene.log, &stats);
	assert_int_equal(stats.repeated, 10);
	scene_close(&scene);
}

static void a_reader_who_reads_nothing_stops_nobody(void **state)
{
	(void)state;
	enum { LINES = 2000 };
	struct scene scene;
	struct log_stats stats;
	char text[1 << 17], message[512] = {0};
	memset(message, 'x', sizeof message - 1);
	scene_open(&scene);
	scene.log.book->waited_ms = LOG_WAIT_BUDGET_MS; /* the next test is about waiting */
	for (unsigned i = 0; i < LINES; i++)
		log_write(&scene.log, LOG_WARN, "source", "%u %s", i, message);
	log_stats(&scene.log, &stats);
	assert_true(stats.lost > 0);
	assert_int_equal(stats.lost + stats.lines[LOG_WARN], LINES);
	(void)scene_read(&scene, text, sizeof text);
	log_write(&scene.log, LOG_INFO, "source", "again");
	char expected[256];
	(void)snprintf(expected, sizeof expected,
	               "warn log: %u lines were lost here: nobody took them in time\n"
	               "info source: again\n",
	               (unsigned)stats.lost);
	assert_string_equal(scene_read(&scene, text, sizeof text), expected);
	scene_close(&scene);
}

/* A disk that is full takes a part of a line, maybe: that is lost, and the next one stands alone.
 */
static void a_full_disk_breaks_one_line(void **state)
{
	(void)state;
	char path[] = "/tmp/fedns-test-log-XXXXXX", text[4096];
	struct rlimit before, small = {.rlim_cur = 150};
	struct log_stats stats;
	int fd = mkstemp(path);
	assert_true(fd >= 0 && unlink(path) == 0);
	struct log log = {.fd = fd, .level = LOG_INFO, .book = log_book_new(NULL, NULL)};
	assert_non_null(log.book);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (unsigned i = 0; i < 4; i++)
		log_write(&log, LOG_INFO, "source", "this is the line number %u", i);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	log_write(&log, LOG_INFO, "source", "again");
	ssize_t size = pread(fd, text, sizeof text - 1, 0);
	assert_true(size > 150);
	text[size] = '\0';
	assert_non_null(strstr(text, "Z warn log: 2 lines were lost here: nobody took them in time\n"));
	assert_non_null(strstr(text, "Z info source: again\n"));
	char *lost = strstr(text, " warn log: ");
	assert_int_equal(lost[-(int)sizeof "2026-11-23T04:40:00.123Z"], '\n'); /* of the broken one */
	log_stats(&log, &stats);
	assert_int_equal(stats.lost, 2);
	assert_int_equal(stats.lines[LOG_INFO], 3);
	log_book_free(log.book);
	(void)close(fd);
}

/* Waiting has a budget, which a window gives anew. */
static void waits_within_its_budget(void **state)
{
	(void)state;
	struct scene scene;
	scene_open(&scene);
	struct log_book *book = scene.log.book;
	int in_all_ms = 0;
	for (unsigned i = 0; i < 100; i++) {
		int patience_ms = log_book_patience_ms(book);
		assert_in_range(patience_ms, 0, LOG_WAIT_MS);
		int64_t begun_ms = scene.now_ms;
		scene.now_ms += patience_ms;
		log_book_waited(book, begun_ms);
		in_all_ms += patience_ms;
	}
	assert_int_equal(in_all_ms, LOG_WAIT_BUDGET_MS);
	scene.now_ms += LOG_WINDOW_MS;
	assert_int_equal(log_book_patience_ms(book), LOG_WAIT_MS);
	scene_close(&scene);
}

/* --- fields and the journal ---------------------------------------------------------------- */

static void fields_follow_the_message(void **state)
{
	(void)state;
	static const struct log_field FIELDS[] = {{.key = "name", .text = "a\\\".example."},
	                                          {.key = "size", .number = 120}};
	static const struct {
		enum log_format format;
		const char *rest;
	} CASES[] = {
		{LOG_TEXT, " info query: asked name=a\\\".example. size=120\n"},
		{LOG_JSON, "\",\"level\":\"info\",\"room\":\"query\",\"message\":\"asked\","
	               "\"name\":\"a\\\\\\\".example.\",\"size\":120}\n"},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		char text[4096];
		int ends[2];
		assert_int_equal(pipe(ends), 0);
		const struct log log = {.fd = ends[1], .level = LOG_INFO, .format = CASES[i].format};
		log_event(&log, LOG_DEBUG, "query", "not wanted", FIELDS, 2);
		log_event(&log, LOG_INFO, "query", "asked", FIELDS, 2);
		ssize_t size = read(ends[0], text, sizeof text - 1);
		assert_true(size > 33);
		text[size] = '\0';
		assert_string_equal(text + (CASES[i].format == LOG_JSON ? 33 : 24), CASES[i].rest);
		(void)close(ends[0]);
		(void)close(ends[1]);
	}
}

static void a_field_without_room_is_left_out_whole(void **state)
{
	(void)state;
	char message[LOG_LINE_SIZE], text[LOG_LINE_SIZE * 2];
	const struct log_field fields[] = {{.key = "long", .text = message},
	                                   {.key = "size", .number = 12}};
	memset(message, 'x', sizeof message);
	message[LOG_LINE_SIZE - 150] = '\0';
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	const struct log log = {.fd = ends[1], .level = LOG_INFO, .format = LOG_JSON};
	log_event(&log, LOG_INFO, "query", message, fields, 2);
	ssize_t size = read(ends[0], text, sizeof text - 1);
	assert_true(size > 64);
	text[size] = '\0';
	assert_string_equal(text + size - 14, "x\",\"size\":12}\n");
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void the_journal_gets_priorities(void **state)
{
	(void)state;
	static const char *const EXPECTED[LOG_LEVELS] = {"<3>2", "<4>2", "<6>2", "<7>2"};
	for (enum log_level level = LOG_ERROR; level <= LOG_DEBUG; level++) {
		char text[256];
		int ends[2];
		assert_int_equal(pipe(ends), 0);
		const struct log log = {.fd = ends[1], .level = LOG_DEBUG, .journal = true};
		log_write(&log, level, "serve", "said");
		assert_true(read(ends[0], text, sizeof text) > 4);
		assert_memory_equal(text, EXPECTED[level], 4);
		(void)close(ends[0]);
		(void)close(ends[1]);
	}
}

static void knows_the_journal_by_its_inode(void **state)
{
	(void)state;
	struct stat there;
	int ends[2];
	char stream[128];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fstat(ends[1], &there), 0);
	(void)snprintf(stream, sizeof stream, "%ju:%ju", (uintmax_t)there.st_dev,
	               (uintmax_t)there.st_ino);
	assert_true(log_is_journal(ends[1], stream));
	assert_false(log_is_journal(ends[1], NULL));
	assert_false(log_is_journal(ends[1], ""));
	assert_false(log_is_journal(-1, stream));
	(void)snprintf(stream, sizeof stream, "%ju:%ju", (uintmax_t)there.st_dev,
	               (uintmax_t)there.st_ino + 1);
	assert_false(log_is_journal(ends[1], stream));
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_text),
		cmocka_unit_test(writes_json),
		cmocka_unit_test(leaves_out_what_is_not_wanted),
		cmocka_unit_test(cuts_long_lines_whole),
		cmocka_unit_test(keeps_errno),
		cmocka_unit_test(counts_repeats_and_tells_the_count),
		cmocka_unit_test(the_next_window_begins_with_the_count_of_the_last),
		cmocka_unit_test(no_count_is_forgotten),
		cmocka_unit_test(a_reader_who_reads_nothing_stops_nobody),
		cmocka_unit_test(a_full_disk_breaks_one_line),
		cmocka_unit_test(waits_within_its_budget),
		cmocka_unit_test(fields_follow_the_message),
		cmocka_unit_test(a_field_without_room_is_left_out_whole),
		cmocka_unit_test(the_journal_gets_priorities),
		cmocka_unit_test(knows_the_journal_by_its_inode),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
