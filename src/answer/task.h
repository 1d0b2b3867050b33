/* task: one question being answered, and what all its answers are put together from. */
#ifndef FEDNS_ANSWER_TASK_H
#define FEDNS_ANSWER_TASK_H

#include "reply.h"
#include "root.h"

struct task {
	const struct root *root;
	const struct request *request;
	struct reply *reply;
	uint64_t turn; /* one more each time: the address to begin with */
};

/** Offset in the message of the question's last `size` octets. */
static inline size_t question_tail(const struct task *task, size_t size)
{
	return HEADER_SIZE + task->request->qname.name.size - size;
}

/** One RRset of the zone's own names, whole or, with TC, not at all. */
static inline bool block_put(const struct task *task, const struct block *block)
{
	const struct root *root = task->root;
	uint8_t *at = reply_take(task->reply, block->size);
	if (at != NULL)
		block_copy(block, at, question_tail(task, root->fixed->policy.zone.zone.size),
		           root->serial);
	return at != NULL;
}

/** NXDOMAIN and NODATA carry the SOA (RFC 2308 section 2). */
static inline void negative_put(const struct task *task)
{
	if (block_put(task, &task->root->fixed->negative))
		task->reply->authorities = 1;
}

/* ladder.c */

/** The ladder (rule 4): addresses of this level, or CNAMEs up to the first level that has any (RFC
 * 1034 section 4.3.2). */
void ladder_answer(const struct task *task, const struct lookup *found);

/** A named port: its SRV, and in the additional section its target's addresses (RFC 2782). */
void port_answer(const struct task *task, const struct lookup *found);

#endif
