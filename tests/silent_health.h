/* silent_health: who tells a struct health that its wishes are met, and does nothing; for tests of
 * what lies around it. */
#ifndef FEDNS_TESTS_SILENT_HEALTH_H
#define FEDNS_TESTS_SILENT_HEALTH_H

#include "fedns/health.h"

static inline bool silent_probe(void *arg, uint32_t id, const struct health_target *target)
{
	(void)arg;
	(void)id;
	(void)target;
	return true;
}

static inline void silent_unprobe(void *arg, uint32_t id)
{
	(void)arg;
	(void)id;
}

static inline void silent_news(void *arg, const struct health_news *what)
{
	(void)arg;
	(void)what;
}

#endif
