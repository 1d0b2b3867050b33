/* rig: a crew on loopback sockets, and clients that wait five seconds at most. */
#ifndef FEDNS_TESTS_RIG_H
#define FEDNS_TESTS_RIG_H

#include "check.h"

#include "crew.h"
#include "endpoint.h"
#include "fake_answer.h"

/* Nothing here takes a hundredth of it; what does, has failed. */
#define CLIENT_WAIT_S 5

struct rig {
	struct zone *zone;
	struct listeners *listeners;
	struct crew *crew;
	struct endpoint at; /* the first endpoint as bound */
};

/** A crew of `workers` at `listen` ("127.0.0.1:0"). */
void rig_start(struct rig *rig, const char *listen, unsigned workers, const struct limits *limits);
void rig_stop(struct rig *rig);

struct endpoint endpoint_of(const char *text);

/** A connected client; `receive_size` 0: the kernel's default buffer. */
int client_open(const struct endpoint *to, int type, int receive_size);

/** A query with `number` as ID, and `request`, if not NULL, behind the header. Returns its size. */
size_t query_make(unsigned number, const char *request, size_t request_size, uint8_t *out);
/** The same with the length before it. */
size_t frame_make(unsigned number, const char *request, size_t request_size, uint8_t *out);

void send_all(int fd, const void *data, size_t size);
/** Receive exactly `size` octets. */
void receive_all(int fd, void *data, size_t size);
/** Receive one frame into `data` of 65,535 octets; returns the size of its message. */
size_t frame_receive(int fd, uint8_t *data);
/** The reply's ID, once it is seen to be a reply. */
uint16_t reply_number(const uint8_t *reply, size_t size);
/** The peer closes: end of stream or reset, after at most `size_max` further octets. */
void expect_closed(int fd, size_t size_max);
/** Nothing comes, for so long as a ping-pong through `rig` takes. */
void expect_silence(int fd);

uint64_t now_ms(void);

#endif
