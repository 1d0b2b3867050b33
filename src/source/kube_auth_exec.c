/* Credentials that a command prints. */
#include "exec_credential.h"
#include "kube_auth_internal.h"

#include <assert.h>

bool exec_is_due(const struct kube_auth *auth)
{
	if (auth->setup.access->credential != KUBE_EXEC)
		return false;
	return !auth->has_exec || auth->setup.now_ms(auth->setup.now_arg) >= auth->expires_ms;
}

static enum err credential_take(struct kube_auth *auth, struct exec_credential *credential,
                                struct why *why)
{
	struct secret authorization = {.data = NULL};
	if (credential->token.size != 0) {
		enum err err =
			authorization_set(&authorization, "Bearer", secret_bytes(&credential->token), why);
		if (err != ERR_OK)
			return err;
	}
	if (!bytes_equal(secret_bytes(&auth->cert), secret_bytes(&credential->cert)) ||
	    !bytes_equal(secret_bytes(&auth->key), secret_bytes(&credential->key)))
		auth->tls_generation++;
	secret_move(&auth->authorization, &authorization);
	secret_move(&auth->cert, &credential->cert);
	secret_move(&auth->key, &credential->key);
	auth->generation++;
	auth->has_exec = true;
	auth->expires_ms = credential->expires_ms;
	return ERR_OK;
}

/* The sentence, and how to come by the command, if the kubeconfig says so. */
static void blame(const struct kube_auth *auth, struct why *why)
{
	const char *hint = auth->setup.access->exec.install_hint;
	if (hint != NULL) {
		struct why cause = *why;
		why_set(why, "%s (%s)", cause.text, hint);
	}
}

static void on_done(void *arg, enum err err, struct bytes output, const struct why *why)
{
	struct kube_auth *auth = arg;
	const struct kube_exec *exec = &auth->setup.access->exec;
	struct why sentence = *why;
	auth->plugin = NULL;
	if (err == ERR_OK) {
		struct exec_credential credential;
		err = exec_credential_read(output, exec->api_version, &credential, &sentence);
		if (err != ERR_OK)
			why_wrap(&sentence, "the command \"%s\"", exec->command);
		else
			err = credential_take(auth, &credential, &sentence);
		exec_credential_clear(&credential);
	} else {
		blame(auth, &sentence);
	}
	if (err != ERR_OK)
		auth_wrap(auth, &sentence);
	auth_serve(auth, err, &sentence);
}

enum err exec_start(struct kube_auth *auth, struct why *why)
{
	assert(auth->plugin == NULL);
	const struct kube_access *access = auth->setup.access;
	struct buf info;
	buf_init(&info, EXEC_INFO_SIZE_MAX);
	enum err err = exec_info_write(access, &info);
	if (err == ERR_OK)
		err = buf_add(&info, (struct bytes){(const uint8_t *)"", 1});
	if (err != ERR_OK)
		why_set(why, "no room for what \"%s\" is to be told of the cluster", access->exec.command);
	if (err == ERR_OK) {
		const struct plugin_run run = {
			.exec = &access->exec,
			.spawner = auth->setup.spawner,
			.info = (const char *)info.data,
			.log = auth->setup.log,
			.timeout_ms = auth->timeout_ms,
			.done = on_done,
			.arg = auth,
		};
		err = plugin_start(auth->setup.loop, &run, &auth->plugin, why);
		if (err != ERR_OK && err != ERR_NOMEM)
			blame(auth, why);
	}
	buf_wipe(&info);
	return err;
}
