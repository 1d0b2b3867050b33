#include "lease_state.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void lease_state_init(struct lease_state *state, const char *identity, uint64_t random,
                      int64_t now_ms)
{
	assert(identity[0] != '\0' && strlen(identity) < sizeof state->identity);
	*state = (struct lease_state){.next_ms = now_ms, .jitter = {.random = random}};
	(void)snprintf(state->identity, sizeof state->identity, "%s", identity);
}

bool lease_state_held(const struct lease_state *state, int64_t now_ms)
{
	return state->role == LEASE_LEADER && now_ms < state->held_until_ms;
}

int64_t lease_state_renewal(struct lease_state *state, int64_t wall_ms)
{
	if (wall_ms < state->renewal_ms + 1000)
		wall_ms = state->renewal_ms + 1000;
	state->renewal_ms = wall_ms;
	return wall_ms;
}

static bool is_ours(const struct lease_state *state)
{
	return strcmp(state->seen.holder, state->identity) == 0;
}

static void lose(struct lease_state *state, enum lease_lost lost)
{
	if (state->role != LEASE_LEADER)
		return;
	state->role = LEASE_CANDIDATE;
	state->lost = lost;
}

/* --- tries -------------------------------------------------------------------------------- */

static void try_begin(struct lease_state *state, int64_t now_ms)
{
	state->begin_ms = now_ms;
	state->optimistic = state->role == LEASE_LEADER;
	if (!state->optimistic) {
		state->due = LEASE_GET;
		return;
	}
	state->due = LEASE_UPDATE;
	state->claim =
		(struct lease_claim){.keep_acquire = true, .transitions = state->seen.transitions};
}

/* When the holder's time is over, unless it renews. */
static int64_t seen_until_ms(const struct lease_state *state)
{
	return state->seen_ms + (int64_t)1000 * state->seen.duration_s;
}

/* A candidate pauses from the end of a try, lest all come at once, but is there when the holder's
 * time is over. A leader has no time for pauses: a try that took longer is followed by the next. */
static void try_over(struct lease_state *state, int64_t now_ms)
{
	if (state->role == LEASE_RELEASING) {
		state->role = LEASE_RELEASED;
		return;
	}
	if (state->role == LEASE_LEADER) {
		state->next_ms = state->begin_ms + LEASE_RETRY_MS;
		return;
	}
	uint64_t more = (uint64_t)LEASE_RETRY_MS * LEASE_JITTER_PERCENT / 100;
	state->next_ms = now_ms + LEASE_RETRY_MS + (int64_t)backoff_random(&state->jitter, 0, more);
	int64_t over_ms = seen_until_ms(state);
	bool other = state->seen.holder[0] != '\0' && !is_ours(state);
	if (other && now_ms < over_ms && over_ms < state->next_ms)
		state->next_ms = over_ms;
}

enum lease_want lease_state_next(struct lease_state *state, int64_t now_ms, int64_t *at_ms)
{
	*at_ms = INT64_MAX;
	if (state->role == LEASE_RELEASING && now_ms >= state->release_until_ms)
		state->role = LEASE_RELEASED;
	if (state->role == LEASE_RELEASED)
		return LEASE_WAIT;
	if (state->role == LEASE_LEADER && now_ms >= state->held_until_ms)
		lose(state, LEASE_LOST_DEADLINE);
	if (state->out == LEASE_WAIT && state->due == LEASE_WAIT) {
		if (now_ms >= state->next_ms)
			try_begin(state, now_ms);
		else
			*at_ms = state->next_ms;
	}
	if (state->role == LEASE_LEADER && *at_ms > state->held_until_ms)
		*at_ms = state->held_until_ms;
	if (state->role == LEASE_RELEASING)
		*at_ms = state->release_until_ms;
	if (state->due == LEASE_WAIT)
		return LEASE_WAIT;
	state->out = state->due;
	state->due = LEASE_WAIT;
	if (state->out != LEASE_GET && !state->claim.release)
		state->claimed = true;
	return state->out;
}

/* --- replies ------------------------------------------------------------------------------ */

static void observe(struct lease_state *state, const struct lease_record *record, int64_t now_ms)
{
	if (!state->known || record->mark != state->seen.mark)
		state->seen_ms = now_ms;
	state->seen = *record;
	state->known = true;
}

/* Whether the holder's time is over is judged by the moment of asking: had it renewed since, our
 * PUT would be refused for its resourceVersion. */
static bool seen_valid(const struct lease_state *state, int64_t sent_ms)
{
	return sent_ms < seen_until_ms(state);
}

static void take(struct lease_state *state)
{
	uint32_t transitions = state->seen.transitions;
	state->due = LEASE_UPDATE;
	state->claim = (struct lease_claim){.keep_acquire = true, .transitions = transitions};
	if (is_ours(state))
		return;
	state->claim.keep_acquire = false;
	if (transitions < INT32_MAX) /* the API has no greater number */
		state->claim.transitions++;
}

static void found(struct lease_state *state, int64_t sent_ms, int64_t now_ms)
{
	bool ours = is_ours(state);
	const char *preferred = state->seen.preferred;
	bool other = preferred[0] != '\0' && strcmp(preferred, state->identity) != 0;
	if (!ours) {
		state->claimed = false;
		lose(state, LEASE_LOST_TAKEN);
	} else if (other) {
		lose(state, LEASE_LOST_PREFERRED);
	}
	bool kept = other || (!ours && state->seen.holder[0] != '\0');
	if (state->role == LEASE_RELEASING && !ours) {
		state->role = LEASE_RELEASED;
	} else if (state->role == LEASE_RELEASING) {
		state->due = LEASE_UPDATE;
		state->claim =
			(struct lease_claim){.release = true, .transitions = state->seen.transitions};
	} else if (kept && seen_valid(state, sent_ms)) {
		try_over(state, now_ms);
	} else {
		take(state);
	}
}

static void missing(struct lease_state *state, int64_t now_ms)
{
	if (state->role == LEASE_RELEASING) {
		try_over(state, now_ms);
		return;
	}
	bool leader = state->role == LEASE_LEADER;
	state->due = LEASE_CREATE;
	state->claim = (struct lease_claim){.keep_acquire = leader,
	                                    .transitions = leader ? state->seen.transitions : 0};
}

/* A reply that was long under way, or long unread, makes no leader. */
static void written(struct lease_state *state, int64_t sent_ms, int64_t now_ms)
{
	if (state->role == LEASE_RELEASING) {
		state->role = LEASE_RELEASED;
		return;
	}
	if (now_ms < sent_ms + LEASE_RENEW_DEADLINE_MS) {
		state->role = LEASE_LEADER;
		state->held_until_ms = sent_ms + LEASE_RENEW_DEADLINE_MS;
	}
	try_over(state, now_ms);
}

static void unwritten(struct lease_state *state, enum lease_want out, enum lease_reply reply,
                      int64_t now_ms)
{
	bool conflict = reply == LEASE_CONFLICT;
	if (out == LEASE_CREATE && conflict)
		lose(state, LEASE_LOST_TAKEN);
	if (state->optimistic || (state->role == LEASE_RELEASING && conflict))
		state->due = LEASE_GET;
	else
		try_over(state, now_ms);
	state->optimistic = false;
}

void lease_state_reply(struct lease_state *state, enum lease_reply reply,
                       const struct lease_record *record, int64_t sent_ms, int64_t now_ms)
{
	enum lease_want out = state->out;
	assert(out != LEASE_WAIT);
	assert((record != NULL) == (reply == LEASE_FOUND || reply == LEASE_WRITTEN));
	state->out = LEASE_WAIT;
	/* Whatever it has done, it hasn't done what it was asked to. */
	if (reply == LEASE_WRITTEN && !state->claim.release &&
	    strcmp(record->holder, state->identity) != 0)
		reply = LEASE_FAILED;
	if (state->role == LEASE_LEADER && now_ms >= state->held_until_ms)
		lose(state, LEASE_LOST_DEADLINE);
	if (record != NULL)
		observe(state, record, now_ms);
	if (reply == LEASE_WRITTEN)
		written(state, sent_ms, now_ms);
	else if (out != LEASE_GET)
		unwritten(state, out, reply, now_ms);
	else if (reply == LEASE_FOUND)
		found(state, sent_ms, now_ms);
	else if (reply == LEASE_MISSING)
		missing(state, now_ms);
	else
		try_over(state, now_ms);
}

void lease_state_release(struct lease_state *state, int64_t now_ms)
{
	bool maybe = state->role == LEASE_LEADER || state->claimed || is_ours(state);
	assert(state->role == LEASE_CANDIDATE || state->role == LEASE_LEADER);
	lose(state, LEASE_LOST_RELEASED);
	state->role = maybe ? LEASE_RELEASING : LEASE_RELEASED;
	state->out = LEASE_WAIT;
	state->due = LEASE_GET;
	state->optimistic = false;
	state->release_until_ms = now_ms + LEASE_RETRY_MS;
}
