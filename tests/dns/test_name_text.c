/* name_parse, name_text: presentation format both ways. */
#include "fedns/dns.h"

#include "check.h"

#include <string.h>

static void reads_and_writes(void **state)
{
	(void)state;
	const struct {
		const char *text;
		const char *wire; /* without the root label: the literal's NUL is it */
		const char *written;
	} cases[] = {
		{".", "", "."},
		{"example", "\7example", "example."},
		{"NS1.Example.", "\3ns1\7example", "ns1.example."},
		{"a\\.b.c", "\3a.b\1c", "a\\.b.c."},
		{"\\065\\066.", "\2ab", "ab."},
		{"\\A\\-b", "\3a-b", "a-b."},
		{"x\\032y", "\3x y", "x\\032y."},
		{"\\255\\127\\009", "\3\xff\x7f\x09", "\\255\\127\\009."},
		{"\\\\.\\\"", "\1\\\1\"", "\\\\.\\\"."},
		{"a;b", "\3a;b", "a\\;b."},
		{"(@$)", "\4(@$)", "\\(\\@\\$\\)."},
		{"*.example.", "\1*\7example", "*.example."},
		{"_http._tcp.", "\5_http\4_tcp", "_http._tcp."},
		{"\\ ", "\1 ", "\\032."},
		{"\\..", "\1.", "\\.."},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct name name;
		struct why why = {{0}};
		assert_int_equal(name_parse(bytes_of(cases[i].text), &name, &why), ERR_OK);
		assert_int_equal(name.size, strlen(cases[i].wire) + 1);
		assert_memory_equal(name.octets, cases[i].wire, name.size);
		char text[NAME_TEXT_SIZE];
		name_text(name_bytes(&name), text);
		assert_string_equal(text, cases[i].written);
	}
}

static void refuses_what_is_no_name(void **state)
{
	(void)state;
	const struct {
		const char *text, *why;
	} cases[] = {
		{"", "a name is empty"},
		{"..", "name \"..\": a label is empty"},
		{".a", "name \".a\": a label is empty"},
		{"a..b", "name \"a..b\": a label is empty"},
		{"a..", "name \"a..\": a label is empty"},
		{"a\\", "name \"a\\\": nothing follows the last \\"},
		{"\\25", "name \"\\25\": \\ and a digit must be three digits, 000 to 255"},
		{"\\256", "name \"\\256\": \\ and a digit must be three digits, 000 to 255"},
		{"\\1a2", "name \"\\1a2\": \\ and a digit must be three digits, 000 to 255"},
		{"\\12.", "name \"\\12.\": \\ and a digit must be three digits, 000 to 255"},
		{"a b", "name \"a b\": octet 32 must be written \\032"},
		{"\xc3\xa9", "name \"\xc3\xa9\": octet 195 must be written \\195"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct name name = {.size = 9};
		struct why why = {{0}};
		assert_int_equal(name_parse(bytes_of(cases[i].text), &name, &why), ERR_INVALID);
		assert_int_equal(name.size, 0);
		assert_string_equal(why.text, cases[i].why);
	}
}

static void refuses_a_nul_as_it_stands(void **state)
{
	(void)state;
	struct name name;
	struct why why;
	struct bytes text = {(const uint8_t *)"a\0b", 3};
	assert_int_equal(name_parse(text, &name, &why), ERR_INVALID);
}

/* Labels of `sizes` octets, each written plain or as \DDD; with or without a final dot. */
static size_t labels_text(const size_t *sizes, bool escaped, bool dot, char *text)
{
	char *out = text;
	for (; *sizes != 0; sizes++) {
		for (size_t i = 0; i < *sizes; i++) {
			memcpy(out, escaped ? "\\120" : "x", escaped ? 4 : 1);
			out += escaped ? 4 : 1;
		}
		*out++ = '.';
	}
	return (size_t)(out - text) - (dot ? 0 : 1);
}

static void keeps_to_the_sizes(void **state)
{
	(void)state;
	const struct {
		size_t labels[6];
		size_t size; /* of the name; 0: refused */
	} cases[] = {
		{{63}, 65},
		{{64}, 0},
		{{1, 64}, 0},
		{{200}, 0},
		{{63, 63, 63, 61}, 255},
		{{63, 63, 63, 62}, 0},
		{{63, 63, 63, 63}, 0},
		{{63, 63, 63, 59, 1}, 255},
		{{63, 63, 63, 60, 1}, 0},
		{{63, 63, 63, 61, 1}, 0},
	};
	for (size_t i = 0; i < 4 * sizeof cases / sizeof cases[0]; i++) {
		char text[2000];
		size_t size = labels_text(cases[i / 4].labels, (i & 1) != 0, (i & 2) != 0, text);
		struct name name;
		struct why why = {{0}};
		enum err err = name_parse((struct bytes){(const uint8_t *)text, size}, &name, &why);
		assert_int_equal(err, cases[i / 4].size == 0 ? ERR_INVALID : ERR_OK);
		assert_int_equal(name.size, cases[i / 4].size);
	}
}

static void holds_127_labels(void **state)
{
	(void)state;
	char text[2 * 128 + 1] = "";
	for (size_t i = 0; i < 127; i++)
		memcpy(text + 2 * i, "a.", 3);
	struct name name;
	struct why why;
	assert_int_equal(name_parse(bytes_of(text), &name, &why), ERR_OK);
	assert_int_equal(name.size, 255);
	char written[NAME_TEXT_SIZE];
	name_text(name_bytes(&name), written);
	assert_string_equal(written, text);
	assert_int_equal(name_compare(name_bytes(&name), name_bytes(&name)), 0);
	memcpy(text + 2 * 127, "a.", 3);
	assert_int_equal(name_parse(bytes_of(text), &name, &why), ERR_INVALID);
}

static void any_octet_comes_back(void **state)
{
	(void)state;
	for (unsigned octet = 0; octet < 256; octet++) {
		uint8_t wire[] = {1, octet_lower((uint8_t)octet), 0};
		char text[NAME_TEXT_SIZE];
		name_text((struct bytes){wire, sizeof wire}, text);
		struct name name;
		struct why why;
		assert_int_equal(name_parse(bytes_of(text), &name, &why), ERR_OK);
		assert_int_equal(name.size, sizeof wire);
		assert_memory_equal(name.octets, wire, sizeof wire);
	}
}

static void the_longest_text_fits(void **state)
{
	(void)state;
	struct name name = {.size = 255};
	for (size_t at = 0; at < 254; at += 64)
		name.octets[at] = at + 64 < 254 ? 63 : (uint8_t)(254 - at - 1);
	for (size_t at = 0; at < 254; at++)
		name.octets[at] = at % 64 == 0 ? name.octets[at] : 0xff;
	char text[NAME_TEXT_SIZE];
	name_text(name_bytes(&name), text);
	assert_int_equal(strlen(text), 4 * 250 + 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes),           cmocka_unit_test(refuses_what_is_no_name),
		cmocka_unit_test(refuses_a_nul_as_it_stands), cmocka_unit_test(keeps_to_the_sizes),
		cmocka_unit_test(holds_127_labels),           cmocka_unit_test(any_octet_comes_back),
		cmocka_unit_test(the_longest_text_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
