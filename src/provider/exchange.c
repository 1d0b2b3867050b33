#include "exchange.h"

#include <assert.h>

static bool on_body(void *arg, struct bytes more)
{
	struct exchange *exchange = arg;
	exchange->too_large = exchange->body.used + more.size > EXCHANGE_ANSWER_SIZE_MAX ||
	                      !secret_memory_add(&exchange->body, more);
	return !exchange->too_large;
}

static void on_done(void *arg, enum err err, const struct http_response *response,
                    const struct why *why)
{
	struct exchange *exchange = arg;
	struct why sentence = *why;
	exchange->call = NULL;
	if (err != ERR_OK && exchange->too_large) {
		err = ERR_LIMIT;
		why_set(&sentence, "its answer is above %zu octets, the most that is read",
		        EXCHANGE_ANSWER_SIZE_MAX);
	}
	exchange->done(exchange->arg, err, response->status, secret_memory_bytes(&exchange->body),
	               &sentence);
}

enum err exchange_start(struct exchange *exchange, struct http *http,
                        const struct http_request *request, exchange_done *done, void *arg,
                        struct why *why)
{
	assert(exchange->call == NULL);
	const struct http_handlers handlers = {.body = on_body, .done = on_done, .arg = exchange};
	if (exchange->body.room == 0) {
		enum err err = secret_memory_init(&exchange->body, EXCHANGE_ANSWER_SIZE_MAX, why);
		if (err != ERR_OK)
			return err;
	}
	secret_memory_wipe(&exchange->body);
	exchange->too_large = false;
	exchange->done = done;
	exchange->arg = arg;
	return http_start(http, request, &handlers, &exchange->call, why);
}

void exchange_clear(struct exchange *exchange)
{
	if (exchange->call != NULL)
		http_cancel(exchange->call);
	secret_memory_free(&exchange->body);
	*exchange = (struct exchange){.call = NULL};
}
