/* ini_text: an INI text in memory, read by inih.
 *
 * inih 55 takes lines of 200 octets, copies them to its stack and tells no line numbers. So it sees
 * each value replaced by the number of its line: the values stay where they are, as long as they
 * are, and whoever takes one knows where it stands. */
#ifndef FEDNS_PROVIDER_INI_TEXT_H
#define FEDNS_PROVIDER_INI_TEXT_H

#include "fedns/base.h"

#define INI_NAME_SIZE_MAX 50 /* octets of a section or a key and its NUL: inih cuts them there */
#define INI_LINES_MAX     4096

/** Takes one `name = value`; the value stands in the text, may be written to, and is without the
 * space around and a comment behind it (a blank, then
 * ";" or "#"). * Other than ERR_OK ends the reading; ini_read() returns it and `why`. */
typedef enum err ini_take(void *arg, unsigned line, const char *section, const char *name,
                          char *value, struct why *why);

/**
 * Read `text`, which has a NUL behind it and is written to: values get one. ERR_INVALID: a line
 * that is no section, no `name = value` and no comment; ERR_LIMIT. `*line` is where it went wrong,
 * 0: nowhere in particular.
 */
MUST_CHECK enum err ini_read(char *text, size_t size, ini_take *take, void *arg, unsigned *line,
                             struct why *why);

#endif
