/* `approve`, `join` and `unjoin`: what is told to the daemon about clusters and held changes. */
#include "single.h"
#include "told.h"

#include <limits.h>
#include <stdlib.h>

static enum err approve_print(const json_t *row)
{
	json_int_t services = json_integer_value(json_object_get(row, "services"));
	json_int_t deletions = json_integer_value(json_object_get(row, "deletions"));
	json_int_t addresses = json_integer_value(json_object_get(row, "addresses"));
	if (deletions != 0)
		(void)printf("approved: %" JSON_INTEGER_FORMAT " record%s at the provider go%s\n",
		             deletions, deletions == 1 ? "" : "s", deletions == 1 ? "es" : "");
	if (addresses != 0)
		(void)printf("approved: %" JSON_INTEGER_FORMAT " unhealthy address%s go%s\n", addresses,
		             addresses == 1 ? "" : "es", addresses == 1 ? "es" : "");
	if (services != 0)
		(void)printf("approved: what was held back of %" JSON_INTEGER_FORMAT " service%s goes\n",
		             services, services == 1 ? "" : "s");
	else if (deletions + addresses == 0)
		(void)printf("nothing was held back\n");
	return ERR_OK;
}

static enum err member_print(const json_t *row)
{
	(void)printf("cluster %s has %s\n", told_text(row, "name"), told_text(row, "done"));
	return ERR_OK;
}

enum status command_approve(const struct options *options)
{
	return single_run(options, "approve", NULL, approve_print);
}

/* The daemon's working directory is not ours. */
static const char *absolute(const char *path, char *room)
{
	return path == NULL || realpath(path, room) == NULL ? path : room;
}

enum status command_join(const struct options *options)
{
	char path[PATH_MAX];
	if (options->word_count == 0) {
		message("give the name of the cluster: fedns join NAME --context CONTEXT");
		return STATUS_USAGE;
	}
	json_t *arguments = json_pack("{s:s, s:s?, s:s?}", "name", options->words[0], "kubeconfig",
	                              absolute(options->kubeconfig, path), "context", options->context);
	return single_run(options, "join", arguments, member_print);
}

enum status command_unjoin(const struct options *options)
{
	if (options->word_count == 0) {
		message("give the name of the cluster: fedns unjoin NAME");
		return STATUS_USAGE;
	}
	return single_run(options, "unjoin", json_pack("{s:s}", "name", options->words[0]),
	                  member_print);
}
