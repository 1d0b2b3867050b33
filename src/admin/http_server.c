/* One libmicrohttpd on the loop, without threads: it waits by an epoll descriptor, which is ours to
 * wait for. The certificate is its own for its life, so another one takes another server. */
#include "http.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A connection's request and the head of its answer. */
#define CONNECTION_SIZE (2 * ADMIN_REQUEST_SIZE_MAX)
#define OPTIONS_MAX     16

/* What no client of these days needs is not offered. */
#define PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

/* --- running ------------------------------------------------------------------------------ */

static void timed_out(uv_timer_t *timer)
{
	struct http_server *server = timer->data;
	admin_turn_begin(server->admin);
	http_server_run(server);
}

void http_server_run(struct http_server *server)
{
	MHD_UNSIGNED_LONG_LONG wait_ms;
	struct admin *admin = server->admin;
	bool full = server->client_count == ADMIN_CONNECTIONS_MAX;
	(void)MHD_run(server->daemon);
	/* Where there was no room, it looks for those who wait for it only as it begins. */
	bool room = full && server->client_count < ADMIN_CONNECTIONS_MAX;
	bool waits = MHD_get_timeout(server->daemon, &wait_ms) == MHD_YES;
	if (room || admin->waiting != NULL || (waits && wait_ms == 0))
		admin_turn_soon(admin);
	if (waits && wait_ms != 0)
		(void)uv_timer_start(&server->timer, timed_out, wait_ms, 0);
	else
		(void)uv_timer_stop(&server->timer);
}

static void polled(uv_poll_t *poll, int status, int events)
{
	struct http_server *server = poll->data;
	(void)status;
	(void)events;
	admin_secrets_look(server->admin);
	admin_turn_begin(server->admin);
	http_server_run(server); /* still there, though it may have been quiesced */
}

/* --- the beginning ------------------------------------------------------------------------ */

/* Its words are of what clients do, but while it starts. */
__attribute__((format(printf, 2, 0))) static void said(void *cls, const char *fmt, va_list args)
{
	struct http_server *server = cls;
	char text[WHY_TEXT_SIZE];
	(void)vsnprintf(text, sizeof text, fmt, args);
	text[strcspn(text, "\n")] = '\0';
	if (server->daemon == NULL)
		why_set(&server->admin->said, "%s", text);
	else
		log_write(server->admin->log, LOG_DEBUG, "admin", "%s", text);
}

/* By the addresses of functions, which the library takes as numbers. */
static void options_set(struct http_server *server, int fd, const struct pem *cert,
                        const struct pem *key, char *priorities, struct MHD_OptionItem *options)
{
	const struct MHD_OptionItem all[OPTIONS_MAX] = {
		{MHD_OPTION_CONNECTION_LIMIT, ADMIN_CONNECTIONS_MAX, NULL},
		{MHD_OPTION_CONNECTION_TIMEOUT, ADMIN_IDLE_S, NULL},
		{MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_SIZE, NULL},
		{MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
		{MHD_OPTION_LISTEN_SOCKET, fd, NULL},
		{MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)http_unescape, NULL},
		{MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)http_client_comes, server},
		{MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)http_request_end, server},
		{MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, NULL},
		{cert->text != NULL ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0, cert->text},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, key->text},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, priorities},
		{MHD_OPTION_END, 0, NULL},
	};
	memcpy(options, all, sizeof all);
}

/* Where it fails late, the library has closed it, and another thread may have its number by now. */
static void copy_close(int copy, int fd)
{
	struct stat ours, there;
	if (fstat(fd, &ours) == 0 && fstat(copy, &there) == 0 && ours.st_dev == there.st_dev &&
	    ours.st_ino == there.st_ino)
		(void)close(copy);
}

static enum err daemon_start(struct http_server *server, int fd, const struct pem *cert,
                             const struct pem *key, struct why *why)
{
	char priorities[] = PRIORITIES;
	struct MHD_OptionItem options[OPTIONS_MAX];
	struct why *said_last = &server->admin->said;
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (copy < 0) {
		why_set(why, "admin: %s", strerror(errno));
		return ERR_IO;
	}
	options_set(server, copy, cert, key, priorities, options);
	why_set(said_last, "no memory, or no descriptor left");
	server->daemon =
		MHD_start_daemon(flags | (cert->text != NULL ? MHD_USE_TLS : 0), 0, http_client_may_come,
	                     server, http_request_take, server, MHD_OPTION_EXTERNAL_LOGGER, said,
	                     server, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
	if (server->daemon != NULL)
		return ERR_OK;
	copy_close(copy, fd);
	why_set(why, "admin: %s", said_last->text);
	return cert->text != NULL ? ERR_INVALID : ERR_IO;
}

static enum err pems_read(const struct admin_policy *policy, struct pem *cert, struct pem *key,
                          struct why *why)
{
	*cert = *key = (struct pem){.text = NULL};
	if (policy->tls_cert == NULL)
		return ERR_OK;
	const char *key_of = "admin.tls.cert";
	enum err err = pem_read(policy->tls_cert, cert, why);
	if (err == ERR_OK) {
		key_of = "admin.tls.key";
		err = pem_read(policy->tls_key, key, why);
	}
	if (err != ERR_OK) {
		why_wrap(why, "%s", key_of);
		pem_free(cert);
	}
	return err == ERR_OK || err == ERR_NOMEM ? err : ERR_INVALID;
}

/* --- the end ------------------------------------------------------------------------------ */

static void handle_closed(uv_handle_t *handle)
{
	struct http_server *server = handle->data;
	struct admin *admin = server->admin;
	assert(server->handles > 0);
	if (--server->handles != 0)
		return;
	free(server);
	admin_handle_closed(admin);
}

void http_server_quiesce(struct http_server *server)
{
	int copy = MHD_quiesce_daemon(server->daemon);
	if (copy != MHD_INVALID_SOCKET)
		(void)close(copy);
}

void http_server_free(struct http_server *server)
{
	if (server == NULL)
		return;
	/* Before the descriptor it waits for is closed. */
	uv_close((uv_handle_t *)&server->poll, handle_closed);
	uv_close((uv_handle_t *)&server->timer, handle_closed);
	MHD_stop_daemon(server->daemon);
}

static enum err loop_join(struct http_server *server, struct why *why)
{
	struct admin *admin = server->admin;
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	int error = info == NULL ? UV_ENOSYS : uv_poll_init(admin->loop, &server->poll, info->epoll_fd);
	if (error != 0) {
		MHD_stop_daemon(server->daemon);
		why_set(why, "admin: %s", uv_strerror(error));
		return ERR_IO;
	}
	(void)uv_timer_init(admin->loop, &server->timer);
	server->poll.data = server->timer.data = server;
	server->handles = 2;
	admin->handles++;
	error = uv_poll_start(&server->poll, UV_READABLE, polled);
	if (error == 0)
		return ERR_OK;
	http_server_free(server);
	why_set(why, "admin: %s", uv_strerror(error));
	return ERR_AGAIN; /* the block goes with its handles */
}

enum err http_server_new(struct admin *admin, int fd, struct http_server **out, struct why *why)
{
	struct pem cert, key;
	*out = NULL;
	struct http_server *server = calloc(1, sizeof *server);
	if (server == NULL) {
		why_set(why, "no memory for the admin server");
		return ERR_NOMEM;
	}
	server->admin = admin;
	server->page =
		(struct page_source){admin->setup.commands, admin->setup.command_count, admin->setup.arg};
	enum err err = pems_read(&admin->setup.policy, &cert, &key, why);
	if (err == ERR_OK) {
		err = daemon_start(server, fd, &cert, &key, why);
		pem_free(&cert);
		pem_free(&key);
	}
	if (err == ERR_OK)
		err = loop_join(server, why);
	if (err == ERR_OK)
		*out = server;
	else if (err != ERR_AGAIN)
		free(server);
	return err == ERR_AGAIN ? ERR_IO : err;
}
