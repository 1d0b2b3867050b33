#include "arrival.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An RRset that is asked for. What it should be is a sum over its RRs: their order says nothing. */
struct question {
	struct name name;
	uint16_t type;
	size_t count;
	uint64_t sum;
	uint32_t known; /* servers that say so, a bit each */
};

struct errand {
	struct arrival *arrival;
	size_t server, question;
};

struct arrival {
	struct arrival_setup setup;
	struct name domain;
	struct asker *asker;
	struct resolver *resolver; /* NULL: addresses were given */
	uv_timer_t timer;
	struct ask_server servers[ARRIVAL_SERVERS_MAX];
	size_t server_count, lookups;
	bool looked_up;

	struct question noted[ARRIVAL_NAMES_MAX], asked[ARRIVAL_NAMES_MAX];
	size_t noted_count, noted_next, asked_count;
	struct errand errands[ARRIVAL_SERVERS_MAX * ARRIVAL_NAMES_MAX];
	size_t pending;
	int64_t since_ms, until_ms; /* loop time */
	bool asking, closing;

	uint64_t arrived;
	int64_t took_ms;
	struct why disagreement;
};

static void say(const struct arrival *arrival, enum log_level level, const char *text)
{
	log_write(arrival->setup.log, level, "provider", "%s", text);
}

static int64_t now_ms(const struct arrival *arrival)
{
	return (int64_t)uv_now(arrival->setup.loop);
}

static uint64_t rdata_hash(struct bytes rdata)
{
	return hash_bytes(rdata, 1);
}

/* --- servers ------------------------------------------------------------------------------ */

static void server_add(struct arrival *arrival, const struct ask_server *server)
{
	if (arrival->server_count < ARRIVAL_SERVERS_MAX && ask_route(&server->address))
		arrival->servers[arrival->server_count++] = *server;
}

static void round_ask(struct arrival *arrival);

static void looked_up(void *arg, const struct resolved *resolved)
{
	struct arrival *arrival = arg;
	arrival->lookups--;
	for (size_t i = 0; resolved->status == RESOLVED_ADDRESSES && i < resolved->address_count; i++) {
		struct ask_server server = {.address = resolved->addresses[i], .port = 53};
		server_add(arrival, &server);
	}
	if (arrival->lookups != 0)
		return;
	arrival->looked_up = arrival->server_count != 0; /* else the next full comparison looks again */
	if (!arrival->closing && arrival->asking)
		round_ask(arrival);
}

void arrival_servers(struct arrival *arrival, const char *names, size_t stride, size_t count)
{
	if (arrival->resolver == NULL || arrival->looked_up || arrival->lookups != 0)
		return;
	for (size_t i = 0; i < count; i++) {
		struct name name;
		struct why why = {{0}};
		if (hostname_parse(bytes_of(names + i * stride), &name, &why) != ERR_OK)
			continue;
		for (uint8_t family = 4; family <= 6; family = (uint8_t)(family + 2)) {
			if (resolver_ask(arrival->resolver, &name, family, RESOLVER_FIRST, looked_up, arrival,
			                 &why) == ERR_OK)
				arrival->lookups++;
		}
	}
}

static enum err servers_given(struct arrival *arrival, struct why *why)
{
	const struct arrival_setup *setup = &arrival->setup;
	for (size_t i = 0; i < setup->server_count; i++) {
		struct ask_server server;
		enum err err = ask_server_parse(setup->servers[i], &server, why);
		if (err != ERR_OK)
			return err;
		server_add(arrival, &server);
	}
	return setup->server_count != 0 ? ERR_OK
	                                : resolver_new(setup->loop, setup->resolvers,
	                                               setup->resolver_count, &arrival->resolver, why);
}

/* --- what should be answered -------------------------------------------------------------- */

static bool is_asked_for(uint16_t type)
{
	return type == TYPE_A || type == TYPE_AAAA || type == TYPE_CNAME;
}

/* RR "@" is the domain itself. */
static bool name_of(const struct arrival *arrival, struct bytes rr, struct name *out)
{
	char text[NAME_TEXT_SIZE * 2], domain[NAME_TEXT_SIZE];
	struct why why;
	*out = arrival->domain;
	if (bytes_equal(rr, bytes_of("@")))
		return true;
	name_text(name_bytes(&arrival->domain), domain);
	int size = snprintf(text, sizeof text, "%.*s.%s", BYTES_ARG(rr), domain);
	return size > 0 && (size_t)size < sizeof text &&
	       name_parse(bytes_of(text), out, &why) == ERR_OK;
}

static struct question *question_find(struct question *list, size_t count, const struct name *name,
                                      uint16_t type)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].type == type && name_equal(&list[i].name, name))
			return &list[i];
	}
	return NULL;
}

void arrival_note(struct arrival *arrival, const struct record *record)
{
	struct question question = {.type = record->type};
	if (!is_asked_for(record->type) || !name_of(arrival, record->rr, &question.name) ||
	    question_find(arrival->noted, arrival->noted_count, &question.name, question.type) != NULL)
		return;
	arrival->noted[arrival->noted_next] = question;
	arrival->noted_next = (arrival->noted_next + 1) % ARRIVAL_NAMES_MAX;
	if (arrival->noted_count < ARRIVAL_NAMES_MAX)
		arrival->noted_count++;
}

static void expect(struct question *question, const struct record *record)
{
	struct why why;
	struct address address;
	struct name target;
	if (record->type == TYPE_CNAME) {
		if (name_parse(record->value, &target, &why) != ERR_OK)
			return;
		question->sum += rdata_hash(name_bytes(&target));
	} else {
		if (address_parse(record->value, &address, &why) != ERR_OK)
			return;
		question->sum += rdata_hash((struct bytes){address.octets, address_size(address.family)});
	}
	question->count++;
}

/* One walk over all that is wanted. */
static void expectations_fill(struct arrival *arrival, const struct record_list *want)
{
	size_t count = record_list_count(want);
	for (size_t i = 0; i < arrival->asked_count; i++)
		arrival->asked[i].count = arrival->asked[i].sum = arrival->asked[i].known = 0;
	char texts[ARRIVAL_NAMES_MAX][NAME_TEXT_SIZE];
	size_t tail = 0;
	char domain[NAME_TEXT_SIZE];
	name_text(name_bytes(&arrival->domain), domain);
	tail = strlen(domain) + 1;
	for (size_t i = 0; i < arrival->asked_count; i++)
		name_text(name_bytes(&arrival->asked[i].name), texts[i]);
	for (size_t i = 0; i < count; i++) {
		const struct record *record = record_list_at(want, i);
		for (size_t j = 0; j < arrival->asked_count; j++) {
			bool apex = bytes_equal(record->rr, bytes_of("@"));
			size_t size = strlen(texts[j]), rr_size = size > tail ? size - tail : 0;
			struct bytes rr = {(const uint8_t *)texts[j], rr_size};
			if (record->type == arrival->asked[j].type &&
			    (apex ? rr_size == 0 : bytes_equal(record->rr, rr)))
				expect(&arrival->asked[j], record);
		}
	}
}

/* --- asking ------------------------------------------------------------------------------- */

static bool agrees(const struct question *question, const struct ask_reply *reply)
{
	size_t count = 0;
	uint64_t sum = 0;
	if (!reply->answered || (reply->rcode != RCODE_NOERROR && reply->rcode != RCODE_NXDOMAIN))
		return false;
	for (size_t i = 0; i < reply->rr_count[ASK_ANSWER]; i++) {
		const struct ask_rr *rr = &reply->rrs[ASK_ANSWER][i];
		if (rr->type != question->type || !name_equal(&rr->owner, &question->name))
			continue;
		count++;
		sum += rdata_hash(rr->rdata);
	}
	return count == question->count && sum == question->sum;
}

static void over(struct arrival *arrival)
{
	arrival->asking = false;
	arrival->asked_count = 0;
	if (arrival->setup.changed != NULL)
		arrival->setup.changed(arrival->setup.arg);
}

static void arrived(struct arrival *arrival)
{
	char text[128];
	arrival->arrived++;
	arrival->took_ms = now_ms(arrival) - arrival->since_ms;
	arrival->disagreement.text[0] = '\0';
	(void)snprintf(
		text, sizeof text, "arrived: %zu name%s at %zu server%s, %lld ms after the change",
		arrival->asked_count, arrival->asked_count == 1 ? "" : "s", arrival->server_count,
		arrival->server_count == 1 ? "" : "s", (long long)arrival->took_ms);
	say(arrival, LOG_INFO, text);
	over(arrival);
}

/* The first that is not as it should be. */
static void disagreement_say(struct arrival *arrival)
{
	for (size_t i = 0; i < arrival->asked_count; i++) {
		for (size_t j = 0; j < arrival->server_count; j++) {
			char name[NAME_TEXT_SIZE], type[16], server[ASK_SERVER_TEXT_SIZE];
			if ((arrival->asked[i].known & (UINT32_C(1) << j)) != 0)
				continue;
			name_text(name_bytes(&arrival->asked[i].name), name);
			type_text(arrival->asked[i].type, type);
			ask_server_text(&arrival->servers[j], server);
			why_set(&arrival->disagreement,
			        "%s does not answer %.200s %s with what was pushed %d s ago", server, name,
			        type, ARRIVAL_MS / 1000);
			say(arrival, LOG_WARN, arrival->disagreement.text);
			return;
		}
	}
}

static void again(uv_timer_t *timer)
{
	struct arrival *arrival = timer->data;
	if (!arrival->closing && arrival->asking)
		round_ask(arrival);
}

static void round_end(struct arrival *arrival)
{
	uint32_t all = (uint32_t)((UINT64_C(1) << arrival->server_count) - 1);
	bool good = true;
	for (size_t i = 0; i < arrival->asked_count; i++)
		good = good && arrival->asked[i].known == all;
	if (good) {
		arrived(arrival);
	} else if (now_ms(arrival) >= arrival->until_ms) {
		disagreement_say(arrival);
		over(arrival);
	} else {
		(void)uv_timer_start(&arrival->timer, again, ARRIVAL_AGAIN_MS, 0);
	}
}

static void told(void *arg, const struct ask_reply *reply)
{
	struct errand *errand = arg;
	struct arrival *arrival = errand->arrival;
	struct question *question = &arrival->asked[errand->question];
	if (agrees(question, reply))
		question->known |= UINT32_C(1) << errand->server;
	if (--arrival->pending == 0 && !arrival->closing)
		round_end(arrival);
}

static void question_ask(struct arrival *arrival, size_t server, size_t question)
{
	struct errand *errand = &arrival->errands[server * ARRIVAL_NAMES_MAX + question];
	const struct ask ask = {.server = arrival->servers[server].address,
	                        .port = arrival->servers[server].port,
	                        .name = &arrival->asked[question].name,
	                        .type = arrival->asked[question].type};
	struct why why = {{0}};
	*errand = (struct errand){arrival, server, question};
	if (asker_ask(arrival->asker, &ask, told, errand, &why) == ERR_OK)
		arrival->pending++;
}

static void round_ask(struct arrival *arrival)
{
	if (arrival->lookups != 0 || arrival->pending != 0)
		return;
	if (arrival->server_count == 0) {
		why_set(&arrival->disagreement,
		        "no name server of the domain could be found to ask whether "
		        "the push has arrived");
		say(arrival, LOG_WARN, arrival->disagreement.text);
		over(arrival);
		return;
	}
	for (size_t i = 0; i < arrival->asked_count; i++) {
		for (size_t j = 0; j < arrival->server_count; j++) {
			if ((arrival->asked[i].known & (UINT32_C(1) << j)) == 0)
				question_ask(arrival, j, i);
		}
	}
	if (arrival->pending == 0)
		(void)uv_timer_start(&arrival->timer, again, ARRIVAL_AGAIN_MS, 0);
}

void arrival_begin(struct arrival *arrival, const struct record_list *want, int64_t since_ms)
{
	if (arrival->noted_count == 0 || arrival->pending != 0)
		return; /* what is noted waits for the next one */
	/* what had not arrived yet is superseded, but its waiting counts */
	arrival->since_ms = arrival->asking ? arrival->since_ms : since_ms;
	memcpy(arrival->asked, arrival->noted, sizeof arrival->asked);
	arrival->asked_count = arrival->noted_count;
	arrival->noted_count = arrival->noted_next = 0;
	arrival->until_ms = now_ms(arrival) + ARRIVAL_MS;
	arrival->asking = true;
	expectations_fill(arrival, want);
	round_ask(arrival);
}

/* --- its life ----------------------------------------------------------------------------- */

enum err arrival_new(const struct arrival_setup *setup, struct arrival **out, struct why *why)
{
	assert(setup != NULL && out != NULL && why != NULL);
	*out = NULL;
	struct arrival *arrival = calloc(1, sizeof *arrival);
	if (arrival == NULL) {
		why_set(why, "no memory for the questions to the provider's servers");
		return ERR_NOMEM;
	}
	arrival->setup = *setup;
	arrival->domain = *setup->domain;
	arrival->took_ms = -1;
	(void)uv_timer_init(setup->loop, &arrival->timer);
	arrival->timer.data = arrival;
	enum err err = asker_new(setup->loop, &arrival->asker, why);
	if (err == ERR_OK)
		err = servers_given(arrival, why);
	if (err == ERR_OK)
		*out = arrival;
	else
		arrival_free(arrival);
	return err;
}

static void closed(uv_handle_t *handle)
{
	free(handle->data);
}

void arrival_free(struct arrival *arrival)
{
	if (arrival == NULL)
		return;
	arrival->closing = true;
	asker_free(arrival->asker);
	if (arrival->resolver != NULL)
		resolver_free(arrival->resolver);
	uv_close((uv_handle_t *)&arrival->timer, closed);
}

void arrival_state(const struct arrival *arrival, struct arrival_state *out)
{
	*out = (struct arrival_state){.asking = arrival->asking,
	                              .arrived = arrival->arrived,
	                              .took_ms = arrival->took_ms,
	                              .disagreement = arrival->disagreement.text};
}
