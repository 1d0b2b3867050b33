#include "fedns/model.h"

#include <assert.h>
#include <string.h>

size_t address_set_count(const struct address_set *set)
{
	return (size_t)set->v4_count + set->v6_count;
}

struct address address_set_at(const struct address_set *set, size_t i)
{
	assert(i < address_set_count(set));
	bool is_v4 = i < set->v4_count;
	struct address address = {.family = is_v4 ? 4 : 6};
	if (is_v4)
		memcpy(address.octets, set->v4 + i * V4_SIZE, V4_SIZE);
	else
		memcpy(address.octets, set->v6 + (i - set->v4_count) * V6_SIZE, V6_SIZE);
	return address;
}
