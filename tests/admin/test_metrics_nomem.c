/* metrics: memory that runs out in any call leaves the text as it was. */
#include "fedns/metrics.h"

#include "check.h"
#include "nomem.h"

#include <string.h>

#define ALLOCATIONS_MAX 1000 /* no text below takes as many */
#define TEXT_SIZE_MAX   ((size_t)64 << 10)

static const uint64_t BOUNDS[] = {1000, 2000};

static enum err some_write(struct buf *out, unsigned i)
{
	struct histogram histogram = {.bounds = BOUNDS, .bound_count = 2};
	const struct metric_label label = {"l", bytes_of("a\\b\xff\n\"")};
	switch (i % 4) {
	case 0:
		return metric_family(out, "m", METRIC_HISTOGRAM, "a\\b\nc");
	case 1:
		return metric_sample(out, "m", &label, 1, 0.25);
	case 2:
		return metric_count(out, "m", &label, 1, UINT64_MAX);
	default:
		return metric_histogram(out, "m", &label, 1, &histogram);
	}
}

/* Each call is made again where it failed, as a scrape would be: the text is the same. */
static void a_text_with_a_failure(struct buf *out)
{
	for (unsigned i = 0; i < 40; i++) {
		size_t before = out->size;
		enum err err = some_write(out, i);
		if (err == ERR_OK)
			continue;
		assert_int_equal(err, ERR_NOMEM);
		assert_int_equal(out->size, before);
		assert_int_equal(some_write(out, i), ERR_OK);
	}
}

static void nothing_is_left_of_a_failed_call(void **state)
{
	(void)state;
	struct buf good, out;
	buf_init(&good, TEXT_SIZE_MAX);
	a_text_with_a_failure(&good);
	bool failed = true;
	size_t n = 1;
	for (; failed; n++) {
		assert_true(n < ALLOCATIONS_MAX);
		buf_init(&out, TEXT_SIZE_MAX);
		nomem_fail_at(n);
		a_text_with_a_failure(&out);
		failed = nomem_failed();
		nomem_fail_at(0);
		assert_int_equal(out.size, good.size);
		assert_memory_equal(out.data, good.data, good.size);
		buf_free(&out);
	}
	assert_true(n > 2); /* it did fail */
	buf_free(&good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_left_of_a_failed_call),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
