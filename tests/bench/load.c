/* A DNS load: keeps a window of queries under way from one socket, by sendmmsg and recvmmsg, and
 * says what came of it.
 *
 * usage: load PORT COUNT WINDOW < queries      each line of the input: "NAME TYPE-NUMBER", asked in
 * turn, with EDNS
 *
 * Prints one line: seconds, queries, answers, losses, median and 99th percentile of latency in us,
 * and RCODE counts.
 */
#include "latency.h"
#include "questions.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	BATCH = 32,
	REPLY_SIZE_MAX = 4096,
	WINDOW_MAX = 4096,
	LOST_MS = 200, /* without any answer for so long, what is under way counts as lost */
};

struct load {
	int fd;
	struct questions questions;
	uint64_t count, sent, answered, lost, rcodes[16];
	unsigned window, under_way;
	uint64_t sent_ns[65536]; /* by message id; 0: not under way */
	struct latency latency;
	uint16_t id;
};

static void batch_send(struct load *load)
{
	struct mmsghdr messages[BATCH];
	struct iovec iov[BATCH];
	unsigned count = 0;
	uint64_t at_ns = latency_now_ns();
	while (count < BATCH && load->under_way + count < load->window &&
	       load->sent + count < load->count) {
		size_t size;
		uint8_t *query = questions_next(&load->questions, ++load->id, &size);
		load->sent_ns[load->id] = at_ns;
		iov[count] = (struct iovec){query, size};
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
	latency_add(&load->latency, at_ns - load->sent_ns[id]);
	load->sent_ns[id] = 0;
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
	uint64_t at_ns = latency_now_ns();
	for (int i = 0; i < count; i++) {
		if (messages[i].msg_len >= 12)
			answer_take(load, octets[i], at_ns);
	}
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
	load.fd = socket(AF_INET, SOCK_DGRAM, 0);
	const int queue = 4 * 1024 * 1024;
	(void)setsockopt(load.fd, SOL_SOCKET, SO_RCVBUF, &queue, sizeof queue);
	if (load.window == 0 || load.window > WINDOW_MAX ||
	    connect(load.fd, (struct sockaddr *)&at, sizeof at) != 0)
		return 2;
	questions_read(&load.questions, stdin);

	uint64_t begin_ns = latency_now_ns();
	while (load.answered + load.lost < load.count) {
		while (load.under_way < load.window && load.sent < load.count)
			batch_send(&load);
		answers_take(&load);
	}
	(void)printf("%.3f %llu %llu %llu %u %u %llu %llu\n",
	             (double)(latency_now_ns() - begin_ns) / 1e9, (unsigned long long)load.sent,
	             (unsigned long long)load.answered, (unsigned long long)load.lost,
	             latency_percentile(&load.latency, 500), latency_percentile(&load.latency, 990),
	             (unsigned long long)load.rcodes[0], (unsigned long long)load.rcodes[3]);
	return 0;
}
