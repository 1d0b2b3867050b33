/* provider: what is wanted is brought to Alibaba Cloud DNS, and kept there.
 *
 * plan.h, alidns.h --> [provider.h] --> daemon
 *
 * One pass: read the domain and its records, plan, apply the steps within the account's quotas,
 * until a plan has no steps. A change of what is wanted is planned against what is known of the
 * domain's records; from time to time all of them are read again.
 */
#ifndef FEDNS_PROVIDER_H
#define FEDNS_PROVIDER_H

#include "fedns/alidns.h"
#include "fedns/base.h"
#include "fedns/dns.h"
#include "fedns/log.h"
#include "fedns/plan.h"

#include <uv.h>

#define PROVIDER_FLIGHTS_MAX 8 /* calls under way at once */

/** What the configuration says of it; texts owned by the configuration. */
struct provider_policy {
	const char *file;  /* alidns.yaml; NULL: the vendor's chain, and no zones named */
	const char *owner; /* a label; our mark is "fedns:OWNER" */
	struct name zone;  /* the domain holds it */
	/* What we push lies at or below it, and what lies elsewhere isn't ours, whatever its remark
	 * says: others may have our owner's name there. */
	struct name scope;
	unsigned max_delete_percent;
	unsigned share_percent; /* of the account's quotas */
	int64_t interval_ms;    /* between full comparisons */
	bool adopt, dry_run;
	enum alidns_signature signature;
};

struct provider_setup {
	uv_loop_t *loop;
	const struct log *log; /* outlives the provider */
	const struct provider_policy *policy;
	const char *state_dir; /* where the journal is; NULL: none is kept */
	/* Who is asked whether a push has arrived: ADDRESS:PORT texts, or none for the domain's own
	 * servers, which the resolvers find; as resolver_new() takes them. Borrowed until
	 * provider_new() returns. */
	const char *const *verify_servers, *const *resolvers;
	size_t verify_server_count, resolver_count;
	/* Others of our owner push, too, one at a time, and their journals aren't ours: what one of
	 * them added last may lack its mark. */
	bool replicas;
	/* The owner gives up at a failure that lasts, and tells it: the log needn't. */
	bool gives_up;
	int64_t (*now_ms)(void *arg); /* the wall clock */
	/** May a writing call start now? NULL: always. */
	bool (*may_write)(void *arg);
	/** Something that provider_state() tells has changed. On the loop. */
	void (*changed)(void *arg);
	void *arg;
};

struct provider;

/** Would provider_new() take the policy's file? ERR_INVALID: `why` begins with the file and, where
 * there is one, the line. `*exposed`: others than its owner may read its secret. ERR_NOMEM. */
MUST_CHECK enum err provider_check(const struct provider_policy *policy, bool *exposed,
                                   struct why *why);

/** ERR_INVALID (the file), ERR_IO, ERR_LIMIT (the journal), ERR_CONFLICT (another process has the
 * journal), ERR_NOMEM. Nothing is asked yet. */
MUST_CHECK enum err provider_new(const struct provider_setup *setup, struct provider **out,
                                 struct why *why);
/** End; calls under way are not waited for: what became of them is found out by the journal.
 * Handles close on the loop. NULL is fine. */
void provider_free(struct provider *provider);

/** Begin no more names; those begun are ended. Returns how many; `changed` tells of each step. */
size_t provider_stop(struct provider *provider);

/** This is wanted from now on; taken over. `whole`: it is all there is, so that what it lacks may
 * go. */
void provider_want(struct provider *provider, struct record_list *want, bool whole);
/** The domain that holds what we push, and that RRs are relative to. */
const struct name *provider_domain(const struct provider *provider);
/** may_write() may say something else now. */
void provider_lead_changed(struct provider *provider);
/** Let go the deletions that are held back. Returns how many there are. */
size_t provider_approve(struct provider *provider);

/** Of the provider's own name servers: do they answer with what was pushed? */
struct arrival_state {
	bool asking;
	uint64_t arrived;         /* pushes that every server was seen to know */
	int64_t took_ms;          /* of the last of them, from the change on; -1: none yet */
	const char *disagreement; /* a sentence; "": none */
};

enum provider_phase {
	PROVIDER_WAITS,    /* for what is wanted, or for the lease */
	PROVIDER_READS,    /* the domain and its records */
	PROVIDER_APPLIES,  /* steps */
	PROVIDER_TROUBLED, /* waits after a failure */
	PROVIDER_AT_REST,  /* nothing to do */
};

struct provider_state {
	enum provider_phase phase;
	const char *domain; /* as text, without the final dot */
	struct alidns_domain edition;
	bool edition_known;
	struct plan_counts counts; /* of the newest plan */
	size_t records;            /* of the domain, ours and others' */
	size_t pending, done;      /* steps of the plan under way */
	size_t refused;            /* wanted records that the provider doesn't take */
	size_t held;               /* deletions that wait for an approval */
	int64_t last_success_ms;   /* since 1970: all that was wanted was there; 0: never */
	unsigned failures;         /* in a row */
	const char *trouble;       /* the newest failure, a sentence; "": none since the last success */
	bool lasting;              /* and no patience mends it: the key, its rights, the domain */
	bool leader;
	struct arrival_state arrival;
	uint64_t changes[STEP_KINDS]; /* done since the start */
};
void provider_state(const struct provider *provider, struct provider_state *out);

/** Calls by action and Code ("OK": done; "lost": no answer), for metrics; false: no more. Borrowed
 * until the loop's next turn. */
bool provider_calls(const struct provider *provider, size_t i, const char **action,
                    const char **code, uint64_t *count);

/** The newest plan and what it is about, borrowed until the loop's next turn; NULL: none yet. */
const struct plan *provider_plan(const struct provider *provider, const struct record_list **have,
                                 const struct record_list **want);

#endif
