/* serve: sockets and worker threads that carry questions to respond() and answers back.
 *
 * answer.h --> [serve.h] --> daemon
 */
#ifndef FEDNS_SERVE_H
#define FEDNS_SERVE_H

#include "fedns/answer.h"
#include "fedns/base.h"
#include "fedns/histogram.h"

#include <sys/socket.h>

#define LISTEN_MAX          64                /* addresses to listen at */
#define CREW_SLOTS_MAX      (READERS_MAX / 2) /* reader slots of one crew: a reload has two */
#define TCP_CONNECTIONS_MAX 1024              /* of one worker; the oldest idle one makes room */
#define TCP_CLIENT_MAX      64                /* of those, of one address (IPv6: one /64) */
#define TCP_INPUT_MAX       (8 << 20)         /* octets of unfinished messages in one worker */
#define TCP_OUTPUT_MAX      (8 << 20)         /* octets of answers that wait in one worker */
#define TCP_IDLE_MS         10000             /* RFC 7766 section 6.2.3: seconds, not minutes */
#define TCP_TOTAL_MS        600000 /* RFC 9210 section 4.2: nobody keeps a slot for good */
#define TCP_FIRST_MS        500    /* a stop waits for first questions */
#define TCP_DRAIN_MS        3000   /* a stop waits for answers in flight */

struct endpoint {
	struct sockaddr_storage address;
	socklen_t size;
};

/** Read "127.0.0.1:53" or "[::1]:53". ERR_INVALID with a sentence. */
MUST_CHECK enum err endpoint_parse(struct bytes text, struct endpoint *out, struct why *why);
/** Back to text: `text[64]`. */
void endpoint_text(const struct endpoint *endpoint, char *text);

/** The open sockets of every endpoint: a UDP and a TCP one for each worker (SO_REUSEPORT). Control
 * thread. */
struct listeners;

/**
 * Open sockets for `workers` workers at each endpoint. Those that `old` (NULL: none) has open for
 * the same endpoint are shared, not opened again, so no query is lost. `old` is untouched. ERR_IO
 * names the endpoint; nothing stays open.
 */
MUST_CHECK enum err listeners_open(const struct endpoint *endpoints, size_t count, unsigned workers,
                                   const struct listeners *old, struct listeners **out,
                                   struct why *why);
/** Close what no other listeners share. NULL is fine. */
void listeners_close(struct listeners *listeners);
/** "0" ports become what the kernel chose: endpoint `i` as bound. */
struct endpoint listeners_endpoint(const struct listeners *listeners, size_t i);

/* --- what is counted ----------------------------------------------------------------------- */

/** Why a query has no reply, or a connection went before its time; those of respond() beside. */
enum serve_drop {
	SERVE_DROP_PORT_ZERO,       /* UDP from port 0, where nobody can be reached */
	SERVE_DROP_SEND_FULL,       /* UDP replies that the socket's queue had no room for */
	SERVE_DROP_SEND_FAILED,     /* UDP replies that the system refused */
	SERVE_DROP_TCP_CLIENT,      /* connections of one client beyond TCP_CLIENT_MAX */
	SERVE_DROP_TCP_CONNECTIONS, /* those that made room for one beyond TCP_CONNECTIONS_MAX */
	SERVE_DROP_TCP_DESCRIPTORS, /* those that made room where no descriptor was left */
	SERVE_DROP_TCP_INPUT,       /* those that held most when TCP_INPUT_MAX was reached */
	SERVE_DROP_TCP_OUTPUT,      /* likewise TCP_OUTPUT_MAX: they don't read */
	SERVE_DROP_TCP_FRAME,       /* those that sent a message of no octets */
	SERVE_DROPS                 /* how many */
};
/** "port_zero", ...: stable words for metrics. */
const char *serve_drop_text(enum serve_drop drop);
/** "short", "response". */
const char *answer_drop_text(enum answer_drop drop);

#define LATENCY_BOUNDS 20

/** What workers count; uint64_t alone. */
struct serve_counters {
	struct answer_counters answers;
	uint64_t dropped[SERVE_DROPS];
	uint64_t tcp_opened, tcp_closed; /* connections */
	/* From the query, whole, to the reply in the socket's hands, by bound: of UDP a batch's time
	 * for each of its replies. */
	uint64_t latency[LATENCY_BOUNDS + 1];
	uint64_t latency_sum_ns;
};
/** One sum for all who add. */
void serve_counters_add(struct serve_counters *sum, const struct serve_counters *more);
/** The latencies as a histogram; its bounds are ours, for ever. */
void serve_latency(const struct serve_counters *counters, struct histogram *out);

/**
 * Threads on a set of listeners: workers for TCP, and one more for each UDP socket (if the slots
 * suffice for all; if not, the workers serve UDP too, at some more system calls a query).
 */
struct crew;

/**
 * Start `workers` workers (up to CREW_SLOTS_MAX), and the threads for UDP, that answer from `zone`
 * by reader slots slot_first, slot_first + 1, ... slot_first + CREW_SLOTS_MAX - 1 at most. ERR_IO,
 * ERR_NOMEM: none run. The listeners must outlive the crew.
 */
MUST_CHECK enum err crew_start(struct zone *zone, const struct listeners *listeners,
                               unsigned workers, unsigned slot_first, struct crew **out,
                               struct why *why);

/**
 * Stop taking connections and queries (within a tenth of a second), finish TCP answers in flight
 * within TCP_DRAIN_MS, end and join the threads, and free the crew. Blocks at most TCP_FIRST_MS +
 * TCP_DRAIN_MS and a little. `last`: all that it counted; NULL: nobody wants to know.
 */
void crew_stop(struct crew *crew, struct serve_counters *last);

/** Sum of all workers' counters so far. */
void crew_counters(const struct crew *crew, struct serve_counters *out);

/* --- the log of questions ----------------------------------------------------------------- */

/* Octets of a reply that are noted: header, question, and an OPT record without options. */
#define NOTE_HEAD_SIZE (12 + 255 + 4 + 11)

/** A question that was answered. */
struct query_note {
	struct address client;
	bool tcp;
	uint16_t size;                /* octets of the reply */
	uint16_t head_size;           /* of `head` */
	uint8_t head[NOTE_HEAD_SIZE]; /* what the reply begins with */
};

/**
 * Note one in `every` questions of each thread; 0: none any more. ERR_NOMEM: some threads don't.
 * The threads that answer never wait for it: where notes aren't taken in time, they are dropped and
 * counted. Control thread, as those below.
 */
MUST_CHECK enum err crew_note_queries(struct crew *crew, unsigned every, struct why *why);
/** Take up to `max` notes, those of a thread in their order. Returns how many. */
size_t crew_query_notes(struct crew *crew, struct query_note *out, size_t max);
/** Notes that were dropped so far. */
uint64_t crew_notes_dropped(const struct crew *crew);

#endif
