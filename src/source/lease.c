#include "lease_internal.h"

#include "message.h"

#include <assert.h>
#include <time.h>

/* --- times -------------------------------------------------------------------------------- */

/* Not CLOCK_MONOTONIC, which stands still while the machine is suspended: whoever wakes up after an
 * hour must not hold what another has long had. */
static int64_t boot_ms(void *arg)
{
	struct timespec now = {0};
	(void)arg;
	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t now_ms(const struct lease *lease)
{
	return lease->clock.now_ms(lease->clock.arg);
}

/* --- asking ------------------------------------------------------------------------------- */

static enum err body_make(struct lease *lease, enum lease_want want, struct buf *body,
                          struct why *why)
{
	const struct lease_claim *claim = &lease->state.claim;
	struct lease_object *made = NULL;
	enum err err = ERR_OK;
	if (want == LEASE_CREATE)
		err = lease_object_new(lease->namespace, lease->name,
		                       claim->keep_acquire ? lease->object : NULL, &made, why);
	const struct lease_object *object = want == LEASE_CREATE ? made : lease->object;
	int64_t wall_ms = lease_state_renewal(&lease->state, lease->setup.now_ms(lease->setup.now_arg));
	if (err == ERR_OK)
		err = lease_object_write(object, claim, lease->state.identity, wall_ms, body, why);
	lease_object_free(made);
	return err;
}

static uint32_t call_limit_ms(const struct lease *lease, int64_t now)
{
	int64_t left = lease->state.release_until_ms - now;
	return lease->releasing && left < LEASE_CALL_MS ? (uint32_t)left : LEASE_CALL_MS;
}

static void ask(struct lease *lease, enum lease_want want, int64_t now)
{
	static const char *const METHODS[] = {
		[LEASE_GET] = "GET", [LEASE_CREATE] = "POST", [LEASE_UPDATE] = "PUT"};
	struct buf body;
	struct why why = {{0}};
	buf_init(&body, LEASE_OBJECT_SIZE_MAX);
	enum err err = want == LEASE_GET ? ERR_OK : body_make(lease, want, &body, &why);
	lease->out = want;
	lease->sent_ms = now;
	if (err == ERR_OK) {
		api_call_start(&lease->call, METHODS[want],
		               want == LEASE_CREATE ? lease->collection_url : lease->url, buf_bytes(&body),
		               call_limit_ms(lease, now));
	} else {
		lease_say_reply(lease, &why, now);
		lease_state_reply(&lease->state, LEASE_FAILED, NULL, now, now);
	}
	buf_free(&body);
}

/* --- roles -------------------------------------------------------------------------------- */

static void told(uv_timer_t *timer)
{
	struct lease *lease = timer->data;
	if (lease->told_leader != lease->leader) {
		lease->told_leader = lease->leader;
		lease->setup.changed(lease->setup.arg, lease->leader);
	}
	if (lease->freed || lease->state.role != LEASE_RELEASED || lease->released == NULL)
		return;
	void (*released)(void *arg) = lease->released;
	lease->released = NULL;
	released(lease->released_arg);
}

static void role_look(struct lease *lease)
{
	bool leader = lease->state.role == LEASE_LEADER;
	bool over = lease->state.role == LEASE_RELEASED;
	if (over)
		api_call_cancel(&lease->call);
	if (leader == lease->leader && !over)
		return;
	if (leader != lease->leader) {
		lease->leader = leader;
		lease_say_role(lease);
	}
	(void)uv_timer_start(&lease->tell, told, 0, 0);
}

static void timer_fired(uv_timer_t *timer)
{
	lease_look(timer->data);
}

void lease_look(struct lease *lease)
{
	int64_t at;
	int64_t now = now_ms(lease);
	enum lease_want want;
	while ((want = lease_state_next(&lease->state, now, &at)) != LEASE_WAIT)
		ask(lease, want, now);
	role_look(lease);
	if (at == INT64_MAX)
		(void)uv_timer_stop(&lease->timer);
	else
		(void)uv_timer_start(&lease->timer, timer_fired, (uint64_t)(at - now), 0);
}

/* --- replies ------------------------------------------------------------------------------ */

static enum lease_reply object_came(struct lease *lease, struct bytes body,
                                    struct lease_record *record, struct why *why)
{
	struct lease_object *object;
	if (lease_object_read(body, &object, record, why) != ERR_OK)
		return LEASE_FAILED;
	lease_object_free(lease->object);
	lease->object = object;
	return lease->out == LEASE_GET ? LEASE_FOUND : LEASE_WRITTEN;
}

static enum lease_reply judge(struct lease *lease, unsigned status, struct bytes body,
                              struct lease_record *record, struct why *why)
{
	if (status == 200 || (status == 201 && lease->out != LEASE_GET))
		return object_came(lease, body, record, why);
	refusal_read(status, body, why);
	if (status == 409)
		return LEASE_CONFLICT;
	return status == 404 && lease->out == LEASE_GET ? LEASE_MISSING : LEASE_FAILED;
}

static void call_done(void *arg, enum err err, unsigned status, struct bytes body,
                      const struct why *why)
{
	struct lease *lease = arg;
	struct lease_record record;
	struct why said = {{0}};
	int64_t now = now_ms(lease);
	enum lease_reply reply = LEASE_FAILED;
	if (err == ERR_OK)
		reply = judge(lease, status, body, &record, &said);
	else
		said = *why;
	bool read = reply == LEASE_FOUND || reply == LEASE_WRITTEN;
	lease_state_reply(&lease->state, reply, read ? &record : NULL, lease->sent_ms, now);
	lease_say_reply(lease, reply == LEASE_FAILED ? &said : NULL, now);
	lease_look(lease);
}

/* --- what its user may ask ---------------------------------------------------------------- */

bool lease_held(const struct lease *lease)
{
	return lease_state_held(&lease->state, now_ms(lease));
}

const char *lease_holder(const struct lease *lease)
{
	return lease->state.seen.holder;
}

uint32_t lease_transitions(const struct lease *lease)
{
	return lease->state.seen.transitions;
}

void lease_release(struct lease *lease, void (*done)(void *arg), void *arg)
{
	assert(!lease->releasing && !lease->freed);
	lease->releasing = true;
	lease->released = done;
	lease->released_arg = arg;
	api_call_cancel(&lease->call);
	lease_state_release(&lease->state, now_ms(lease));
	lease_look(lease);
}

enum err lease_new(const struct lease_setup *setup, struct lease **out, struct why *why)
{
	const struct lease_clock clock = {.now_ms = boot_ms};
	return lease_new_clocked(setup, &clock, out, why);
}

/* What else its life needs is in lease_life.c. */
void lease_begin(struct lease *lease)
{
	lease->call.done = call_done;
	lease->call.arg = lease;
	api_call_init(&lease->call);
	(void)uv_timer_init(lease->setup.loop, &lease->timer);
	(void)uv_timer_init(lease->setup.loop, &lease->tell);
	lease->timer.data = lease->tell.data = lease;
	(void)uv_timer_start(&lease->timer, timer_fired, 0, 0);
}
