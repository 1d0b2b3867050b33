/* hash_bytes: depends on every bit of data, size and seed; spreads names like ours evenly. */
#include "fedns/base.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t SEED = 0x1234567890abcdef;

static void same_for_the_same(void **state)
{
	(void)state;
	/* At every alignment, and without reading beyond the end (the sanitizer sees that). */
	for (size_t size = 0; size <= 80; size++) {
		uint64_t first = 0;
		for (size_t offset = 0; offset < 8; offset++) {
			uint8_t *data = malloc(offset + size + (size == 0));
			assert_non_null(data);
			for (size_t i = 0; i < size; i++)
				data[offset + i] = (uint8_t)(i * 7);
			uint64_t hash = hash_bytes((struct bytes){data + offset, size}, SEED);
			if (offset == 0)
				first = hash;
			assert_true(hash == first);
			free(data);
		}
	}
	assert_true(hash_bytes((struct bytes){NULL, 0}, 1) != hash_bytes((struct bytes){NULL, 0}, 2));
}

static void size_counts(void **state)
{
	(void)state;
	/* Runs of zeros differ in nothing but their size. */
	static const uint8_t ZEROS[100];
	uint64_t seen[sizeof ZEROS];
	for (size_t size = 0; size < sizeof ZEROS; size++) {
		seen[size] = hash_bytes((struct bytes){ZEROS, size}, SEED);
		for (size_t i = 0; i < size; i++)
			assert_true(seen[i] != seen[size]);
	}
}

/* How many of 64 output bits change, on average over many runs, when one input bit does? */
static double flips(size_t size, size_t bit, bool of_seed)
{
	enum { ROUNDS = 400 };
	uint64_t random = 88172645463325252u;
	unsigned changed = 0;
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint8_t data[64];
		for (size_t i = 0; i < size; i++) {
			random ^= random << 13; /* xorshift: only has to look irregular */
			random ^= random >> 7;
			random ^= random << 17;
			data[i] = (uint8_t)(random >> 32);
		}
		uint64_t seed = random;
		uint64_t before = hash_bytes((struct bytes){data, size}, seed);
		if (of_seed)
			seed ^= UINT64_C(1) << bit;
		else
			data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		uint64_t after = hash_bytes((struct bytes){data, size}, seed);
		changed += (unsigned)__builtin_popcountll(before ^ after);
	}
	return (double)changed / ROUNDS;
}

static void every_bit_changes_half_of_the_hash(void **state)
{
	(void)state;
	static const size_t SIZES[] = {1, 2, 3, 4, 7, 8, 9, 16, 17, 24, 33, 40};
	for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
		for (size_t bit = 0; bit < SIZES[i] * 8; bit++) {
			double changed = flips(SIZES[i], bit, false);
			assert_true(changed > 29 && changed < 35);
		}
		for (size_t bit = 0; bit < 64; bit++) {
			double changed = flips(SIZES[i], bit, true);
			assert_true(changed > 29 && changed < 35);
		}
	}
}

/* Chi squared of names like ours over 4096 shards, taken from the hash at `shift`. */
static double spread(unsigned shift, uint64_t seed)
{
	enum { NAMES = 100000, SHARDS = 4096 };
	static unsigned counts[SHARDS];
	memset(counts, 0, sizeof counts);
	for (unsigned i = 0; i < NAMES; i++) {
		char name[64];
		int size = snprintf(name, sizeof name, "\6s%05u\7default\3fed\3svc", i);
		uint64_t hash = hash_bytes((struct bytes){(const uint8_t *)name, (size_t)size}, seed);
		counts[hash >> shift & (SHARDS - 1)]++;
	}
	double expected = (double)NAMES / SHARDS;
	double sum = 0;
	for (unsigned i = 0; i < SHARDS; i++)
		sum += ((double)counts[i] - expected) * ((double)counts[i] - expected) / expected;
	return sum;
}

static void spreads_names_evenly(void **state)
{
	(void)state;
	/* 4095 degrees of freedom: mean 4095, deviation 90.5; six of them either way. */
	for (unsigned shift = 0; shift <= 52; shift += 13) {
		for (uint64_t seed = 0; seed < 3; seed++) {
			double sum = spread(shift, seed);
			assert_true(sum > 3550 && sum < 4640);
		}
	}
}

static void no_octets_collide_under_every_seed(void **state)
{
	(void)state;
	/* The first block equal to a constant must not swallow what follows, whatever the seed. */
	static const uint64_t WORDS[] = {0,
	                                 UINT64_MAX,
	                                 0x6a09e667f3bcc909,
	                                 0xbb67ae8584caa73b,
	                                 0x3c6ef372fe94f82b,
	                                 0xa54ff53a5f1d36f1};
	for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
		for (size_t at = 0; at <= 24; at += 8) {
			uint8_t a[32] = {0};
			uint8_t b[32];
			memset(b, 0xff, sizeof b);
			memcpy(a + at, &WORDS[i], 8);
			memcpy(b + at, &WORDS[i], 8);
			for (uint64_t seed = 1; seed < 50; seed++) {
				assert_true(hash_bytes((struct bytes){a, 32}, seed * SEED) !=
				            hash_bytes((struct bytes){b, 32}, seed * SEED));
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_for_the_same),
		cmocka_unit_test(size_counts),
		cmocka_unit_test(every_bit_changes_half_of_the_hash),
		cmocka_unit_test(spreads_names_evenly),
		cmocka_unit_test(no_octets_collide_under_every_seed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
