/* daemon_internal: the state of the control thread, shared by the files that move it. */
#ifndef FEDNS_DAEMON_DAEMON_INTERNAL_H
#define FEDNS_DAEMON_DAEMON_INTERNAL_H

#include "beat.h"
#include "fedns/answer.h"
#include "fedns/config.h"
#include "fedns/control.h"
#include "fedns/daemon.h"
#include "fedns/kube.h"
#include "fedns/lease.h"
#include "fedns/provider.h"
#include "fedns/serve.h"
#include "fedns/source.h"
#include "fedns/spawner.h"
#include "fedns/told.h"
#include "findings_log.h"
#include "health_wiring.h"
#include "hosts.h"
#include "metrics.h"
#include "stamps.h"

#include <sys/types.h>
#include <uv.h>

/* Two crews overlap while one takes over from the other: each has a half of the zone's readers. */
#define DAEMON_READERS (2 * WORKERS_MAX)

/** A crew that is being stopped on a thread of its own, because that takes up to TCP_DRAIN_MS. */
struct retired {
	uv_work_t work;
	struct crew *crew;
	struct listeners *listeners;
	struct serve_counters counted; /* when it was replaced */
	struct serve_counters last;    /* when it had ended; its thread's until then */
};

/** Which file was read last: a change beside it in its directory is no reason to read 100,000
 * services again. */
struct state_mark {
	bool set;
	dev_t device;
	ino_t inode;
	off_t size;
	int64_t changed_ms, read_ms; /* since 1970 */
};

/** A state that was read, until it can be said that it is served. */
struct state_news {
	bool waits;
	size_t changed; /* services */
	uint64_t begun_ns;
};

/** How the source was at the last look. */
struct source_look {
	bool stale;         /* what is served is older than what it would say now */
	int64_t read_ms;    /* since 1970: when what is served was read from it; 0: never */
	struct why refused; /* why it is stale, or why there is nothing */
};

/** What is pushed to a provider, and by whom. */
struct daemon_push {
	struct provider *provider; /* NULL: nothing is */
	struct lease *lease;       /* NULL: this replica pushes */
	struct lease *leaving;     /* one that is being given back */
	uv_timer_t soon;
	bool hosts_known; /* every ingress host name was looked up once */
	bool told_whole;  /* the provider knows that what it was told is all */
	bool ending, again;
	struct why why;      /* why nothing is, though something should be; "": no trouble */
	struct told reasons; /* of that, in the log */
};

struct daemon {
	const struct config_flags *flags;
	struct config *config;
	struct log log; /* a copy that outlives each configuration */
	uv_loop_t loop;
	uv_signal_t signals[3];
	uv_timer_t tick;    /* the model's next moment */
	uv_timer_t publish; /* soon, or again after ERR_AGAIN */
	uv_timer_t sight;   /* an API server came into sight, or went */
	uv_timer_t grace;   /* start_grace */
	uv_timer_t duck;    /* lame_duck */
	uint64_t started_ns;
	uint64_t run;                              /* tells this run from those before */
	struct stamps stamps;                      /* of services, for those who follow */
	uint8_t cookie_secret[COOKIE_SECRET_SIZE]; /* used while the configuration has none */

	struct findings_log config_findings, state_findings, publish_findings, host_findings;
	struct model *model;
	struct zone *zone;
	struct hosts *hosts;
	struct file_watch *watch;        /* NULL: the source is live */
	struct kube *kube;               /* NULL: it is a file */
	struct members *members;         /* who joined and left; NULL: not of this kind of source */
	struct last_good_writer *writer; /* NULL: no state_dir */
	struct listeners *listeners;
	struct crew *crew;
	struct serve_counters counted; /* by crews that are no more */
	struct control *control;
	struct admin *admin; /* NULL: nothing is told by HTTP */
	struct daemon_push push;
	struct daemon_health health;
	struct daemon_metrics metrics;
	struct daemon_beat beat;
	unsigned slot_first; /* of the crew: 0 or WORKERS_MAX */
	struct retired retired;

	struct state_mark mark;
	struct state_news news;
	struct source_look look;
	uint32_t serial_floor; /* the first serial after a start is not before the last one of the run
	                          before */
	uint32_t serial;       /* published last */
	int64_t published_ms;  /* when, since 1970 */
	bool have_state;       /* the model holds a state, good or last-known-good */
	bool spoken;           /* the file was good once since the start */
	bool published, ready_said;
	int64_t report_ms, report_first_ms; /* loop time: a live source's findings, see watching.c */
	bool grace_over, live_ready;        /* a live source: all was told, or waited for long enough */
	bool retiring, reload_again, stopping;
	bool ducking;            /* a stop is announced: no longer ready, and answering still */
	bool sandboxed;          /* only the listed system calls: commands are the spawner's to run */
	struct spawner *spawner; /* NULL: no commands are to be run, or there is no sandbox */
};

/* policy.c */

/** Give zone and model what `config` says. On error they may have a part of it. */
MUST_CHECK enum err daemon_policies_set(struct daemon *daemon, const struct config *config,
                                        struct why *why);

/* daemon.c */
void daemon_log(const struct daemon *daemon, enum log_level level, const char *fmt, ...)
	PRINTF(3, 4);
/** The socket of every endpoint, as bound, with commas: for the log. */
void listeners_text(const struct listeners *listeners, size_t count, char *text, size_t size);

/* publish.c */
/** Make what the model holds visible, if it holds a state, and say what is news by that. Failures
 * are logged, and tried again. */
void daemon_publish(struct daemon *daemon);
/** The same at the loop's next turn, so that many small changes become one. */
void daemon_publish_soon(struct daemon *daemon);
/** A hosts_answered. */
void daemon_host_answered(void *daemon);
/** A hosts_ticked. */
void daemon_hosts_ticked(void *daemon);
/** "ready", once, when there are both answers and somebody who gives them. */
void daemon_say_ready(struct daemon *daemon);
void daemon_publish_timer(uv_timer_t *timer);
/** Let time pass in the model and come back when it has something to do. */
void daemon_tick(struct daemon *daemon);

/* state.c */
/** The first reading: the source, or else what was last known good. */
void daemon_state_start(struct daemon *daemon);
/** The source changed: read it and publish; a bad one is refused and the old state stays. */
void daemon_state_read(struct daemon *daemon);
void daemon_state_changed(void *daemon);
/** What was read is published: say so, once. */
void daemon_state_say(struct daemon *daemon);

/* watching.c */
/** Watch the API servers of the configuration. ERR_NOMEM, ERR_IO. */
MUST_CHECK enum err daemon_live_start(struct daemon *daemon, struct why *why);
/** The configuration is `new` from now on, and was `old`; both have live sources of one kind. */
void daemon_live_reload(struct daemon *daemon, const struct config *old, const struct config *new);

/* pushing.c */
/** Push to the provider of the configuration, if there is one; later, while another process has its
 * journal. ERR_INVALID, ERR_IO, ERR_LIMIT, ERR_NOMEM. */
MUST_CHECK enum err daemon_push_start(struct daemon *daemon, struct why *why);
/** Something was published. Without a change it may be known by now that it is all there is. */
void daemon_push_soon(struct daemon *daemon, bool changed);
/** The configuration is another one: what is under way ends, then it begins anew. */
void daemon_push_reload(struct daemon *daemon);
/** As daemon_stop() begins: what is under way may end, the lease is given back. Closes its handles.
 */
void daemon_push_stop(struct daemon *daemon);

/* health_wiring.c */
/** Its handles, on the loop. */
void daemon_health_init(struct daemon *daemon);
/** The core, and the orders that were kept; before the first publish. ERR_NOMEM. */
MUST_CHECK enum err daemon_health_start(struct daemon *daemon, struct why *why);
/** Before each publish: what the model has changed is looked at, and verdicts follow. */
void daemon_health_look(struct daemon *daemon);
/** After one: which levels moved is logged. */
void daemon_health_moves(struct daemon *daemon);
/** The configuration is another one. */
void daemon_health_reload(struct daemon *daemon);
/** Let go what max_withdraw holds back of verdicts. Returns how many addresses of services. */
size_t daemon_health_approve(struct daemon *daemon);
/** Closes its handles. */
void daemon_health_stop(struct daemon *daemon);
/** Give an order, or take it back, and publish. As health_order() and health_order_end(). */
MUST_CHECK enum err daemon_order(struct daemon *daemon, const struct health_order *order, bool end,
                                 struct why *why);
/** Keep the orders over a restart; false: they are in force, and not kept. */
bool daemon_orders_keep(struct daemon *daemon, struct why *why);

/* reload.c */
/** SIGHUP: take the configuration as it is now, whole or not at all; logged. ERR_AGAIN: the
 * reload before is not quite over, and this one follows it. */
enum err daemon_reload(struct daemon *daemon, struct why *why);

/* beat.c */
/** Its handle, on the loop. */
void daemon_beat_init(struct daemon *daemon);
/** Log questions as `daemon->config` wants, by the crew of now. */
void daemon_beat_follow(struct daemon *daemon);
/** Tell the service manager that the start is over, or a reload; and that one begins. */
void daemon_beat_ready(struct daemon *daemon);
void daemon_beat_reloading(struct daemon *daemon);
/** Tell it that the end is near, and wanted. */
void daemon_beat_stopping(struct daemon *daemon);
/** Another crew takes over: what this one noted and dropped is kept. */
void daemon_beat_crew_leaves(struct daemon *daemon);
/** Questions that ought to have been logged, and weren't. */
uint64_t daemon_notes_dropped(const struct daemon *daemon);
/** Closes its handle. */
void daemon_beat_stop(struct daemon *daemon);

/* control.c */
/** All commands; what is said by HTTP comes from them, too. */
const struct control_command *daemon_control_commands(size_t *count);
/** Make what commands come by, and the socket, if there is to be one. */
MUST_CHECK enum err daemon_control_start(struct daemon *daemon, struct why *why);
/** Open the socket of `config`, which is to take over from the daemon's; NULL: there is none, or it
 * stays. */
MUST_CHECK enum err daemon_control_prepare(struct daemon *daemon, const struct config *config,
                                           struct control_socket **out, struct why *why);
/** Does `config` name another socket than the daemon has? */
bool daemon_control_differs(const struct daemon *daemon, const struct config *config);

#endif
