/* page: the status page, its style and its script, as resources of the admin server.
 *
 * admin.h, control.h --> [page.h] --> admin.c (which serves them)
 *
 * What the page tells it asks by the control commands `status`, `clusters`, `services`, `explain`
 * and, where there is one, `history`, step by step as the control socket does: however many
 * services there are, no step holds the loop. It takes the URL's `explain`, `find` and `after`.
 */
#ifndef FEDNS_ADMIN_PAGE_H
#define FEDNS_ADMIN_PAGE_H

#include "fedns/admin.h"

/** The `arg` of the resources below; outlives the server. */
struct page_source {
	const struct control_command *commands;
	size_t count;
	void *arg; /* of the commands */
};

#define PAGE_RESOURCES 3

/** "/", "/page.css" and "/page.js". */
extern const struct admin_resource page_resources[PAGE_RESOURCES];

#endif
