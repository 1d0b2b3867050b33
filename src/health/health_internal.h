/* health_internal: the core's state, shared by the files that move it.
 *
 *     health.c     its life, and what others tell it
 *     clock.c      what time it is, and was
 *     listing.c    which addresses a service has, and what is asked of them
 *     links.c      which targets that gives
 *     judge.c      may a target be left out: proof, max_withdraw
 *     withdraw.c   max_withdraw: how much may go, of whom
 *     tell.c       what that gives for a service: verdicts for the model
 *     stale.c      of which services that is to be brought
 *     orders.c     what an operator said
 *     view.c       what it tells
 */
#ifndef FEDNS_HEALTH_HEALTH_INTERNAL_H
#define FEDNS_HEALTH_HEALTH_INTERNAL_H

#include "target.h"
#include "tenant.h"

/* A drained address keeps TTLs short for this long. */
#define DRAINING_MS 300000
/* What could not be told for want of memory is tried again after this. */
#define RETRY_MS 1000
/* What is held is judged again so long after something came back: many come back together. */
#define AGAIN_MS 1000
/* Services without targets for want of room: reading all costs a walk. */
#define REFUSED_RETRY_MS 60000

/** An address of a service in a cluster, and what tells whether it serves. */
struct link {
	struct address address;
	bool wanted; /* in before its failback's time: nothing else served when it was taken in */
	uint16_t cluster;
	uint32_t target; /* TARGET_NONE: not probed */
	uint32_t use;    /* which one of the target */
	uint32_t tenant; /* its namespace; meaningless without a target */
};

/* Octets of a path or host with its NUL. */
#define CHECK_TEXT_SIZE 512

/** What is asked of each address of one service. */
struct check {
	enum probe_kind kind; /* NONE: nothing */
	uint16_t port;
	char path[CHECK_TEXT_SIZE], host[CHECK_TEXT_SIZE];
};

/** What is watched of a service, by cluster and address; NULL where nothing is. */
struct watched {
	uint64_t owner; /* a hash of the service's name: its id may come to mean another one */
	uint32_t count;
	struct link links[];
};

struct order {
	enum order_kind kind;
	bool draining; /* TTLs are short for it still */
	int64_t since_ms;
	uint8_t cluster_size, namespace_size, service_size; /* 0: all services */
	char texts[];                                       /* cluster, namespace, service */
};

struct health {
	struct health_setup setup;
	struct health_policy policy; /* its texts are the next three */
	char *path, *host, *global;
	struct verdict_rule rule;
	struct targets targets;
	struct watched **services; /* by id */
	size_t service_room;
	size_t link_count;
	uint32_t targets_max;
	/* Targets there were when one was refused; 0: none was. Fewer: it is tried again. */
	uint32_t refused_count;
	struct order **orders; /* by cluster, namespace and service */
	size_t order_count, order_room;
	int64_t drained_ms; /* when the next order's draining is over; INT64_MAX: none */
	struct tenants tenants;
	/* Namespaces too small for a budget of their own share this one. */
	struct budget pool;
	uint64_t pool_links; /* addresses of those */
	uint64_t pool_down;  /* of withdraw_measure(): those of them that are out or held */
	int64_t again_ms;    /* when what is held is judged again, for something came back; 0: never */
	/* That our own network works: a good result, or with self checks one of these. */
	bool self_checked;
	int64_t began_ms;     /* of the first result of any kind; 0: none yet */
	int64_t proof_ms;     /* the newest one; 0: none */
	int64_t dark_ms;      /* the end of the last time without; 0: there was none */
	int64_t suspected_ms; /* since when some target waits for one; 0: none does */
	bool suspected_said, held_said;
	struct health_counters counters;
	int64_t seen_ms; /* the latest time that was told */
	bool changed;    /* verdicts of the model, or they are to, since the caller was told */
	/* Services of which something has moved, once each, to be told together: of a thousand moves of
	 * one service the last one counts. */
	uint32_t *stale;
	uint32_t stale_count, stale_room;
	bool *is_stale; /* by id */
	uint32_t is_stale_room;
	int64_t ask_ms;   /* when targets that could not be probed are asked for again; 0: never */
	int64_t retry_ms; /* when services are read and told again, for memory was short; 0: never */
};

/* clock.c */
/** The time it is, for whoever was told `now_ms`. If the wall clock was set back, all that was
 * noted keeps its age. Every call that brings a time begins with this. */
int64_t clock_follow(struct health *health, int64_t now_ms);

/* listing.c */
/** What is asked of `service`'s addresses; `kind` NONE: nothing. */
void check_make(const struct health *health, const struct service_view *service, struct check *out);
/** Its addresses, without targets; yours, NULL: none. ERR_NOMEM. */
MUST_CHECK enum err links_list(const struct health *health, const struct service_view *service,
                               struct watched **out);
/** By cluster and address, as links stand; of qsort()'s type. */
int link_compare(const void *left, const void *right);
/** The one of that address, or NULL. */
struct link *link_find(struct watched *watched, uint16_t cluster, const struct address *address);

/* links.c */
/** Read service `id` of the model again; a service that is gone has no links. `why` may be NULL. */
MUST_CHECK enum err links_renew(struct health *health, uint32_t id, int64_t now_ms,
                                struct why *why);
/** All services, as far as that is possible: the first error of one is handed up. */
MUST_CHECK enum err links_renew_all(struct health *health, int64_t now_ms, struct why *why);
/** There is room again: those that had none are to be read again. */
void links_refused_retry(struct health *health, int64_t now_ms);
/** Ask for what is to be probed and could not be. */
void links_ask(struct health *health, int64_t now_ms);
struct watched *links_of(const struct health *health, uint32_t id);
void links_free(struct health *health);

/* judge.c */
/** The target's machine has moved from `from`, or what it is judged by: is it out? Tells its
 * services, and the news. */
void target_judge(struct health *health, uint32_t id, enum health_state from, int64_t now_ms);
/** Our own network works: those who waited for that are judged. */
void proof_take(struct health *health, int64_t now_ms);
/** Before a bad result: do those before it count? */
void darkness_forgive(const struct health *health, struct target *target, int64_t now_ms);
/** Judge those that wait for an approval again: does what is out and held by now fit into
 * max_withdraw? `approved`: they go, whatever that says. */
void held_judge(struct health *health, bool approved, int64_t now_ms);
/** Nobody uses it any more: it is asked no more, and goes. */
void target_forget(struct health *health, uint32_t id);
/** Say that our own network is suspected, or addresses are held, or no more. */
void whole_say(struct health *health, int64_t now_ms);
/** When that is to be said; INT64_MAX: not by itself. */
int64_t whole_next(const struct health *health);

/* withdraw.c */
/** May the target go now? If it may for one namespace that uses it, it goes: the others do not wait
 * for whoever has used up his share. */
bool withdraw_allows(struct health *health, const struct target *target, int64_t now_ms);
void withdraw_spend(struct health *health, const struct target *target, int64_t now_ms);
void withdraw_return(struct health *health, const struct target *target, int64_t now_ms);
/** Count what is out or held, for withdraw_fits(). */
void withdraw_measure(struct health *health);
/** Would it go even if all of that had gone within one minute? */
bool withdraw_fits(struct health *health, const struct target *target);
/** A namespace has one address more, or one less. */
void withdraw_resize(struct health *health, uint32_t tenant, bool more);
/** Policy has changed: who is small? */
void withdraw_pool_make(struct health *health);

/* tell.c */
/** Bring the verdicts of service `id` to the model. */
void service_tell(struct health *health, uint32_t id, int64_t now_ms);
void all_tell(struct health *health, int64_t now_ms);
/** Bring them soon: with stale_tell(). */
void service_stale(struct health *health, uint32_t id, int64_t now_ms);
void stale_tell(struct health *health, int64_t now_ms);
void stale_free(struct health *health);
/** What stands for one address of `service`. */
struct verdict link_judge(const struct health *health, const struct service_view *service,
                          struct bytes cluster, const struct link *link);

/* orders.c */
const struct order *order_for(const struct health *health, struct bytes cluster,
                              struct bytes namespace, struct bytes service);
/** Those whose draining is over are told. */
void orders_tick(struct health *health, int64_t now_ms);
void orders_free(struct health *health);

#endif
