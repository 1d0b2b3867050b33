#include "nomem.h"

#include <stdlib.h>

/* The linker's --wrap gives these names. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static size_t left; /* allocations until the one that fails; 0: none */
static bool failed;

void nomem_fail_at(size_t n)
{
	left = n;
	failed = false;
}

bool nomem_failed(void)
{
	return failed;
}

static bool fails_now(void)
{
	if (left == 0 || --left > 0)
		return false;
	failed = true;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails_now() ? NULL : __real_realloc(old, size);
}
