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
/* An idle connection, or one whose client doesn't read, goes after this. */
#define ADMIN_IDLE_S 30
/* Octets of a bearer token. */
#define ADMIN_TOKEN_SIZE_MAX 1024

enum admin_step {
	ADMIN_MORE,   /* something was written, or a part of the work done */
	ADMIN_END,    /* that was all */
	ADMIN_FAILED, /* `why`; before the first octet it is a 500, later the connection breaks */
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
	const char *listen;     /* ADDRESS:PORT, [ADDRESS]:PORT */
	const char *token_file; /* bearer token that must be shown; NULL: none is asked for. Read again
	                           when it changes */
	const char *tls_cert, *tls_key; /* PEM files; NULL: plain HTTP. Read again when they change */
};

struct admin_setup {
	uv_loop_t *loop;
	const struct log *log; /* outlives it */
	struct admin_policy policy;
	const struct admin_resource *resources;
	size_t resource_count;
	/* Those found at /api/v1/NAME, none of which `changes`; the query is their arguments. One with
	 * `single` rows ("status", "provider") is told as an object, others as an array. */
	const struct control_command *const *commands;
	size_t command_count;
	void *arg; /* of resources and commands */
};

struct admin;

/** Listen from now on. ERR_IO and ERR_CONFLICT (the address is in use), ERR_INVALID (token file,
 * certificate), ERR_NOMEM: nothing is left. */
MUST_CHECK enum err admin_new(const struct admin_setup *setup, struct admin **out, struct why *why);
/** The address as bound: `text[64]`. */
void admin_address(const struct admin *admin, char *text);
/** End all; handles close on the loop, which must run until they have. NULL is fine. */
void admin_free(struct admin *admin);

#endif
