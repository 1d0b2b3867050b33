/* The two functions that libFuzzer calls by name; replay_main.c calls them the same way. */
#ifndef FEDNS_TESTS_FUZZ_H
#define FEDNS_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/** One input. Always returns 0; a finding is an abort or a sanitizer's report. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
