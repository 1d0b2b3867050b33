/* prober_internal: what the prober's files share. A target rests (the wheel has its moment), waits
 * in a line for a place, or flies (the wheel has its deadline); then it rests again. */
#ifndef FEDNS_HEALTH_PROBER_INTERNAL_H
#define FEDNS_HEALTH_PROBER_INTERNAL_H

#include "fedns/prober.h"
#include "fedns/tls.h"
#include "probe_http.h"
#include "probe_late.h"
#include "probe_table.h"
#include "probe_wheel.h"

#include <sys/epoll.h>

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

/** Of https: what is kept from one probe to the next. */
struct kept {
	struct tls *tls; /* NULL: no connection */
	struct tls_ticket ticket;
	int64_t made_ms, used_ms;   /* the connection, last */
	int64_t proved_ms;          /* when the server last proved who it is */
	struct probe_reader reader; /* of the last response, which may not be read to its end */
	int fd;
	bool verified; /* that proof was looked at */
};

struct target {
	struct wheel_node node; /* first: the wheel's and lines' nodes are targets */
	int64_t moment_ms;      /* of the probe that waits or flies, or comes next */
	const char *host;       /* both behind it, in the same block */
	struct kept *kept;      /* of https; else NULL */
	struct address address;
	uint32_t id;
	uint32_t flight; /* NO_FLIGHT: does not fly */
	uint16_t port;
	uint8_t kind;  /* enum probe_kind */
	uint8_t state; /* enum target_state */
	bool fresh;    /* its first probe has not begun */
	bool stalled;  /* it could not begin last time */
	bool doubted;  /* it never answered yet, or let its time run out the last time */
	char path[];   /* and host, each with its NUL */
};

struct flight {
	struct prober *prober;
	struct target *target; /* NULL: free */
	struct manner *manner;
	struct tls *tls; /* https */
	int64_t made_ms; /* the connection, kept ones before; likewise */
	uint64_t begun_ns;
	int fd;
	uint32_t sent;
	uint32_t turn;      /* how often this one has ended: tells its events from its predecessor's */
	uint32_t next_free; /* while it is free */
	struct probe_reader reader;
	bool connected;
	bool shaking;  /* https: the handshake */
	bool ticketed; /* likewise: with a ticket */
	bool reused;   /* the connection was, or will be, a kept one */
	bool keep;     /* the server was asked to keep it */
	bool heard;    /* something came on it */
	bool spared;   /* its time was out, when we were late ourselves: it has had more */
};

/* Those of whom an answer is not to be expected stand apart: they get places of their own, and
 * don't keep the others waiting. */
enum line_kind { LINE_PLAIN, LINE_TLS, LINE_DOUBTED, LINE_TLS_DOUBTED, LINES };

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
	uint32_t doubted, doubted_tls; /* among them */
	uint32_t targets_tls;          /* of https */
	uint32_t kept, kept_max;       /* connections at rest */
	unsigned shakes;               /* handshakes begun in this turn */
	struct tls_context *tls;       /* made when it is needed; NULL: not yet */
	bool tls_roots;                /* it has the system's roots */
	bool tls_old;                  /* they are to be read anew, if that can be */
	int64_t tls_retry_ms;          /* it could not be made: not again before */
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
/** Close it, by RST. */
void socket_reset(int fd);
int socket_error(const struct flight *flight);
/** What the loop has not told yet of the flight's socket, now: it may end the flight. */
void socket_look(struct prober *prober, struct flight *flight);
/** The flight's socket is one that was watched before: for this flight, now. False: no memory. */
bool socket_watch_again(struct prober *prober, const struct flight *flight);

/* prober_tls.c: https */

enum begun tls_begin(struct prober *prober, struct flight *flight, struct why *why);
void tls_event(struct prober *prober, struct flight *flight, uint32_t events);

/* prober_kept.c: its connections */

/** NULL: no memory. */
struct kept *kept_new(void);
/** NULL is fine. */
void kept_free(struct prober *prober, struct kept *kept);
/** Is there a kept connection on which this flight can ask? What can't be used any more is closed
 * and dropped. */
bool kept_ready(struct prober *prober, struct flight *flight);
/** Is a server to keep a connection that is made now? */
bool kept_wanted(const struct prober *prober);
/** The flight's handshake is complete. */
void kept_made(struct prober *prober, struct flight *flight);
/** The kept connection is the flight's. */
void kept_take(struct prober *prober, struct flight *flight);
/** The flight's connection is kept, if it may be. */
void kept_put(struct prober *prober, struct flight *flight);

/* probe_trouble.c */

/** A socket's error: the target's, in words, or this machine's. */
enum begun trouble_of(int error, struct why *why);

#endif
