/* rcode_text: the word of each code that we know, and the number of all others. */
#include "check.h"

#include "fedns/dns.h"

static void codes_have_words_or_numbers(void **state)
{
	static const struct {
		unsigned rcode;
		const char *text;
		bool known;
	} CASES[] = {
		{RCODE_NOERROR, "NOERROR", true},
		{RCODE_REFUSED, "REFUSED", true},
		{RCODE_BADVERS, "BADVERS", true},
		{RCODE_BADCOOKIE, "BADCOOKIE", true},
		{9, "RCODE9", false},   /* between those we know */
		{24, "RCODE24", false}, /* above them */
		{4095, "RCODE4095", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		char text[RCODE_TEXT_SIZE];
		assert_int_equal(rcode_text(CASES[i].rcode, text), CASES[i].known);
		assert_string_equal(text, CASES[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_have_words_or_numbers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
