/* `records [NAME]`: a row for each record at or below NAME, service by service. */
#include "control_commands.h"
#include "control_since.h"

#include <stdlib.h>
#include <string.h>

/* Rows that are made in a step. A service with 32 ports at thousands of places has more: its walk
 * is begun again for the next ones. */
#define ROWS_STEP 512
/* RDATA of ours as text: two names, and the numbers of a SOA. */
#define RDATA_TEXT_MAX ((size_t)2 * NAME_TEXT_SIZE + 128)
/* Places whose services NAME may stand for: more than one only where zones are named as the levels
 * are. */
#define WISHES_MAX 4

/* "SVC.NS" or "NS" of the services that have records at or below NAME. */
struct wish {
	struct bytes namespace, name; /* of `filter`; an empty name: any */
};

struct job {
	struct daemon *daemon;
	struct compiler *compiler;
	struct since since;
	struct tail *tails; /* [PLACES_MAX] */
	size_t tail_count;
	uint32_t serial; /* published when they were made */
	struct name filter;
	struct wish wishes[WISHES_MAX];
	size_t wish_count;
	bool all; /* every service may have records there */
	bool apex_told;
	uint32_t next; /* service */
	size_t others; /* records of services before it */
	size_t skip;   /* RRsets of the next service, or the apex, that were told */
	size_t seen;   /* in this walk */
	json_t *rows;  /* made and not told */
	size_t rows_at;
	struct buf text; /* scratch */
	bool any;
};

void control_records_end(void *arg)
{
	struct job *job = arg;
	compiler_free(job->compiler);
	buf_free(&job->text);
	json_decref(job->rows);
	free(job->tails);
	free(job);
}

static enum err filter_read(struct job *job, json_t *arguments, struct why *why)
{
	const struct name *zone = &job->daemon->config->answer.zone.zone;
	const char *text = NULL;
	if (json_unpack_ex(arguments, NULL, JSON_STRICT, "{s?s}", "name", &text) != 0) {
		why_set(why, "this command takes a \"name\" and nothing else");
		return ERR_INVALID;
	}
	job->filter = *zone;
	if (text == NULL)
		return ERR_OK;
	enum err err = name_parse(bytes_of(text), &job->filter, why);
	if (err != ERR_OK || name_at_or_below(&job->filter, zone))
		return err;
	char zone_text[NAME_TEXT_SIZE];
	name_text(name_bytes(zone), zone_text);
	why_set(why, "%.253s is not in the zone %s", text, zone_text);
	return ERR_MISSING;
}

enum err control_records_begin(void *daemon, json_t *arguments, void **out, struct why *why)
{
	*out = NULL;
	struct job *job = calloc(1, sizeof *job);
	if (job == NULL) {
		why_set(why, "no memory for the command");
		return ERR_NOMEM;
	}
	job->daemon = daemon;
	job->compiler = compiler_new();
	job->rows = json_array();
	job->tails = calloc(PLACES_MAX, sizeof job->tails[0]);
	buf_init(&job->text, RDATA_TEXT_MAX);
	enum err err = since_read(daemon, arguments, false, &job->since, why);
	if (err == ERR_OK)
		err = filter_read(job, arguments, why);
	/* who lost one of its names is not known */
	job->since.all = !job->since.same;
	if (err == ERR_OK && (job->compiler == NULL || job->rows == NULL || job->tails == NULL)) {
		why_set(why, "no memory for the command");
		err = ERR_NOMEM;
	}
	if (err == ERR_OK)
		*out = job;
	else
		control_records_end(job);
	return err;
}

/* --- which services ----------------------------------------------------------------------- */

/* The last two labels of the first `size` octets of `name`. */
static struct wish wish_of(const struct name *name, size_t size)
{
	struct wish wish = {{NULL, 0}, {NULL, 0}};
	for (size_t at = 0; at < size; at += (size_t)name->octets[at] + 1) {
		wish.name = wish.namespace;
		wish.namespace = (struct bytes){name->octets + at + 1, name->octets[at]};
	}
	return wish;
}

static void wish_add(struct job *job, const struct tail *tail)
{
	if (tail->name.size == 0)
		return; /* no service has a name there */
	bool above = name_at_or_below(&tail->name, &job->filter);
	if (!above && !name_at_or_below(&job->filter, &tail->name))
		return;
	if (above || job->wish_count == WISHES_MAX)
		job->all = true;
	else
		job->wishes[job->wish_count++] =
			wish_of(&job->filter, (size_t)job->filter.size - tail->name.size);
}

/* What was made of the places serves until they change. */
static void places_look(struct job *job)
{
	struct findings nobody = {.report = NULL};
	const struct daemon *daemon = job->daemon;
	if (job->tail_count != 0 && job->serial == daemon->serial &&
	    !model_changes(daemon->model).everything)
		return;
	job->serial = daemon->serial;
	job->tail_count =
		compile_tails(daemon->model, &daemon->config->answer.zone, &nobody, job->tails);
	job->all = false;
	job->wish_count = 0;
	for (size_t i = 0; i < job->tail_count; i++)
		wish_add(job, &job->tails[i]);
}

static bool is_wished(const struct job *job, const struct service_view *service)
{
	for (size_t i = 0; i < job->wish_count; i++) {
		const struct wish *wish = &job->wishes[i];
		if (bytes_equal(wish->namespace, service->namespace) &&
		    (wish->name.size == 0 || bytes_equal(wish->name, service->name)))
			return true;
	}
	return job->all;
}

/* --- rows --------------------------------------------------------------------------------- */

static enum err row_add(struct job *job, const struct rrset *set, size_t i, const char *name,
                        struct why *why)
{
	char type[16];
	job->text.size = 0;
	enum err err = rdata_text(set, i, &job->text, why);
	if (err != ERR_OK)
		return err;
	type_text(set->type, type);
	json_t *row = json_pack("{s:s, s:I, s:s, s:o}", "name", name, "ttl", (json_int_t)set->ttl_s,
	                        "type", type, "rdata", control_bytes(buf_bytes(&job->text)));
	if (json_array_append_new(job->rows, row) == 0)
		return ERR_OK;
	why_set(why, "no memory for the records");
	return ERR_NOMEM;
}

/* An rrset_taker. ERR_AGAIN: enough for this step. */
static enum err rrset_rows(void *arg, const struct rrset *set, struct why *why)
{
	struct job *job = arg;
	struct name owner = {.size = (uint8_t)set->owner.size};
	char name[NAME_TEXT_SIZE];
	if (job->seen++ < job->skip)
		return ERR_OK;
	if (json_array_size(job->rows) >= ROWS_STEP) {
		why_set(why, "more of them later");
		return ERR_AGAIN;
	}
	job->skip++;
	memcpy(owner.octets, set->owner.data, set->owner.size);
	if (!name_at_or_below(&owner, &job->filter))
		return ERR_OK;
	name_text(set->owner, name);
	enum err err = ERR_OK;
	for (size_t i = 0; i < set->count && err == ERR_OK; i++)
		err = row_add(job, set, i, name, why);
	return err;
}

/* After a walk: on to the next thing, unless this one has more. */
static enum err walk_end(struct job *job, enum err err, size_t records)
{
	if (err != ERR_OK)
		return err == ERR_AGAIN ? ERR_OK : err;
	job->skip = 0;
	job->others += records;
	if (job->apex_told)
		job->next++;
	job->apex_told = true;
	return ERR_OK;
}

static enum err apex_walk(struct job *job, struct why *why)
{
	job->seen = 0;
	return walk_end(
		job,
		apex_rrsets(&job->daemon->config->answer.zone, job->daemon->serial, rrset_rows, job, why),
		0);
}

static enum err service_walk(struct job *job, struct why *why)
{
	const struct model *model = job->daemon->model;
	struct findings nobody = {.report = NULL};
	struct service_view view;
	struct ladder ladder;
	struct record_counts records;
	places_look(job);
	if (!model_service(model, job->next, &view) || !is_wished(job, &view))
		return walk_end(job, ERR_OK, 0);
	enum err err = compile_service(job->compiler, model, &job->daemon->config->answer.zone,
	                               job->next, &nobody, &ladder, why);
	if (err != ERR_OK)
		return err;
	if (ladder_room(&ladder, job->tails, job->tail_count, job->others, &nobody, &records) !=
	    ROOM_ENOUGH)
		return walk_end(job, ERR_OK, 0); /* it isn't served either */
	job->seen = 0;
	err = ladder_rrsets(&ladder, job->tails, job->tail_count, &nobody, rrset_rows, job, why);
	return walk_end(job, err, record_total(&records));
}

/* --- steps -------------------------------------------------------------------------------- */

static enum control_step row_tell(struct job *job, struct control_answer *answer)
{
	answer->row = json_incref(json_array_get(job->rows, job->rows_at++));
	if (job->rows_at == json_array_size(job->rows)) {
		(void)json_array_clear(job->rows);
		job->rows_at = 0;
	}
	job->any = true;
	return CONTROL_ROW;
}

static enum control_step nothing_there(const struct job *job, struct control_answer *answer)
{
	char name[NAME_TEXT_SIZE];
	name_text(name_bytes(&job->filter), name);
	answer->err = ERR_MISSING;
	if (job->daemon->published)
		why_set(&answer->why, "no records at or below %s", name);
	else
		why_set(&answer->why, "nothing is served yet: `fedns status` says why");
	return CONTROL_FAILED;
}

enum control_step control_records_step(void *arg, struct control_answer *answer)
{
	struct job *job = arg;
	const struct daemon *daemon = job->daemon;
	if (since_tell(&job->since, answer))
		return CONTROL_ROW;
	if (job->since.same)
		return CONTROL_END;
	if (job->rows_at < json_array_size(job->rows))
		return row_tell(job, answer);
	if (!daemon->published || (job->apex_told && job->next >= model_service_limit(daemon->model)))
		return job->any ? CONTROL_END : nothing_there(job, answer);
	answer->err = job->apex_told ? service_walk(job, &answer->why) : apex_walk(job, &answer->why);
	return answer->err == ERR_OK ? CONTROL_WORKED : CONTROL_FAILED;
}
