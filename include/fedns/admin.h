/* admin: HTTP for those who look: metrics, health, the JSON of the control socket's commands, and
 * the status page. Nothing can be changed by it.
 *
 * base.h, control.h, log.h --> [admin.h] --> daemon (the resources' content)
 *
 * One libmicrohttpd on the control loop, without threads of its own: what a request asks for is
 * made step by step, as the control socket's commands are, so that a large answer holds up nothing.
 */
#ifndef FEDNS_ADMIN_H
#define FEDNS_ADMIN_H

#include "fedns/base.h"
#include "fedns/control.h"
#include "fedns/log.h"

#include <jansson.h>
#include <uv.h>

/* A Prometheus, a kubelet's probes and a few browsers; more wait in the socket. */
#define ADMIN_CONNECTIONS_MAX 64
/* Of one address; 127.0.0.1 and ::1 are bound by ADMIN_CONNECTIONS_MAX alone. */
#define ADMIN_CLIENT_MAX 32
/* Octets of request line and headers. */
#define ADMIN_REQUEST_SIZE_MAX ((size_t)16 << 10)
/* A request must be whole within this, from the connection's beginning or the answer before; and a
 * client that doesn't read at all goes after it. */
#define ADMIN_IDLE_S 30
/* Where all connections are taken, idle ones older than this go, for those that wait. */
#define ADMIN_SPARE_S 2
/* Likewise those whose answer is older than this, and waits for its client to read on. */
#define ADMIN_SPARE_ANSWER_S 10
/* An answer must be taken whole within this: 100,000 services by a client that is slow. */
#define ADMIN_ANSWER_S 300
/* Octets of an answer that is told with its length; above it parts of about this size follow one
 * another, each made when the one before is taken. */
#define ADMIN_PART_SIZE ((size_t)64 << 10)
/* Octets of a part: ADMIN_PART_SIZE and what one step appends. */
#define ADMIN_PART_SIZE_MAX ((size_t)2 << 20)
/* All requests together work for so long, then the loop's other work has its turn. */
#define ADMIN_TURN_NS CONTROL_TURN_NS
/* Names in a query. */
#define ADMIN_QUERY_MAX 16
/* Octets of a token; printable ASCII. */
#define ADMIN_TOKEN_SIZE_MAX 1024
/* Octets of a user name beside it. */
#define ADMIN_USER_SIZE_MAX 255
/* Names that the server goes by. */
#define ADMIN_HOSTS_MAX 8
/* Octets of a certificate's file with its chain, or a key's. */
#define ADMIN_PEM_SIZE_MAX ((size_t)256 << 10)

enum admin_step {
	ADMIN_MORE, /* something was written, or a part of the work done */
	ADMIN_END,  /* that was all */
	/* `why`; before the first part went out it is a 500, later the connection breaks */
	ADMIN_FAILED,
};

/** What is found at one path. As struct control_command: steps are short, and between two of them
 * anything may happen to the daemon but its end. */
struct admin_resource {
	const char *path; /* "/metrics" */
	const char *type; /* Content-Type */
	bool open;        /* told without a token, too: the kubelet's probes have none */
	/** `query`: the URL's query, an object of strings, borrowed for the call. `*status` is 200
	 * unless it says otherwise. ERR_INVALID: 400, ERR_MISSING: 404, with the sentence. */
	enum err (*begin)(void *arg, json_t *query, void **job, unsigned *status, struct why *why);
	/** Append to `out`. */
	enum admin_step (*step)(void *job, struct buf *out, struct why *why);
	void (*end)(void *job);
};

/** Where and for whom; texts borrowed until admin_new() returns. */
struct admin_policy {
	const char *listen; /* ADDRESS:PORT, [ADDRESS]:PORT */
	/* Token that must be shown, as a bearer's or as a password; NULL: none is asked for. Read again
	 * when it changes. */
	const char *token_file;
	const char *tls_cert, *tls_key; /* PEM files; NULL: plain HTTP. Read again when they change */
	/* Names, up to a NULL, by which clients on this host may ask, besides addresses and
	 * "localhost". Where a token is asked for, by any name: a page of somebody else's has none to
	 * show. */
	const char *hosts[ADMIN_HOSTS_MAX];
};

struct admin_setup {
	uv_loop_t *loop;
	const struct log *log; /* outlives it */
	struct admin_policy policy;
	const struct admin_resource *resources; /* outlive it */
	size_t resource_count;
	/* Those that don't `changes` are found at /api/v1/NAME, with the query as their arguments. None
	 * of these says CONTROL_WAIT. They outlive it. */
	const struct control_command *commands;
	size_t command_count;
	/* Commands of one row ("status"), which are told as an object, others as an array of rows. Up
	 * to a NULL; outlive it. */
	const char *const *singles;
	void *arg; /* of resources and commands */
};

struct admin;

/** Can the files of the policy be read, and is the token one? ERR_INVALID: `why` names the file.
 * ERR_NOMEM. */
MUST_CHECK enum err admin_files_check(const struct admin_policy *policy, struct why *why);

/**
 * Listen from now on. Where `old` (NULL: none) listens at the same address, the socket is shared,
 * so that nobody who comes between it and the new one is refused; `old` is untouched. ERR_IO and
 * ERR_CONFLICT (the address is in use), ERR_INVALID (token file, certificate), ERR_NOMEM: nothing
 * is left.
 */
MUST_CHECK enum err admin_new(const struct admin_setup *setup, const struct admin *old,
                              struct admin **out, struct why *why);
/** The address as bound: `text[64]`. */
void admin_address(const struct admin *admin, char *text);
/** `admin`, which has just been made, takes over the clients of `old` (NULL: none), and they have
 * their answers; `old` is freed. */
void admin_succeed(struct admin *admin, struct admin *old);
/** End all, connections too; handles close on the loop, which must run until they have. NULL is
 * fine. */
void admin_free(struct admin *admin);

#endif
