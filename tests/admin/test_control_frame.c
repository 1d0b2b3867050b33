/* control_frame: requests are found in the stream however it is cut, and judged with a sentence. */
#include "control_frame.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

/* A frame of `text`; returns its size. */
static size_t frame_make(const char *text, uint8_t *out)
{
	size_t size = strlen(text);
	control_head_put(size, out);
	memcpy(out + CONTROL_HEAD_SIZE, text, size);
	return CONTROL_HEAD_SIZE + size;
}

static void the_head_is_big_endian(void **state)
{
	(void)state;
	uint8_t head[CONTROL_HEAD_SIZE];
	control_head_put(0x01020304, head);
	assert_memory_equal(head, "\1\2\3\4", sizeof head);
}

static void a_frame_is_there_when_all_of_it_is(void **state)
{
	(void)state;
	uint8_t stream[64];
	size_t first = frame_make("{}", stream), both = first + frame_make("[1]", stream + first);
	for (size_t size = 0; size <= both; size++) {
		struct why why = {{0}};
		struct bytes content;
		size_t used;
		/* In memory of its own, so that ASan sees a read beyond it. */
		uint8_t *part = malloc(size + 1);
		assert_non_null(part);
		memcpy(part, stream, size);
		assert_int_equal(control_frame_next((struct bytes){part, size}, 3, &content, &used, &why),
		                 ERR_OK);
		assert_int_equal(used, size < first ? 0 : first);
		if (used != 0)
			assert_true(bytes_equal(content, bytes_of("{}")));
		free(part);
	}
}

static void a_frame_out_of_bounds_ends_the_stream(void **state)
{
	(void)state;
	static const char *const HEADS[] = {"\0\0\0\0", "\0\1\0\1", "\x80\0\0\0", "\xff\xff\xff\xff"};
	for (size_t i = 0; i < sizeof HEADS / sizeof HEADS[0]; i++) {
		struct why why = {{0}};
		struct bytes content;
		size_t used;
		assert_int_equal(control_frame_next((struct bytes){(const uint8_t *)HEADS[i], 4},
		                                    CONTROL_REQUEST_SIZE_MAX, &content, &used, &why),
		                 ERR_LIMIT);
		assert_non_null(strstr(why.text, "1 to 65536 are taken"));
		assert_int_equal(used, 0);
	}
}

static void a_request_has_a_command_and_may_have_arguments(void **state)
{
	(void)state;
	struct why why = {{0}};
	struct control_request request;
	assert_int_equal(control_request_read(bytes_of("{\"command\":\"status\"}"), &request, &why),
	                 ERR_OK);
	assert_string_equal(request.command, "status");
	assert_null(request.arguments);
	json_decref(request.json);
	assert_int_equal(
		control_request_read(bytes_of(" {\"arguments\":{\"name\":\"a\"},\"command\":\"records\"} "),
	                         &request, &why),
		ERR_OK);
	assert_string_equal(request.command, "records");
	assert_string_equal(json_string_value(json_object_get(request.arguments, "name")), "a");
	json_decref(request.json);
}

static void what_is_no_request_is_refused_with_a_sentence(void **state)
{
	(void)state;
	static const struct {
		const char *text, *says;
	} CASES[] = {
		{"", "is no JSON object: "},
		{"nonsense", "is no JSON object: "},
		{"{\"command\":\"a\"", "is no JSON object: "},
		{"{\"command\":\"a\"} x", "is no JSON object: "},
		{"{\"command\":\"\xff\"}", "is no JSON object: "},
		{"{\"command\":\"a\\u0000b\"}", "is no JSON object: "},
		{"{\"command\":\"a\",\"command\":\"b\"}", "is no JSON object: "},
		{"[]", "the request is no JSON object"},
		{"1", "is no JSON object"},
		{"{}", "has no \"command\""},
		{"{\"arguments\":{}}", "has no \"command\""},
		{"{\"command\":1}", "\"command\" is unknown, or not of its type"},
		{"{\"command\":\"a\",\"arguments\":[]}", "\"arguments\" is unknown, or not of its type"},
		{"{\"command\":\"a\",\"more\":1}", "\"more\" is unknown"},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct why why = {{0}};
		struct control_request request;
		assert_int_equal(control_request_read(bytes_of(CASES[i].text), &request, &why),
		                 ERR_INVALID);
		assert_null(request.json);
		if (strstr(why.text, CASES[i].says) == NULL)
			fail_msg("%s: %s", CASES[i].text, why.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_head_is_big_endian),
		cmocka_unit_test(a_frame_is_there_when_all_of_it_is),
		cmocka_unit_test(a_frame_out_of_bounds_ends_the_stream),
		cmocka_unit_test(a_request_has_a_command_and_may_have_arguments),
		cmocka_unit_test(what_is_no_request_is_refused_with_a_sentence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
