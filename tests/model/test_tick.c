/* Rule 9 on a clock of our own: stories of one cluster, step by step. */
#include "bed.h"

#include <stdio.h>

#define T0 1000000

enum step_kind { END, SEE, TICK, GONE, GRACE };

/** At `at_ms` after T0 something is seen; then the cluster is withdrawn since `withdrawn_ms` after
 * T0, or not (-1). */
struct step {
	enum step_kind kind;
	int64_t at_ms;
	enum ready ready;
	int64_t since_ms; /* SEE: absolute, 0: none; GRACE: the grace */
	int64_t withdrawn_ms;
	int64_t next_ms; /* TICK: after T0; -1: never */
};

static void step_do(struct bed *bed, const struct step *step)
{
	bed->now_ms = T0 + step->at_ms;
	switch (step->kind) {
	case SEE:
		bed_ready(bed, "c", "eu: a", step->ready, step->since_ms);
		bed_commit(bed);
		break;
	case GONE:
		bed_cluster_gone(bed, "c");
		bed_commit(bed);
		break;
	case GRACE:
		bed_policy(bed, "", step->since_ms);
		break;
	case TICK:
		assert_int_equal(model_tick(bed->model, bed->now_ms),
		                 step->next_ms < 0 ? INT64_MAX : T0 + step->next_ms);
		break;
	case END:
		break;
	}
}

static void story(const struct step *steps)
{
	struct bed bed;
	bed_init(&bed);
	bed_service(&bed, "default/lists", "c=192.0.2.1");
	bed_service(&bed, "default/other", "d=192.0.2.1");
	bed_cluster(&bed, "c", "eu: a");
	bed_commit(&bed);
	bool was_withdrawn = false;
	(void)bed_changes(&bed);
	for (; steps->kind != END; steps++) {
		step_do(&bed, steps);
		struct cluster_view view;
		uint16_t id = 0;
		while (!model_cluster(bed.model, id, &view) || view.name.data[0] != 'c')
			id++;
		int64_t want = steps->withdrawn_ms < 0 ? 0 : T0 + steps->withdrawn_ms;
		assert_int_equal(view.withdrawn_at_ms, want);
		const char *changes = bed_changes(&bed);
		/* Who lists the cluster changes when it turns, and nobody else. */
		if (steps->kind != GONE && steps->kind != GRACE)
			assert_string_equal(changes, (want != 0) != was_withdrawn ? "default/lists" : "");
		was_withdrawn = want != 0;
	}
	bed_clear(&bed);
}

static void withdrawn_when_the_grace_is_over_and_back_at_once(void **state)
{
	(void)state;
	static const struct step STORY[] = {
		{SEE, 0, READY_FALSE, T0 - 10000, -1, 0},
		{TICK, 49999, 0, 0, -1, 50000},
		{TICK, 50000, 0, 0, 50000, -1},
		{TICK, 90000, 0, 0, 50000, -1},
		{SEE, 95000, READY_FALSE, T0 - 10000, 50000, 0},
		{SEE, 96000, READY_TRUE, 0, -1, 0},
		{TICK, 97000, 0, 0, -1, -1},
		{END, 0, 0, 0, 0, 0},
	};
	story(STORY);
}

static void without_a_time_the_first_sighting_counts(void **state)
{
	(void)state;
	static const struct step STORY[] = {
		{SEE, 5000, READY_FALSE, 0, -1, 0}, {SEE, 30000, READY_FALSE, 0, -1, 0},
		{TICK, 30000, 0, 0, -1, 65000},     {SEE, 65000, READY_FALSE, 0, 65000, 0},
		{SEE, 70000, READY_TRUE, 0, -1, 0}, {SEE, 80000, READY_FALSE, 0, -1, 0},
		{TICK, 80000, 0, 0, -1, 140000},    {END, 0, 0, 0, 0, 0},
	};
	story(STORY);
}

static void a_time_in_the_future_is_not_believed(void **state)
{
	(void)state;
	static const struct step STORY[] = {
		{SEE, 1000, READY_FALSE, T0 + 500000, -1, 0},
		{TICK, 2000, 0, 0, -1, 61000},
		{SEE, 3000, READY_FALSE, T0 + 500000, -1, 0},
		{TICK, 61000, 0, 0, 61000, -1},
		{END, 0, 0, 0, 0, 0},
	};
	story(STORY);
}

static void long_not_ready_is_withdrawn_when_first_seen(void **state)
{
	(void)state;
	static const struct step STORY[] = {
		{SEE, 1000, READY_FALSE, T0 - 60000, 1000, 0},
		{TICK, 2000, 0, 0, 1000, -1},
		{END, 0, 0, 0, 0, 0},
	};
	story(STORY);
}

static void lost_sight_is_not_being_down(void **state)
{
	(void)state;
	static const struct step STORY[] = {
		{SEE, 0, READY_UNKNOWN, T0 - 600000, -1, 0},
		{TICK, 600000, 0, 0, -1, -1},
		{SEE, 700000, READY_FALSE, T0, 700000, 0},
		{SEE, 710000, READY_UNKNOWN, T0, -1, 0},
		{TICK, 900000, 0, 0, -1, -1},
		{SEE, 910000, READY_FALSE, 0, -1, 0},
		{TICK, 910000, 0, 0, -1, 970000},
		{END, 0, 0, 0, 0, 0},
	};
	story(STORY);
}

static void a_deleted_cluster_is_not_withdrawn(void **state)
{
	(void)state;
	static const struct step STORY[] = {
		{SEE, 0, READY_FALSE, T0 - 60000, 0, 0},
		{GONE, 1000, 0, 0, -1, 0},
		{TICK, 90000, 0, 0, -1, -1},
		{END, 0, 0, 0, 0, 0},
	};
	story(STORY);
}

static void another_grace_is_judged_afresh(void **state)
{
	(void)state;
	static const struct step STORY[] = {
		{SEE, 0, READY_FALSE, T0 - 10000, -1, 0}, {GRACE, 1000, 0, 5000, 1000, 0},
		{GRACE, 2000, 0, 100000, -1, 0},          {TICK, 3000, 0, 0, -1, 90000},
		{GRACE, 4000, 0, INT64_MAX, -1, 0},       {TICK, 9000000, 0, 0, -1, INT64_MAX - T0},
		{GRACE, 9000001, 0, 0, 9000001, 0},       {END, 0, 0, 0, 0, 0},
	};
	story(STORY);
}

static void a_clock_set_back_returns_nobody(void **state)
{
	(void)state;
	static const struct step STORY[] = {
		{SEE, 0, READY_FALSE, T0 - 10000, -1, 0},
		{TICK, 50000, 0, 0, 50000, -1},
		{TICK, 40000, 0, 0, 50000, -1},
		{SEE, 41000, READY_FALSE, T0 - 10000, 50000, 0},
		{END, 0, 0, 0, 0, 0},
	};
	story(STORY);
}

static void two_found_together_have_one_time(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	bed_ready(&bed, "a", "eu", READY_FALSE, T0 - 1000);
	bed_ready(&bed, "b", "eu", READY_FALSE, T0 - 2000);
	bed_commit(&bed);
	assert_int_equal(model_tick(bed.model, T0), T0 + 58000);
	assert_int_equal(model_tick(bed.model, T0 + 70000), INT64_MAX);
	assert_string_equal(
		bed_lines(&bed, "cluster "),
		"cluster a known in-source ready=false since=999000 withdrawn=1070000 at eu: source eu:; "
		"cluster b known in-source ready=false since=998000 withdrawn=1070000 at eu: source eu:");
	bed_clear(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(withdrawn_when_the_grace_is_over_and_back_at_once),
		cmocka_unit_test(without_a_time_the_first_sighting_counts),
		cmocka_unit_test(a_time_in_the_future_is_not_believed),
		cmocka_unit_test(long_not_ready_is_withdrawn_when_first_seen),
		cmocka_unit_test(lost_sight_is_not_being_down),
		cmocka_unit_test(a_deleted_cluster_is_not_withdrawn),
		cmocka_unit_test(another_grace_is_judged_afresh),
		cmocka_unit_test(a_clock_set_back_returns_nobody),
		cmocka_unit_test(two_found_together_have_one_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
