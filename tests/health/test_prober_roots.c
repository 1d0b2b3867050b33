/* prober: https without the system's roots. A file of its own, for it waits until they are tried
 * again. */
#include "probe_bed.h"

#include <sys/resource.h>

static const struct script_route ROUTES[] = {
	{.path = "/", .octets = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
	{.path = NULL},
};

static struct bed bed;

static rlim_t descriptors_set(rlim_t count)
{
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	rlim_t before = limit.rlim_cur;
	limit.rlim_cur = count;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	return before;
}

/* They can't be opened, for want of descriptors. */
static void https_waits_for_them_and_the_others_do_not(void **state)
{
	(void)state;
	bed_start(&bed, ROUTES);
	bed.policy.interval_ms = bed.policy.timeout_ms = 100;
	bed_probe(&bed);
	const struct health_target https = bed_target(&bed, PROBE_HTTPS, "/", "");
	const struct health_target http = bed_target(&bed, PROBE_HTTP, "/", "");
	rlim_t before = descriptors_set(3);
	bed_add(&bed, 0, &https);
	while (bed_counters(&bed).stalled == 0)
		uv_run(&bed.net.loop, UV_RUN_ONCE);
	descriptors_set(before);
	assert_int_equal(bed.told, 0);
	bed_add(&bed, 1, &http);
	while (bed_wait(&bed, 1)->why[0] != '\0')
		continue;
	(void)bed_wait(&bed, 0); /* the server doesn't speak TLS, but it is asked */
	assert_int_equal(bed.heard[0].good, 0);
	assert_string_not_equal(bed.heard[0].why, "connection failed");
	assert_true(bed.heard[1].good > 0);
	bed_stop(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(https_waits_for_them_and_the_others_do_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
