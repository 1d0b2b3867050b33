/* A DNS load: keeps a window of queries under way from one socket, by sendmmsg and recvmmsg, and
 * says what came of it.
 *
 * usage: load PORT COUNT WINDOW < queries      each line of the input: "NAME TYPE-NUMBER", asked in
 * turn, with EDNS
 *
 * Prints one line: seconds, queries, answers, losses, median and 99th percentile of latency in us,
 * and RCODE counts.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
	BATCH = 32,
	QUERY_SIZE_MAX = 12 + 255 + 4 + 11,
	REPLY_SIZE_MAX = 4096,
	WINDOW_MAX = 4096,
	QUERIES_MAX = 2000000,
	LOST_MS = 200, /* without any answer for so long, what is under way counts as lost */
	LATENCY_US_MAX = 100000,
};

struct question {
	uint32_t at;
	uint16_t size;
};

struct load {
	int fd;
	struct question *questions;
	size_t question_count, next;
	uint8_t *octets;
	size_t octets_size;
	uint64_t count, sent, answered, lost, rcodes[16];
	unsigned window, under_way;
	uint64_t sent_ns[65536]; /* by message id; 0: not under way */
	uint64_t *latencies;     /* by us */
	uint16_t id;
};

static uint64_t now_ns(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static size_t query_make(char *name, unsigned type, uint8_t *out)
{
	static const uint8_t OPT[11] = {0, 0, 41, 0x04, 0xd0};
	const uint8_t header[12] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1};
	memcpy(out, header, sizeof header);
	uint8_t *at = out + sizeof header;
	char *rest = name;
	for (char *label; (label = strsep(&rest, ".")) != NULL;) {
		size_t size = strlen(label);
		if (size == 0)
			break;
		*at++ = (uint8_t)size;
		memcpy(at, label, size);
		at += size;
	}
	const uint8_t end[5] = {0, (uint8_t)(type >> 8), (uint8_t)type, 0, 1};
	memcpy(at, end, sizeof end);
	memcpy(at + sizeof end, OPT, sizeof OPT);
	return (size_t)(at - out) + sizeof end + sizeof OPT;
}

static void questions_read(struct load *load)
{
	char line[512], name[400];
	unsigned type;
	load->questions = calloc(QUERIES_MAX, sizeof load->questions[0]);
	load->octets = malloc((size_t)QUERIES_MAX * 96);
	if (load->questions == NULL || load->octets == NULL)
		exit(3);
	while (load->question_count < QUERIES_MAX && fgets(line, sizeof line, stdin) != NULL) {
		if (sscanf(line, "%399s %u", name, &type) != 2 ||
		    load->octets_size + QUERY_SIZE_MAX > (size_t)QUERIES_MAX * 96)
			break;
		struct question *question = &load->questions[load->question_count++];
		question->at = (uint32_t)load->octets_size;
		question->size = (uint16_t)query_make(name, type, load->octets + load->octets_size);
		load->octets_size += question->size;
	}
	if (load->question_count == 0)
		exit(2);
}

static void batch_send(struct load *load)
{
	struct mmsghdr messages[BATCH];
	struct iovec iov[BATCH];
	unsigned count = 0;
	uint64_t at_ns = now_ns();
	while (count < BATCH && load->under_way + count < load->window &&
	       load->sent + count < load->count) {
		struct question *question = &load->questions[load->next];
		uint8_t *query = load->octets + question->at;
		load->next = (load->next + 1) % load->question_count;
		uint16_t id = ++load->id;
		query[0] = (uint8_t)(id >> 8);
		query[1] = (uint8_t)id;
		load->sent_ns[id] = at_ns;
		iov[count] = (struct iovec){query, question->size};
		messages[count].msg_hdr = (struct msghdr){.msg_iov = &iov[count], .msg_iovlen = 1};
		count++;
	}
	for (unsigned done = 0; done < count;) {
		int sent = sendmmsg(load->fd, messages + done, count - done, 0);
		if (sent < 0 && errno != EINTR && errno != EAGAIN)
			exit(3);
		done += sent > 0 ? (unsigned)sent : 0;
	}
	load->sent += count;
	load->under_way += count;
}

static void answer_take(struct load *load, const uint8_t *reply, uint64_t at_ns)
{
	uint16_t id = (uint16_t)(reply[0] << 8 | reply[1]);
	if (load->sent_ns[id] == 0)
		return; /* late: it counted as lost */
	uint64_t us = (at_ns - load->sent_ns[id]) / 1000;
	load->sent_ns[id] = 0;
	load->latencies[us < LATENCY_US_MAX ? us : LATENCY_US_MAX]++;
	load->rcodes[reply[3] & 15]++;
	load->answered++;
	load->under_way--;
}

static void answers_take(struct load *load)
{
	static uint8_t octets[BATCH][REPLY_SIZE_MAX];
	struct mmsghdr messages[BATCH];
	struct iovec iov[BATCH];
	struct pollfd ready = {load->fd, POLLIN, 0};
	if (poll(&ready, 1, LOST_MS) == 0) {
		load->lost += load->under_way;
		load->under_way = 0;
		memset(load->sent_ns, 0, sizeof load->sent_ns);
		return;
	}
	for (unsigned i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){octets[i], REPLY_SIZE_MAX};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &iov[i], .msg_iovlen = 1};
	}
	int count = recvmmsg(load->fd, messages, BATCH, MSG_DONTWAIT, NULL);
	uint64_t at_ns = now_ns();
	for (int i = 0; i < count; i++) {
		if (messages[i].msg_len >= 12)
			answer_take(load, octets[i], at_ns);
	}
}

static unsigned percentile(const struct load *load, uint64_t percent)
{
	uint64_t seen = 0;
	for (unsigned us = 0; us <= LATENCY_US_MAX; us++) {
		seen += load->latencies[us];
		if (seen * 100 >= load->answered * percent)
			return us;
	}
	return LATENCY_US_MAX;
}

int main(int argc, char **argv)
{
	static struct load load;
	if (argc != 4)
		return 2;
	struct sockaddr_in at = {.sin_family = AF_INET,
	                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	                         .sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10))};
	load.count = strtoull(argv[2], NULL, 10);
	load.window = (unsigned)strtoul(argv[3], NULL, 10);
	load.latencies = calloc(LATENCY_US_MAX + 1, sizeof load.latencies[0]);
	load.fd = socket(AF_INET, SOCK_DGRAM, 0);
	const int queue = 4 * 1024 * 1024;
	(void)setsockopt(load.fd, SOL_SOCKET, SO_RCVBUF, &queue, sizeof queue);
	if (load.window == 0 || load.window > WINDOW_MAX || load.latencies == NULL ||
	    connect(load.fd, (struct sockaddr *)&at, sizeof at) != 0)
		return 2;
	questions_read(&load);

	uint64_t begin_ns = now_ns();
	while (load.answered + load.lost < load.count) {
		while (load.under_way < load.window && load.sent < load.count)
			batch_send(&load);
		answers_take(&load);
	}
	(void)printf("%.3f %llu %llu %llu %u %u %llu %llu\n", (double)(now_ns() - begin_ns) / 1e9,
	             (unsigned long long)load.sent, (unsigned long long)load.answered,
	             (unsigned long long)load.lost, percentile(&load, 50), percentile(&load, 99),
	             (unsigned long long)load.rcodes[0], (unsigned long long)load.rcodes[3]);
	return 0;
}
