#include "alidns_sign.h"

#include "alidns_time.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Parameters of a v1 request besides the action's own. */
#define COMMON_MAX 9

#define HEX_SIZE    (2 * SHA256_DIGEST_LENGTH + 1)
#define BASE64_SIZE 29 /* of an SHA-1, its NUL included */

/* --- texts that may hold a token ---------------------------------------------------------- */

/* All the memory that `size` octets take, at once: a buffer that grows would leave copies behind.
 * Appending up to there can't fail, so that put() has nothing to tell. */
static bool reserve(struct buf *buf, size_t size)
{
	buf_init(buf, size);
	buf->data = malloc(size + 1);
	buf->room = buf->data != NULL ? size + 1 : 0;
	return buf->data != NULL;
}

static void put_bytes(struct buf *buf, struct bytes more)
{
	enum err err = buf_add(buf, more);
	assert(err == ERR_OK); /* reserved */
	(void)err;
}

static void put(struct buf *buf, const char *text)
{
	put_bytes(buf, bytes_of(text));
}

static bool unreserved(uint8_t octet)
{
	uint8_t lower = octet_lower(octet);
	return (lower >= 'a' && lower <= 'z') || (octet >= '0' && octet <= '9') || octet == '-' ||
	       octet == '_' || octet == '.' || octet == '~';
}

size_t percent_size(struct bytes text)
{
	size_t size = 0;
	for (size_t i = 0; i < text.size; i++)
		size += unreserved(text.data[i]) ? 1 : 3;
	return size;
}

static void put_percent(struct buf *buf, struct bytes text)
{
	static const char DIGITS[] = "0123456789ABCDEF";
	for (size_t i = 0; i < text.size; i++) {
		uint8_t octet = text.data[i];
		const char escape[] = {'%', DIGITS[octet >> 4], DIGITS[octet & 15]};
		if (unreserved(octet))
			put_bytes(buf, (struct bytes){&octet, 1});
		else
			put_bytes(buf, (struct bytes){(const uint8_t *)escape, sizeof escape});
	}
}

static void wipe(struct buf *buf)
{
	if (buf->data != NULL)
		OPENSSL_cleanse(buf->data, buf->room);
	buf_free(buf);
}

void signed_request_clear(struct signed_request *request)
{
	wipe(&request->query);
	wipe(&request->canonical);
	wipe(&request->text);
	request->header_count = 0;
}

/* --- what both signatures have ------------------------------------------------------------ */

static int params_compare(const void *a, const void *b)
{
	const struct alidns_param *x = a, *y = b;
	int order = bytes_compare(bytes_of(x->name), bytes_of(y->name));
	return order != 0 ? order : bytes_compare(x->value, y->value);
}

static size_t query_size(const struct alidns_param *params, size_t count)
{
	size_t size = 0;
	for (size_t i = 0; i < count; i++)
		size += percent_size(bytes_of(params[i].name)) + percent_size(params[i].value) + 2;
	return size;
}

static void put_query(struct buf *buf, const struct alidns_param *params, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		put(buf, i == 0 ? "" : "&");
		put_percent(buf, bytes_of(params[i].name));
		put(buf, "=");
		put_percent(buf, params[i].value);
	}
}

static enum err no_memory(struct signed_request *out, struct why *why)
{
	signed_request_clear(out);
	why_set(why, "no memory to sign a request");
	return ERR_NOMEM;
}

static enum err ask_check(const struct sign_ask *ask, char timestamp[TIMESTAMP_SIZE],
                          struct why *why)
{
	size_t size = 0;
	for (size_t i = 0; i < ask->param_count && i < SIGN_PARAMS_MAX; i++)
		size += strlen(ask->params[i].name) + ask->params[i].value.size;
	if (ask->param_count > SIGN_PARAMS_MAX || size > SIGN_PARAMS_SIZE_MAX ||
	    ask->body.size > HTTP_REQUEST_BODY_SIZE_MAX) {
		why_set(why, "a request of more than %d parameters, or %d octets of them", SIGN_PARAMS_MAX,
		        SIGN_PARAMS_SIZE_MAX);
		return ERR_LIMIT;
	}
	if (!timestamp_write(ask->time_s, timestamp)) {
		why_set(why, "the clock says a year that no timestamp can");
		return ERR_INVALID;
	}
	return ERR_OK;
}

/* --- ACS3-HMAC-SHA256 --------------------------------------------------------------------- */

struct header {
	const char *name, *value; /* value NULL: it isn't there */
};

static void hex_write(const uint8_t *octets, size_t size, char *text)
{
	static const char DIGITS[] = "0123456789abcdef";
	for (size_t i = 0; i < size; i++) {
		*text++ = DIGITS[octets[i] >> 4];
		*text++ = DIGITS[octets[i] & 15];
	}
	*text = '\0';
}

static void sha256_hex(struct bytes octets, char text[HEX_SIZE])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA256(octets.data, octets.size, digest);
	hex_write(digest, sizeof digest, text);
}

/* name;name;... */
static void put_names(struct buf *buf, const struct header *headers, size_t count)
{
	bool first = true;
	for (size_t i = 0; i < count; i++) {
		if (headers[i].value == NULL)
			continue;
		put(buf, first ? "" : ";");
		put(buf, headers[i].name);
		first = false;
	}
}

static void canonical_put(const struct sign_ask *ask, const struct header *headers, size_t count,
                          const char *body_hash, struct signed_request *out)
{
	struct buf *canonical = &out->canonical;
	put(canonical, ask->method);
	put(canonical, "\n/\n");
	put_bytes(canonical, buf_bytes(&out->query));
	put(canonical, "\n");
	for (size_t i = 0; i < count; i++) {
		if (headers[i].value == NULL)
			continue;
		put(canonical, headers[i].name);
		put(canonical, ":");
		put(canonical, headers[i].value);
		put(canonical, "\n");
	}
	put(canonical, "\n");
	put_names(canonical, headers, count);
	put(canonical, "\n");
	put(canonical, body_hash);
}

static bool acs3_signature(const struct signed_request *out, const char *secret,
                           char text[HEX_SIZE])
{
	char to_sign[sizeof "ACS3-HMAC-SHA256\n" + HEX_SIZE], hash[HEX_SIZE];
	uint8_t digest[SHA256_DIGEST_LENGTH];
	unsigned size = 0;
	sha256_hex(buf_bytes(&out->canonical), hash);
	int length = snprintf(to_sign, sizeof to_sign, "ACS3-HMAC-SHA256\n%s", hash);
	if (HMAC(EVP_sha256(), secret, (int)strlen(secret), (const uint8_t *)to_sign, (size_t)length,
	         digest, &size) == NULL)
		return false;
	hex_write(digest, size, text);
	return true;
}

/* The header that follows is a text of its own, with a NUL behind it. */
static void header_begin(struct signed_request *out)
{
	assert(out->header_count < SIGN_HEADERS_MAX);
	out->headers[out->header_count++] = (const char *)out->text.data + out->text.size;
}

static void header_end(struct signed_request *out)
{
	put_bytes(&out->text, (struct bytes){(const uint8_t *)"", 1});
}

static void headers_put(const struct sign_ask *ask, const struct header *headers, size_t count,
                        const char *signature, struct signed_request *out)
{
	struct buf *text = &out->text;
	for (size_t i = 0; i < count; i++) {
		if (headers[i].value == NULL)
			continue;
		header_begin(out);
		put(text, headers[i].name);
		put(text, ": ");
		put(text, headers[i].value);
		header_end(out);
	}
	header_begin(out);
	put(text, "Authorization: ACS3-HMAC-SHA256 Credential=");
	put(text, ask->credential->id);
	put(text, ",SignedHeaders=");
	put_names(text, headers, count);
	put(text, ",Signature=");
	put(text, signature);
	header_end(out);
}

enum err sign_acs3(const struct sign_ask *ask, struct signed_request *out, struct why *why)
{
	struct alidns_param params[SIGN_PARAMS_MAX];
	char timestamp[TIMESTAMP_SIZE], body_hash[HEX_SIZE], signature[HEX_SIZE];
	const struct credential *who = ask->credential;
	*out = (struct signed_request){.header_count = 0};
	enum err err = ask_check(ask, timestamp, why);
	if (err != ERR_OK)
		return err;
	sha256_hex(ask->body, body_hash);
	const struct header headers[] = {
		/* sorted, as they are signed */
		{"content-type", ask->content_type},
		{"host", ask->host},
		{"x-acs-accesskey-id", who->token != NULL ? who->id : NULL},
		{"x-acs-action", ask->action},
		{"x-acs-content-sha256", body_hash},
		{"x-acs-credentials-provider", ask->origin},
		{"x-acs-date", timestamp},
		{"x-acs-security-token", who->token},
		{"x-acs-signature-nonce", ask->nonce},
		{"x-acs-version", SIGN_VERSION},
	};
	const size_t count = sizeof headers / sizeof headers[0];
	size_t text_size = 512 + strlen(who->id); /* Authorization: its words, names and signature */
	for (size_t i = 0; i < count; i++)
		text_size +=
			strlen(headers[i].name) + 3 + (headers[i].value != NULL ? strlen(headers[i].value) : 0);
	if (ask->param_count != 0)
		memcpy(params, ask->params, ask->param_count * sizeof *params);
	qsort(params, ask->param_count, sizeof *params, params_compare);
	size_t size = query_size(params, ask->param_count);
	if (!reserve(&out->query, size) || !reserve(&out->text, text_size) ||
	    !reserve(&out->canonical, size + text_size))
		return no_memory(out, why);
	put_query(&out->query, params, ask->param_count);
	canonical_put(ask, headers, count, body_hash, out);
	if (!acs3_signature(out, who->secret, signature))
		return no_memory(out, why);
	headers_put(ask, headers, count, signature, out);
	return ERR_OK;
}

/* --- RPC HMAC-SHA1 ------------------------------------------------------------------------ */

static bool v1_signature(const struct signed_request *out, const char *secret,
                         char text[BASE64_SIZE])
{
	char key[CREDENTIAL_SIZE_MAX + 1];
	uint8_t digest[SHA_DIGEST_LENGTH];
	unsigned size = 0;
	int key_size = snprintf(key, sizeof key, "%s&", secret);
	bool done = key_size > 0 && (size_t)key_size < sizeof key &&
	            HMAC(EVP_sha1(), key, key_size, out->canonical.data, out->canonical.size, digest,
	                 &size) != NULL;
	OPENSSL_cleanse(key, sizeof key);
	if (done)
		EVP_EncodeBlock((uint8_t *)text, digest, (int)size);
	return done;
}

static bool has_param(const struct sign_ask *ask, const char *name)
{
	for (size_t i = 0; i < ask->param_count; i++) {
		if (strcmp(ask->params[i].name, name) == 0)
			return true;
	}
	return false;
}

/* The action's parameters and the common ones, sorted. */
static size_t v1_params(const struct sign_ask *ask, const char *timestamp,
                        struct alidns_param *params)
{
	const struct {
		const char *name, *value; /* value NULL: it isn't there */
	} common[COMMON_MAX] = {
		{"AccessKeyId", ask->credential->id},
		{"Action", ask->action},
		{"Format", has_param(ask, "Format") ? NULL : "JSON"},
		{"SecurityToken", ask->credential->token},
		{"SignatureMethod", "HMAC-SHA1"},
		{"SignatureNonce", ask->nonce},
		{"SignatureVersion", "1.0"},
		{"Timestamp", timestamp},
		{"Version", has_param(ask, "Version") ? NULL : SIGN_VERSION},
	};
	size_t count = ask->param_count;
	if (count != 0)
		memcpy(params, ask->params, count * sizeof *params);
	for (size_t i = 0; i < COMMON_MAX; i++) {
		if (common[i].value != NULL)
			params[count++] = (struct alidns_param){common[i].name, bytes_of(common[i].value)};
	}
	qsort(params, count, sizeof *params, params_compare);
	return count;
}

enum err sign_v1(const struct sign_ask *ask, struct signed_request *out, struct why *why)
{
	struct alidns_param params[SIGN_PARAMS_MAX + COMMON_MAX];
	char timestamp[TIMESTAMP_SIZE], signature[BASE64_SIZE];
	*out = (struct signed_request){.header_count = 0};
	enum err err = ask_check(ask, timestamp, why);
	if (err != ERR_OK)
		return err;
	size_t count = v1_params(ask, timestamp, params);
	size_t size = query_size(params, count);
	if (!reserve(&out->query, size + sizeof "&Signature=" + (size_t)3 * BASE64_SIZE) ||
	    !reserve(&out->canonical, strlen(ask->method) + sizeof "&%2F&" + 3 * size))
		return no_memory(out, why);
	put_query(&out->query, params, count);
	put(&out->canonical, ask->method);
	put(&out->canonical, "&%2F&");
	put_percent(&out->canonical, buf_bytes(&out->query));
	if (!v1_signature(out, ask->credential->secret, signature))
		return no_memory(out, why);
	put(&out->query, "&Signature=");
	put_percent(&out->query, bytes_of(signature));
	return ERR_OK;
}
