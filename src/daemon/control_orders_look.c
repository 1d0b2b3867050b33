/* What a service answers with before an order, and after it. */
#include "control_orders.h"
#include "listed.h"

/* Services that are looked at in a step: each is compiled. */
#define SERVICES_STEP 8

struct look {
	const struct order_job *job;
	const struct ladder *ladder;
	bool listed, answered;
};

static bool address_look(void *arg, uint16_t id, const struct address *address,
                         const struct name *host)
{
	struct look *look = arg;
	struct cluster_view cluster;
	(void)host;
	if (!model_cluster(look->job->daemon->model, id, &cluster) ||
	    !bytes_equal(cluster.name, look->job->order.cluster))
		return true;
	look->listed = true;
	look->answered = ladder_holds(look->ladder, address);
	return !look->answered;
}

static bool is_meant(const struct order_job *job, const struct service_view *service)
{
	return job->order.service.size == 0 ||
	       (bytes_equal_nocase(service->namespace, job->order.namespace) &&
	        bytes_equal_nocase(service->name, job->order.service));
}

/* The full TTL, not one that was lowered a moment ago. What is not answered now may have been until
 * the last publish. */
static void before_take(struct order_job *job, const struct service_view *service, bool answered)
{
	uint32_t ttl_s = service->ttl_s != 0 ? service->ttl_s : job->daemon->config->answer.zone.ttl_s;
	int64_t until_ms = job->daemon->published_ms + (int64_t)ttl_s * 1000;
	if (answered) {
		job->before++;
		job->ttl_s = ttl_s > job->ttl_s ? ttl_s : job->ttl_s;
	} else if (until_ms > job->remembered_ms) {
		job->remembered_ms = until_ms;
	}
}

static enum err service_look(struct order_job *job, uint32_t id, struct why *why)
{
	struct daemon *daemon = job->daemon;
	struct findings nobody = {.report = NULL};
	struct service_view service;
	struct ladder ladder;
	if (!model_service(daemon->model, id, &service) || !is_meant(job, &service))
		return ERR_OK;
	struct look look = {.job = job, .ladder = &ladder};
	enum err err = compile_service(job->compiler, daemon->model, &daemon->config->answer.zone, id,
	                               &nobody, &ladder, why);
	if (err != ERR_OK)
		return err;
	listed_walk(daemon->model, service, address_look, &look);
	if (job->phase == PHASE_AFTER)
		job->after += look.answered;
	else if (look.listed)
		before_take(job, &service, look.answered);
	return ERR_OK;
}

/* On to `then` when all are looked at. */
enum control_step order_services_look(struct order_job *job, enum order_phase then,
                                      struct control_answer *answer)
{
	size_t limit = job->daemon->have_state ? model_service_limit(job->daemon->model) : 0;
	for (size_t i = 0; i < SERVICES_STEP && job->next < limit; i++) {
		answer->err = service_look(job, job->next++, &answer->why);
		if (answer->err != ERR_OK)
			return CONTROL_FAILED;
	}
	if (job->next >= limit) {
		job->next = 0;
		job->phase = then;
	}
	return CONTROL_WORKED;
}
