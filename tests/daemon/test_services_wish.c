/* The arguments of `services`: as JSON has them, and as a URL does. */
#include "services_wish.h"

#include "check.h"

#include <string.h>

static enum err read_text(const char *text, struct services_wish *out)
{
	struct why why = {{0}};
	json_t *arguments = json_loads(text, JSON_ALLOW_NUL, NULL);
	assert_non_null(arguments);
	enum err err = services_wish_read(arguments, out, &why);
	assert_true((err == ERR_OK) == (why.text[0] == '\0'));
	json_decref(arguments);
	return err;
}

static void none_is_all_of_them(void **state)
{
	(void)state;
	struct services_wish wish;
	assert_int_equal(read_text("{}", &wish), ERR_OK);
	assert_false(wish.paged || wish.troubled || wish.levels || wish.summary);
	assert_string_equal(wish.find, "");
	assert_int_equal(read_text("{\"find\": \"NG\", \"levels\": true}", &wish), ERR_OK);
	assert_false(wish.paged);
	assert_true(wish.levels);
	assert_string_equal(wish.find, "ng");
}

static void pages_are_wished_for(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t limit;
	} CASES[] = {
		{"{\"limit\": 1}", 1},
		{"{\"limit\": \"200\"}", 200},
		{"{\"troubled\": \"1\"}", SERVICES_PAGE_DEFAULT},
		{"{\"after\": \"0/a/b\"}", SERVICES_PAGE_DEFAULT},
		{"{\"summary\": true, \"limit\": 7, \"troubled\": \"false\"}", 7},
	};
	struct services_wish wish;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		assert_int_equal(read_text(CASES[i].text, &wish), ERR_OK);
		assert_true(wish.paged);
		assert_int_equal(wish.limit, CASES[i].limit);
	}
}

static void what_is_wrong_is_refused(void **state)
{
	(void)state;
	static const char *const CASES[] = {
		"{\"limit\": 0}",         "{\"limit\": -1}",       "{\"limit\": 201}",
		"{\"limit\": \"\"}",      "{\"limit\": \"1x\"}",   "{\"limit\": true}",
		"{\"limit\": 1.0}",       "{\"find\": null}",      "{\"find\": \"a\\u0000\"}",
		"{\"after\": 3}",         "{\"troubled\": \"\"}",  "{\"levels\": 1}",
		"{\"summary\": \"yes\"}", "{\"name\": \"nginx\"}",
	};
	struct services_wish wish;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
		assert_int_equal(read_text(CASES[i], &wish), ERR_INVALID);
}

static void texts_have_a_longest_size(void **state)
{
	(void)state;
	struct services_wish wish;
	char text[SERVICES_FIND_SIZE_MAX + 2];
	for (size_t size = SERVICES_FIND_SIZE_MAX; size <= SERVICES_FIND_SIZE_MAX + 1; size++) {
		struct why why;
		memset(text, 'a', size);
		text[size] = '\0';
		json_t *arguments = json_pack("{s:s}", "find", text);
		assert_int_equal(services_wish_read(arguments, &wish, &why),
		                 size <= SERVICES_FIND_SIZE_MAX ? ERR_OK : ERR_INVALID);
		json_decref(arguments);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_is_all_of_them),
		cmocka_unit_test(pages_are_wished_for),
		cmocka_unit_test(what_is_wrong_is_refused),
		cmocka_unit_test(texts_have_a_longest_size),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
