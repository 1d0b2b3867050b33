/* `plan`: what a push would change. */
#include "cli.h"
#include "fedns/daemon.h"
#include "fedns/utf8.h"

#include <jansson.h>

static const char *const ACTIONS[] = {
	[STEP_MARK] = "mark", [STEP_UPDATE] = "update", [STEP_ADD] = "add", [STEP_DELETE] = "delete"};
static const char *const NOTES[] = {
	[NOTE_CONFLICT] = "conflict", [NOTE_EQUAL] = "equal", [NOTE_EXTERNAL_DNS] = "external-dns",
	[NOTE_DRIFT] = "drift",       [NOTE_DEEP] = "deep",   [NOTE_MANY] = "many",
};

struct planned {
	const struct plan *plan;
	const struct record_list *have, *want;
	struct provider_state state;
};

static const struct record *have_of(const struct planned *planned, const struct plan_step *step)
{
	return step->have == PLAN_NONE ? NULL : record_list_at(planned->have, step->have);
}

static const struct record *want_of(const struct planned *planned, const struct plan_step *step)
{
	return step->want == PLAN_NONE ? NULL : record_list_at(planned->want, step->want);
}

/* --- for people --------------------------------------------------------------------------- */

static void record_print(const struct record *record, uint32_t ttl_s)
{
	char type[16], text[PLAN_TEXT_SIZE_MAX + 64];
	type_text(record->type, type);
	(void)snprintf(text, sizeof text, " %.*s %u %s %.*s", BYTES_ARG(record->rr), ttl_s, type,
	               BYTES_ARG(record->value));
	utf8_clean(text); /* what is at the provider may hold anything */
	(void)fputs(text, stdout);
}

static void step_print(const struct planned *planned, const struct plan_step *step)
{
	const struct record *have = have_of(planned, step), *want = want_of(planned, step);
	(void)printf("%-6s", ACTIONS[step->kind]);
	if (want != NULL)
		record_print(want, plan_ttl(planned->plan, want));
	else
		record_print(have, have->ttl_s);
	if (step->kind == STEP_UPDATE) {
		(void)printf("   was");
		record_print(have, have->ttl_s);
	}
	(void)printf("\n");
}

static void plan_print(const struct planned *planned)
{
	size_t steps, notes;
	const struct plan_step *step = plan_steps(planned->plan, &steps);
	const struct plan_note *note = plan_notes(planned->plan, &notes);
	const struct plan_counts *counts = plan_counts(planned->plan);
	for (size_t i = 0; i < steps; i++)
		step_print(planned, &step[i]);
	for (size_t i = 0; i < notes; i++) {
		char text[WHY_TEXT_SIZE];
		plan_note_text(planned->plan, &note[i], text, sizeof text);
		(void)printf("%s: %s\n", NOTES[note[i].kind], text);
	}
	if (counts->held != 0)
		(void)printf(
			"held: %zu of %zu records would be deleted, more than max_delete: a push leaves "
			"them until `fedns approve`\n",
			counts->held, counts->ours);
	if (record_list_count(planned->want) == 0 && counts->ours != 0)
		(void)printf("left: nothing is wanted, so nothing is deleted: %zu records of ours stay\n",
		             counts->ours);
	(void)printf("%s: %zu to add, %zu to update, %zu to delete, %zu to mark, %zu unchanged\n",
	             planned->state.domain, counts->adds, counts->updates, counts->deletes,
	             counts->marks, counts->unchanged);
}

/* --- for programs ------------------------------------------------------------------------- */

static json_t *text_json(struct bytes text)
{
	return json_stringn((const char *)text.data, text.size);
}

static json_t *record_json(const struct record *record, uint32_t ttl_s)
{
	char type[16];
	if (record == NULL)
		return json_null();
	type_text(record->type, type);
	return json_pack("{s:o, s:s, s:o, s:I, s:o}", "name", text_json(record->rr), "type", type,
	                 "value", text_json(record->value), "ttl", (json_int_t)ttl_s, "id",
	                 record->id.size == 0 ? json_null() : text_json(record->id));
}

static json_t *step_json(const struct planned *planned, const struct plan_step *step)
{
	const struct record *have = have_of(planned, step), *want = want_of(planned, step);
	return json_pack("{s:s, s:o, s:o}", "action", ACTIONS[step->kind], "have",
	                 record_json(have, have == NULL ? 0 : have->ttl_s), "want",
	                 record_json(want, want == NULL ? 0 : plan_ttl(planned->plan, want)));
}

static json_t *note_json(const struct planned *planned, const struct plan_note *note)
{
	char text[WHY_TEXT_SIZE];
	plan_note_text(planned->plan, note, text, sizeof text);
	return json_pack("{s:s, s:s}", "kind", NOTES[note->kind], "text", text);
}

static json_t *plan_json(const struct planned *planned)
{
	size_t steps, notes;
	const struct plan_step *step = plan_steps(planned->plan, &steps);
	const struct plan_note *note = plan_notes(planned->plan, &notes);
	const struct plan_counts *counts = plan_counts(planned->plan);
	json_t *changes = json_array(), *told = json_array();
	bool good = changes != NULL && told != NULL;
	for (size_t i = 0; good && i < steps; i++)
		good = json_array_append_new(changes, step_json(planned, &step[i])) == 0;
	for (size_t i = 0; good && i < notes; i++)
		good = json_array_append_new(told, note_json(planned, &note[i])) == 0;
	if (!good) {
		json_decref(changes);
		json_decref(told);
		return NULL;
	}
	return json_pack("{s:s, s:s, s:I, s:o, s:o, s:I, s:I, s:I, s:I}", "domain",
	                 planned->state.domain, "edition", planned->state.edition.edition, "min_ttl",
	                 (json_int_t)planned->state.edition.ttl_min_s, "changes", changes, "notes",
	                 told, "unchanged", (json_int_t)counts->unchanged, "ours",
	                 (json_int_t)counts->ours, "held", (json_int_t)counts->held, "raised",
	                 (json_int_t)counts->raised);
}

static enum status json_print(const struct planned *planned)
{
	json_t *json = plan_json(planned);
	bool good = json != NULL && json_dumpf(json, stdout, JSON_INDENT(1)) == 0;
	(void)printf("\n");
	json_decref(json);
	if (good)
		return STATUS_GOOD;
	message("the plan can't be printed");
	return STATUS_NOT_DONE;
}

static enum status planned_print(const struct push_once *once, bool json)
{
	struct planned planned;
	planned.plan = push_once_plan(once, &planned.have, &planned.want);
	push_once_state(once, &planned.state);
	enum status status = STATUS_GOOD;
	if (json)
		status = json_print(&planned);
	else
		plan_print(&planned);
	const struct plan_counts *counts = plan_counts(planned.plan);
	bool changes =
		counts->adds + counts->updates + counts->deletes + counts->marks + counts->held != 0;
	return output_finish(status != STATUS_GOOD ? status : changes ? STATUS_NOT_GOOD : STATUS_GOOD);
}

enum status command_plan(const struct options *options)
{
	struct why why = {{0}};
	struct tally tally = {.to = stderr};
	struct findings findings = findings_printed(&tally);
	struct config *config;
	struct push_once *once;
	const struct push_ask ask = {.dry_run = true};
	enum status status = config_open(&options->flags, &findings, &config);
	if (status != STATUS_GOOD)
		return status;
	config->log.level = LOG_ERROR; /* what goes well is on standard output */
	enum err err = push_once_run(config, &ask, &findings, &once, &why);
	status = err == ERR_OK ? planned_print(once, options->json) : push_failed(err, &why);
	push_once_free(once);
	config_free(config);
	return status;
}
