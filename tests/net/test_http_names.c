/* http: names are resolved in threads. A resolver that takes its time holds up neither the loop nor
 * the end of a call or of the client. */
#include "check.h"

#include "http_bench.h"

#include <netdb.h>
#include <pthread.h>
#include <string.h>

/* In place of libc's: "slow.test" waits until released, then is 127.0.0.1; so is "quick.test". */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned waiting, finished;
static bool released;

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **out);
void freeaddrinfo(struct addrinfo *list);

struct entry {
	struct addrinfo info;
	struct sockaddr_in address;
};

static void slow_wait(void)
{
	pthread_mutex_lock(&lock);
	waiting++;
	pthread_cond_broadcast(&changed);
	while (!released)
		pthread_cond_wait(&changed, &lock);
	waiting--;
	finished++;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
	(void)hints;
	if (strcmp(node, "slow.test") == 0)
		slow_wait();
	else if (strcmp(node, "quick.test") != 0)
		return EAI_NONAME;
	struct entry *entry = calloc(1, sizeof *entry);
	if (entry == NULL)
		return EAI_MEMORY;
	entry->address.sin_family = AF_INET;
	entry->address.sin_port = htons((uint16_t)strtoul(service, NULL, 10));
	entry->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	entry->info.ai_family = AF_INET;
	entry->info.ai_socktype = SOCK_STREAM;
	entry->info.ai_addrlen = sizeof entry->address;
	entry->info.ai_addr = (struct sockaddr *)&entry->address;
	*out = &entry->info;
	return 0;
}

void freeaddrinfo(struct addrinfo *list)
{
	free(list);
}

static void slow_release(void)
{
	pthread_mutex_lock(&lock);
	released = true;
	pthread_cond_broadcast(&changed);
	while (waiting != 0)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

static bool slow_waits(unsigned count)
{
	pthread_mutex_lock(&lock);
	bool all = waiting == count;
	pthread_mutex_unlock(&lock);
	return all;
}

static const struct script_route ROUTES[] = {
	{.path = "/", .octets = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
	{.path = NULL},
};

static void start(struct talk *talk, struct bench *bench, const char *host,
                  struct http_request request)
{
	char url[64];
	(void)snprintf(url, sizeof url, "http://%s:%u/", host, bench->server.port);
	request.url = url;
	*talk = (struct talk){.bench = bench};
	talk_start(talk, bench, &request, NULL);
}

static void names_are_resolved(void **state)
{
	(void)state;
	const struct http_request plain = {.method = NULL};
	struct bench bench;
	struct talk quick, unknown;
	bench_start(&bench, ROUTES);
	start(&quick, &bench, "quick.test", plain);
	start(&unknown, &bench, "unknown.test", plain);
	talk_finish(&quick);
	talk_finish(&unknown);
	talk_expect(&quick, ERR_OK, "");
	talk_expect(&unknown, ERR_IO, "Could not resolve host: unknown.test");
	bench_stop(&bench);
}

static void a_slow_resolver_holds_up_nobody(void **state)
{
	(void)state;
	const struct http_request plain = {.method = NULL}, hasty = {.connect_timeout_ms = 30};
	const struct http_request idle = {.idle_timeout_ms = 30};
	struct bench bench;
	struct talk cancelled, timed_out, fell_idle, freed, quick;
	bench_start(&bench, ROUTES);
	start(&cancelled, &bench, "slow.test", plain);
	start(&timed_out, &bench, "slow.test", hasty);
	start(&fell_idle, &bench, "slow.test", idle);
	start(&freed, &bench, "slow.test", plain);
	start(&quick, &bench, "quick.test", plain);
	talk_finish(&quick);
	talk_expect(&quick, ERR_OK, "");
	talk_finish(&timed_out);
	talk_expect(&timed_out, ERR_IO, "Resolving timed out after");
	talk_finish(&fell_idle);
	talk_expect(&fell_idle, ERR_IO, "not an octet came for 30 ms");
	http_cancel(cancelled.call);
	bench_turns(&bench);
	while (!slow_waits(4))
		continue;
	bench_stop(&bench);
	assert_int_equal(cancelled.dones + freed.dones, 0);
	assert_true(slow_waits(4)); /* all of that while the resolver was still at it */
	slow_release();
	assert_int_equal(finished, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_resolved),
		cmocka_unit_test(a_slow_resolver_holds_up_nobody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
