#include "fedns/base.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* First allocation: a line of text fits, so that small uses allocate once. */
#define ROOM_MIN 256

void buf_init(struct buf *buf, size_t size_max)
{
	*buf = (struct buf){.size_max = size_max};
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){.size_max = buf->size_max};
}

/* Make room for `more` octets and the NUL that vsnprintf() puts behind them. */
static enum err reserve(struct buf *buf, size_t more)
{
	assert(buf->size <= buf->size_max);
	if (more > buf->size_max - buf->size)
		return ERR_LIMIT;
	size_t want = buf->size + more;
	if (want < buf->room)
		return ERR_OK;
	if (want >= SIZE_MAX / 2)
		return ERR_NOMEM; /* no allocator gives that, and doubling stays below SIZE_MAX */
	size_t room = buf->room < ROOM_MIN ? ROOM_MIN : buf->room * 2;
	if (room > buf->size_max)
		room = buf->size_max + 1;
	if (room <= want)
		room = want + 1;
	uint8_t *data = realloc(buf->data, room);
	if (data == NULL)
		return ERR_NOMEM;
	buf->data = data;
	buf->room = room;
	return ERR_OK;
}

enum err buf_add(struct buf *buf, struct bytes more)
{
	if (more.size == 0)
		return ERR_OK;
	enum err err = reserve(buf, more.size);
	if (err != ERR_OK)
		return err;
	memcpy(buf->data + buf->size, more.data, more.size);
	buf->size += more.size;
	return ERR_OK;
}

enum err buf_printf(struct buf *buf, const char *fmt, ...)
{
	/* Most texts fit what is there already; only a longer one is formatted again. */
	for (;;) {
		size_t spare = buf->room - buf->size;
		va_list args;
		va_start(args, fmt);
		int written =
			vsnprintf(spare == 0 ? NULL : (char *)buf->data + buf->size, spare, fmt, args);
		va_end(args);
		if (written < 0)
			return ERR_LIMIT; /* EOVERFLOW: above INT_MAX octets */
		size_t more = (size_t)written;
		if (more > buf->size_max - buf->size)
			return ERR_LIMIT;
		if (more < spare) {
			buf->size += more;
			return ERR_OK;
		}
		enum err err = reserve(buf, more);
		if (err != ERR_OK)
			return err;
	}
}

struct bytes buf_bytes(const struct buf *buf)
{
	return (struct bytes){buf->data, buf->size};
}
