/* spawn_message: what is said of one run: a request by whoever wants it, an answer by the runner.
 * Both are the same program on the same machine, so numbers stand as they do in memory. */
#ifndef FEDNS_SOURCE_SPAWN_MESSAGE_H
#define FEDNS_SOURCE_SPAWN_MESSAGE_H

#include "fedns/kubeconfig.h"

/** Octets of a request's texts; the kernel takes 128 KiB of each. */
#define SPAWN_SIZE_MAX ((size_t)1 << 20)
/** Arguments and variables of a command together. */
#define SPAWN_TEXTS_MAX 1024

/** A request: this, then its texts, each with its NUL: command, KUBERNETES_EXEC_INFO's value,
 * arguments, variables. */
struct spawn_head {
	uint32_t size; /* of all texts */
	uint32_t arg_count, env_count;
};

/** A request that was read. */
struct spawn_request {
	struct kube_exec exec; /* command, arguments, variables */
	const char *info;
	const char *texts[SPAWN_TEXTS_MAX]; /* what `exec` points to */
};

/** Into an empty buffer. ERR_LIMIT, ERR_NOMEM. */
MUST_CHECK enum err spawn_request_write(const struct kube_exec *exec, const char *info,
                                        struct buf *out, struct why *why);
/** Texts are borrowed of `texts`, which has head->size octets. ERR_INVALID. */
MUST_CHECK enum err spawn_request_read(const struct spawn_head *head, const char *texts,
                                       struct spawn_request *out);

enum spawn_end {
	SPAWN_EXITED,      /* `value`: its status */
	SPAWN_SIGNALLED,   /* the signal */
	SPAWN_FAILED,      /* it couldn't be started: errno */
	SPAWN_MISSING,     /* not in PATH */
	SPAWN_NOT_ALLOWED, /* not one of those that the spawner runs */
};

struct spawn_answer {
	uint32_t end; /* an enum spawn_end */
	int32_t value;
};

#endif
