/* `drain`, `undrain` and `force`: what an operator says of a cluster, or of one service in it. For
 * a drain the services are looked at before and after: what is answered no more, and until when it
 * may be remembered. */
#include "control_orders.h"
#include "clock.h"

#include <stdlib.h>
#include <string.h>

void control_order_end(void *arg)
{
	struct order_job *job = arg;
	if (job->waiting)
		job->daemon->health.waiting--;
	compiler_free(job->compiler);
	json_decref(job->arguments);
	free(job);
}

/* --- arguments ---------------------------------------------------------------------------- */

static enum err service_take(struct order_job *job, const char *text, struct why *why)
{
	const char *slash = text == NULL ? NULL : strchr(text, '/');
	struct health_order *order = &job->order;
	if (text == NULL)
		return ERR_OK;
	if (slash != NULL) {
		order->namespace = (struct bytes){(const uint8_t *)text, (size_t)(slash - text)};
		order->service = bytes_of(slash + 1);
	}
	if (order->namespace.size != 0 && order->service.size != 0)
		return ERR_OK;
	why_set(why, "\"%.128s\" is no service: give it as NAMESPACE/NAME", text);
	return ERR_INVALID;
}

static enum err cluster_take(struct order_job *job, const char *text, struct why *why)
{
	job->order.cluster = bytes_of(text);
	if (job->order.cluster.size != 0)
		return ERR_OK;
	why_set(why, "give the name of a cluster");
	return ERR_INVALID;
}

static enum err drain_take(struct order_job *job, struct why *why)
{
	const char *cluster = NULL, *service = NULL;
	if (json_unpack_ex(job->arguments, NULL, JSON_STRICT, "{s?s, s?s}", "cluster", &cluster,
	                   "service", &service) != 0) {
		why_set(why, "this command takes a \"cluster\", a \"service\" and nothing else");
		return ERR_INVALID;
	}
	enum err err = cluster_take(job, cluster, why);
	return err == ERR_OK ? service_take(job, service, why) : err;
}

static enum err force_take(struct order_job *job, struct why *why)
{
	const char *cluster = NULL, *service = NULL, *to = NULL;
	if (json_unpack_ex(job->arguments, NULL, JSON_STRICT, "{s?s, s?s, s?s}", "cluster", &cluster,
	                   "service", &service, "to", &to) != 0 ||
	    to == NULL || service == NULL) {
		why_set(why, "this command takes a \"service\", a \"cluster\" and \"to\"");
		return ERR_INVALID;
	}
	job->end = strcmp(to, "auto") == 0;
	job->order.kind = strcmp(to, "down") == 0 ? ORDER_DOWN : ORDER_UP;
	if (!job->end && job->order.kind == ORDER_UP && strcmp(to, "up") != 0) {
		why_set(why, "\"%.64s\": give up, down or auto", to);
		return ERR_INVALID;
	}
	enum err err = cluster_take(job, cluster, why);
	return err == ERR_OK ? service_take(job, service, why) : err;
}

/* Drained already? Then it stays drained since then. */
static void again_look(struct order_job *job)
{
	struct health_order order;
	for (size_t i = 0; health_orders(job->daemon->health.health, i, &order); i++) {
		if (order.kind == job->order.kind && bytes_equal(order.cluster, job->order.cluster) &&
		    bytes_equal_nocase(order.namespace, job->order.namespace) &&
		    bytes_equal_nocase(order.service, job->order.service)) {
			job->again = true;
			job->order.since_ms = order.since_ms;
		}
	}
}

static enum err begin(struct daemon *daemon, bool force, bool end, json_t *arguments, void **out,
                      struct why *why)
{
	*out = NULL;
	struct order_job *job = calloc(1, sizeof *job);
	if (job == NULL || (job->compiler = compiler_new()) == NULL) {
		free(job);
		why_set(why, "no memory for the command");
		return ERR_NOMEM;
	}
	job->daemon = daemon;
	job->end = end;
	job->arguments = json_incref(arguments);
	job->order = (struct health_order){.kind = ORDER_DRAIN, .since_ms = clock_now_ms()};
	enum err err = force ? force_take(job, why) : drain_take(job, why);
	job->takes = !job->end && job->order.kind != ORDER_UP;
	job->phase = job->takes ? PHASE_BEFORE : PHASE_GIVE;
	if (err != ERR_OK) {
		control_order_end(job);
		return err;
	}
	if (!job->end)
		again_look(job);
	*out = job;
	return ERR_OK;
}

enum err control_drain_begin(void *daemon, json_t *arguments, void **job, struct why *why)
{
	return begin(daemon, false, false, arguments, job, why);
}

enum err control_undrain_begin(void *daemon, json_t *arguments, void **job, struct why *why)
{
	return begin(daemon, false, true, arguments, job, why);
}

enum err control_force_begin(void *daemon, json_t *arguments, void **job, struct why *why)
{
	return begin(daemon, true, false, arguments, job, why);
}

/* --- giving it ---------------------------------------------------------------------------- */

static const char *done_text(const struct order_job *job)
{
	if (job->order.kind == ORDER_DRAIN)
		return job->end ? "undrained" : "drained";
	return job->end ? "auto" : job->order.kind == ORDER_UP ? "forced up" : "forced down";
}

static enum control_step order_give(struct order_job *job, struct control_answer *answer)
{
	answer->err = daemon_order(job->daemon, &job->order, job->end, &answer->why);
	if (answer->err != ERR_OK)
		return CONTROL_FAILED;
	job->kept = daemon_orders_keep(job->daemon, &job->unkept);
	job->phase = PHASE_PUBLISH;
	daemon_log(job->daemon, LOG_WARN, "%.*s%s%.*s%s%.*s: %s", BYTES_ARG(job->order.cluster),
	           job->order.service.size != 0 ? ", " : "", BYTES_ARG(job->order.namespace),
	           job->order.service.size != 0 ? "/" : "", BYTES_ARG(job->order.service),
	           done_text(job));
	return CONTROL_WORKED;
}

static enum control_step published_await(struct order_job *job)
{
	struct daemon *daemon = job->daemon;
	struct model_changes changes = model_changes(daemon->model);
	bool waits = daemon->have_state && (changes.everything || changes.service_count != 0);
	if (waits != job->waiting)
		daemon->health.waiting += waits ? 1 : (size_t)-1;
	job->waiting = waits;
	if (waits)
		return CONTROL_WAIT;
	job->taken_ms = clock_now_ms();
	job->phase = job->takes ? PHASE_AFTER : PHASE_TELL;
	return CONTROL_WORKED;
}

/* --- telling ------------------------------------------------------------------------------ */

static int64_t safe_ms(const struct order_job *job)
{
	int64_t until_ms = job->remembered_ms;
	if (job->before != 0 && job->taken_ms + (int64_t)job->ttl_s * 1000 > until_ms)
		until_ms = job->taken_ms + (int64_t)job->ttl_s * 1000;
	int64_t now_ms = clock_now_ms();
	return until_ms > now_ms ? until_ms : now_ms;
}

static json_t *safe_json(const struct order_job *job)
{
	if (!job->takes)
		return json_null();
	int64_t at_ms = (safe_ms(job) + 999) / 1000 * 1000, in_ms = at_ms - clock_now_ms();
	return json_pack("{s:b, s:o, s:I, s:I, s:I, s:I, s:I, s:b}", "safe", job->after == 0, "at",
	                 control_time(at_ms), "at_s", (json_int_t)(at_ms / 1000), "in_s",
	                 (json_int_t)(in_ms > 0 ? (in_ms + 999) / 1000 : 0), "ttl",
	                 (json_int_t)job->ttl_s, "services", (json_int_t)job->before, "left",
	                 (json_int_t)job->after, "pushed", job->daemon->config->push.on);
}

static json_t *order_json(const struct order_job *job)
{
	const char *service = json_string_value(json_object_get(job->arguments, "service"));
	return json_pack("{s:s, s:o, s:o, s:b, s:b, s:o, s:o, s:b}", "done", done_text(job), "cluster",
	                 control_bytes(job->order.cluster), "service",
	                 service == NULL ? json_null() : control_text(service), "again",
	                 job->again ? 1 : 0, "kept", job->kept ? 1 : 0, "unkept",
	                 job->kept ? json_null() : control_text(job->unkept.text), "stop",
	                 safe_json(job), "served", job->daemon->published ? 1 : 0);
}

enum control_step control_order_step(void *arg, struct control_answer *answer)
{
	struct order_job *job = arg;
	switch (job->phase) {
	case PHASE_BEFORE:
		return order_services_look(job, PHASE_GIVE, answer);
	case PHASE_GIVE:
		return order_give(job, answer);
	case PHASE_PUBLISH:
		return published_await(job);
	case PHASE_AFTER:
		return order_services_look(job, PHASE_TELL, answer);
	case PHASE_TELL:
		job->phase = PHASE_END;
		answer->row = order_json(job);
		return CONTROL_ROW;
	default:
		/* without a state_dir nothing was to be kept */
		answer->not_good =
			job->after != 0 || (!job->kept && job->daemon->config->state_dir != NULL);
		return CONTROL_END;
	}
}
