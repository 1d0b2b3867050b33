/* Files that are replaced while we run: a token, a certificate with its key, authorities. Small,
 * and read on the loop. */
#include "kube_auth_internal.h"

#include "fedns/source.h"
#include "kube_fields.h"
#include "pem.h"

/* A clock that was set back doesn't stop the reading. Notes that they are read now. */
static bool is_due(const struct kube_auth *auth, struct reread *files, int64_t period_ms)
{
	int64_t now_ms = auth->setup.now_ms(auth->setup.now_arg);
	if (files->known && now_ms >= files->read_ms && now_ms - files->read_ms < period_ms)
		return false;
	files->known = true;
	files->read_ms = now_ms;
	return true;
}

/* The log gets the first failure of a row, those of another reason, and the end. */
static void outcome_log(const struct kube_auth *auth, struct reread *files, enum err err,
                        const struct why *why)
{
	const struct kube_access *access = auth->setup.access;
	bool failing = err != ERR_OK;
	if (!failing)
		told_forget(&files->reasons);
	if (failing &&
	    told_is_news(&files->reasons, why->text, auth->setup.now_ms(auth->setup.now_arg)))
		log_write(auth->setup.log, LOG_WARN, "source", "%s: %s; what was read before stays in use",
		          access->origin, why->text);
	else if (!failing && files->failing)
		log_write(auth->setup.log, LOG_INFO, "source",
		          "%s: the files with its credentials can be read again", access->origin);
	files->failing = failing;
}

/* --- token -------------------------------------------------------------------------------- */

static bool is_space(uint8_t octet)
{
	return octet == ' ' || (octet >= '\t' && octet <= '\r');
}

static struct bytes trimmed(struct bytes text)
{
	while (text.size > 0 && is_space(text.data[text.size - 1]))
		text.size--;
	while (text.size > 0 && is_space(*text.data)) {
		text.data++;
		text.size--;
	}
	return text;
}

static bool is_token(struct bytes text)
{
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < 0x20 || text.data[i] == 0x7f)
			return false;
	}
	return true;
}

static enum err token_take(struct kube_auth *auth, struct bytes text, struct why *why)
{
	const char *path = auth->setup.access->token_file;
	struct bytes token = trimmed(text);
	if (token.size == 0 || !is_token(token)) {
		why_set(why, "%s: %s", path, token.size == 0 ? "empty, not a token" : "not a token");
		return ERR_INVALID;
	}
	struct secret fresh = {.data = NULL};
	enum err err = authorization_set(&fresh, "Bearer", token, why);
	if (err != ERR_OK)
		return err;
	if (!bytes_equal(secret_bytes(&fresh), secret_bytes(&auth->authorization)))
		auth->generation++;
	secret_move(&auth->authorization, &fresh);
	return ERR_OK;
}

static enum err token_refresh(struct kube_auth *auth, struct why *why)
{
	struct buf text;
	if (auth->setup.access->credential != KUBE_TOKEN_FILE ||
	    !is_due(auth, &auth->token_file, KUBE_TOKEN_PERIOD_MS))
		return ERR_OK;
	enum err err = file_read(auth->setup.access->token_file, KUBE_TOKEN_SIZE_MAX, &text, why);
	if (err == ERR_OK) {
		err = token_take(auth, buf_bytes(&text), why);
		buf_wipe(&text);
	}
	if (auth->authorization.data == NULL) {
		auth->token_file.known = false; /* without any token the next to ask tries again */
		return err;
	}
	outcome_log(auth, &auth->token_file, err, why);
	return ERR_OK;
}

/* --- certificates ------------------------------------------------------------------------- */

/* What stands there now: the file's octets, or those of the kubeconfig. */
static enum err pem_read(const struct kube_pem *pem, struct secret *out, struct why *why)
{
	struct buf text;
	enum err err = ERR_OK;
	if (pem->file != NULL)
		err = file_read(pem->file, KUBE_PEM_SIZE_MAX, &text, why);
	if (err != ERR_OK)
		return err;
	err = secret_set(out, pem->file != NULL ? buf_bytes(&text) : pem->octets);
	if (pem->file != NULL)
		buf_wipe(&text);
	if (err != ERR_OK)
		why_set(why, "no memory for certificates");
	return err;
}

/* Put `fresh` in the place of `old`. True: it is different. */
static bool replace(struct secret *old, struct secret *fresh)
{
	bool same = bytes_equal(secret_bytes(old), secret_bytes(fresh));
	secret_move(old, fresh);
	return !same;
}

static enum err pair_read(struct kube_auth *auth, struct why *why)
{
	const struct kube_access *access = auth->setup.access;
	struct secret cert = {.data = NULL}, key = {.data = NULL};
	enum err err = pem_read(&access->cert, &cert, why);
	if (err == ERR_OK)
		err = pem_read(&access->key, &key, why);
	if (err == ERR_OK) {
		err = pem_pair_check(secret_bytes(&cert), secret_bytes(&key), why);
		if (err != ERR_OK)
			why_wrap(why, "client certificate and key (%s)",
			         access->cert.file != NULL ? access->cert.file : access->key.file);
	}
	if (err == ERR_OK) {
		bool other = replace(&auth->cert, &cert);
		other = replace(&auth->key, &key) || other;
		auth->generation += other;
		auth->tls_generation += other;
	}
	secret_clear(&cert);
	secret_clear(&key);
	return err;
}

static enum err ca_read(struct kube_auth *auth, struct why *why)
{
	const struct kube_pem *pem = &auth->setup.access->ca;
	struct secret ca = {.data = NULL};
	enum err err = pem_read(pem, &ca, why);
	if (err == ERR_OK) {
		err = pem_certificates_check(secret_bytes(&ca), why);
		if (err != ERR_OK)
			why_wrap(why, "%s", pem->file);
	}
	if (err == ERR_OK && replace(&auth->ca, &ca)) {
		auth->generation++;
		auth->tls_generation++;
	}
	secret_clear(&ca);
	return err;
}

enum err files_refresh(struct kube_auth *auth, struct why *why)
{
	const struct kube_access *access = auth->setup.access;
	bool pair = access->cert.file != NULL || access->key.file != NULL;
	if (pair && is_due(auth, &auth->pair_files, KUBE_PEM_PERIOD_MS))
		outcome_log(auth, &auth->pair_files, pair_read(auth, why), why);
	if (access->ca.file != NULL && is_due(auth, &auth->ca_file, KUBE_PEM_PERIOD_MS))
		outcome_log(auth, &auth->ca_file, ca_read(auth, why), why);
	return token_refresh(auth, why);
}
