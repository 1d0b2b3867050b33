/* explain_name: which service, at which place, a name of the zone stands for; or why for none. */
#ifndef FEDNS_DAEMON_EXPLAIN_NAME_H
#define FEDNS_DAEMON_EXPLAIN_NAME_H

#include "fedns/compile.h"
#include "fedns/model.h"

struct explain_name {
	uint16_t place;
	uint8_t namespace_size, service_size;
	uint8_t namespace[LABEL_SIZE_MAX], service[LABEL_SIZE_MAX]; /* as asked, in lower case */
};

/** Read `text`. ERR_INVALID: it is no name; ERR_MISSING: it stands for no service of a known place,
 * and `why` says what is wrong with it; ERR_NOMEM. Whether there is such a service is not looked
 * at. */
MUST_CHECK enum err explain_name_read(const struct model *model, const struct zone_policy *policy,
                                      const char *text, struct explain_name *out, struct why *why);

#endif
