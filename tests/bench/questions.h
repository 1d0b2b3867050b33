/* questions: what a load asks, read once from a list and then asked in turn. */
#ifndef FEDNS_BENCH_QUESTIONS_H
#define FEDNS_BENCH_QUESTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define QUERY_SIZE_MAX (12 + 255 + 4 + 11)

struct questions {
	struct question *items;
	size_t count, next;
	uint8_t *octets;
	size_t octets_size;
};

/** Each line of `in`: "NAME TYPE-NUMBER"; asked with EDNS. Exits if there is none, or no memory. */
void questions_read(struct questions *questions, FILE *in);

/** The next query, with `id` in it. It stays where it is, and is asked again one day. */
uint8_t *questions_next(struct questions *questions, uint16_t id, size_t *size);

#endif
