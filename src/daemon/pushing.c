/* The daemon's push: what is published is told to the provider, and who may push. */
#include "daemon_internal.h"
#include "push_parts.h"
#include "wants.h"

/* Changes of so long become one plan; the provider hears of each within a second. */
#define SOON_MS 200
/* After the signal: what was begun at the provider may end. */
#define STOP_MS 5000
/* What kept a push from beginning may be gone: a journal that another one has, a full disk. */
#define RETRY_MS 10000

/* What is pushed is logged there; findings of the model were said when it was published. */
static struct findings deaf(void)
{
	return (struct findings){.report = NULL};
}

/*
 * Has the source spoken since the start? What was last known good is good enough to answer with,
 * but it may be older than what the provider holds, which another replica may have pushed. Nor does
 * a host name that nobody has looked up yet say that its level is empty.
 */
static bool may_tell(struct daemon *daemon)
{
	if (hosts_pending(daemon->hosts) == 0)
		daemon->push.hosts_known = true;
	bool read = daemon->kube == NULL ? daemon->spoken : daemon->live_ready;
	return daemon->push.hosts_known && read && daemon->have_state;
}

/* Is all known that there is? Only then may be deleted what is not there. */
static bool is_whole(const struct daemon *daemon)
{
	return daemon->kube == NULL || kube_synced(daemon->kube);
}

static void wants_tell(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	struct why why = {{0}};
	struct findings findings = deaf();
	struct record_list *want;
	if (daemon->push.provider == NULL || daemon->stopping || !may_tell(daemon))
		return;
	enum err err = wants_make(daemon->config, daemon->model, provider_domain(daemon->push.provider),
	                          &findings, &want, &why);
	if (err == ERR_OK) {
		daemon->push.told_whole = is_whole(daemon);
		provider_want(daemon->push.provider, want, daemon->push.told_whole);
	} else {
		daemon_log(daemon, LOG_ERROR, "not pushed: %s", why.text);
	}
}

void daemon_push_soon(struct daemon *daemon, bool changed)
{
	if (daemon->push.provider != NULL && (changed || !daemon->push.told_whole) &&
	    !daemon->stopping && !uv_is_active((uv_handle_t *)&daemon->push.soon))
		(void)uv_timer_start(&daemon->push.soon, wants_tell, SOON_MS, 0);
}

/* --- who pushes --------------------------------------------------------------------------- */

static bool may_write(void *arg)
{
	const struct daemon *daemon = arg;
	return !daemon->config->push.lease.on ||
	       (daemon->push.lease != NULL && lease_held(daemon->push.lease));
}

static void lead_changed(void *arg, bool leader)
{
	struct daemon *daemon = arg;
	(void)leader;
	if (daemon->push.provider != NULL)
		provider_lead_changed(daemon->push.provider);
}

/* --- beginning and end -------------------------------------------------------------------- */

static void push_end(struct daemon *daemon);

static void moved(void *arg)
{
	struct daemon *daemon = arg;
	if (daemon->push.ending && provider_stop(daemon->push.provider) == 0)
		push_end(daemon);
}

static enum err push_start(struct daemon *daemon, struct why *why)
{
	const struct config *config = daemon->config;
	if (!config->push.on)
		return ERR_OK;
	const struct push_owner owner = {.config = config,
	                                 .loop = &daemon->loop,
	                                 .log = &daemon->log,
	                                 .spawner = daemon->spawner,
	                                 .arg = daemon,
	                                 .may_write = may_write,
	                                 .moved = moved,
	                                 .led = lead_changed};
	enum err err = push_provider(&owner, &config->push.alidns, &daemon->push.provider, why);
	if (err == ERR_OK && config->push.lease.on)
		err = push_lease(&owner, &daemon->push.lease, why);
	if (err != ERR_OK) {
		why_wrap(why, "provider");
		provider_free(daemon->push.provider);
		daemon->push.provider = NULL;
		return err;
	}
	daemon_push_soon(daemon, true);
	return ERR_OK;
}

static void retry(uv_timer_t *timer);

static void push_later(struct daemon *daemon, const struct why *why)
{
	struct daemon_push *push = &daemon->push;
	push->why = *why;
	if (told_is_news(&push->reasons, why->text, (int64_t)uv_now(&daemon->loop)))
		daemon_log(daemon, LOG_ERROR, "nothing is pushed: %s; it is tried again", why->text);
	(void)uv_timer_start(&push->soon, retry, RETRY_MS, 0);
}

static void push_begin_again(struct daemon *daemon)
{
	struct daemon_push *push = &daemon->push;
	struct why why = {{0}};
	if (push_start(daemon, &why) != ERR_OK) {
		push_later(daemon, &why);
		return;
	}
	push->why.text[0] = '\0';
	told_forget(&push->reasons);
}

static void retry(uv_timer_t *timer)
{
	push_begin_again(timer->data);
}

/* That somebody pushes by hand just now is no reason not to answer. */
enum err daemon_push_start(struct daemon *daemon, struct why *why)
{
	enum err err = push_start(daemon, why);
	if (err != ERR_CONFLICT)
		return err;
	push_later(daemon, why);
	return ERR_OK;
}

static void lease_over(void *arg)
{
	struct daemon *daemon = arg;
	lease_free(daemon->push.leaving);
	daemon->push.leaving = NULL;
}

static void lease_give_back(struct daemon_push *push, struct daemon *daemon)
{
	if (push->lease == NULL)
		return;
	lease_free(push->leaving);
	push->leaving = push->lease;
	push->lease = NULL;
	lease_release(push->leaving, lease_over, daemon);
}

/* The lease goes back when nothing is under way any more. */
static void push_end(struct daemon *daemon)
{
	struct daemon_push *push = &daemon->push;
	push->ending = false;
	(void)uv_timer_stop(&push->soon);
	daemon_provider_kept(daemon);
	provider_free(push->provider);
	push->provider = NULL;
	lease_give_back(push, daemon);
	if (push->again) {
		push->again = false;
		push_begin_again(daemon);
	} else if (daemon->stopping) {
		uv_close((uv_handle_t *)&push->soon, NULL);
	}
}

static void end_late(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	daemon_log(daemon, LOG_WARN,
	           "the provider takes too long: the next start finds out what came "
	           "of the last calls");
	push_end(daemon);
}

static void push_stop(struct daemon *daemon)
{
	struct daemon_push *push = &daemon->push;
	push->ending = true;
	if (push->provider == NULL || provider_stop(push->provider) == 0)
		push_end(daemon);
	else
		(void)uv_timer_start(&push->soon, end_late, STOP_MS, 0);
}

void daemon_push_reload(struct daemon *daemon)
{
	/* also when no key has changed: alidns.yaml may hold another secret */
	daemon->push.again = true;
	push_stop(daemon);
}

void daemon_push_stop(struct daemon *daemon)
{
	daemon->push.again = false;
	push_stop(daemon);
}
