/* provider_internal: the state of a push, shared by the files that move it.
 *
 *     provider.c     its life, and what others tell it
 *     pass.c         read, plan, apply, until nothing is left to do
 *     read.c         the domain and its records
 *     flight.c       one name's steps, one after the other
 *     flight_call.c  what their calls say
 *     calls.c        quotas and back-off of all calls
 *     trouble.c      what a failure means for the whole
 */
#ifndef FEDNS_PROVIDER_PROVIDER_INTERNAL_H
#define FEDNS_PROVIDER_PROVIDER_INTERNAL_H

#include "arrival.h"
#include "bucket.h"
#include "hash_set.h"
#include "journal.h"

#include "fedns/provider.h"
#include "fedns/told.h"

/** Calls with a quota of their own. */
enum api { API_DOMAIN, API_LIST, API_NAME, API_ADD, API_UPDATE, API_DELETE, API_REMARK, APIS };

#define RECORD_ID_SIZE (ALIDNS_ID_SIZE_MAX + 1)
#define MARK_SIZE      128 /* "fedns:" and a label */
#define DOMAIN_SIZE    256 /* as text, without the final dot */

/** Set in `holds` of a record that is there no more; the provider knows no such bit. */
#define HOLD_GONE 128u

/** What a flight does next. */
enum act { ACT_ADD, ACT_REMARK, ACT_UPDATE, ACT_DELETE, ACT_LOOK, ACTS };

/** One name under way. */
struct flight {
	struct provider *provider;
	bool used;
	enum act act;
	uint32_t step, steps_end;
	char id[RECORD_ID_SIZE]; /* of the record that was just added */
	unsigned tries;          /* of this act, failed */
	unsigned page;           /* ACT_LOOK */
	struct record_list *seen;
	struct alidns_call *call; /* NULL: none under way */
};

/* So often a record is looked at; a list may lag behind what a call has done. */
#define PUZZLES_MAX 3

/** One row of provider_calls(). */
struct call_count {
	const char *action;
	char code[64];
	uint64_t count;
};
#define CALL_COUNTS_MAX                                                                            \
	128 /* 7 actions with the Codes that ever come; others add up as "other"                       \
	     */

struct provider {
	struct provider_setup setup;
	struct provider_policy policy; /* its texts are the next two */
	char *owner, *file_path;
	struct alidns_file file;
	struct http *http;
	struct credentials *credentials;
	struct alidns *alidns;
	struct journal *journal;
	struct arrival *arrival; /* NULL: nobody asks (dry_run) */
	int64_t change_ms;       /* loop time of the oldest change that is not pushed; 0: none */
	struct name domain;
	char domain_text[DOMAIN_SIZE], mark[MARK_SIZE];
	char scope_text[DOMAIN_SIZE]; /* relative to the domain; "": all of it */
	uv_timer_t timer;             /* the next thing that time alone brings */
	uv_timer_t move;              /* at the loop's next turn */
	bool closing, stopping;

	struct record_list *next_want; /* told since the plan at hand was made; NULL: nothing */
	bool next_whole;
	struct record_list *want; /* NULL: not told yet */
	bool whole;
	struct record_list *have;   /* NULL: not read, or not to be trusted */
	struct record_list *came;   /* since `have` was sorted: added, changed, looked at again */
	struct record_list *wanted; /* `want` without what is refused; NULL: it is `want` */
	struct plan *plan;
	struct hash_set refused; /* record_hash() of wanted ones, until all is read again */
	/* of records of which was said what doesn't fit what is listed, once, twice, ...; likewise */
	struct hash_set puzzles[PUZZLES_MAX];
	struct hash_set lost; /* of added ones whose answer was lost, until a plan has no steps */
	bool heir;            /* the next full comparison is the first since the lease came */
	bool again;           /* what is known of the records has changed beside the plan */
	size_t approved;      /* deletions that may go although they are many; 0: none */
	bool raised_said, guide_said;
	size_t held_said;
	struct hash_set notes_said; /* of the plan before, and since all was read */

	enum provider_phase phase;
	struct alidns_domain edition;
	bool edition_known;
	struct alidns_call *read_call; /* PROVIDER_READS */
	size_t page, page_total;
	bool total_moved;   /* from page to page */
	unsigned rereads;   /* of a list that wasn't whole */
	int64_t read_at_ms; /* loop time: the next full comparison */

	struct flight flights[PROVIDER_FLIGHTS_MAX];
	uint32_t next[STEP_KINDS]; /* names, by the kind of their first step: which is begun next */
	size_t done, pending;

	struct bucket buckets[APIS];
	int64_t pause_until_ms, serial_until_ms; /* loop time */
	uint32_t pause_ms;                       /* the last one's length */
	unsigned failures;
	uint32_t read_pause_ms; /* both as they were when reading began */
	unsigned read_failures;
	bool throttled; /* by the last answer */
	bool lasting;   /* the trouble: see provider_state */
	struct why trouble;
	struct told told_calls, told_passes; /* of it, by call_troubled() and pass_failed() */
	struct told told_journal;            /* of the journal's */
	int64_t last_success_ms;
	uint64_t changes[STEP_KINDS];
	struct call_count calls[CALL_COUNTS_MAX];
	size_t call_count;
	uint64_t random;
	uint64_t seed; /* of record_hash() */
};

/* provider.c */
void provider_log(const struct provider *provider, enum log_level level, const char *fmt, ...)
	PRINTF(3, 4);
int64_t provider_loop_ms(const struct provider *provider);
int64_t provider_wall_ms(const struct provider *provider);
/** pass_move() at the loop's next turn. */
void provider_move_soon(struct provider *provider);
/** What is wanted, but for what the provider refuses. */
const struct record_list *provider_wanted(const struct provider *provider);
/** What is known of the domain's records has a hole: they are all read again, soon. */
void provider_doubt(struct provider *provider);
/** May a writing call start? */
bool provider_may_write(const struct provider *provider);
/** May any? Whoever may not write has no business there, but to plan. */
bool provider_may_call(const struct provider *provider);
/** Tell the owner. */
void provider_changed(struct provider *provider);

/* pass.c */
/** Do whatever can be done now. */
void pass_move(struct provider *provider);

/* read.c */
/** Start reading, or its next call. */
void read_move(struct provider *provider);
/** Bring `came` into `have`, drop what is gone. ERR_NOMEM, ERR_LIMIT: as before. */
MUST_CHECK enum err have_settle(struct provider *provider, struct why *why);
/** All that is known of the name `rr` is gone. */
void have_forget(struct provider *provider, struct bytes rr);
/** A record without a remark that the journal knows is ours; one with our mark that isn't in our
 * zone is of another fedns in the same domain, which was given the same owner. */
void record_own(const struct provider *provider, struct record *record);
/** Whatever was refused, or puzzled, may be tried again. */
void refusals_forget(struct provider *provider);
/** What was read is not to be trusted any more. */
void have_drop(struct provider *provider);

/* flight.c */
/** Go on with the flight, if nothing of it is under way and time allows. */
void flight_move(struct flight *flight);
void flight_begin(struct flight *flight, const struct plan_name *name);
void flight_end(struct flight *flight);
size_t flights_used(const struct provider *provider);

/* calls.c */
void calls_init(struct provider *provider);
/** May `api` be called now? Else the timer comes back when it may. */
bool call_allowed(struct provider *provider, enum api api);
MUST_CHECK enum err call_start(struct provider *provider, enum api api,
                               const struct alidns_param *params, size_t count, alidns_done *done,
                               void *arg, struct alidns_call **out, struct why *why);
/** The answer came: count it. A good write ends the back-off. A good read only brings it back to
 * where it was when reading began: where reading goes well and writing doesn't, both begin anew
 * again and again, and later each time. */
void call_counted(struct provider *provider, enum api api, const struct alidns_reply *reply);
/** Something new is wanted: a long pause ends soon, unless the provider has asked for it. */
void calls_hurry(struct provider *provider);
/** All is well: the next pause is a short one. */
void calls_rest(struct provider *provider);
/** No calls for a while, longer each time in a row; at least `min_ms`. */
void calls_pause(struct provider *provider, uint32_t min_ms);
const char *api_action(enum api api);
/** Could `api` be called now, beside `others` that wait for the same? Else the timer comes back. */
bool call_ready(struct provider *provider, enum api api, unsigned others);
/** Come back then, loop time, if nothing is due before. */
void calls_wake_at(struct provider *provider, int64_t at_ms);

/* trouble.c */
/** A call failed and is tried again: say so, if that goes on. */
void call_troubled(struct provider *provider, enum api api, const struct alidns_reply *reply);
void call_troubled_why(struct provider *provider, enum api api, const char *why);
/** The pass can't go on: say why, end all flights, and begin again after a while, with reading. */
void pass_failed(struct provider *provider, const char *what, const struct alidns_reply *reply);
void pass_failed_why(struct provider *provider, const char *what, const char *why);
/** A pass came to its end. */
void trouble_over(struct provider *provider);

#endif
