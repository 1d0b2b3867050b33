/* control_commands: what the control socket's commands share; one file a command.
 *
 * daemon_internal.h --> [control_commands.h] --> control.c (the table), control_*.c
 *
 * A new command is a file with the three functions of a struct control_command, their names here,
 * and a row in control.c. Between two steps of a job anything may have changed: a job keeps ids and
 * copies, no views.
 */
#ifndef FEDNS_DAEMON_CONTROL_COMMANDS_H
#define FEDNS_DAEMON_CONTROL_COMMANDS_H

#include "daemon_internal.h"

/* control_json.c: NULL: no memory, which json_pack() and the like hand on. */

/** `text` as a JSON string: NUL, other control characters and what is no UTF-8 become '?'. */
json_t *control_bytes(struct bytes text);
json_t *control_text(const char *text);
/** "2026-11-23T02:30:45Z"; 0 is null. */
json_t *control_time(int64_t ms);
/** Whole seconds since then, at least 0; 0 is null. */
json_t *control_age(int64_t ms);
/** Append `item` (taken) to `*list`, which becomes NULL where there is no memory. */
void control_list_add(json_t **list, json_t *item);
/** What the socket's endpoints are, as bound. */
json_t *control_listens(const struct daemon *daemon);

/* control_provider.c */
/** How the push is; null: nothing is pushed. */
json_t *control_provider_json(const struct daemon *daemon);

/* control_health.c */
/** Targets by state, orders, what is held or suspected; null: nothing is probed, and nothing was
 * ordered. */
json_t *control_health_json(const struct daemon *daemon);
/** Does nothing wait for an operator, or for our own network? */
bool control_health_good(const struct daemon *daemon);

/** ERR_INVALID unless `arguments` is empty. */
MUST_CHECK enum err control_no_arguments(json_t *arguments, struct why *why);

/** For commands of one row: a job that is the daemon, and whose second step is the end. */
struct control_single {
	struct daemon *daemon;
	bool done;
};
enum err control_single_begin(void *daemon, json_t *arguments, void **job, struct why *why);
void control_single_end(void *job);

/** The words for what is served: "serving", "stale", "nothing served". */
const char *control_state(const struct daemon *daemon);
/** Is it as it should be? */
bool control_state_good(const struct daemon *daemon);

enum control_step control_status_step(void *job, struct control_answer *answer);
enum control_step control_provider_step(void *job, struct control_answer *answer);
enum control_step control_history_step(void *job, struct control_answer *answer);
enum control_step control_reload_step(void *job, struct control_answer *answer);

enum err control_clusters_begin(void *daemon, json_t *arguments, void **job, struct why *why);
enum control_step control_clusters_step(void *job, struct control_answer *answer);
void control_clusters_end(void *job);

enum err control_services_begin(void *daemon, json_t *arguments, void **job, struct why *why);
enum control_step control_services_step(void *job, struct control_answer *answer);
void control_services_end(void *job);

enum err control_records_begin(void *daemon, json_t *arguments, void **job, struct why *why);
enum control_step control_records_step(void *job, struct control_answer *answer);
void control_records_end(void *job);

/* `join`, `unjoin` and `approve` differ in how they begin. */
enum err control_join_begin(void *daemon, json_t *arguments, void **job, struct why *why);
enum err control_unjoin_begin(void *daemon, json_t *arguments, void **job, struct why *why);
enum err control_approve_begin(void *daemon, json_t *arguments, void **job, struct why *why);
enum control_step control_members_step(void *job, struct control_answer *answer);
void control_members_end(void *job);

/* `drain`, `undrain` and `force` differ in how they begin. */
enum err control_drain_begin(void *daemon, json_t *arguments, void **job, struct why *why);
enum err control_undrain_begin(void *daemon, json_t *arguments, void **job, struct why *why);
enum err control_force_begin(void *daemon, json_t *arguments, void **job, struct why *why);
enum control_step control_order_step(void *job, struct control_answer *answer);
void control_order_end(void *job);

enum err control_explain_begin(void *daemon, json_t *arguments, void **job, struct why *why);
enum control_step control_explain_step(void *job, struct control_answer *answer);
void control_explain_end(void *job);

/* control_explain.c */
/** The name of a service at `place`; null: it is too long, there is none. */
json_t *control_ladder_name(const struct daemon *daemon, struct bytes namespace,
                            struct bytes service, const struct place *place);

/* control_clusters.c */
/** As `clusters` and metrics tell it. */
enum cluster_status {
	CLUSTER_READY,
	CLUSTER_NOT_READY,
	CLUSTER_UNKNOWN,      /* the source can't tell */
	CLUSTER_UNSEEN,       /* its API server isn't heard, or only `topology` knows it */
	CLUSTER_UNREGISTERED, /* only services name it */
	CLUSTER_STATUSES      /* how many */
};
enum cluster_status control_cluster_status(const struct daemon *daemon,
                                           const struct cluster_view *view);
/** How the API server is that tells of the cluster; false: the source is a file, or it is not heard
 * of. */
bool control_server_of(const struct daemon *daemon, const struct cluster_view *view,
                       struct kube_state *out);

#endif
