/* multi: a libcurl multi handle driven by a libuv loop: one poll handle a socket, one timer for all
 * timeouts. */
#ifndef FEDNS_NET_MULTI_H
#define FEDNS_NET_MULTI_H

#include "fedns/base.h"

#include <curl/curl.h>
#include <uv.h>

struct multi {
	CURLM *curl;
	uv_loop_t *loop;
	uv_timer_t timer;
	size_t socket_count; /* poll handles on the loop, closing ones included */
	bool timer_open;
	bool inside; /* libcurl is on the stack: what it doesn't allow then has to wait */
	/** libcurl has run and returned; transfers may have ended. Not CURLM_OK: memory ran out within,
	 * and any transfer may be left without a socket watched or a timer. */
	void (*returned)(void *arg, CURLMcode code);
	/** No memory for a socket of `easy`: nothing will be heard of it. Within libcurl. */
	void (*deaf)(void *arg, CURL *easy);
	/** After multi_close(): the loop has let go. */
	void (*closed)(void *arg);
	void *arg; /* of the three */
};

/** Set up; the callbacks and `arg` are the caller's to fill in. ERR_NOMEM, ERR_IO: nothing is left
 * on the loop. */
MUST_CHECK enum err multi_init(struct multi *multi, uv_loop_t *loop, struct why *why);

/** End, without libcurl on the stack and without a transfer in it; `closed` follows, later. */
void multi_close(struct multi *multi);

#endif
