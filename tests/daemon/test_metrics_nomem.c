/* metrics: a scrape that finds no memory fails as a whole, and leaves nothing behind. */
#include "scrape.h"

#include "check.h"
#include "nomem.h"

#define ALLOCATIONS_MAX 1000 /* no scrape below takes as many */

static void a_scrape_without_memory_fails_and_the_next_one_is_whole(void **state)
{
	(void)state;
	struct scrape scrape;
	scrape_make(&scrape);
	scrape_service(&scrape, "web", "a", 1, 3);
	scrape_commit(&scrape);
	bool failed = true;
	size_t n = 1, refused = 0;
	for (; failed; n++) {
		assert_true(n < ALLOCATIONS_MAX);
		buf_free(&scrape.text);
		nomem_fail_at(n);
		refused += scrape_read(&scrape) != ERR_OK;
		failed = nomem_failed();
		nomem_fail_at(0);
	}
	assert_true(refused > 2);
	assert_int_equal(scrape_read(&scrape), ERR_OK);
	assert_int_equal(scrape_count(&scrape, "# TYPE fedns_leader "), 1);
	scrape_clear(&scrape);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scrape_without_memory_fails_and_the_next_one_is_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
