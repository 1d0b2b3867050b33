/* alidns_bed: a client and the server it speaks to, on one loop, with a clock of the test's; and
 * what was told. */
#ifndef FEDNS_TESTS_ALIDNS_BED_H
#define FEDNS_TESTS_ALIDNS_BED_H

#include "check.h"

#include "fake_credentials.h"
#include "fedns/alidns.h"
#include "net/http_bench.h"

#include <stdlib.h>
#include <string.h>

#define BED_NOW_MS INT64_C(1767323045000) /* 2026-01-02T03:04:05Z */

struct bed {
	struct bench bench;
	struct script_route routes[2]; /* "/" */
	struct credentials credentials;
	int64_t now_ms;
	bool shut; /* nothing may be sent */
	struct alidns *alidns;
};

/* What one call was told. */
struct heard {
	struct bed *bed;
	struct alidns_call *call;
	unsigned dones;
	enum alidns_class class;
	unsigned status;
	uint32_t wait_ms;
	char code[128], message[WHY_TEXT_SIZE], request_id[64], record_id[64];
	bool has_body;
	void (*then)(struct heard *heard); /* last */
};

static inline int64_t bed_now_ms(void *arg)
{
	return *(const int64_t *)arg;
}

static inline bool bed_may_send(void *arg)
{
	return !*(const bool *)arg;
}

static inline void bed_start_as(struct bed *bed, enum alidns_signature signature, uint32_t call_ms,
                                SSL_CTX *tls)
{
	struct why why = {{0}};
	char endpoint[64];
	memset(bed, 0, sizeof *bed);
	bed->routes[0] = (struct script_route){.path = "/", .octets = ""};
	bed->credentials.give = (struct credential){"testid", "testsecret", NULL};
	bed->now_ms = BED_NOW_MS;
	bench_start(&bed->bench, bed->routes);
	bed->bench.server.tls = tls;
	(void)snprintf(endpoint, sizeof endpoint, "%s", bench_url(&bed->bench, "/"));
	const struct alidns_setup setup = {.loop = &bed->bench.loop,
	                                   .http = bed->bench.http,
	                                   .credentials = &bed->credentials,
	                                   .endpoint = endpoint,
	                                   .signature = signature,
	                                   .call_ms = call_ms,
	                                   .now_ms = bed_now_ms,
	                                   .now_arg = &bed->now_ms,
	                                   .may_send = bed_may_send,
	                                   .send_arg = &bed->shut};
	if (alidns_new(&setup, &bed->alidns, &why) != ERR_OK)
		fail_msg("%s", why.text);
}

static inline void bed_start(struct bed *bed)
{
	bed_start_as(bed, ALIDNS_ACS3, 0, NULL);
}

static inline void bed_stop(struct bed *bed)
{
	alidns_free(bed->alidns);
	assert_null(bed->credentials.waiting);
	bench_stop(&bed->bench);
}

/* What the server says from now on; `octets` stays where it is. */
static inline void bed_answers(struct bed *bed, const char *octets, enum script_then then)
{
	bed->routes[0].octets = octets;
	bed->routes[0].then = then;
}

static inline void bed_told(void *arg, const struct alidns_reply *reply)
{
	struct heard *heard = arg;
	const char *id = alidns_read_id(reply->body);
	heard->dones++;
	heard->class = reply->class;
	heard->status = reply->status;
	heard->wait_ms = reply->wait_ms;
	heard->has_body = reply->body != NULL;
	(void)snprintf(heard->code, sizeof heard->code, "%s", reply->code);
	(void)snprintf(heard->message, sizeof heard->message, "%s", reply->message);
	(void)snprintf(heard->request_id, sizeof heard->request_id, "%s", reply->request_id);
	(void)snprintf(heard->record_id, sizeof heard->record_id, "%s", id != NULL ? id : "");
	if (heard->then != NULL)
		heard->then(heard);
	uv_stop(&heard->bed->bench.loop); /* told by a timer, the loop would wait for what else comes */
}

static inline void heard_begin(struct heard *heard, struct bed *bed, const char *action,
                               const struct alidns_param *params, size_t count)
{
	struct why why = {{0}};
	unsigned dones = heard->dones;
	heard->bed = bed;
	if (alidns_call(bed->alidns, action, params, count, bed_told, heard, &heard->call, &why) !=
	    ERR_OK)
		fail_msg("%s", why.text);
	assert_non_null(heard->call);
	assert_int_equal(heard->dones, dones); /* never from within */
}

/* Until it was told `dones` times in all. */
static inline void heard_finish(const struct heard *heard, unsigned dones)
{
	while (heard->dones < dones)
		uv_run(&heard->bed->bench.loop, UV_RUN_ONCE);
	assert_int_equal(heard->dones, dones);
}

static inline void bed_call(struct bed *bed, struct heard *heard, const char *action,
                            const struct alidns_param *params, size_t count)
{
	memset(heard, 0, sizeof *heard);
	heard_begin(heard, bed, action, params, count);
	heard_finish(heard, 1);
}

/* A call without parameters that is answered by `octets`. */
static inline void bed_ask(struct bed *bed, struct heard *heard, const char *octets,
                           enum script_then then)
{
	bed_answers(bed, octets, then);
	bed_call(bed, heard, "DescribeDomains", NULL, 0);
}

static inline void heard_expect(const struct heard *heard, enum alidns_class class,
                                const char *code, const char *words)
{
	if (heard->class != class || strcmp(heard->code, code) != 0 ||
	    strstr(heard->message, words) == NULL)
		fail_msg("class %d, code %s: %s; expected %d, %s: %s", heard->class, heard->code,
		         heard->message, class, code, words);
}

/* HTTP as the API answers; the connection is kept. `extra`: further headers, each with CRLF. */
static inline const char *answer_of(char *out, size_t size, unsigned status, const char *extra,
                                    const char *body)
{
	(void)snprintf(out, size,
	               "HTTP/1.1 %u Said\r\nContent-Type: application/json;charset=utf-8\r\n"
	               "Content-Length: %zu\r\n%s\r\n%s",
	               status, strlen(body), extra, body);
	return out;
}

#endif
