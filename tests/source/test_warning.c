/* What an API server says in Warning headers, as a reader of them sees it. */
#include "warning.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

/* All that is taken of a header's value, with a bar behind each. */
static void taken(struct bytes value, char *out, size_t size)
{
	char text[WARNING_TEXT_SIZE];
	size_t used = 0;
	out[0] = '\0';
	while (warning_take(&value, text) && used < size)
		used += (size_t)snprintf(out + used, size - used, "%s|", text);
	assert_int_equal(value.size, 0);
}

static void texts(void **state)
{
	(void)state;
	static const struct {
		const char *value, *texts;
	} CASES[] = {
		{"299 - \"v1 Endpoints is deprecated in v1.33+\"", "v1 Endpoints is deprecated in v1.33+|"},
		{"299 kube-apiserver \"a\"", "a|"},
		{"  299\t-  \"a\"  ", "a|"},
		/* several, as a proxy may join them */
		{"299 - \"a, b\", 299 - \"c\",299 - \"d\"", "a, b|c|d|"},
		{"299 - \"a\" \"Wed, 25 Nov 2026 18:00:00 GMT\", 299 - \"b\"", "a|b|"},
		/* of a cache, which is nothing that Kubernetes says */
		{"110 - \"Response is stale\", 299 - \"b\"", "b|"},
		{"299 - \"say \\\"x\\\" and \\\\\"", "say \"x\" and \\|"},
		{"299 - \"one\x1b[2J\nforged\"", "one?[2J?forged|"},
		{"299 - \"\xff\"", "?|"},
		/* what can't be read is passed over, with all behind it */
		{"", ""},
		{"299", ""},
		{"299 -", ""},
		{"299 - \"\"", ""},
		{"299 - a", ""},
		{"299 - \"a", ""},
		{"299 - \"a\\", ""},
		{"299 - \"a\" b", ""},
		{"299 - \"a\" \"b", ""},
		{"299 - \"a\", 299 - \"b", "a|"},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		char out[256];
		taken(bytes_of(CASES[i].value), out, sizeof out);
		assert_string_equal(out, CASES[i].texts);
	}
}

static void long_ones_are_cut(void **state)
{
	(void)state;
	static const char END[] = "\", 299 - \"b\"";
	char value[3 * WARNING_TEXT_SIZE], text[WARNING_TEXT_SIZE];
	(void)snprintf(value, sizeof value, "299 - \"%*s%s", 2 * WARNING_TEXT_SIZE, "x", END);
	struct bytes rest = bytes_of(value);
	assert_true(warning_take(&rest, text));
	assert_int_equal(strlen(text), WARNING_TEXT_SIZE - 1);
	assert_true(warning_take(&rest, text));
	assert_string_equal(text, "b");
	assert_false(warning_take(&rest, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts),
		cmocka_unit_test(long_ones_are_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
