/* counters: how latencies are counted in the room. */
#ifndef FEDNS_SERVE_COUNTERS_H
#define FEDNS_SERVE_COUNTERS_H

#include "fedns/serve.h"

/** `times` replies were handed over `ns` after their queries were whole. */
void serve_latency_add(struct serve_counters *counters, uint64_t ns, uint64_t times);

#endif
