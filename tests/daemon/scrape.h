/* scrape: a daemon that runs nothing, whose metrics are read as a scrape would read them. */
#ifndef FEDNS_TESTS_SCRAPE_H
#define FEDNS_TESTS_SCRAPE_H

#include "daemon_internal.h"

struct scrape {
	struct daemon *daemon;
	struct buf text; /* NUL-terminated, the NUL not counted */
	size_t steps;
	size_t step_lines; /* the most samples that one step wrote */
};

/** A model without services, a zone, health that probes by TCP, a configuration. */
void scrape_make(struct scrape *scrape);
void scrape_clear(struct scrape *scrape);

/** Service ns/SERVICE in `cluster` with `count` addresses from `first` on; commit with
 * scrape_commit(). */
void scrape_service(struct scrape *scrape, const char *service, const char *cluster, uint32_t first,
                    unsigned count);
/** Commit, look, publish. */
void scrape_commit(struct scrape *scrape);

/** Read all. ERR_OK, or the error of the beginning or of a step. */
enum err scrape_read(struct scrape *scrape);
/** The value of the sample that begins with `sample` ("fedns_serial", "m{l=\"v\"}"); fails the test
 * where there is none. */
double scrape_value(const struct scrape *scrape, const char *sample);
/** How many lines begin so. */
size_t scrape_count(const struct scrape *scrape, const char *begin);

#endif
