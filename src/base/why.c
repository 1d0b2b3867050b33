#include "fedns/utf8.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Both format into memory of their own first: the arguments may point into `why` itself. */

void why_set(struct why *why, const char *fmt, ...)
{
	assert(why != NULL);
	struct why fresh = {{0}};
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(fresh.text, sizeof fresh.text, fmt, args);
	va_end(args);
	utf8_clean(fresh.text); /* what comes from outside must not forge a line */
	*why = fresh;
}

/* Append what fits. */
static void append(struct why *why, const char *text)
{
	size_t used = strlen(why->text);
	size_t size = strlen(text);
	size_t spare = sizeof why->text - 1 - used;
	if (size > spare)
		size = spare;
	memcpy(why->text + used, text, size);
	why->text[used + size] = '\0';
}

void why_wrap(struct why *why, const char *fmt, ...)
{
	assert(why != NULL);
	struct why outer = {{0}};
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(outer.text, sizeof outer.text, fmt, args);
	va_end(args);
	utf8_clean(outer.text);
	if (why->text[0] != '\0') {
		append(&outer, ": ");
		append(&outer, why->text);
	}
	*why = outer;
}
