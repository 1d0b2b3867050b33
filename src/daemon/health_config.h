/* health_config: the policy of health, as the core wants it. */
#ifndef FEDNS_DAEMON_HEALTH_CONFIG_H
#define FEDNS_DAEMON_HEALTH_CONFIG_H

#include "fedns/config.h"
#include "fedns/dns.h"

/** Texts that a policy borrows. */
struct health_texts {
	char global[NAME_TEXT_SIZE]; /* what follows SVC.NS. in a global name, without the final dot */
};

void health_policy_of(const struct config *config, struct health_texts *texts,
                      struct health_policy *out);

#endif
