/* name: labels put in front, and what lies below what. */
#include "fedns/dns.h"

#include "check.h"

#include <string.h>

static struct name name_of(const char *text)
{
	struct name name;
	struct why why;
	assert_int_equal(name_parse(bytes_of(text), &name, &why), ERR_OK);
	return name;
}

static void prepends_folded(void **state)
{
	(void)state;
	struct name name = name_of(".");
	assert_int_equal(name_prepend(&name, bytes_of("XYZ")), ERR_OK);
	assert_int_equal(name_prepend(&name, bytes_of("a.B")), ERR_OK);
	assert_true(bytes_equal(name_bytes(&name), (struct bytes){(const uint8_t *)"\3a.b\3xyz", 9}));
}

static void stops_at_255_octets(void **state)
{
	(void)state;
	uint8_t octets[LABEL_SIZE_MAX];
	memset(octets, 'x', sizeof octets);
	struct name name = name_of(".");
	for (int i = 0; i < 3; i++)
		assert_int_equal(name_prepend(&name, (struct bytes){octets, 63}), ERR_OK);
	struct name before = name; /* 193 octets */
	assert_int_equal(name_prepend(&name, (struct bytes){octets, 62}), ERR_LIMIT);
	assert_memory_equal(&name, &before, sizeof name);
	assert_int_equal(name_prepend(&name, (struct bytes){octets, 61}), ERR_OK);
	assert_int_equal(name.size, 255);
	assert_int_equal(name_prepend(&name, (struct bytes){octets, 1}), ERR_LIMIT);
}

static void knows_what_is_below(void **state)
{
	(void)state;
	const struct {
		const char *name, *above;
		bool below;
	} cases[] = {
		{"example.", "example.", true},
		{"a.example.", "example.", true},
		{"b.a.example.", "example.", true},
		{"a.example.", ".", true},
		{".", ".", true},
		{".", "example.", false},
		{"example.", "a.example.", false},
		{"xexample.", "example.", false},
		{"a.example.", "b.example.", false},
		{"example.a.", "example.", false},
		/* The octets match, the labels don't: \007 is the length octet of "example". */
		{"a\\007example.", "example.", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct name name = name_of(cases[i].name);
		struct name above = name_of(cases[i].above);
		assert_int_equal(name_at_or_below(&name, &above), cases[i].below);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prepends_folded),
		cmocka_unit_test(stops_at_255_octets),
		cmocka_unit_test(knows_what_is_below),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
