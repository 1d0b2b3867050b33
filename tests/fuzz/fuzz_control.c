/* Any octets as what a client of the control socket sends: frames come out whole however the stream
 * is cut, and each is a request or refused with a sentence. */
#include "fuzz.h"

#include "control_frame.h"

#include <stdlib.h>
#include <string.h>

/* Small, so that frames above it are found soon. */
#define SIZE_MAX_HERE 300

static void check(bool good)
{
	if (!good)
		abort();
}

static void request_check(struct bytes content)
{
	struct why why = {{0}};
	struct control_request request;
	/* In memory of its own, so that ASan sees a read beyond it. */
	uint8_t *copy = malloc(content.size);
	check(copy != NULL);
	memcpy(copy, content.data, content.size);
	enum err err = control_request_read((struct bytes){copy, content.size}, &request, &why);
	free(copy);
	check((err == ERR_OK) == (request.json != NULL) && (err == ERR_OK) == (why.text[0] == '\0'));
	if (err == ERR_OK) {
		check(request.command != NULL && strlen(request.command) <= content.size);
		check(request.arguments == NULL || json_is_object(request.arguments));
	}
	json_decref(request.json);
}

/* A part of the stream that is not all of a frame is never judged but by its head. */
static void parts_check(struct bytes stream, size_t used)
{
	for (size_t size = 0; size < used; size++) {
		struct why why = {{0}};
		struct bytes content;
		size_t none;
		check(control_frame_next((struct bytes){stream.data, size}, SIZE_MAX_HERE, &content, &none,
		                         &why) == ERR_OK);
		check(none == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes rest = {data, size};
	for (;;) {
		struct why why = {{0}};
		struct bytes content;
		size_t used;
		enum err err = control_frame_next(rest, SIZE_MAX_HERE, &content, &used, &why);
		if (err != ERR_OK || used == 0) {
			check((err == ERR_OK) == (why.text[0] == '\0'));
			break;
		}
		check(content.size >= 1 && content.size <= SIZE_MAX_HERE && used <= rest.size);
		parts_check(rest, used);
		request_check(content);
		rest.data += used;
		rest.size -= used;
	}
	if (size != 0)
		request_check(
			(struct bytes){data, size}); /* without a frame, so that JSON is reached soon */
	return 0;
}
