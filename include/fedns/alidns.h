/* alidns: one call of Alibaba Cloud's RPC APIs: signed, sent, its answer read. No retries, no
 * quotas: provider.h sees to those.
 *
 * http.h, credentials.h, plan.h (records) --> [alidns.h] --> provider.h
 *
 * API version 2015-01-09; signatures ACS3-HMAC-SHA256 and RPC HMAC-SHA1.
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
#define ALIDNS_CALL_MS        20000     /* what one call may take, once there are credentials */
#define ALIDNS_CALLS_MAX      256       /* under way */
#define ALIDNS_NAME_SIZE_MAX  64        /* octets of an action's, or a parameter's name */
#define ALIDNS_SERVERS_MAX    16
#define ALIDNS_ID_SIZE_MAX    63 /* octets of a RecordId: 20 digits, and then some */

enum alidns_signature { ALIDNS_ACS3, ALIDNS_V1 };

struct alidns;
struct alidns_call;

struct alidns_setup {
	uv_loop_t *loop;
	struct http *http;               /* the caller's; outlives the client */
	struct credentials *credentials; /* likewise */
	const char *endpoint; /* "https://alidns.aliyuncs.com"; "HOST[:PORT]": https; copied */
	enum alidns_signature signature;
	uint32_t call_ms;             /* 0: ALIDNS_CALL_MS */
	int64_t (*now_ms)(void *arg); /* the wall clock, ms since 1970 */
	void *now_arg;
	/** May a call be sent now? Asked when its credentials have come, which may be long after it
	 * began; one that may not is told as ALIDNS_AGAIN. NULL: always. */
	bool (*may_send)(void *arg);
	void *send_arg;
};

/** ERR_INVALID (the endpoint), ERR_NOMEM. */
MUST_CHECK enum err alidns_new(const struct alidns_setup *setup, struct alidns **out,
                               struct why *why);
/** Calls under way are cancelled, untold; from within a `done` as well. A handle closes on the
 * loop, which must run until it has. NULL is fine. */
void alidns_free(struct alidns *alidns);

struct alidns_param {
	const char *name;
	struct bytes value; /* UTF-8 */
};

/**
 * What an answer means for the one who asked. By Code alone: messages change.
 *
 * After ALIDNS_LOST a write may have been done or not: read before it is asked again. It is what
 * InternalError, ServiceUnavailable and any 5xx without a Code that we know are, for they don't say
 * how far they had come; and SignatureNonceUsed: each call has a nonce of its own, so this one got
 * there twice (libcurl sends again where a kept connection turns out to be closed), and what became
 * of the first has been told to nobody.
 */
enum alidns_class {
	ALIDNS_DONE,
	ALIDNS_THROTTLED, /* wait, ask again */
	ALIDNS_BUSY,      /* the domain's last operation isn't finished: one at a time for a while */
	ALIDNS_AGAIN,     /* trouble of the moment at the provider: ask again; it was not done */
	ALIDNS_LOST,      /* no answer, or none that can be read: it may have been done */
	/* Our clock was off; the offset is learnt: ask again at once. Where there is none to be learnt
	 * (the answer's Date says what we took it for) it is ALIDNS_CREDENTIALS. */
	ALIDNS_CLOCK,
	ALIDNS_CREDENTIALS, /* who we are, or what we may do */
	ALIDNS_DOMAIN,      /* the domain isn't there, isn't ours, or is forbidden */
	ALIDNS_EXISTS,      /* such a record is there already */
	ALIDNS_GONE,        /* the record isn't there any more */
	/* This record is refused: conflict, quota, TTL, level, type, locked, ...; or a Code that we
	 * don't know, with a status below 500. It was not done. */
	ALIDNS_RECORD,
};

/** Borrowed for the callback. */
struct alidns_reply {
	enum alidns_class class;
	unsigned status;        /* HTTP; 0: no answer */
	const char *code;       /* of an error; "": none */
	const char *message;    /* a sentence for people, without secrets; "": none */
	const char *request_id; /* "": none */
	uint32_t wait_ms;       /* x-acs-retry-after, or Retry-After; 0: not said; up to 10 min */
	json_t *body;           /* ALIDNS_DONE: the answer; else NULL */
};

/** The end of a call, on the loop, once, never from within alidns_call(). */
typedef void alidns_done(void *arg, const struct alidns_reply *reply);

/**
 * Begin `action` with `params`, which are copied; signed anew, with a nonce of its own. Credentials
 * are waited for, as long as those take; that there are none is told as ALIDNS_CREDENTIALS, or as
 * ALIDNS_AGAIN where they could not be fetched (ERR_IO). Messages are asked for in English.
 * Connections are kept for the next call. ERR_LIMIT (a maximum above, HTTP_URL_SIZE_MAX),
 * ERR_NOMEM, ERR_INVALID (a name that is none): nothing will be told.
 */
MUST_CHECK enum err alidns_call(struct alidns *alidns, const char *action,
                                const struct alidns_param *params, size_t count, alidns_done *done,
                                void *arg, struct alidns_call **out, struct why *why);
/** It is not told any more, and `call` is gone. What was sent is not called back. Within its own
 * `done` this does nothing. */
void alidns_cancel(struct alidns_call *call);

/** The class of a Code; `status` is looked at only where `code` is empty, or none that we know.
 * Pure. */
enum alidns_class alidns_classify(const char *code, unsigned status);

/* --- reading answers: pure ---------------------------------------------------------------- */

/** DescribeDomainRecords and DescribeSubDomainRecords: append all records of the page to `out`;
 * those are ours whose remark is "fedns:" and `owner`, to the octet. `total`: TotalCount, of all
 * pages. ERR_INVALID: not such an answer, or a record without id or name, or with an id above
 * ALIDNS_ID_SIZE_MAX; nothing is appended.
 * ERR_LIMIT, ERR_NOMEM: some may be. */
MUST_CHECK enum err alidns_read_records(const json_t *body, const char *owner,
                                        struct record_list *out, size_t *total, struct why *why);

/** What isn't said is by the edition; of an edition that isn't known 600 s, and 0: any. */
struct alidns_domain {
	char edition[64];    /* VersionCode: "mianfei", "version_enterprise_advanced", ... */
	uint32_t ttl_min_s;  /* MinTtl, or by the edition */
	unsigned levels_max; /* by the edition */
	unsigned same_max;   /* likewise */
	char servers[ALIDNS_SERVERS_MAX][256]; /* DnsServers, as text */
	size_t server_count;
};
/** DescribeDomainInfo with NeedDetailAttributes. ERR_INVALID: not such an answer. */
MUST_CHECK enum err alidns_read_domain(const json_t *body, struct alidns_domain *out,
                                       struct why *why);
/** RecordId of an AddDomainRecord's answer, borrowed; NULL: none. */
const char *alidns_read_id(const json_t *body);

#endif
