/* log_line: how a line of the log looks. Pure but for the clock. */
#ifndef FEDNS_BASE_LOG_LINE_H
#define FEDNS_BASE_LOG_LINE_H

#include "fedns/log.h"

struct log_line {
	size_t size;
	size_t room; /* octets that all but the end may fill */
	char text[LOG_LINE_SIZE];
};

struct log_event {
	enum log_level level;
	const char *room;
	const char *message;
	const struct log_field *fields;
	size_t field_count;
};

/** The whole line, its line feed at the end; cut to fit. */
void log_line_make(const struct log *log, const struct log_event *event, struct log_line *out);

#endif
