/* Any JSON as what the control commands say: the page is always whole and well-formed, and nothing
 * of it stands raw. */
#include "fuzz.h"

#include "markup.h"
#include "page_case.h"

#include <stdlib.h>

/* Far above what any input of libFuzzer's gives. */
#define PAGE_SIZE_MAX ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct page_view view;
	struct buf out;
	struct markup *markup = malloc(sizeof *markup);
	json_t *object = json_loadb((const char *)data, size, JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
	if (object == NULL || markup == NULL) {
		free(markup);
		return 0;
	}
	page_case_begin(object, &view);
	buf_init(&out, PAGE_SIZE_MAX);
	if (page_case_render(&view, &out) != ERR_OK)
		abort();
	if (!markup_good(markup, (const char *)out.data)) {
		(void)fprintf(stderr, "%s\n", markup->fault);
		abort();
	}
	buf_free(&out);
	page_case_end(&view);
	json_decref(object);
	free(markup);
	return 0;
}
