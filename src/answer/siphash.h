/* siphash: SipHash-2-4 with 64 bits of output (Aumasson, Bernstein 2012), as RFC 9018 wants it. */
#ifndef FEDNS_ANSWER_SIPHASH_H
#define FEDNS_ANSWER_SIPHASH_H

#include "fedns/base.h"

#define SIPHASH_KEY_SIZE 16

/** Hash `data` under `key`, written little-endian to `out`. */
void siphash(struct bytes data, const uint8_t key[SIPHASH_KEY_SIZE], uint8_t out[8]);

#endif
