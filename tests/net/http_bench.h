/* http_bench: a loop with a client and a server on it, and what a call's callbacks were told. */
#ifndef FEDNS_TESTS_HTTP_BENCH_H
#define FEDNS_TESTS_HTTP_BENCH_H

#include "fedns/http.h"
#include "script_http.h"

struct bench {
	uv_loop_t loop;
	struct script_http server;
	struct http *http; /* NULL once freed */
};

/* Filled by the call's callbacks. A hook runs last in its callback. */
struct talk {
	struct bench *bench;
	struct http_call *call;
	unsigned heads, runs, dones;
	unsigned status, done_status;
	enum err err;
	char why[WHY_TEXT_SIZE];
	char body[64 * 1024]; /* as text, gathered or run by run */
	size_t body_size;
	char retry_after[64];
	void (*on_head)(struct talk *talk);
	bool (*on_run)(struct talk *talk);
	void (*on_done)(struct talk *talk);
	void *arg; /* of the hooks */
};

void bench_start(struct bench *bench, const struct script_route *routes);
/** End client, server and loop; nothing may be left. */
void bench_stop(struct bench *bench);

/** "http://127.0.0.1:PORT/PATH", valid until the next call. */
const char *bench_url(struct bench *bench, const char *path);

/** Start `request`; its url NULL: that of `path`. Its proxy NULL: none, whatever the environment
 * says. Bodies come run by run. */
void talk_start(struct talk *talk, struct bench *bench, const struct http_request *request,
                const char *path);
/** The same without head and body callbacks. */
void talk_start_gathering(struct talk *talk, struct bench *bench,
                          const struct http_request *request, const char *path);
/** talk_start() with nothing filled in. */
void talk_start_as_it_is(struct talk *talk, struct bench *bench,
                         const struct http_request *request);
/** Run the loop until `done` was told. */
void talk_finish(struct talk *talk);
/** talk_start() and talk_finish() of a GET of `path`. */
void talk_get(struct talk *talk, struct bench *bench, const char *path);
/** Fail unless `talk` ended by `err` with `words` in its sentence. */
void talk_expect(const struct talk *talk, enum err err, const char *words);

/** Some turns of the loop, without waiting: what is to happen by itself has happened. */
void bench_turns(struct bench *bench);

#endif
