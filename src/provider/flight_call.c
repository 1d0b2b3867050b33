/* What the calls of a flight are about, and what they say. */
#include "flight.h"

#include <assert.h>
#include <stdio.h>

#define TEXT_SIZE (PLAN_TEXT_SIZE_MAX + 1)

static const enum api API_OF[ACTS] = {
	[ACT_ADD] = API_ADD,       [ACT_REMARK] = API_REMARK, [ACT_UPDATE] = API_UPDATE,
	[ACT_DELETE] = API_DELETE, [ACT_LOOK] = API_NAME,
};

enum api flight_api(const struct flight *flight)
{
	return API_OF[flight->act];
}

const struct plan_step *flight_step(const struct flight *flight)
{
	size_t count;
	return &plan_steps(flight->provider->plan, &count)[flight->step];
}

struct record *flight_have(const struct flight *flight)
{
	return record_list_at(flight->provider->have, flight_step(flight)->have);
}

const struct record *flight_want(const struct flight *flight)
{
	return record_list_at(provider_wanted(flight->provider), flight_step(flight)->want);
}

const struct record *flight_subject(const struct flight *flight)
{
	enum step_kind kind = flight_step(flight)->kind;
	return kind == STEP_ADD || kind == STEP_UPDATE ? flight_want(flight) : flight_have(flight);
}

void record_id_text(struct bytes id, char text[RECORD_ID_SIZE])
{
	(void)snprintf(text, RECORD_ID_SIZE, "%.*s", BYTES_ARG(id));
}

struct params {
	struct alidns_param list[8];
	size_t count;
	char id[RECORD_ID_SIZE], number[16], size[16], ttl[16], type[16], name[TEXT_SIZE];
};

static void param(struct params *params, const char *name, struct bytes value)
{
	assert(params->count < sizeof params->list / sizeof params->list[0]);
	params->list[params->count++] = (struct alidns_param){name, value};
}

static void content_params(struct params *params, const struct flight *flight)
{
	const struct record *want = flight_want(flight);
	type_text(want->type, params->type);
	(void)snprintf(params->ttl, sizeof params->ttl, "%u", plan_ttl(flight->provider->plan, want));
	param(params, "RR", want->rr);
	param(params, "Type", bytes_of(params->type));
	param(params, "Value", want->value);
	param(params, "TTL", bytes_of(params->ttl));
	param(params, "Line", bytes_of("default"));
}

static void id_param(struct params *params, struct bytes id)
{
	record_id_text(id, params->id);
	param(params, "RecordId", bytes_of(params->id));
}

static void look_params(struct params *params, const struct flight *flight)
{
	struct bytes rr = flight_subject(flight)->rr;
	const char *domain = flight->provider->domain_text;
	(void)snprintf(params->name, sizeof params->name, "%.*s.%s", BYTES_ARG(rr), domain);
	(void)snprintf(params->number, sizeof params->number, "%u", flight->page);
	(void)snprintf(params->size, sizeof params->size, "%d", LOOK_PAGE_SIZE);
	param(params, "DomainName", bytes_of(domain));
	param(params, "SubDomain", bytes_of(params->name));
	param(params, "PageNumber", bytes_of(params->number));
	param(params, "PageSize", bytes_of(params->size));
}

static void act_params(struct params *params, const struct flight *flight)
{
	switch (flight->act) {
	case ACT_ADD:
		param(params, "DomainName", bytes_of(flight->provider->domain_text));
		content_params(params, flight);
		break;
	case ACT_UPDATE:
		id_param(params, flight_have(flight)->id);
		content_params(params, flight);
		break;
	case ACT_DELETE:
		id_param(params, flight_have(flight)->id);
		break;
	case ACT_REMARK:
		id_param(params, flight_step(flight)->kind == STEP_MARK ? flight_have(flight)->id
		                                                        : bytes_of(flight->id));
		param(params, "Remark", bytes_of(flight->provider->mark));
		break;
	default:
		look_params(params, flight);
		break;
	}
}

enum err flight_call(struct flight *flight, alidns_done *done, struct why *why)
{
	struct params params = {.count = 0};
	act_params(&params, flight);
	return call_start(flight->provider, flight_api(flight), params.list, params.count, done, flight,
	                  &flight->call, why);
}
