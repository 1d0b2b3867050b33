#include "bucket.h"

static double used_now(const struct bucket *bucket, int64_t now_ms)
{
	double back = (double)(now_ms - bucket->at_ms) * bucket->per_second / 1000;
	return back < bucket->used ? bucket->used - back : 0;
}

int64_t bucket_look(const struct bucket *bucket, unsigned calls, int64_t now_ms)
{
	double over = used_now(bucket, now_ms) + calls - bucket->room;
	return over <= 0 ? 0 : 1 + (int64_t)(over * 1000 / bucket->per_second);
}

int64_t bucket_take(struct bucket *bucket, int64_t now_ms)
{
	int64_t wait_ms = bucket_look(bucket, 1, now_ms);
	bucket->used = used_now(bucket, now_ms) + (wait_ms == 0 ? 1 : 0);
	bucket->at_ms = now_ms;
	return wait_ms;
}
