/* base64: the vectors of RFC 4648 section 10 both ways, and what isn't base64. */
#include "fedns/base64.h"

#include "check.h"

#include <string.h>

static void vectors_both_ways(void **state)
{
	(void)state;
	static const char *const VECTORS[][2] = {
		{"", ""},
		{"f", "Zg=="},
		{"go", "Z28="},
		{"foo", "Zm9v"},
		{"foob", "Zm9vYg=="},
		{"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"},
		{"\xfb\xef\xff", "++//"},
	};
	for (size_t i = 0; i < sizeof VECTORS / sizeof VECTORS[0]; i++) {
		char text[16];
		uint8_t octets[BASE64_DECODED_MAX(16)];
		size_t size;
		struct why why;
		base64_encode(bytes_of(VECTORS[i][0]), text);
		assert_string_equal(text, VECTORS[i][1]);
		assert_true(strlen(text) < BASE64_TEXT_SIZE(strlen(VECTORS[i][0])));
		assert_int_equal(base64_decode(bytes_of(text), octets, &size, &why), ERR_OK);
		assert_true(bytes_equal((struct bytes){octets, size}, bytes_of(VECTORS[i][0])));
	}
}

static void refuses_what_is_none(void **state)
{
	(void)state;
	static const char *const CUT[] = {"Z", "Zg", "Zg=", "Zm8", "Zm9v=", "Zg===", "=", "===="};
	static const char *const OTHER[] = {"Zg ==", "Zg==Zg==", "Zm-_", "Zm9v\t", "Zm=v"};
	uint8_t octets[BASE64_DECODED_MAX(16)];
	size_t size;
	struct why why;
	for (size_t i = 0; i < sizeof CUT / sizeof CUT[0]; i++) {
		assert_int_equal(base64_decode(bytes_of(CUT[i]), octets, &size, &why), ERR_INVALID);
		assert_string_equal(why.text, "not base64: it is cut off");
	}
	for (size_t i = 0; i < sizeof OTHER / sizeof OTHER[0]; i++)
		assert_int_equal(base64_decode(bytes_of(OTHER[i]), octets, &size, &why), ERR_INVALID);
	assert_int_equal(base64_decode(bytes_of("Zm\r\n9v\n"), octets, &size, &why), ERR_OK);
	assert_int_equal(size, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_both_ways),
		cmocka_unit_test(refuses_what_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
