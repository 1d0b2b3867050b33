/* All RRsets are walked twice: counted, then every so manyth taken. */
#include "verify_sample.h"

#include "records.h"

#include <string.h>

struct sampling {
	const struct zone_policy *policy;
	struct samples *out;
	size_t seen;
	size_t stride; /* 0: they are only counted */
};

/* The zone's own records and its name servers' are not pushed: a provider has its own. */
static bool is_of_zone(const struct zone_policy *policy, struct bytes owner)
{
	bool found = bytes_equal(owner, name_bytes(&policy->zone));
	for (size_t i = 0; i < policy->nameserver_count && !found; i++)
		found = bytes_equal(owner, name_bytes(&policy->nameservers[i].name));
	return found;
}

static bool is_sample(const struct sampling *sampling, const struct rrset *set)
{
	bool type = set->type == TYPE_A || set->type == TYPE_AAAA || set->type == TYPE_CNAME;
	return type && set->count <= VERIFY_SAMPLE_VALUES_MAX &&
	       !is_of_zone(sampling->policy, set->owner);
}

static struct name name_from(struct bytes octets)
{
	struct name name = {.size = (uint8_t)octets.size};
	memcpy(name.octets, octets.data, octets.size);
	return name;
}

static void sample_take(struct verify_sample *sample, const struct rrset *set)
{
	*sample = (struct verify_sample){.owner = name_from(set->owner), .type = set->type};
	if (set->type == TYPE_CNAME) {
		sample->target = name_from(set->rdata[0]);
		return;
	}
	for (size_t i = 0; i < set->count; i++) {
		struct address *address = &sample->addresses[sample->address_count++];
		*address = (struct address){.family = set->type == TYPE_A ? 4 : 6};
		memcpy(address->octets, set->rdata[i].data, set->rdata[i].size);
	}
}

static enum err rrset_see(void *arg, const struct rrset *set, struct why *why)
{
	struct sampling *sampling = arg;
	struct samples *out = sampling->out;
	(void)why;
	if (!is_sample(sampling, set))
		return ERR_OK;
	if (sampling->stride != 0 && sampling->seen % sampling->stride == 0 &&
	    out->count < VERIFY_SAMPLES_MAX)
		sample_take(&out->items[out->count++], set);
	sampling->seen++;
	return ERR_OK;
}

static enum err model_sample(const struct model *model, const struct zone_policy *policy,
                             struct findings *findings, struct samples *out, struct why *why)
{
	struct sampling sampling = {.policy = policy, .out = out};
	struct findings silent = {.report = NULL}; /* the second walk finds the same again */
	enum err err = records_walk(model, policy, 1, findings, rrset_see, &sampling, why);
	if (err != ERR_OK)
		return err;
	sampling.stride = sampling.seen / VERIFY_SAMPLES_MAX + 1;
	sampling.seen = 0;
	return records_walk(model, policy, 1, &silent, rrset_see, &sampling, why);
}

enum err samples_load(const struct config *config, struct findings *findings, struct samples *out,
                      struct why *why)
{
	struct once *once;
	out->count = 0;
	findings->file = config->source_file;
	findings->line = 0;
	enum err err = once_load(config, findings, &once, why);
	if (err != ERR_OK)
		return err;
	err = model_sample(once_model(once), &config->answer.zone, findings, out, why);
	once_free(once);
	return err;
}
