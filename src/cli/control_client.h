/* control_client: asks the running daemon by its control socket, and waits for the reply. */
#ifndef FEDNS_CLI_CONTROL_CLIENT_H
#define FEDNS_CLI_CONTROL_CLIENT_H

#include "cli.h"
#include "fedns/control.h"

/* A daemon that is alive says something within this; a reload may wait some seconds. */
#define CONTROL_PATIENCE_S 30

/** Takes each row, borrowed for the call; anything but ERR_OK ends the reply. */
typedef enum err row_taker(void *arg, const json_t *row, struct why *why);

/** The control socket that the options name. Else a message was printed. `size` is
 * CONTROL_PATH_SIZE_MAX + 1. */
enum status control_path(const struct options *options, char *path, size_t size);

/** How asking came out. */
struct asked {
	enum {
		ASKED_DONE,
		ASKED_REFUSED, /* the daemon says no */
		ASKED_LOST,    /* there is no daemon, or it went, or it is none of ours */
		ASKED_FAILED,  /* `take` did */
	} how;
	enum status status; /* the daemon's verdict */
};

/**
 * Let the daemon at `path` run `command` with `arguments` (taken; NULL: none), and hand its rows to
 * `take`. Unless it is done, `why` says what went wrong, and the rows are not all.
 */
struct asked control_try(const char *path, const char *command, json_t *arguments, row_taker *take,
                         void *arg, struct why *why);

/**
 * Let the daemon run `command` with `arguments` (taken; NULL: none), and hand its rows to `take`.
 * The daemon's verdict, or STATUS_USAGE (no socket is named), STATUS_NOT_DONE (the daemon isn't
 * reached, or what it says makes no sense). `*said`: a message was printed, and the rows are not
 * all.
 */
enum status control_ask(const struct options *options, const char *command, json_t *arguments,
                        row_taker *take, void *arg, bool *said);

#endif
