#include "cursor.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void cursor_write(const struct cursor *cursor, char *text)
{
	int size = snprintf(text, CURSOR_SIZE, "%" PRIx64 ".%" PRIx32 ".%" PRIx64, cursor->run,
	                    cursor->changes, cursor->look);
	assert(size > 0 && size < CURSOR_SIZE);
	(void)size;
}

/* The number at `*text`, of so many digits at most, and the `end` behind it. */
static bool number_take(const char **text, size_t digits_max, char end, uint64_t *number)
{
	static const char DIGITS[] = "0123456789abcdef";
	size_t size = strspn(*text, DIGITS);
	if (size == 0 || size > digits_max || (*text)[size] != end || (**text == '0' && size != 1))
		return false;
	*number = 0;
	for (size_t i = 0; i < size; i++)
		*number = *number << 4 | (uint64_t)(strchr(DIGITS, (*text)[i]) - DIGITS);
	*text += size + (end != '\0');
	return true;
}

bool cursor_read(const char *text, struct cursor *out)
{
	uint64_t run, changes, look;
	assert(text != NULL && out != NULL);
	if (!number_take(&text, 16, '.', &run) || !number_take(&text, 8, '.', &changes) ||
	    !number_take(&text, 16, '\0', &look))
		return false;
	*out = (struct cursor){run, (uint32_t)changes, look};
	return true;
}
