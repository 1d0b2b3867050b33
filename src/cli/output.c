#include "cli.h"
#include "fedns/utf8.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The path of a file, before a finding; PATH_MAX of Linux. */
#define FILE_TEXT_SIZE 4096
/* A sentence and a word or two of the command line; what is longer is cut. */
#define MESSAGE_TEXT_SIZE 1024

static void finding_print(void *arg, const struct finding *finding)
{
	struct tally *tally = arg;
	bool error = finding->severity == SEVERITY_ERROR;
	if (error)
		tally->errors++;
	else
		tally->warnings++;
	char file[FILE_TEXT_SIZE];
	(void)snprintf(file, sizeof file, "%s", finding->file != NULL ? finding->file : "fedns");
	utf8_clean(file);
	if (finding->file != NULL && finding->line != 0)
		(void)fprintf(tally->to, "%s:%u: ", file, finding->line);
	else
		(void)fprintf(tally->to, "%s: ", file);
	(void)fprintf(tally->to, "%s: %s\n", error ? "error" : "warning", finding->text);
}

struct findings findings_printed(struct tally *tally)
{
	return (struct findings){.report = finding_print, .arg = tally};
}

void message(const char *fmt, ...)
{
	char text[MESSAGE_TEXT_SIZE];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	utf8_clean(text); /* what was typed, or stands in a file, must not reach the terminal raw */
	(void)fprintf(stderr, "fedns: %s\n", text);
}

enum status output_finish(enum status status)
{
	bool failed = ferror(stdout) != 0;
	if (fflush(stdout) != 0 || failed) {
		/* who reads a pipe and leaves has what he wants */
		if (errno != EPIPE)
			message("standard output: %s", errno != 0 ? strerror(errno) : "write failed");
		return STATUS_NOT_DONE;
	}
	/* Some file systems say only now that the disk is full. */
	if (close(STDOUT_FILENO) != 0 && errno != EBADF) {
		message("standard output: %s", strerror(errno));
		return STATUS_NOT_DONE;
	}
	return status;
}
