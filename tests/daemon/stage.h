/* stage: name servers in a thread of their own, for what blocks while it asks. All have one port;
 * which of them is asked, its address tells. UDP and TCP. */
#ifndef FEDNS_TESTS_STAGE_H
#define FEDNS_TESTS_STAGE_H

#include "net/wire.h"

#include <pthread.h>
#include <stdbool.h>

#define STAGE_SERVERS 2 /* 127.0.0.1 and 127.0.0.2 */

/** What is asked, and of whom. */
struct stage_question {
	size_t server;
	char name[NAME_TEXT_SIZE];
	uint16_t type;
	bool recurse, tcp;
};

/** Put the answer together behind header and question. False: say nothing. In the stage's thread.
 */
typedef bool stage_player(void *arg, const struct stage_question *question, struct wire *out);

struct stage {
	stage_player *play;
	void *arg;
	uint16_t port;
	int udp[STAGE_SERVERS], tcp[STAGE_SERVERS];
	int wake[2]; /* a pipe: closed at one end, the thread ends */
	pthread_t thread;
};

void stage_start(struct stage *stage, stage_player *play, void *arg);
void stage_stop(struct stage *stage);

#endif
