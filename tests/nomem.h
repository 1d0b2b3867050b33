/* nomem: memory that runs out when a test wants it to. Programs named test_*_nomem.c are linked so
 * that every malloc, calloc and realloc of ours passes here. */
#ifndef FEDNS_TESTS_NOMEM_H
#define FEDNS_TESTS_NOMEM_H

#include <stdbool.h>
#include <stddef.h>

/** The `n`-th allocation from now on fails, 1 being the next one, and those after it work; 0: none
 * fails. */
void nomem_fail_at(size_t n);

/** Did it come to the allocation that was to fail? Then none is to fail any more. */
bool nomem_failed(void);

#endif
