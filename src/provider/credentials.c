#include "credentials_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* Keys are asked for anew so long before they end, as the vendor's SDKs do; half of their life
 * where that is shorter. */
#define STALE_MS INT64_C(900000)
/* Nearer to their end they are not given out while new ones are awaited: a call takes a third of
 * it, and clocks differ. */
#define LAST_MS        INT64_C(60000)
#define BACKOFF_MIN_MS INT64_C(1000)
#define BACKOFF_MAX_MS INT64_C(60000)
#define REFUSED_MS     INT64_C(60000) /* a refusal within it counts as the one before */

int64_t credentials_now(const struct credentials *credentials)
{
	return credentials->setup.now_ms(credentials->setup.now_arg);
}

/* --- freshness ---------------------------------------------------------------------------- */

/* Will the grant hold for `margin_ms` more? */
static bool holds(const struct credentials *credentials, int64_t margin_ms)
{
	const struct grant *grant = &credentials->grant;
	if (grant->credential.id == NULL)
		return false;
	return grant->expires_ms == INT64_MAX ||
	       credentials_now(credentials) < grant->expires_ms - margin_ms;
}

static bool is_stale(const struct credentials *credentials)
{
	int64_t half_ms = (credentials->grant.expires_ms - credentials->grant.got_ms) / 2;
	return !holds(credentials, half_ms < STALE_MS ? half_ms : STALE_MS);
}

/* May members be asked, or is it too soon after they failed? A clock that was set back doesn't stop
 * us. */
static bool may_ask(const struct credentials *credentials)
{
	if (credentials->failures == 0)
		return true;
	int64_t wait_ms = BACKOFF_MAX_MS;
	if (credentials->failures <= 6) /* 2^6 seconds are beyond the maximum */
		wait_ms = BACKOFF_MIN_MS << (credentials->failures - 1);
	int64_t since_ms = credentials_now(credentials) - credentials->failed_ms;
	return since_ms < 0 || since_ms >= (wait_ms < BACKOFF_MAX_MS ? wait_ms : BACKOFF_MAX_MS);
}

/* --- who waits ---------------------------------------------------------------------------- */

static void wait_unlink(struct credentials_wait *wait)
{
	if (wait->link == NULL)
		return;
	*wait->link = wait->next;
	if (wait->next != NULL)
		wait->next->link = wait->link;
	wait->link = NULL;
	wait->next = NULL;
}

static void wait_tell(struct credentials *credentials, struct credentials_wait *wait)
{
	struct why why = {{0}};
	if (holds(credentials, 0)) {
		wait->done(wait->arg, ERR_OK, &credentials->grant.credential, &why);
	} else if (credentials->err != ERR_OK) {
		wait->done(wait->arg, credentials->err, NULL, &credentials->why);
	} else {
		why_set(&why, "%s: the keys ended as they came", credentials->origin);
		wait->done(wait->arg, ERR_IO, NULL, &why);
	}
}

/* Those who begin to wait while others are told are told the next time. `credentials` may be ended
 * by one of them; its memory stays until the loop's next turn. */
static void serve(struct credentials *credentials)
{
	struct credentials_wait *told = credentials->waiting;
	credentials->waiting = NULL;
	if (told != NULL)
		told->link = &told;
	while (told != NULL) {
		struct credentials_wait *wait = told;
		wait_unlink(wait);
		wait_tell(credentials, wait);
		while (credentials->ended && told != NULL)
			wait_unlink(told);
	}
}

void credentials_told(struct credentials *credentials, enum err err, const struct why *why)
{
	credentials->err = err;
	credentials->why = *why;
	if (err == ERR_OK) {
		grant_move(&credentials->grant, &credentials->fetch.grant);
		(void)snprintf(credentials->origin, sizeof credentials->origin, "%s",
		               credentials->fetch.way.origin);
		credentials->kept = true;
		credentials->kept_at = credentials->walk.at;
		credentials->failures = 0;
		credentials->refused = false;
	} else {
		credentials->failures += credentials->failures < UINT32_MAX;
		credentials->failed_ms = credentials_now(credentials);
	}
	fetch_clear(&credentials->fetch);
	serve(credentials);
}

static void on_soon(uv_timer_t *timer)
{
	struct credentials *credentials = timer->data;
	bool due = credentials->refused || is_stale(credentials);
	if (credentials->walk.under_way)
		return;
	if (due && may_ask(credentials))
		chain_walk(credentials,
		           credentials->kept && !credentials->refused && holds(credentials, 0));
	else
		serve(credentials);
}

void credentials_get(struct credentials *credentials, struct credentials_wait *wait)
{
	assert(!credentials->ended && wait->done != NULL);
	wait->link = NULL;
	wait->next = NULL;
	bool at_hand = holds(credentials, LAST_MS) && !credentials->refused;
	bool due = !at_hand || (is_stale(credentials) && may_ask(credentials));
	if (due && !credentials->walk.under_way)
		(void)uv_timer_start(&credentials->soon, on_soon, 0, 0);
	if (at_hand) {
		wait_tell(credentials, wait);
		return;
	}
	struct credentials_wait **end = &credentials->waiting;
	while (*end != NULL)
		end = &(*end)->next;
	*end = wait;
	wait->link = end;
}

void credentials_cancel(struct credentials_wait *wait)
{
	wait_unlink(wait);
}

void credentials_refused(struct credentials *credentials)
{
	int64_t now_ms = credentials_now(credentials);
	int64_t since_ms = now_ms - credentials->refused_ms;
	if (credentials->refused_once && since_ms >= 0 && since_ms < REFUSED_MS)
		return;
	credentials->refused = credentials->refused_once = true;
	credentials->refused_ms = now_ms;
}

const char *credentials_origin(const struct credentials *credentials)
{
	return credentials->grant.credential.id != NULL ? credentials->origin : "none yet";
}

const char *credentials_trouble(const struct credentials *credentials)
{
	return credentials->failures != 0 ? credentials->why.text : NULL;
}

/* --- life --------------------------------------------------------------------------------- */

enum err credentials_new(const struct credentials_setup *setup, struct credentials **out,
                         struct why *why)
{
	assert(setup->loop != NULL && setup->http != NULL && setup->env != NULL &&
	       setup->now_ms != NULL);
	struct credentials *credentials = calloc(1, sizeof *credentials);
	*out = credentials;
	if (credentials == NULL) {
		why_set(why, "no memory for credentials");
		return ERR_NOMEM;
	}
	credentials->setup = *setup;
	credentials->err = ERR_MISSING;
	(void)uv_timer_init(setup->loop, &credentials->soon);
	credentials->soon.data = credentials;
	return ERR_OK;
}

static void on_close(uv_handle_t *handle)
{
	free(handle->data);
}

void credentials_free(struct credentials *credentials)
{
	if (credentials == NULL)
		return;
	assert(!credentials->ended);
	credentials->ended = true;
	while (credentials->waiting != NULL)
		wait_unlink(credentials->waiting);
	fetch_clear(&credentials->fetch);
	grant_clear(&credentials->grant);
	uv_close((uv_handle_t *)&credentials->soon, on_close);
}
