/* probe_table: as an array of all ids would have it. */
#include "check.h"

#include "probe_table.h"

#include <string.h>

static uint64_t drawn = 3;

static uint32_t draw(uint32_t below)
{
	drawn = drawn * UINT64_C(6364136223846793005) + 1442695040888963407U;
	return (uint32_t)((drawn >> 33) % below);
}

static void ids_come_and_go(void **state)
{
	(void)state;
	enum { IDS = 3000, STEPS = 60000 };
	static bool there[IDS];
	static char values[IDS];
	/* In a row, far apart, and all with the same low bits. */
	static const uint32_t FACTORS[] = {1, 1431655, 65536};
	for (size_t f = 0; f < sizeof FACTORS / sizeof FACTORS[0]; f++) {
		struct probe_table table = {0};
		size_t count = 0;
		memset(there, 0, sizeof there);
		assert_null(probe_table_get(&table, 0));
		probe_table_remove(&table, 0);
		for (size_t step = 0; step < STEPS; step++) {
			uint32_t i = draw(IDS), id = i * FACTORS[f];
			assert_ptr_equal(probe_table_get(&table, id), there[i] ? &values[i] : NULL);
			if (there[i])
				probe_table_remove(&table, id);
			else
				assert_int_equal(probe_table_add(&table, id, &values[i]), ERR_OK);
			there[i] = !there[i];
			count += there[i] ? 1 : (size_t)-1;
			assert_int_equal(table.count, count);
		}
		for (uint32_t i = 0; i < IDS; i++)
			assert_ptr_equal(probe_table_get(&table, i * FACTORS[f]), there[i] ? &values[i] : NULL);
		probe_table_free(&table);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_come_and_go),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
