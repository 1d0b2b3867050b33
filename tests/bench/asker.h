/* asker: a client thread that asks a federation's services (federation.h) at a rate, or as fast as
 * a window allows, and reads every answer. */
#ifndef FEDNS_BENCH_ASKER_H
#define FEDNS_BENCH_ASKER_H

#include "latency.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>

struct asker_plan {
	struct sockaddr_in server;
	unsigned services;
	unsigned cpu;               /* where the thread stays */
	unsigned window;            /* queries under way at most */
	unsigned rate;              /* queries a second; 0: as many as the window allows */
	unsigned seconds;           /* then it ends */
	const atomic_uint *changed; /* the service that changed last is asked often; NULL: none */
};

struct asked {
	uint64_t sent, answered, lost;
	uint64_t mixed;   /* answers with addresses of two versions */
	uint64_t wrong;   /* answers that are wrong otherwise */
	uint64_t changed; /* answers with another version than the first */
	double seconds;
	struct latency latency; /* from the call that sends to the call that receives */
};

/** Ask as planned. Call it in a thread of its own. Exits if the sockets fail. */
void asker_run(const struct asker_plan *plan, struct asked *asked);

/** The `i`-th version of a service (federation_stage()): any two tell from a mixture of them. */
unsigned asker_version(unsigned i);

#endif
