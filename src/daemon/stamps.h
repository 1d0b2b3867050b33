/* stamps: when each service changed last, so that whoever follows is told what is new, and no more.
 *
 * model.h --> [stamps.h] --> publish.c (what changed), control_since.c (who asks)
 */
#ifndef FEDNS_DAEMON_STAMPS_H
#define FEDNS_DAEMON_STAMPS_H

#include "fedns/model.h"

/* Twelve octets for each service that the model has room for. */
struct stamps {
	uint32_t now;      /* changes so far: batches of them */
	uint32_t all;      /* as of then only a whole list tells the truth */
	uint32_t *changed; /* [room], by service id */
	uint64_t *names;   /* [room]: hash of who had the id; 0: nobody */
	size_t room;
};

void stamps_free(struct stamps *stamps);

/** What has changed in `model` is about to be published. Without memory all services have changed.
 */
void stamps_take(struct stamps *stamps, const struct model *model);

/** Is there nothing but a whole list for who knows all up to `since`? */
bool stamps_need_all(const struct stamps *stamps, uint32_t since);
/** Has `service` changed after `since`? */
bool stamps_newer(const struct stamps *stamps, uint32_t service, uint32_t since);

#endif
