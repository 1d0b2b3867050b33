#include "fedns/dns.h"

#include <assert.h>
#include <string.h>

struct bytes name_bytes(const struct name *name)
{
	return (struct bytes){name->octets, name->size};
}

bool name_equal(const struct name *a, const struct name *b)
{
	return bytes_equal(name_bytes(a), name_bytes(b));
}

enum err name_prepend(struct name *name, struct bytes label)
{
	assert(name->size > 0 && label.size > 0 && label.size <= LABEL_SIZE_MAX);
	size_t more = 1 + label.size;
	if (name->size + more > NAME_SIZE_MAX)
		return ERR_LIMIT;
	memmove(name->octets + more, name->octets, name->size);
	name->octets[0] = (uint8_t)label.size;
	for (size_t at = 0; at < label.size; at++)
		name->octets[1 + at] = octet_lower(label.data[at]);
	name->size = (uint8_t)(name->size + more);
	return ERR_OK;
}

bool name_at_or_below(const struct name *name, const struct name *above)
{
	assert(name->size > 0 && above->size > 0);
	/* Only label starts count: "xa." ends in the octets of "a.", and isn't below it. */
	size_t at = 0;
	while (name->size - at > above->size)
		at += 1 + (size_t)name->octets[at];
	return name->size - at == above->size &&
	       memcmp(name->octets + at, above->octets, above->size) == 0;
}

size_t label_put(struct bytes label, uint8_t *out)
{
	assert(label.size >= 1 && label.size <= LABEL_SIZE_MAX);
	out[0] = (uint8_t)label.size;
	memcpy(out + 1, label.data, label.size);
	return 1 + label.size;
}
