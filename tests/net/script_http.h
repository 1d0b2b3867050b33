/* script_http: an HTTP server on the test's own loop that answers each path with octets of the
 * test's, in the way the test says; with TLS or without; and a proxy. */
#ifndef FEDNS_TESTS_SCRIPT_HTTP_H
#define FEDNS_TESTS_SCRIPT_HTTP_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

enum script_then {
	THEN_KEEP,  /* read the next request */
	THEN_CLOSE, /* end the connection properly */
	THEN_RESET, /* end it by RST */
};

struct script_route {
	const char *path; /* without the query */
	const char *octets;
	size_t size; /* 0: strlen(octets) */
	enum script_then then;
	bool drip; /* octet by octet, one a turn of the loop */
};

struct script_conn;

struct script_http {
	uv_tcp_t listener;
	uv_idle_t drip; /* while an answer is dripping */
	uv_loop_t *loop;
	SSL_CTX *tls;                      /* NULL: none; borrowed */
	const struct script_route *routes; /* ends with path NULL; a path that isn't here is answered
	                                      by silence */
	bool proxy;                        /* CONNECT is done as it says */
	unsigned port;
	unsigned accepted, open;  /* connections */
	unsigned requests;        /* complete ones */
	char request[256 * 1024]; /* the last one, as text: head and body */
	char sni[256];            /* of the last TLS connection */
	struct script_conn *conns;
};

void script_http_start(struct script_http *server, uv_loop_t *loop,
                       const struct script_route *routes);
/** Close listener and connections; the loop must run until the handles have closed. */
void script_http_stop(struct script_http *server);

#endif
