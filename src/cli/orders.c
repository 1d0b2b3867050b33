/* `drain`, `undrain` and `force`: what is told to the daemon about who may serve. */
#include "single.h"
#include "told.h"

#include <string.h>
#include <time.h>

static const char *text_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));
	return text == NULL ? "" : text;
}

static const char *plural(json_int_t count)
{
	return count == 1 ? "" : "s";
}

/* "cluster hangzhou", "default/nginx in hangzhou" */
static void what_print(const json_t *row)
{
	const char *service = text_of(row, "service");
	if (service[0] != '\0')
		(void)printf("%s in %s", service, text_of(row, "cluster"));
	else
		(void)printf("cluster %s", text_of(row, "cluster"));
}

static void safe_print(const json_t *stop)
{
	char text[64] = "";
	struct tm parts;
	time_t at = (time_t)told_number(stop, "at_s");
	json_int_t in_s = told_number(stop, "in_s"), services = told_number(stop, "services");
	if (localtime_r(&at, &parts) != NULL)
		(void)strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %Z", &parts);
	if (services != 0)
		(void)printf("%" JSON_INTEGER_FORMAT " service%s answered with it until now\n", services,
		             plural(services));
	if (in_s == 0)
		(void)printf("safe to stop: now\n");
	else
		(void)printf("safe to stop: %s, in %" JSON_INTEGER_FORMAT
		             " s, when the last answer with it has run out\n",
		             text, in_s);
	if (json_is_true(json_object_get(stop, "pushed")))
		(void)printf("so far for our own answers: the provider's follow, see `fedns status`\n");
}

static void stop_print(const json_t *stop)
{
	json_int_t left = told_number(stop, "left");
	if (left == 0) {
		safe_print(stop);
		return;
	}
	(void)printf("NOT safe to stop: %" JSON_INTEGER_FORMAT " service%s still answer%s with it, "
	             "for nothing else there serves (all_down)\n",
	             left, plural(left), left == 1 ? "s" : "");
}

static enum err order_print(const json_t *row)
{
	const char *done = text_of(row, "done");
	const json_t *stop = json_object_get(row, "stop");
	what_print(row);
	if (strcmp(done, "auto") == 0)
		(void)printf(" is judged by its probes again\n");
	else
		(void)printf(" is %s%s\n", done,
		             json_is_true(json_object_get(row, "again")) ? ", as before" : "");
	if (!json_is_null(stop))
		stop_print(stop);
	if (!json_is_true(json_object_get(row, "kept")))
		message("a restart forgets it: %s", text_of(row, "unkept"));
	return ERR_OK;
}

static enum status words_missing(const char *command, const char *words)
{
	message("%s: give %s; see `fedns %s --help`", command, words, command);
	return STATUS_USAGE;
}

static enum status drain_run(const struct options *options, const char *command)
{
	if (options->word_count == 0)
		return words_missing(command, "the name of a cluster");
	return single_run(
		options, command,
		json_pack("{s:s, s:s*}", "cluster", options->words[0], "service", options->service),
		order_print);
}

enum status command_drain(const struct options *options)
{
	return drain_run(options, "drain");
}

enum status command_undrain(const struct options *options)
{
	return drain_run(options, "undrain");
}

enum status command_force(const struct options *options)
{
	if (options->word_count < 3)
		return words_missing("force", "NAMESPACE/NAME, a cluster, and up, down or auto");
	return single_run(options, "force",
	                  json_pack("{s:s, s:s, s:s}", "service", options->words[0], "cluster",
	                            options->words[1], "to", options->words[2]),
	                  order_print);
}
