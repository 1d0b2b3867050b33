#include "listing.h"

enum status command_services(const struct options *options)
{
	static const struct column COLUMNS[] = {
		{"NAMESPACE", "namespace", NULL, false}, {"NAME", "name", NULL, false},
		{"CLUSTERS", "clusters", NULL, false},   {"TTL", "ttl", NULL, false},
		{"PORTS", "ports", NULL, false},         {"ADDRESSES", "addresses", NULL, false},
		{"STATE", "state", NULL, true},
	};
	/* where it isn't shown it is no news: the same line would come twice */
	static const char *const NAMES[] = {"namespace", "name", NULL}, *const HIDDEN[] = {"state",
	                                                                                   NULL};
	const struct listing listing = {.command = "services",
	                                .columns = COLUMNS,
	                                .column_count = sizeof COLUMNS / sizeof COLUMNS[0],
	                                .sorted_by = 2,
	                                .names = NAMES,
	                                .moving = options->wide || options->json ? NULL : HIDDEN};
	json_t *arguments = NULL;
	if (options->word_count == 1) {
		arguments = json_pack("{s:s}", "find", options->words[0]);
		if (arguments == NULL) {
			message("services: \"%s\" is no part of a name", options->words[0]);
			return STATUS_USAGE;
		}
	}
	return listing_run(options, &listing, arguments);
}
