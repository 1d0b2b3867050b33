/* page_case: one JSON object as all that a status page is made of: "status" and "history" (rows),
 * "clusters", "services" and "explain" (arrays), "why" (a sentence for each part), and the URL's
 * "name", "find" and "after". */
#ifndef FEDNS_TESTS_FUZZ_PAGE_CASE_H
#define FEDNS_TESTS_FUZZ_PAGE_CASE_H

#include "page_view.h"

#include <string.h>

/** The rows are new references: page_case_end(). */
static inline void page_case_begin(const json_t *object, struct page_view *view)
{
	static const char *const PARTS[VIEW_PARTS] = {"status", "clusters", "services", "history",
	                                              "explain"};
	*view = (struct page_view){.explain = row_text(object, "name"),
	                           .find = row_text(object, "find"),
	                           .after = row_text(object, "after"),
	                           .now = "2026-11-23 02:30:45 UTC"};
	for (size_t i = 0; i < VIEW_PARTS; i++) {
		json_t *part = json_object_get(object, PARTS[i]);
		const char *why = row_text(json_object_get(object, "why"), PARTS[i]);
		view->rows[i] = json_is_array(part) ? json_incref(part) : json_array();
		if (json_is_object(part))
			(void)json_array_append(view->rows[i], part);
		view->left[i] = (size_t)row_number(json_object_get(object, "left"), PARTS[i]);
		if (why != NULL)
			why_set(&view->why[i], "%s", why);
	}
}

static inline void page_case_end(struct page_view *view)
{
	for (size_t i = 0; i < VIEW_PARTS; i++)
		json_decref(view->rows[i]);
}

/** All sections, in their order, and a NUL. */
static inline enum err page_case_render(const struct page_view *view, struct buf *out)
{
	page_section *const sections[] = {page_head,     page_verdict,  page_explain,  page_traffic,
	                                  page_clusters, page_services, page_provider, page_foot};
	struct html html = {.out = out};
	for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
		sections[i](view, &html);
	enum err err = html.err;
	return err == ERR_OK ? buf_add(out, (struct bytes){(const uint8_t *)"", 1}) : err;
}

#endif
