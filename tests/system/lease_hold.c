/* Holds a Lease by lease.h and says so: a replica as far as pushing goes. SIGTERM gives it back.
 *
 *   lease_hold KUBECONFIG NAMESPACE NAME
 *
 * Prints, a line each, times in ms of CLOCK_MONOTONIC, which all processes share:
 *   push MS          lease_held() was true, asked every 20 ms: a call at the provider would start
 *   leader MS 1|0    `changed` was called
 *   released MS      the end of lease_release()
 * and between them, on standard error, what the log hears. */
#include "fedns/lease.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define ASK_MS 20

struct holder {
	uv_loop_t loop;
	uv_timer_t ask;
	uv_signal_t end;
	struct log log;
	struct lease *lease;
};

static uint64_t clock_ms(void)
{
	return uv_hrtime() / 1000000;
}

static int64_t wall_ms(void *arg)
{
	struct timespec now = {0};
	(void)arg;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void changed(void *arg, bool leader)
{
	(void)arg;
	printf("leader %" PRIu64 " %d\n", clock_ms(), leader);
}

static void ask(uv_timer_t *timer)
{
	const struct holder *holder = timer->data;
	uint64_t now = clock_ms();
	if (lease_held(holder->lease))
		printf("push %" PRIu64 "\n", now);
}

static void released(void *arg)
{
	struct holder *holder = arg;
	printf("released %" PRIu64 "\n", clock_ms());
	lease_free(holder->lease);
	uv_close((uv_handle_t *)&holder->ask, NULL);
	uv_close((uv_handle_t *)&holder->end, NULL);
}

static void end(uv_signal_t *signal, int number)
{
	struct holder *holder = signal->data;
	(void)number;
	(void)uv_signal_stop(signal);
	(void)uv_timer_stop(&holder->ask);
	lease_release(holder->lease, released, holder);
}

int main(int argc, char **argv)
{
	struct holder holder = {.log = {.fd = STDERR_FILENO, .level = LOG_DEBUG}};
	struct why why = {{0}};
	if (argc != 4 || uv_loop_init(&holder.loop) != 0) {
		fprintf(stderr, "usage: lease_hold KUBECONFIG NAMESPACE NAME\n");
		return 2;
	}
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	const struct lease_setup setup = {.loop = &holder.loop,
	                                  .log = &holder.log,
	                                  .kubeconfig = argv[1],
	                                  .namespace = argv[2],
	                                  .name = argv[3],
	                                  .now_ms = wall_ms,
	                                  .changed = changed,
	                                  .arg = &holder};
	if (lease_new(&setup, &holder.lease, &why) != ERR_OK) {
		fprintf(stderr, "%s\n", why.text);
		return 1;
	}
	(void)uv_timer_init(&holder.loop, &holder.ask);
	(void)uv_signal_init(&holder.loop, &holder.end);
	holder.ask.data = holder.end.data = &holder;
	(void)uv_timer_start(&holder.ask, ask, ASK_MS, ASK_MS);
	(void)uv_signal_start(&holder.end, end, SIGTERM);
	(void)uv_run(&holder.loop, UV_RUN_DEFAULT);
	return uv_loop_close(&holder.loop) == 0 ? 0 : 1;
}
