/* `services`: a row for each service that has names. All of them come as the model has them; a page
 * comes in order, those in trouble first where that is wished for: then all are looked at, in
 * steps, and the first ones behind `after` are kept. */
#include "control_commands.h"
#include "control_since.h"
#include "services_row.h"
#include "services_wish.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Services that are passed over in a step, at some nanoseconds each. */
#define SAME_STEP 1024

/* Services that are looked at in a step: some microseconds each where many addresses are out. */
#define SERVICES_STEP 64

/* One that may come onto the page. */
struct candidate {
	uint32_t id;
	char key[SERVICES_KEY_SIZE_MAX + 1]; /* ids may come to mean another service */
};

struct job {
	struct daemon *daemon;
	struct compiler *compiler;
	struct since since;
	struct services_wish wish;
	uint32_t next;                /* to be looked at, or told */
	struct candidate *candidates; /* [wish.limit]: NULL where there are no pages */
	uint32_t *order;              /* [count] of `candidates`, by key */
	size_t count, told;
	bool summary_told;
	size_t matched, before, states[SERVICE_FINE + 1];
};

void control_services_end(void *arg)
{
	struct job *job = arg;
	compiler_free(job->compiler);
	free(job->candidates);
	free(job->order);
	free(job);
}

enum err control_services_begin(void *daemon, json_t *arguments, void **out, struct why *why)
{
	struct services_wish wish;
	struct since since;
	*out = NULL;
	enum err err = since_read(daemon, arguments, false, &since, why);
	if (err == ERR_OK)
		err = services_wish_read(arguments, &wish, why);
	if (err != ERR_OK)
		return err;
	struct job *job = calloc(1, sizeof *job);
	bool room = job != NULL && (job->compiler = compiler_new()) != NULL;
	if (room && wish.paged) {
		job->candidates = calloc(wish.limit, sizeof job->candidates[0]);
		job->order = calloc(wish.limit, sizeof job->order[0]);
		room = job->candidates != NULL && job->order != NULL;
	}
	if (!room) {
		if (job != NULL)
			control_services_end(job);
		why_set(why, "no memory for the command");
		return ERR_NOMEM;
	}
	job->daemon = daemon;
	job->since = since;
	job->wish = wish;
	*out = job;
	return ERR_OK;
}

static void key_write(const struct job *job, const struct service_view *service,
                      enum service_state state, char *key)
{
	(void)snprintf(key, SERVICES_KEY_SIZE_MAX + 1, "%u/%.*s/%.*s",
	               job->wish.troubled ? (unsigned)state : 0, BYTES_ARG(service->namespace),
	               BYTES_ARG(service->name));
}

static bool is_found(const struct job *job, const struct service_view *service)
{
	char text[SERVICES_FIND_SIZE_MAX + 1];
	if (job->wish.find[0] == '\0')
		return true;
	(void)snprintf(text, sizeof text, "%.*s/%.*s", BYTES_ARG(service->namespace),
	               BYTES_ARG(service->name));
	return strstr(text, job->wish.find) != NULL;
}

/* --- which ones come onto the page -------------------------------------------------------- */

/* A slash ends a label: it comes before whatever a longer one goes on with. */
static int key_compare(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	int x = *a == '/' ? 1 : (unsigned char)*a, y = *b == '/' ? 1 : (unsigned char)*b;
	return x - y;
}

static size_t place_of(const struct job *job, const char *key)
{
	size_t low = 0, high = job->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (key_compare(job->candidates[job->order[middle]].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Keep it, unless there are enough that come before it. */
static void candidate_take(struct job *job, uint32_t id, const char *key)
{
	size_t at = place_of(job, key);
	if (at == job->wish.limit)
		return;
	/* the place of the last one, which has to go, or a new one */
	uint32_t slot = job->count == job->wish.limit ? job->order[--job->count] : (uint32_t)job->count;
	memmove(&job->order[at + 1], &job->order[at], (job->count - at) * sizeof job->order[0]);
	job->order[at] = slot;
	job->count++;
	job->candidates[slot].id = id;
	memcpy(job->candidates[slot].key, key, sizeof job->candidates[slot].key);
}

static void service_weigh(struct job *job, uint32_t id)
{
	struct service_view service;
	char key[SERVICES_KEY_SIZE_MAX + 1] = "";
	if (!model_service(job->daemon->model, id, &service) || !is_found(job, &service))
		return;
	enum service_state state = service_look(job->daemon, id, &service);
	key_write(job, &service, state, key);
	job->states[state]++;
	job->matched++;
	if (job->wish.after[0] != '\0' && key_compare(key, job->wish.after) <= 0)
		job->before++;
	else
		candidate_take(job, id, key);
}

/* False: all are looked at. */
static bool services_weigh(struct job *job)
{
	size_t limit = model_service_limit(job->daemon->model);
	if (job->next >= limit)
		return false;
	for (size_t i = 0; i < SERVICES_STEP && job->next < limit; i++)
		service_weigh(job, job->next++);
	return true;
}

static json_t *summary_json(const struct job *job)
{
	json_t *row = json_pack("{s:I, s:I}", "matched", (json_int_t)job->matched, "before",
	                        (json_int_t)job->before);
	for (size_t i = 0; row != NULL && i <= SERVICE_FINE; i++) {
		if (json_object_set_new(row, service_state_text((enum service_state)i),
		                        json_integer((json_int_t)job->states[i])) != 0) {
			json_decref(row);
			row = NULL;
		}
	}
	return row;
}

/* --- rows --------------------------------------------------------------------------------- */

static enum control_step row_tell(struct job *job, uint32_t id, const struct service_view *service,
                                  struct control_answer *answer)
{
	const struct daemon *daemon = job->daemon;
	struct findings nobody = {.report = NULL};
	struct ladder ladder;
	char key[SERVICES_KEY_SIZE_MAX + 1];
	answer->err = compile_service(job->compiler, daemon->model, &daemon->config->answer.zone, id,
	                              &nobody, &ladder, &answer->why);
	if (answer->err != ERR_OK)
		return CONTROL_FAILED;
	enum service_state state = service_look(daemon, id, service);
	key_write(job, service, state, key);
	answer->row = services_row(daemon, service, &ladder, state);
	if (answer->row != NULL && job->wish.levels &&
	    !services_row_levels(daemon, id, service, &ladder, key, answer->row)) {
		json_decref(answer->row);
		answer->row = NULL;
	}
	return CONTROL_ROW;
}

static enum control_step page_step(struct job *job, struct control_answer *answer)
{
	struct service_view service;
	if (services_weigh(job))
		return CONTROL_WORKED;
	if (job->wish.summary && !job->summary_told) {
		job->summary_told = true;
		answer->row = summary_json(job);
		return CONTROL_ROW;
	}
	if (job->told == job->count)
		return CONTROL_END;
	const struct candidate *candidate = &job->candidates[job->order[job->told++]];
	char key[SERVICES_KEY_SIZE_MAX + 1];
	if (!model_service(job->daemon->model, candidate->id, &service))
		return CONTROL_WORKED;
	key_write(job, &service, SERVICE_FINE, key);
	/* what follows the rank: is it the same service still? */
	if (strcmp(key + 1, candidate->key + 1) != 0)
		return CONTROL_WORKED;
	return row_tell(job, candidate->id, &service, answer);
}

/* Pass over what is known already. */
static void same_skip(struct job *job, uint32_t limit)
{
	for (size_t i = 0; i < SAME_STEP && job->next < limit && !job->since.all; i++, job->next++) {
		if (stamps_newer(&job->daemon->stamps, job->next, job->since.from))
			break;
	}
}

enum control_step control_services_step(void *arg, struct control_answer *answer)
{
	struct job *job = arg;
	const struct model *model = job->daemon->model;
	struct service_view service;
	uint32_t limit = (uint32_t)model_service_limit(model);
	if (since_tell(&job->since, answer))
		return CONTROL_ROW;
	if (job->since.same)
		return CONTROL_END;
	if (job->wish.paged)
		return page_step(job, answer);
	uint32_t before = job->next;
	same_skip(job, limit);
	if (job->next >= limit)
		return CONTROL_END;
	if (job->next == before + SAME_STEP)
		return CONTROL_WORKED;
	uint32_t id = job->next++;
	if (!model_service(model, id, &service) || !is_found(job, &service))
		return CONTROL_WORKED;
	return row_tell(job, id, &service, answer);
}
