/* Whatever the changes were, the model is the one that the same state gives afresh. */
#include "bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES    24  /* services that come and go */
#define CLUSTERS 6   /* of which the last is never known */
#define ROUNDS   500 /* commits and rollbacks */

/** What the truth is: index into the texts below, -1: not there. */
struct truth {
	int services[NAMES], clusters[CLUSTERS];
};

static const char *const KEYS[] = {"a/s", "a/longer", "b/s", "b/xx", "cc/longest", "cc/y"};
static const char *const INGRESSES[] = {
	"c0=192.0.2.1",
	"c0=192.0.2.1 c1=192.0.2.2",
	"c1=lb.example c2=lb.example,2001:db8::1",
	"c3=one.example,two.example",
	"c5=192.0.2.5 c4=",
	"c2=192.0.2.3,192.0.2.4,two.example",
};
static const char *const PLACES[] = {"eu: a", "eu: b a", "us: a", "us", "asia: x y z"};

static uint32_t next(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % below;
}

static const char *key_of(int i)
{
	static char key[32];
	(void)snprintf(key, sizeof key, "%s%d", KEYS[i % 6], i / 6);
	return key;
}

static const char *cluster_of(int i)
{
	static char name[8];
	(void)snprintf(name, sizeof name, "c%d", i);
	return name;
}

static void service_stage(struct bed *bed, int i, int value)
{
	if (value < 0)
		bed_service_gone(bed, key_of(i));
	else
		bed_service(bed, key_of(i), INGRESSES[value]);
}

static void cluster_stage(struct bed *bed, int i, int value)
{
	if (value < 0)
		bed_cluster_gone(bed, cluster_of(i));
	else
		bed_cluster(bed, cluster_of(i), PLACES[value]);
}

/** Stage some changes, and note them in `truth`. */
static void some_stage(struct bed *bed, struct truth *truth, uint32_t *seed)
{
	for (uint32_t n = 1 + next(seed, 4); n > 0; n--) {
		int i = (int)next(seed, NAMES);
		truth->services[i] = (int)next(seed, 7) - 1;
		service_stage(bed, i, truth->services[i]);
	}
	if (next(seed, 8) == 0) {
		int i = (int)next(seed, CLUSTERS - 1);
		truth->clusters[i] = (int)next(seed, 6) - 1;
		cluster_stage(bed, i, truth->clusters[i]);
	}
}

static void all_stage(struct bed *bed, const struct truth *truth)
{
	for (int i = 0; i < NAMES; i++)
		if (truth->services[i] >= 0)
			service_stage(bed, i, truth->services[i]);
	for (int i = 0; i < CLUSTERS; i++)
		if (truth->clusters[i] >= 0)
			cluster_stage(bed, i, truth->clusters[i]);
}

static void random_truth(struct truth *truth, uint32_t *seed)
{
	for (int i = 0; i < NAMES; i++)
		if (next(seed, 4) == 0)
			truth->services[i] = (int)next(seed, 7) - 1;
	for (int i = 0; i < CLUSTERS - 1; i++)
		if (next(seed, 8) == 0)
			truth->clusters[i] = (int)next(seed, 6) - 1;
}

static void assert_as_afresh(struct bed *bed, const struct truth *truth)
{
	struct bed fresh;
	bed_init(&fresh);
	fresh.findings.report = NULL;
	all_stage(&fresh, truth);
	bed_replace(&fresh);
	char *have = bed_dump(bed->model), *want = bed_dump(fresh.model);
	assert_string_equal(have, want);
	free(have);
	free(want);
	bed_clear(&fresh);
}

/** Which services differ, by the truth alone? */
static size_t differing(const struct truth *a, const struct truth *b)
{
	size_t count = 0;
	for (int i = 0; i < NAMES; i++)
		count += a->services[i] != b->services[i];
	return count;
}

static void round_play(struct bed *bed, struct truth *truth, uint32_t *seed)
{
	struct truth then = *truth;
	uint32_t kind = next(seed, 10);
	if (kind < 7) {
		some_stage(bed, &then, seed);
		bed_commit(bed);
	} else if (kind < 9) {
		random_truth(&then, seed);
		all_stage(bed, &then);
		bed_replace(bed);
	} else {
		some_stage(bed, &then, seed);
		model_rollback(bed->model);
		then = *truth;
	}
	struct model_changes changes = model_changes(bed->model);
	if (!changes.everything)
		assert_int_equal(changes.service_count, differing(truth, &then));
	if (memcmp(truth->clusters, then.clusters, sizeof then.clusters) == 0)
		assert_false(changes.everything);
	model_changes_taken(bed->model);
	*truth = then;
}

static void changes_lead_where_a_fresh_start_leads(void **state)
{
	(void)state;
	for (uint32_t seed = 1; seed <= 3; seed++) {
		struct bed bed;
		struct truth truth;
		uint32_t dice = seed;
		memset(&truth, -1, sizeof truth);
		bed_init(&bed);
		bed.findings.report = NULL;
		for (int round = 0; round < ROUNDS; round++) {
			round_play(&bed, &truth, &dice);
			assert_as_afresh(&bed, &truth);
		}
		assert_true(model_service_limit(bed.model) <= (size_t)2 * NAMES);
		assert_true(model_cluster_limit(bed.model) <= (size_t)2 * CLUSTERS);
		bed_clear(&bed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_lead_where_a_fresh_start_leads),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
