#include "sts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define REGION_SIZE_MAX 64

/* Is it made of these signs, and not empty? */
static bool is_made_of(const char *text, const char *signs, size_t size_max)
{
	size_t size = strlen(text);
	return size > 0 && size <= size_max && strspn(text, signs) == size;
}

#define WORD_SIGNS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"

/* "HOST", "HOST:PORT", with or without a scheme. */
static enum err endpoint_base(const char *text, char base[STS_BASE_SIZE], struct why *why)
{
	const char *host = text;
	bool plain = strncasecmp(text, "http://", 7) == 0;
	if (plain || strncasecmp(text, "https://", 8) == 0)
		host += plain ? 7 : 8;
	if (!is_made_of(host, WORD_SIGNS ".:[]", STS_BASE_SIZE - sizeof "https://")) {
		why_set(why, "ALIBABA_CLOUD_STS_ENDPOINT is no HOST or HOST:PORT");
		return ERR_INVALID;
	}
	(void)snprintf(base, STS_BASE_SIZE, "%s%s", plain ? "http://" : "https://", host);
	return ERR_OK;
}

enum err sts_base(const struct credentials *credentials, const struct way *way,
                  char base[STS_BASE_SIZE], struct why *why)
{
	const char *endpoint = env_text(credentials, "ALIBABA_CLOUD_STS_ENDPOINT");
	if (endpoint != NULL)
		return endpoint_base(endpoint, base, why);
	const char *region = way->sts_region;
	if (region == NULL)
		region = env_text(credentials, "ALIBABA_CLOUD_STS_REGION");
	if (region == NULL) {
		(void)snprintf(base, STS_BASE_SIZE, "https://sts.aliyuncs.com");
		return ERR_OK;
	}
	if (!is_made_of(region, WORD_SIGNS, REGION_SIZE_MAX)) {
		why_set(why, "the region of STS is no region's name such as cn-hangzhou");
		return ERR_INVALID;
	}
	bool vpc = way->sts_vpc || env_true(credentials, "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED");
	(void)snprintf(base, STS_BASE_SIZE, "https://sts%s.%s.aliyuncs.com", vpc ? "-vpc" : "", region);
	return ERR_OK;
}

static bool text_add(struct secret_memory *form, const char *text)
{
	return secret_memory_add(form, bytes_of(text));
}

static bool percent_add(struct secret_memory *form, struct bytes value)
{
	static const char HEX[] = "0123456789ABCDEF";
	for (size_t i = 0; i < value.size; i++) {
		uint8_t octet = value.data[i];
		bool plain = octet != '\0' && strchr(WORD_SIGNS "_.~", octet) != NULL;
		const uint8_t three[3] = {'%', (uint8_t)HEX[octet >> 4], (uint8_t)HEX[octet & 15]};
		const struct bytes run = plain ? (struct bytes){&octet, 1} : (struct bytes){three, 3};
		if (!secret_memory_add(form, run))
			return false;
	}
	return true;
}

bool form_add(struct secret_memory *form, size_t from, const char *name, struct bytes value)
{
	return (form->used == from || text_add(form, "&")) && text_add(form, name) &&
	       text_add(form, "=") && percent_add(form, value);
}

enum err sts_post(struct fetch *fetch, const char *url, struct bytes form, exchange_done *done,
                  struct why *why)
{
	static const char *const HEADERS[] = {
		"Content-Type: application/x-www-form-urlencoded",
		"Accept: application/json",
	};
	const struct http_request request = {
		.method = "POST",
		.url = url,
		.headers = HEADERS,
		.header_count = sizeof HEADERS / sizeof HEADERS[0],
		.body = form,
		.own_connection = true, /* sent twice, its nonce would be used */
		.connect_timeout_ms = STS_CONNECT_MS,
		.idle_timeout_ms = STS_CONNECT_MS + STS_READ_MS,
		.total_timeout_ms = STS_CONNECT_MS + STS_READ_MS,
	};
	return exchange_start(&fetch->exchange, fetch->credentials->setup.http, &request, done, fetch,
	                      why);
}

void sts_take(struct fetch *fetch, enum err err, unsigned status, struct bytes body,
              const struct bytes *secrets, size_t secret_count, const char *role,
              const struct why *why)
{
	struct why sentence = *why;
	if (err == ERR_OK && status == 200)
		err = grant_read(body, GRANT_STS, credentials_now(fetch->credentials), &fetch->grant,
		                 &sentence);
	else if (err == ERR_OK)
		err = refusal_say(status, body, secrets, secret_count, &sentence);
	if (err != ERR_OK)
		why_wrap(&sentence, "role %s", role);
	fetch_told(fetch, err, &sentence);
}
