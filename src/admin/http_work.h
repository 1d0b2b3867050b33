/* http_work: what a request asks for, a resource or a command's rows as JSON, made step by step. */
#ifndef FEDNS_ADMIN_HTTP_WORK_H
#define FEDNS_ADMIN_HTTP_WORK_H

#include "fedns/admin.h"

struct http_work {
	const struct admin_resource *resource; /* one of both; */
	const struct control_command *command; /* neither: it has not begun, or is over */
	bool single;                           /* one row, which is told as an object */
	size_t rows;
	void *job;
	unsigned status;
	struct buf out; /* made and not told */
	enum err err;
	struct why why;
};

/** Zeroed but for its buffer. */
void http_work_init(struct http_work *work);
/** ERR_INVALID, ERR_MISSING, others: why is in `work`, which has not begun. */
MUST_CHECK enum err http_work_resource(struct http_work *work,
                                       const struct admin_resource *resource, void *arg,
                                       json_t *query);
MUST_CHECK enum err http_work_command(struct http_work *work, const struct control_command *command,
                                      bool single, void *arg, json_t *query);
/** One step. ADMIN_FAILED: `err` and `why` say why. */
enum admin_step http_work_step(struct http_work *work);
/** End the job, and free the buffer. */
void http_work_end(struct http_work *work);

#endif
