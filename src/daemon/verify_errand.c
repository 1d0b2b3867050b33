#include "verify_errand.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct errand {
	struct errand *next;
	struct rounds *rounds;
	struct errand_to to;
	struct name name;
	struct ask_server server;
	uint16_t type;
	bool tcp, recurse;
	size_t resolver; /* that is asked */
	bool told;
};

struct rounds {
	uv_loop_t loop;
	uv_timer_t deadline;
	bool late;
	char late_why[64];
	struct asker *asker;
	struct ask_server resolvers[RESOLVERS_MAX];
	bool deaf[RESOLVERS_MAX]; /* it did not answer before: ask another */
	size_t resolver_count;
	struct errand *errands; /* of this round */
	size_t pending;
};

static void errand_tell(struct errand *errand, const struct ask_reply *reply)
{
	assert(!errand->told && errand->rounds->pending > 0);
	errand->told = true;
	errand->rounds->pending--;
	errand->to.done(errand->to.subject, errand->to.index, reply);
}

static void errand_fail(struct errand *errand, const char *why)
{
	const struct ask_reply reply = {.why = why};
	errand_tell(errand, &reply);
}

static bool resolver_next(struct errand *errand)
{
	struct rounds *rounds = errand->rounds;
	while (errand->resolver < rounds->resolver_count && rounds->deaf[errand->resolver])
		errand->resolver++;
	if (errand->resolver == rounds->resolver_count)
		return false;
	errand->server = rounds->resolvers[errand->resolver];
	return true;
}

static void errand_go(struct errand *errand);

static void errand_answered(void *arg, const struct ask_reply *reply)
{
	struct errand *errand = arg;
	bool usable =
		reply->answered && (reply->rcode == RCODE_NOERROR || reply->rcode == RCODE_NXDOMAIN);
	if (errand->recurse && !usable) {
		/* It would take the time of all others, too. */
		errand->rounds->deaf[errand->resolver] |=
			!reply->answered && errand->rounds->resolver_count > 1;
		errand->resolver++;
		if (resolver_next(errand)) {
			errand_go(errand);
			return;
		}
	}
	errand_tell(errand, reply);
}

static void errand_go(struct errand *errand)
{
	struct why why = {{0}};
	const struct ask ask = {
		.server = errand->server.address,
		.port = errand->server.port,
		.name = &errand->name,
		.type = errand->type,
		.tcp = errand->tcp,
		.recurse = errand->recurse,
	};
	if (asker_ask(errand->rounds->asker, &ask, errand_answered, errand, &why) != ERR_OK)
		errand_fail(errand, why.text);
}

static struct errand *errand_new(struct rounds *rounds, const struct name *name, uint16_t type,
                                 const struct errand_to *to)
{
	struct errand *errand = calloc(1, sizeof *errand);
	if (errand == NULL) {
		const struct ask_reply reply = {.why = "out of memory"};
		to->done(to->subject, to->index, &reply);
		return NULL;
	}
	*errand = (struct errand){
		.next = rounds->errands, .rounds = rounds, .to = *to, .name = *name, .type = type};
	rounds->errands = errand;
	rounds->pending++;
	return errand;
}

void rounds_ask(struct rounds *rounds, const struct ask_server *server, const struct name *name,
                uint16_t type, bool tcp, struct errand_to to)
{
	struct errand *errand = errand_new(rounds, name, type, &to);
	if (errand == NULL)
		return;
	errand->server = *server;
	errand->tcp = tcp;
	if (rounds->late)
		errand_fail(errand, rounds->late_why);
	else
		errand_go(errand);
}

void rounds_look_up(struct rounds *rounds, const struct name *name, uint16_t type,
                    struct errand_to to)
{
	struct errand *errand = errand_new(rounds, name, type, &to);
	if (errand == NULL)
		return;
	errand->recurse = true;
	if (rounds->late)
		errand_fail(errand, rounds->late_why);
	else if (!resolver_next(errand))
		errand_fail(errand, "no resolver answers");
	else
		errand_go(errand);
}

static void deadline_passed(uv_timer_t *deadline)
{
	struct rounds *rounds = deadline->data;
	rounds->late = true;
}

void rounds_wait(struct rounds *rounds)
{
	while (rounds->pending != 0 && !rounds->late)
		(void)uv_run(&rounds->loop, UV_RUN_ONCE);
	if (rounds->late) { /* the asker tells nobody any more */
		asker_free(rounds->asker);
		rounds->asker = NULL;
	}
	struct errand *errand;
	while ((errand = rounds->errands) != NULL) {
		rounds->errands = errand->next;
		if (!errand->told)
			errand_fail(errand, rounds->late_why);
		free(errand);
	}
	assert(rounds->pending == 0);
}

enum err rounds_new(const char *const *resolvers, size_t count, uint64_t all_ms,
                    struct rounds **out, struct why *why)
{
	*out = NULL;
	struct rounds *rounds = calloc(1, sizeof *rounds);
	if (rounds == NULL || uv_loop_init(&rounds->loop) != 0) {
		free(rounds);
		why_set(why, "no memory for an event loop");
		return ERR_NOMEM;
	}
	(void)snprintf(rounds->late_why, sizeof rounds->late_why,
	               "the %llu s for all questions are over", (unsigned long long)all_ms / 1000);
	(void)uv_timer_init(&rounds->loop, &rounds->deadline);
	rounds->deadline.data = rounds;
	(void)uv_timer_start(&rounds->deadline, deadline_passed, all_ms, 0);
	enum err err = ask_resolvers(resolvers, count, rounds->resolvers, &rounds->resolver_count, why);
	if (err == ERR_OK)
		err = asker_new(&rounds->loop, &rounds->asker, why);
	if (err == ERR_OK)
		*out = rounds;
	else
		rounds_free(rounds);
	return err;
}

void rounds_free(struct rounds *rounds)
{
	if (rounds == NULL)
		return;
	assert(rounds->errands == NULL);
	asker_free(rounds->asker);
	uv_close((uv_handle_t *)&rounds->deadline, NULL);
	(void)uv_run(&rounds->loop, UV_RUN_DEFAULT); /* until the handles have closed */
	int open = uv_loop_close(&rounds->loop);
	assert(open == 0);
	(void)open;
	free(rounds);
}
