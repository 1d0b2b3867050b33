/* A call waits for credentials, is sent, is told. One that can't be sent is told by the timer
 * `turn`: never from within alidns_call(), nor from within the credentials'. */
#include "fedns/alidns.h"

#include "alidns_endpoint.h"
#include "alidns_reply.h"
#include "alidns_sign.h"
#include "nonce.h"

#include <assert.h>
#include <ctype.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_MS 10000

/* The API takes a clock that is off by up to 15 minutes. What an answer says of ours is off by as
 * long as it was under way; a smaller step than this isn't what the refusal was about. */
#define CLOCK_STEP_MS 10000

enum phase {
	PHASE_CREDENTIALS,
	PHASE_SENT,
	PHASE_FAILED,
	PHASE_DUE, /* failed before this turn */
	PHASE_TOLD,
};

/* Not 0: what fails again as soon as it is told must leave the loop its turn. */
#define TURN_MS 1

struct alidns_call {
	struct alidns *alidns;
	size_t slot; /* of the client's calls */
	enum phase phase;
	alidns_done *done;
	void *arg;
	struct credentials_wait wait; /* of PHASE_CREDENTIALS */
	struct http_call *http;       /* of PHASE_SENT */
	int64_t offset_ms;            /* of the clock that it was signed by */
	enum alidns_class class;      /* of PHASE_FAILED, with `why` */
	struct why why;
	const char *action;
	struct alidns_param params[ALIDNS_PARAMS_MAX + 1]; /* Lang is ours */
	size_t param_count;
	char text[]; /* what they point to */
};

struct alidns {
	struct alidns_setup setup;
	struct endpoint endpoint;
	struct alidns_call *calls[ALIDNS_CALLS_MAX]; /* NULL: a free slot */
	int64_t offset_ms;                           /* the server's clock less ours */
	uv_timer_t turn;
	bool freed;
};

/* --- a call's end ------------------------------------------------------------------------- */

static void call_leave(struct alidns_call *call)
{
	call->alidns->calls[call->slot] = NULL;
}

/* Neither the call's client nor its caller need be there any more when this returns. */
static void call_tell(struct alidns_call *call, const struct alidns_reply *reply)
{
	call_leave(call);
	call->phase = PHASE_TOLD;
	call->done(call->arg, reply);
	free(call);
}

static void turn_taken(uv_timer_t *turn)
{
	struct alidns *alidns = turn->data;
	struct alidns_call *call;
	for (size_t i = 0; i < ALIDNS_CALLS_MAX; i++) {
		if ((call = alidns->calls[i]) != NULL && call->phase == PHASE_FAILED)
			call->phase = PHASE_DUE;
	}
	/* Who is told may cancel others, or all: then their slots are free. */
	for (size_t i = 0; i < ALIDNS_CALLS_MAX; i++) {
		if ((call = alidns->calls[i]) == NULL || call->phase != PHASE_DUE)
			continue;
		struct answer answer;
		answer_none(call->class, 0, &call->why, &answer);
		call_tell(call, &answer.reply);
		answer_clear(&answer);
	}
}

static void call_fail(struct alidns_call *call, enum alidns_class class)
{
	call->phase = PHASE_FAILED;
	call->class = class;
	if (!uv_is_active((uv_handle_t *)&call->alidns->turn))
		uv_timer_start(&call->alidns->turn, turn_taken, TURN_MS, 0);
}

/* A timestamp was refused. */
static enum alidns_class clock_learn(struct alidns_call *call, const struct answer *answer)
{
	struct alidns *alidns = call->alidns;
	if (!answer->dated)
		return ALIDNS_CREDENTIALS;
	int64_t offset_ms = answer->date_s * 1000 - alidns->setup.now_ms(alidns->setup.now_arg);
	/* against what this call was signed by: another call may have learnt it before */
	if (llabs(offset_ms - call->offset_ms) <= CLOCK_STEP_MS)
		return ALIDNS_CREDENTIALS;
	alidns->offset_ms = offset_ms;
	return ALIDNS_CLOCK;
}

static void answered(void *arg, enum err err, const struct http_response *response,
                     const struct why *why)
{
	struct alidns_call *call = arg;
	struct alidns *alidns = call->alidns;
	struct answer answer;
	call->http = NULL;
	if (err == ERR_OK) {
		answer_read(response, &answer);
	} else {
		call->why = *why;
		why_wrap(&call->why, "%s: no answer", alidns->endpoint.host);
		answer_none(ALIDNS_LOST, response->status, &call->why, &answer);
	}
	if (answer.reply.class == ALIDNS_CLOCK)
		answer.reply.class = clock_learn(call, &answer);
	if (code_refuses_credential(answer.code))
		credentials_refused(alidns->setup.credentials);
	call_tell(call, &answer.reply);
	answer_clear(&answer);
}

/* --- sending ------------------------------------------------------------------------------ */

/* ACS3 has all parameters in the URL, as the vendor's SDK has. v1 has them in the body: there the
 * token is one of them, and URLs are what proxies write down. */
static enum err request_start(struct alidns_call *call, const struct signed_request *request,
                              struct why *why)
{
	const struct alidns *alidns = call->alidns;
	bool v1 = alidns->setup.signature == ALIDNS_V1;
	const struct http_handlers handlers = {.done = answered, .arg = call};
	const char *headers[SIGN_HEADERS_MAX + 3];
	char url[HTTP_URL_SIZE_MAX], host[sizeof alidns->endpoint.host + sizeof "Host: "];
	size_t count = 0;
	struct bytes query = buf_bytes(&request->query);
	int size = snprintf(url, sizeof url, "%s%s%.*s", alidns->endpoint.url,
	                    v1 || query.size == 0 ? "" : "?", v1 ? 0 : (int)query.size,
	                    (const char *)query.data);
	if (size < 0 || (size_t)size >= sizeof url) {
		why_set(why, "a URL of more than %d octets", HTTP_URL_SIZE_MAX);
		return ERR_LIMIT;
	}
	headers[count++] = "Accept: application/json";
	if (v1) {
		(void)snprintf(host, sizeof host, "Host: %s", alidns->endpoint.host);
		headers[count++] = host;
		headers[count++] = "Content-Type: application/x-www-form-urlencoded";
	}
	for (size_t i = 0; i < request->header_count; i++)
		headers[count++] = request->headers[i];
	const uint32_t call_ms = alidns->setup.call_ms;
	const struct http_request http = {
		.method = "POST",
		.url = url,
		.headers = headers,
		.header_count = count,
		.body = v1 ? query : (struct bytes){.data = NULL},
		.connect_timeout_ms = CONNECT_MS,
		.total_timeout_ms = call_ms != 0 ? call_ms : ALIDNS_CALL_MS,
		.body_size_max = ALIDNS_REPLY_SIZE_MAX,
	};
	return http_start(alidns->setup.http, &http, &handlers, &call->http, why);
}

static enum err call_send(struct alidns_call *call, const struct credential *credential,
                          struct why *why)
{
	const struct alidns *alidns = call->alidns;
	char nonce[NONCE_TEXT_SIZE];
	struct signed_request request = {.header_count = 0};
	call->offset_ms = alidns->offset_ms;
	enum err err = nonce_write(nonce, why);
	if (err != ERR_OK)
		return err;
	const struct sign_ask ask = {
		.method = "POST",
		.host = alidns->endpoint.host,
		.action = call->action,
		.params = call->params,
		.param_count = call->param_count,
		.credential = credential,
		.nonce = nonce,
		.time_s = (alidns->setup.now_ms(alidns->setup.now_arg) + call->offset_ms) / 1000,
	};
	err = alidns->setup.signature == ALIDNS_V1 ? sign_v1(&ask, &request, why)
	                                           : sign_acs3(&ask, &request, why);
	if (err == ERR_OK)
		err = request_start(call, &request, why);
	signed_request_clear(&request);
	return err;
}

static void credential_came(void *arg, enum err err, const struct credential *credential,
                            const struct why *why)
{
	struct alidns_call *call = arg;
	if (err != ERR_OK) {
		call->why = *why;
		/* What could not be fetched may be there the next time; what isn't set up won't. */
		bool passing = err == ERR_IO || err == ERR_AGAIN || err == ERR_NOMEM;
		call_fail(call, passing ? ALIDNS_AGAIN : ALIDNS_CREDENTIALS);
		return;
	}
	const struct alidns_setup *setup = &call->alidns->setup;
	if (setup->may_send != NULL && !setup->may_send(setup->send_arg)) {
		why_set(&call->why, "the lease ended before the call could be sent");
		call_fail(call, ALIDNS_AGAIN);
		return;
	}
	err = call_send(call, credential, &call->why);
	if (err == ERR_OK)
		call->phase = PHASE_SENT;
	else /* of what is sent only the credentials haven't been looked at before */
		call_fail(call, err == ERR_INVALID ? ALIDNS_CREDENTIALS : ALIDNS_AGAIN);
}

/* --- a call's beginning ------------------------------------------------------------------- */

static bool name_fine(const char *name)
{
	size_t size = 0;
	for (; size <= ALIDNS_NAME_SIZE_MAX && name[size] != '\0'; size++) {
		if (!isascii(name[size]) || (!isalnum((unsigned char)name[size]) && name[size] != '.'))
			return false;
	}
	return size != 0 && size <= ALIDNS_NAME_SIZE_MAX;
}

/* `size`: octets of all texts, a NUL behind each. */
static enum err call_check(const struct alidns *alidns, const char *action,
                           const struct alidns_param *params, size_t count, size_t *size,
                           struct why *why)
{
	size_t encoded = strlen(alidns->endpoint.url) + sizeof "?Lang=en";
	*size = strlen(action) + 1;
	if (count > ALIDNS_PARAMS_MAX) {
		why_set(why, "%s: more than %d parameters", action, ALIDNS_PARAMS_MAX);
		return ERR_LIMIT;
	}
	bool fine = name_fine(action);
	for (size_t i = 0; i < count && fine; i++) {
		fine = name_fine(params[i].name);
		*size += strlen(params[i].name) + params[i].value.size + 2;
		encoded += strlen(params[i].name) + percent_size(params[i].value) + 2;
	}
	if (!fine) {
		why_set(why, "an action or a parameter has no good name");
		return ERR_INVALID;
	}
	/* v1 has them in the body, but what one signature takes the other takes, too */
	if (*size > SIGN_PARAMS_SIZE_MAX || encoded >= HTTP_URL_SIZE_MAX) {
		why_set(why, "%s: a URL of more than %d octets", action, HTTP_URL_SIZE_MAX);
		return ERR_LIMIT;
	}
	return ERR_OK;
}

static char *text_copy(char **at, struct bytes text)
{
	char *copy = *at;
	if (text.size != 0)
		memcpy(copy, text.data, text.size);
	copy[text.size] = '\0';
	*at += text.size + 1;
	return copy;
}

static struct alidns_call *call_new(struct alidns *alidns, const char *action,
                                    const struct alidns_param *params, size_t count, size_t size)
{
	struct alidns_call *call = calloc(1, sizeof *call + size);
	if (call == NULL)
		return NULL;
	char *at = call->text;
	call->alidns = alidns;
	call->action = text_copy(&at, bytes_of(action));
	for (size_t i = 0; i < count; i++) {
		struct alidns_param *param = &call->params[call->param_count++];
		param->name = text_copy(&at, bytes_of(params[i].name));
		param->value =
			(struct bytes){(const uint8_t *)text_copy(&at, params[i].value), params[i].value.size};
	}
	call->params[call->param_count++] = (struct alidns_param){"Lang", bytes_of("en")};
	return call;
}

enum err alidns_call(struct alidns *alidns, const char *action, const struct alidns_param *params,
                     size_t count, alidns_done *done, void *arg, struct alidns_call **out,
                     struct why *why)
{
	size_t size, slot = 0;
	*out = NULL;
	assert(!alidns->freed);
	enum err err = call_check(alidns, action, params, count, &size, why);
	if (err != ERR_OK)
		return err;
	while (slot < ALIDNS_CALLS_MAX && alidns->calls[slot] != NULL)
		slot++;
	if (slot == ALIDNS_CALLS_MAX) {
		why_set(why, "%s: %d calls are under way already", action, ALIDNS_CALLS_MAX);
		return ERR_LIMIT;
	}
	struct alidns_call *call = call_new(alidns, action, params, count, size);
	if (call == NULL) {
		why_set(why, "%s: out of memory", action);
		return ERR_NOMEM;
	}
	alidns->calls[slot] = call;
	call->slot = slot;
	call->done = done;
	call->arg = arg;
	call->wait = (struct credentials_wait){.done = credential_came, .arg = call};
	*out = call;
	credentials_get(alidns->setup.credentials, &call->wait);
	return ERR_OK;
}

void alidns_cancel(struct alidns_call *call)
{
	if (call->phase == PHASE_TOLD)
		return;
	if (call->phase == PHASE_CREDENTIALS)
		credentials_cancel(&call->wait);
	else if (call->phase == PHASE_SENT)
		http_cancel(call->http);
	call_leave(call);
	free(call);
}

/* --- the client --------------------------------------------------------------------------- */

enum err alidns_new(const struct alidns_setup *setup, struct alidns **out, struct why *why)
{
	*out = NULL;
	struct alidns *alidns = calloc(1, sizeof *alidns);
	if (alidns == NULL) {
		why_set(why, "out of memory");
		return ERR_NOMEM;
	}
	enum err err = endpoint_read(setup->endpoint, &alidns->endpoint, why);
	if (err != ERR_OK) {
		free(alidns);
		return err;
	}
	alidns->setup = *setup;
	alidns->setup.endpoint = NULL; /* the caller's */
	uv_timer_init(setup->loop, &alidns->turn);
	alidns->turn.data = alidns;
	*out = alidns;
	return ERR_OK;
}

static void turn_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void alidns_free(struct alidns *alidns)
{
	if (alidns == NULL)
		return;
	alidns->freed = true;
	for (size_t i = 0; i < ALIDNS_CALLS_MAX; i++) {
		if (alidns->calls[i] != NULL)
			alidns_cancel(alidns->calls[i]);
	}
	uv_close((uv_handle_t *)&alidns->turn, turn_closed);
}
