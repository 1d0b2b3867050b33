#include "rig.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

struct endpoint endpoint_of(const char *text)
{
	struct endpoint endpoint;
	struct why why = {{0}};
	if (endpoint_parse(bytes_of(text), &endpoint, &why) != ERR_OK)
		fail_msg("%s", why.text);
	return endpoint;
}

void rig_start(struct rig *rig, const char *listen, unsigned workers, const struct limits *limits)
{
	struct why why = {{0}};
	struct endpoint endpoint = endpoint_of(listen);
	rig->zone = zone_new(READERS_MAX, 0);
	assert_non_null(rig->zone);
	if (listeners_open(&endpoint, 1, workers, NULL, &rig->listeners, &why) != ERR_OK)
		fail_msg("%s", why.text);
	rig->at = listeners_endpoint(rig->listeners, 0);
	if (crew_start_limited(rig->zone, rig->listeners, workers, 0, limits, &rig->crew, &why) !=
	    ERR_OK)
		fail_msg("%s", why.text);
}

void rig_stop(struct rig *rig)
{
	crew_stop(rig->crew, NULL);
	listeners_close(rig->listeners);
	zone_free(rig->zone);
}

int client_open(const struct endpoint *to, int type, int receive_size)
{
	const struct timeval wait = {.tv_sec = CLIENT_WAIT_S};
	int fd = socket(to->address.ss_family, type | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait), 0);
	if (receive_size != 0)
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_size, sizeof receive_size),
		                 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to->address, to->size), 0);
	return fd;
}

size_t query_make(unsigned number, const char *request, size_t request_size, uint8_t *out)
{
	memset(out, 0, FAKE_HEADER_SIZE);
	out[0] = (uint8_t)(number >> 8);
	out[1] = (uint8_t)number;
	if (request != NULL)
		memcpy(out + FAKE_HEADER_SIZE, request, request_size);
	return FAKE_HEADER_SIZE + request_size;
}

size_t frame_make(unsigned number, const char *request, size_t request_size, uint8_t *out)
{
	size_t size = query_make(number, request, request_size, out + 2);
	out[0] = (uint8_t)(size >> 8);
	out[1] = (uint8_t)size;
	return size + 2;
}

void send_all(int fd, const void *data, size_t size)
{
	const char *at = data;
	while (size > 0) {
		ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
		if (sent <= 0)
			fail_msg("send: %s", strerror(errno));
		at += sent;
		size -= (size_t)sent;
	}
}

void receive_all(int fd, void *data, size_t size)
{
	char *at = data;
	while (size > 0) {
		ssize_t got = recv(fd, at, size, 0);
		if (got <= 0)
			fail_msg("receive: %s", got == 0 ? "end of stream" : strerror(errno));
		at += got;
		size -= (size_t)got;
	}
}

size_t frame_receive(int fd, uint8_t *data)
{
	uint8_t head[2];
	receive_all(fd, head, sizeof head);
	size_t size = (size_t)head[0] << 8 | head[1];
	receive_all(fd, data, size);
	return size;
}

uint16_t reply_number(const uint8_t *reply, size_t size)
{
	assert_true(size >= FAKE_HEADER_SIZE);
	assert_true((reply[FAKE_QR_AT] & FAKE_QR) != 0);
	return (uint16_t)(reply[0] << 8 | reply[1]);
}

void expect_closed(int fd, size_t size_max)
{
	char scrap[65536];
	size_t size = 0;
	for (;;) {
		ssize_t got = recv(fd, scrap, sizeof scrap, 0);
		if (got == 0 || (got < 0 && errno == ECONNRESET))
			return;
		if (got < 0)
			fail_msg("not closed: %s", strerror(errno));
		size += (size_t)got;
		assert_true(size <= size_max);
	}
}

void expect_silence(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	assert_int_equal(poll(&ready, 1, 20), 0);
}

uint64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
