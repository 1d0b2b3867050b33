/* state_decode: the shapes a state may have, and what of it counts. */
#include "rig.h"

#define STATUS                                                                                     \
	"\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}],\"zones\":[\"z\"],"     \
	"\"region\":\"r\"}"
#define CLUSTER                                                                                    \
	"{\"apiVersion\":\"federation/"                                                                \
	"v1beta1\",\"kind\":\"Cluster\",\"metadata\":{\"name\":\"c\"}," STATUS "}"
#define INGRESSES "\"federation.kubernetes.io/service-ingresses\":"
#define LISTED                                                                                     \
	INGRESSES "\"{\\\"items\\\":[{\\\"cluster\\\":\\\"c\\\",\\\"items\\\":[{\\\"ip\\\":\\\"192.0." \
			  "2.1\\\"}]}]}\""
#define BODY                                                                                       \
	"\"metadata\":{\"name\":\"s\",\"annotations\":{" LISTED                                        \
	"}},\"spec\":{\"type\":\"LoadBalancer\"}"
#define SERVICE "{\"apiVersion\":\"v1\",\"kind\":\"Service\"," BODY "}"

/* As rig_text() prints the two. */
#define CLUSTER_LINE                                                                               \
	"{\"apiVersion\":\"federation/v1beta1\",\"kind\":\"Cluster\",\"metadata\":{\"name\":\"c\"},"   \
	"\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}],\"zones\":[\"z\"],"     \
	"\"region\":\"r\"}}\n"
#define SERVICE_LINE                                                                               \
	"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"namespace\":\"default\","         \
	"\"name\":\"s\",\"annotations\":{" LISTED "}},\"spec\":{\"type\":\"LoadBalancer\"}}\n"

static void takes_every_shape_of_a_state(void **state)
{
	(void)state;
	static const char *const TEXTS[] = {
		CLUSTER SERVICE,
		" \n" SERVICE "\r\n\t" CLUSTER " ",
		"[" CLUSTER "," SERVICE "]",
		"[" CLUSTER "][" SERVICE "][]",
		"{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[" CLUSTER "," SERVICE "]}",
		"{\"apiVersion\":\"v1\",\"items\":[" SERVICE "," CLUSTER
		"],\"kind\":\"List\",\"metadata\":{}}",
		"{\"items\":[{" BODY
		"}],\"metadata\":{},\"kind\":\"ServiceList\",\"apiVersion\":\"v1\"}" CLUSTER,
		"{\"kind\":\"ServiceList\",\"apiVersion\":\"v1\",\"items\":[{" BODY "}]}"
		"{\"kind\":\"ClusterList\",\"apiVersion\":\"federation/v1beta1\",\"items\":["
		"{\"metadata\":{\"name\":\"c\"}," STATUS "}]}",
		"[{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[" CLUSTER "]}," SERVICE "]",
		CLUSTER SERVICE "{\"kind\":\"ServiceList\",\"apiVersion\":\"v1\",\"items\":null}",
		CLUSTER SERVICE "{\"kind\":\"ServiceList\",\"apiVersion\":\"v1\"}",
		CLUSTER SERVICE "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"metadata\":7}",
		CLUSTER SERVICE "{\"kind\":\"Service\",\"apiVersion\":\"serving.knative.dev/v1\"}",
		CLUSTER SERVICE "{\"kind\":\"Cluster\",\"apiVersion\":\"cluster.x-k8s.io/v1beta1\"}",
		CLUSTER SERVICE "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Success\"}",
		CLUSTER SERVICE "{\"kind\":\"Host\",\"apiVersion\":\"fedns.io/v1\"}",
	};
	for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
		struct rig rig;
		rig_init(&rig);
		if (rig_decode(&rig, TEXTS[i]) != ERR_OK)
			fail_msg("%s: %s", TEXTS[i], rig.why.text);
		assert_string_equal(rig_text(&rig), CLUSTER_LINE SERVICE_LINE);
		assert_string_equal(rig.notes, "");
		rig_clear(&rig);
	}
}

static void refuses_what_is_no_state_and_says_where(void **state)
{
	(void)state;
	const struct {
		const char *text, *why;
	} cases[] = {
		{"", "line 1, column 1: no JSON value: the text is empty"},
		{"\n\n ", "line 3, column 2: no JSON value: the text is empty"},
		{"\xef\xbb\xbf{}", "line 1, column 1: a byte order mark, which JSON doesn't allow"},
		{"7", "line 1, column 1: expected an object or an array, found '7'"},
		{"\"x\"", "line 1, column 1: expected an object or an array, found '\"'"},
		{"apiVersion: v1", "line 1, column 1: expected an object or an array, found 'a'"},
		{CLUSTER ",", "*: expected an object or an array, found ','"},
		{"[[]]", "line 1, column 2: expected an object in the array, found '['"},
		{"[" CLUSTER ","
	     "]",
	     "*: expected an object in the array, found ']'"},
		{"[" CLUSTER " " SERVICE "]", "*: expected ',' or ']', found '{'"},
		{"{}", "line 1, column 1: an object without a kind is no state"},
		{"\n {\"type\":\"ADDED\",\"object\":{}}",
	     "line 2, column 2: an object without a kind is no state"},
		{"{\"kind\":\"Table\",\"apiVersion\":\"v1\",\"rows\":[]}",
	     "line 1, column 1: a Table is made for reading by people; a state is what -o json prints"},
		{"[{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"not found\"}]",
	     "line 1, column 2: the API server's refusal instead of a state: not found"},
		{"{\"kind\":\"ServiceList\",\"items\":{}}",
	     "line 1, column 1: the items of a ServiceList are no array"},
		{"{\"kind\":\"List\",\"items\":[7]}",
	     "line 1, column 25: expected an object in the list's items, found '7'"},
		{"{\"kind\":\"List\",\"items\":[],\n \"items\":[]}",
	     "line 2, column 2: one list has two members `items`"},
		{"{\"kind\":\"List\",\"items\":[" SERVICE,
	     "*: expected ',' or ']', but the text ends here"},
		{"{\"kind\":\"List\",\"items\":[]}]",
	     "line 1, column 27: expected an object or an array, found ']'"},
		{"{\"kind\":\"List\",\"items\":[],\"metadata\":{\"a\":\"\xff\"}}",
	     "line 1, column 44: octet 0xff is no UTF-8"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rig rig;
		rig_init(&rig);
		if (rig_decode(&rig, cases[i].text) != ERR_INVALID)
			fail_msg("%s is taken", cases[i].text);
		const char *end = strchr(rig.why.text, ':');
		assert_non_null(end);
		assert_int_equal(strncmp(rig.why.text, "line ", 5), 0);
		assert_string_equal(cases[i].why[0] == '*' ? end : rig.why.text,
		                    cases[i].why + (cases[i].why[0] == '*'));
		assert_string_equal(rig_text(&rig), "");
		rig_clear(&rig);
	}
}

static void any_cut_off_state_is_refused(void **state)
{
	(void)state;
	static const char WHOLE[] =
		"{\"apiVersion\":\"v1\",\"items\":[" CLUSTER ",\n" SERVICE "],\"kind\":\"List\"}";
	for (size_t size = 0; size + 1 < sizeof WHOLE; size++) {
		struct rig rig;
		rig_init(&rig);
		enum err err = state_decode((struct bytes){(const uint8_t *)WHOLE, size}, rig.model,
		                            &rig.findings, &rig.why);
		model_rollback(rig.model);
		assert_int_equal(err, ERR_INVALID);
		assert_non_null(strstr(rig.why.text, ", column "));
		rig_clear(&rig);
	}
}

static void refuses_two_million_brackets_and_objects_without_end(void **state)
{
	(void)state;
	const size_t size = STATE_OBJECT_SIZE_MAX + 100;
	uint8_t *text = malloc(size);
	assert_non_null(text);
	const struct {
		uint8_t fill;
		const char *begin, *why;
		enum err err;
	} cases[] = {
		{'[', "", "line 1, column 2: expected an object in the array, found '['", ERR_INVALID},
		{'[', "{\"kind\":", "line 1, column 72: more than 64 brackets deep", ERR_INVALID},
		{' ', "\n {\"kind\":\"Service\"", "*", ERR_INVALID},
		{'x', "{\"kind\":\"Service\",\"a\":\"", "*", ERR_INVALID},
		{' ', "{\"kind\":\"List\",\"items\":[{", "*", ERR_INVALID},
		{' ', "[{\"kind\":[\"Service\"]", "*", ERR_INVALID},
		{'[', "{\"kind\":\"List\",\"items\":[{\"a\":",
	     "line 1, column 91: more than 64 brackets deep", ERR_INVALID},
		{' ', "{\"kind\":\"List\",\"items\":[{\"a\":1,\"b\":2", "*", ERR_INVALID},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		memset(text, cases[i].fill, size);
		memcpy(text, cases[i].begin, strlen(cases[i].begin));
		struct rig rig;
		rig_init(&rig);
		assert_int_equal(
			state_decode((struct bytes){text, size}, rig.model, &rig.findings, &rig.why),
			cases[i].err);
		if (cases[i].why[0] != '*')
			assert_string_equal(rig.why.text, cases[i].why);
		rig_clear(&rig);
	}
	free(text);
}

/* Above STATE_OBJECT_SIZE_MAX a list is walked item by item from the start, its kind looked for
 * ahead. */
static void takes_a_large_list_with_its_kind_last(void **state)
{
	(void)state;
	static const char PAD[] =
		"{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a pod among services\"}},\n";
	struct buf text;
	buf_init(&text, STATE_OBJECT_SIZE_MAX * 2);
	assert_int_equal(buf_add(&text, bytes_of("{\"items\":[\n")), ERR_OK);
	unsigned line = 2;
	for (; text.size < STATE_OBJECT_SIZE_MAX; line++)
		assert_int_equal(buf_add(&text, bytes_of(PAD)), ERR_OK);
	assert_int_equal(
		buf_add(&text, bytes_of("{" BODY "},\n{\"metadata\":{}}],"
	                            "\"metadata\":{\"x\":\"{[\\\"\"},\"kind\":\"ServiceList\","
	                            "\"apiVersion\":\"v1\"}")),
		ERR_OK);
	struct rig rig;
	rig_init(&rig);
	assert_int_equal(state_decode(buf_bytes(&text), rig.model, &rig.findings, &rig.why), ERR_OK);
	assert_int_equal(model_commit(rig.model, COMMIT_REPLACE, RIG_NOW_MS, &rig.findings, &rig.why),
	                 ERR_OK);
	assert_string_equal(rig_text(&rig), SERVICE_LINE);
	char note[96];
	(void)snprintf(note, sizeof note,
	               "%u object a Service without a metadata.name; it is left out\n", line + 1);
	assert_int_equal(strncmp(rig.notes, note, strlen(note)), 0);
	assert_int_equal(rig.count, 2); /* and cluster c, which is unknown */
	rig_clear(&rig);
	buf_free(&text);
}

static void odd_objects_are_left_out_with_a_finding(void **state)
{
	(void)state;
	const struct {
		const char *text, *notes;
	} cases[] = {
		{"[{\"a\":1}]", "1 object an object without a kind; it is left out\n"},
		{"[\n{\"kind\":7}]", "2 object an object without a kind; it is left out\n"},
		{"{\"kind\":\"List\",\"items\":[{\"kind\":\"List\",\"items\":[]}]}",
	     "1 object a list inside a list; it is left out\n"},
		{"{\"kind\":\"Service\"}", "1 object a Service without an apiVersion; it is left out\n"},
		{"{\"kind\":\"Service\",\"apiVersion\":\"v1\"}",
	     "1 object a Service without a metadata.name; it is left out\n"},
		{"{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"name\":\"root\",\"metadata\":[]}",
	     "1 object a Service without a metadata.name; it is left out\n"},
		{"{\"kind\":\"Cluster\",\"apiVersion\":\"federation/v1\",\"metadata\":{\"name\":5}}",
	     "1 object a Cluster without a metadata.name; it is left out\n"},
		{"{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"t\",\"namespace\":5}"
	     "}",
	     "1 object service t: its namespace is no string; it is left out\n"},
		{"{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"t\"},\"spec\":5}",
	     "1 object service default/t: its spec is no object; it has no names\n"},
		{"{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"t\"},\"spec\":{"
	     "\"type\":5}}",
	     "1 object service default/t: its type is no string; it has no names\n"},
		{"{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"t\",\"annotations\":"
	     "5},"
	     "\"spec\":{\"type\":\"LoadBalancer\"}}",
	     "1 object service default/t: its annotations are no object; it has no names\n"},
		{"{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"t\",\"annotations\":"
	     "{" INGRESSES "5}},\"spec\":{\"type\":\"LoadBalancer\"}}",
	     "1 annotation service default/t: the ingress annotation is a number instead of a string; "
	     "the "
	     "service has no names\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rig rig;
		rig_init(&rig);
		char text[2048];
		(void)snprintf(text, sizeof text, "%s" CLUSTER SERVICE, cases[i].text);
		if (rig_decode(&rig, text) != ERR_OK)
			fail_msg("%s: %s", text, rig.why.text);
		assert_string_equal(rig.notes, cases[i].notes);
		assert_string_equal(rig_text(&rig), CLUSTER_LINE SERVICE_LINE);
		rig_clear(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_every_shape_of_a_state),
		cmocka_unit_test(refuses_what_is_no_state_and_says_where),
		cmocka_unit_test(any_cut_off_state_is_refused),
		cmocka_unit_test(refuses_two_million_brackets_and_objects_without_end),
		cmocka_unit_test(takes_a_large_list_with_its_kind_last),
		cmocka_unit_test(odd_objects_are_left_out_with_a_finding),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
