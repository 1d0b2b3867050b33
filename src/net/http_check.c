/* What a request may not say. */
#include "http_setup.h"

#include <string.h>

#define METHOD_SIZE_MAX 16

/* A token of RFC 9110 section 5.6.2. */
static bool token(struct bytes text)
{
	static const char ALLOWED[] = "!#$%&'*+-.^_`|~0123456789"
								  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] == '\0' || strchr(ALLOWED, text.data[i]) == NULL)
			return false;
	}
	return text.size != 0;
}

bool one_line(const char *text)
{
	for (; *text != '\0'; text++) {
		if (((unsigned char)*text < 0x20 && *text != '\t') || *text == 0x7f)
			return false;
	}
	return true;
}

struct bytes header_name(const char *header)
{
	const char *colon = strchr(header, ':');
	if (colon == NULL)
		return (struct bytes){NULL, 0};
	return (struct bytes){(const uint8_t *)header, (size_t)(colon - header)};
}

/* The text of a bad header isn't told: it may be a secret. */
static enum err headers_check(const struct http_request *request, struct why *why)
{
	size_t size = 0;
	if (request->header_count > HTTP_HEADERS_MAX) {
		why_set(why, "%zu request headers, more than %d", request->header_count, HTTP_HEADERS_MAX);
		return ERR_LIMIT;
	}
	for (size_t i = 0; i < request->header_count; i++) {
		const char *header = request->headers[i];
		struct bytes name = header_name(header);
		if (!token(name) || name.size > HTTP_HEADER_NAME_SIZE_MAX || !one_line(header)) {
			why_set(why, "request header %zu is not of the form NAME: VALUE", i + 1);
			return ERR_INVALID;
		}
		size += strlen(header);
		if (size > HTTP_HEADERS_SIZE_MAX) {
			why_set(why, "request headers of more than %d octets", HTTP_HEADERS_SIZE_MAX);
			return ERR_LIMIT;
		}
	}
	return ERR_OK;
}

bool header_given(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->header_count; i++) {
		if (bytes_equal_nocase(header_name(request->headers[i]), bytes_of(name)))
			return true;
	}
	return false;
}

static enum err sizes_check(const struct http_request *request, struct why *why)
{
	const struct {
		const char *what;
		size_t size, size_max;
	} parts[] = {
		{"URL", strlen(request->url), HTTP_URL_SIZE_MAX},
		{"request body", request->body.size, HTTP_REQUEST_BODY_SIZE_MAX},
		{"CA certificates", request->tls.ca.size, HTTP_PEM_SIZE_MAX},
		{"client certificate", request->tls.certificate.size, HTTP_PEM_SIZE_MAX},
		{"client key", request->tls.key.size, HTTP_PEM_SIZE_MAX},
		{"proxy URL", request->proxy == NULL ? 0 : strlen(request->proxy), PROXY_SIZE_MAX},
	};
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (parts[i].size > parts[i].size_max) {
			why_set(why, "%s of more than %zu octets", parts[i].what, parts[i].size_max);
			return ERR_LIMIT;
		}
	}
	return ERR_OK;
}

enum err setup_check(const struct setup *setup, struct why *why)
{
	struct bytes method = bytes_of(setup->method);
	enum err err = sizes_check(setup->request, why);
	if (err != ERR_OK)
		return err;
	if (!token(method) || method.size > METHOD_SIZE_MAX) {
		why_set(why, "the method is no word of at most %d octets", METHOD_SIZE_MAX);
		return ERR_INVALID;
	}
	if (setup->request->user_agent != NULL && !one_line(setup->request->user_agent)) {
		why_set(why, "the user agent is not one line");
		return ERR_INVALID;
	}
	return headers_check(setup->request, why);
}
