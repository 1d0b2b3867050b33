/*
 * From a request to a status. What it asks for is made as far as ADMIN_PART_SIZE before a word of
 * the answer goes out, so that what fails can still be said by a status; what is larger follows
 * part by part. A request whose turn is over is suspended, and resumed at a later turn of the loop.
 */
#include "http.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Octets that the library asks for at once. */
#define BLOCK_SIZE ((size_t)16 << 10)
#define PATH_SHOWN 128

static const char API[] = "/api/v1/";

/* --- turns -------------------------------------------------------------------------------- */

static void request_wait(struct http_request *request)
{
	struct admin *admin = request->server->admin;
	assert(!request->waits);
	request->waits = true;
	request->next = NULL;
	if (admin->waiting == NULL)
		admin->waiting = request;
	else
		admin->waiting_last->next = request;
	admin->waiting_last = request;
	MHD_suspend_connection(request->connection);
}

void http_request_next(struct admin *admin)
{
	struct http_request *request = admin->waiting;
	if (request == NULL)
		return;
	admin->waiting = request->next;
	admin->due = request;
	request->waits = false;
	MHD_resume_connection(request->connection);
}

void http_requests_resume(struct admin *admin)
{
	while (admin->waiting != NULL)
		http_request_next(admin);
}

/* --- making ------------------------------------------------------------------------------- */

/* Whose turn it is, or everybody while nobody waits: whoever could go on without waiting would else
 * have each turn before those who do. */
static bool may_work(const struct http_request *request)
{
	struct admin *admin = request->server->admin;
	if (admin->due != request)
		return admin->waiting == NULL;
	admin->due = NULL;
	admin_turn_begin(admin);
	return true;
}

/* Steps until a part is whole, all is there, or the turn is over. */
static void part_make(struct http_request *request)
{
	struct http_work *work = &request->work;
	if (!may_work(request))
		return;
	while (request->last == ADMIN_MORE && work->out.size < ADMIN_PART_SIZE &&
	       !admin_turn_over(request->server->admin))
		request->last = http_work_step(work);
}

static void broken_log(const struct http_request *request)
{
	log_write(request->server->admin->log, LOG_WARN, "admin", "an answer broke off: %s",
	          request->work.why.text);
}

static ssize_t part_read(void *cls, uint64_t at, char *buf, size_t size)
{
	struct http_request *request = cls;
	struct buf *out = &request->work.out;
	(void)at;
	if (request->told == out->size && request->last == ADMIN_MORE) {
		request->told = out->size = 0;
		part_make(request);
		if (request->last == ADMIN_FAILED)
			broken_log(request);
	}
	size_t left = out->size - request->told;
	if (left == 0 && request->last == ADMIN_MORE) {
		request_wait(request);
		return 0;
	}
	if (left == 0)
		return request->last == ADMIN_END ? MHD_CONTENT_READER_END_OF_STREAM
		                                  : MHD_CONTENT_READER_END_WITH_ERROR;
	size = left < size ? left : size;
	memcpy(buf, out->data + request->told, size);
	request->told += size;
	return (ssize_t)size;
}

static enum MHD_Result request_reply(struct http_request *request)
{
	struct http_work *work = &request->work;
	const char *type = work->resource != NULL ? work->resource->type : "application/json";
	struct MHD_Response *response;
	if (request->last == ADMIN_FAILED)
		return http_reply_why(request->connection, http_status_of(work->err), request->json,
		                      work->why.text);
	/* The library reads the buffer until the request ends, which is when it is freed. */
	if (request->last == ADMIN_END)
		response =
			MHD_create_response_from_buffer(work->out.size, work->out.data, MHD_RESPMEM_PERSISTENT);
	else
		response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_SIZE, part_read,
		                                             request, NULL);
	return http_reply(request->connection, work->status, type, response);
}

static enum MHD_Result request_go(struct http_request *request)
{
	part_make(request);
	if (request->last != ADMIN_MORE || request->work.out.size >= ADMIN_PART_SIZE)
		return request_reply(request);
	request_wait(request);
	return MHD_YES;
}

/* --- what is asked for -------------------------------------------------------------------- */

static const struct admin_resource *resource_among(const struct admin_resource *resources,
                                                   size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(resources[i].path, path) == 0)
			return &resources[i];
	}
	return NULL;
}

/* The status page is ours, and asks the commands; the other resources are the setup's. `*arg` is
 * theirs. */
static const struct admin_resource *resource_find(struct http_server *server, const char *path,
                                                  void **arg)
{
	const struct admin_setup *setup = &server->admin->setup;
	*arg = setup->arg;
	const struct admin_resource *found =
		resource_among(setup->resources, setup->resource_count, path);
	if (found != NULL)
		return found;
	*arg = &server->page;
	return resource_among(page_resources, PAGE_RESOURCES, path);
}

static const struct control_command *command_find(const struct admin *admin, const char *name)
{
	for (size_t i = 0; i < admin->setup.command_count; i++) {
		if (strcmp(admin->setup.commands[i].name, name) == 0)
			return &admin->setup.commands[i];
	}
	return NULL;
}

static bool is_single(const struct admin *admin, const char *name)
{
	const char *const *single = admin->setup.singles;
	while (single != NULL && *single != NULL && strcmp(*single, name) != 0)
		single++;
	return single != NULL && *single != NULL;
}

static enum err command_begin(struct http_request *request, const char *name, json_t *query)
{
	struct admin *admin = request->server->admin;
	struct http_work *work = &request->work;
	const struct control_command *command = command_find(admin, name);
	if (command != NULL && !command->changes)
		return http_work_command(work, command, is_single(admin, name), admin->setup.arg, query);
	why_set(&work->why,
	        command == NULL
	            ? "there is no %s%.*s"
	            : "%s%.*s changes something, which is not done by HTTP: use the program",
	        API, PATH_SHOWN, name);
	return ERR_MISSING;
}

static enum err work_begin(struct http_request *request, const struct admin_resource *resource,
                           void *arg, const char *path)
{
	struct http_work *work = &request->work;
	json_t *query;
	enum err err = http_query(request->connection, &query, &work->why);
	if (err != ERR_OK)
		return err;
	if (resource != NULL) {
		err = http_work_resource(work, resource, arg, query);
	} else if (strncmp(path, API, sizeof API - 1) == 0) {
		err = command_begin(request, path + sizeof API - 1, query);
	} else {
		why_set(&work->why, "there is nothing at %.*s", PATH_SHOWN, path);
		err = ERR_MISSING;
	}
	json_decref(query);
	return err;
}

/* NULL: there is none. */
static const char *header_of(const struct http_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

/* By a name that is ours, or from elsewhere, or by who has to show a token anyway. No browser comes
 * without a Host. */
static bool is_asked_as_ours(const struct http_request *request, struct bytes authority)
{
	const struct admin_policy *policy = &request->server->admin->setup.policy;
	const char *host = header_of(request, MHD_HTTP_HEADER_HOST);
	if (authority.data == NULL && host != NULL)
		authority = bytes_of(host);
	return policy->token_file != NULL || authority.data == NULL ||
	       !http_address_local(&request->client->from) || http_host_ours(policy, authority);
}

static enum MHD_Result request_begin(struct http_request *request, const char *target)
{
	struct admin *admin = request->server->admin;
	struct bytes authority;
	void *arg;
	const char *path = http_target_path(target, &authority);
	const struct admin_resource *resource = resource_find(request->server, path, &arg);
	request->begun = true;
	request->json = strncmp(path, API, sizeof API - 1) == 0;
	if (!is_asked_as_ours(request, authority))
		return http_reply_why(request->connection, MHD_HTTP_MISDIRECTED_REQUEST, request->json,
		                      "this server doesn't go by the name that is asked for: use its "
		                      "address or \"localhost\", or list the name in \"admin.hosts\"");
	if ((resource == NULL || !resource->open) &&
	    !http_token_shown(&admin->secrets, header_of(request, MHD_HTTP_HEADER_AUTHORIZATION)))
		return http_reply_why(request->connection, MHD_HTTP_UNAUTHORIZED, request->json,
		                      "a token is asked for here, a bearer's or as a password, and this is "
		                      "not it");
	enum err err = work_begin(request, resource, arg, path);
	if (err != ERR_OK)
		return http_reply_why(request->connection, http_status_of(err), request->json,
		                      request->work.why.text);
	return request_go(request);
}

/* --- the library's side ------------------------------------------------------------------- */

/* The headers are there; a body would follow. */
static enum MHD_Result request_new(struct http_server *server, struct MHD_Connection *connection,
                                   const char *method, void **out)
{
	const char *sentence;
	struct http_client *client = http_client_of(connection);
	struct http_request *request = client == NULL ? NULL : calloc(1, sizeof *request);
	if (request == NULL)
		return MHD_NO;
	request->server = server;
	request->connection = connection;
	request->client = client;
	http_work_init(&request->work);
	client->request = request;
	client->since_ms = uv_now(server->admin->loop);
	*out = request;
	unsigned refused = http_head_refused(connection, method, &sentence);
	return refused == 0 ? MHD_YES : http_reply_why(connection, refused, false, sentence);
}

enum MHD_Result http_request_take(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **request)
{
	struct http_request *known = *request;
	(void)version;
	(void)upload;
	if (known == NULL)
		return request_new(cls, connection, method, request);
	if (*upload_size != 0)
		return MHD_NO; /* it was refused by its headers */
	return known->begun ? request_go(known) : request_begin(known, url);
}

static void waiting_remove(struct admin *admin, const struct http_request *request)
{
	struct http_request **at = &admin->waiting, *before = NULL;
	while (*at != NULL && *at != request) {
		before = *at;
		at = &(*at)->next;
	}
	if (*at == NULL)
		return;
	*at = request->next;
	if (admin->waiting_last == request)
		admin->waiting_last = before;
}

void http_request_end(void *cls, struct MHD_Connection *connection, void **request,
                      enum MHD_RequestTerminationCode code)
{
	struct http_server *server = cls;
	struct http_request *known = *request;
	(void)connection;
	(void)code;
	if (known == NULL)
		return;
	*request = NULL;
	if (server->admin->due == known)
		server->admin->due = NULL;
	if (known->waits)
		waiting_remove(server->admin, known);
	known->client->request = NULL;
	known->client->since_ms = uv_now(server->admin->loop);
	http_work_end(&known->work);
	free(known);
}
