/* What comes from elsewhere is escaped, numbers are told as a reader has them, and a full buffer
 * ends in an error and no more octets. */
#include "page_html.h"

#include "check.h"
#include "fuzz/markup.h"

#include <string.h>

#define ROOM 8192

static void expect(struct buf *out, const char *text)
{
	assert_int_equal(buf_add(out, (struct bytes){(const uint8_t *)"", 1}), ERR_OK);
	assert_string_equal((const char *)out->data, text);
	buf_free(out);
}

/* U+202E, U+2066 and U+200F as octets: an editor that shows this file must not turn, too. */
static const char TURNING[] = {'x',        (char)0xe2, (char)0x80, (char)0xae, 'y',
                               (char)0xe2, (char)0x81, (char)0xa6, 'z',        (char)0xe2,
                               (char)0x80, (char)0x8f, '\0'};

static void text_is_escaped(void **state)
{
	(void)state;
	static const struct {
		const char *text, *shown;
	} CASES[] = {
		{"plain", "plain"},
		{"", ""},
		{NULL, "\xe2\x80\x93"},
		{"<script>alert('1' & \"2\")</script>",
	     "&lt;script&gt;alert(&#39;1&#39; &amp; &quot;2&quot;)&lt;/script&gt;"},
		{"a$b%s", "a$b%s"},
		{"\xe6\x9d\xad\xe5\xb7\x9e", "\xe6\x9d\xad\xe5\xb7\x9e"},
		{"\x80x\xc3", "\xef\xbf\xbdx\xef\xbf\xbd"},                /* no UTF-8 */
		{"\xc0\xbcscript>", "\xef\xbf\xbd\xef\xbf\xbdscript&gt;"}, /* an overlong < */
		{"a\nb\tc\x1b[31m\x7f", "a b c\xef\xbf\xbd[31m\xef\xbf\xbd"},
		{TURNING, "x\xef\xbf\xbdy\xef\xbf\xbdz\xef\xbf\xbd"},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct buf out;
		buf_init(&out, ROOM);
		struct html html = {.out = &out};
		html_text(&html, CASES[i].text);
		assert_int_equal(html.err, ERR_OK);
		expect(&out, CASES[i].shown);
	}
}

static void a_long_text_is_cut_between_characters(void **state)
{
	(void)state;
	char text[3 * HTML_TEXT_MAX] = "";
	for (size_t i = 0; i < HTML_TEXT_MAX; i++)
		memcpy(text + 2 * i, "\xc3\xa9", 3);
	struct buf out;
	buf_init(&out, ROOM);
	struct html html = {.out = &out};
	html_text(&html, text);
	assert_int_equal(out.size, HTML_TEXT_MAX + 3);
	assert_memory_equal(out.data + HTML_TEXT_MAX, "\xe2\x80\xa6", 3);
	buf_free(&out);
}

static void markup_is_filled(void **state)
{
	(void)state;
	struct buf out;
	buf_init(&out, ROOM);
	struct html html = {.out = &out};
	HTML(&html, "<a href=\"$\">$</a>", "\"x\"", "a$<b>");
	html_raw(&html, "$<br>");
	html_query(&html, "a b&c=\xc3\xa9/\"<~");
	expect(&out, "<a href=\"&quot;x&quot;\">a$&lt;b&gt;</a>$<br>a%20b%26c%3D%C3%A9%2F%22%3C~");
}

static void a_full_buffer_stays_full(void **state)
{
	(void)state;
	struct buf out;
	buf_init(&out, 8);
	struct html html = {.out = &out};
	html_raw(&html, "1234567");
	html_raw(&html, "89");
	html_raw(&html, "x");
	html_text(&html, "<");
	html_query(&html, "%");
	assert_int_equal(html.err, ERR_LIMIT);
	assert_int_equal(out.size, 7);
	buf_free(&out);
}

static void numbers_are_told(void **state)
{
	(void)state;
	static const struct {
		json_int_t count;
		const char *text;
	} COUNTS[] = {{0, "0"},         {12, "12"},      {999, "999"},
	              {1000, "1,000"},  {5004, "5,004"}, {1234567, "1,234,567"},
	              {-1234, "-1,234"}};
	static const struct {
		json_int_t seconds;
		const char *text;
	} AGES[] = {{0, "0 s"},    {119, "119 s"},  {120, "2 min"},
	            {7200, "2 h"}, {172800, "2 d"}, {86400000000, "1,000,000 d"}};
	static const struct {
		double value;
		const char *rate, *micros;
	} RATES[] = {{0, "0", "0 \xc2\xb5s"},
	             {0.25, "0.25", "0 \xc2\xb5s"},
	             {8.16, "8.2", "8 \xc2\xb5s"},
	             {1234.4, "1,234", "1.2 ms"},
	             {2.5e6, "2,500,000", "2.5 s"}};
	for (size_t i = 0; i < sizeof COUNTS / sizeof COUNTS[0]; i++)
		assert_string_equal(html_count(COUNTS[i].count).text, COUNTS[i].text);
	for (size_t i = 0; i < sizeof AGES / sizeof AGES[0]; i++)
		assert_string_equal(html_age(AGES[i].seconds).text, AGES[i].text);
	for (size_t i = 0; i < sizeof RATES / sizeof RATES[0]; i++) {
		assert_string_equal(html_rate(RATES[i].value).text, RATES[i].rate);
		assert_string_equal(html_micros(RATES[i].value).text, RATES[i].micros);
	}
}

static void rows_may_hold_anything(void **state)
{
	(void)state;
	json_t *row = json_pack("{s:s, s:i, s:I, s:b, s:n, s:[i]}", "text", "x", "below", -3, "above",
	                        (json_int_t)INT64_MAX, "flag", 1, "null", "list", 1);
	assert_string_equal(row_text(row, "text"), "x");
	assert_null(row_text(row, "below"));
	assert_int_equal(row_number(row, "below"), 0);
	assert_int_equal(row_number(row, "above"), ROW_NUMBER_MAX);
	assert_int_equal(row_number(row, "text"), 0);
	assert_true(row_true(row, "flag") && !row_true(row, "text") && !row_true(NULL, "flag"));
	assert_true(row_has(row, "list") && !row_has(row, "null") && !row_has(row, "other"));
	assert_int_equal(row_size(row, "list"), 1);
	assert_int_equal(row_size(row, "text"), 0);
	assert_true(row_is(row, "text", "x") && !row_is(row, "null", "x"));
	json_decref(row);
}

/* The judge of the fuzz target and of test_page_view. */
static void bad_markup_is_found(void **state)
{
	(void)state;
	static const char *const BAD[] = {
		"<p>",
		"</p>",
		"<p></b>",
		"<p onclick=\"x\"></p>",
		"<p style=\"x\"></p>",
		"<style></style>",
		"<p class=x></p>",
		"<p class=\"<\"></p>",
		"a & b",
		"&nbsp;",
		"<p id=\"a\"></p><b id=\"a\"></b>",
		"a\x1b",
		"a\x80",
		"< p>",
		"<p class></p>",
		TURNING,
	};
	struct markup markup;
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		assert_false(markup_good(&markup, BAD[i]));
		assert_true(markup.fault[0] != '\0');
	}
	assert_true(markup_good(
		&markup, "<!DOCTYPE html>\n<p id=\"a\" hidden>x &amp; <input name=\"y\"></p>\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_escaped),
		cmocka_unit_test(a_long_text_is_cut_between_characters),
		cmocka_unit_test(markup_is_filled),
		cmocka_unit_test(a_full_buffer_stays_full),
		cmocka_unit_test(numbers_are_told),
		cmocka_unit_test(rows_may_hold_anything),
		cmocka_unit_test(bad_markup_is_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
