/* Memory that runs out at any moment: nothing leaks, a list is as before, and the same works when
 * there is memory again. */
#include "plan_bed.h"

#include "check.h"
#include "nomem.h"

#include <stdio.h>
#include <string.h>

#define ALLOCATIONS_MAX 1000 /* nothing below takes as many */

static const char *const RECORDS = "have 1 www A 600 ours 192.0.2.1\n"
								   "have 2 a-www TXT 600 none heritage=external-dns\n"
								   "have 3 x CNAME 600 ours y\n"
								   "want www A 600 192.0.2.2\n"
								   "want x A 600 192.0.2.2\n"
								   "want z A 600 192.0.2.2\n";

static void plan_makes_all_or_nothing(void **state)
{
	(void)state;
	struct plan_bed bed;
	bed_init(&bed);
	bed_take(&bed, RECORDS);
	record_list_sort(bed.have);
	record_list_sort(bed.want);
	for (size_t n = 1;; n++) {
		assert_true(n < ALLOCATIONS_MAX);
		struct plan *plan = (void *)1;
		struct why why = {{0}};
		nomem_fail_at(n);
		enum err err = plan_make(&bed.ask, &plan, &why);
		if (!nomem_failed()) {
			nomem_fail_at(0);
			assert_int_equal(err, ERR_OK);
			assert_int_equal(plan_counts(plan)->adds, 1);
			plan_free(plan);
			break;
		}
		/* Giving back what is too much may fail: the plan is none the worse. */
		if (err == ERR_OK) {
			plan_free(plan);
			continue;
		}
		assert_int_equal(err, ERR_NOMEM);
		assert_null(plan);
		assert_string_equal(why.text, "no memory for a plan over 6 records");
	}
	bed_clear(&bed);
}

static void list_is_as_before(void **state)
{
	(void)state;
	struct record_list *list;
	size_t n = 0;
	do {
		nomem_fail_at(++n);
		list = record_list_new();
		assert_int_equal(list == NULL, nomem_failed());
	} while (list == NULL);
	static uint8_t value[1000];
	struct why why = {{0}};
	for (size_t i = 0; i < 500; i++) { /* the array grows, blocks are filled */
		const struct record record = {.type = 0, .value = {value, sizeof value}};
		nomem_fail_at(1);
		enum err err = record_list_add(list, &record, &why);
		assert_int_equal(err, nomem_failed() ? ERR_NOMEM : ERR_OK);
		assert_int_equal(record_list_count(list), err == ERR_OK ? i + 1 : i);
		nomem_fail_at(0);
		if (err != ERR_OK) {
			assert_string_equal(why.text, "no memory for another record");
			assert_int_equal(record_list_add(list, &record, &why), ERR_OK);
		}
	}
	record_list_free(list);
}

static void set_comes_whole_or_not_at_all(void **state)
{
	(void)state;
	static const struct name ROOT = {.size = 1};
	static const uint8_t ADDRESS[4] = {192, 0, 2, 1};
	struct bytes rdata[100];
	for (size_t i = 0; i < 100; i++)
		rdata[i] = (struct bytes){ADDRESS, sizeof ADDRESS};
	const struct rrset set = {
		.owner = name_bytes(&ROOT), .type = TYPE_A, .count = 100, .rdata = rdata};
	struct record_list *list = record_list_new();
	assert_non_null(list);
	enum err err = ERR_NOMEM;
	for (size_t n = 1; err != ERR_OK; n++) {
		struct why why;
		nomem_fail_at(n);
		err = record_list_add_rrset(list, &ROOT, &set, &why);
		assert_int_equal(err, nomem_failed() ? ERR_NOMEM : ERR_OK);
		assert_int_equal(record_list_count(list), err == ERR_OK ? 100 : 0);
	}
	nomem_fail_at(0);
	record_list_free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plan_makes_all_or_nothing),
		cmocka_unit_test(list_is_as_before),
		cmocka_unit_test(set_comes_whole_or_not_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
