/* plan_make by cases: each tests/cases/plan/NAME.txt is one, its name says the behaviour. What
 * there is and what is asked stands before a line "---", as plan_bed.h says; what must come of it
 * behind: the plan, and the counts that aren't 0 where a line of the case begins with "counts". A
 * "#" begins a line of comment. The steps are taken by a domain that refuses what the provider
 * would. */
#include "fake_domain.h"

#include "check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CASES_DIR     TESTS_DIR "/cases/plan"
#define CASES_MAX     300
#define CASE_SIZE_MAX 16384

struct plan_case {
	char text[CASE_SIZE_MAX];
	const char *given, *expected; /* in `text` */
};

static void case_read(const char *file, struct plan_case *the_case)
{
	char path[512];
	(void)snprintf(path, sizeof path, CASES_DIR "/%s", file);
	FILE *in = fopen(path, "r");
	assert_non_null(in);
	size_t size = fread(the_case->text, 1, sizeof the_case->text - 1, in);
	(void)fclose(in);
	the_case->text[size] = '\0';
	char *rule = strstr(the_case->text, "---\n");
	if (rule == NULL) {
		fail_msg("%s has no line \"---\"", file);
		return;
	}
	*rule = '\0';
	the_case->given = the_case->text;
	the_case->expected = rule + 4;
}

/* The steps one after the other, before a provider that has its own idea of what it takes. */
static void steps_are_taken(const struct plan_bed *bed, const struct plan *plan)
{
	struct fake_domain domain = {.adopt = bed->ask.adopt};
	for (size_t i = 0; i < record_list_count(bed->have); i++) {
		const struct record *record = record_list_at(bed->have, i);
		struct fake_record *fake = &domain.records[i];
		*fake = (struct fake_record){.type = record->type,
		                             .ttl_s = record->ttl_s,
		                             .mark = record->mark,
		                             .holds = record->holds};
		uint64_t id;
		assert_true(bytes_number(record->id, 1000, &id));
		fake->id = (unsigned)id;
		(void)snprintf(fake->rr, sizeof fake->rr, "%.*s", BYTES_ARG(record->rr));
		(void)snprintf(fake->value, sizeof fake->value, "%.*s", BYTES_ARG(record->value));
		domain.last_id = fake->id > domain.last_id ? fake->id : domain.last_id;
	}
	size_t count;
	const struct plan_step *steps = plan_steps(plan, &count);
	for (size_t i = 0; i < count; i++) {
		const char *code = fake_apply(&domain, bed, plan, &steps[i], true);
		if (code != NULL)
			fail_msg("step %zu is refused: %s", i + 1, code);
	}
}

static void case_run(void **state)
{
	struct plan_case the_case;
	case_read(*state, &the_case);
	struct plan_bed bed;
	bed_init(&bed);
	bed_take(&bed, the_case.given);
	struct plan *plan = bed_plan(&bed);
	char *text = plan_text(&bed, plan), *counts = counts_text(plan);
	char got[CASE_SIZE_MAX];
	bool counted = strstr(the_case.expected, "counts") != NULL;
	(void)snprintf(got, sizeof got, "%s%s", text, counted ? counts : "");
	if (strcmp(got, the_case.expected) != 0)
		fail_msg("got\n%s\nnot\n%s", got, the_case.expected);
	steps_are_taken(&bed, plan);
	free(text);
	free(counts);
	plan_free(plan);
	bed_clear(&bed);
}

static void notes_are_sentences(void **state)
{
	(void)state;
	static const struct {
		const char *given, *sentence;
	} CASES[] = {
		{"have 1 www A 600 other 192.0.2.1\nwant www A 60 192.0.2.2\n",
	     "www A 192.0.2.1 (record 1) has another owner's remark; the name is left alone: remove "
	     "the "
	     "record at the provider, or the service here"},
		{"have 1 www OWN 600 none http://example\nwant www A 60 192.0.2.2\n",
	     "www record http://example (record 1) isn't ours; the name is left alone: remove the "
	     "record "
	     "at the provider, or the service here"},
		{"want www A 60 192.0.2.2\nwant www CNAME 60 x\n",
	     "www A 192.0.2.2: what else is wanted can't stand beside it; the name is left alone"},
		{"have 1 www A 600 none 192.0.2.2\nwant www A 60 192.0.2.2\n",
	     "www A 192.0.2.2 (record 1) isn't ours, and says what is wanted; the name is left alone: "
	     "`adopt: true` takes it over"},
		{"have 1 a-www TXT 600 none heritage=external-dns,x\nwant www A 60 192.0.2.2\n",
	     "a-www TXT heritage=external-dns,x (record 1) says that external-dns owns www; the name "
	     "is "
	     "left alone: remove that record once external-dns has given the name up"},
		{"have 1 a-www TXT 600 none heritage=external-dns,x\nhave 2 www A 60 ours 192.0.2.2\n",
	     "www A 192.0.2.2 (record 2) is ours, but a TXT record says that external-dns owns its "
	     "name; "
	     "the name is left alone: remove that record once external-dns has given the name up"},
		{"have 1 www A 600 ours+locked 192.0.2.2\n",
	     "www A 192.0.2.2 (record 1) is ours, but was locked by hand; it is left as it is: undo "
	     "that "
	     "at the provider, or remove the record"},
		{"have 1 www A 600 ours+line+locked 192.0.2.2\n",
	     "www A 192.0.2.2 (record 1) is ours, but was given to another line than `default` by "
	     "hand; "
	     "it is left as it is: undo that at the provider, or remove the record"},
		{"option levels_max 1\nwant a.www A 60 192.0.2.2\n",
	     "a.www A 192.0.2.2: more than 1 levels below the domain, the most that its edition "
	     "allows; "
	     "the name is left out: a higher edition has more levels"},
		{"option same_max 1\nwant www A 60 192.0.2.2\nwant www A 60 192.0.2.3\n",
	     "www A 192.0.2.3: more than 1 records of one name and type, the most that the domain's "
	     "edition allows; it and the rest are left out"},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct plan_bed bed;
		bed_init(&bed);
		bed_take(&bed, CASES[i].given);
		struct plan *plan = bed_plan(&bed);
		size_t count;
		const struct plan_note *notes = plan_notes(plan, &count);
		assert_int_equal(count, 1);
		char text[WHY_TEXT_SIZE];
		plan_note_text(plan, &notes[0], text, sizeof text);
		assert_string_equal(text, CASES[i].sentence);
		plan_note_text(plan, &notes[0], text, 4); /* is cut */
		assert_int_equal(strlen(text), 3);
		plan_free(plan);
		bed_clear(&bed);
	}
}

static int is_case(const struct dirent *entry)
{
	size_t size = strlen(entry->d_name);
	return size > 4 && strcmp(entry->d_name + size - 4, ".txt") == 0;
}

int main(void)
{
	struct dirent **entries;
	int count = scandir(CASES_DIR, &entries, is_case, alphasort);
	if (count < 1 || count > CASES_MAX)
		return 1;
	static struct CMUnitTest tests[CASES_MAX + 1];
	for (int i = 0; i < count; i++)
		tests[i] = (struct CMUnitTest){
			.name = entries[i]->d_name, .test_func = case_run, .initial_state = entries[i]->d_name};
	tests[count] = (struct CMUnitTest)cmocka_unit_test(notes_are_sentences);
	int failed = _cmocka_run_group_tests("plan", tests, (size_t)count + 1, NULL, NULL);
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	return failed;
}
