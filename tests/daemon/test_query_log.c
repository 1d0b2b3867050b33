/* query_log: what a noted question becomes, of replies as they are and of any octets. */
#include "query_log.h"

#include "check.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The line of a note behind "answered", into `text`. */
static const char *line_of(const struct query_note *note, char *text, size_t room)
{
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	const struct log log = {.fd = ends[1], .level = LOG_INFO};
	query_note_write(&log, note);
	ssize_t size = read(ends[0], text, room - 1);
	assert_true(size > 0);
	text[size] = '\0';
	(void)close(ends[0]);
	(void)close(ends[1]);
	char *from = strstr(text, " info query: answered ");
	assert_non_null(from);
	return from + strlen(" info query: answered ");
}

#define HEADER(rcode, answers, others) "\x12\x34\x84" rcode "\0\1\0" answers "\0\0\0" others
#define QUESTION                       "\3wWw\7example\0\0\x1c\0\1"
#define OPT(high)                      "\0\0\x29\x04\xd0" high "\0\0\0\0\0"
#define OCTETS(text)                   (text), sizeof(text) - 1

static void tells_what_was_asked_and_answered(void **state)
{
	(void)state;
	static const struct {
		const char *head;
		size_t size;
		const char *line;
	} CASES[] = {
		{OCTETS(HEADER("\x00", "\1", "\1") QUESTION "\xc0\x0c and more"),
	     "name=www.example. type=AAAA rcode=NOERROR"},
		{OCTETS(HEADER("\x03", "\0", "\0") QUESTION), "name=www.example. type=AAAA rcode=NXDOMAIN"},
		{OCTETS(HEADER("\x05", "\0", "\1") QUESTION OPT("\0")),
	     "name=www.example. type=AAAA rcode=REFUSED"},
		{OCTETS(HEADER("\x00", "\0", "\1") QUESTION OPT("\1")),
	     "name=www.example. type=AAAA rcode=BADVERS"},
		{OCTETS(HEADER("\x07", "\0", "\1") QUESTION OPT("\1")),
	     "name=www.example. type=AAAA rcode=BADCOOKIE"},
		{OCTETS(HEADER("\x09", "\0", "\0") "\0\xff\0\0\1"), "name=. type=TYPE65280 rcode=RCODE9"},
		{OCTETS(HEADER("\x00", "\0", "\0") "\3a b\3\"=\n\0\0\1\0\1"),
	     "name=a\\032b.\\\"=\\010. type=A rcode=NOERROR"},
		/* without a question, or with half of one */
		{OCTETS("\x12\x34\x84\1\0\0\0\0\0\0\0\0"), "name=- type=- rcode=FORMERR"},
		{OCTETS(HEADER("\x01", "\0", "\0")), "name=- type=- rcode=FORMERR"},
		{OCTETS(HEADER("\x01", "\0", "\0") "\3www"), "name=- type=- rcode=FORMERR"},
		{OCTETS(HEADER("\x01", "\0", "\0") "\3www\0\0\1"), "name=- type=- rcode=FORMERR"},
		{OCTETS(HEADER("\x01", "\0", "\0") "\xc0\x0c\0\1\0\1"), "name=- type=- rcode=FORMERR"},
		{OCTETS("\x12"), "name=- type=- rcode=NOERROR"},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		char text[4096], expected[512];
		struct query_note note = {.client = {.family = 4, .octets = {192, 0, 2, 77}}, .size = 321};
		memcpy(note.head, CASES[i].head, CASES[i].size);
		note.head_size = (uint16_t)CASES[i].size;
		(void)snprintf(expected, sizeof expected, "client=192.0.2.0/24 %s size=321 transport=udp\n",
		               CASES[i].line);
		assert_string_equal(line_of(&note, text, sizeof text), expected);
	}
}

static void tells_the_network_alone(void **state)
{
	(void)state;
	char text[4096];
	const struct query_note note = {
		.client = {.family = 6, .octets = {0x20, 1, 0xd, 0xb8, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6}},
		.tcp = true};
	assert_string_equal(
		line_of(&note, text, sizeof text),
		"client=2001:db8:1::/48 name=- type=- rcode=NOERROR size=0 transport=tcp\n");
}

/* The longest name, of octets that need escapes: it fits into a line, whatever the format. */
static void the_longest_name_fits(void **state)
{
	(void)state;
	struct query_note note = {.client = {.family = 4}, .head_size = NOTE_HEAD_SIZE};
	memset(note.head + 12, '\\', 255);
	note.head[5] = 1;
	for (size_t at = 0; at < 254; at += 64)
		note.head[12 + at] = at < 192 ? 63 : 61;
	note.head[12 + 254] = 0;
	for (enum log_format format = LOG_TEXT; format <= LOG_JSON; format++) {
		int ends[2];
		char text[LOG_LINE_SIZE];
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		const struct log log = {.fd = ends[1], .level = LOG_INFO, .format = format};
		query_note_write(&log, &note);
		ssize_t size = read(ends[0], text, sizeof text - 1);
		assert_true(size > 500);
		text[size] = '\0';
		assert_non_null(strstr(text, format == LOG_TEXT ? "name=\\\\" : "\"name\":\"\\\\\\\\"));
		assert_non_null(
			strstr(text, format == LOG_TEXT ? "transport=udp\n" : "\"transport\":\"udp\"}\n"));
		(void)close(ends[0]);
		(void)close(ends[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_was_asked_and_answered),
		cmocka_unit_test(tells_the_network_alone),
		cmocka_unit_test(the_longest_name_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
