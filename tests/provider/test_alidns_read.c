/* alidns_read: answers as data, and what is read of them. */
#include "fedns/alidns.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CASES     TESTS_DIR "/cases/alidns/answers.json"
#define LINE_SIZE (PLAN_TEXT_SIZE_MAX + 256)

static json_t *cases_load(void)
{
	json_error_t error;
	json_t *root = json_load_file(CASES, 0, &error);
	if (root == NULL)
		fail_msg("%s:%d: %s", CASES, error.line, error.text);
	return root;
}

static const char *name_of(const json_t *row)
{
	return json_string_value(json_object_get(row, "name"));
}

/* --- records ------------------------------------------------------------------------------ */

static const char *type_name(uint16_t type)
{
	static const char *const TYPES[] = {"A", "AAAA", "CNAME", "NS", "SRV", "TXT"};
	for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
		if (record_type_of(bytes_of(TYPES[i])) == type)
			return TYPES[i];
	}
	return "-";
}

static void record_line(const struct record *record, char line[LINE_SIZE])
{
	static const char *const MARKS[] = {"none", "ours", "other", "pending"};
	static const char *const HOLDS[] = {"line", "disabled", "locked", "weighted"};
	char holds[64] = "";
	size_t used = 0;
	for (unsigned i = 0; i < 4; i++) {
		if ((record->holds & 1u << i) != 0)
			used += (size_t)snprintf(holds + used, sizeof holds - used, "%s%s",
			                         used != 0 ? "," : "", HOLDS[i]);
	}
	(void)snprintf(line, LINE_SIZE, "%.*s %.*s %s %u %s %s %.*s", BYTES_ARG(record->id),
	               BYTES_ARG(record->rr), type_name(record->type), (unsigned)record->ttl_s,
	               MARKS[record->mark], used != 0 ? holds : "-", BYTES_ARG(record->value));
}

static void records_expect(const json_t *row, const struct record_list *records, size_t total)
{
	const json_t *expect = json_object_get(row, "expect");
	char line[LINE_SIZE];
	assert_int_equal(total, json_array_size(expect));
	assert_int_equal(record_list_count(records), json_array_size(expect));
	for (size_t i = 0; i < json_array_size(expect); i++) {
		const char *want = json_string_value(json_array_get(expect, i));
		record_line(record_list_at(records, i), line);
		if (strcmp(line, want) != 0)
			fail_msg("%s:\n got %s\nwant %s", name_of(row), line, want);
	}
}

static void records_are_read(void **state)
{
	(void)state;
	json_t *root = cases_load();
	const json_t *rows = json_object_get(root, "records");
	assert_true(json_array_size(rows) > 40);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		struct record_list *records = record_list_new();
		struct why why = {{0}};
		size_t total = 99;
		assert_non_null(records);
		enum err err =
			alidns_read_records(json_object_get(row, "body"), "prod", records, &total, &why);
		if (json_is_null(json_object_get(row, "expect"))) {
			if (err != ERR_INVALID || why.text[0] == '\0')
				fail_msg("%s: not refused", name_of(row));
			assert_int_equal(record_list_count(records) + total, 0);
		} else {
			if (err != ERR_OK)
				fail_msg("%s: %s", name_of(row), why.text);
			records_expect(row, records, total);
		}
		record_list_free(records);
	}
	json_decref(root);
}

static void pages_are_appended(void **state)
{
	(void)state;
	json_error_t error;
	json_t *body = json_loads("{\"TotalCount\":1000,\"DomainRecords\":{\"Record\":[{\"RecordId\":"
	                          "\"1\",\"RR\":\"a\",\"Type\":\"A\",\"Value\":\"192.0.2.1\"}]}}",
	                          0, &error);
	struct record_list *records = record_list_new();
	struct why why = {{0}};
	size_t total;
	for (size_t i = 1; i <= 3; i++) {
		assert_int_equal(alidns_read_records(body, "prod", records, &total, &why), ERR_OK);
		assert_int_equal(total, 1000);
		assert_int_equal(record_list_count(records), i);
	}
	record_list_free(records);
	json_decref(body);
}

/* --- domains ------------------------------------------------------------------------------ */

static void domain_line(const struct alidns_domain *domain, char line[LINE_SIZE])
{
	int used = snprintf(line, LINE_SIZE, "%s %u %u %u", domain->edition,
	                    (unsigned)domain->ttl_min_s, domain->levels_max, domain->same_max);
	for (size_t i = 0; i < domain->server_count; i++)
		used += snprintf(line + used, LINE_SIZE - (size_t)used, " %s", domain->servers[i]);
}

static void domains_are_read(void **state)
{
	(void)state;
	json_t *root = cases_load();
	const json_t *rows = json_object_get(root, "domains");
	assert_true(json_array_size(rows) > 10);
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		const char *want = json_string_value(json_object_get(row, "expect"));
		struct alidns_domain domain;
		struct why why = {{0}};
		char line[LINE_SIZE];
		enum err err = alidns_read_domain(json_object_get(row, "body"), &domain, &why);
		if ((err == ERR_OK) != (want != NULL) || (err != ERR_OK && why.text[0] == '\0'))
			fail_msg("%s: error %d: %s", name_of(row), err, why.text);
		if (want == NULL)
			continue;
		domain_line(&domain, line);
		if (strcmp(line, want) != 0)
			fail_msg("%s:\n got %s\nwant %s", name_of(row), line, want);
	}
	json_decref(root);
}

static void what_is_no_answer_has_no_id(void **state)
{
	(void)state;
	assert_null(alidns_read_id(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read),
		cmocka_unit_test(pages_are_appended),
		cmocka_unit_test(domains_are_read),
		cmocka_unit_test(what_is_no_answer_has_no_id),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
