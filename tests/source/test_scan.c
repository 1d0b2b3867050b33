/* scan and node: what counts as JSON, and where what doesn't is said to be. */
#include "node.h"

#include "fedns/source.h"

#include "check.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static enum err read_text(const char *text, size_t size, struct why *why)
{
	struct nodes nodes;
	nodes_init(&nodes);
	enum err err = nodes_read_whole(&nodes, (struct bytes){(const uint8_t *)text, size}, why);
	nodes_clear(&nodes);
	return err;
}

static void says_where_text_stops_being_json(void **state)
{
	(void)state;
	const struct {
		const char *text, *why;
	} cases[] = {
		{"", "line 1, column 1: expected a JSON value, but the text ends here"},
		{" \n ", "line 2, column 2: expected a JSON value, but the text ends here"},
		{"{\"a\":1,}", "line 1, column 8: expected a key, found '}'"},
		{"{,}", "line 1, column 2: expected a key or '}', found ','"},
		{"[1,]", "line 1, column 4: expected a JSON value, found ']'"},
		{"[1 2]", "line 1, column 4: expected ',' or ']', found '2'"},
		{"{\"a\" 1}", "line 1, column 6: expected ':' after a key, found '1'"},
		{"{\"a\":\n  [}\n}", "line 2, column 4: expected a JSON value, found '}'"},
		{"[1}", "line 1, column 3: expected ',' or ']', found '}'"},
		{"{\"a\":1]", "line 1, column 7: expected ',' or '}', found ']'"},
		{"[", "line 1, column 2: expected a JSON value, but the text ends here"},
		{"{\"a\":tru}", "line 1, column 6: expected a JSON value, found 't'"},
		{"[nul", "line 1, column 2: expected a JSON value, found 'n'"},
		{"[01]", "line 1, column 2: a number that JSON doesn't allow"},
		{"[-]", "line 1, column 2: a number that JSON doesn't allow"},
		{"[1.]", "line 1, column 2: a number that JSON doesn't allow"},
		{"[1e+]", "line 1, column 2: a number that JSON doesn't allow"},
		{"[+1]", "line 1, column 2: expected a JSON value, found '+'"},
		{"[\"abc", "line 1, column 2: a string that never ends"},
		{"[\"a\nb\"]", "line 1, column 4: control octet 0x0a in a string"},
		{"[\"a\\x\"]", "line 1, column 4: an escape that JSON doesn't know"},
		{"[\"\\u12g4\"]", "line 1, column 3: an escape that JSON doesn't know"},
		{"[\"0123456789\xff\"]", "line 1, column 13: octet 0xff is no UTF-8"},
		{"[\"\xc0\x80\"]", "line 1, column 3: octet 0xc0 is no UTF-8"},
		{"[\"\xed\xa0\x80\"]", "line 1, column 3: octet 0xed is no UTF-8"},
		{"[\"\xf4\x90\x80\x80\"]", "line 1, column 3: octet 0xf4 is no UTF-8"},
		{"[\"\xe2\x82", "line 1, column 3: octet 0xe2 is no UTF-8"},
		{"[\f1]", "line 1, column 2: expected a JSON value, found octet 0x0c"},
		{"{} {}", "line 1, column 4: text after the value"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct why why = {{0}};
		assert_int_equal(read_text(cases[i].text, strlen(cases[i].text), &why), ERR_INVALID);
		assert_string_equal(why.text, cases[i].why);
	}
}

static const char *const TEXTS[] = {
	"0",
	"-0",
	"-0.5e-7",
	"1E+2",
	"1.",
	".5",
	"00",
	"--1",
	"0x10",
	"1e",
	"true",
	"truee",
	"null",
	"\"\"",
	"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
	"\"\\u00e9\\ud83d\\ude00\"",
	"\"\t\"",
	"\"\x7f\"",
	"\"\xc3\xa9\"",
	"\"\xe0\x80\x80\"",
	"\"\xf0\x9f\x98\x80\"",
	"\"\xf5\x80\x80\x80\"",
	"[]",
	"[ ]",
	"[[],{}]",
	"[,]",
	"[1,,2]",
	"{}",
	"{ }",
	"{\"\":0}",
	"{\"a\":{\"b\":[1,2]}}",
	"{a:1}",
	"{'a':1}",
	"{\"a\":1 \"b\":2}",
	"{\"a\":}",
	"{\"a\"}",
	"{1:2}",
	"]",
	"}",
	"{]",
	"[}",
	"/**/1",
	"1 2",
	"[1]x",
	"\xef\xbb\xbf[]",
	"NaN",
	"Infinity",
	"\"",
	"\"\\",
	"\"\\u",
	"[\"a\",]",
	"[1e5,-1.5,0.0]",
	"\r\n\t [ \r\n\t 1 \r\n\t , \r\n\t 2 \r\n\t ] \r\n\t ",
	"\v[]",
};

static void agrees_with_jansson(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
		struct why why;
		json_error_t error;
		size_t size = strlen(TEXTS[i]);
		json_t *other = json_loadb(TEXTS[i], size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
		if ((read_text(TEXTS[i], size, &why) == ERR_OK) != (other != NULL))
			fail_msg("%s: jansson %s it", TEXTS[i], other != NULL ? "takes" : "refuses");
		json_decref(other);
	}
}

/* Every text that differs in one octet from a good one: no other judgement than jansson's. */
static void agrees_with_jansson_on_damaged_text(void **state)
{
	(void)state;
	static const char GOOD[] =
		"{\"a\\n\":[1.5e3,-20,\"\xc3\xa9\\u0041\",true,null],\"b\":{\"c\":[]}}";
	char text[sizeof GOOD];
	for (size_t at = 0; at + 1 < sizeof GOOD; at++) {
		/* Not 0, which jansson 2.14 overlooks behind a number. */
		for (unsigned octet = 1; octet < 256; octet++) {
			memcpy(text, GOOD, sizeof GOOD);
			text[at] = (char)octet;
			struct why why;
			json_error_t error;
			json_t *other =
				json_loadb(text, sizeof GOOD - 1, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
			enum err err = read_text(text, sizeof GOOD - 1, &why);
			/* A double too large is grammar all the same. */
			if (other == NULL && json_error_code(&error) == json_error_numeric_overflow)
				assert_int_equal(err, ERR_OK);
			else if ((err == ERR_OK) != (other != NULL))
				fail_msg("%s: jansson %s it (%s)", text, other != NULL ? "takes" : "refuses",
				         error.text);
			json_decref(other);
		}
	}
}

static void decodes_strings(void **state)
{
	(void)state;
	const struct {
		const char *text, *value;
		size_t size;
	} cases[] = {
		{"\"plain text of more than eight\"", "plain text of more than eight", 29},
		{"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8},
		{"\"a\\u0000b\"", "a\0b", 3},
		{"\"\\u00E9\\u20ac\"", "\xc3\xa9\xe2\x82\xac", 5},
		{"\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80", 4},
		{"\"\\ud83dx\"", "\xef\xbf\xbdx", 4},
		{"\"\\ude00\\ud83d\"", "\xef\xbf\xbd\xef\xbf\xbd", 6},
		{"\"\\ud83d\\u0041\"",
	     "\xef\xbf\xbd"
	     "A",
	     4},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct nodes nodes;
		struct why why;
		nodes_init(&nodes);
		assert_int_equal(nodes_read_whole(&nodes, bytes_of(cases[i].text), &why), ERR_OK);
		struct bytes value = node_text(&nodes, NODE_ROOT);
		assert_int_equal(value.size, cases[i].size);
		assert_memory_equal(value.data, cases[i].value, value.size);
		nodes_clear(&nodes);
	}
}

static void finds_the_last_member_of_a_key(void **state)
{
	(void)state;
	struct nodes nodes;
	struct why why;
	nodes_init(&nodes);
	assert_int_equal(
		nodes_read_whole(&nodes,
	                     bytes_of("{\"a\":1,\"A\":2,\"b\":{\"a\":9},\"\\u0061\":3,\"A\":4}"), &why),
		ERR_OK);
	assert_true(bytes_equal(node_text(&nodes, node_member(&nodes, NODE_ROOT, "a")), bytes_of("3")));
	assert_true(
		bytes_equal(node_text(&nodes, node_member_nocase(&nodes, NODE_ROOT, "a")), bytes_of("4")));
	assert_int_equal(node_type(&nodes, node_member(&nodes, NODE_ROOT, "c")), NODE_NONE);
	assert_int_equal(node_member(&nodes, NODE_ABSENT, "a"), NODE_ABSENT);
	nodes_clear(&nodes);
}

static void refuses_depth_beyond_the_maximum(void **state)
{
	(void)state;
	char text[2 * STATE_DEPTH_MAX + 2];
	struct why why = {{0}};
	memset(text, '[', STATE_DEPTH_MAX);
	memset(text + STATE_DEPTH_MAX, ']', STATE_DEPTH_MAX);
	assert_int_equal(read_text(text, (size_t)2 * STATE_DEPTH_MAX, &why), ERR_OK);
	memset(text, '[', STATE_DEPTH_MAX + 1);
	memset(text + STATE_DEPTH_MAX + 1, ']', STATE_DEPTH_MAX + 1);
	assert_int_equal(read_text(text, sizeof text, &why), ERR_INVALID);
	assert_string_equal(why.text, "line 1, column 65: more than 64 brackets deep");
}

static void skips_values_by_their_brackets(void **state)
{
	(void)state;
	const struct {
		const char *text;
		size_t at; /* 0: it doesn't end */
	} cases[] = {
		{"\"a\\\\\" x", 5}, {"\"a\\\"b\" x", 6}, {"{\"]\":[{}]} x", 10}, {"true,", 4},
		{" 12]", 3},        {"[[]", 0},          {"\"abc\\\"", 0},       {"", 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct scan scan;
		scan_init(&scan, bytes_of(cases[i].text));
		assert_int_equal(scan_skip(&scan), cases[i].at != 0);
		if (cases[i].at != 0)
			assert_int_equal(scan.at, cases[i].at);
	}
}

static void members_are_found_without_judging(void **state)
{
	(void)state;
	static const struct {
		const char *text, *value; /* of "a"; NULL: not found */
	} CASES[] = {
		{"", NULL},
		{"[]", NULL},
		{"{}", NULL},
		{"{\"b\":1}", NULL},
		{" { \"a\" : 12 } ", "12"},
		{"{\"a\":1,\"a\":2}", "2"},
		{"{\"b\":{\"a\":1},\"a\":[{]}", "[{]}"},
		{"{\"b\":\"}\\\"\",\"a\":\"x\"}", "\"x\""},
		{"{\"a\":1,", "1"},
		{"{\"a\":1,\"b\":[", NULL},
		{"{\"a\"", NULL},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct bytes value;
		bool found = scan_member(bytes_of(CASES[i].text), "a", &value);
		assert_int_equal(found, CASES[i].value != NULL);
		assert_true(bytes_equal(value, bytes_of(found ? CASES[i].value : "")) || !found);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_found_without_judging),
		cmocka_unit_test(says_where_text_stops_being_json),
		cmocka_unit_test(agrees_with_jansson),
		cmocka_unit_test(agrees_with_jansson_on_damaged_text),
		cmocka_unit_test(decodes_strings),
		cmocka_unit_test(finds_the_last_member_of_a_key),
		cmocka_unit_test(refuses_depth_beyond_the_maximum),
		cmocka_unit_test(skips_values_by_their_brackets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
