/* buf: grows to its maximum and not beyond; a refused addition changes nothing. */
#include "fedns/base.h"

#include "check.h"

#include <stdio.h>

static void assert_holds(const struct buf *buf, const char *text)
{
	assert_true(bytes_equal(buf_bytes(buf), bytes_of(text)));
}

static void adds_and_prints(void **state)
{
	(void)state;
	struct buf buf;
	buf_init(&buf, 100);
	assert_holds(&buf, "");
	assert_int_equal(buf_add(&buf, bytes_of(NULL)), ERR_OK);
	assert_null(buf.data);
	assert_int_equal(buf_add(&buf, bytes_of("ab")), ERR_OK);
	assert_int_equal(buf_printf(&buf, "-%s-%d", "cd", 7), ERR_OK);
	assert_int_equal(buf_printf(&buf, "%s", ""), ERR_OK);
	assert_holds(&buf, "ab-cd-7");
	buf_free(&buf);
	assert_holds(&buf, "");
	assert_int_equal(buf_add(&buf, bytes_of("again")), ERR_OK);
	assert_holds(&buf, "again");
	buf_free(&buf);
}

static void fills_to_the_last_octet(void **state)
{
	(void)state;
	struct buf buf;
	buf_init(&buf, 5);
	assert_int_equal(buf_printf(&buf, "%s", "12345"), ERR_OK);
	assert_holds(&buf, "12345");
	assert_int_equal(buf_add(&buf, bytes_of("6")), ERR_LIMIT);
	assert_int_equal(buf_printf(&buf, "6"), ERR_LIMIT);
	assert_holds(&buf, "12345");
	buf_free(&buf);
}

static void refuses_whole_additions(void **state)
{
	(void)state;
	struct buf buf;
	buf_init(&buf, 5);
	assert_int_equal(buf_printf(&buf, "%s", "123456"), ERR_LIMIT);
	assert_null(buf.data);
	assert_int_equal(buf_add(&buf, bytes_of("123")), ERR_OK);
	assert_int_equal(buf_printf(&buf, "%s", "456"), ERR_LIMIT);
	assert_int_equal(buf_add(&buf, (struct bytes){buf.data, SIZE_MAX}), ERR_LIMIT);
	assert_holds(&buf, "123");
	assert_int_equal(buf_printf(&buf, "%s", "45"), ERR_OK);
	assert_holds(&buf, "12345");
	buf_free(&buf);
	buf_init(&buf, 0);
	assert_int_equal(buf_add(&buf, bytes_of("1")), ERR_LIMIT);
	buf_free(&buf);
}

static void keeps_content_while_growing(void **state)
{
	(void)state;
	enum { COUNT = 20000 };
	struct buf buf;
	buf_init(&buf, SIZE_MAX);
	for (unsigned i = 0; i < COUNT; i++)
		assert_int_equal(buf_printf(&buf, "%05u", i), ERR_OK);
	assert_int_equal(buf.size, 5 * COUNT);
	for (unsigned i = 0; i < COUNT; i++) {
		char text[16];
		(void)snprintf(text, sizeof text, "%05u", i);
		assert_memory_equal(buf.data + (size_t)i * 5, text, 5);
	}
	assert_true(buf.room < 4 * buf.size);
	buf_free(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_and_prints),
		cmocka_unit_test(fills_to_the_last_octet),
		cmocka_unit_test(refuses_whole_additions),
		cmocka_unit_test(keeps_content_while_growing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
