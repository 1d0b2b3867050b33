/* `explain NAME`: a row for each step of the ladder from NAME up, then one for each address there.
 * What is answered is looked at once, so that all rows are of one moment. */
#include "control_commands.h"
#include "explain_name.h"
#include "explain_rows.h"
#include "listed.h"

#include <stdlib.h>

/* Services whose names are compared in a step. */
#define SERVICES_STEP 256
/* Zone, region, global. */
#define STEPS_MAX 3

/* What one rung of the ladder answers with. */
struct step {
	uint16_t place;
	bool rung;      /* it has addresses of its own */
	uint8_t reason; /* why it climbs, or none */
	bool weak;      /* some serve there, and it climbs */
	uint32_t ttl_s;
	size_t v4, v6, listed;
};

struct job {
	struct daemon *daemon;
	struct explain_name name;
	struct compiler *compiler;
	uint32_t service; /* the next to be compared, then the one */
	bool looked, flatten, no_memory;
	struct step steps[STEPS_MAX];
	size_t step_count, step_at; /* told */
	struct explain_entry *entries;
	size_t count, room, at; /* told */
};

void control_explain_end(void *arg)
{
	struct job *job = arg;
	compiler_free(job->compiler);
	free(job->entries);
	free(job);
}

enum err control_explain_begin(void *arg, json_t *arguments, void **out, struct why *why)
{
	struct daemon *daemon = arg;
	const char *text = NULL;
	*out = NULL;
	if (json_unpack_ex(arguments, NULL, JSON_STRICT, "{s:s}", "name", &text) != 0) {
		why_set(why, "this command takes a \"name\" and nothing else");
		return ERR_INVALID;
	}
	struct job *job = calloc(1, sizeof *job);
	if (job == NULL || (job->compiler = compiler_new()) == NULL) {
		free(job);
		why_set(why, "no memory for the command");
		return ERR_NOMEM;
	}
	job->daemon = daemon;
	enum err err =
		explain_name_read(daemon->model, &daemon->config->answer.zone, text, &job->name, why);
	if (err == ERR_OK)
		*out = job;
	else
		control_explain_end(job);
	return err;
}

/* --- looking ------------------------------------------------------------------------------ */

static struct bytes namespace_of(const struct job *job)
{
	return (struct bytes){job->name.namespace, job->name.namespace_size};
}

static struct bytes service_of(const struct job *job)
{
	return (struct bytes){job->name.service, job->name.service_size};
}

struct look {
	struct job *job;
	const struct place *places;
	const struct rung *rung;
	uint8_t step;
};

static bool stands_at(const struct cluster_view *cluster, const struct place *places,
                      uint16_t place)
{
	bool there = places[place].level == LEVEL_GLOBAL || cluster->region == place;
	for (size_t i = 0; !there && i < cluster->zone_count; i++)
		there = cluster->zones[i] == place;
	return there;
}

/* A listed_taker. */
static bool address_add(void *arg, uint16_t id, const struct address *address,
                        const struct name *host)
{
	struct look *look = arg;
	struct job *job = look->job;
	struct cluster_view cluster;
	(void)host;
	if (!model_cluster(job->daemon->model, id, &cluster) ||
	    !stands_at(&cluster, look->places, job->steps[look->step].place))
		return true;
	if (job->count == job->room) {
		size_t room = job->room == 0 ? 16 : 2 * job->room;
		struct explain_entry *entries = realloc(job->entries, room * sizeof *entries);
		job->no_memory |= entries == NULL;
		if (entries == NULL)
			return false;
		job->entries = entries;
		job->room = room;
	}
	job->steps[look->step].listed++;
	job->entries[job->count++] = (struct explain_entry){
		.cluster = id,
		.step = look->step,
		.answered = look->rung != NULL && rung_holds(look->rung, address),
		.weak = job->steps[look->step].weak ? job->steps[look->step].reason : REASON_NONE,
		.address = *address};
	return true;
}

static void step_look(struct job *job, const struct service_view *service,
                      const struct ladder *ladder, uint16_t place)
{
	size_t count;
	struct look look = {.job = job,
	                    .places = model_places(job->daemon->model, &count),
	                    .rung = ladder_rung(ladder, place),
	                    .step = (uint8_t)job->step_count};
	struct step *step = &job->steps[job->step_count++];
	const struct climb *climb = ladder_climb(ladder, place);
	uint8_t reason = climb != NULL ? climb->reason : REASON_NONE;
	*step = (struct step){.place = place,
	                      .rung = look.rung != NULL,
	                      .reason = reason,
	                      .weak = reason == REASON_MIN_HEALTHY || reason == REASON_ONE_FAMILY,
	                      .ttl_s = look.rung != NULL ? look.rung->ttl_s
	                                                 : ladder_cname_ttl(ladder, place)};
	if (look.rung != NULL) {
		step->v4 = look.rung->addresses.v4_count;
		step->v6 = look.rung->addresses.v6_count;
	}
	listed_walk(job->daemon->model, *service, address_add, &look);
}

static enum err service_look(struct job *job, const struct service_view *service, struct why *why)
{
	struct findings nobody = {.report = NULL};
	struct ladder ladder;
	size_t count;
	const struct model *model = job->daemon->model;
	const struct place *places = model_places(model, &count);
	uint16_t place = job->name.place;
	enum err err = compile_service(job->compiler, model, &job->daemon->config->answer.zone,
	                               job->service, &nobody, &ladder, why);
	if (err != ERR_OK)
		return err;
	job->looked = true;
	job->flatten = ladder.flatten;
	if (place >= count)
		place = 0; /* it went since the name was read */
	step_look(job, service, &ladder, place);
	while (places[place].level != LEVEL_GLOBAL) {
		place = places[place].parent;
		step_look(job, service, &ladder, place);
	}
	if (!job->no_memory)
		return ERR_OK;
	why_set(why, "no memory for the addresses");
	return ERR_NOMEM;
}

static enum control_step service_find(struct job *job, struct control_answer *answer)
{
	const struct model *model = job->daemon->model;
	struct service_view service;
	size_t limit = job->daemon->have_state ? model_service_limit(model) : 0;
	for (size_t i = 0; i < SERVICES_STEP && job->service < limit; i++, job->service++) {
		if (!model_service(model, job->service, &service) ||
		    !bytes_equal(service.name, service_of(job)) ||
		    !bytes_equal(service.namespace, namespace_of(job)))
			continue;
		answer->err = service_look(job, &service, &answer->why);
		return answer->err == ERR_OK ? CONTROL_WORKED : CONTROL_FAILED;
	}
	if (job->service < limit)
		return CONTROL_WORKED;
	answer->err = ERR_MISSING;
	if (!job->daemon->have_state)
		why_set(&answer->why, "nothing is served yet: `fedns status` says why");
	else
		why_set(&answer->why,
		        "there is no service %.*s/%.*s: the source has none of type LoadBalancer that is "
		        "listed by a cluster; `fedns services` lists those there are",
		        BYTES_ARG(namespace_of(job)), BYTES_ARG(service_of(job)));
	return CONTROL_FAILED;
}

/* --- rows --------------------------------------------------------------------------------- */

static void labels_prepend(struct name *name, const struct place *place)
{
	/* a name that does not fit is cut: it has none of its own then */
	if (place->level >= LEVEL_REGION)
		(void)!name_prepend(name, place->region);
	if (place->level == LEVEL_ZONE)
		(void)!name_prepend(name, place->zone);
}

json_t *control_ladder_name(const struct daemon *daemon, struct bytes namespace,
                            struct bytes service, const struct place *place)
{
	const struct zone_policy *policy = &daemon->config->answer.zone;
	const struct bytes before[] = {
		bytes_of("svc"), {policy->federation, policy->federation_size}, namespace, service};
	struct name name = policy->suffix;
	char text[NAME_TEXT_SIZE];
	labels_prepend(&name, place);
	for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
		if (name_prepend(&name, before[i]) != ERR_OK)
			return json_null();
	}
	name_text(name_bytes(&name), text);
	return json_string(text);
}

/* "addresses"; "next": those of the next level, by CNAME or carried; "nothing": NODATA. */
static const char *step_answer(const struct job *job, size_t i)
{
	bool above = false;
	for (size_t up = i + 1; up < job->step_count; up++)
		above |= job->steps[up].rung;
	if (job->steps[i].rung)
		return "addresses";
	if (i + 1 == job->step_count || (job->flatten && !above))
		return "nothing";
	return job->flatten ? "flatten" : "cname";
}

static json_t *step_json(const struct job *job, size_t i)
{
	size_t count;
	const struct place *places = model_places(job->daemon->model, &count);
	const struct step *step = &job->steps[i];
	const struct place *place = step->place < count ? &places[step->place] : &places[0];
	return json_pack(
		"{s:s, s:i, s:s, s:o, s:o, s:o, s:s, s:b, s:I, s:I, s:I, s:I, s:s?}", "row", "level",
		"step", (int)i, "level", level_text(place->level), "region",
		place->level >= LEVEL_REGION ? control_bytes(place->region) : json_null(), "zone",
		place->level == LEVEL_ZONE ? control_bytes(place->zone) : json_null(), "name",
		control_ladder_name(job->daemon, namespace_of(job), service_of(job), place), "answer",
		step_answer(job, i), "weak", step->weak ? 1 : 0, "ttl", (json_int_t)step->ttl_s, "v4",
		(json_int_t)step->v4, "v6", (json_int_t)step->v6, "listed", (json_int_t)step->listed,
		"reason", step->reason != REASON_NONE ? reason_text(step->reason) : NULL);
}

enum control_step control_explain_step(void *arg, struct control_answer *answer)
{
	struct job *job = arg;
	if (!job->looked)
		return service_find(job, answer);
	/* each step is followed by its addresses */
	if (job->at < job->count && job->entries[job->at].step < job->step_at) {
		answer->row = explain_entry_json(job->daemon, job->service, &job->entries[job->at++]);
		return CONTROL_ROW;
	}
	if (job->step_at == job->step_count)
		return CONTROL_END;
	answer->row = step_json(job, job->step_at++);
	return CONTROL_ROW;
}
