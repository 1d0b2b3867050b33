/* A URL of the operator's own that answers with keys. */
#include "credentials_internal.h"

#include <stdio.h>

#define URI "ALIBABA_CLOUD_CREDENTIALS_URI"

enum err uri_find(const struct credentials *credentials, struct way *out, struct why *why)
{
	const char *url = env_text(credentials, URI);
	if (url == NULL) {
		why_set(why, URI);
		return ERR_MISSING;
	}
	enum err err = way_begin(out, WAY_URI, why);
	if (err != ERR_OK)
		return err;
	(void)snprintf(out->origin, sizeof out->origin, URI);
	if (way_text(out, url, &out->url))
		return ERR_OK;
	why_set(why, URI " is too long");
	return ERR_LIMIT;
}

/* What stands in the URL may be secret: it is not shown. */
static void on_done(void *arg, enum err err, unsigned status, struct bytes body,
                    const struct why *why)
{
	struct fetch *fetch = arg;
	struct why sentence = *why;
	if (err == ERR_OK && status == 200) {
		err = grant_read(body, GRANT_FLAT, credentials_now(fetch->credentials), &fetch->grant,
		                 &sentence);
	} else if (err == ERR_OK) {
		why_set(&sentence, "HTTP %u", status);
		err = ERR_IO;
	}
	if (err != ERR_OK)
		why_wrap(&sentence, URI);
	fetch_told(fetch, err, &sentence);
}

enum err uri_start(struct fetch *fetch, struct why *why)
{
	const struct http_request request = {
		.url = fetch->way.url,
		.proxy = "", /* a neighbour: beside us in the pod, or on the machine */
		.connect_timeout_ms = STS_CONNECT_MS,
		.idle_timeout_ms = STS_CONNECT_MS + STS_READ_MS,
		.total_timeout_ms = STS_CONNECT_MS + STS_READ_MS,
	};
	enum err err = exchange_start(&fetch->exchange, fetch->credentials->setup.http, &request,
	                              on_done, fetch, why);
	if (err != ERR_OK)
		why_set(why, URI " is no URL of http or https");
	return err;
}
