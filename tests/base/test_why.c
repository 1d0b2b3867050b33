/* why: sentences are replaced, wrapped outward and cut, never overrun. */
#include "fedns/base.h"

#include "check.h"

#include <string.h>

static void wraps_outward(void **state)
{
	(void)state;
	struct why why;
	why_set(&why, "HTTP %d: %s", 410, "Expired");
	why_wrap(&why, "watch %s", "services");
	why_wrap(&why, "cluster %s", "beijing");
	assert_string_equal(why.text, "cluster beijing: watch services: HTTP 410: Expired");
}

static void replaces_what_was_there(void **state)
{
	(void)state;
	struct why why;
	why_set(&why, "a long sentence");
	why_set(&why, "short");
	assert_string_equal(why.text, "short");
}

static void takes_arguments_that_are_its_own_text(void **state)
{
	(void)state;
	struct why why;
	why_set(&why, "inner");
	why_wrap(&why, "<%s>", why.text);
	assert_string_equal(why.text, "<inner>: inner");
	why_set(&why, "%s again", why.text);
	assert_string_equal(why.text, "<inner>: inner again");
}

static void leaves_no_colon_before_nothing(void **state)
{
	(void)state;
	struct why why = {{0}};
	why_wrap(&why, "context");
	assert_string_equal(why.text, "context");
}

static void cuts_what_is_too_long(void **state)
{
	(void)state;
	char longest[2 * WHY_TEXT_SIZE];
	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	struct why why;
	why_set(&why, "%s", longest);
	assert_int_equal(strlen(why.text), WHY_TEXT_SIZE - 1);
	why_wrap(&why, "ctx");
	assert_int_equal(strlen(why.text), WHY_TEXT_SIZE - 1);
	assert_memory_equal(why.text, "ctx: xxx", 8);
	why_wrap(&why, "%s", longest);
	assert_int_equal(strlen(why.text), WHY_TEXT_SIZE - 1);
	assert_int_equal(why.text[0], 'x');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wraps_outward),
		cmocka_unit_test(replaces_what_was_there),
		cmocka_unit_test(takes_arguments_that_are_its_own_text),
		cmocka_unit_test(leaves_no_colon_before_nothing),
		cmocka_unit_test(cuts_what_is_too_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
