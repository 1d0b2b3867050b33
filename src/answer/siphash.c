#include "siphash.h"

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t load_le(const uint8_t *octets, size_t size)
{
	uint64_t word = 0;
	for (size_t i = 0; i < size; i++)
		word |= (uint64_t)octets[i] << (8 * i);
	return word;
}

static uint64_t rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

static void rounds(struct state *state, unsigned count)
{
	for (; count > 0; count--) {
		state->v0 += state->v1;
		state->v2 += state->v3;
		state->v1 = rotate(state->v1, 13) ^ state->v0;
		state->v3 = rotate(state->v3, 16) ^ state->v2;
		state->v0 = rotate(state->v0, 32);
		state->v2 += state->v1;
		state->v0 += state->v3;
		state->v1 = rotate(state->v1, 17) ^ state->v2;
		state->v3 = rotate(state->v3, 21) ^ state->v0;
		state->v2 = rotate(state->v2, 32);
	}
}

static void compress(struct state *state, uint64_t word)
{
	state->v3 ^= word;
	rounds(state, 2);
	state->v0 ^= word;
}

void siphash(struct bytes data, const uint8_t key[SIPHASH_KEY_SIZE], uint8_t out[8])
{
	uint64_t k0 = load_le(key, 8), k1 = load_le(key + 8, 8);
	/* "somepseudorandomlygeneratedbytes" */
	struct state state = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
	                      k1 ^ 0x7465646279746573};
	size_t whole = data.size & ~(size_t)7;
	for (size_t at = 0; at < whole; at += 8)
		compress(&state, load_le(data.data + at, 8));
	compress(&state, (uint64_t)data.size << 56 | load_le(data.data + whole, data.size - whole));
	state.v2 ^= 0xff;
	rounds(&state, 4);
	uint64_t hash = state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
	for (size_t i = 0; i < 8; i++)
		out[i] = (uint8_t)(hash >> (8 * i));
}
