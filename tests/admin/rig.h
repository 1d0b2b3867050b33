/* rig: a control socket in a folder of its own, commands that do what a test needs, and clients in
 * the same thread: the loop runs whenever one of them waits. */
#ifndef FEDNS_TESTS_ADMIN_RIG_H
#define FEDNS_TESTS_ADMIN_RIG_H

#include "check.h"

#include "control_frame.h"
#include "control_peer.h"

/* Nothing here takes a hundredth of it; what does, has failed. */
#define CLIENT_WAIT_MS 5000

struct rig {
	uv_loop_t loop;
	struct log log;
	struct control *control;
	char folder[64], path[80];
	size_t jobs;  /* begun and not ended */
	size_t steps; /* of all jobs */
	bool go;      /* "wait" goes on */
};

/** A cmocka setup and teardown; teardown sees that nothing is left. */
int rig_setup(void **state);
int rig_teardown(void **state);

/** A connected client; `receive_size` 0: the kernel's buffer. */
int client_open(const struct rig *rig, int receive_size);
/** Let the loop turn once. */
void rig_turn(struct rig *rig);
void send_all(struct rig *rig, int fd, const void *data, size_t size);
/** A request's frame; returns its size. */
size_t request_make(const char *text, uint8_t *out);
void request_send(struct rig *rig, int fd, const char *text);
/** The next frame, parsed: json_decref() it. */
json_t *frame_receive(struct rig *rig, int fd);
/** The next frame is this one. */
void expect_frame(struct rig *rig, int fd, const char *text);
/** The next frame is an error with this status and these words in its sentence. */
void expect_error(struct rig *rig, int fd, int status, const char *words);
/** Frames of rows and the last one, which is `end`. Returns how many rows there were; `*frames`. */
size_t expect_rows(struct rig *rig, int fd, const char *end, size_t *frames);
/** The daemon closes. */
void expect_closed(struct rig *rig, int fd);
/** A client of its own has an answer. */
void expect_service(struct rig *rig);

#endif
