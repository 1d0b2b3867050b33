/* verify_sample: a few of the records that the state wants, spread over all of them. */
#ifndef FEDNS_CLI_VERIFY_SAMPLE_H
#define FEDNS_CLI_VERIFY_SAMPLE_H

#include "fedns/daemon.h"

struct samples {
	struct verify_sample items[VERIFY_SAMPLES_MAX];
	size_t count;
};

/** Read the state once; `out` holds up to VERIFY_SAMPLES_MAX RRsets of services. */
MUST_CHECK enum err samples_load(const struct config *config, struct findings *findings,
                                 struct samples *out, struct why *why);

#endif
