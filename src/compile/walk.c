/* All services of a model, one after the other. */
#include "fedns/compile.h"

#include <assert.h>
#include <stdlib.h>

static enum err services_walk(const struct model *model, const struct zone_policy *policy,
                              const struct tail *tails, size_t tail_count,
                              struct findings *findings, rrset_taker *take, void *arg,
                              struct why *why)
{
	struct compiler *compiler = compiler_new();
	if (compiler == NULL) {
		why_set(why, "no memory for the compiler");
		return ERR_NOMEM;
	}
	enum err err = ERR_OK;
	size_t limit = model_service_limit(model), others = 0;
	for (size_t id = 0; id < limit && err == ERR_OK; id++) {
		struct service_view view;
		struct ladder ladder;
		struct record_counts records;
		if (!model_service(model, (uint32_t)id, &view))
			continue;
		err = compile_service(compiler, model, policy, (uint32_t)id, findings, &ladder, why);
		if (err != ERR_OK ||
		    ladder_room(&ladder, tails, tail_count, others, findings, &records) != ROOM_ENOUGH)
			continue;
		others += record_total(&records);
		err = ladder_rrsets(&ladder, tails, tail_count, findings, take, arg, why);
	}
	compiler_free(compiler);
	return err;
}

enum err model_rrsets(const struct model *model, const struct zone_policy *policy,
                      struct findings *findings, rrset_taker *take, void *arg, struct why *why)
{
	assert(model != NULL && policy != NULL && take != NULL && why != NULL);
	struct tail *tails = calloc(PLACES_MAX, sizeof *tails);
	if (tails == NULL) {
		why_set(why, "no memory for the places");
		return ERR_NOMEM;
	}
	size_t tail_count = compile_tails(model, policy, findings, tails);
	enum err err = services_walk(model, policy, tails, tail_count, findings, take, arg, why);
	free(tails);
	return err;
}
