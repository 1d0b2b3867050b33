/* Any text as the cursor of a client that follows: what is read is what would be written, octet for
 * octet, and nothing else is taken. */
#include "fuzz.h"

#include "cursor.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* in memory of its own, so that ASan sees a read beyond it */
	char *text = malloc(size + 1), again[CURSOR_SIZE];
	struct cursor cursor;
	if (text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	if (cursor_read(text, &cursor)) {
		cursor_write(&cursor, again);
		if (strcmp(text, again) != 0)
			abort();
	}
	free(text);
	return 0;
}
