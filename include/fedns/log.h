/* log: one line an event to a descriptor, as text or JSON. Ranks 5 and above only. */
#ifndef FEDNS_LOG_H
#define FEDNS_LOG_H

#include "fedns/base.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

/** Longest line in octets, its line feed included; longer ones are cut. One write(2) each. */
#define LOG_LINE_SIZE 2048

struct log {
	int fd; /* borrowed; usually standard error */
	enum log_level level;
	enum log_format format;
};

/** Write a line if `level` is wanted. `room` is the source folder that speaks ("source", "serve",
 * ...). */
void log_write(const struct log *log, enum log_level level, const char *room, const char *fmt, ...)
	PRINTF(4, 5);

#endif
