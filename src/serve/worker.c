#include "worker.h"

#include "listen.h"
#include "tcp.h"
#include "udp.h"

#include <assert.h>

static void stop_asked(uv_async_t *stop)
{
	struct worker *worker = stop->data;
	if (worker->udp != NULL)
		udp_stop(worker->udp);
	tcp_stop(worker->tcp);
	uv_close((uv_handle_t *)&worker->turned, NULL);
	uv_close((uv_handle_t *)stop, NULL);
}

static void loop_turned(uv_check_t *turned)
{
	struct worker *worker = turned->data;
	responder_show(&worker->responder);
}

static void handle_close(uv_handle_t *handle, void *arg)
{
	(void)arg;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void worker_release(struct worker *worker)
{
	uv_walk(&worker->loop, handle_close, NULL);
	uv_run(&worker->loop, UV_RUN_DEFAULT);
	int status = uv_loop_close(&worker->loop);
	assert(status == 0);
	(void)status;
	udp_free(worker->udp);
	tcp_free(worker->tcp);
}

/* Of listener pairs i, i + count, ...: more than one each where a listener has more pairs than
 * there are workers. */
static enum err pairs_add(struct worker *worker, const struct listener *listener, unsigned index,
                          unsigned count, struct why *why)
{
	for (unsigned i = index; i < listener->pair_count; i += count) {
		enum err err = ERR_OK;
		if (worker->udp != NULL)
			err = udp_add(worker->udp, listener->pairs[i].udp, why);
		if (err == ERR_OK)
			err = tcp_add(worker->tcp, listener->pairs[i].tcp, why);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

static size_t pairs_count(const struct listeners *listeners, unsigned index, unsigned count)
{
	size_t pairs = 0;
	for (size_t i = 0; i < listeners->count; i++) {
		assert(listeners->items[i].pair_count >= count);
		pairs += (listeners->items[i].pair_count - index + count - 1) / count;
	}
	return pairs;
}

static enum err loop_failed(int status, struct why *why)
{
	why_set(why, "event loop: %s", uv_strerror(status));
	return ERR_IO;
}

static enum err loop_handles_start(struct worker *worker, struct why *why)
{
	int status = uv_async_init(&worker->loop, &worker->stop, stop_asked);
	if (status != 0)
		return loop_failed(status, why);
	worker->stop.data = worker;
	uv_check_init(&worker->loop, &worker->turned);
	worker->turned.data = worker;
	uv_check_start(&worker->turned, loop_turned);
	return ERR_OK;
}

static enum err sockets_start(struct worker *worker, const struct worker_plan *plan,
                              struct why *why)
{
	const struct listeners *listeners = plan->listeners;
	size_t pairs = pairs_count(listeners, plan->index, plan->count);
	if (plan->udp)
		worker->udp = udp_new(&worker->loop, &worker->responder, pairs);
	worker->tcp = tcp_new(&worker->loop, &worker->responder, plan->limits, pairs);
	if ((plan->udp && worker->udp == NULL) || worker->tcp == NULL) {
		why_set(why, "no memory for the sockets of a worker");
		return ERR_NOMEM;
	}
	enum err err = ERR_OK;
	for (size_t i = 0; i < listeners->count && err == ERR_OK; i++)
		err = pairs_add(worker, &listeners->items[i], plan->index, plan->count, why);
	return err;
}

enum err worker_init(struct worker *worker, const struct worker_plan *plan, struct why *why)
{
	*worker = (struct worker){.responder = {.zone = plan->zone, .slot = plan->slot}};
	int status = uv_loop_init(&worker->loop);
	if (status != 0)
		return loop_failed(status, why);
	enum err err = loop_handles_start(worker, why);
	if (err == ERR_OK)
		err = sockets_start(worker, plan, why);
	if (err != ERR_OK)
		worker_release(worker);
	return err;
}

void worker_run(struct worker *worker)
{
	uv_run(&worker->loop, UV_RUN_DEFAULT);
	worker_release(worker);
	responder_show(&worker->responder);
}

void worker_stop(struct worker *worker)
{
	uv_async_send(&worker->stop);
}
