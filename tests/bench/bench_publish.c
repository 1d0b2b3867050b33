/* One changed service among many: from the event (its addresses decoded) to the published answer.
 *
 * usage: bench_publish [CHANGES]      prints a line for 1,000, 10,000 and 100,000 services
 */
#include "federation.h"

#include <stdio.h>
#include <stdlib.h>

enum { CHANGES_DEFAULT = 20000 };

static int64_t change_one(struct federation *federation, unsigned n, unsigned version)
{
	int64_t begin_ns = now_ns();
	federation_stage(federation, n, version);
	federation_publish(federation, COMMIT_CHANGES);
	return now_ns() - begin_ns;
}

static int compare(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
	return (a > b) - (a < b);
}

static void run(unsigned services, unsigned changes)
{
	struct federation federation;
	federation_open(&federation, services);
	struct zone_stats before, after;
	zone_stats(federation.zone, &before);
	int64_t *times_ns = calloc(changes, sizeof times_ns[0]);
	if (times_ns == NULL)
		exit(3);
	uint32_t random = 1;
	for (unsigned i = 0; i < changes; i++) {
		random = random * 1664525u + 1013904223u;
		times_ns[i] = change_one(&federation, (random >> 8) % services, i + 1);
	}
	zone_stats(federation.zone, &after);
	if (after.serial - before.serial < changes * 9 / 10)
		exit(3); /* most changes must really have been published */
	qsort(times_ns, changes, sizeof times_ns[0], compare);
	(void)printf(
		"%7u services, %8zu records, %u changes: p50 %6.1f us, p99 %6.1f us, max %7.1f us\n",
		services, before.records, changes, (double)times_ns[changes / 2] / 1e3,
		(double)times_ns[changes / 100 * 99] / 1e3, (double)times_ns[changes - 1] / 1e3);
	free(times_ns);
	federation_close(&federation);
}

int main(int argc, char **argv)
{
	unsigned changes = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : CHANGES_DEFAULT;
	if (changes < 100)
		changes = 100;
	run(1000, changes);
	run(10000, changes);
	run(100000, changes);
	return 0;
}
