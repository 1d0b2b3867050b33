#include "plan_bed.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_SIZE_MAX (1 << 20)
#define WORDS_MAX     7

void bed_init(struct plan_bed *bed)
{
	*bed = (struct plan_bed){.have = record_list_new(), .want = record_list_new()};
	assert_non_null(bed->have);
	assert_non_null(bed->want);
	bed->ask = (struct plan_ask){
		.have = bed->have, .want = bed->want, .whole = true, .max_delete_percent = 100};
}

void bed_clear(struct plan_bed *bed)
{
	record_list_free(bed->have);
	record_list_free(bed->want);
}

/* Split `line` into at most `count` words; the last one is the rest of it. Words that aren't there
 * are empty. */
static size_t words_split(char *line, char **words, size_t count)
{
	size_t found = 0;
	for (size_t i = 0; i < count; i++)
		words[i] = line + strlen(line);
	while (*line != '\0' && found < count) {
		words[found++] = line;
		char *blank = found < count ? strchr(line, ' ') : NULL;
		if (blank == NULL)
			break;
		*blank = '\0';
		line = blank + 1;
		while (*line == ' ')
			line++;
	}
	return found;
}

static uint32_t number_of(const char *word)
{
	uint64_t number;
	if (!bytes_number(bytes_of(word), UINT32_MAX, &number))
		fail_msg("no number: %s", word);
	return (uint32_t)number;
}

static uint16_t type_of(const char *word)
{
	uint16_t type = record_type_of(bytes_of(word));
	if (type == 0 && strcmp(word, "OWN") != 0)
		fail_msg("no type: %s", word);
	return type;
}

static void mark_take(struct record *record, const char *word)
{
	static const char *const MARKS[] = {"none", "ours", "other", "pending"};
	static const char *const HOLDS[] = {"+line", "+disabled", "+locked", "+weighted"};
	size_t size = strcspn(word, "+");
	unsigned mark = 0;
	while (mark < 4 && (strlen(MARKS[mark]) != size || memcmp(MARKS[mark], word, size) != 0))
		mark++;
	if (mark == 4)
		fail_msg("no mark: %s", word);
	record->mark = (uint8_t)mark;
	for (unsigned i = 0; i < 4; i++) {
		if (strstr(word, HOLDS[i]) != NULL)
			record->holds |= (uint8_t)(1u << i);
	}
}

static enum err have_take(struct plan_bed *bed, char **words, size_t count)
{
	struct why why;
	if (count < 6)
		fail_msg("have ID NAME TYPE TTL MARK VALUE");
	struct record record = {.id = bytes_of(words[1]),
	                        .rr = bytes_of(words[2]),
	                        .type = type_of(words[3]),
	                        .ttl_s = number_of(words[4]),
	                        .value = bytes_of(words[6])};
	mark_take(&record, words[5]);
	return record_list_add(bed->have, &record, &why);
}

/* The value may have blanks: it was split as a have line is, which has two words more. */
static enum err want_take(struct plan_bed *bed, char *line)
{
	char *words[5];
	struct why why;
	if (words_split(line, words, 5) != 5)
		fail_msg("want NAME TYPE TTL VALUE");
	const struct record record = {.rr = bytes_of(words[1]),
	                              .type = type_of(words[2]),
	                              .ttl_s = number_of(words[3]),
	                              .value = bytes_of(words[4]),
	                              .mark = MARK_OURS};
	return record_list_add(bed->want, &record, &why);
}

static void option_take(struct plan_ask *ask, const char *name, const char *value)
{
	if (strcmp(name, "whole") == 0)
		ask->whole = strcmp(value, "yes") == 0;
	else if (strcmp(name, "adopt") == 0)
		ask->adopt = strcmp(value, "yes") == 0;
	else if (strcmp(name, "ttl_min") == 0)
		ask->limits.ttl_min_s = number_of(value);
	else if (strcmp(name, "levels_max") == 0)
		ask->limits.levels_max = number_of(value);
	else if (strcmp(name, "same_max") == 0)
		ask->limits.same_max = number_of(value);
	else if (strcmp(name, "max_delete") == 0)
		ask->max_delete_percent = number_of(value);
	else
		fail_msg("no option: %s", name);
}

enum err bed_try(struct plan_bed *bed, const char *line)
{
	char copy[PLAN_TEXT_SIZE_MAX];
	char *words[WORDS_MAX];
	(void)snprintf(copy, sizeof copy, "%s", line);
	if (strncmp(copy, "want ", 5) == 0)
		return want_take(bed, copy);
	size_t count = words_split(copy, words, WORDS_MAX);
	if (count > 0 && strcmp(words[0], "have") == 0)
		return have_take(bed, words, count);
	if (count != 3 || strcmp(words[0], "option") != 0)
		fail_msg("neither have, want nor option: %s", line);
	option_take(&bed->ask, words[1], words[2]);
	return ERR_OK;
}

void bed_take(struct plan_bed *bed, const char *lines)
{
	while (*lines != '\0') {
		size_t size = strcspn(lines, "\n");
		char line[PLAN_TEXT_SIZE_MAX];
		assert_true(size < sizeof line);
		memcpy(line, lines, size);
		line[size] = '\0';
		if (size > 0 && line[0] != '#')
			assert_int_equal(bed_try(bed, line), ERR_OK);
		lines += size + (lines[size] == '\n');
	}
}

struct plan *bed_plan(struct plan_bed *bed)
{
	struct plan *plan;
	struct why why;
	record_list_sort(bed->have);
	record_list_sort(bed->want);
	assert_int_equal(plan_make(&bed->ask, &plan, &why), ERR_OK);
	return plan;
}

void record_text(const struct record *record, uint32_t ttl_s, char *text, size_t size)
{
	char type[16] = "OWN";
	if (record->type != 0)
		type_text(record->type, type);
	(void)snprintf(text, size, "%.*s %s %u %.*s", BYTES_ARG(record->rr), type, ttl_s,
	               BYTES_ARG(record->value));
}

static void step_put(const struct plan_bed *bed, const struct plan *plan,
                     const struct plan_step *step, struct buf *out)
{
	static const char *const KINDS[] = {"mark", "update", "add", "delete"};
	assert_int_equal(buf_printf(out, "%s", KINDS[step->kind]), ERR_OK);
	if (step->have != PLAN_NONE)
		assert_int_equal(
			buf_printf(out, " %.*s", BYTES_ARG(record_list_at(bed->have, step->have)->id)), ERR_OK);
	if (step->want != PLAN_NONE) {
		char text[PLAN_TEXT_SIZE_MAX];
		const struct record *want = record_list_at(bed->want, step->want);
		record_text(want, plan_ttl(plan, want), text, sizeof text);
		assert_int_equal(buf_printf(out, " %s", text), ERR_OK);
	}
	assert_int_equal(buf_add(out, bytes_of("\n")), ERR_OK);
}

static void note_put(const struct plan_bed *bed, const struct plan_note *note, struct buf *out)
{
	static const char *const KINDS[] = {"conflict", "equal", "external-dns",
	                                    "drift",    "deep",  "many"};
	char text[PLAN_TEXT_SIZE_MAX];
	if (note->have != PLAN_NONE)
		(void)snprintf(text, sizeof text, "%.*s",
		               BYTES_ARG(record_list_at(bed->have, note->have)->id));
	else
		record_text(record_list_at(bed->want, note->want),
		            record_list_at(bed->want, note->want)->ttl_s, text, sizeof text);
	assert_int_equal(buf_printf(out, "note %s %s\n", KINDS[note->kind], text), ERR_OK);
}

static char *text_of(struct buf *buf)
{
	char *text = strndup(buf->data == NULL ? "" : (const char *)buf->data, buf->size);
	assert_non_null(text);
	buf_free(buf);
	return text;
}

char *plan_text(const struct plan_bed *bed, const struct plan *plan)
{
	struct buf out;
	buf_init(&out, TEXT_SIZE_MAX);
	size_t name_count, step_count, note_count, next = 0;
	const struct plan_name *names = plan_names(plan, &name_count);
	const struct plan_step *steps = plan_steps(plan, &step_count);
	const struct plan_note *notes = plan_notes(plan, &note_count);
	for (size_t i = 0; i < name_count; i++) {
		assert_int_equal(names[i].first, next);
		assert_true(names[i].count > 0);
		next += names[i].count;
		if (i > 0)
			assert_int_equal(buf_add(&out, bytes_of("\n")), ERR_OK);
		for (size_t j = names[i].first; j < next; j++)
			step_put(bed, plan, &steps[j], &out);
	}
	assert_int_equal(next, step_count);
	for (size_t i = 0; i < note_count; i++)
		note_put(bed, &notes[i], &out);
	return text_of(&out);
}

char *counts_text(const struct plan *plan)
{
	const struct plan_counts *counts = plan_counts(plan);
	const struct {
		const char *name;
		size_t value;
	} all[] = {
		{"unchanged", counts->unchanged}, {"adds", counts->adds},
		{"updates", counts->updates},     {"deletes", counts->deletes},
		{"marks", counts->marks},         {"conflicts", counts->conflicts},
		{"drift", counts->drift},         {"left_out", counts->left_out},
		{"raised", counts->raised},       {"ours", counts->ours},
		{"held", counts->held},
	};
	struct buf out;
	buf_init(&out, TEXT_SIZE_MAX);
	assert_int_equal(buf_add(&out, bytes_of("counts")), ERR_OK);
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		if (all[i].value != 0)
			assert_int_equal(buf_printf(&out, " %s=%zu", all[i].name, all[i].value), ERR_OK);
	}
	assert_int_equal(buf_add(&out, bytes_of("\n")), ERR_OK);
	return text_of(&out);
}
