#include "fedns/kube_auth.h"

#include "fedns/base64.h"
#include "kube_auth_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void auth_wrap(const struct kube_auth *auth, struct why *why)
{
	const struct kube_access *access = auth->setup.access;
	if (*access->user != '\0')
		why_wrap(why, "user \"%s\"", access->user);
	why_wrap(why, "%s", access->origin);
}

static enum err no_memory(struct why *why)
{
	why_set(why, "no memory for credentials");
	return ERR_NOMEM;
}

enum err authorization_set(struct secret *out, const char *scheme, struct bytes value,
                           struct why *why)
{
	size_t size = strlen(scheme) + 1 + value.size;
	struct secret fresh = {malloc(size + 1), size};
	if (fresh.data == NULL)
		return no_memory(why);
	(void)snprintf((char *)fresh.data, size + 1, "%s %.*s", scheme, BYTES_ARG(value));
	secret_move(out, &fresh);
	return ERR_OK;
}

/* --- who waits ---------------------------------------------------------------------------- */

static void wait_unlink(struct kube_wait *wait)
{
	if (wait->link == NULL)
		return;
	*wait->link = wait->next;
	if (wait->next != NULL)
		wait->next->link = wait->link;
	wait->link = NULL;
	wait->next = NULL;
}

/* Those who begin to wait while others are called are called the next time. */
void auth_serve(struct kube_auth *auth, enum err err, const struct why *why)
{
	const struct kube_credentials credentials = {
		.authorization = (const char *)auth->authorization.data,
		.cert = secret_bytes(&auth->cert),
		.key = secret_bytes(&auth->key),
		.ca = secret_bytes(&auth->ca),
		.generation = auth->generation,
		.tls_generation = auth->tls_generation,
	};
	struct kube_wait *called = auth->waiting;
	auth->waiting = NULL;
	if (called != NULL)
		called->link = &called;
	while (called != NULL) {
		struct kube_wait *wait = called;
		wait_unlink(wait);
		wait->done(wait->arg, err, err == ERR_OK ? &credentials : NULL, why);
		while (auth->ended && called != NULL)
			wait_unlink(called);
	}
}

static void on_soon(uv_timer_t *timer)
{
	struct kube_auth *auth = timer->data;
	struct why why = {{0}};
	if (auth->waiting == NULL || auth->plugin != NULL)
		return;
	enum err err = files_refresh(auth, &why);
	if (err == ERR_OK && exec_is_due(auth)) {
		err = exec_start(auth, &why);
		if (err == ERR_OK)
			return;
	}
	if (err != ERR_OK)
		auth_wrap(auth, &why);
	auth_serve(auth, err, &why);
}

void kube_auth_get(struct kube_auth *auth, struct kube_wait *wait)
{
	assert(!auth->ended && wait->done != NULL);
	struct kube_wait **end = &auth->waiting;
	while (*end != NULL)
		end = &(*end)->next;
	*end = wait;
	wait->link = end;
	wait->next = NULL;
	if (auth->plugin == NULL)
		(void)uv_timer_start(&auth->soon, on_soon, 0, 0);
}

void kube_auth_cancel(struct kube_wait *wait)
{
	wait_unlink(wait);
}

void kube_auth_refused(struct kube_auth *auth, uint64_t generation)
{
	if (generation != auth->generation)
		return;
	auth->token_file.known = auth->pair_files.known = auth->ca_file.known = false;
	auth->has_exec = false;
}

/* --- life --------------------------------------------------------------------------------- */

static enum err basic_set(struct kube_auth *auth, struct why *why)
{
	const struct kube_access *access = auth->setup.access;
	const char *password = access->password != NULL ? access->password : "";
	char *pair = NULL, *text = NULL;
	int size = asprintf(&pair, "%s:%s", access->username, password);
	if (size >= 0)
		text = malloc(BASE64_TEXT_SIZE((size_t)size));
	enum err err = ERR_OK;
	if (text != NULL) {
		base64_encode(bytes_of(pair), text);
		err = authorization_set(&auth->authorization, "Basic", bytes_of(text), why);
		explicit_bzero(text, strlen(text));
	} else {
		err = no_memory(why);
	}
	if (size >= 0) {
		explicit_bzero(pair, (size_t)size);
		free(pair);
	}
	free(text);
	return err;
}

/* What the access says of itself, before any file is read again. */
static enum err begin(struct kube_auth *auth, struct why *why)
{
	const struct kube_access *access = auth->setup.access;
	int64_t now_ms = auth->setup.now_ms(auth->setup.now_arg);
	auth->generation = auth->tls_generation = 1;
	auth->pair_files = auth->ca_file = (struct reread){.known = true, .read_ms = now_ms};
	if (secret_set(&auth->cert, access->cert.octets) != ERR_OK ||
	    secret_set(&auth->key, access->key.octets) != ERR_OK ||
	    secret_set(&auth->ca, access->ca.octets) != ERR_OK)
		return no_memory(why);
	if (access->credential == KUBE_BASIC)
		return basic_set(auth, why);
	if (access->token != NULL)
		return authorization_set(&auth->authorization, "Bearer", bytes_of(access->token), why);
	return ERR_OK;
}

static void secrets_clear(struct kube_auth *auth)
{
	secret_clear(&auth->authorization);
	secret_clear(&auth->cert);
	secret_clear(&auth->key);
	secret_clear(&auth->ca);
}

enum err kube_auth_new_limited(const struct kube_auth_setup *setup, uint64_t timeout_ms,
                               struct kube_auth **out, struct why *why)
{
	assert(setup->loop != NULL && setup->access != NULL && setup->log != NULL);
	*out = NULL;
	struct kube_auth *auth = calloc(1, sizeof *auth);
	if (auth == NULL)
		return no_memory(why);
	auth->setup = *setup;
	auth->timeout_ms = timeout_ms;
	enum err err = begin(auth, why);
	if (err != ERR_OK) {
		secrets_clear(auth);
		free(auth);
		return err;
	}
	(void)uv_timer_init(setup->loop, &auth->soon);
	auth->soon.data = auth;
	*out = auth;
	return ERR_OK;
}

enum err kube_auth_new(const struct kube_auth_setup *setup, struct kube_auth **out, struct why *why)
{
	return kube_auth_new_limited(setup, KUBE_EXEC_TIMEOUT_MS, out, why);
}

static void on_close(uv_handle_t *handle)
{
	struct kube_auth *auth = handle->data;
	secrets_clear(auth);
	free(auth);
}

/* Memory stays until the loop's next turn: one who is being called may end us. */
void kube_auth_free(struct kube_auth *auth)
{
	if (auth == NULL)
		return;
	assert(!auth->ended);
	auth->ended = true;
	while (auth->waiting != NULL)
		wait_unlink(auth->waiting);
	if (auth->plugin != NULL)
		plugin_cancel(auth->plugin);
	auth->plugin = NULL;
	uv_close((uv_handle_t *)&auth->soon, on_close);
}
