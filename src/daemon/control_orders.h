/* control_orders: one drain, undrain or force, and the services that it touches.
 *
 *     control_orders.c --> [control_orders.h] --> control_orders_look.c
 */
#ifndef FEDNS_DAEMON_CONTROL_ORDERS_H
#define FEDNS_DAEMON_CONTROL_ORDERS_H

#include "control_commands.h"

enum order_phase { PHASE_BEFORE, PHASE_GIVE, PHASE_PUBLISH, PHASE_AFTER, PHASE_TELL, PHASE_END };

struct order_job {
	struct daemon *daemon;
	json_t *arguments; /* owned; what the texts of `order` point into */
	struct health_order order;
	bool end;     /* undrain, auto */
	bool takes;   /* addresses away: services are looked at */
	bool again;   /* it was drained before */
	bool waiting; /* counted in the daemon's */
	bool kept;
	enum order_phase phase;
	struct compiler *compiler;
	uint32_t next;         /* service */
	size_t before, after;  /* services that answer with the cluster's addresses */
	uint32_t ttl_s;        /* the largest that they were answered with */
	int64_t remembered_ms; /* until when what went earlier may be remembered */
	int64_t taken_ms;
	struct why unkept;
};

/** Look at some more services, before or after the order; on to `then` when all are looked at. */
enum control_step order_services_look(struct order_job *job, enum order_phase then,
                                      struct control_answer *answer);

#endif
