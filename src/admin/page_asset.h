/* page_asset: the page's style and script, which the build puts into the program as they stand. */
#ifndef FEDNS_ADMIN_PAGE_ASSET_H
#define FEDNS_ADMIN_PAGE_ASSET_H

#include "fedns/admin.h"

/* Of an admin_resource. */
enum err asset_css_begin(void *arg, json_t *query, void **job, unsigned *status, struct why *why);
enum err asset_js_begin(void *arg, json_t *query, void **job, unsigned *status, struct why *why);
enum admin_step asset_step(void *job, struct buf *out, struct why *why);
void asset_end(void *job);

/* Made by embed.cmake of page.css and page.js. */
extern const unsigned char page_css[];
extern const size_t page_css_size;
extern const unsigned char page_js[];
extern const size_t page_js_size;

#endif
