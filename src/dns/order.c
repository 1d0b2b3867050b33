#include "fedns/dns.h"

#include <assert.h>

/* The most labels that 255 octets can hold, without the root: 127 of one octet each. */
#define LABELS_MAX 127

/* Where the labels of `name` begin, from the first on. */
static size_t labels_find(struct bytes name, uint8_t starts[LABELS_MAX])
{
	assert(name.size > 0 && name.size <= NAME_SIZE_MAX);
	size_t count = 0;
	for (size_t at = 0; name.data[at] != 0; at += 1 + (size_t)name.data[at]) {
		assert(count < LABELS_MAX);
		starts[count++] = (uint8_t)at;
	}
	return count;
}

static struct bytes label_at(struct bytes name, size_t at)
{
	return (struct bytes){name.data + at + 1, name.data[at]};
}

int name_compare(struct bytes a, struct bytes b)
{
	uint8_t starts_a[LABELS_MAX];
	uint8_t starts_b[LABELS_MAX];
	size_t left_a = labels_find(a, starts_a);
	size_t left_b = labels_find(b, starts_b);
	while (left_a > 0 && left_b > 0) {
		int order = bytes_compare(label_at(a, starts_a[--left_a]), label_at(b, starts_b[--left_b]));
		if (order != 0)
			return order;
	}
	/* Equal so far: the absence of a label sorts before any label. */
	return (left_a > 0) - (left_b > 0);
}
