#include "secret.h"

#include <stdlib.h>
#include <string.h>

void secret_clear(struct secret *secret)
{
	if (secret->data != NULL)
		explicit_bzero(secret->data, secret->size);
	free(secret->data);
	*secret = (struct secret){.data = NULL};
}

enum err secret_set(struct secret *secret, struct bytes octets)
{
	struct secret fresh = {.size = octets.size};
	if (octets.size != 0) {
		fresh.data = malloc(octets.size + 1);
		if (fresh.data == NULL)
			return ERR_NOMEM;
		memcpy(fresh.data, octets.data, octets.size);
		fresh.data[octets.size] = '\0';
	}
	secret_move(secret, &fresh);
	return ERR_OK;
}

void secret_move(struct secret *secret, struct secret *from)
{
	secret_clear(secret);
	*secret = *from;
	*from = (struct secret){.data = NULL};
}

struct bytes secret_bytes(const struct secret *secret)
{
	return (struct bytes){secret->data, secret->size};
}

void buf_wipe(struct buf *buf)
{
	if (buf->data != NULL)
		explicit_bzero(buf->data, buf->room);
	buf_free(buf);
}
