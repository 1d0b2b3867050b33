/* bucket: no more than so many calls a second, evenly. Pure: times are handed in. */
#ifndef FEDNS_PROVIDER_BUCKET_H
#define FEDNS_PROVIDER_BUCKET_H

#include <stdint.h>

/** Zeroed and given a rate it is full. */
struct bucket {
	double per_second; /* above 0 */
	double room;       /* calls that may come at once after a rest; at least 1 */
	double used;       /* of the room, as of `at_ms` */
	int64_t at_ms;
};

/** Take one. 0: taken; else ms to wait before it is worth asking again, at least 1. `now_ms` never
 * goes back. */
int64_t bucket_take(struct bucket *bucket, int64_t now_ms);
/** Is there room for `calls`? 0: yes; else ms as above. Nothing is taken. */
int64_t bucket_look(const struct bucket *bucket, unsigned calls, int64_t now_ms);

#endif
