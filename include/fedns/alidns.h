/* alidns: one call of Alibaba Cloud's RPC APIs: signed, sent, its answer read. No retries, no
 * quotas: provider.h sees to those.
 *
 * http.h, credentials.h, plan.h (records) --> [alidns.h] --> provider.h
 *
 * Facts: Alidns 2015-01-09; signatures ACS3-HMAC-SHA256 and RPC HMAC-SHA1.
 */
#ifndef FEDNS_ALIDNS_H
#define FEDNS_ALIDNS_H

#include "fedns/base.h"
#include "fedns/credentials.h"
#include "fedns/http.h"
#include "fedns/plan.h"

#include <jansson.h>

#define ALIDNS_PARAMS_MAX     32
#define ALIDNS_REPLY_SIZE_MAX (4 << 20) /* a page of 500 records takes 200 KB */
#define ALIDNS_PAGE_SIZE      500       /* records of one DescribeDomainRecords */
#define ALIDNS_CALL_MS        20000     /* what one call may take */
#define ALIDNS_SERVERS_MAX    16

enum alidns_signature { ALIDNS_ACS3, ALIDNS_V1 };

struct alidns;
struct alidns_call;

struct alidns_setup {
	uv_loop_t *loop;
	struct http *http;               /* the caller's; outlives the client */
	struct credentials *credentials; /* likewise */
	const char *endpoint;            /* "https://alidns.aliyuncs.com"; copied */
	enum alidns_signature signature;
	int64_t (*now_ms)(void *arg); /* the wall clock, ms since 1970 */
	void *now_arg;
};

MUST_CHECK enum err alidns_new(const struct alidns_setup *setup, struct alidns **out,
                               struct why *why);
/** Calls under way are cancelled, untold. NULL is fine. */
void alidns_free(struct alidns *alidns);

struct alidns_param {
	const char *name;
	struct bytes value; /* UTF-8 */
};

/** What an answer means for the one who asked. By Code alone (section 6 of the facts). */
enum alidns_class {
	ALIDNS_DONE,
	ALIDNS_THROTTLED,   /* wait, ask again */
	ALIDNS_BUSY,        /* the domain's last operation isn't finished: one at a time for a while */
	ALIDNS_AGAIN,       /* trouble of the moment at the provider: ask again; it was not done */
	ALIDNS_LOST,        /* no answer, or none that can be read: it may have been done */
	ALIDNS_CLOCK,       /* our clock was off; the offset is learnt: ask again at once */
	ALIDNS_CREDENTIALS, /* who we are, or what we may do */
	ALIDNS_DOMAIN,      /* the domain isn't there, isn't ours, or is forbidden */
	ALIDNS_EXISTS,      /* such a record is there already */
	ALIDNS_GONE,        /* the record isn't there any more */
	ALIDNS_RECORD,      /* this record is refused: conflict, quota, TTL, level, type, locked, ... */
};

/** Borrowed for the callback. */
struct alidns_reply {
	enum alidns_class class;
	unsigned status;        /* HTTP; 0: no answer */
	const char *code;       /* of an error; "": none */
	const char *message;    /* a sentence for people, without secrets; "": none */
	const char *request_id; /* "": none */
	uint32_t wait_ms;       /* x-acs-retry-after; 0: not said */
	json_t *body;           /* of a good answer; else NULL */
};

/** The end of a call, on the loop, once, never from within alidns_call(). */
typedef void alidns_done(void *arg, const struct alidns_reply *reply);

/** Begin `action` with `params`, signed anew. Credentials are waited for. ERR_LIMIT, ERR_NOMEM,
 * ERR_INVALID: nothing will be told. */
MUST_CHECK enum err alidns_call(struct alidns *alidns, const char *action,
                                const struct alidns_param *params, size_t count, alidns_done *done,
                                void *arg, struct alidns_call **out, struct why *why);
/** It is not told any more. What was sent is not called back. */
void alidns_cancel(struct alidns_call *call);

/** The class of a Code; `status` is looked at only where `code` is empty. Pure. */
enum alidns_class alidns_classify(const char *code, unsigned status);

/* --- reading answers: pure ---------------------------------------------------------------- */

/** DescribeDomainRecords and DescribeSubDomainRecords: append all records of the page to `out`,
 * marked by `owner` ("fedns:OWNER"). ERR_INVALID: not such an answer. */
MUST_CHECK enum err alidns_read_records(const json_t *body, const char *owner,
                                        struct record_list *out, size_t *total, struct why *why);

struct alidns_domain {
	char edition[64];    /* VersionCode: "mianfei", "version_enterprise_advanced", ... */
	uint32_t ttl_min_s;  /* MinTtl, or by the edition */
	unsigned levels_max; /* by the edition */
	unsigned same_max;   /* likewise */
	char servers[ALIDNS_SERVERS_MAX][256]; /* DnsServers, as text */
	size_t server_count;
};
MUST_CHECK enum err alidns_read_domain(const json_t *body, struct alidns_domain *out,
                                       struct why *why);
/** RecordId of an AddDomainRecord's answer, borrowed; NULL: none. */
const char *alidns_read_id(const json_t *body);

#endif
