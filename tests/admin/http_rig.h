/* http_rig: an admin server on a free port of this host, resources and commands that do what a test
 * needs, and clients in the same thread: the loop runs whenever one of them waits. */
#ifndef FEDNS_TESTS_ADMIN_HTTP_RIG_H
#define FEDNS_TESTS_ADMIN_HTTP_RIG_H

#include "check.h"

#include "http.h"

/* Nothing here takes a hundredth of it; what does, has failed. */
#define HTTP_WAIT_MS 10000
/* Octets of an answer that a test reads. */
#define ANSWER_SIZE_MAX ((size_t)16 << 20)

struct http_rig {
	uv_loop_t loop;
	struct log log;
	char folder[64];
	struct admin_policy policy;
	struct admin *admin;
	char address[64];
	size_t jobs;  /* begun and not ended */
	size_t steps; /* of all jobs */
	char *answer; /* read last, with a NUL */
	size_t size;  /* of it */
};

/** A cmocka setup and teardown; teardown sees that nothing is left. */
int http_rig_setup(void **state);
int http_rig_teardown(void **state);
/** Listen, by the rig's policy. */
void http_rig_listen(struct http_rig *rig);
/** What admin_new() is given. */
struct admin_setup http_rig_admin(struct http_rig *rig);

/** Let the loop turn once. */
void http_turn(struct http_rig *rig);
/** A connected client; `receive_size` 0: the kernel's buffer. */
int http_open(struct http_rig *rig, int receive_size);
void http_send(struct http_rig *rig, int fd, const char *text);
/** Read to the end of the stream, into `rig->answer`. */
void http_receive(struct http_rig *rig, int fd);
/** Ask with a connection of its own: a request line and headers, without the last empty line. */
void http_ask(struct http_rig *rig, const char *head);
/** GET of a path. */
void http_get(struct http_rig *rig, const char *path);

/** Of the answer read last. */
unsigned http_status(const struct http_rig *rig);
/** Is there this line in its head? */
bool http_has_header(const struct http_rig *rig, const char *line);
/** Its body; parts of a chunked one are put together in place. */
const char *http_body(struct http_rig *rig);
/** Was the last chunk there? */
bool http_whole(const struct http_rig *rig);
/** Write a file in the rig's folder; `path[80]`. */
void http_file(struct http_rig *rig, const char *name, const char *text, char *path);

#endif
