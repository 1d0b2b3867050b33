/* http: what the files of the admin server share.
 *
 * http.c          the whole: beginning, turns, end
 * http_listen.c   the socket
 * http_secret.c   token and certificate, and whether their files have changed
 * http_server.c   one libmicrohttpd on the loop; a new certificate is a new one
 * http_client.c   who is connected, since when, and who has to go
 * http_request.c  from a request to a status
 * http_head.c     what a request's head may not say
 * http_host.c     by which name the server is asked for
 * http_query.c    a URL's query as arguments
 * http_work.c     what is asked for, made step by step
 * http_reply.c    the answers' headers
 */
#ifndef FEDNS_ADMIN_HTTP_H
#define FEDNS_ADMIN_HTTP_H

#include "fedns/address.h"
#include "fedns/admin.h"
#include "http_secret.h"
#include "http_work.h"
#include "page.h"

#include <microhttpd.h>
#include <netinet/in.h>

/* Octets that the library has for a connection's request and the head of its answer. */
#define HTTP_CONNECTION_SIZE (2 * ADMIN_REQUEST_SIZE_MAX)

/** One connection. */
struct http_client {
	bool used;
	const struct http_request *request; /* whole, and its answer not; NULL: it is idle */
	struct address from;
	int fd;
	uint64_t since_ms; /* idle or not, since when */
};

/** One libmicrohttpd. */
struct http_server {
	struct admin *admin;
	struct MHD_Daemon *daemon;
	uv_poll_t poll;
	uv_timer_t timer;
	struct page_source page; /* what the status page asks */
	unsigned handles;        /* open or closing; at 0 the block is freed */
	unsigned client_count;
	struct http_client clients[ADMIN_CONNECTIONS_MAX];
};

/** One request, from its headers to the last octet of its answer. */
struct http_request {
	struct http_server *server;
	struct MHD_Connection *connection;
	struct http_client *client;
	struct http_request *next; /* waits for its turn behind this one */
	bool waits;                /* for its turn; the connection is suspended */
	bool json;                 /* errors are told as JSON */
	bool begun;                /* the work is */
	struct http_work work;
	size_t told; /* octets of work.out that the library has */
	enum admin_step last;
};

struct admin {
	struct admin_setup setup; /* its policy's texts are in `texts` */
	char *texts;
	uv_loop_t *loop;
	const struct log *log;
	int fd; /* listens */
	struct http_secrets secrets;
	struct http_server *server;  /* takes clients */
	struct http_server *leaving; /* of the certificate, or the admin, before; NULL: none */
	uv_timer_t sweep;            /* once a second */
	uv_idle_t turn;              /* while requests wait for their turn */
	uint64_t turn_end_ns;
	struct http_request *waiting, *waiting_last;
	struct http_request *due; /* has waited, and has this turn; NULL: none, or it had it */
	struct why said;          /* by the library, while a server starts */
	unsigned handles;         /* open or closing, servers among them; at 0 the block is freed */
	bool closing;
};

/* http.c */
/** Something of the admin's has closed. */
void admin_handle_closed(struct admin *admin);
/** The loop comes back to us at its next turn. */
void admin_turn_soon(struct admin *admin);
/** Work may be done from now on for ADMIN_TURN_NS. */
void admin_turn_begin(struct admin *admin);
bool admin_turn_over(const struct admin *admin);
/** Look whether the files have changed, at most once a second. */
void admin_secrets_look(struct admin *admin);

/* http_listen.c */
/** Listen at ADDRESS:PORT. ERR_INVALID, ERR_IO, ERR_CONFLICT. */
MUST_CHECK enum err http_listen(const char *text, int *fd, struct why *why);
/** The address as bound: `text[64]`. */
void http_listen_text(int fd, char *text);
bool http_address_local(const struct address *address);

/* http_server.c */
/** Serve `fd`, of which it has a copy of its own. ERR_INVALID: the certificate; ERR_IO, ERR_NOMEM.
 */
MUST_CHECK enum err http_server_new(struct admin *admin, int fd, struct http_server **out,
                                    struct why *why);
/** Let the library do what there is to do. */
void http_server_run(struct http_server *server);
/** Take no more clients; those that are there stay. */
void http_server_quiesce(struct http_server *server);
/** End all connections and close. NULL is fine. */
void http_server_free(struct http_server *server);

/* http_client.c: callbacks of the library, with the server as `cls`. */
enum MHD_Result http_client_may_come(void *cls, const struct sockaddr *from, socklen_t size);
void http_client_comes(void *cls, struct MHD_Connection *connection, void **context,
                       enum MHD_ConnectionNotificationCode code);
/** NULL: it could not be noted. */
struct http_client *http_client_of(struct MHD_Connection *connection);
/** The library sees the end of the stream, and closes. */
void http_client_break(const struct http_client *client);
/** Break who has had its time, or has no more to ask. */
void http_clients_expire(struct http_server *server, uint64_t now_ms);

/* http_request.c: callbacks of the library, with the server as `cls`. */
enum MHD_Result http_request_take(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **request);
void http_request_end(void *cls, struct MHD_Connection *connection, void **request,
                      enum MHD_RequestTerminationCode code);
/** The first one that waits goes on. */
void http_request_next(struct admin *admin);
/** All go on, for the end. */
void http_requests_resume(struct admin *admin);

/* http_head.c */
/** The status by which a request is refused for its head, with the sentence; 0: it is not. */
unsigned http_head_refused(struct MHD_Connection *connection, const char *method,
                           const char **sentence);

/* http_host.c */
/** Is a Host header's value an address, "localhost", or one of the policy's names? */
bool http_host_ours(const struct admin_policy *policy, struct bytes value);
/** The path of a request's target, which may be in absolute form (RFC 9112 section 3.2.2):
 * `*authority` stands for the Host header then; else its `data` is NULL. */
const char *http_target_path(const char *target, struct bytes *authority);

/* http_query.c */
/** The library's callback for a target, before it has looked at it. */
void *http_target_comes(void *cls, const char *target, struct MHD_Connection *connection);
/** The library's callback for %XX. A NUL, at which it would end the text, becomes an octet that is
 * in no name. */
size_t http_unescape(void *cls, struct MHD_Connection *connection, char *text);
/** Add one name and its value to `query`. ERR_INVALID, ERR_LIMIT (more than ADMIN_QUERY_MAX),
 * ERR_NOMEM. */
MUST_CHECK enum err http_query_add(json_t *query, struct bytes name, struct bytes value,
                                   struct why *why);
/** All of a request's; yours. */
MUST_CHECK enum err http_query(struct MHD_Connection *connection, json_t **out, struct why *why);

/* http_reply.c */
/** Answer with `response` (taken; NULL: no memory for it), with the headers that all have. */
enum MHD_Result http_reply(struct MHD_Connection *connection, unsigned status, const char *type,
                           struct MHD_Response *response);
/** Answer with a sentence. */
enum MHD_Result http_reply_why(struct MHD_Connection *connection, unsigned status, bool json,
                               const char *sentence);
unsigned http_status_of(enum err err);

#endif
