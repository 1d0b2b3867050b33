#include "listing.h"

enum status command_services(const struct options *options)
{
	static const struct column COLUMNS[] = {
		{"NAMESPACE", "namespace", NULL, false}, {"NAME", "name", NULL, false},
		{"CLUSTERS", "clusters", NULL, false},   {"TTL", "ttl", NULL, false},
		{"PORTS", "ports", NULL, false},         {"ADDRESSES", "addresses", NULL, false},
		{"STATE", "state", NULL, true},
	};
	static const char *const NAMES[] = {"namespace", "name", NULL}, *const MOVING[] = {"state",
	                                                                                   NULL};
	static const struct listing LISTING = {
		"services", COLUMNS, sizeof COLUMNS / sizeof COLUMNS[0], 2, NAMES, MOVING, false};
	json_t *arguments = NULL;
	if (options->word_count == 1) {
		arguments = json_pack("{s:s}", "find", options->words[0]);
		if (arguments == NULL) {
			message("services: \"%s\" is no part of a name", options->words[0]);
			return STATUS_USAGE;
		}
	}
	return listing_run(options, &LISTING, arguments);
}
