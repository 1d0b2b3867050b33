/* splitter: objects come out whole, wherever the octets are cut. */
#include "check.h"

#include "splitter.h"

#include <string.h>

struct taken {
	unsigned count;
	size_t size;
	char text[1024];  /* the objects, a "|" behind each */
	unsigned fail_at; /* the taker fails at this object; 0: never */
};

static enum err take(void *arg, struct bytes object, struct why *why)
{
	struct taken *taken = arg;
	if (++taken->count == taken->fail_at) {
		why_set(why, "enough");
		return ERR_NOMEM;
	}
	assert_true(taken->size + object.size + 2 <= sizeof taken->text);
	memcpy(taken->text + taken->size, object.data, object.size);
	taken->size += object.size;
	memcpy(taken->text + taken->size++, "|", 2);
	return ERR_OK;
}

#define STREAM                                                                                     \
	" {\"a\":\"}{\"}\n{}\r\n{\"b\":[{\"c\":\"\\\"}\\\\\"},[]]} "                                   \
	"\t{\"\xc3\xa9\\u00e9\":\"\xe2\x82\xac\"}"
#define OBJECTS                                                                                    \
	"{\"a\":\"}{\"}|{}|{\"b\":[{\"c\":\"\\\"}\\\\\"},[]]}|{\"\xc3\xa9\\u00e9\":\"\xe2\x82\xac\"}|"

/* Inside escapes and inside UTF-8 as anywhere else. */
static void chunks_may_end_at_every_octet(void **state)
{
	(void)state;
	const struct bytes stream = bytes_of(STREAM);
	for (size_t first = 0; first <= stream.size; first++) {
		for (size_t second = first; second <= stream.size; second++) {
			struct splitter splitter;
			struct taken taken = {0};
			struct why why = {{0}};
			const size_t edges[] = {0, first, second, stream.size};
			splitter_init(&splitter);
			for (unsigned i = 0; i < 3; i++) {
				const struct bytes chunk = {stream.data + edges[i], edges[i + 1] - edges[i]};
				assert_int_equal(splitter_feed(&splitter, chunk, take, &taken, &why), ERR_OK);
			}
			assert_string_equal(taken.text, OBJECTS);
			splitter_clear(&splitter);
		}
	}
}

static void one_octet_a_time_is_fine(void **state)
{
	(void)state;
	const struct bytes stream = bytes_of(STREAM);
	struct splitter splitter;
	struct taken taken = {0};
	struct why why = {{0}};
	splitter_init(&splitter);
	for (size_t i = 0; i < stream.size; i++)
		assert_int_equal(
			splitter_feed(&splitter, (struct bytes){stream.data + i, 1}, take, &taken, &why),
			ERR_OK);
	assert_string_equal(taken.text, OBJECTS);
	splitter_clear(&splitter);
}

static void what_is_no_object_is_told(void **state)
{
	(void)state;
	static const char *const BAD[] = {"x", "{}1", "{} [1]", "\"a\"", "{}}", "\0"};
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		struct splitter splitter;
		struct taken taken = {0};
		struct why why = {{0}};
		splitter_init(&splitter);
		const struct bytes text = {(const uint8_t *)BAD[i], i == 5 ? 1 : strlen(BAD[i])};
		assert_int_equal(splitter_feed(&splitter, text, take, &taken, &why), ERR_INVALID);
		assert_non_null(strstr(why.text, "where a JSON object should begin"));
		splitter_reset(&splitter);
		assert_int_equal(splitter_feed(&splitter, bytes_of("{}"), take, &taken, &why), ERR_OK);
		splitter_clear(&splitter);
	}
}

static void an_object_without_end_is_cut(void **state)
{
	(void)state;
	static uint8_t octets[1 << 20];
	struct splitter splitter;
	struct taken taken = {0};
	struct why why = {{0}};
	memset(octets, '[', sizeof octets);
	octets[0] = '{';
	splitter_init(&splitter);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(
			splitter_feed(&splitter, (struct bytes){octets, sizeof octets}, take, &taken, &why),
			ERR_OK);
	assert_int_equal(splitter_feed(&splitter, (struct bytes){octets, 1}, take, &taken, &why),
	                 ERR_LIMIT);
	splitter_clear(&splitter);
}

static void the_taker_may_say_no(void **state)
{
	(void)state;
	struct splitter splitter;
	struct taken taken = {.fail_at = 2};
	struct why why = {{0}};
	splitter_init(&splitter);
	assert_int_equal(splitter_feed(&splitter, bytes_of("{}{}{}"), take, &taken, &why), ERR_NOMEM);
	assert_string_equal(why.text, "enough");
	assert_int_equal(taken.count, 2);
	splitter_clear(&splitter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunks_may_end_at_every_octet),
		cmocka_unit_test(one_octet_a_time_is_fine),
		cmocka_unit_test(what_is_no_object_is_told),
		cmocka_unit_test(an_object_without_end_is_cut),
		cmocka_unit_test(the_taker_may_say_no),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
