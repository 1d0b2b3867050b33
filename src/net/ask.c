/* A question waits in line, flies (a c-ares channel of its own has it, for its one server and
 * transport), is finished, and is told.
 *
 * c-ares, not sockets of ours: it draws the IDs, knows who may answer, sends again, and falls back
 * where a server refuses EDNS. What it would hide is switched off: it hands over every answer,
 * whatever its RCODE, and leaves truncation to us, so that we know by what the answer came.
 *
 * As in resolver.c a channel can't be ended from within its callbacks, so these only arm `turn`. */
#include "ask_internal.h"
#include "ask_message.h"
#include "channel.h"

#include <assert.h>
#include <stdlib.h>

/* c-ares doubles the time for the second try: a third and two thirds. */
#define UDP_TRIES 2
#define UDP_PARTS 3
#define PORT_DNS  53

/* One channel; outlives its question until its handles have closed. */
struct flight {
	struct channel channel;
	struct question *question; /* NULL: nobody waits any more */
};

struct question {
	struct question *next;
	struct asker *asker;
	struct flight *flight; /* NULL: in line, or none could be made */
	ask_done *done;
	void *arg;
	uint64_t begun_ms;
	struct name name;
	struct ask_server server;
	uint16_t type;
	bool tcp, recurse;
	bool truncated; /* by UDP */
	bool finished, answered;
	struct ask_message message;
	struct why why;
};

struct list {
	struct question *first, **end;
	size_t count;
};

struct asker {
	uv_loop_t *loop;
	uv_timer_t turn;
	int timeout_ms;
	bool freeing;
	struct list waiting, flying;
};

static void turn_taken(uv_timer_t *turn);

static void turn_arm(struct asker *asker)
{
	if (!asker->freeing)
		uv_timer_start(&asker->turn, turn_taken, 0, 0);
}

static void list_init(struct list *list)
{
	*list = (struct list){.end = &list->first};
}

static void list_append(struct list *list, struct question *question)
{
	question->next = NULL;
	*list->end = question;
	list->end = &question->next;
	list->count++;
}

/* Take the question that `*link` leads to. */
static struct question *list_take(struct list *list, struct question **link)
{
	struct question *question = *link;
	if (question == NULL)
		return NULL;
	*link = question->next;
	if (list->end == &question->next)
		list->end = link;
	list->count--;
	return question;
}

static void flight_closed(void *arg)
{
	free(arg);
}

static void flight_end(struct question *question)
{
	struct flight *flight = question->flight;
	question->flight = NULL;
	if (flight == NULL)
		return;
	flight->question = NULL;
	channel_close(&flight->channel, flight_closed, flight);
}

static void question_free(struct question *question)
{
	flight_end(question);
	ask_message_clear(&question->message);
	free(question);
}

static void blame(struct question *question)
{
	char server[ASK_SERVER_TEXT_SIZE];
	ask_server_text(&question->server, server);
	why_wrap(&question->why, "%s by %s%s", server, question->tcp ? "TCP" : "UDP",
	         question->truncated ? ", as the answer by UDP was truncated" : "");
}

static void status_tell(int status, int timeout_ms, struct why *why)
{
	if (status == ARES_ETIMEOUT)
		why_set(why, "no answer within %.3g s", timeout_ms / 1000.0);
	else if (status == ARES_ECONNREFUSED) /* c-ares says so of every error of a socket */
		why_set(why, "nobody listens there, or the connection broke");
	else
		why_set(why, "%s", ares_strerror(status));
}

static void flight_answered(void *arg, int status, int timeouts, unsigned char *data, int size)
{
	(void)timeouts;
	struct flight *flight = arg;
	struct question *question = flight->question;
	if (question == NULL)
		return;
	question->finished = true;
	if (data != NULL && size > 0)
		question->answered =
			ask_message_read((struct bytes){data, (size_t)size}, &question->name, question->type,
		                     &question->message, &question->why) == ERR_OK;
	else
		status_tell(status, question->asker->timeout_ms, &question->why);
	if (!question->answered)
		blame(question);
	turn_arm(question->asker);
}

static enum err flight_make(struct question *question, struct why *why)
{
	struct flight *flight = calloc(1, sizeof *flight);
	if (flight == NULL) {
		why_set(why, "out of memory");
		return ERR_NOMEM;
	}
	char text[ASK_SERVER_TEXT_SIZE];
	const char *const server = text;
	ask_server_text(&question->server, text);
	int timeout_ms = question->asker->timeout_ms;
	const struct channel_manner manner = {
		.timeout_ms = question->tcp ? timeout_ms : timeout_ms / UDP_PARTS,
		.tries = question->tcp ? 1 : UDP_TRIES,
		.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_IGNTC | (question->tcp ? ARES_FLAG_USEVC : 0) |
	             (question->recurse ? 0 : ARES_FLAG_NORECURSE),
	};
	enum err err = channel_init(&flight->channel, question->asker->loop, &server, 1, &manner, why);
	if (err != ERR_OK) {
		free(flight);
		return err;
	}
	flight->question = question;
	question->flight = flight;
	return ERR_OK;
}

static void question_fly(struct question *question)
{
	char text[CHANNEL_NAME_SIZE];
	question->finished = question->answered = false;
	if (flight_make(question, &question->why) != ERR_OK) {
		question->finished = true;
		blame(question);
		turn_arm(question->asker);
		return;
	}
	enum err err = channel_name_text(&question->name, text);
	assert(err == ERR_OK); /* asker_ask() has tried it */
	(void)err;
	channel_ask(&question->flight->channel, text, question->type, flight_answered,
	            question->flight);
}

/* Tell and free. The callback may ask again, or end the asker. */
static void question_tell(struct question *question)
{
	const struct ask_message *message = &question->message;
	uint64_t took_ms = uv_now(question->asker->loop) - question->begun_ms;
	struct ask_reply reply = {
		.answered = question->answered,
		.why = question->why.text,
		.aa = message->aa,
		.tc = message->tc || question->truncated,
		.tcp = question->tcp,
		.rcode = message->rcode,
		.took_ms = (uint32_t)took_ms,
	};
	const struct ask_rr *rrs = message->rrs;
	for (size_t i = 0; i < ASK_SECTIONS; i++) {
		reply.rrs[i] = rrs;
		reply.rr_count[i] = message->rr_count[i];
		if (rrs != NULL)
			rrs += message->rr_count[i];
	}
	question->done(question->arg, &reply);
	question_free(question);
}

/* RFC 7766 section 5: a truncated answer is asked for again by TCP. */
static bool wants_tcp(const struct question *question)
{
	return question->answered && question->message.tc && !question->tcp;
}

static void question_fly_by_tcp(struct question *question)
{
	flight_end(question);
	ask_message_clear(&question->message);
	question->truncated = question->tcp = true;
	question_fly(question);
}

static void turn_taken(uv_timer_t *turn)
{
	struct asker *asker = turn->data;
	struct question **link = &asker->flying.first;
	while (*link != NULL) {
		struct question *question = *link;
		if (!question->finished) {
			link = &question->next;
		} else if (wants_tcp(question)) {
			question_fly_by_tcp(question);
			link = &question->next;
		} else {
			(void)list_take(&asker->flying, link);
			question_tell(question);
			/* The asker's memory stays until its handle has closed, after this. */
			if (asker->freeing)
				return;
		}
	}
	while (asker->flying.count < ASK_FLIGHT_MAX && asker->waiting.count != 0) {
		struct question *question = list_take(&asker->waiting, &asker->waiting.first);
		list_append(&asker->flying, question);
		question->begun_ms = uv_now(asker->loop);
		question_fly(question);
	}
}

enum err asker_new_timed(uv_loop_t *loop, int timeout_ms, struct asker **out, struct why *why)
{
	struct asker *asker = calloc(1, sizeof *asker);
	*out = asker;
	if (asker == NULL) {
		why_set(why, "out of memory");
		return ERR_NOMEM;
	}
	asker->loop = loop;
	asker->timeout_ms = timeout_ms;
	list_init(&asker->waiting);
	list_init(&asker->flying);
	uv_timer_init(loop, &asker->turn);
	asker->turn.data = asker;
	return ERR_OK;
}

enum err asker_new(uv_loop_t *loop, struct asker **out, struct why *why)
{
	return asker_new_timed(loop, ASK_TIMEOUT_MS, out, why);
}

enum err asker_ask(struct asker *asker, const struct ask *ask, ask_done *done, void *arg,
                   struct why *why)
{
	assert(!asker->freeing && done != NULL && ask->name->size != 0);
	assert(ask->server.family == 4 || ask->server.family == 6);
	char text[CHANNEL_NAME_SIZE];
	if (asker->waiting.count == ASK_WAITING_MAX) {
		why_set(why, "more than %d questions are waiting", ASK_WAITING_MAX);
		return ERR_LIMIT;
	}
	if (channel_name_text(ask->name, text) != ERR_OK) {
		why_set(why, "a name with a zero octet can't be asked for");
		return ERR_INVALID;
	}
	struct question *question = calloc(1, sizeof *question);
	if (question == NULL) {
		why_set(why, "out of memory");
		return ERR_NOMEM;
	}
	*question = (struct question){
		.asker = asker,
		.done = done,
		.arg = arg,
		.name = *ask->name,
		.server = {ask->server, ask->port != 0 ? ask->port : PORT_DNS},
		.type = ask->type,
		.tcp = ask->tcp,
		.recurse = ask->recurse,
	};
	list_append(&asker->waiting, question);
	turn_arm(asker);
	return ERR_OK;
}

static void turn_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void asker_free(struct asker *asker)
{
	if (asker == NULL)
		return;
	assert(!asker->freeing);
	asker->freeing = true;
	struct question *question;
	while ((question = list_take(&asker->waiting, &asker->waiting.first)) != NULL)
		question_free(question);
	while ((question = list_take(&asker->flying, &asker->flying.first)) != NULL)
		question_free(question);
	uv_close((uv_handle_t *)&asker->turn, turn_closed);
}
