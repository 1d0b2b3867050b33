/* yaml_read: what trees come of texts, what is refused and where, and that aliases can't outgrow
 * their bounds. */
#include "fedns/yaml.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

#define TEXT_MAX  64
#define NODES_MAX 40

static const struct yaml_limits PLAIN = {.text_max = TEXT_MAX};
static const struct yaml_limits ALIASES = {.text_max = TEXT_MAX, .aliased_nodes_max = NODES_MAX};

struct reading {
	struct region *region;
	struct yaml_node *root;
	unsigned line;
	struct why why;
	enum err err;
};

static struct reading read_by(const struct yaml_limits *limits, const char *text)
{
	struct reading reading = {.region = region_new()};
	assert_non_null(reading.region);
	reading.err = yaml_read(bytes_of(text), limits, reading.region, &reading.root, &reading.line,
	                        &reading.why);
	assert_int_equal(reading.root != NULL, reading.err == ERR_OK);
	return reading;
}

/* The tree in one line: scalars as they are, null as ~, lists in [], mappings in {}. */
static void dump(const struct yaml_node *node, char **at, const char *end)
{
	const char *open = node->kind == YAML_LIST ? "[" : "{", *separator = "";
	if (node->kind == YAML_SCALAR) {
		*at += snprintf(*at, (size_t)(end - *at), "%s",
		                yaml_is_null(node) ? "~" : (const char *)node->text.data);
		return;
	}
	*at += snprintf(*at, (size_t)(end - *at), "%s", open);
	for (const struct yaml_node *child = node->first; child != NULL; child = child->next) {
		*at += snprintf(*at, (size_t)(end - *at), "%s", separator);
		if (node->kind == YAML_MAP)
			*at += snprintf(*at, (size_t)(end - *at), "%s:", (const char *)child->key.data);
		else
			assert_int_equal(child->key.size, 0);
		dump(child, at, end);
		separator = ",";
	}
	*at += snprintf(*at, (size_t)(end - *at), "%s", node->kind == YAML_LIST ? "]" : "}");
	assert_true(*at < end);
}

static void trees_of_texts(void **state)
{
	(void)state;
	const struct {
		const struct yaml_limits *limits;
		const char *text, *tree;
	} cases[] = {
		{&PLAIN, "", "{}"},
		{&PLAIN, "# nothing\n", "{}"},
		{&PLAIN, "null", "{}"},
		{&PLAIN, "\xef\xbb\xbf", "{}"},
		{&PLAIN, "\xef\xbb\xbf# an editor's mark\r\na: 1\r\n", "{a:1}"},
		{&PLAIN, "a: 1\nb: [x, 'y']\nc:\n", "{a:1,b:[x,y],c:~}"},
		{&PLAIN, "{\"a\":{\"b\":[1,\"\\u00e9\"]},\t\"c\":null}", "{a:{b:[1,é]},c:~}"},
		{&ALIASES, "a: &x {k: v}\nb: *x\nc: [*x, *x]\n", "{a:{k:v},b:{k:v},c:[{k:v},{k:v}]}"},
		{&ALIASES, "a: &x 1\nb: &x 2\nc: *x\n", "{a:1,b:2,c:2}"},
		{&ALIASES, "&x a: b\nc: {*x : d}\n", "{a:b,c:{a:d}}"},
		{&ALIASES, "a: &x [1]\nb: &y [*x]\nc: *y\n", "{a:[1],b:[[1]],c:[[1]]}"},
		{&ALIASES, "a: &x\nb: *x\n", "{a:~,b:~}"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct reading reading = read_by(cases[i].limits, cases[i].text);
		if (reading.err != ERR_OK)
			fail_msg("%s: %s", cases[i].text, reading.why.text);
		char text[256], *at = text;
		dump(reading.root, &at, text + sizeof text);
		assert_string_equal(text, cases[i].tree);
		region_wipe(reading.region);
	}
}

static void refusals_say_where(void **state)
{
	(void)state;
	static const char LAUGHS[] = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\n";
	const struct {
		const struct yaml_limits *limits;
		const char *text;
		unsigned line;
		const char *why;
	} cases[] = {
		{&PLAIN, "a: 1\nb: &x 2\n", 2, "anchors (&) are not understood here; write the value out"},
		{&PLAIN, "a: *x\n", 1, "aliases (*) are not understood here; write the value out"},
		{&PLAIN, "a: !!int 1\n", 1, "tags (!) are not understood here; leave it out"},
		{&ALIASES, "a: 1\nb: !x {}\n", 2, "tags (!) are not understood here; leave it out"},
		{&ALIASES, "a: 1\nb: *x\n", 2, "the alias *x has no anchor &x before it"},
		{&ALIASES, "a: &x\n  b: *x\n", 2, "the alias *x stands inside of what it means"},
		{&ALIASES, "a: &x [1]\n*x : 2\n", 2, "a list or mapping can't be a key"},
		{&ALIASES, "a: &x 1\n1: 2\n*x : 2\n", 3,
	     "key \"1\" is here a second time; the first is in line 2"},
		{&ALIASES, LAUGHS, 3, "more than 40 values, those that aliases stand for included"},
		{&PLAIN, "a: 1\na: 2\n", 2, "key \"a\" is here a second time; the first is in line 1"},
		{&PLAIN, "--- 1\n--- 2\n", 2, "a second document; there must be one"},
		{&PLAIN, "\na: \"\\0\"\n", 2, "a text with a NUL octet in it"},
		{&PLAIN, "\xef\xbb\xbfx: 1\nx: 2\n", 2,
	     "key \"x\" is here a second time; the first is in line 1"},
		{&PLAIN, "a: 1\nb: \377\n", 2, "octet 9 of the file is not UTF-8"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct reading reading = read_by(cases[i].limits, cases[i].text);
		assert_int_equal(reading.err, ERR_INVALID);
		assert_string_equal(reading.why.text, cases[i].why);
		assert_int_equal(reading.line, cases[i].line);
		region_free(reading.region);
	}
}

/* Forty levels, each an alias of the one before: none of the texts nests more than two. */
static void aliases_nest_no_deeper_than_text_may(void **state)
{
	(void)state;
	const struct yaml_limits limits = {.text_max = TEXT_MAX, .aliased_nodes_max = 100000};
	char text[2048], *at = text;
	at += snprintf(at, 16, "a0: &a0 []\n");
	for (int i = 1; i <= 40; i++)
		at += snprintf(at, 64, "a%d: &a%d [*a%d]\n", i, i, i - 1);
	struct reading reading = read_by(&limits, text);
	assert_int_equal(reading.err, ERR_INVALID);
	assert_string_equal(reading.why.text, "lists and mappings nested more than 32 deep");
	assert_int_equal(reading.line, 32);
	region_free(reading.region);
}

static void bounds_hold_to_the_octet(void **state)
{
	(void)state;
	char text[TEXT_MAX + 2] = {0};
	memset(text, 'x', TEXT_MAX);
	struct reading reading = read_by(&PLAIN, text);
	assert_int_equal(reading.err, ERR_OK);
	region_free(reading.region);
	text[TEXT_MAX] = 'x';
	reading = read_by(&PLAIN, text);
	assert_string_equal(reading.why.text, "a text of more than 64 octets");
	region_free(reading.region);
}

static void members_are_found_by_key(void **state)
{
	(void)state;
	struct reading reading = read_by(&PLAIN, "a: 1\nb:\n");
	assert_int_equal(reading.err, ERR_OK);
	assert_true(bytes_equal(yaml_member(reading.root, "a")->text, bytes_of("1")));
	assert_true(yaml_is_null(yaml_member(reading.root, "b")));
	assert_null(yaml_member(reading.root, "c"));
	assert_null(yaml_member(yaml_member(reading.root, "a"), "a"));
	assert_null(yaml_member(NULL, "a"));
	region_free(reading.region);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trees_of_texts),
		cmocka_unit_test(refusals_say_where),
		cmocka_unit_test(aliases_nest_no_deeper_than_text_may),
		cmocka_unit_test(bounds_hold_to_the_octet),
		cmocka_unit_test(members_are_found_by_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
