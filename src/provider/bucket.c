#include "bucket.h"

int64_t bucket_take(struct bucket *bucket, int64_t now_ms)
{
	double back = (double)(now_ms - bucket->at_ms) * bucket->per_second / 1000;
	bucket->at_ms = now_ms;
	bucket->used = back < bucket->used ? bucket->used - back : 0;
	double over = bucket->used + 1 - bucket->room;
	if (over <= 0) {
		bucket->used++;
		return 0;
	}
	return 1 + (int64_t)(over * 1000 / bucket->per_second);
}
