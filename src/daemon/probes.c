/*
 * /healthz and /readyz. Who asks is a kubelet or a load balancer, and does something about it: so
 * alive is whatever still turns the loop, and ready whatever gives answers. Stale answers are
 * answers; taking all replicas out because an API server is not heard would be the outage that they
 * are kept for.
 */
#include "admin.h"

#include <stdlib.h>

/* Octets of all reasons: each is a sentence. */
#define REASONS_SIZE_MAX ((size_t)8 * WHY_TEXT_SIZE)

static enum err probe_new(void **job, struct why *why)
{
	struct buf *text = calloc(1, sizeof *text);
	*job = text;
	if (text == NULL) {
		why_set(why, "no memory for the answer");
		return ERR_NOMEM;
	}
	buf_init(text, REASONS_SIZE_MAX);
	return ERR_OK;
}

void probe_end(void *job)
{
	buf_free(job);
	free(job);
}

enum admin_step probe_step(void *job, struct buf *out, struct why *why)
{
	if (buf_add(out, buf_bytes(job)) == ERR_OK)
		return ADMIN_END;
	why_set(why, "no memory for the answer");
	return ADMIN_FAILED;
}

enum err healthz_begin(void *daemon, json_t *query, void **job, unsigned *status, struct why *why)
{
	(void)daemon;
	(void)query;
	(void)status;
	enum err err = probe_new(job, why);
	if (err != ERR_OK || buf_add(*job, bytes_of("alive\n")) == ERR_OK)
		return err;
	why_set(why, "no memory for the answer");
	probe_end(*job);
	return ERR_NOMEM;
}

/* What went wrong with the source, in its words: paths and servers stand in them, which are not for
 * everybody where a token is asked for. A probe has none to show. */
static const char *refused_text(const struct daemon *daemon)
{
	return daemon->config->admin.token_file == NULL ? daemon->look.refused.text : "";
}

/* Why not; nothing: it is. */
static enum err reasons_add(const struct daemon *daemon, struct buf *out)
{
	const char *refused = refused_text(daemon);
	enum err err = ERR_OK;
	if (daemon->ducking)
		err = buf_add(out, bytes_of("stopping: answers go on for a moment\n"));
	if (err == ERR_OK && daemon->crew == NULL)
		err = buf_add(out, bytes_of("starting: nobody answers yet\n"));
	if (err == ERR_OK && !daemon->published)
		err = buf_printf(out, "no state yet%s%s\n", refused[0] != '\0' ? ": " : "", refused);
	return err;
}

/* What an operator should know, and a probe need not. */
static enum err notes_add(const struct daemon *daemon, struct buf *out)
{
	enum err err = buf_add(out, bytes_of("ready\n"));
	const char *refused = refused_text(daemon);
	if (err == ERR_OK && daemon->look.stale)
		err = buf_printf(out, "stale%s%s\n", refused[0] != '\0' ? ": " : "", refused);
	return err;
}

enum err readyz_begin(void *arg, json_t *query, void **job, unsigned *status, struct why *why)
{
	const struct daemon *daemon = arg;
	(void)query;
	enum err err = probe_new(job, why);
	if (err != ERR_OK)
		return err;
	struct buf *text = *job;
	err = reasons_add(daemon, text);
	if (text->size != 0)
		*status = 503;
	else if (err == ERR_OK)
		err = notes_add(daemon, text);
	if (err == ERR_OK)
		return ERR_OK;
	why_set(why, "no memory for the reasons");
	probe_end(text);
	return err;
}
