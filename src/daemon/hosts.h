/* hosts: looks the host names of a model up, again and again by their TTL, and tells it what they
 * give (rule 7).
 *
 * compile.h, model.h, resolver.h --> [hosts.h] --> daemon.c, once.c
 *
 * A lookup that fails leaves the last good addresses where they are, and is tried again after 5 s,
 * 10 s, ... 60 s, behind all that did not fail. What is wrong with an answer is reported when the
 * answer changes.
 *
 * A host name of the ladder itself is not asked for: its answer is ours, so that an address would
 * be its own reason to stay, for ever. It has none, also none of before.
 */
#ifndef FEDNS_DAEMON_HOSTS_H
#define FEDNS_DAEMON_HOSTS_H

#include "fedns/compile.h"
#include "fedns/findings.h"
#include "fedns/model.h"
#include "fedns/resolver.h"

/* A TTL of 0 is asked for again at the next look, a second later; one of a week must not hide a
 * move of the load balancer. */
#define HOST_TTL_MIN_S 1
#define HOST_TTL_MAX_S 3600
/* Between tries of a name that fails: doubled from the first to the last. */
#define HOST_RETRY_MIN_S 5
#define HOST_RETRY_MAX_S 60

struct hosts;

/** An answer came and was told to the model, which may have changed by it. */
typedef void hosts_answered(void *arg);

/** `findings` takes what the model and the lookups complain about; it and `model` must outlive the
 * hosts. */
MUST_CHECK enum err hosts_new(uv_loop_t *loop, struct model *model, const char *const *servers,
                              size_t server_count, struct findings *findings, struct hosts **out,
                              struct why *why);
void hosts_on_answer(struct hosts *hosts, hosts_answered *answered, void *arg);

/** Another second is over, and what was found in it has been reported. */
typedef void hosts_ticked(void *arg);
void hosts_on_tick(struct hosts *hosts, hosts_ticked *ticked, void *arg);

/** Host names of the ladder of `policy`, which is borrowed, are refused from the next scan on, or
 * the next second. NULL: none is. */
void hosts_set_ladder(struct hosts *hosts, const struct zone_policy *policy);

/** The model's hosts may have come or gone: look, and ask for the new ones. Cheap where they have
 * not. */
MUST_CHECK enum err hosts_scan(struct hosts *hosts, struct why *why);
/** Lookups that have not been answered at all yet, one a family. */
size_t hosts_pending(const struct hosts *hosts);
/** Report what fails, by service and cluster. `all`: also what was reported before or has not been
 * answered. */
void hosts_report(struct hosts *hosts, bool all);
/** Ask by `resolver` from now on; the old one is freed. */
void hosts_set_resolver(struct hosts *hosts, struct resolver *resolver);

/** Stop; handles close on the loop, which must run until they have. Then hosts_free(). */
void hosts_stop(struct hosts *hosts);
void hosts_free(struct hosts *hosts);

#endif
