/* daemon: the wiring of all rooms into the running program. */
#ifndef FEDNS_DAEMON_H
#define FEDNS_DAEMON_H

#include "fedns/base.h"
#include "fedns/config.h"

/**
 * Run until SIGTERM or SIGINT; SIGHUP reads the configuration again. Returns ERR_OK after a clean
 * stop. Any other value means that it could not start, with `why`; nothing is left running.
 */
MUST_CHECK enum err daemon_run(const struct config_flags *flags, struct why *why);

/**
 * Read configuration and state once, resolve host names once (5 s in all), and hold model and
 * policy for `render` and `check`.
 */
struct once;
MUST_CHECK enum err once_load(const struct config *config, struct findings *findings,
                              struct once **out, struct why *why);
struct model *once_model(struct once *once);
/** NULL is fine. */
void once_free(struct once *once);

/* --- one push, for `plan` and `push` ------------------------------------------------------- */

struct push_ask {
	bool dry_run; /* plan only */
	/** Called now and then while it goes on, and at its end. */
	void (*progress)(void *arg, const struct provider_state *state);
	void *arg;
};

/**
 * Read the state once, and bring what it gives to the provider; or only plan that. `*out` is how it
 * ended, also where ERR_AGAIN says that it did not come to its end (the provider, its account, or
 * the lease, which another holds). ERR_INVALID, ERR_IO, ERR_CONFLICT (a running daemon pushes),
 * ERR_MISSING (no provider in the configuration), ERR_NOMEM: nothing was asked, `*out` is NULL.
 */
struct push_once;
MUST_CHECK enum err push_once_run(const struct config *config, const struct push_ask *ask,
                                  struct findings *findings, struct push_once **out,
                                  struct why *why);
/** The plan that was made last; NULL: none. Borrowed. */
const struct plan *push_once_plan(const struct push_once *once, const struct record_list **have,
                                  const struct record_list **want);
void push_once_state(const struct push_once *once, struct provider_state *out);
/** NULL is fine. */
void push_once_free(struct push_once *once);

/* --- verify: does the real DNS agree? ------------------------------------------------------- */

#define VERIFY_SAMPLES_MAX       16
#define VERIFY_SAMPLE_VALUES_MAX 64    /* addresses; RRsets of more are no samples */
#define VERIFY_FINDINGS_MAX      256   /* the rest is cut */
#define VERIFY_MS                15000 /* all questions together */

/** An RRset that the provider's servers ought to answer with: A, AAAA or CNAME. */
struct verify_sample {
	struct name owner;
	uint16_t type;
	struct name target; /* of a CNAME */
	struct address addresses[VERIFY_SAMPLE_VALUES_MAX];
	size_t address_count;
};

/** What to verify. All borrowed. */
struct verify_ask {
	const struct config *config;
	const struct name *parent; /* the zone above; NULL: found by asking */
	bool hosted; /* the records are pushed to a provider, whose servers answer in our place */
	const char *const *servers; /* "ADDRESS:PORT": asked in the place of the delegation's; */
	size_t server_count;        /* 0: the delegation's, RESOLVERS_MAX at most */
	uint16_t port;              /* of all name servers that are found by name; 0: 53 */
	const struct verify_sample *samples;
	size_t sample_count; /* at most VERIFY_SAMPLES_MAX */
};

/** Whose server one is. */
enum verify_role {
	VERIFY_PARENT,    /* the zone above's */
	VERIFY_ZONE,      /* ours, or the provider's */
	VERIFY_RESPONDER, /* what `listen` names, where it answers */
};

/** One server at one address. */
struct verify_row {
	enum verify_role role;
	struct name server; /* size 0: none, only its address was given */
	struct address address;
	uint16_t port;
	const char *udp, *tcp; /* ok, silent, lame, "no route", or - where it was not asked */
	bool has_serial;
	uint32_t serial;
};

struct verify_finding {
	enum severity severity;
	const char *reason;                            /* "glue-wrong": a stable word */
	char text[WHY_TEXT_SIZE], mend[WHY_TEXT_SIZE]; /* a sentence each, without its final stop */
};

struct verify_report {
	struct name zone, parent;
	struct verify_row *rows;
	size_t row_count;
	struct verify_finding *findings;
	size_t finding_count;
};

/**
 * Walk from the parent down and compare NS sets, glue, answers and serials. Blocks for VERIFY_MS at
 * most. ERR_OK: it was done, whatever was found. Any other value: it could not be, with `why`.
 */
MUST_CHECK enum err verify_run(const struct verify_ask *ask, struct verify_report **out,
                               struct why *why);
/** NULL is fine. */
void verify_report_free(struct verify_report *report);

#endif
