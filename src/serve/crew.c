#include "crew.h"

#include "lane.h"
#include "listen.h"
#include "worker.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* A lane for each UDP socket if there are slots enough, else none: the workers' loops take turns
 * at the sockets then. */
struct crew {
	struct lane *lanes; /* [lane_count] */
	size_t lane_count;
	unsigned count;
	struct worker workers[];
};

static size_t responders_count(const struct crew *crew)
{
	return crew->count + crew->lane_count;
}

/* Where thread `i` notes its questions; NULL: it never did. Those of the workers come first. */
static struct note_ring *ring_at(const struct crew *crew, size_t i)
{
	return i < crew->count ? crew->workers[i].responder.ring
	                       : crew->lanes[i - crew->count].responder.ring;
}

static void *worker_main(void *arg)
{
	worker_run(arg);
	return NULL;
}

static void *lane_main(void *arg)
{
	lane_run(arg);
	return NULL;
}

/* Signals are the control thread's business: a thread inherits the mask of its maker. */
static int thread_start(void *(*run)(void *arg), void *arg, pthread_t *out)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int status = pthread_create(out, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return status;
}

/* End the first `workers` and `lanes`, which have threads. */
static void threads_join(struct crew *crew, unsigned workers, size_t lanes)
{
	for (unsigned i = 0; i < workers; i++)
		worker_stop(&crew->workers[i]);
	for (size_t i = 0; i < lanes; i++)
		lane_stop(&crew->lanes[i]);
	for (unsigned i = 0; i < workers; i++)
		pthread_join(crew->workers[i].thread, NULL);
	for (size_t i = 0; i < lanes; i++)
		pthread_join(crew->lanes[i].thread, NULL);
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
	unsigned workers = 0;
	size_t lanes = 0;
	int status = 0;
	for (; workers < crew->count; workers++) {
		struct worker *worker = &crew->workers[workers];
		status = thread_start(worker_main, worker, &worker->thread);
		if (status != 0)
			break;
	}
	for (; status == 0 && lanes < crew->lane_count; lanes++) {
		struct lane *lane = &crew->lanes[lanes];
		status = thread_start(lane_main, lane, &lane->thread);
		if (status != 0)
			break;
	}
	if (status == 0)
		return ERR_OK;
	why_set(why, "start thread %zu of %zu: %s", workers + lanes + 1, crew->count + crew->lane_count,
	        strerror(status));
	threads_join(crew, workers, lanes);
	workers_abandon(crew, workers, crew->count);
	return ERR_IO;
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

static void crew_free(struct crew *crew)
{
	for (size_t i = 0; i < responders_count(crew); i++)
		free(ring_at(crew, i));
	for (size_t i = 0; i < crew->lane_count; i++)
		lane_clear(&crew->lanes[i]);
	free(crew->lanes);
	free(crew);
}

static size_t sockets_count(const struct listeners *listeners)
{
	size_t count = 0;
	for (size_t i = 0; i < listeners->count; i++)
		count += listeners->items[i].pair_count;
	return count;
}

static enum err lanes_init(struct crew *crew, struct zone *zone, const struct listeners *listeners,
                           unsigned slot_first, struct why *why)
{
	size_t sockets = sockets_count(listeners);
	static_assert(sizeof(struct lane) % CACHE_LINE_SIZE == 0, "no two lanes share a cache line");
	crew->lanes = aligned_alloc(CACHE_LINE_SIZE, sockets * sizeof crew->lanes[0]);
	if (crew->lanes == NULL) {
		why_set(why, "start threads: out of memory");
		return ERR_NOMEM;
	}
	for (size_t i = 0; i < listeners->count; i++) {
		const struct listener *listener = &listeners->items[i];
		for (unsigned j = 0; j < listener->pair_count; j++) {
			struct lane *lane = &crew->lanes[crew->lane_count];
			unsigned slot = slot_first + (unsigned)crew->lane_count;
			enum err err = lane_init(lane, zone, slot, listener->pairs[j].udp, why);
			if (err != ERR_OK)
				return err;
			crew->lane_count++;
		}
	}
	return ERR_OK;
}

static enum err workers_init(struct crew *crew, struct zone *zone,
                             const struct listeners *listeners, unsigned workers,
                             unsigned slot_first, const struct limits *limits, struct why *why)
{
	enum err err = ERR_OK;
	bool udp = crew->lane_count == 0;
	for (unsigned i = 0; i < workers && err == ERR_OK; i++) {
		const struct worker_plan plan = {zone, slot_first + i, listeners, i, workers, udp, limits};
		err = worker_init(&crew->workers[i], &plan, why);
		if (err == ERR_OK)
			crew->count++;
		else
			why_wrap(why, "worker %u of %u", i + 1, workers);
	}
	if (err != ERR_OK)
		workers_abandon(crew, 0, crew->count);
	return err;
}

enum err crew_start_limited(struct zone *zone, const struct listeners *listeners, unsigned workers,
                            unsigned slot_first, const struct limits *limits, struct crew **out,
                            struct why *why)
{
	assert(workers >= 1 && workers <= CREW_SLOTS_MAX && slot_first + workers <= READERS_MAX);
	*out = NULL;
	struct crew *crew = crew_new(workers);
	if (crew == NULL) {
		why_set(why, "start workers: out of memory");
		return ERR_NOMEM;
	}
	size_t slots = workers + sockets_count(listeners);
	enum err err = ERR_OK;
	if (slots <= limits->slots_max && slot_first + slots <= READERS_MAX)
		err = lanes_init(crew, zone, listeners, slot_first + workers, why);
	if (err == ERR_OK)
		err = workers_init(crew, zone, listeners, workers, slot_first, limits, why);
	if (err == ERR_OK)
		err = threads_start(crew, why);
	if (err != ERR_OK) {
		crew_free(crew);
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

void crew_stop(struct crew *crew, struct serve_counters *last)
{
	if (crew == NULL)
		return;
	threads_join(crew, crew->count, crew->lane_count);
	if (last != NULL)
		crew_counters(crew, last);
	crew_free(crew);
}

void crew_counters(const struct crew *crew, struct serve_counters *out)
{
	*out = (struct serve_counters){.tcp_opened = 0};
	for (unsigned i = 0; i < crew->count; i++)
		responder_add(&crew->workers[i].responder, out);
	for (size_t i = 0; i < crew->lane_count; i++)
		responder_add(&crew->lanes[i].responder, out);
}

enum err crew_note_queries(struct crew *crew, unsigned every, struct why *why)
{
	enum err err = ERR_OK;
	for (unsigned i = 0; i < crew->count && err == ERR_OK; i++)
		err = responder_note_every(&crew->workers[i].responder, every);
	for (size_t i = 0; i < crew->lane_count && err == ERR_OK; i++)
		err = responder_note_every(&crew->lanes[i].responder, every);
	if (err != ERR_OK)
		why_set(why, "no memory to note questions in");
	return err;
}

size_t crew_query_notes(struct crew *crew, struct query_note *out, size_t max)
{
	size_t count = 0;
	for (size_t i = 0; i < responders_count(crew); i++) {
		struct note_ring *ring = ring_at(crew, i);
		while (ring != NULL && count < max && note_ring_take(ring, &out[count]))
			count++;
	}
	return count;
}

uint64_t crew_notes_dropped(const struct crew *crew)
{
	uint64_t dropped = 0;
	for (size_t i = 0; i < responders_count(crew); i++) {
		const struct note_ring *ring = ring_at(crew, i);
		dropped += ring != NULL ? note_ring_dropped(ring) : 0;
	}
	return dropped;
}
