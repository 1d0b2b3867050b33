/* hosts_bed: host names whose resolver, loop and clock are the test's; one process, one test at a
 * time. */
#ifndef FEDNS_TESTS_DAEMON_HOSTS_BED_H
#define FEDNS_TESTS_DAEMON_HOSTS_BED_H

#include "hosts.h"

#include "check.h"

#define ASKS_MAX 64

struct asked {
	struct name host;
	uint8_t family;
	enum resolver_line line;
	resolver_done *done;
	void *arg;
};

struct resolver {
	int unused;
};

struct said {
	size_t count;
	char last[FINDING_TEXT_SIZE];
};

struct world {
	uv_loop_t loop;
	struct model *model;
	struct hosts *hosts;
	struct said said;
	struct findings findings;
	size_t answered, said_at_tick;
};

extern struct resolver the_resolver;
/** What is asked and not answered, the oldest first. */
extern struct asked asks[ASKS_MAX];
extern size_t ask_count;
/** There is no room in this one; RESOLVER_LINES: in all. */
extern enum resolver_line full_line;

/** A cmocka setup and teardown. */
int world_begin(void **state);
int world_end(void **state);
/** A service default/nginx whose cluster hangzhou is reached at `host`. */
void service_set(struct world *world, const char *host);
void scan(struct world *world);
/** Answer the oldest question, and take it off the list. */
void answer(uint8_t family, enum resolved_status status, const char *address, uint32_t ttl_s);
void tick_at(uint64_t at_ms);
struct host_view host_only(const struct world *world);

#endif
