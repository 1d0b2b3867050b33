/* The page as a resource: which commands are asked, with which arguments, step by step; and that a
 * command which fails, or is not there, leaves the others' sections. */
#include "page.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

#define SERVICES 5000
#define CLUSTERS 300

/* What the commands of a test were asked. */
struct asked {
	json_t *services, *explain; /* arguments; NULL: not asked */
	size_t begun, ended, steps;
	bool failing; /* `clusters` fails after its first row */
};

struct job {
	struct asked *asked;
	size_t told, count;
	bool fails;
	const char *rows; /* what each row has */
};

static enum err begin(struct asked *asked, size_t count, const char *rows, void **out)
{
	struct job *job = calloc(1, sizeof *job);
	assert_non_null(job);
	*job = (struct job){.asked = asked, .count = count, .rows = rows};
	asked->begun++;
	*out = job;
	return ERR_OK;
}

static enum control_step step(void *arg, struct control_answer *answer)
{
	struct job *job = arg;
	job->asked->steps++;
	if (job->fails && job->told == 1) {
		answer->err = ERR_IO;
		why_set(&answer->why, "it broke");
		return CONTROL_FAILED;
	}
	if (job->asked->steps % 2 == 0)
		return CONTROL_WORKED;
	if (job->told == job->count)
		return CONTROL_END;
	job->told++;
	answer->row = json_loads(job->rows, 0, NULL);
	return CONTROL_ROW;
}

static void end(void *arg)
{
	struct job *job = arg;
	job->asked->ended++;
	free(job);
}

static enum err status_begin(void *arg, json_t *arguments, void **job, struct why *why)
{
	(void)why;
	assert_int_equal(json_object_size(arguments), 0);
	return begin(arg, 1, "{\"state\": \"serving\", \"zone\": \"example.\"}", job);
}

static enum err clusters_begin(void *arg, json_t *arguments, void **job, struct why *why)
{
	(void)why;
	(void)arguments;
	struct asked *asked = arg;
	enum err err = begin(asked, CLUSTERS, "{\"name\": \"c\"}", job);
	((struct job *)*job)->fails = asked->failing;
	return err;
}

static enum err services_begin(void *arg, json_t *arguments, void **job, struct why *why)
{
	(void)why;
	struct asked *asked = arg;
	asked->services = json_deep_copy(arguments);
	/* it was asked for a limit; one that gives more all the same is cut */
	return begin(asked, SERVICES, "{\"name\": \"s\", \"namespace\": \"n\", \"matched\": 5000}",
	             job);
}

static enum err explain_begin(void *arg, json_t *arguments, void **job, struct why *why)
{
	struct asked *asked = arg;
	(void)job;
	asked->explain = json_deep_copy(arguments);
	why_set(why, "that is no name");
	return ERR_INVALID;
}

static const struct control_command COMMANDS[] = {
	{"status", false, status_begin, step, end},
	{"clusters", false, clusters_begin, step, end},
	{"services", false, services_begin, step, end},
	{"explain", false, explain_begin, step, end},
};

/* One request of `path`; what it gives, with a NUL: free() it. `steps` 0: to its end. */
static char *request(struct asked *asked, size_t command_count, const char *path, json_t *query,
                     size_t steps)
{
	struct page_source source = {COMMANDS, command_count, asked};
	const struct admin_resource *resource = page_resources;
	struct why why = {{0}};
	struct buf out;
	unsigned status = 0;
	void *job;
	while (strcmp(resource->path, path) != 0)
		resource++;
	buf_init(&out, (size_t)2 << 20);
	assert_int_equal(resource->begin(&source, query, &job, &status, &why), ERR_OK);
	assert_int_equal(status, 200);
	json_decref(query);
	enum admin_step last = ADMIN_MORE;
	for (size_t i = 0; last == ADMIN_MORE && (steps == 0 || i < steps); i++)
		last = resource->step(job, &out, &why);
	assert_int_equal(last, steps == 0 ? ADMIN_END : ADMIN_MORE);
	resource->end(job);
	assert_int_equal(asked->begun, asked->ended);
	assert_int_equal(buf_add(&out, (struct bytes){(const uint8_t *)"", 1}), ERR_OK);
	return (char *)out.data;
}

static size_t times(const char *text, const char *part)
{
	size_t count = 0;
	for (text = strstr(text, part); text != NULL; text = strstr(text + 1, part))
		count++;
	return count;
}

static void the_page_is_whole(void **state)
{
	(void)state;
	struct asked asked = {.begun = 0};
	char *page = request(&asked, 4, "/", json_object(), 0);
	assert_memory_equal(page, "<!DOCTYPE html>", 15);
	assert_string_equal(page + strlen(page) - 8, "</html>\n");
	assert_int_equal(times(page, "data-key=\"n/s\""), 50);
	assert_int_equal(times(page, "data-key=\"c\""), 200);
	assert_non_null(strstr(page, "And 100 more"));
	assert_int_equal(times(page, "<section "), 5);
	assert_null(asked.explain);
	json_t *wanted =
		json_loads("{\"limit\": 50, \"troubled\": true, \"levels\": true, \"summary\": "
	               "true, \"after\": \"\", \"find\": \"\"}",
	               0, NULL);
	assert_true(json_equal(asked.services, wanted));
	json_decref(wanted);
	json_decref(asked.services);
	free(page);
}

static void the_query_reaches_the_commands(void **state)
{
	(void)state;
	struct asked asked = {.begun = 0};
	char *page = request(&asked, 4, "/",
	                     json_pack("{s:s, s:s, s:s, s:s}", "find", "ng<", "after", "3/a/b",
	                               "explain", "x.example.", "utm", "1"),
	                     0);
	assert_string_equal(json_string_value(json_object_get(asked.services, "find")), "ng<");
	assert_string_equal(json_string_value(json_object_get(asked.services, "after")), "3/a/b");
	assert_string_equal(json_string_value(json_object_get(asked.explain, "name")), "x.example.");
	assert_non_null(strstr(page, "that is no name."));
	assert_non_null(strstr(page, "value=\"ng&lt;\""));
	json_decref(asked.services);
	json_decref(asked.explain);
	free(page);
}

static void a_command_that_fails_leaves_the_others(void **state)
{
	(void)state;
	struct asked asked = {.failing = true};
	char *page = request(&asked, 4, "/", json_object(), 0);
	assert_int_equal(times(page, "data-key=\"c\""), 1);
	assert_non_null(strstr(page, "Not all can be told: it broke."));
	assert_int_equal(times(page, "data-key=\"n/s\""), 50);
	json_decref(asked.services);
	free(page);
}

static void without_commands_there_is_a_page(void **state)
{
	(void)state;
	struct asked asked = {.begun = 0};
	char *page = request(&asked, 0, "/", json_pack("{s:s}", "explain", "x"), 0);
	assert_non_null(strstr(page, "can&#39;t be told"));
	assert_string_equal(page + strlen(page) - 8, "</html>\n");
	free(page);
}

/* The client may go at any moment. */
static void what_ends_early_leaves_nothing(void **state)
{
	(void)state;
	for (size_t steps = 1; steps < 700; steps += 23) {
		struct asked asked = {.begun = 0};
		free(request(&asked, 4, "/", json_object(), steps));
		json_decref(asked.services);
	}
}

static void style_and_script_are_those_of_the_tree(void **state)
{
	(void)state;
	static const char *const FILES[] = {"page.css", "page.js"};
	for (size_t i = 0; i < 2; i++) {
		struct asked asked = {.begun = 0};
		char path[512], url[16];
		(void)snprintf(path, sizeof path, "%s/../src/admin/%s", TESTS_DIR, FILES[i]);
		(void)snprintf(url, sizeof url, "/%s", FILES[i]);
		char *served = request(&asked, 0, url, json_object(), 0);
		FILE *file = fopen(path, "rb");
		assert_non_null(file);
		char *text = calloc(1, (size_t)1 << 20);
		assert_non_null(text);
		assert_true(fread(text, 1, ((size_t)1 << 20) - 1, file) > 0);
		assert_int_equal(fclose(file), 0);
		assert_string_equal(served, text);
		free(text);
		free(served);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_is_whole),
		cmocka_unit_test(the_query_reaches_the_commands),
		cmocka_unit_test(a_command_that_fails_leaves_the_others),
		cmocka_unit_test(without_commands_there_is_a_page),
		cmocka_unit_test(what_ends_early_leaves_nothing),
		cmocka_unit_test(style_and_script_are_those_of_the_tree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
