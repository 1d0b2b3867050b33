/* fake_credentials: credentials as the test has them, at once or when it says so. Included once a
 * program, which then has none of the real ones. */
#ifndef FEDNS_TESTS_FAKE_CREDENTIALS_H
#define FEDNS_TESTS_FAKE_CREDENTIALS_H

#include "fedns/credentials.h"

struct credentials {
	struct credential give;
	enum err err; /* in place of `give`, with `why` */
	struct why why;
	bool later;                       /* when fake_credentials_come() is called */
	struct credentials_wait *waiting; /* last come, first served */
	unsigned asked, refused;
};

static void fake_credentials_give(const struct credentials *credentials,
                                  struct credentials_wait *wait)
{
	if (credentials->err != ERR_OK)
		wait->done(wait->arg, credentials->err, NULL, &credentials->why);
	else
		wait->done(wait->arg, ERR_OK, &credentials->give, &credentials->why);
}

void credentials_get(struct credentials *credentials, struct credentials_wait *wait)
{
	credentials->asked++;
	if (!credentials->later) {
		fake_credentials_give(credentials, wait);
		return;
	}
	wait->next = credentials->waiting;
	wait->link = &credentials->waiting;
	if (wait->next != NULL)
		wait->next->link = &wait->next;
	credentials->waiting = wait;
}

void credentials_cancel(struct credentials_wait *wait)
{
	*wait->link = wait->next;
	if (wait->next != NULL)
		wait->next->link = wait->link;
}

void credentials_refused(struct credentials *credentials)
{
	credentials->refused++;
}

static inline void fake_credentials_come(struct credentials *credentials)
{
	while (credentials->waiting != NULL) {
		struct credentials_wait *wait = credentials->waiting;
		credentials_cancel(wait);
		fake_credentials_give(credentials, wait);
	}
}

#endif
