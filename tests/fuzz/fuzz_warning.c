/* Any octets as the value of a Warning header: texts that fit, as clean as a terminal needs them,
 * and an end. */
#include "fuzz.h"

#include "fedns/utf8.h"
#include "warning.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[WARNING_TEXT_SIZE];
	struct bytes rest = {data, size};
	size_t bad_at, count = 0;
	while (warning_take(&rest, text)) {
		size_t length = strnlen(text, sizeof text);
		if (length == 0 || length == sizeof text || ++count > size)
			abort();
		if (!utf8_valid((struct bytes){(const uint8_t *)text, length}, &bad_at))
			abort();
	}
	if (rest.size != 0)
		abort();
	return 0;
}
