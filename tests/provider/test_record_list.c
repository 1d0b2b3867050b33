/* record_list: what is kept, how names and values are folded, the order, and the limits. */
#include "plan_bed.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void folds_as_the_provider_compares(void **state)
{
	(void)state;
	static const struct {
		const char *rr;
		uint16_t type;
		const char *value, *rr_folded, *value_folded;
	} CASES[] = {
		{"WWW.Example", TYPE_A, "192.0.2.1", "www.example", "192.0.2.1"},
		{"www.", TYPE_A, "192.0.2.01", "www", "192.0.2.01"}, /* no address: as it is */
		{"", TYPE_A, "", "@", ""},
		{".", TYPE_A, "192.0.2.1", "@", "192.0.2.1"},
		{"@", TYPE_AAAA, "2001:DB8:0:0::1", "@", "2001:db8::1"},
		{"*", TYPE_AAAA, "::ffff", "*", "::ffff"},
		{"a", TYPE_AAAA, "::FF:FFFF", "a", "::0.255.255.255"},
		{"a", TYPE_AAAA, "::FFFF:192.0.2.1", "a", "::ffff:192.0.2.1"},
		{"a", TYPE_A, "::ffff:192.0.2.1", "a", "192.0.2.1"},
		{"_x", TYPE_CNAME, "WWW.example.", "_x", "www.example"},
		{"a", TYPE_NS, "NS1.Example.", "a", "ns1.example"},
		{"a", TYPE_CNAME, ".", "a", ""},
		{"a", 15, "Mail.Example.", "a", "mail.example"},
		{"a", TYPE_SRV, "  010 0 00080   WWW.Example. ", "a", "10 0 80 www.example"},
		{"a", TYPE_SRV, "", "a", ""},
		{"a", TYPE_SRV, "1 2", "a", "1 2"},
		{"a", TYPE_TXT, "\"Heritage=X\" \"Y\"  ", "a", "Heritage=X Y"},
		{"a", TYPE_TXT, "\"  \"", "a", ""},
		{"a", 0, "http://Example/A.", "a", "http://Example/A."},
		{"a", 257, "0 issue \"CA.example\"", "a", "0 issue \"CA.example\""},
	};
	struct record_list *list = record_list_new();
	struct why why;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		const struct record record = {.id = bytes_of("Id."),
		                              .rr = bytes_of(CASES[i].rr),
		                              .type = CASES[i].type,
		                              .value = bytes_of(CASES[i].value)};
		assert_int_equal(record_list_add(list, &record, &why), ERR_OK);
		const struct record *kept = record_list_at(list, i);
		if (!bytes_equal(kept->rr, bytes_of(CASES[i].rr_folded)) ||
		    !bytes_equal(kept->value, bytes_of(CASES[i].value_folded)))
			fail_msg("case %zu: \"%.*s\" \"%.*s\"", i, BYTES_ARG(kept->rr), BYTES_ARG(kept->value));
		assert_true(bytes_equal(kept->id, bytes_of("Id.")));
	}
	record_list_free(list);
}

static void sorts_by_name_type_value_line(void **state)
{
	(void)state;
	struct plan_bed bed;
	bed_init(&bed);
	bed_take(&bed, "have 1 b A 60 ours 192.0.2.1\n"
	               "have 2 a TXT 60 ours x\n"
	               "have 3 a A 60 ours+line 192.0.2.1\n"
	               "have 5 a A 60 none 192.0.2.1\n"
	               "have 4 a A 60 none 192.0.2.1\n"
	               "have 6 a A 60 none 192.0.2.0\n"
	               "have 7 a.b A 60 none 192.0.2.0\n"
	               "have 8 a-b A 60 none 192.0.2.0\n"
	               "have 9 @ A 60 none 192.0.2.0\n");
	for (int again = 0; again < 2; again++) {
		record_list_sort(bed.have);
		char order[16] = "";
		for (size_t i = 0; i < record_list_count(bed.have); i++)
			order[i] = (char)record_list_at(bed.have, i)->id.data[0];
		assert_string_equal(order, "964532871");
	}
	bed_clear(&bed);
}

static void keeps_texts_in_place(void **state)
{
	(void)state;
	struct record_list *list = record_list_new();
	struct why why;
	char value[1000];
	memset(value, 'x', sizeof value);
	for (unsigned i = 0; i < 500; i++) { /* several blocks of text */
		char rr[16];
		(void)snprintf(rr, sizeof rr, "n%u", i);
		const struct record record = {
			.rr = bytes_of(rr), .type = TYPE_TXT, .value = {(uint8_t *)value, i * 2}};
		assert_int_equal(record_list_add(list, &record, &why), ERR_OK);
	}
	assert_int_equal(record_list_count(list), 500);
	for (unsigned i = 0; i < 500; i++) {
		char rr[16];
		(void)snprintf(rr, sizeof rr, "n%u", i);
		const struct record *kept = record_list_at(list, i);
		assert_true(bytes_equal(kept->rr, bytes_of(rr)));
		assert_int_equal(kept->value.size, i * 2);
		assert_memory_equal(kept->value.data, value, kept->value.size);
	}
	record_list_free(list);
	record_list_free(NULL);
}

static void refuses_what_is_too_large(void **state)
{
	(void)state;
	struct record_list *list = record_list_new();
	struct why why;
	static const uint8_t LONG[PLAN_TEXT_SIZE_MAX + 1];
	struct record record = {.type = 0, .value = {LONG, PLAN_TEXT_SIZE_MAX}};
	assert_int_equal(record_list_add(list, &record, &why), ERR_OK);
	record.rr = bytes_of("a");
	assert_int_equal(record_list_add(list, &record, &why), ERR_LIMIT);
	assert_string_equal(why.text, "a record of more than 4096 octets");
	record.value.size = SIZE_MAX;
	assert_int_equal(record_list_add(list, &record, &why), ERR_LIMIT);
	assert_int_equal(record_list_count(list), 1);

	record.value.size = 0;
	for (size_t i = 1; i < PLAN_RECORDS_MAX; i++)
		assert_int_equal(record_list_add(list, &record, &why), ERR_OK);
	assert_int_equal(record_list_add(list, &record, &why), ERR_LIMIT);
	assert_string_equal(why.text, "more than 200000 records");
	assert_int_equal(record_list_count(list), PLAN_RECORDS_MAX);
	record_list_free(list);
}

static void knows_the_providers_types(void **state)
{
	(void)state;
	assert_int_equal(record_type_of(bytes_of("a")), TYPE_A);
	assert_int_equal(record_type_of(bytes_of("Aaaa")), TYPE_AAAA);
	assert_int_equal(record_type_of(bytes_of("MX")), 15);
	assert_int_equal(record_type_of(bytes_of("CAA")), 257);
	assert_int_equal(record_type_of(bytes_of("REDIRECT_URL")), 0);
	assert_int_equal(record_type_of(bytes_of("")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folds_as_the_provider_compares),
		cmocka_unit_test(sorts_by_name_type_value_line),
		cmocka_unit_test(keeps_texts_in_place),
		cmocka_unit_test(refuses_what_is_too_large),
		cmocka_unit_test(knows_the_providers_types),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
