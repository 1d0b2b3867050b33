/* A plan over a full domain: what it takes to hold both sides, to sort them, and to compare them.
 *
 * usage: bench_plan [RECORDS [PERMILLE]]      so many on each side, of which PERMILLE have another
 * address at the provider; 100,000 and 10
 */
#include "fedns/plan.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { ROUNDS = 5 };

static struct why why;

static void must(enum err err)
{
	if (err == ERR_OK)
		return;
	(void)fprintf(stderr, "bench_plan: %s\n", why.text);
	exit(3);
}

static double now_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double heap_mb(void)
{
	struct mallinfo2 heap = mallinfo2();
	return (double)(heap.uordblks + heap.hblkhd) / 1e6;
}

static double peak_mb(void)
{
	struct rusage usage;
	(void)getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_maxrss / 1024;
}

/* Three names a service, as long as the federation guide's: at its zone, which is a CNAME to the
 * next, at its region and at the global level, which have an address each. */
static void name_write(unsigned n, const char *below, char *text, size_t size)
{
	static const char *const LEVELS[] = {"cn-hangzhou-b.cn-hangzhou.", "cn-hangzhou.", ""};
	(void)snprintf(text, size, "service-%06u.namespace-%u.fed.svc.%s%s", n / 3, n / 3 % 1000,
	               LEVELS[n % 3], below);
}

static void want_add(struct record_list *want, const struct name *domain, unsigned n)
{
	char text[256];
	struct name owner, target;
	const uint8_t address[4] = {192, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
	name_write(n, "example.com.", text, sizeof text);
	must(name_parse(bytes_of(text), &owner, &why));
	name_write(n + 1, "example.com.", text, sizeof text);
	must(name_parse(bytes_of(text), &target, &why));
	struct bytes rdata = n % 3 == 0 ? name_bytes(&target) : (struct bytes){address, 4};
	const struct rrset set = {.owner = name_bytes(&owner),
	                          .type = n % 3 == 0 ? TYPE_CNAME : TYPE_A,
	                          .count = 1,
	                          .ttl_s = 180,
	                          .rdata = &rdata};
	must(record_list_add_rrset(want, domain, &set, &why));
}

static void have_add(struct record_list *have, unsigned n, bool differs)
{
	char rr[256], value[256], id[24];
	name_write(n, "", rr, sizeof rr);
	name_write(n + 1, "example.com", value, sizeof value);
	if (n % 3 != 0)
		(void)snprintf(value, sizeof value, "192.%u.%u.%u", n >> 16 & 255, n >> 8 & 255, n & 255);
	if (differs)
		(void)snprintf(value, sizeof value, "198.51.100.%u", n & 255);
	(void)snprintf(id, sizeof id, "%019u", n);
	const struct record record = {.id = bytes_of(id),
	                              .rr = bytes_of(rr),
	                              .value = bytes_of(value),
	                              .ttl_s = 180,
	                              .type = n % 3 == 0 && !differs ? TYPE_CNAME : TYPE_A,
	                              .mark = MARK_OURS};
	must(record_list_add(have, &record, &why));
}

/* Every number below `count` once, in an order that jumps about: the provider lists by its own. */
static unsigned shuffled(unsigned i, unsigned count)
{
	return (unsigned)((uint64_t)i * 7919 % count);
}

static void round_run(unsigned records, unsigned permille)
{
	struct name domain;
	must(name_parse(bytes_of("example.com"), &domain, &why));
	struct record_list *have = record_list_new(), *want = record_list_new();
	if (have == NULL || want == NULL)
		exit(3);
	double begin = now_ms(), heap = heap_mb();
	for (unsigned i = 0; i < records; i++) {
		unsigned n = shuffled(i, records);
		want_add(want, &domain, i);
		have_add(have, n, n % 1000 < permille);
	}
	double filled = now_ms(), lists = heap_mb() - heap;
	record_list_sort(have);
	record_list_sort(want);
	double sorted = now_ms();
	const struct plan_ask ask = {
		.have = have, .want = want, .whole = true, .max_delete_percent = 100};
	struct plan *plan;
	must(plan_make(&ask, &plan, &why));
	double made = now_ms();
	const struct plan_counts *counts = plan_counts(plan);
	(void)printf("fill %6.1f ms   sort %6.1f ms   plan %6.1f ms   lists %5.1f MB   plan %4.1f MB   "
	             "peak %5.1f MB   %zu unchanged, %zu updates, %zu adds, %zu deletes\n",
	             filled - begin, sorted - filled, made - sorted, lists, heap_mb() - heap - lists,
	             peak_mb(), counts->unchanged, counts->updates, counts->adds, counts->deletes);
	plan_free(plan);
	record_list_free(have);
	record_list_free(want);
}

int main(int argc, char **argv)
{
	unsigned records = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100000;
	unsigned permille = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 10;
	if (records == 0 || records % 7919 == 0 || records > PLAN_RECORDS_MAX)
		return 2;
	for (int i = 0; i < ROUNDS; i++)
		round_run(records, permille);
	return 0;
}
