/* prober: where memory runs out, nothing has changed, and nothing is left behind. */
#include "probe_bed.h"

#include "nomem.h"

static const struct script_route ROUTES[] = {{.path = NULL}};

static struct bed bed;

/* One life, its n-th allocation failing. True: it came to that. */
static bool life(size_t n)
{
	struct why why;
	const struct prober_setup setup = {
		.loop = &bed.net.loop, .policy = bed.policy, .result = bed_result, .arg = &bed};
	struct prober *prober;
	nomem_fail_at(n);
	enum err err = prober_new(&setup, &prober, &why);
	assert_int_equal(prober == NULL, err != ERR_OK);
	for (uint32_t id = 0; err == ERR_OK && id < 100; id++) {
		const struct health_target target = bed_target(&bed, PROBE_TCP, NULL, NULL);
		struct prober_counters counters;
		err = prober_add(prober, id, &target, &why);
		prober_counters(prober, &counters);
		assert_int_equal(counters.targets, err == ERR_OK ? id + 1 : id);
	}
	if (err == ERR_OK)
		err = prober_set_policy(prober, &setup.policy, &why);
	bool failed = nomem_failed();
	nomem_fail_at(0);
	assert_int_equal(err, failed ? ERR_NOMEM : ERR_OK);
	prober_free(prober);
	uv_run(&bed.net.loop, UV_RUN_NOWAIT);
	return failed;
}

static void every_allocation_may_fail(void **state)
{
	(void)state;
	size_t n = 1;
	bed_start(&bed, ROUTES);
	while (life(n))
		n++;
	assert_true(n > 100);
	bench_stop(&bed.net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_may_fail),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
