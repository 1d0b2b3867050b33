#include "control_frame.h"

#include <assert.h>
#include <string.h>

/* Octets of a command's name that are shown in a complaint. */
#define SHOWN_MAX 64

enum err control_frame_next(struct bytes stream, size_t size_max, struct bytes *content,
                            size_t *used, struct why *why)
{
	*content = (struct bytes){NULL, 0};
	*used = 0;
	if (stream.size < CONTROL_HEAD_SIZE)
		return ERR_OK;
	size_t size = control_head_size(stream.data);
	if (size == 0 || size > size_max) {
		why_set(why, "a frame of %zu octets: 1 to %zu are taken", size, size_max);
		return ERR_LIMIT;
	}
	if (stream.size - CONTROL_HEAD_SIZE < size)
		return ERR_OK;
	*content = (struct bytes){stream.data + CONTROL_HEAD_SIZE, size};
	*used = CONTROL_HEAD_SIZE + size;
	return ERR_OK;
}

size_t control_head_size(const uint8_t head[CONTROL_HEAD_SIZE])
{
	return (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
}

void control_head_put(size_t size, uint8_t out[CONTROL_HEAD_SIZE])
{
	assert(size <= UINT32_MAX);
	for (size_t i = 0; i < CONTROL_HEAD_SIZE; i++)
		out[i] = (uint8_t)(size >> 8 * (CONTROL_HEAD_SIZE - 1 - i));
}

/* The members, by hand: a sentence of jansson's would speak of its own formats. */
static enum err members_read(struct control_request *out, struct why *why)
{
	const char *key;
	json_t *value;
	json_object_foreach(out->json, key, value)
	{
		if (strcmp(key, "command") == 0 && json_is_string(value))
			out->command = json_string_value(value);
		else if (strcmp(key, "arguments") == 0 && json_is_object(value))
			out->arguments = value;
		else {
			why_set(why, "the request's \"%.*s\" is unknown, or not of its type", SHOWN_MAX, key);
			return ERR_INVALID;
		}
	}
	if (out->command != NULL)
		return ERR_OK;
	why_set(why, "the request has no \"command\"");
	return ERR_INVALID;
}

enum err control_request_read(struct bytes content, struct control_request *out, struct why *why)
{
	json_error_t error;
	*out = (struct control_request){.json = NULL};
	json_t *json =
		json_loadb((const char *)content.data, content.size, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(json)) {
		why_set(why, "the request is no JSON object%s%.*s", json == NULL ? ": " : "", 200,
		        json == NULL ? error.text : "");
		json_decref(json);
		return ERR_INVALID;
	}
	out->json = json;
	enum err err = members_read(out, why);
	if (err != ERR_OK) {
		json_decref(json);
		*out = (struct control_request){.json = NULL};
	}
	return err;
}
