#include "listing.h"

enum status command_services(const struct options *options)
{
	static const struct column COLUMNS[] = {
		{"NAMESPACE", "namespace", NULL, false}, {"NAME", "name", NULL, false},
		{"CLUSTERS", "clusters", NULL, false},   {"TTL", "ttl", NULL, false},
		{"PORTS", "ports", NULL, false},         {"ADDRESSES", "addresses", NULL, false},
	};
	static const char *const NAMES[] = {"namespace", "name", NULL};
	static const struct listing LISTING = {
		"services", COLUMNS, sizeof COLUMNS / sizeof COLUMNS[0], 2, NAMES, NULL};
	return listing_run(options, &LISTING, NULL);
}
