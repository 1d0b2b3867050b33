/* Memory that runs out while a document is read: an error, and nothing lost. */
#include "fedns/yaml.h"

#include "check.h"
#include "nomem.h"

static void every_failing_allocation_is_an_error(void **state)
{
	(void)state;
	const struct yaml_limits limits = {.text_max = 64, .aliased_nodes_max = 100};
	bool failed = true;
	for (size_t n = 1; failed; n++) {
		struct region *region = region_new();
		struct yaml_node *root;
		unsigned line;
		struct why why = {{0}};
		nomem_fail_at(n);
		enum err err = yaml_read(bytes_of("one: &x {two: [x]}\nthree: *x\n"), &limits, region,
		                         &root, &line, &why);
		failed = nomem_failed();
		nomem_fail_at(0);
		assert_int_equal(err, failed ? ERR_NOMEM : ERR_OK);
		assert_int_equal(why.text[0] != '\0', failed);
		region_free(region);
		assert_true(n < 1000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_failing_allocation_is_an_error)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
