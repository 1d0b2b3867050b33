#include "plan_internal.h"

#include "fedns/utf8.h"

#include <assert.h>
#include <stdio.h>

/* A long value is cut: its begin tells which record it is. */
#define VALUE_SHOWN 100

static void record_text(const struct record *record, char *text, size_t size)
{
	char type[16] = "record";
	if (record->type != 0)
		type_text(record->type, type);
	int shown = record->value.size < VALUE_SHOWN ? (int)record->value.size : VALUE_SHOWN;
	if (record->id.size == 0)
		(void)snprintf(text, size, "%.*s %s %.*s", BYTES_ARG(record->rr), type, shown,
		               (const char *)record->value.data);
	else
		(void)snprintf(text, size, "%.*s %s %.*s (record %.*s)", BYTES_ARG(record->rr), type, shown,
		               (const char *)record->value.data, BYTES_ARG(record->id));
}

static const char *hold_word(const struct record *record)
{
	if ((record->holds & HOLD_LINE) != 0)
		return "given to another line than `default`";
	if ((record->holds & HOLD_LOCKED) != 0)
		return "locked";
	if ((record->holds & HOLD_DISABLED) != 0)
		return "disabled";
	return "weighted";
}

/* Whose record is it, for all that is known? */
static const char *owner_word(const struct record *record)
{
	return record->mark == MARK_OTHER ? "has another owner's remark" : "isn't ours";
}

static void other_text(const struct plan_note *note, const struct record *have,
                       const struct record *want, const char *what, char *text, size_t size)
{
	if (note->kind == NOTE_EQUAL)
		(void)snprintf(text, size,
		               "%s isn't ours, and says what is wanted; the name is left alone: `adopt: "
		               "true` takes it over",
		               what);
	else if (note->kind == NOTE_CONFLICT)
		(void)snprintf(text, size,
		               "%s %s; the name is left alone: remove the record at the provider, or the "
		               "service here",
		               what, owner_word(have));
	else if (want == NULL)
		(void)snprintf(
			text, size,
			"%s is ours, but a TXT record says that external-dns owns its name; the name "
			"is left alone: remove that record once external-dns has given the name up",
			what);
	else
		(void)snprintf(text, size,
		               "%s says that external-dns owns %.*s; the name is left alone: remove that "
		               "record once external-dns has given the name up",
		               what, BYTES_ARG(want->rr));
}

static void want_text(const struct plan *plan, const struct plan_note *note, const char *what,
                      char *text, size_t size)
{
	if (note->kind == NOTE_DEEP)
		(void)snprintf(
			text, size,
			"%s: more than %u levels below the domain, the most that its edition allows; "
			"the name is left out: a higher edition has more levels",
			what, plan->ask.limits.levels_max);
	else if (note->kind == NOTE_MANY)
		(void)snprintf(text, size,
		               "%s: more than %u records of one name and type, the most that the domain's "
		               "edition allows; it and the rest are left out",
		               what, plan->ask.limits.same_max);
	else
		(void)snprintf(text, size,
		               "%s: what else is wanted can't stand beside it; the name is left alone",
		               what);
}

static void note_write(const struct plan *plan, const struct plan_note *note, char *text,
                       size_t size)
{
	const struct record *want =
		note->want == PLAN_NONE ? NULL : record_list_at(plan->ask.want, note->want);
	char what[WHY_TEXT_SIZE];
	if (note->have == PLAN_NONE) {
		assert(want != NULL);
		record_text(want, what, sizeof what);
		want_text(plan, note, what, text, size);
		return;
	}
	const struct record *have = record_list_at(plan->ask.have, note->have);
	record_text(have, what, sizeof what);
	if (note->kind == NOTE_DRIFT && (have->holds & HOLD_REFUSED) != 0)
		(void)snprintf(
			text, size,
			"%s is ours, but the provider refuses to change it; it is left as it is until "
			"the next full comparison",
			what);
	else if (note->kind == NOTE_DRIFT)
		(void)snprintf(text, size,
		               "%s is ours, but was %s by hand; it is left as it is: undo that at the "
		               "provider, or remove the record",
		               what, hold_word(have));
	else
		other_text(note, have, want, what, text, size);
}

void plan_note_text(const struct plan *plan, const struct plan_note *note, char *text, size_t size)
{
	note_write(plan, note, text, size);
	utf8_clean(text); /* others' values may hold anything, and are cut */
}
