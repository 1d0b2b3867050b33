#include "crew.h"

#include "worker.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct crew {
	unsigned count;
	struct worker workers[];
};

static void *thread_main(void *arg)
{
	worker_run(arg);
	return NULL;
}

/* Signals are the control thread's business: a thread inherits the mask of its maker. */
static int thread_start(struct worker *worker)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int status = pthread_create(&worker->thread, NULL, thread_main, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return status;
}

static void workers_join(struct crew *crew, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		worker_stop(&crew->workers[i]);
	for (unsigned i = 0; i < count; i++)
		pthread_join(crew->workers[i].thread, NULL);
}

/* End workers that have no thread: a stopped worker's run is its end, here. */
static void workers_abandon(struct crew *crew, unsigned first, unsigned count)
{
	for (unsigned i = first; i < count; i++) {
		worker_stop(&crew->workers[i]);
		worker_run(&crew->workers[i]);
	}
}

static enum err threads_start(struct crew *crew, struct why *why)
{
	for (unsigned i = 0; i < crew->count; i++) {
		int status = thread_start(&crew->workers[i]);
		if (status == 0)
			continue;
		why_set(why, "start worker %u of %u: %s", i + 1, crew->count, strerror(status));
		workers_join(crew, i);
		workers_abandon(crew, i, crew->count);
		return ERR_IO;
	}
	return ERR_OK;
}

static struct crew *crew_new(unsigned workers)
{
	size_t size = sizeof(struct crew) + workers * sizeof(struct worker);
	static_assert(alignof(struct crew) == CACHE_LINE_SIZE, "no two workers share a cache line");
	struct crew *crew = aligned_alloc(CACHE_LINE_SIZE, size);
	if (crew != NULL)
		memset(crew, 0, size);
	return crew;
}

enum err crew_start_limited(struct zone *zone, const struct listeners *listeners, unsigned workers,
                            unsigned slot_first, const struct limits *limits, struct crew **out,
                            struct why *why)
{
	assert(workers >= 1 && slot_first + workers <= READERS_MAX);
	*out = NULL;
	struct crew *crew = crew_new(workers);
	if (crew == NULL) {
		why_set(why, "start workers: out of memory");
		return ERR_NOMEM;
	}
	enum err err = ERR_OK;
	for (unsigned i = 0; i < workers && err == ERR_OK; i++) {
		err = worker_init(&crew->workers[i], zone, slot_first + i, listeners, i, workers, limits,
		                  why);
		if (err == ERR_OK)
			crew->count++;
		else
			why_wrap(why, "worker %u of %u", i + 1, workers);
	}
	if (err != ERR_OK)
		workers_abandon(crew, 0, crew->count);
	else
		err = threads_start(crew, why);
	if (err != ERR_OK) {
		free(crew);
		return err;
	}
	*out = crew;
	return ERR_OK;
}

enum err crew_start(struct zone *zone, const struct listeners *listeners, unsigned workers,
                    unsigned slot_first, struct crew **out, struct why *why)
{
	const struct limits limits = LIMITS_DEFAULT;
	return crew_start_limited(zone, listeners, workers, slot_first, &limits, out, why);
}

void crew_stop(struct crew *crew)
{
	if (crew == NULL)
		return;
	workers_join(crew, crew->count);
	free(crew);
}

void crew_counters(const struct crew *crew, struct answer_counters *out)
{
	*out = (struct answer_counters){.queries = 0};
	for (unsigned i = 0; i < crew->count; i++)
		responder_add(&crew->workers[i].responder, out);
}
