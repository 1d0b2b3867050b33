/* log: one well-formed line an event, whatever the message holds. */
#include "fedns/log.h"

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_text),
		cmocka_unit_test(writes_json),
		cmocka_unit_test(leaves_out_what_is_not_wanted),
		cmocka_unit_test(cuts_long_lines_whole),
		cmocka_unit_test(keeps_errno),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
