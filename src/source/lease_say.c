/* What the log hears of a Lease. A change of role is always said, and comes every 2 s at most; the
 * rest is said less often. */
#include "lease_internal.h"

#include <stdio.h>
#include <string.h>

/* Lines of one sort are this far apart at least. */
#define LINE_PACE_MS 10000
/* Trouble that lasts is said again. */
#define TROUBLE_AGAIN_MS 60000

static void trouble_say(struct lease *lease, const struct why *trouble, int64_t now_ms)
{
	struct lease_voice *voice = &lease->voice;
	bool same = strcmp(voice->said.text, trouble->text) == 0;
	bool first = !voice->in_trouble && voice->trouble_ms == 0;
	voice->trouble = *trouble;
	int64_t pace_ms = same && voice->in_trouble ? TROUBLE_AGAIN_MS : LINE_PACE_MS;
	if (!first && now_ms - voice->trouble_ms < pace_ms)
		return;
	voice->in_trouble = true;
	voice->trouble_ms = now_ms;
	voice->said = *trouble;
	log_write(lease->setup.log, LOG_WARN, "source", "lease %s: %s", lease->label, trouble->text);
}

static void holder_say(struct lease *lease, int64_t now_ms)
{
	struct lease_voice *voice = &lease->voice;
	const char *holder = lease->state.seen.holder;
	bool ours = strcmp(holder, lease->state.identity) == 0;
	if (voice->any_holder &&
	    (strcmp(voice->holder, holder) == 0 || now_ms - voice->holder_ms < LINE_PACE_MS))
		return;
	(void)snprintf(voice->holder, sizeof voice->holder, "%s", holder);
	if (ours)
		return; /* the change of role says it */
	voice->any_holder = true;
	voice->holder_ms = now_ms;
	log_write(lease->setup.log, LOG_INFO, "source", "lease %s: %s holds it", lease->label,
	          holder[0] == '\0' ? "nobody" : holder);
}

void lease_say_reply(struct lease *lease, const struct why *trouble, int64_t now_ms)
{
	struct lease_voice *voice = &lease->voice;
	if (trouble != NULL) {
		trouble_say(lease, trouble, now_ms);
		return;
	}
	if (voice->in_trouble)
		log_write(lease->setup.log, LOG_INFO, "source", "lease %s: in sight again", lease->label);
	voice->in_trouble = false;
	voice->trouble.text[0] = '\0';
	if (lease->state.known)
		holder_say(lease, now_ms);
}

static void taken_text(const struct lease_state *state, struct why *out)
{
	if (strcmp(state->seen.holder, state->identity) == 0)
		why_set(out, "somebody else has made it anew"); /* a POST was refused */
	else if (state->seen.holder[0] == '\0')
		why_set(out, "it was taken away, and nobody holds it");
	else
		why_set(out, "%s has taken it", state->seen.holder);
}

/* After "no longer leader: ". */
static void lost_text(const struct lease *lease, struct why *out)
{
	const struct lease_state *state = &lease->state;
	const char *trouble = lease->voice.trouble.text;
	switch (state->lost) {
	case LEASE_LOST_DEADLINE:
		why_set(out, "not renewed for %d s%s%s", LEASE_RENEW_DEADLINE_MS / 1000,
		        trouble[0] != '\0' ? ": " : "", trouble);
		break;
	case LEASE_LOST_PREFERRED:
		why_set(out, "it is to go to %s", state->seen.preferred);
		break;
	case LEASE_LOST_RELEASED:
		why_set(out, "it is given back");
		break;
	default:
		taken_text(state, out);
	}
}

void lease_say_role(const struct lease *lease)
{
	struct why why = {{0}};
	const struct lease_state *state = &lease->state;
	if (lease->leader) {
		log_write(lease->setup.log, LOG_INFO, "source",
		          "lease %s: became leader, as %s; it has changed hands %u times", lease->label,
		          state->identity, (unsigned)state->seen.transitions);
		return;
	}
	lost_text(lease, &why);
	log_write(lease->setup.log, state->lost == LEASE_LOST_RELEASED ? LOG_INFO : LOG_WARN, "source",
	          "lease %s: no longer leader: %s", lease->label, why.text);
}
