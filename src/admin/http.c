/* The admin server as a whole. */
#include "http.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SWEEP_MS 1000
#define LOOK_MS  1000

/* --- turns -------------------------------------------------------------------------------- */

void admin_turn_begin(struct admin *admin)
{
	admin->turn_end_ns = uv_hrtime() + ADMIN_TURN_NS;
}

bool admin_turn_over(const struct admin *admin)
{
	return uv_hrtime() >= admin->turn_end_ns;
}

/* One that waited is resumed a turn, so that each has all of one. */
static void turn_go(uv_idle_t *idle)
{
	struct admin *admin = idle->data;
	(void)uv_idle_stop(idle);
	admin_turn_begin(admin);
	http_request_next(admin);
	http_server_run(admin->server);
	if (admin->leaving != NULL)
		http_server_run(admin->leaving);
	admin->due = NULL; /* its client doesn't read: it has a turn when it does */
}

void admin_turn_soon(struct admin *admin)
{
	if (!admin->closing)
		(void)uv_idle_start(&admin->turn, turn_go);
}

static void sweep(uv_timer_t *timer)
{
	struct admin *admin = timer->data;
	http_clients_expire(admin->server, uv_now(admin->loop));
	if (admin->leaving == NULL)
		return;
	http_clients_expire(admin->leaving, uv_now(admin->loop));
	if (admin->leaving->client_count != 0)
		return;
	http_server_free(admin->leaving);
	admin->leaving = NULL;
}

/* --- files that change -------------------------------------------------------------------- */

static void token_look(struct admin *admin)
{
	struct why why = {{0}};
	struct http_secrets *secrets = &admin->secrets;
	const char *path = admin->setup.policy.token_file;
	struct file_mark mark = file_mark_of(path);
	if (path == NULL || file_mark_equal(&mark, &secrets->token_mark))
		return;
	if (http_token_read(secrets, path, &why) == ERR_OK)
		log_write(admin->log, LOG_INFO, "admin", "the token has changed");
	else
		log_write(admin->log, LOG_ERROR, "admin", "the token before stays: %s", why.text);
}

static void marks_take(struct admin *admin)
{
	admin->secrets.cert_mark = file_mark_of(admin->setup.policy.tls_cert);
	admin->secrets.key_mark = file_mark_of(admin->setup.policy.tls_key);
}

static bool certificate_differs(const struct admin *admin)
{
	struct file_mark cert = file_mark_of(admin->setup.policy.tls_cert);
	struct file_mark key = file_mark_of(admin->setup.policy.tls_key);
	return !file_mark_equal(&cert, &admin->secrets.cert_mark) ||
	       !file_mark_equal(&key, &admin->secrets.key_mark);
}

/* Two files are seldom written at one moment: a pair that doesn't fit is looked at again when one
 * of them changes. */
static void certificate_look(struct admin *admin)
{
	struct why why = {{0}};
	struct http_server *next;
	if (admin->setup.policy.tls_cert == NULL || !certificate_differs(admin))
		return;
	if (admin->leaving != NULL)
		return; /* the one before is not gone yet: within ADMIN_ANSWER_S it is */
	marks_take(admin);
	if (http_server_new(admin, admin->fd, &next, &why) != ERR_OK) {
		log_write(admin->log, LOG_ERROR, "admin", "the certificate before stays: %s", why.text);
		return;
	}
	http_server_quiesce(admin->server);
	admin->leaving = admin->server;
	admin->server = next;
	log_write(admin->log, LOG_INFO, "admin", "the certificate has changed");
}

void admin_secrets_look(struct admin *admin)
{
	uint64_t now_ms = uv_now(admin->loop);
	if (admin->secrets.looked_ms + LOOK_MS > now_ms)
		return;
	admin->secrets.looked_ms = now_ms;
	token_look(admin);
	certificate_look(admin);
}

/* --- the end ------------------------------------------------------------------------------ */

void admin_handle_closed(struct admin *admin)
{
	assert(admin->handles > 0);
	if (--admin->handles != 0)
		return;
	explicit_bzero(&admin->secrets, sizeof admin->secrets);
	free(admin->texts);
	free(admin);
}

static void handle_closed(uv_handle_t *handle)
{
	admin_handle_closed(handle->data);
}

void admin_succeed(struct admin *admin, struct admin *old)
{
	assert(admin != NULL && admin->leaving == NULL);
	if (old == NULL)
		return;
	http_requests_resume(old);
	old->due = NULL;
	admin->leaving = old->server;
	admin->leaving->admin = admin;
	admin->handles++;
	old->handles--;
	old->server = NULL;
	http_server_quiesce(admin->leaving);
	admin_turn_soon(admin);
	admin_free(old);
}

void admin_free(struct admin *admin)
{
	if (admin == NULL)
		return;
	assert(!admin->closing);
	admin->closing = true;
	http_requests_resume(admin); /* the library ends none that is suspended */
	http_server_free(admin->leaving);
	http_server_free(admin->server);
	if (admin->fd >= 0)
		(void)close(admin->fd);
	uv_close((uv_handle_t *)&admin->sweep, handle_closed);
	uv_close((uv_handle_t *)&admin->turn, handle_closed);
}

/* --- the beginning ------------------------------------------------------------------------ */

/* Copies of the policy's texts, in one block. */
static bool policy_copy(struct admin *admin)
{
	struct admin_policy *policy = &admin->setup.policy;
	const char **texts[4 + ADMIN_HOSTS_MAX] = {&policy->listen, &policy->token_file,
	                                           &policy->tls_cert, &policy->tls_key};
	size_t size = 0, count = sizeof texts / sizeof texts[0];
	for (size_t i = 0; i < ADMIN_HOSTS_MAX; i++)
		texts[4 + i] = &policy->hosts[i];
	for (size_t i = 0; i < count; i++)
		size += *texts[i] == NULL ? 0 : strlen(*texts[i]) + 1;
	char *to = admin->texts = malloc(size);
	for (size_t i = 0; to != NULL && i < count; i++) {
		if (*texts[i] == NULL)
			continue;
		size_t one = strlen(*texts[i]) + 1;
		memcpy(to, *texts[i], one);
		*texts[i] = to;
		to += one;
	}
	return to != NULL;
}

static enum err socket_take(struct admin *admin, const struct admin *old, struct why *why)
{
	const char *listen = admin->setup.policy.listen;
	if (old == NULL || strcmp(old->setup.policy.listen, listen) != 0)
		return http_listen(listen, &admin->fd, why);
	admin->fd = fcntl(old->fd, F_DUPFD_CLOEXEC, 0);
	if (admin->fd >= 0)
		return ERR_OK;
	why_set(why, "admin %s: no descriptor left", listen);
	return ERR_IO;
}

static enum err token_take(struct http_secrets *secrets, const char *path, struct why *why)
{
	if (path == NULL || http_token_read(secrets, path, why) == ERR_OK)
		return ERR_OK;
	why_wrap(why, "admin.token_file");
	return ERR_INVALID;
}

static enum err pem_check(const char *key, const char *path, struct why *why)
{
	struct pem pem;
	if (path == NULL)
		return ERR_OK;
	enum err err = pem_read(path, &pem, why);
	pem_free(&pem);
	if (err == ERR_OK)
		return ERR_OK;
	why_wrap(why, "%s", key);
	return err == ERR_NOMEM ? err : ERR_INVALID;
}

enum err admin_files_check(const struct admin_policy *policy, struct why *why)
{
	struct http_secrets secrets = {.token_size = 0};
	enum err err = token_take(&secrets, policy->token_file, why);
	explicit_bzero(&secrets, sizeof secrets);
	if (err == ERR_OK)
		err = pem_check("admin.tls.cert", policy->tls_cert, why);
	return err == ERR_OK ? pem_check("admin.tls.key", policy->tls_key, why) : err;
}

static enum err parts_make(struct admin *admin, const struct admin *old, struct why *why)
{
	if (!policy_copy(admin)) {
		why_set(why, "no memory for the admin server");
		return ERR_NOMEM;
	}
	enum err err = socket_take(admin, old, why);
	if (err == ERR_OK)
		err = token_take(&admin->secrets, admin->setup.policy.token_file, why);
	if (err != ERR_OK)
		return err;
	marks_take(admin);
	admin->secrets.looked_ms = uv_now(admin->loop);
	return http_server_new(admin, admin->fd, &admin->server, why);
}

enum err admin_new(const struct admin_setup *setup, const struct admin *old, struct admin **out,
                   struct why *why)
{
	assert(setup != NULL && setup->loop != NULL && setup->log != NULL &&
	       setup->policy.listen != NULL &&
	       (setup->policy.tls_cert == NULL) == (setup->policy.tls_key == NULL));
	*out = NULL;
	struct admin *admin = calloc(1, sizeof *admin);
	if (admin == NULL) {
		why_set(why, "no memory for the admin server");
		return ERR_NOMEM;
	}
	admin->setup = *setup;
	admin->loop = setup->loop;
	admin->log = setup->log;
	admin->fd = -1;
	(void)uv_timer_init(admin->loop, &admin->sweep);
	(void)uv_idle_init(admin->loop, &admin->turn);
	admin->sweep.data = admin->turn.data = admin;
	admin->handles = 2;
	enum err err = parts_make(admin, old, why);
	if (err != ERR_OK) {
		admin_free(admin);
		return err;
	}
	(void)uv_timer_start(&admin->sweep, sweep, SWEEP_MS, SWEEP_MS);
	*out = admin;
	return ERR_OK;
}

void admin_address(const struct admin *admin, char *text)
{
	http_listen_text(admin->fd, text);
}
