#include "fedns/base.h"

#include <string.h>

/* On the answer path: names are 10 to 40 octets, so two or three multiplications in all.
 *
 * Every octet goes through a 64 x 64 -> 128 bit product whose halves are folded together. Both
 * factors are mixed with words that come from the seed: with a public word in one of them, an
 * outsider could choose octets that make that factor zero, and all such names would collide under
 * any seed. */

__extension__ typedef unsigned __int128 wide;

/* Fractional parts of the square roots of 2, 3, 5 and 7: bits that nobody chose, odd where they
 * multiply. */
#define WORD_A UINT64_C(0x6a09e667f3bcc909)
#define WORD_B UINT64_C(0xbb67ae8584caa73b)
#define WORD_C UINT64_C(0x3c6ef372fe94f82b)
#define WORD_D UINT64_C(0xa54ff53a5f1d36f1)

static inline uint64_t fold(uint64_t a, uint64_t b)
{
	wide product = (wide)a * b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t load_8(const uint8_t *data)
{
	uint64_t word;
	memcpy(&word, data, sizeof word);
	return word;
}

static inline uint64_t load_4(const uint8_t *data)
{
	uint32_t word;
	memcpy(&word, data, sizeof word);
	return word;
}

uint64_t hash_bytes(struct bytes data, uint64_t seed)
{
	const uint8_t *at = data.data;
	size_t left = data.size;
	uint64_t key = fold(seed ^ WORD_A, WORD_B);
	uint64_t sum = seed ^ WORD_C;
	for (; left > 16; at += 16, left -= 16)
		sum = fold(load_8(at) ^ key, load_8(at + 8) ^ sum);

	/* The last 1..16 octets as two words that may overlap; the size below tells such runs apart. */
	uint64_t head = 0;
	uint64_t tail = 0;
	if (left >= 8) {
		head = load_8(at);
		tail = load_8(at + left - 8);
	} else if (left >= 4) {
		head = load_4(at);
		tail = load_4(at + left - 4);
	} else if (left > 0) {
		head = (uint64_t)at[0] << 8 | at[left / 2];
		tail = at[left - 1];
	}
	sum = fold(head ^ key, tail ^ sum);
	return fold(sum ^ key, data.size ^ WORD_D);
}
