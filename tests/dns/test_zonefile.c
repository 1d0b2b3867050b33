/* rrset_text, rdata_text, type_text: master-file lines through ldns, all or nothing. */
#include "fedns/dns.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t WWW[] = "\3www\7example";

#define BYTES(literal)                                                                             \
	{                                                                                              \
		(const uint8_t *)(literal), sizeof(literal) - 1                                            \
	}

/* What `type` and `rdata` become, or the sentence; both in `text`. */
static enum err line_of(uint16_t type, struct bytes rdata, char *text, size_t room)
{
	struct rrset set = {
		.owner = {WWW, sizeof WWW}, .type = type, .count = 1, .ttl_s = 180, .rdata = &rdata};
	struct buf out;
	struct why why = {{0}};
	buf_init(&out, 1 << 20);
	assert_int_equal(buf_add(&out, bytes_of("before ")), ERR_OK);
	enum err err = rrset_text(&set, 0, &out, &why);
	assert_memory_equal(out.data, "before ", 7);
	if (err != ERR_OK)
		assert_int_equal(out.size, 7);
	assert_true(out.size - 7 < room);
	memcpy(text, out.data + 7, out.size - 7);
	text[out.size - 7] = '\0';
	if (err != ERR_OK)
		(void)snprintf(text, room, "%s", why.text);
	buf_free(&out);
	return err;
}

static void writes_each_type(void **state)
{
	(void)state;
	const struct {
		uint16_t type;
		struct bytes rdata;
		const char *line;
	} cases[] = {
		{TYPE_A, BYTES("\x78\x37\x95\x45"), "A 120.55.149.69"},
		{TYPE_AAAA, BYTES("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"), "AAAA 2001:db8::1"},
		{TYPE_NS, BYTES("\3ns1\7example\0"), "NS ns1.example."},
		{TYPE_CNAME, BYTES("\0"), "CNAME ."},
		{TYPE_CNAME, BYTES("\3a.b\2@\"\0"), "CNAME a\\.b.\\@\\\"."},
		{TYPE_SOA,
	     BYTES("\2ns\0\4a\\.b\1c\0\x80\0\0\1\0\0\x0e\x10\0\0\2\x58\0\1\x51\x80\0\0\0\x1e"),
	     "SOA ns. a\\\\\\.b.c. 2147483649 3600 600 86400 30"},
		{TYPE_TXT, BYTES("\3a\"b\0\2\xff;"), "TXT \"a\\\"b\" \"\" \"\\255;\""},
		{TYPE_HINFO, BYTES("\7RFC8482\0"), "HINFO \"RFC8482\" \"\""},
		{TYPE_SRV, BYTES("\0\1\0\2\0\x50\1x\0"), "SRV 1 2 80 x."},
		{65280, BYTES("\1\2\xab"), "TYPE65280 \\# 3 0102ab"},
		{65280, {NULL, 0}, "TYPE65280 \\# 0"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[2000];
		char expected[200];
		(void)snprintf(expected, sizeof expected, "www.example. 180 IN %s\n", cases[i].line);
		assert_int_equal(line_of(cases[i].type, cases[i].rdata, text, sizeof text), ERR_OK);
		assert_string_equal(text, expected);
	}
}

static void refuses_rdata_of_another_shape(void **state)
{
	(void)state;
	const struct {
		uint16_t type;
		struct bytes rdata;
	} cases[] = {
		{TYPE_A, {NULL, 0}},
		{TYPE_A, BYTES("\1\2\3")},
		{TYPE_A, BYTES("\1\2\3\4\5")},
		{TYPE_AAAA, BYTES("\1\2\3\4")},
		{TYPE_AAAA, BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")},
		{TYPE_NS, {NULL, 0}},
		{TYPE_NS, BYTES("\3ns")},
		{TYPE_NS, BYTES("\2ns")},
		{TYPE_NS, BYTES("\2ns\0\0")},
		{TYPE_CNAME, BYTES("\xc0\x02")},
		{TYPE_CNAME, BYTES("\1a\xc0\x02")},
		{TYPE_CNAME, BYTES("\1a\xc0\x00")},
		{TYPE_SRV, BYTES("\0\1\0\2\0")},
		{TYPE_SRV, BYTES("\0\1\0\2\0\x50")},
		{TYPE_SRV, BYTES("\0\1\0\2\0\x50\1x\0\1")},
		{TYPE_SOA, BYTES("\2ns\0\1c\0\0\0\0\1\0\0\x0e\x10\0\0\2\x58\0\1\x51\x80\0\0\0")},
		{TYPE_SOA, BYTES("\2ns\0\1c\0\0\0\0\1\0\0\x0e\x10\0\0\2\x58\0\1\x51\x80")},
		{TYPE_TXT, {NULL, 0}},
		{TYPE_TXT, BYTES("\5abc")},
		{TYPE_HINFO, BYTES("\7RFC8482")},
		{TYPE_HINFO, BYTES("\7RFC8482\0\0")},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[2000];
		/* A copy of its very size, so that the sanitizer sees any reading beyond it. */
		size_t size = cases[i].rdata.size;
		uint8_t *copy = malloc(size == 0 ? 1 : size);
		assert_non_null(copy);
		if (size > 0)
			memcpy(copy, cases[i].rdata.data, size);
		struct bytes rdata = {copy, size};
		assert_int_equal(line_of(cases[i].type, rdata, text, sizeof text), ERR_INVALID);
		assert_memory_equal(text, "www.example. ", 13);
		free(copy);
	}
}

static void writes_the_one_asked_for(void **state)
{
	(void)state;
	const struct bytes rdata[] = {BYTES("\1\1\1\1"), BYTES("\2\2\2\2"), BYTES("\3\3\3")};
	struct rrset set = {
		.owner = {WWW, sizeof WWW}, .type = TYPE_A, .count = 3, .ttl_s = 0, .rdata = rdata};
	struct buf out;
	struct why why = {{0}};
	buf_init(&out, 1000);
	assert_int_equal(rdata_text(&set, 1, &out, &why), ERR_OK);
	assert_int_equal(rrset_text(&set, 0, &out, &why), ERR_OK);
	assert_int_equal(rdata_text(&set, 2, &out, &why), ERR_INVALID);
	assert_true(bytes_equal(buf_bytes(&out), bytes_of("2.2.2.2www.example. 0 IN A 1.1.1.1\n")));
	const char *blamed = "www.example. A RDATA 3 of 3: ";
	assert_memory_equal(why.text, blamed, strlen(blamed));
	buf_free(&out);
}

static void leaves_a_full_buffer_as_it_was(void **state)
{
	(void)state;
	static const char LINE[] = "www.example. 180 IN SRV 1 2 80 x.\n";
	const struct bytes rdata = BYTES("\0\1\0\2\0\x50\1x\0");
	struct rrset set = {
		.owner = {WWW, sizeof WWW}, .type = TYPE_SRV, .count = 1, .ttl_s = 180, .rdata = &rdata};
	for (size_t size_max = 0; size_max < sizeof LINE; size_max++) {
		bool fits = size_max == sizeof LINE - 1;
		struct buf out;
		struct why why = {{0}};
		buf_init(&out, size_max);
		assert_int_equal(rrset_text(&set, 0, &out, &why), fits ? ERR_OK : ERR_LIMIT);
		assert_true(bytes_equal(buf_bytes(&out), bytes_of(fits ? LINE : "")));
		assert_int_equal(why.text[0] == '\0', fits);
		buf_free(&out);
	}
}

static void writes_the_largest_rdata(void **state)
{
	(void)state;
	enum { SIZE = 65536 };
	uint8_t *octets = malloc(SIZE);
	assert_non_null(octets);
	memset(octets, 0xff, SIZE); /* TXT of 256 strings of 255 octets */
	char *text = malloc(5 * SIZE);
	assert_non_null(text);
	assert_int_equal(line_of(TYPE_TXT, (struct bytes){octets, SIZE}, text, 5 * SIZE), ERR_INVALID);
	assert_int_equal(line_of(65280, (struct bytes){octets, SIZE - 1}, text, 5 * SIZE), ERR_OK);
	assert_memory_equal(text, "www.example. 180 IN TYPE65280 \\# 65535 ffff", 43);
	octets[65280] = 254;
	assert_int_equal(line_of(TYPE_TXT, (struct bytes){octets, SIZE - 1}, text, 5 * SIZE), ERR_OK);
	free(text);
	free(octets);
}

static void names_types(void **state)
{
	(void)state;
	const struct {
		uint16_t type;
		const char *text;
	} cases[] = {
		{TYPE_A, "A"},         {TYPE_NS, "NS"},      {TYPE_CNAME, "CNAME"}, {TYPE_SOA, "SOA"},
		{TYPE_HINFO, "HINFO"}, {TYPE_TXT, "TXT"},    {TYPE_AAAA, "AAAA"},   {TYPE_SRV, "SRV"},
		{TYPE_OPT, "OPT"},     {TYPE_IXFR, "IXFR"},  {TYPE_AXFR, "AXFR"},   {TYPE_ANY, "ANY"},
		{0, "TYPE0"},          {65280, "TYPE65280"}, {65535, "TYPE65535"},  {65, "HTTPS"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[16];
		type_text(cases[i].type, text);
		assert_string_equal(text, cases[i].text);
	}
}

static void every_type_takes_any_octets(void **state)
{
	(void)state;
	/* Whatever ldns makes of them, nothing leaks, crashes, or is added to the line by half. */
	uint8_t octets[40];
	uint32_t random = 2463534242u;
	for (uint32_t type = 0; type < 300; type++) {
		for (size_t size = 0; size <= sizeof octets; size++) {
			for (size_t i = 0; i < size; i++) {
				random ^= random << 13;
				random ^= random >> 17;
				random ^= random << 5;
				octets[i] = (uint8_t)((random & 3) == 0 ? random >> 8 : random >> 13 & 7);
			}
			char text[2000];
			enum err err = line_of((uint16_t)type, (struct bytes){octets, size}, text, sizeof text);
			assert_true(err == ERR_OK || err == ERR_INVALID);
			if (err == ERR_OK)
				assert_true(strchr(text, '\n') == text + strlen(text) - 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_each_type),
		cmocka_unit_test(refuses_rdata_of_another_shape),
		cmocka_unit_test(writes_the_one_asked_for),
		cmocka_unit_test(leaves_a_full_buffer_as_it_was),
		cmocka_unit_test(writes_the_largest_rdata),
		cmocka_unit_test(names_types),
		cmocka_unit_test(every_type_takes_any_octets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
