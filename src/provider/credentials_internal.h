/* credentials_internal: the chain, from where keys may come to keys that hold, for its files.
 *
 * A *member* says without waiting whether it is there, and what is to be done (a *way*). A *fetch*
 * goes that way, by HTTP where it must, and ends with a *grant*. The *walk* tries one member after
 * the other. credentials.c keeps the grant, and those who wait for it. */
#ifndef FEDNS_PROVIDER_CREDENTIALS_INTERNAL_H
#define FEDNS_PROVIDER_CREDENTIALS_INTERNAL_H

#include "fedns/credentials.h"

#include "credentials_answer.h"
#include "exchange.h"
#include "secret_memory.h"

#define ORIGIN_SIZE   256
#define WAY_ROOM      ((size_t)64 * 1024)  /* texts of a way: keys, names and paths */
#define REQUEST_ROOM  ((size_t)128 * 1024) /* a form with a token of 20000 octets, each as %XX */
#define ROLES_MAX     2 /* assumed one from another: a profile's, then alidns.yaml's */
#define PATH_SIZE_MAX 4096
#define ROLE_LIFE_S   3600 /* the default of the vendor's SDKs */
#define SESSION_NAME  "fedns"

#define STS_CONNECT_MS      5000
#define STS_READ_MS         10000
#define METADATA_CONNECT_MS 1000
#define METADATA_READ_MS    1000

/* --- ways --------------------------------------------------------------------------------- */

enum way_kind {
	WAY_KEYS, /* they are here */
	WAY_OIDC, /* a token in a file is exchanged for them */
	WAY_ECS,  /* the instance's metadata has them */
	WAY_URI,  /* a URL gives them */
};

struct role {
	const char *arn, *session;
	const char *policy, *external_id; /* NULL: none */
	uint32_t life_s;
};

/** What is to be done. Zeroed is none; texts are its memory's. */
struct way {
	struct secret_memory memory;
	enum way_kind kind;
	char origin[ORIGIN_SIZE];          /* for people */
	const char *id, *secret, *token;   /* WAY_KEYS; `token` NULL: none */
	const char *provider, *token_file; /* WAY_OIDC */
	struct role oidc;                  /* likewise */
	const char *ecs_role;              /* WAY_ECS; NULL: metadata says it */
	bool ecs_meant;               /* somebody said that this is an instance: silence is an error */
	const char *url;              /* WAY_URI */
	const char *sts_region;       /* NULL: as the environment says */
	bool sts_vpc;                 /* asked for by a profile */
	struct role roles[ROLES_MAX]; /* to be assumed with what was got, in this order */
	size_t role_count;
};

void way_clear(struct way *way);
/** Begin `way`: memory, and an origin. ERR_NOMEM. */
MUST_CHECK enum err way_begin(struct way *way, enum way_kind kind, struct why *why);
/** `*out` becomes a copy of `text`, NULL where that is NULL or empty. False: it is too long. */
MUST_CHECK bool way_text(struct way *way, const char *text, const char **out);
/** Add a role. ERR_LIMIT. */
MUST_CHECK enum err way_assume(struct way *way, const struct role *role, struct why *why);

/** Is this member there? ERR_MISSING: no, and `why` is a few words on what was looked for. Other
 * errors: it is there and broken. Either way `out` is to be cleared. */
typedef enum err member_find(const struct credentials *credentials, struct way *out,
                             struct why *why);
member_find file_find;        /* credentials_env.c */
member_find env_find;         /* credentials_env.c */
member_find oidc_find;        /* credentials_oidc.c */
member_find cli_profile_find; /* credentials_profile_cli.c */
member_find ini_profile_find; /* credentials_profile_ini.c */
member_find ecs_find;         /* credentials_ecs.c */
member_find uri_find;         /* credentials_uri.c */

/** The value of a variable; NULL where it is not set, or empty. */
const char *env_text(const struct credentials *credentials, const char *name);
/** Is it "true", in any case? */
bool env_true(const struct credentials *credentials, const char *name);

/* --- a fetch ------------------------------------------------------------------------------ */

/** One go along a way. Zeroed is none. */
struct fetch {
	struct credentials *credentials;
	struct way way;
	struct exchange exchange;
	struct secret_memory request; /* of the exchange: what it sends */
	bool under_way;
	size_t role_at;                      /* next of way.roles */
	unsigned step;                       /* credentials_ecs.c's own */
	struct secret_memory metadata_token; /* likewise; none: IMDSv1 */
	struct grant grant;                  /* what was got so far */
};

/** Begin to go fetch->way. ERR_OK with `under_way`: chain_told() follows; without: the grant is
 * there. Else nothing follows. */
MUST_CHECK enum err fetch_start(struct fetch *fetch, struct credentials *credentials,
                                struct why *why);
/** An exchange gave (or didn't) the grant of its step. */
void fetch_told(struct fetch *fetch, enum err err, const struct why *why);
void fetch_clear(struct fetch *fetch);

/* Each begins an exchange; fetch_told() follows. */
MUST_CHECK enum err oidc_start(struct fetch *fetch, struct why *why);
MUST_CHECK enum err ecs_start(struct fetch *fetch, struct why *why);
MUST_CHECK enum err uri_start(struct fetch *fetch, struct why *why);
MUST_CHECK enum err role_start(struct fetch *fetch, const struct role *role, struct why *why);

/* --- the walk ----------------------------------------------------------------------------- */

struct walk {
	bool under_way;
	bool alone;                /* only one member is asked */
	size_t at;                 /* the member */
	enum err err;              /* of the first that is there and broken */
	struct why broken, absent; /* what they said */
};

struct credentials {
	struct credentials_setup setup;
	uv_timer_t soon; /* fires on the loop's next turn, when there is something to do */
	struct credentials_wait *waiting;
	bool ended;
	struct grant grant; /* the last good one */
	char origin[ORIGIN_SIZE];
	bool kept; /* the grant is of member `kept_at`, which is asked again */
	size_t kept_at;
	bool refused, refused_once;
	int64_t refused_ms; /* of the last time it counted */
	unsigned failures;  /* in a row */
	int64_t failed_ms;  /* the last one */
	enum err err;       /* likewise */
	struct why why;     /* likewise; empty: none */
	struct walk walk;
	struct fetch fetch;
};

int64_t credentials_now(const struct credentials *credentials);

/** Ask all members in order, or, `alone`, the one that is kept. credentials_told() follows, perhaps
 * from within. */
void chain_walk(struct credentials *credentials, bool alone);
/** The fetch that was under way has ended. */
void chain_told(struct credentials *credentials, enum err err, const struct why *why);
/** The walk has ended; ERR_OK: the grant is the fetch's. credentials.c. */
void credentials_told(struct credentials *credentials, enum err err, const struct why *why);

#endif
