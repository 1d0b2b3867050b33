/* table: what was put in is found, what was taken out isn't, in whatever order and with whatever
 * hashes. */
#include "check.h"
#include "table.h"

#include <string.h>

#define IDS 512

/** Ids are their own keys; hashes are chosen to collide. */
static uint32_t hash_of(const void *owner, uint32_t id)
{
	const uint32_t *spread = owner;
	return (id % *spread * 7) & TABLE_HASH_MASK;
}

static bool equal(const void *owner, uint32_t id, const void *key)
{
	(void)owner;
	return id == *(const uint32_t *)key;
}

static void assert_holds(const struct table *table, const uint32_t *spread, const bool *in)
{
	uint32_t count = 0;
	for (uint32_t id = 0; id < IDS; id++) {
		uint32_t found = table_find(table, hash_of(spread, id), &id);
		assert_int_equal(found, in[id] ? id : TABLE_NONE);
		count += in[id];
	}
	assert_int_equal(table->count, count);
}

static void finds_what_is_in_it(void **state)
{
	(void)state;
	static const struct table_kind KIND = {hash_of, equal};
	static const uint32_t SPREADS[] = {1, 3, 16, 100, IDS};
	for (size_t s = 0; s < sizeof SPREADS / sizeof SPREADS[0]; s++) {
		struct table table;
		bool in[IDS] = {false};
		uint32_t dice = 1;
		table_init(&table, &KIND, &SPREADS[s]);
		assert_holds(&table, &SPREADS[s], in);
		for (int round = 0; round < 3000; round++) {
			dice = dice * 1664525u + 1013904223u;
			uint32_t id = (dice >> 8) % IDS;
			if (in[id]) {
				table_remove(&table, hash_of(&SPREADS[s], id), id);
			} else {
				assert_int_equal(table_reserve(&table), ERR_OK);
				table_add(&table, hash_of(&SPREADS[s], id), id);
			}
			in[id] = !in[id];
			if (round % 50 == 0)
				assert_holds(&table, &SPREADS[s], in);
		}
		assert_holds(&table, &SPREADS[s], in);
		assert_true(table.room <= 2 * IDS);
		table_clear(&table);
		assert_int_equal(table.count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_is_in_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
