#include "page_asset.h"

#include <stdlib.h>

static enum err asset_begin(const unsigned char *data, size_t size, void **job, unsigned *status,
                            struct why *why)
{
	struct bytes *asset = calloc(1, sizeof *asset);
	*status = 200;
	*job = asset;
	if (asset == NULL) {
		why_set(why, "no memory for a file of the page");
		return ERR_NOMEM;
	}
	*asset = (struct bytes){data, size};
	return ERR_OK;
}

enum err asset_css_begin(void *arg, json_t *query, void **job, unsigned *status, struct why *why)
{
	(void)arg;
	(void)query;
	return asset_begin(page_css, page_css_size, job, status, why);
}

enum err asset_js_begin(void *arg, json_t *query, void **job, unsigned *status, struct why *why)
{
	(void)arg;
	(void)query;
	return asset_begin(page_js, page_js_size, job, status, why);
}

enum admin_step asset_step(void *job, struct buf *out, struct why *why)
{
	const struct bytes *asset = job;
	if (buf_add(out, *asset) == ERR_OK)
		return ADMIN_END;
	why_set(why, "no memory for a file of the page");
	return ADMIN_FAILED;
}

void asset_end(void *job)
{
	free(job);
}
