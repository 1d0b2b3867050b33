#include "page_html.h"

#include "fedns/utf8.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char REPLACEMENT[] = "\xef\xbf\xbd"; /* U+FFFD */
static const char ELLIPSIS[] = "\xe2\x80\xa6";
static const char DASH[] = "\xe2\x80\x93";

static void put(struct html *html, struct bytes octets)
{
	if (html->err == ERR_OK)
		html->err = buf_add(html->out, octets);
}

void html_raw(struct html *html, const char *markup)
{
	put(html, bytes_of(markup));
}

/* --- escaping ----------------------------------------------------------------------------- */

/* What takes the place of `rune`; NULL: it may stand. */
static const char *substitute(struct rune rune)
{
	if (rune.size == 0 || rune_is_control(rune))
		return rune.size != 0 && (rune.code == '\n' || rune.code == '\t') ? " " : REPLACEMENT;
	switch (rune.code) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void html_text(struct html *html, const char *text)
{
	struct bytes rest = text != NULL ? bytes_of(text) : bytes_of(DASH);
	size_t plain = 0, shown = 0; /* octets at the start of `rest` that stand as they are */
	while (plain < rest.size && shown < HTML_TEXT_MAX) {
		struct rune rune = utf8_first((struct bytes){rest.data + plain, rest.size - plain});
		const char *instead = substitute(rune);
		size_t size = rune.size == 0 ? 1 : rune.size;
		shown += size;
		if (instead == NULL) {
			plain += size;
			continue;
		}
		put(html, (struct bytes){rest.data, plain});
		html_raw(html, instead);
		rest = (struct bytes){rest.data + plain + size, rest.size - plain - size};
		plain = 0;
	}
	put(html, (struct bytes){rest.data, plain});
	if (plain < rest.size)
		html_raw(html, ELLIPSIS);
}

void html_query(struct html *html, const char *text)
{
	for (; *text != '\0' && html->err == ERR_OK; text++) {
		unsigned char octet = (unsigned char)*text;
		bool plain = (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') ||
		             (octet >= '0' && octet <= '9') || strchr("-._~", octet) != NULL;
		if (plain)
			put(html, (struct bytes){&octet, 1});
		else
			html->err = buf_printf(html->out, "%%%02X", octet);
	}
}

void html_fill(struct html *html, const char *markup, const char *const *texts, size_t count)
{
	size_t used = 0;
	for (const char *next; (next = strchr(markup, '$')) != NULL; markup = next + 1) {
		assert(used < count);
		put(html, (struct bytes){(const uint8_t *)markup, (size_t)(next - markup)});
		html_text(html, used < count ? texts[used] : NULL);
		used++;
	}
	assert(used == count);
	html_raw(html, markup);
}

/* --- numbers ------------------------------------------------------------------------------ */

struct html_number html_count(json_int_t number)
{
	struct html_number out = {""};
	char digits[HTML_NUMBER_SIZE];
	int size = snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, number);
	char *to = out.text;
	for (int i = 0; i < size; i++) {
		*to++ = digits[i];
		if (digits[i] != '-' && i + 1 < size && (size - i - 1) % 3 == 0)
			*to++ = ',';
	}
	*to = '\0';
	return out;
}

struct html_number html_age(json_int_t seconds)
{
	static const struct {
		json_int_t below_s, unit_s;
		const char *word;
	} UNITS[] = {
		{120, 1, " s"}, {7200, 60, " min"}, {48 * 3600, 3600, " h"}, {INT64_MAX, 86400, " d"}};
	size_t i = 0;
	while (i + 1 < sizeof UNITS / sizeof UNITS[0] && seconds >= UNITS[i].below_s)
		i++;
	struct html_number out = html_count(seconds / UNITS[i].unit_s);
	size_t used = strlen(out.text);
	(void)snprintf(out.text + used, sizeof out.text - used, "%s", UNITS[i].word);
	return out;
}

struct html_number html_micros(double micros)
{
	struct html_number out;
	if (micros < 1000)
		(void)snprintf(out.text, sizeof out.text, "%.0f \xc2\xb5s", micros);
	else if (micros < 1e6)
		(void)snprintf(out.text, sizeof out.text, "%.1f ms", micros / 1e3);
	else
		(void)snprintf(out.text, sizeof out.text, "%.3g s", micros / 1e6);
	return out;
}

struct html_number html_rate(double rate)
{
	struct html_number out;
	if (rate >= 10 && rate < 1e15)
		return html_count((json_int_t)(rate + 0.5));
	(void)snprintf(out.text, sizeof out.text, "%.*g", rate < 10 ? 2 : 4, rate);
	return out;
}

/* --- rows --------------------------------------------------------------------------------- */

const char *row_text(const json_t *row, const char *key)
{
	return json_string_value(json_object_get(row, key));
}

json_int_t row_number(const json_t *row, const char *key)
{
	json_int_t number = json_integer_value(json_object_get(row, key));
	return number < 0 ? 0 : number > ROW_NUMBER_MAX ? ROW_NUMBER_MAX : number;
}

bool row_true(const json_t *row, const char *key)
{
	return json_is_true(json_object_get(row, key));
}

bool row_has(const json_t *row, const char *key)
{
	const json_t *value = json_object_get(row, key);
	return value != NULL && !json_is_null(value);
}

size_t row_size(const json_t *row, const char *key)
{
	return json_array_size(json_object_get(row, key));
}

bool row_is(const json_t *row, const char *key, const char *word)
{
	const char *text = row_text(row, key);
	return text != NULL && strcmp(text, word) == 0;
}
