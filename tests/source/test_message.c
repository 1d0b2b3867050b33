/* message: heads of lists, events and Status, at their borders. */
#include "check.h"

#include "message.h"

#include <stdio.h>
#include <string.h>

/* `count` times 'x', of CONTINUE_TEXT_SIZE at most. */
static const char *run(size_t count)
{
	static char text[CONTINUE_TEXT_SIZE + 1];
	assert_true(count < sizeof text);
	memset(text, 'x', count);
	text[count] = '\0';
	return text;
}

static enum err head_read(const char *text, struct list_head *out, struct why *why)
{
	struct nodes nodes;
	nodes_init(&nodes);
	enum err err = list_head_read(bytes_of(text), "ServiceList", &nodes, out, why);
	nodes_clear(&nodes);
	return err;
}

static void heads_are_found_wherever_they_stand(void **state)
{
	(void)state;
	static const char *const TEXTS[] = {
		"{\"kind\":\"ServiceList\",\"metadata\":{\"resourceVersion\":\"7\",\"continue\":\"t\"}}",
		"{\"items\":[{\"kind\":\"x\",\"metadata\":{}}],\"metadata\":{\"continue\":\"t\","
		"\"resourceVersion\":\"7\"},\"kind\":\"ServiceList\"}",
		" {\"metadata\":{},\"kind\":\"x\",\"kind\" : \"ServiceList\" , \"metadata\" : "
		"{\"resourceVersion\":\"7\",\"continue\":\"t\",\"remainingItemCount\":3}} ",
	};
	for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
		struct list_head head;
		struct why why;
		assert_int_equal(head_read(TEXTS[i], &head, &why), ERR_OK);
		assert_string_equal(head.version, "7");
		assert_string_equal(head.continue_token, "t");
	}
}

static void heads_that_can_not_be_used_are_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *why;
	} CASES[] = {
		{"", "a JSON object"},
		{"[]", "a JSON object"},
		{"{}", "instead of \"ServiceList\""},
		{"{\"kind\":\"ServiceList\"}", "a list without metadata"},
		{"{\"kind\":7,\"metadata\":{}}", "kind 7 instead of \"ServiceList\""},
		{"{\"kind\":\"Service\",\"metadata\":{}}", "kind \"Service\" instead of"},
		{"{\"kind\":\"ServiceLis\",\"metadata\":{}}", "instead of"},
		{"{\"kind\":\"ServiceList\",\"metadata\":{}}", "without a resourceVersion"},
		{"{\"kind\":\"ServiceList\",\"metadata\":{\"resourceVersion\":\"a\\u0000b\"}}",
	     "without a resourceVersion"},
		{"{\"kind\":\"ServiceList\",\"metadata\":[1", "the end of a value"},
		{"{\"kind\":\"ServiceList\" \"metadata\":{}}", "expected"},
		{"{\"kind\":\"ServiceList\",}", "a member's name"},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct list_head head;
		struct why why = {{0}};
		assert_int_equal(head_read(CASES[i].text, &head, &why), ERR_INVALID);
		if (strstr(why.text, CASES[i].why) == NULL)
			fail_msg("%s: %s", CASES[i].text, why.text);
		assert_string_equal(head.version, "");
		assert_string_equal(head.continue_token, "");
	}
}

static void versions_and_tokens_fit_up_to_their_borders(void **state)
{
	(void)state;
	static const struct {
		size_t version, token;
		enum err err;
	} CASES[] = {
		{VERSION_TEXT_SIZE - 1, 0, ERR_OK},
		{VERSION_TEXT_SIZE, 0, ERR_INVALID},
		{1, CONTINUE_TEXT_SIZE - 1, ERR_OK},
		{1, CONTINUE_TEXT_SIZE, ERR_INVALID},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		char text[3 * CONTINUE_TEXT_SIZE];
		struct list_head head;
		struct why why;
		int size = snprintf(text, sizeof text,
		                    "{\"kind\":\"ServiceList\",\"metadata\":{\"resourceVersion\":\"%s\"",
		                    run(CASES[i].version));
		(void)snprintf(text + size, sizeof text - (size_t)size, ",\"continue\":\"%s\"}}",
		               run(CASES[i].token));
		assert_int_equal(head_read(text, &head, &why), CASES[i].err);
		if (CASES[i].err == ERR_OK) {
			assert_int_equal(strlen(head.version), CASES[i].version);
			assert_int_equal(strlen(head.continue_token), CASES[i].token);
		}
	}
}

static void events_are_taken_apart(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum event_type type;
		const char *object; /* NULL: refused */
	} CASES[] = {
		{"{\"type\":\"ADDED\",\"object\":{\"a\":1}}", EVENT_ADDED, "{\"a\":1}"},
		{"{\"object\": {} ,\"type\":\"MODIFIED\"}", EVENT_MODIFIED, "{}"},
		{"{\"type\":\"DELETED\",\"object\":{}}", EVENT_DELETED, "{}"},
		{"{\"type\":\"BOOKMARK\",\"object\":{}}", EVENT_BOOKMARK, "{}"},
		{"{\"type\":\"ERROR\",\"object\":{}}", EVENT_ERROR, "{}"},
		{"{\"type\":\"ARCHIVED\",\"object\":{}}", EVENT_UNKNOWN, "{}"},
		{"{\"type\":\"added\",\"object\":{}}", EVENT_UNKNOWN, "{}"},
		{"{\"type\":\"ADDED\",\"object\":[]}", 0, NULL},
		{"{\"type\":\"ADDED\",\"object\":null}", 0, NULL},
		{"{\"type\":\"ADDED\"}", 0, NULL},
		{"{\"object\":{}}", 0, NULL},
		{"{}", 0, NULL},
		{"[]", 0, NULL},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		enum event_type type;
		struct bytes object;
		struct why why = {{0}};
		enum err err = event_read(bytes_of(CASES[i].text), &type, &object, &why);
		assert_int_equal(err, CASES[i].object == NULL ? ERR_INVALID : ERR_OK);
		assert_int_equal(why.text[0] != '\0', err != ERR_OK);
		if (err != ERR_OK)
			continue;
		assert_int_equal(type, CASES[i].type);
		assert_true(bytes_equal(object, bytes_of(CASES[i].object)));
	}
}

static bool status_of(const char *text, struct status_read *out)
{
	struct nodes nodes;
	struct why why;
	nodes_init(&nodes);
	assert_int_equal(nodes_read_whole(&nodes, bytes_of(text), &why), ERR_OK);
	bool is_status = status_read(&nodes, out);
	nodes_clear(&nodes);
	return is_status;
}

static void a_status_tells_what_fits(void **state)
{
	(void)state;
	struct status_read said;
	char text[CONTINUE_TEXT_SIZE + 64];
	assert_false(status_of("{\"kind\":\"Service\",\"code\":410,\"reason\":\"Gone\"}", &said));
	assert_int_equal(said.code, 0);
	assert_string_equal(said.reason, "");
	assert_true(status_of("{\"kind\":\"Status\"}", &said));
	assert_int_equal(said.code, 0);
	assert_true(status_of("{\"kind\":\"Status\",\"code\":429,\"reason\":\"TooManyRequests\","
	                      "\"message\":\"a\\nb\\u007f\\u001b[31m\","
	                      "\"details\":{\"retryAfterSeconds\":5}}",
	                      &said));
	assert_int_equal(said.code, 429);
	assert_int_equal(said.retry_after_s, 5);
	assert_string_equal(said.reason, "TooManyRequests");
	assert_string_equal(said.message, "a?b??[31m");
	static const char *const NUMBERS[] = {"-1", "4.5", "99999999999999999999", "\"410\"", "null"};
	for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++) {
		(void)snprintf(text, sizeof text,
		               "{\"kind\":\"Status\",\"code\":%s,\"details\":{\"retryAfterSeconds\":%s}}",
		               NUMBERS[i], NUMBERS[i]);
		assert_true(status_of(text, &said));
		assert_int_equal(said.code + said.retry_after_s, 0);
	}
	for (size_t size = sizeof said.message - 1; size <= sizeof said.message; size++) {
		(void)snprintf(text, sizeof text, "{\"kind\":\"Status\",\"message\":\"%s\"}", run(size));
		assert_true(status_of(text, &said));
		assert_int_equal(strlen(said.message), sizeof said.message - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads_are_found_wherever_they_stand),
		cmocka_unit_test(heads_that_can_not_be_used_are_refused),
		cmocka_unit_test(versions_and_tokens_fit_up_to_their_borders),
		cmocka_unit_test(events_are_taken_apart),
		cmocka_unit_test(a_status_tells_what_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
