/* lease_state: every rule as a story in data/lease_rules.txt. What comes of the rules where several
 * replicas follow them is in test_lease_race.c. */
#include "check.h"

#include "lease_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define STORIES     TESTS_DIR "/source/data/lease_rules.txt"
#define STORIES_MIN 30
#define RANDOM      7

struct story {
	struct lease_state state;
	enum lease_want out;
	int64_t sent_ms, now_ms;
	unsigned line;
	uint64_t marks; /* of what was written; apart from those of the file */
};

static const char *name_of(const char *text)
{
	return strcmp(text, "-") == 0 ? "" : text;
}

/* "found" and its words. */
static void found(struct story *story, const char *words)
{
	struct lease_record record = {.mark = 0};
	char holder[64], preferred[64] = "-";
	int count = sscanf(words, "found %63s %" SCNu32 " %" SCNu32 " %" SCNu64 " %63s", holder,
	                   &record.duration_s, &record.transitions, &record.mark, preferred);
	assert_true(count == 4 || count == 5);
	(void)snprintf(record.holder, sizeof record.holder, "%s", name_of(holder));
	(void)snprintf(record.preferred, sizeof record.preferred, "%s", name_of(preferred));
	lease_state_reply(&story->state, LEASE_FOUND, &record, story->sent_ms, story->now_ms);
}

/* The object as it was written; `holder` NULL: as it was meant. */
static void written(struct story *story, const char *holder)
{
	bool release = story->state.claim.release;
	struct lease_record record = {.duration_s = release ? 1 : 15,
	                              .transitions = story->state.claim.transitions,
	                              .mark = ++story->marks};
	if (holder == NULL)
		holder = release ? "" : "me";
	(void)snprintf(record.holder, sizeof record.holder, "%s", holder);
	lease_state_reply(&story->state, LEASE_WRITTEN, &record, story->sent_ms, story->now_ms);
}

static void happen(struct story *story, const char *event)
{
	char holder[64];
	enum lease_reply reply = LEASE_FAILED;
	if (strncmp(event, "found ", 6) == 0) {
		found(story, event);
	} else if (sscanf(event, "stolen %63s", holder) == 1) {
		written(story, holder);
	} else if (strcmp(event, "written") == 0) {
		written(story, NULL);
	} else if (strcmp(event, "release") == 0) {
		lease_state_release(&story->state, story->now_ms);
	} else if (strcmp(event, "tick") != 0) {
		if (strcmp(event, "missing") == 0)
			reply = LEASE_MISSING;
		else if (strcmp(event, "conflict") == 0)
			reply = LEASE_CONFLICT;
		else
			assert_string_equal(event, "failed");
		lease_state_reply(&story->state, reply, NULL, story->sent_ms, story->now_ms);
	}
}

/* What a wait is: until when, or for what. */
static void wait_text(const struct story *story, int64_t at_ms, char out[64])
{
	const struct lease_state *state = &story->state;
	int64_t pause_ms = at_ms - story->now_ms;
	if (state->role == LEASE_RELEASED) {
		assert_true(at_ms == INT64_MAX);
		(void)snprintf(out, 64, "nothing");
	} else if (state->out != LEASE_WAIT) {
		(void)snprintf(out, 64, "busy");
	} else if (state->role == LEASE_CANDIDATE && pause_ms >= LEASE_RETRY_MS) {
		assert_in_range(pause_ms, 2000, 4400);
		(void)snprintf(out, 64, "pause");
	} else {
		(void)snprintf(out, 64, "until %" PRId64, at_ms);
	}
}

static void next_text(struct story *story, char out[64])
{
	int64_t at_ms;
	const struct lease_claim *claim = &story->state.claim;
	enum lease_want want = lease_state_next(&story->state, story->now_ms, &at_ms);
	if (want == LEASE_WAIT) {
		wait_text(story, at_ms, out);
		return;
	}
	story->sent_ms = story->now_ms;
	const char *acquire = claim->keep_acquire ? "keep" : "fresh";
	if (want == LEASE_GET)
		(void)snprintf(out, 64, "get");
	else
		(void)snprintf(out, 64, "%s %s %" PRIu32, want == LEASE_CREATE ? "post" : "put",
		               claim->release ? "release" : acquire, claim->transitions);
}

static void line_play(struct story *story, const char *line)
{
	static const char *const ROLES[] = {[LEASE_CANDIDATE] = "candidate",
	                                    [LEASE_LEADER] = "leader",
	                                    [LEASE_RELEASING] = "releasing",
	                                    [LEASE_RELEASED] = "released"};
	char event[128], wanted[128], next[64], got[128];
	if (sscanf(line, "%" SCNd64 " %127[^>] > %127[^\n]", &story->now_ms, event, wanted) != 3)
		fail_msg("line %u isn't one", story->line);
	event[strlen(event) - 1] = '\0'; /* the space before ">" */
	happen(story, event);
	next_text(story, next);
	(void)snprintf(got, sizeof got, "%s, %s%s", next, ROLES[story->state.role],
	               lease_state_held(&story->state, story->now_ms) ? " held" : "");
	if (strcmp(got, wanted) != 0)
		fail_msg("line %u: \"%s\" instead of \"%s\"", story->line, got, wanted);
}

static void every_rule_holds(void **state)
{
	(void)state;
	char line[256];
	unsigned stories = 0;
	struct story story = {.line = 0};
	FILE *file = fopen(STORIES, "r");
	assert_non_null(file);
	while (fgets(line, sizeof line, file) != NULL) {
		story.line++;
		if (strncmp(line, "case ", 5) == 0) {
			stories++;
			story.marks = 1000;
			lease_state_init(&story.state, "me", RANDOM, 0);
		} else if (line[0] != '#' && line[0] != '\n') {
			line_play(&story, line);
		}
	}
	assert_int_equal(fclose(file), 0);
	assert_true(stories >= STORIES_MIN);
}

/* Candidates that began at one moment don't stay together. */
static void pauses_are_spread_from_2_to_4_4_s(void **state)
{
	(void)state;
	int64_t least = INT64_MAX, most = 0, at_ms;
	struct lease_state lease;
	lease_state_init(&lease, "me", RANDOM, 0);
	int64_t now_ms = 0;
	for (unsigned i = 0; i < 1000; i++) {
		assert_int_equal(lease_state_next(&lease, now_ms, &at_ms), LEASE_GET);
		lease_state_reply(&lease, LEASE_FAILED, NULL, now_ms, now_ms);
		assert_int_equal(lease_state_next(&lease, now_ms, &at_ms), LEASE_WAIT);
		least = at_ms - now_ms < least ? at_ms - now_ms : least;
		most = at_ms - now_ms > most ? at_ms - now_ms : most;
		now_ms = at_ms;
	}
	assert_in_range(least, 2000, 2050);
	assert_in_range(most, 4350, 4399);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_rule_holds),
		cmocka_unit_test(pauses_are_spread_from_2_to_4_4_s),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
