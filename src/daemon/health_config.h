/* health_config: what the configuration says of health, as core and prober want it. */
#ifndef FEDNS_DAEMON_HEALTH_CONFIG_H
#define FEDNS_DAEMON_HEALTH_CONFIG_H

#include "fedns/config.h"
#include "fedns/dns.h"
#include "fedns/prober.h"

/** Texts that a policy borrows. */
struct health_texts {
	char global[NAME_TEXT_SIZE]; /* what follows SVC.NS in a global name, without the final dot */
};

void health_policy_of(const struct config *config, struct health_texts *texts,
                      struct health_policy *out);
void probe_policy_of(const struct config *config, struct probe_policy *out);
/** The i-th self check; false: no more. */
bool self_check_of(const struct config *config, size_t i, struct health_target *out);

#endif
