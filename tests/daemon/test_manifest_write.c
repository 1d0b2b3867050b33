/* Trees as YAML: what is written is read as what it was, whatever is in it. */
#include "manifest_tree.h"

#include "check.h"

#include <string.h>

/* Writes `tree`, which is taken over, and reads it back. */
static void comes_back(json_t *tree)
{
	struct why why = {{0}};
	struct buf text;
	json_t *read = NULL;
	buf_init(&text, TREE_TEXT_MAX);
	assert_non_null(tree);
	assert_int_equal(tree_write(tree, &text), ERR_OK);
	enum err err = tree_read(buf_bytes(&text), &read, &why);
	if (err != ERR_OK || !json_equal(tree, read))
		print_error("%s: %.*s", why.text, BYTES_ARG(text));
	assert_int_equal(err, ERR_OK);
	assert_true(json_equal(tree, read));
	json_decref(read);
	json_decref(tree);
	buf_free(&text);
}

/* What YAML, or a terminal, may take for more than text. */
/* clang-format off */
static const char *const TEXTS[] = {
	"", " ", "a", "a b", "a: b", "a #b", "#", "- a", "-", "--- a", "...", "? a", "[a]", "{a}",
	"*a", "&a", "!a", "|", ">", "'", "\"", "\\", "%a", "@a", "`a", "true", "False", "NULL", "~",
	"Yes", "oN", "n", "1", "007", "0x1f", "1e3", "-1", ".inf", "12:30:45", "2026-11-23", "<<",
	"=", "a\nb", "a\nb\n", "a\n\nb\n", "a\n\n", "\n", "\na\n", " a\n", "a\n b\n", "a \n",
	"a\tb\n", "a\r\n", "---\n", "a\n---\nb: c\n", "\x01", "\x1b[31m", "\x7f", "\xc2\x85",
	"\xc2\xa0", "\xc3\xa4", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xef\xbb\xbf", "\xf0\x9f\x98\x80",
};
/* clang-format on */

static void texts_come_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
		const char *text = TEXTS[i];
		comes_back(json_pack("{s:s}", "key", text));
		comes_back(json_pack("{s:s}", text, "value"));
		comes_back(json_pack("{s:[s, s]}", "list", text, text));
		comes_back(json_pack("{s:[{s:s, s:{s:s}}]}", "list", text, text, "deep", text, text));
		comes_back(json_pack("{s:[[s], [], {}]}", "list", text));
	}
}

static void other_values_come_back(void **state)
{
	(void)state;
	comes_back(json_pack("{}"));
	comes_back(json_pack("{s:n, s:b, s:b, s:i}", "a", "b", 1, "c", 0, "d", 53));
	comes_back(json_pack("{s:{}, s:[], s:[{}, []]}", "a", "b", "c"));
	comes_back(json_pack("{s:[{s:[{s:[i, b]}]}]}", "a", "b", "c", 1, 1));
}

static void layout(void **state)
{
	(void)state;
	struct buf text;
	buf_init(&text, TREE_TEXT_MAX);
	json_t *tree =
		json_pack("{s:s, s:{s:i}, s:[s, {s:s, s:b}], s:s, s:{}}", "kind", "Pod", "spec", "replicas",
	              2, "list", "a b", "name", "x", "on", 1, "text", "first:\n  second\n", "none");
	assert_int_equal(tree_write(tree, &text), ERR_OK);
	assert_int_equal(buf_add(&text, (struct bytes){(const uint8_t *)"", 1}), ERR_OK);
	assert_string_equal((const char *)text.data, "kind: Pod\n"
	                                             "spec:\n"
	                                             "  replicas: 2\n"
	                                             "list:\n"
	                                             "  - \"a b\"\n"
	                                             "  - name: x\n"
	                                             "    \"on\": true\n"
	                                             "text: |\n"
	                                             "  first:\n"
	                                             "    second\n"
	                                             "none: {}\n");
	json_decref(tree);
	buf_free(&text);
}

static void what_is_not_yaml_is_refused(void **state)
{
	(void)state;
	struct why why = {{0}};
	json_t *tree;
	assert_int_equal(tree_read(bytes_of("a: b\nc: [\n"), &tree, &why), ERR_INVALID);
	assert_null(tree);
	assert_int_equal(strncmp(why.text, "line ", 5), 0);
}

static void room_runs_out(void **state)
{
	(void)state;
	json_t *tree = json_pack("{s:[{s:s}], s:s, s:i, s:[]}", "list", "key", "some text", "block",
	                         "a\nb\n", "number", 7, "none");
	struct buf text;
	buf_init(&text, TREE_TEXT_MAX);
	assert_int_equal(tree_write(tree, &text), ERR_OK);
	size_t whole = text.size;
	buf_free(&text);
	for (size_t room = 0; room < whole; room++) {
		buf_init(&text, room);
		assert_int_equal(tree_write(tree, &text), ERR_LIMIT);
		buf_free(&text);
	}
	json_decref(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_back), cmocka_unit_test(other_values_come_back),
		cmocka_unit_test(layout),          cmocka_unit_test(what_is_not_yaml_is_refused),
		cmocka_unit_test(room_runs_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
