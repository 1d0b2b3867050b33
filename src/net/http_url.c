/* Where a request goes: its URL, the name that TLS is to prove, the proxy. */
#include "http_setup.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define NAME_TEXT_MAX 253 /* of a host */

static enum err url_refused(CURLUcode code, struct why *why)
{
	if (code == CURLUE_OUT_OF_MEMORY) {
		why_set(why, "out of memory");
		return ERR_NOMEM;
	}
	why_set(why, "URL: %s", curl_url_strerror(code));
	return ERR_INVALID;
}

static enum err url_parse(CURLU *url, const char *text, struct why *why)
{
	char *scheme = NULL;
	CURLUcode code = curl_url_set(url, CURLUPART_URL, text, CURLU_DISALLOW_USER | CURLU_PATH_AS_IS);
	if (code == CURLUE_OK)
		code = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0);
	if (code != CURLUE_OK)
		return url_refused(code, why);
	bool known = strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0;
	curl_free(scheme);
	if (known)
		return ERR_OK;
	why_set(why, "URL: neither http nor https");
	return ERR_INVALID;
}

/* libcurl takes the name to verify from the URL. So the URL gets that name; where to connect to,
 * and the Host header, are said apart. */
static enum err url_rename(struct setup *setup, CURLU *url, struct why *why)
{
	char *host = NULL, *port = NULL, *own_port = NULL;
	char text[NAME_TEXT_MAX + 32];
	enum err err = ERR_INVALID;
	CURLUcode code = curl_url_get(url, CURLUPART_HOST, &host, 0);
	if (code == CURLUE_OK)
		code = curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
	if (code == CURLUE_OK)
		(void)curl_url_get(url, CURLUPART_PORT, &own_port, 0); /* may have none */
	if (code == CURLUE_OK)
		code = curl_url_set(url, CURLUPART_HOST, setup->request->tls.server_name, 0);
	if (code != CURLUE_OK) {
		err = url_refused(code, why);
		why_wrap(why, "TLS server name");
		goto done;
	}
	if (strlen(host) > NAME_TEXT_MAX) {
		why_set(why, "URL: a host name of more than %d octets", NAME_TEXT_MAX);
		goto done;
	}
	(void)snprintf(text, sizeof text, "::%s:%s", host, port);
	err = list_add(&setup->call->connect_to, text, why);
	if (err != ERR_OK || header_given(setup->request, "Host"))
		goto done;
	(void)snprintf(text, sizeof text, "Host: %s%s%s", host, own_port == NULL ? "" : ":",
	               own_port == NULL ? "" : own_port);
	err = list_add(&setup->call->headers, text, why);
done:
	curl_free(host);
	curl_free(port);
	curl_free(own_port);
	return err;
}

enum err setup_url(struct setup *setup, struct why *why)
{
	const struct http_request *request = setup->request;
	char *text = NULL;
	CURLU *url = curl_url();
	if (url == NULL)
		return url_refused(CURLUE_OUT_OF_MEMORY, why);
	enum err err = url_parse(url, request->url, why);
	if (err == ERR_OK && request->tls.server_name != NULL) {
		err = url_rename(setup, url, why);
		if (err == ERR_OK && curl_url_get(url, CURLUPART_URL, &text, 0) != CURLUE_OK)
			err = url_refused(CURLUE_OUT_OF_MEMORY, why);
	}
	if (err == ERR_OK)
		setup_text(setup, CURLOPT_URL, text != NULL ? text : request->url);
	curl_free(text);
	curl_url_cleanup(url);
	return err;
}

/* The proxy's URL may hold a password and is never told. */
enum err setup_proxy(struct setup *setup, struct why *why)
{
	static const struct {
		const char *scheme, *for_curl;
	} schemes[] = {
		{"http://", "http://"},
		{"https://", "https://"},
		{"socks5://", "socks5h://"}, /* where the names are resolved is in the name */
		{"socks5h://", "socks5h://"},
	};
	const char *proxy = setup->request->proxy;
	if (proxy == NULL)
		return ERR_OK;
	char text[PROXY_SIZE_MAX + 16] = "";
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0] && proxy[0] != '\0'; i++) {
		size_t size = strlen(schemes[i].scheme);
		if (strncasecmp(proxy, schemes[i].scheme, size) == 0)
			(void)snprintf(text, sizeof text, "%s%s", schemes[i].for_curl, proxy + size);
	}
	if (proxy[0] != '\0' && (text[0] == '\0' || !one_line(proxy))) {
		why_set(why, "proxy: expected http://, https:// or socks5:// and HOST:PORT");
		return ERR_INVALID;
	}
	setup_text(setup, CURLOPT_PROXY, text);
	setup_text(setup, CURLOPT_NOPROXY,
	           ""); /* the environment has no say in a proxy that is named */
	return ERR_OK;
}
