#include "wants.h"

#include "fedns/compile.h"

#include <assert.h>

struct taker {
	struct record_list *list;
	struct findings *findings;
	const struct name *domain;
	bool delegation; /* of the apex, what the parent holds */
};

static enum err take(void *arg, const struct rrset *set, struct why *why)
{
	struct taker *taker = arg;
	if (taker->delegation && set->type == TYPE_SOA)
		return ERR_OK;
	enum err err = record_list_add_rrset(taker->list, taker->domain, set, why);
	if (err != ERR_INVALID)
		return err;
	/* whoever chose it must not stop what others want */
	findings_add(taker->findings, SEVERITY_WARNING, FINDING_LABEL, "not pushed: %s", why->text);
	return ERR_OK;
}

enum err wants_make(const struct config *config, const struct model *model,
                    const struct name *domain, struct findings *findings, struct record_list **out,
                    struct why *why)
{
	assert(config != NULL && model != NULL && domain != NULL && out != NULL && why != NULL);
	struct taker taker = {.list = record_list_new(),
	                      .findings = findings,
	                      .domain = domain,
	                      .delegation = config->push.delegate};
	*out = NULL;
	if (taker.list == NULL) {
		why_set(why, "no memory for the wanted records");
		return ERR_NOMEM;
	}
	const struct zone_policy *policy = &config->answer.zone;
	enum err err = taker.delegation ? apex_rrsets(policy, 1, take, &taker, why)
	                                : model_rrsets(model, policy, findings, take, &taker, why);
	if (err == ERR_OK)
		*out = taker.list;
	else
		record_list_free(taker.list);
	return err;
}
