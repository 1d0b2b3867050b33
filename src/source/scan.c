#include "scan.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void scan_init(struct scan *scan, struct bytes text)
{
	*scan = (struct scan){.text = text, .line = 1};
}

unsigned scan_line(struct scan *scan, size_t at)
{
	assert(at <= scan->text.size);
	if (at < scan->counted_at) {
		scan->counted_at = 0;
		scan->line = 1;
	}
	unsigned lines = 0;
	for (size_t i = scan->counted_at; i < at; i++)
		lines += scan->text.data[i] == '\n';
	scan->line += lines;
	scan->counted_at = at;
	return scan->line;
}

void scan_wrap(const struct scan *scan, size_t at, struct why *why)
{
	struct scan counter = *scan;
	unsigned line = scan_line(&counter, at);
	size_t begin = at;
	while (begin > 0 && scan->text.data[begin - 1] != '\n')
		begin--;
	why_wrap(why, "line %u, column %zu", line, at - begin + 1);
}

enum err scan_fail(const struct scan *scan, size_t at, struct why *why, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(why->text, sizeof why->text, fmt, args);
	va_end(args);
	scan_wrap(scan, at, why);
	return ERR_INVALID;
}

enum err scan_expected(const struct scan *scan, const char *wanted, struct why *why)
{
	if (scan->at == scan->text.size)
		return scan_fail(scan, scan->at, why, "expected %s, but the text ends here", wanted);
	uint8_t octet = scan->text.data[scan->at];
	if (octet > ' ' && octet < 0x7f)
		return scan_fail(scan, scan->at, why, "expected %s, found '%c'", wanted, octet);
	return scan_fail(scan, scan->at, why, "expected %s, found octet 0x%02x", wanted, octet);
}

/* RFC 8259 section 2: these four and no other space. */
static bool is_space(uint8_t octet)
{
	return octet == ' ' || octet == '\n' || octet == '\r' || octet == '\t';
}

int scan_next(struct scan *scan)
{
	const uint8_t *data = scan->text.data;
	size_t at = scan->at, size = scan->text.size;
	while (at < size && is_space(data[at]))
		at++;
	scan->at = at;
	return at < size ? data[at] : -1;
}

enum err scan_take(struct scan *scan, uint8_t octet, const char *wanted, struct why *why)
{
	if (scan_next(scan) != octet)
		return scan_expected(scan, wanted, why);
	scan->at++;
	return ERR_OK;
}

enum err scan_word(struct scan *scan, const char *word, struct why *why)
{
	size_t size = strlen(word);
	if (scan->text.size - scan->at < size || memcmp(scan->text.data + scan->at, word, size) != 0)
		return scan_expected(scan, "a JSON value", why);
	scan->at += size;
	return ERR_OK;
}

static size_t digits(const struct scan *scan, size_t at)
{
	size_t begin = at;
	while (at < scan->text.size && (uint8_t)(scan->text.data[at] - '0') < 10)
		at++;
	return at - begin;
}

static bool octet_is(const struct scan *scan, size_t at, char octet)
{
	return at < scan->text.size && scan->text.data[at] == (uint8_t)octet;
}

/* RFC 8259 section 6: [ "-" ] int [ "." 1*digit ] [ e [ sign ] 1*digit ] */
enum err scan_number(struct scan *scan, struct bytes *out, struct why *why)
{
	*out = (struct bytes){0};
	size_t begin = scan->at, at = begin;
	at += octet_is(scan, at, '-');
	size_t whole = digits(scan, at);
	bool good = whole != 0 && (whole == 1 || !octet_is(scan, at, '0'));
	at += whole;
	if (good && octet_is(scan, at, '.')) {
		size_t fraction = digits(scan, at + 1);
		good = fraction != 0;
		at += 1 + fraction;
	}
	if (good && (octet_is(scan, at, 'e') || octet_is(scan, at, 'E'))) {
		at++;
		at += octet_is(scan, at, '+') || octet_is(scan, at, '-');
		size_t exponent = digits(scan, at);
		good = exponent != 0;
		at += exponent;
	}
	if (!good)
		return scan_fail(scan, begin, why, "a number that JSON doesn't allow");
	*out = (struct bytes){scan->text.data + begin, at - begin};
	scan->at = at;
	return ERR_OK;
}

static bool skip_string(struct scan *scan)
{
	const uint8_t *data = scan->text.data;
	size_t begin = scan->at + 1;
	for (size_t at = begin; at < scan->text.size; at++) {
		const uint8_t *quote = memchr(data + at, '"', scan->text.size - at);
		if (quote == NULL)
			return false;
		at = (size_t)(quote - data);
		size_t slashes = 0;
		while (at - slashes > begin && data[at - slashes - 1] == '\\')
			slashes++;
		if (slashes % 2 == 0) {
			scan->at = at + 1;
			return true;
		}
	}
	return false;
}

/* Take the bracketed value at `at` by its quotes and brackets alone. */
static bool skip_nested(struct scan *scan)
{
	size_t depth = 0;
	do {
		if (scan->at == scan->text.size)
			return false;
		switch (scan->text.data[scan->at]) {
		case '"':
			if (!skip_string(scan))
				return false;
			continue;
		case '{':
		case '[':
			depth++;
			break;
		case '}':
		case ']':
			depth--;
			break;
		default:
			break;
		}
		scan->at++;
	} while (depth != 0);
	return true;
}

bool scan_skip(struct scan *scan)
{
	int next = scan_next(scan);
	if (next == '"')
		return skip_string(scan);
	if (next == '{' || next == '[')
		return skip_nested(scan);
	size_t begin = scan->at;
	while (scan->at < scan->text.size && !is_space(scan->text.data[scan->at]) &&
	       strchr(",:{}[]\"", scan->text.data[scan->at]) == NULL)
		scan->at++;
	return scan->at > begin;
}

bool scan_member(struct bytes object, const char *name, struct bytes *out)
{
	struct scan scan;
	struct scan_string key;
	struct why unheard;
	bool found = false;
	*out = (struct bytes){NULL, 0};
	scan_init(&scan, object);
	if (scan_take(&scan, '{', "an object", &unheard) != ERR_OK)
		return false;
	while (scan_next(&scan) == '"' && scan_string(&scan, &key, &unheard) == ERR_OK &&
	       scan_take(&scan, ':', "':'", &unheard) == ERR_OK) {
		(void)scan_next(&scan);
		size_t begin = scan.at;
		if (!scan_skip(&scan))
			return false;
		if (bytes_equal(key.raw, bytes_of(name))) {
			*out = (struct bytes){object.data + begin, scan.at - begin};
			found = true;
		}
		if (scan_take(&scan, ',', "','", &unheard) != ERR_OK)
			break;
	}
	return found;
}
