#include "control_since.h"

#include "control_commands.h"

#include <string.h>

static uint64_t number_add(uint64_t hash, uint64_t number)
{
	uint8_t octets[sizeof number];
	memcpy(octets, &number, sizeof octets);
	return hash_bytes((struct bytes){octets, sizeof octets}, hash);
}

/* What `clusters` tells and no publish goes with: who is in sight, what probes and operators say.
 */
static uint64_t look_hash(const struct daemon *daemon)
{
	struct health_totals totals;
	uint64_t hash = number_add(0, daemon->look.stale);
	health_totals(daemon->health.health, &totals);
	hash = number_add(hash, totals.by_state[HEALTH_HEALTHY] + totals.by_state[HEALTH_FAILING]);
	hash = number_add(number_add(hash, totals.targets), totals.orders);
	for (size_t i = 0; daemon->kube != NULL && i < kube_count(daemon->kube); i++) {
		struct kube_state state;
		kube_state(daemon->kube, i, &state);
		hash = number_add(hash, state.in_sight);
		hash = hash_bytes(bytes_of(state.name), hash);
	}
	return hash;
}

enum err since_read(const struct daemon *daemon, json_t *arguments, bool look, struct since *out,
                    struct why *why)
{
	const json_t *given = json_object_get(arguments, "since");
	const char *text = json_string_value(given);
	*out = (struct since){.asked = given != NULL, .all = true};
	if (given == NULL)
		return ERR_OK;
	if (text == NULL) {
		why_set(why, "\"since\" is no text");
		return ERR_INVALID;
	}
	const struct cursor now = {daemon->run, daemon->stamps.now, look ? look_hash(daemon) : 0};
	struct cursor told;
	cursor_write(&now, out->cursor);
	out->same = strcmp(text, out->cursor) == 0;
	out->published = daemon->published;
	if (cursor_read(text, &told) && told.run == now.run) {
		out->from = told.changes;
		out->all = stamps_need_all(&daemon->stamps, out->from);
	}
	out->all &= !out->same;
	(void)json_object_del(arguments, "since");
	return ERR_OK;
}

bool since_tell(struct since *since, struct control_answer *answer)
{
	if (!since->asked || since->told)
		return false;
	since->told = true;
	/* before it has answers a daemon doesn't know what there is: nobody is to think it gone */
	answer->row = json_pack("{s:s, s:b}", "cursor", since->published ? since->cursor : "", "all",
	                        since->all && since->published ? 1 : 0);
	return true;
}
