#include "asker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	BATCH = 16, /* at a rate: so many queries at once */
	QUERY_SIZE_MAX = 128,
	REPLY_SIZE_MAX = 1024,
	LOST_MS = 200,
	FIRST_OCTET = 10, /* of the first cluster's address at version 0 */
	HOT = 8,          /* one query in so many asks the service that changed last */
};

/* Versions are three apart: the second address is 1 above the first, and no mixture of two versions
 * is. */
enum { VERSIONS = 33, VERSION_STEP = 3 };

enum kind { GLOBAL, ZONE, LADDER, MISSING };

struct slot {
	uint64_t sent_ns; /* 0: not under way */
	unsigned service;
	enum kind kind;
};

struct asker {
	const struct asker_plan *plan;
	struct asked *asked;
	int fd;
	uint16_t id;
	uint32_t random;
	unsigned under_way;
	struct slot slots[65536]; /* by message id */
};

unsigned asker_version(unsigned i)
{
	return i % VERSIONS * VERSION_STEP;
}

static void failed(const char *what)
{
	perror(what);
	exit(3);
}

static unsigned chance(struct asker *asker, unsigned below)
{
	asker->random = asker->random * 1664525u + 1013904223u;
	return (asker->random >> 8) % below;
}

/* The mix of peers.py: 60 %, 15 %, 15 %, 10 %. */
static enum kind kind_choose(struct asker *asker)
{
	unsigned percent = chance(asker, 100);
	return percent < 60 ? GLOBAL : percent < 75 ? ZONE : percent < 90 ? LADDER : MISSING;
}

static uint8_t *label_add(uint8_t *at, const char *text, size_t size)
{
	*at = (uint8_t)size;
	memcpy(at + 1, text, size);
	return at + 1 + size;
}

static size_t query_make(const struct slot *slot, uint16_t id, uint8_t *out)
{
	static const uint8_t END[] = {7, 'e', 'x', 'a', 'm', 'p',  'l', 'e', 0, 0, 1, 0,
	                              1, 0,   0,   41,  4,   0xd0, 0,   0,   0, 0, 0, 0};
	const uint8_t header[12] = {(uint8_t)(id >> 8), (uint8_t)id, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1};
	char text[16];
	memcpy(out, header, sizeof header);
	const char *format = slot->kind == MISSING ? "no--%06u" : "svc-%06u";
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	uint8_t *at = label_add(out + sizeof header, text,
	                        (size_t)snprintf(text, sizeof text, format, slot->service));
#pragma GCC diagnostic pop
	at = label_add(at, text, (size_t)snprintf(text, sizeof text, "ns-%u", slot->service % 1000));
	at = label_add(label_add(at, "fed", 3), "svc", 3);
	if (slot->kind == ZONE)
		at = label_add(label_add(at, "z0", 2), "r0", 2);
	else if (slot->kind == LADDER)
		at = label_add(label_add(at, "z2", 2), "r2", 2);
	memcpy(at, END, sizeof END);
	return (size_t)(at - out) + sizeof END;
}

static unsigned service_choose(struct asker *asker)
{
	const struct asker_plan *plan = asker->plan;
	if (plan->changed != NULL && chance(asker, HOT) == 0)
		return atomic_load_explicit(plan->changed, memory_order_relaxed);
	return chance(asker, plan->services);
}

static void queries_send(struct asker *asker, unsigned count)
{
	static uint8_t octets[BATCH][QUERY_SIZE_MAX];
	struct mmsghdr messages[BATCH];
	struct iovec iov[BATCH];
	uint64_t at_ns = latency_now_ns();
	for (unsigned i = 0; i < count; i++) {
		struct slot *slot = &asker->slots[++asker->id];
		*slot = (struct slot){at_ns, service_choose(asker), kind_choose(asker)};
		iov[i] = (struct iovec){octets[i], query_make(slot, asker->id, octets[i])};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &iov[i], .msg_iovlen = 1};
	}
	for (unsigned done = 0; done < count;) {
		int sent = sendmmsg(asker->fd, messages + done, count - done, 0);
		if (sent < 0 && errno != EINTR && errno != EAGAIN)
			failed("asker: send");
		done += sent > 0 ? (unsigned)sent : 0;
	}
	asker->asked->sent += count;
	asker->under_way += count;
}

/* The first octet of each A record's address, and how many there are; 0: they aren't the service's.
 * What the server writes: a name is a pointer, or labels that end in one. */
static unsigned addresses_read(const uint8_t *reply, size_t size, unsigned service, uint8_t *first)
{
	size_t at = 12;
	while (at < size && reply[at] != 0)
		at += 1u + reply[at];
	at += 5;
	unsigned found = 0;
	for (unsigned i = 0; i < reply[7]; i++) {
		while (at < size && reply[at] != 0 && reply[at] < 0xc0)
			at += 1u + reply[at];
		at += at < size && reply[at] == 0 ? 1 : 2;
		if (at + 10 > size)
			return 0;
		const uint8_t *fields = reply + at, *data = fields + 10;
		at += 10 + ((size_t)fields[8] << 8 | fields[9]);
		if (at > size)
			return 0;
		if (fields[1] != 1)
			continue;
		if (found == 2 || (unsigned)(data[1] << 16 | data[2] << 8 | data[3]) != service)
			return 0;
		first[found++] = data[0];
	}
	return found;
}

static void answer_check(struct asked *asked, const struct slot *slot, const uint8_t *reply,
                         size_t size)
{
	uint8_t first[2] = {0};
	unsigned found = addresses_read(reply, size, slot->service, first);
	static const unsigned EXPECTED[] = {[GLOBAL] = 2, [ZONE] = 1, [LADDER] = 2, [MISSING] = 0};
	if ((reply[3] & 15) != (slot->kind == MISSING ? 3 : 0) || found != EXPECTED[slot->kind]) {
		asked->wrong++;
		return;
	}
	if (found == 2 && first[0] != first[1] + 1 && first[1] != first[0] + 1)
		asked->mixed++;
	if (found != 0)
		asked->changed += first[0] > FIRST_OCTET + 1;
}

static void answer_take(struct asker *asker, const uint8_t *reply, size_t size, uint64_t at_ns)
{
	struct asked *asked = asker->asked;
	struct slot *slot = &asker->slots[reply[0] << 8 | reply[1]];
	if (slot->sent_ns == 0)
		return; /* late: it counted as lost */
	latency_add(&asked->latency, at_ns - slot->sent_ns);
	slot->sent_ns = 0;
	asker->under_way--;
	asked->answered++;
	answer_check(asked, slot, reply, size);
}

static void answers_take(struct asker *asker)
{
	static uint8_t octets[BATCH][REPLY_SIZE_MAX];
	struct mmsghdr messages[BATCH];
	struct iovec iov[BATCH];
	for (unsigned i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){octets[i], REPLY_SIZE_MAX};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &iov[i], .msg_iovlen = 1};
	}
	int count = recvmmsg(asker->fd, messages, BATCH, MSG_DONTWAIT, NULL);
	uint64_t at_ns = latency_now_ns();
	for (int i = 0; i < count; i++) {
		if (messages[i].msg_len >= 12)
			answer_take(asker, octets[i], messages[i].msg_len, at_ns);
	}
}

/* Wait until an answer is there, or `until_ns`. False: neither. */
static bool wait(const struct asker *asker, uint64_t until_ns)
{
	uint64_t at_ns = latency_now_ns();
	uint64_t wait_ns = until_ns > at_ns ? until_ns - at_ns : 0;
	struct pollfd ready = {asker->fd, POLLIN, 0};
	struct timespec limit = {(time_t)(wait_ns / 1000000000), (long)(wait_ns % 1000000000)};
	return ppoll(&ready, 1, &limit, NULL) > 0 || latency_now_ns() >= until_ns;
}

static void under_way_lost(struct asker *asker)
{
	asker->asked->lost += asker->under_way;
	asker->under_way = 0;
	memset(asker->slots, 0, sizeof asker->slots);
}

static void window_run(struct asker *asker, uint64_t end_ns)
{
	unsigned window = asker->plan->window;
	while (latency_now_ns() < end_ns) {
		while (asker->under_way + BATCH <= window)
			queries_send(asker, BATCH);
		uint64_t lost_ns = latency_now_ns() + LOST_MS * UINT64_C(1000000);
		(void)wait(asker, lost_ns);
		answers_take(asker);
		if (latency_now_ns() >= lost_ns)
			under_way_lost(asker);
	}
}

/* Batches are due at fixed times; those that came too late follow at once. */
static void rate_run(struct asker *asker, uint64_t end_ns)
{
	uint64_t step_ns = UINT64_C(1000000000) * BATCH / asker->plan->rate;
	uint64_t due_ns = latency_now_ns() + step_ns;
	while (due_ns < end_ns) {
		uint64_t at_ns = latency_now_ns();
		for (; due_ns <= at_ns && asker->under_way + BATCH <= asker->plan->window;
		     due_ns += step_ns)
			queries_send(asker, BATCH);
		(void)wait(asker, due_ns);
		answers_take(asker);
	}
}

static void open_pinned(struct asker *asker)
{
	const int queue = 4 * 1024 * 1024;
	const struct sockaddr_in *server = &asker->plan->server;
	cpu_set_t cpus;
	CPU_ZERO(&cpus);
	CPU_SET(asker->plan->cpu, &cpus);
	if (pthread_setaffinity_np(pthread_self(), sizeof cpus, &cpus) != 0)
		failed("asker: stay on a CPU");
	(void)prctl(PR_SET_TIMERSLACK, 1); /* due is due */
	asker->fd = socket(AF_INET, SOCK_DGRAM, 0);
	(void)setsockopt(asker->fd, SOL_SOCKET, SO_RCVBUF, &queue, sizeof queue);
	if (asker->fd < 0 || connect(asker->fd, (const struct sockaddr *)server, sizeof *server) != 0)
		failed("asker: connect");
}

void asker_run(const struct asker_plan *plan, struct asked *asked)
{
	static struct asker asker;
	asker = (struct asker){.plan = plan, .asked = asked, .random = (uint32_t)latency_now_ns()};
	*asked = (struct asked){0};
	open_pinned(&asker);
	uint64_t begin_ns = latency_now_ns();
	uint64_t end_ns = begin_ns + plan->seconds * UINT64_C(1000000000);
	if (plan->rate == 0)
		window_run(&asker, end_ns);
	else
		rate_run(&asker, end_ns);
	asked->seconds = (double)(latency_now_ns() - begin_ns) / 1e9;
	uint64_t last_ns = latency_now_ns() + LOST_MS * UINT64_C(1000000);
	while (asker.under_way != 0 && latency_now_ns() < last_ns) {
		(void)wait(&asker, last_ns);
		answers_take(&asker);
	}
	under_way_lost(&asker);
	(void)close(asker.fd);
}
