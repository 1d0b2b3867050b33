/* alidns_sign: the two signatures of Alibaba Cloud's RPC APIs. Pure: nonce and time are handed in.
 *
 * Facts: section 2.1 (RPC HMAC-SHA1, "v1") and 2.2 (ACS3-HMAC-SHA256). */
#ifndef FEDNS_PROVIDER_ALIDNS_SIGN_H
#define FEDNS_PROVIDER_ALIDNS_SIGN_H

#include "fedns/alidns.h"

#define SIGN_VERSION     "2015-01-09" /* of Alidns */
#define SIGN_PARAMS_MAX  128          /* a batch has several a record */
#define SIGN_HEADERS_MAX 12
/* Octets of all names and values of one request, before they are encoded: a record's text three
 * times over. */
#define SIGN_PARAMS_SIZE_MAX 16384

/** All borrowed. */
struct sign_ask {
	const char *method; /* "POST", "GET" */
	const char *host;   /* as Host: says it, with a port that isn't the scheme's */
	const char *action;
	const struct alidns_param *params; /* of the action; names occur once */
	size_t param_count;                /* up to SIGN_PARAMS_MAX */
	const struct credential *credential;
	const char *nonce;
	int64_t time_s; /* since 1970 */
	/* ACS3 alone */
	const char *origin;       /* x-acs-credentials-provider; NULL: left out */
	const char *content_type; /* of `body`; NULL: there is none */
	struct bytes body;        /* a form, in place of `params` */
};

/** What is to be sent, and what was signed. The memory is wiped when it is given back. */
struct signed_request {
	struct buf query;     /* ACS3: of the URL. v1: of the URL of a GET, or the body of a POST */
	struct buf canonical; /* ACS3: the canonical request. v1: the string to sign */
	const char *headers[SIGN_HEADERS_MAX]; /* "name: value", in `text` */
	size_t header_count;
	struct buf text;
};

/** ERR_NOMEM; ERR_LIMIT (more params, or longer ones, than above); ERR_INVALID (a time that has no
 * text): `out` is empty. */
MUST_CHECK enum err sign_acs3(const struct sign_ask *ask, struct signed_request *out,
                              struct why *why);
/** Likewise; `Format` is JSON, and `Version` that of Alidns, where the params name none. */
MUST_CHECK enum err sign_v1(const struct sign_ask *ask, struct signed_request *out,
                            struct why *why);
/** Twice is fine. */
void signed_request_clear(struct signed_request *request);

/** Octets of `text` when all but A-Z a-z 0-9 - _ . ~ are "%XX" (RFC 3986). */
size_t percent_size(struct bytes text);

#endif
