/* arrival: has what was pushed reached the provider's own name servers? Some of the names that
 * changed are asked for until every server says what is wanted, or patience ends.
 *
 * ask.h, resolver.h --> [arrival.h] --> provider.c
 */
#ifndef FEDNS_PROVIDER_ARRIVAL_H
#define FEDNS_PROVIDER_ARRIVAL_H

#include "fedns/ask.h"
#include "fedns/log.h"
#include "fedns/plan.h"
#include "fedns/provider.h"
#include "fedns/resolver.h"

#define ARRIVAL_NAMES_MAX   16     /* of one push; the newest ones */
#define ARRIVAL_SERVERS_MAX 16     /* addresses */
#define ARRIVAL_AGAIN_MS    1000   /* between two rounds of questions */
#define ARRIVAL_MS          300000 /* after that a server is said to disagree */

struct arrival;

struct arrival_setup {
	uv_loop_t *loop;
	const struct log *log;
	const struct name *domain;
	const char *const *servers;   /* ADDRESS:PORT; copied */
	size_t server_count;          /* 0: those of arrival_servers() */
	const char *const *resolvers; /* as resolver_new() takes them */
	size_t resolver_count;
	void (*changed)(void *arg); /* something that arrival_state() tells */
	void *arg;
};

/** ERR_INVALID (a server's text), ERR_IO, ERR_NOMEM. */
MUST_CHECK enum err arrival_new(const struct arrival_setup *setup, struct arrival **out,
                                struct why *why);
/** Handles close on the loop. NULL is fine. */
void arrival_free(struct arrival *arrival);

/** The name servers' host names, which are looked up; nothing where addresses were given. */
void arrival_servers(struct arrival *arrival, const char *names, size_t stride, size_t count);
/** A record of this name and type was changed at the provider. */
void arrival_note(struct arrival *arrival, const struct record *record);
/** All that changed is pushed, and `want` is what should be answered; `since_ms`: loop time at
 * which the oldest of these changes was told to us. Asks, if anything was noted. */
void arrival_begin(struct arrival *arrival, const struct record_list *want, int64_t since_ms);

void arrival_state(const struct arrival *arrival, struct arrival_state *out);

#endif
