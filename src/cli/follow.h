/* follow: asks the daemon the same thing again and again, also over its restarts, for -w. */
#ifndef FEDNS_CLI_FOLLOW_H
#define FEDNS_CLI_FOLLOW_H

#include "control_client.h"

#include <jansson.h>

struct rows;

struct follower {
	const char *command; /* the daemon's */
	row_taker *take;
	/** The rows of a round are over; `all`: what wasn't told is no more. Print what is news. */
	enum err (*round)(void *arg, bool all, struct why *why);
	void *arg;
	bool since; /* the command knows "since" */
	bool loose; /* and things may change that its cursor doesn't tell of */
};

/**
 * Ask with `arguments` (taken; NULL: none) each second, or less often where the answer takes long,
 * until interrupted or nobody reads what is printed. The first round fails as control_ask() does;
 * later ones are tried again, and standard error says so.
 */
enum status follow(const struct options *options, const struct follower *follower,
                   json_t *arguments);

/** follow() a listing; `rows` is empty. */
enum status rows_follow(struct rows *rows, json_t *arguments);

/** Hash of `row` without its members `moving` (NULL-terminated; NULL: none), at any depth. False:
 * no memory. */
bool content_hash(const json_t *row, const char *const *moving, uint64_t *hash);

#endif
