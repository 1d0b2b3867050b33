#include "ini_text.h"

#include <assert.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

/* What inih is given of one line: a name and a number. Its own limit is 200. */
#define GIVEN_SIZE_MIN 80
#define NO_LINE        "neither a section nor \"key = value\" nor a comment"
#define MARK           "\xef\xbb\xbf" /* some editors begin UTF-8 with it */

struct reading {
	char *next, *end; /* of the text; `end` is its NUL */
	unsigned line;    /* the one given last, from 1 */
	char *value;      /* of that line, with a NUL behind; NULL: it has none */
	ini_take *take;
	void *arg;
	enum err err;
	unsigned err_line;
	struct why *why;
};

static bool is_blank(char octet)
{
	return octet == ' ' || (octet >= '\t' && octet <= '\r');
}

static char *trimmed(char *from, char *to)
{
	while (from < to && is_blank(*from))
		from++;
	while (to > from && is_blank(to[-1]))
		to--;
	*to = '\0';
	return from;
}

static void fail(struct reading *reading, enum err err, const char *sentence)
{
	if (reading->err != ERR_OK)
		return;
	reading->err = err;
	reading->err_line = reading->line;
	why_set(reading->why, "%s", sentence);
}

/* The value behind the sign. Besides inih's comments, those of Go's INI files, which the guide's
 * own reader takes. */
static char *value_find(char *from, char *to)
{
	for (char *at = from; at < to; at++) {
		if ((*at == ';' || *at == '#') && (at == from || is_blank(at[-1]))) {
			to = at;
			break;
		}
	}
	return trimmed(from, to);
}

/* The line [from, to) as inih is to see it. */
static void line_give(struct reading *reading, char *from, char *to, char *given, size_t given_size)
{
	char *start = trimmed(from, to);
	char *sign = strpbrk(start, "=:");
	reading->value = NULL;
	given[0] = '\0';
	if (*start == '\0' || *start == ';' || *start == '#')
		return;
	const char *bracket = *start == '[' ? strchr(start, ']') : NULL;
	if (bracket != NULL && bracket - start < INI_NAME_SIZE_MAX) {
		(void)snprintf(given, given_size, "%.*s]", (int)(bracket - start), start);
		return;
	}
	if (*start == '[' || sign == NULL) {
		fail(reading, ERR_INVALID, NO_LINE);
		return;
	}
	size_t name_size = (size_t)(sign - start);
	if (name_size >= INI_NAME_SIZE_MAX) {
		fail(reading, ERR_INVALID, "what stands before the \"=\" is longer than any key");
		return;
	}
	reading->value = value_find(sign + 1, start + strlen(start));
	(void)snprintf(given, given_size, "%.*s=%u", (int)name_size, start, reading->line);
}

/* inih's fgets(). */
static char *on_line(char *given, int size, void *arg)
{
	struct reading *reading = arg;
	assert(size >= GIVEN_SIZE_MIN);
	if (reading->next == NULL || reading->err != ERR_OK)
		return NULL;
	if (reading->line == INI_LINES_MAX) {
		fail(reading, ERR_LIMIT, "it has too many lines");
		return NULL;
	}
	char *from = reading->next;
	char *to = memchr(from, '\n', (size_t)(reading->end - from));
	reading->next = to != NULL ? to + 1 : NULL;
	reading->line++;
	line_give(reading, from, to != NULL ? to : reading->end, given, (size_t)size);
	return reading->err == ERR_OK ? given : NULL;
}

static int on_value(void *arg, const char *section, const char *name, const char *number)
{
	struct reading *reading = arg;
	if (reading->err != ERR_OK)
		return 1;
	if (number == NULL || reading->value == NULL)
		return 0;
	reading->err =
		reading->take(reading->arg, reading->line, section, name, reading->value, reading->why);
	reading->err_line = reading->line;
	return 1;
}

enum err ini_read(char *text, size_t size, ini_take *take, void *arg, unsigned *line,
                  struct why *why)
{
	assert(text[size] == '\0');
	struct reading reading = {
		.next = text, .end = text + size, .take = take, .arg = arg, .why = why};
	*line = 0;
	if (strncmp(text, MARK, strlen(MARK)) == 0)
		reading.next += strlen(MARK);
	if (memchr(text, '\0', size) != NULL) {
		why_set(why, "it holds a NUL: not a text");
		return ERR_INVALID;
	}
	int bad = ini_parse_stream(on_line, &reading, on_value, &reading);
	if (reading.err != ERR_OK) {
		*line = reading.err_line;
		return reading.err;
	}
	if (bad == 0)
		return ERR_OK;
	*line = bad > 0 ? (unsigned)bad : 0;
	why_set(why, "%s", bad > 0 ? NO_LINE : "it can't be read as INI");
	return ERR_INVALID;
}
