/* The floor of the socket API: a DNS "server" that looks at nothing. Takes datagrams by recvmmsg,
 * sets QR, appends one A record behind the question, and sends them back by sendmmsg. What a real
 * server takes more than this is its own.
 *
 * usage: reflector PORT      (on 127.0.0.1, until it is killed)
 */
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 32, SIZE = 4096, HEADER = 12, OPT = 11 };

static const uint8_t RECORD[16] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 180, 0, 4, 192, 0, 2, 1};

static uint8_t octets[BATCH][SIZE];
static struct iovec iov[BATCH];
static struct mmsghdr messages[BATCH];
static struct sockaddr_in clients[BATCH];

static void batch_reset(void)
{
	for (unsigned i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){octets[i], SIZE};
		messages[i].msg_hdr = (struct msghdr){.msg_name = &clients[i],
		                                      .msg_namelen = sizeof clients[i],
		                                      .msg_iov = &iov[i],
		                                      .msg_iovlen = 1};
	}
}

/* The OPT of the query, if it has one, stays at the end. */
static void reflect(unsigned i)
{
	uint8_t *data = octets[i];
	size_t size = messages[i].msg_len;
	size_t tail = size > HEADER + OPT && data[11] != 0 ? OPT : 0;
	data[2] |= 0x84;
	data[7] = 1;
	memmove(data + size - tail + sizeof RECORD, data + size - tail, tail);
	memcpy(data + size - tail, RECORD, sizeof RECORD);
	iov[i].iov_len = size + sizeof RECORD;
}

int main(int argc, char **argv)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	                         .sin_port =
	                             htons((uint16_t)(argc > 1 ? strtoul(argv[1], NULL, 10) : 0))};
	const int queue = 4 * 1024 * 1024;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &queue, sizeof queue);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0) {
		perror("reflector");
		return 3;
	}
	for (;;) {
		batch_reset();
		int count = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
		for (int i = 0; i < count; i++)
			reflect((unsigned)i);
		if (count > 0)
			(void)sendmmsg(fd, messages, (unsigned)count, 0);
	}
}
