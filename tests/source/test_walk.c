/* What is too large costs itself alone; a text that isn't a state stays refused. */
#include "rig.h"

#define INGRESSES                                                                                  \
	"\"federation.kubernetes.io/service-ingresses\":"                                              \
	"\"{\\\"items\\\":[{\\\"cluster\\\":\\\"c\\\"}]}\""
#define NAMED(name)                                                                                \
	"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"" name                   \
	"\",\"annotations\":{" INGRESSES "}},\"spec\":{\"type\":\"LoadBalancer\"}}"
#define LARGE "\x01" /* stands for a string above STATE_OBJECT_SIZE_MAX */
#define DEEP  "\x02" /* stands for two million brackets, opened and closed */

#define TOO_LARGE     "an object is left out: more than 4194304 octets\n"
#define BRACKETS      ((size_t)1000000)
#define TEXT_SIZE_MAX ((size_t)32 << 20)

static void fill(struct buf *text, char octet, size_t count)
{
	uint8_t run[4096];
	memset(run, octet, sizeof run);
	for (size_t size; count > 0; count -= size) {
		size = count < sizeof run ? count : sizeof run;
		assert_int_equal(buf_add(text, (struct bytes){run, size}), ERR_OK);
	}
}

static void expand(struct buf *text, const char *pattern)
{
	for (; *pattern != '\0'; pattern++) {
		if (*pattern == *LARGE) {
			fill(text, '"', 1);
			fill(text, 'x', STATE_OBJECT_SIZE_MAX);
			fill(text, '"', 1);
		} else if (*pattern == *DEEP) {
			fill(text, '[', BRACKETS);
			fill(text, ']', BRACKETS);
		} else {
			fill(text, *pattern, 1);
		}
	}
}

/* Decode and commit `pattern`. */
static enum err decode(struct rig *rig, const char *pattern)
{
	struct buf text;
	buf_init(&text, TEXT_SIZE_MAX);
	expand(&text, pattern);
	enum err err = state_decode(buf_bytes(&text), rig->model, &rig->findings, &rig->why);
	buf_free(&text);
	struct findings nobody = {0};
	if (err == ERR_OK)
		return model_commit(rig->model, COMMIT_REPLACE, RIG_NOW_MS, &nobody, &rig->why);
	model_rollback(rig->model);
	return err;
}

static void one_object_too_large_is_left_out_alone(void **state)
{
	(void)state;
	static const struct {
		const char *text, *notes;
	} CASES[] = {
		{"{\"kind\":\"List\",\"items\":[" NAMED("a") ",\n{\"kind\":\"Service\",\"x\":" LARGE
	                                                 "},\n" NAMED("b") "]}",
	     "2 limit " TOO_LARGE},
		{"[" NAMED("a") ",\n{\"kind\":\"Service\",\"x\":" LARGE "}," NAMED("b") "]",
	     "2 limit " TOO_LARGE},
		{"[{\"kind\":" LARGE "}," NAMED("a") "," NAMED("b") "]", "1 limit " TOO_LARGE},
		{NAMED("a") "\n{\"x\":" LARGE ",\"kind\":\"Cluster\"}" NAMED("b"), "2 limit " TOO_LARGE},
		{"{\"metadata\":{\"x\":" LARGE
	     "},\"kind\":\"List\",\"items\":[" NAMED("a") "," NAMED("b") "]}",
	     ""},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct rig rig;
		rig_init(&rig);
		if (decode(&rig, CASES[i].text) != ERR_OK)
			fail_msg("case %zu: %s", i, rig.why.text);
		assert_string_equal(rig.notes, CASES[i].notes);
		assert_int_equal(model_service_count(rig.model), 2);
		rig_clear(&rig);
	}
}

static void what_is_no_state_is_not_left_out_but_refused(void **state)
{
	(void)state;
	static const struct {
		const char *text, *why;
	} CASES[] = {
		{"{\"x\":" LARGE "}", "line 1, column 1: an object without a kind is no state"},
		{"\n {\"kind\":" DEEP "}", "line 2, column 73: more than 64 brackets deep"},
		{DEEP, "line 1, column 2: expected an object in the array, found '['"},
		{"{\"kind\":\"Table\",\"rows\":" LARGE "}",
	     "line 1, column 1: a Table is made for reading by people; a state is what -o json prints"},
		{"{\"kind\":\"List\",\"items\":" LARGE "}",
	     "line 1, column 1: the items of a List are no array"},
		{"{\"kind\":\"Status\",\"x\":" LARGE "}",
	     "line 1, column 1: the API server's refusal instead of a state: "},
		{"[{\"kind\":\"Service\",\"x\":" LARGE "},]",
	     "line 1, column 4194332: expected an object in the array, found ']'"},
		{"{\"items\":[{\"x\":" DEEP "}]}", "line 1, column 77: more than 64 brackets deep"},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct rig rig;
		rig_init(&rig);
		assert_int_equal(decode(&rig, CASES[i].text), ERR_INVALID);
		assert_string_equal(rig.why.text, CASES[i].why);
		rig_clear(&rig);
	}
}

/* Entries of 25 services name 2,500 clusters that nobody has, before the federation's own come. */
static void invented_clusters_before_it_do_not_take_a_registered_one_its_name(void **state)
{
	(void)state;
	struct buf text;
	buf_init(&text, TEXT_SIZE_MAX);
	for (int i = 0; i < 2500; i++) {
		if (i % INGRESSES_MAX == 0)
			assert_int_equal(
				buf_printf(&text,
			               "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":"
			               "\"s%d\",\"annotations\":{\"federation.kubernetes.io/"
			               "service-ingresses\":\"{\\\"items\\\":[",
			               i / INGRESSES_MAX),
				ERR_OK);
		bool last = i % INGRESSES_MAX == INGRESSES_MAX - 1;
		assert_int_equal(buf_printf(&text, "{\\\"cluster\\\":\\\"invented%d\\\"}%s", i,
		                            last ? "]}\"}},\"spec\":{\"type\":\"LoadBalancer\"}}\n" : ","),
		                 ERR_OK);
	}
	expand(&text, NAMED("good") "{\"apiVersion\":\"federation/v1beta1\",\"kind\":\"Cluster\","
	                            "\"metadata\":{\"name\":\"c\"},\"status\":{\"region\":\"r\"}}");
	struct rig rig;
	rig_init(&rig);
	assert_int_equal(state_decode(buf_bytes(&text), rig.model, &rig.findings, &rig.why), ERR_OK);
	struct findings nobody = {0};
	assert_int_equal(model_commit(rig.model, COMMIT_REPLACE, RIG_NOW_MS, &nobody, &rig.why),
	                 ERR_OK);
	assert_false(model_stage_short(rig.model));
	assert_int_equal(model_service_count(rig.model), 20); /* 19 of 100 names each, and the good */
	const char *good = strstr(rig_text(&rig), "\"name\":\"good\"");
	assert_non_null(good);
	assert_non_null(strstr(good, "{\\\"cluster\\\":\\\"c\\\""));
	size_t places;
	(void)model_places(rig.model, &places);
	assert_int_equal(places, 2); /* the global level and region r */
	rig_clear(&rig);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_object_too_large_is_left_out_alone),
		cmocka_unit_test(what_is_no_state_is_not_left_out_but_refused),
		cmocka_unit_test(invented_clusters_before_it_do_not_take_a_registered_one_its_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
