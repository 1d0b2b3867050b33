/* Whatever is there and whatever is wanted: the provider takes each step, others' records stay as
 * they are, no name is without a record that had one, and in the end there is what is wanted, by as
 * few calls as there can be; also where the steps end too early and another plan goes on. */
#include "fewest_calls.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS     2000
#define RIVALS     300 /* rounds of one name whose calls are compared with the fewest */
#define NAMES      6
#define CONTENTS   6 /* different values of a type */
#define STEPS_MAX  200
#define REPLAN_MAX 3

static const char *const RRS[NAMES] = {"@", "www", "a-www", "x.y", "deep.x.y", "*"};
static const uint16_t TYPES[] = {TYPE_A, TYPE_AAAA, TYPE_CNAME, TYPE_NS, TYPE_SRV, TYPE_TXT, 15, 0};

/** A round: what there is, what is wanted. */
struct scene {
	struct plan_bed bed;
	struct fake_domain domain;
	bool plain; /* all that there is is ours, nothing is held, nothing limited */
};

static uint32_t next(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % below;
}

static void value_write(uint16_t type, unsigned i, char value[FAKE_TEXT_SIZE])
{
	switch (type) {
	case TYPE_A:
		(void)snprintf(value, FAKE_TEXT_SIZE, "192.0.2.%u", i);
		break;
	case TYPE_AAAA:
		(void)snprintf(value, FAKE_TEXT_SIZE, "2001:db8::%u", i + 1);
		break;
	case TYPE_SRV:
		(void)snprintf(value, FAKE_TEXT_SIZE, "1 2 %u www.example", i);
		break;
	default:
		(void)snprintf(value, FAKE_TEXT_SIZE, "%c.example", (char)('a' + i));
	}
}

static struct fake_record record_random(uint32_t *seed, size_t types)
{
	struct fake_record record = {.mark = MARK_OURS, .type = TYPES[next(seed, (uint32_t)types)]};
	record.ttl_s = next(seed, 4) == 0 ? 600 : 700;
	(void)snprintf(record.rr, sizeof record.rr, "%s", RRS[next(seed, NAMES)]);
	value_write(record.type, next(seed, CONTENTS), record.value);
	return record;
}

/* Others' records, records of another line, held and pending ones, external-dns's. */
static void spice(struct fake_record *record, uint32_t *seed)
{
	switch (next(seed, 16)) {
	case 0:
		record->mark = MARK_OTHER;
		break;
	case 1:
	case 2:
		record->mark = MARK_NONE;
		break;
	case 3:
	case 4:
		record->mark = MARK_PENDING;
		break;
	case 5:
		record->holds = 1u << next(seed, 4);
		break;
	case 6:
		record->mark = MARK_NONE;
		record->holds = 1u << next(seed, 4);
		break;
	case 7:
		record->mark = next(seed, 2) == 0 ? MARK_NONE : MARK_OTHER;
		record->type = TYPE_TXT;
		(void)snprintf(record->value, sizeof record->value, "heritage=external-dns");
		break;
	default:
		break;
	}
}

/* What is wanted comes by types that agree, as what fedns compiles does: a domain of its own says
 * which. */
static void wants_make(struct scene *scene, uint32_t *seed)
{
	static struct fake_domain wanted;
	memset(&wanted, 0, sizeof wanted);
	for (uint32_t n = next(seed, 14); n > 0; n--) {
		struct fake_record record = record_random(seed, 6);
		char line[256];
		if (fake_add(&wanted, &record) != NULL)
			continue;
		char type[16];
		type_text(record.type, type);
		(void)snprintf(line, sizeof line, "want %s %s %u %s", record.rr, type, record.ttl_s,
		               record.value);
		bed_take(&scene->bed, line);
	}
}

static void scene_make(struct scene *scene, uint32_t *seed)
{
	bed_init(&scene->bed);
	memset(&scene->domain, 0, sizeof scene->domain);
	scene->plain = next(seed, 3) == 0;
	for (uint32_t n = next(seed, 16); n > 0; n--) {
		struct fake_record record = record_random(seed, sizeof TYPES / sizeof TYPES[0]);
		if (!scene->plain)
			spice(&record, seed);
		(void)fake_add(&scene->domain, &record); /* or it has no place there */
	}
	wants_make(scene, seed);
	if (!scene->plain) {
		scene->bed.ask.adopt = next(seed, 2) == 0;
		scene->bed.ask.whole = next(seed, 4) != 0;
		scene->bed.ask.limits.ttl_min_s = next(seed, 2) * 650;
		scene->bed.ask.limits.levels_max = next(seed, 3) == 0 ? 2 : 0;
		scene->bed.ask.limits.same_max = next(seed, 3) == 0 ? 2 : 0;
	}
	/* Records that break a limit may be there from a time when it was another. */
	scene->domain.limits = scene->bed.ask.limits;
	scene->domain.adopt = scene->bed.ask.adopt;
	record_list_free(scene->bed.have);
	scene->bed.have = NULL;
}

static struct plan *replan(struct scene *scene)
{
	record_list_free(scene->bed.have);
	scene->bed.have = record_list_new();
	assert_non_null(scene->bed.have);
	scene->bed.ask.have = scene->bed.have;
	fake_list(&scene->domain, scene->bed.have);
	return bed_plan(&scene->bed);
}

static struct bytes rr_of(const struct scene *scene, const struct plan_step *step)
{
	return step->have != PLAN_NONE ? record_list_at(scene->bed.have, step->have)->rr
	                               : record_list_at(scene->bed.want, step->want)->rr;
}

static bool is_wanted(const struct scene *scene, struct bytes rr)
{
	for (size_t i = 0; i < record_list_count(scene->bed.want); i++) {
		if (bytes_equal(record_list_at(scene->bed.want, i)->rr, rr))
			return true;
	}
	return false;
}

/* Is there a note that says why a name, or one of its records, isn't as wanted? */
static bool is_noted(const struct scene *scene, const struct plan *plan, struct bytes rr)
{
	size_t count;
	const struct plan_note *notes = plan_notes(plan, &count);
	/* What is there at a name too deep stays with the TTL that it has. */
	if (scene->bed.ask.limits.levels_max != 0 && bytes_equal(rr, bytes_of("deep.x.y")))
		return true;
	for (size_t i = 0; i < count; i++) {
		struct bytes at = notes[i].want != PLAN_NONE
		                      ? record_list_at(scene->bed.want, notes[i].want)->rr
		                      : record_list_at(scene->bed.have, notes[i].have)->rr;
		if (bytes_equal(at, rr))
			return true;
	}
	return false;
}

static void take_step(struct scene *scene, const struct plan *plan, const struct plan_step *step,
                      bool remark)
{
	const char *code = fake_apply(&scene->domain, &scene->bed, plan, step, remark);
	if (code != NULL) {
		char *text = plan_text(&scene->bed, plan);
		fail_msg("a step is refused: %s, of\n%s", code, text);
	}
	struct bytes rr = rr_of(scene, step);
	/* What may not be put in its place, for the name is too deep, replaces nothing. */
	if (is_wanted(scene, rr) && !is_noted(scene, plan, rr))
		assert_int_not_equal(fake_count_at(&scene->domain, rr), 0);
}

/* Take the first `count` steps; the last one may lose its remark. Returns how many there were. */
static size_t take_steps(struct scene *scene, const struct plan *plan, size_t count, bool remark)
{
	size_t all;
	const struct plan_step *steps = plan_steps(plan, &all);
	for (size_t i = 0; i < count && i < all; i++)
		take_step(scene, plan, &steps[i], remark || i + 1 < count);
	return all;
}

static bool foreign(const struct fake_record *record, bool adopt)
{
	return record->id != 0 && (record->mark == MARK_OTHER || record->holds != 0 ||
	                           (record->mark == MARK_NONE && !adopt));
}

static void others_are_as_before(const struct fake_domain *before, const struct fake_domain *after)
{
	for (size_t i = 0; i < FAKE_RECORDS_MAX; i++) {
		if (foreign(&before->records[i], before->adopt))
			assert_memory_equal(&before->records[i], &after->records[i], sizeof before->records[i]);
	}
}

static bool says(const struct fake_record *record, const struct record *want, uint32_t ttl_s)
{
	return record->id != 0 && record->type == want->type && record->ttl_s == ttl_s &&
	       record->mark == MARK_OURS && bytes_equal(bytes_of(record->rr), want->rr) &&
	       bytes_equal(bytes_of(record->value), want->value);
}

/* All that is wanted is there; and, where things may go, nothing else of ours. */
static void is_as_wanted(const struct scene *scene, const struct plan *plan)
{
	size_t found = 0;
	for (size_t i = 0; i < record_list_count(scene->bed.want); i++) {
		const struct record *want = record_list_at(scene->bed.want, i);
		if (is_noted(scene, plan, want->rr) || !scene->bed.ask.whole)
			continue;
		size_t there = 0;
		for (size_t j = 0; j < FAKE_RECORDS_MAX; j++)
			there += says(&scene->domain.records[j], want, plan_ttl(plan, want));
		if (there != 1)
			fail_msg("%.*s %.*s is there %zu times", BYTES_ARG(want->rr), BYTES_ARG(want->value),
			         there);
		found++;
	}
	if (!scene->bed.ask.whole || record_list_count(scene->bed.want) == 0)
		return;
	for (size_t i = 0; i < FAKE_RECORDS_MAX; i++) {
		const struct fake_record *record = &scene->domain.records[i];
		if (record->id == 0 || is_noted(scene, plan, bytes_of(record->rr)))
			continue;
		assert_int_not_equal(record->mark, MARK_PENDING);
		found -= record->mark == MARK_OURS;
	}
	assert_int_equal(found, 0);
}

/* Where not all that is wanted is known, nothing of ours goes, nor becomes something else. */
static void deletes_what_it_may(const struct scene *scene, const struct plan *plan)
{
	if (scene->bed.ask.whole && record_list_count(scene->bed.want) > 0)
		return;
	size_t count;
	const struct plan_step *steps = plan_steps(plan, &count);
	assert_int_equal(plan_counts(plan)->deletes, 0);
	for (size_t i = 0; i < count; i++) {
		if (steps[i].kind != STEP_UPDATE)
			continue;
		const struct record *have = record_list_at(scene->bed.have, steps[i].have);
		const struct record *want = record_list_at(scene->bed.want, steps[i].want);
		assert_int_equal(have->type, want->type);
		assert_true(bytes_equal(have->value, want->value));
	}
}

static bool nothing_is_left(struct scene *scene)
{
	size_t count;
	struct plan *plan = replan(scene);
	(void)plan_steps(plan, &count);
	plan_free(plan);
	return count == 0;
}

/* The plan stops after each of its steps, the last addition without its remark or with it; the next
 * plan goes on, and gets to the same end. */
static void goes_on_after_any_step(struct scene *scene, const struct fake_domain *begin,
                                   size_t steps)
{
	for (size_t stop = 0; stop < steps; stop++) {
		for (int remark = 0; remark < 2; remark++) {
			scene->domain = *begin;
			struct plan *plan = replan(scene);
			(void)take_steps(scene, plan, stop, remark != 0);
			plan_free(plan);
			plan = replan(scene);
			(void)take_steps(scene, plan, STEPS_MAX, true);
			is_as_wanted(scene, plan);
			others_are_as_before(begin, &scene->domain);
			plan_free(plan);
			assert_true(nothing_is_left(scene));
		}
	}
}

static void comes_to_what_is_wanted(void **state)
{
	(void)state;
	static struct scene scene;
	uint32_t seed = 5;
	size_t steps_in_all = 0;
	for (unsigned round = 0; round < ROUNDS; round++) {
		scene_make(&scene, &seed);
		struct fake_domain begin = scene.domain;
		struct plan *plan = replan(&scene);
		size_t noted;
		(void)plan_notes(plan, &noted);
		deletes_what_it_may(&scene, plan);
		if (scene.plain)
			assert_int_equal(noted, 0);
		size_t steps = take_steps(&scene, plan, STEPS_MAX, true);
		is_as_wanted(&scene, plan);
		others_are_as_before(&begin, &scene.domain);
		plan_free(plan);
		assert_true(nothing_is_left(&scene));
		if (round % 8 == 0)
			goes_on_after_any_step(&scene, &begin, steps);
		steps_in_all += steps;
		bed_clear(&scene.bed);
	}
	assert_true(steps_in_all > ROUNDS); /* or it was a test of nothing */
}

/* Records of one name into `out`, at most FEWEST_MAX. */
static size_t records_at_name(const struct scene *scene, struct fake_record *out)
{
	size_t count = 0;
	for (size_t i = 0; i < FAKE_RECORDS_MAX; i++) {
		if (scene->domain.records[i].id != 0)
			out[count++] = scene->domain.records[i];
	}
	return count;
}

static void one_name_make(struct scene *scene, uint32_t *seed, struct fake_record *want,
                          size_t *want_count)
{
	const char *rr = next(seed, 3) == 0 ? "@" : "www";
	static struct fake_domain wanted;
	memset(&wanted, 0, sizeof wanted);
	memset(&scene->domain, 0, sizeof scene->domain);
	bed_init(&scene->bed);
	for (unsigned n = 0; n < FEWEST_MAX; n++) {
		struct fake_record record = record_random(seed, sizeof TYPES / sizeof TYPES[0]);
		(void)snprintf(record.rr, sizeof record.rr, "%s", rr);
		(void)fake_add(&scene->domain, &record);
		record = record_random(seed, 6);
		(void)snprintf(record.rr, sizeof record.rr, "%s", rr);
		if (fake_add(&wanted, &record) == NULL) {
			char line[256], type[16];
			type_text(record.type, type);
			(void)snprintf(line, sizeof line, "want %s %s %u %s", rr, type, record.ttl_s,
			               record.value);
			bed_take(&scene->bed, line);
			want[(*want_count)++] = record;
		}
	}
	record_list_free(scene->bed.have);
	scene->bed.have = NULL;
}

static void takes_as_few_calls_as_can_be(void **state)
{
	(void)state;
	static struct scene scene;
	uint32_t seed = 7;
	for (unsigned round = 0; round < RIVALS; round++) {
		struct fake_record have[FEWEST_MAX], want[FEWEST_MAX];
		size_t want_count = 0, steps;
		one_name_make(&scene, &seed, want, &want_count);
		size_t have_count = records_at_name(&scene, have);
		struct plan *plan = replan(&scene);
		(void)plan_steps(plan, &steps);
		unsigned fewest = fewest_calls(have, have_count, want, want_count);
		if (steps != fewest) {
			char *text = plan_text(&scene.bed, plan);
			fail_msg("round %u: %zu calls, not %u:\n%s", round, steps, fewest, text);
		}
		plan_free(plan);
		bed_clear(&scene.bed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_to_what_is_wanted),
		cmocka_unit_test(takes_as_few_calls_as_can_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
