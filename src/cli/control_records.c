#include "listing.h"

enum status command_records(const struct options *options)
{
	static const struct column COLUMNS[] = {
		{"NAME", "name", NULL, false},
		{"TTL", "ttl", NULL, false},
		{"TYPE", "type", NULL, false},
		{"RDATA", "rdata", NULL, false},
	};
	static const char *const NAMES[] = {"name", "type", NULL};
	static const struct listing LISTING = {
		"records", COLUMNS, sizeof COLUMNS / sizeof COLUMNS[0], 0, NAMES, NULL, false};
	json_t *arguments = NULL;
	if (options->word_count == 1) {
		arguments = json_pack("{s:s}", "name", options->words[0]);
		if (arguments == NULL) {
			message("records: \"%s\" is no name", options->words[0]);
			return STATUS_USAGE;
		}
	}
	return listing_run(options, &LISTING, arguments);
}
