/* Any octets as the beginning of a reply that was noted: there is one whole line for them, in both
 * formats. */
#include "query_log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A line goes through a pipe that nobody else has. */
static void line_check(const struct query_note *note, enum log_format format)
{
	int ends[2];
	char line[LOG_LINE_SIZE + 1];
	if (pipe2(ends, O_CLOEXEC) != 0)
		abort();
	const struct log log = {.fd = ends[1], .level = LOG_INFO, .format = format};
	query_note_write(&log, note);
	ssize_t got = read(ends[0], line, sizeof line);
	static const char TEXT_END[] = "transport=udp\n", JSON_END[] = "\"transport\":\"udp\"}\n";
	const char *end = format == LOG_TEXT ? TEXT_END : JSON_END;
	size_t end_size = strlen(end);
	if (got < (ssize_t)end_size || memchr(line, '\n', (size_t)got) != line + got - 1)
		abort();
	if (memcmp(line + got - (ssize_t)end_size, end, end_size) != 0)
		abort();
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct query_note note = {.client = {.family = size % 2 == 0 ? 4 : 6}};
	note.head_size = (uint16_t)(size < NOTE_HEAD_SIZE ? size : NOTE_HEAD_SIZE);
	if (size != 0)
		memcpy(note.head, data, note.head_size);
	line_check(&note, LOG_TEXT);
	line_check(&note, LOG_JSON);
	return 0;
}
