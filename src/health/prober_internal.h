/* prober_internal: what the prober's files share. A target rests (the wheel has its moment), waits
 * in a line for a place, or flies (the wheel has its deadline); then it rests again. */
#ifndef FEDNS_HEALTH_PROBER_INTERNAL_H
#define FEDNS_HEALTH_PROBER_INTERNAL_H

#include "fedns/prober.h"
#include "probe_http.h"
#include "probe_late.h"
#include "probe_table.h"
#include "probe_wheel.h"

#define READ_SIZE 16384 /* at once; a status line is all that most are read for */
#define NO_FLIGHT UINT32_MAX

/** A policy, kept until the last flight that began under it has ended. */
struct manner {
	uint32_t users;
	struct probe_policy policy; /* its text is borrowed from `wanted` */
	struct probe_wanted wanted;
	uint16_t left[PROBE_CONTAINS_SIZE_MAX];
	uint8_t text[PROBE_CONTAINS_SIZE_MAX];
};

enum target_state { TARGET_RESTS, TARGET_WAITS, TARGET_FLIES };

struct target {
	struct wheel_node node; /* first: the wheel's and lines' nodes are targets */
	int64_t moment_ms;      /* of the probe that waits or flies, or comes next */
	const char *host;       /* both behind it, in the same block */
	struct address address;
	uint32_t id;
	uint32_t flight; /* NO_FLIGHT: does not fly */
	uint16_t port;
	uint8_t kind;  /* enum probe_kind */
	uint8_t state; /* enum target_state */
	bool fresh;    /* its first probe has not begun */
	bool stalled;  /* it could not begin last time */
	char path[];   /* and host, each with its NUL */
};

struct flight {
	struct prober *prober;
	struct target *target; /* NULL: free */
	struct manner *manner;
	struct http_call *call; /* https */
	uint64_t begun_ns;
	int fd; /* tcp, http */
	uint32_t sent;
	uint32_t turn;      /* how often this one has ended: tells its events from its predecessor's */
	uint32_t next_free; /* while it is free */
	struct probe_reader reader;
	bool connected;
};

enum line_kind { LINE_PLAIN, LINE_TLS, LINES };

struct prober {
	struct prober_setup setup;
	struct manner *manner;
	uv_timer_t timer;
	uv_poll_t poll; /* of `epoll` */
	int epoll;
	unsigned handles; /* open */
	bool freeing;
	bool inside;       /* a turn is being taken: it arms the timer at its end */
	int64_t paused_ms; /* nothing begins before */
	uint64_t random;
	struct probe_table targets;
	struct wheel_line lines[LINES];
	struct flight *flights;
	uint32_t flight_max, flight_used; /* places in all, and ever taken */
	uint32_t free_flight;             /* among the latter; NO_FLIGHT: none */
	uint32_t flying, flying_tls;
	struct prober_counters counters;
	struct probe_late late;
	struct wheel wheel;
	uint8_t octets[READ_SIZE];
};

/** What became of the attempt to begin. */
enum begun {
	BEGUN,        /* it flies */
	BEGUN_BAD,    /* its result stands already, `why` says it */
	BEGUN_LATER,  /* this one can't, now */
	BEGUN_NOTHING /* none can, now */
};

/* prober_turn.c */

int64_t prober_now_ms(void);
/** Take what is due and begin what can. */
void prober_turn(uv_timer_t *timer);
/** Lines or wheel have changed: when to look again. */
void prober_arm(struct prober *prober);
/** From 0 to `below` - 1; 0 if there is none. */
int64_t prober_random(struct prober *prober, int64_t below);
/** Into the wheel, until its moment. */
void target_rest(struct prober *prober, struct target *target);
/** Out of wheel or line. */
void target_leave(struct prober *prober, struct target *target);

/* prober_flight.c */

/** A place for `target`, which is nowhere now; there is one. */
struct flight *flight_new(struct prober *prober, struct target *target);
/** End it, untold; its target is nowhere. */
void flight_over(struct prober *prober, struct flight *flight);
/** End it, and tell. Target, flight and even prober may be gone then: `freeing` says so. */
void flight_tell(struct prober *prober, struct flight *flight, bool good, const char *why);
void flight_timed_out(struct prober *prober, struct flight *flight);
/** End it, untold: this machine can't, and tries again soon. */
void flight_stall(struct prober *prober, struct flight *flight);
void manner_release(struct manner *manner);
/** Borrowed. */
struct health_target target_view(const struct target *target);

/* prober_socket.c: tcp and http */

enum begun socket_begin(struct prober *prober, struct flight *flight, struct why *why);
void socket_end(struct flight *flight);
void socket_events(uv_poll_t *poll, int status, int events);

/* prober_tls.c: https */

enum begun tls_begin(struct prober *prober, struct flight *flight, struct why *why);

/* probe_trouble.c */

/** A socket's error: the target's, in words, or this machine's. */
enum begun trouble_of(int error, struct why *why);
/** The same of a call of http.h, whose sentence in `why` is shortened. */
enum begun trouble_of_call(enum err err, struct why *why);

#endif
