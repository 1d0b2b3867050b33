/* Rule 1, the options of a service, and which of two objects counts. */
#include "rig.h"

#define SERVICE(metadata, annotations, spec)                                                       \
	"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"s\"" metadata            \
	",\"annotations\":{\"federation.kubernetes.io/service-ingresses\":"                            \
	"\"{\\\"items\\\":[{\\\"cluster\\\":\\\"c\\\"}]}\"" annotations "}}" spec "}\n"
#define CAPITAL                                                                                    \
	"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"S\","                    \
	"\"namespace\":\"DEFAULT\"}}\n"
#define BALANCER ",\"spec\":{\"type\":\"LoadBalancer\"}"

static void has_names_by_rule_1_alone(void **state)
{
	(void)state;
	const struct {
		const char *text;
		bool named;
	} cases[] = {
		{SERVICE("", "", BALANCER), true},
		{SERVICE(",\"deletionTimestamp\":null", "", BALANCER), true},
		{SERVICE(",\"namespace\":null", "", BALANCER), true},
		{SERVICE(",\"namespace\":\"\"", "", BALANCER), true},
		{SERVICE("", ",\"fedns.io/ignore\":\"false\"", BALANCER), true},
		{SERVICE("", ",\"fedns.io/ignore\":null", BALANCER), true},
		{SERVICE(",\"deletionTimestamp\":\"2026-11-23T02:30:45Z\"", "", BALANCER), false},
		{SERVICE("", ",\"fedns.io/ignore\":\"true\"", BALANCER), false},
		{SERVICE("", "", ""), false},
		{SERVICE("", "", ",\"spec\":null"), false},
		{SERVICE("", "", ",\"spec\":{}"), false},
		{SERVICE("", "", ",\"spec\":{\"type\":\"ClusterIP\"}"), false},
		{SERVICE("", "", ",\"spec\":{\"type\":\"loadbalancer\"}"), false},
		{SERVICE("", "", ",\"spec\":{\"type\":\"LoadBalancer \"}"), false},
		{SERVICE("", ",\"federation.kubernetes.io/service-ingresses\":null", BALANCER), false},
		{SERVICE("", ",\"federation.kubernetes.io/service-ingresses\":\"{}\"", BALANCER), false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rig rig;
		rig_init(&rig);
		assert_int_equal(rig_decode(&rig, cases[i].text), ERR_OK);
		if (model_service_count(rig.model) != cases[i].named)
			fail_msg("%s", cases[i].text);
		if (cases[i].named)
			assert_non_null(strstr(rig_text(&rig), "\"namespace\":\"default\",\"name\":\"s\""));
		rig_clear(&rig);
	}
}

static const struct {
	const char *text, *options, *notes;
} OPTIONS[] = {
	{SERVICE("", ",\"fedns.io/ttl\":\"1\"", BALANCER), ",\"fedns.io/ttl\":\"1\"}", ""},
	{SERVICE("", ",\"fedns.io/ttl\":\"86400\"", BALANCER), ",\"fedns.io/ttl\":\"86400\"}", ""},
	{SERVICE("", ",\"fedns.io/fallback\":\"flatten\",\"fedns.io/all-down\":\"empty\"", BALANCER),
     ",\"fedns.io/fallback\":\"flatten\",\"fedns.io/all-down\":\"empty\"}", ""},
	{SERVICE("", ",\"fedns.io/fallback\":\"cname\",\"fedns.io/all-down\":\"last\"", BALANCER),
     ",\"fedns.io/fallback\":\"cname\",\"fedns.io/all-down\":\"last\"}", ""},
	{SERVICE("", ",\"fedns.io/all-down\":\"all\"", BALANCER), ",\"fedns.io/all-down\":\"all\"}",
     ""},
	{SERVICE("", ",\"fedns.io/probe\":\"http:80/healthz\"", BALANCER),
     ",\"fedns.io/probe\":\"http:80/healthz\"}", ""},
	{SERVICE("", ",\"fedns.io/probe\":\"https:/\"", BALANCER), ",\"fedns.io/probe\":\"https/\"}",
     ""},
	{SERVICE("", ",\"fedns.io/probe\":\"none\"", BALANCER), ",\"fedns.io/probe\":\"none\"}", ""},
	{SERVICE("", ",\"fedns.io/probe\":\"udp:53\"", BALANCER), "",
     "1 option service default/s: annotation fedns.io/probe: \"udp:53\" is not none, tcp, http "
     "or "
     "https, with a port and a path if wanted, as in http:80/healthz; it is ignored\n"},
	{SERVICE("", ",\"fedns.io/probe\":\"\"", BALANCER), "", "1 option "},
	{SERVICE("", ",\"fedns.io/probe\":443", BALANCER), "", "1 option "},
	{SERVICE("", ",\"fedns.io/ttl\":\"0\"", BALANCER), "",
     "1 option service default/s: annotation fedns.io/ttl: \"0\" is not a whole number from 1 "
     "to "
     "86400; it is ignored\n"},
	{SERVICE("", ",\"fedns.io/ttl\":\"86401\"", BALANCER), "", "1 option "},
	{SERVICE("", ",\"fedns.io/ttl\":\"99999999999999999999\"", BALANCER), "", "1 option "},
	{SERVICE("", ",\"fedns.io/ttl\":\"6e1\"", BALANCER), "", "1 option "},
	{SERVICE("", ",\"fedns.io/ttl\":\" 60\"", BALANCER), "", "1 option "},
	{SERVICE("", ",\"fedns.io/ttl\":\"-60\"", BALANCER), "", "1 option "},
	{SERVICE("", ",\"fedns.io/ttl\":\"\"", BALANCER), "", "1 option "},
	{SERVICE("", ",\"fedns.io/ttl\":60", BALANCER), "",
     "1 option service default/s: annotation fedns.io/ttl: 60 is a number instead of a string; "
     "it is ignored\n"},
	{SERVICE("", ",\"fedns.io/ttl\":[60]", BALANCER), "",
     "1 option service default/s: annotation fedns.io/ttl: an array instead of a string; it is "
     "ignored\n"},
	{SERVICE("", ",\"fedns.io/ttl\":\"60\\u0000s\"", BALANCER), "",
     "1 option service default/s: annotation fedns.io/ttl: \"60\\u0000s\" is not a whole "
     "number "
     "from 1 to 86400; it is ignored\n"},
	{SERVICE("", ",\"fedns.io/fallback\":\"CNAME\"", BALANCER), "",
     "1 option service default/s: annotation fedns.io/fallback: \"CNAME\" is not cname or "
     "flatten; "
     "it is ignored\n"},
	{SERVICE("", ",\"fedns.io/all-down\":\"none\"", BALANCER), "", "1 option "},
	{SERVICE("", ",\"fedns.io/ignore\":\"yes\"", BALANCER), "", "1 option "},
};

static void takes_good_options_and_tells_bad_ones(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof OPTIONS / sizeof OPTIONS[0]; i++) {
		struct rig rig;
		rig_init(&rig);
		assert_int_equal(rig_decode(&rig, OPTIONS[i].text), ERR_OK);
		assert_non_null(strstr(rig_text(&rig), OPTIONS[i].options));
		char *unknown = strstr(rig.notes, "1 cluster"); /* rule 5, told at the commit */
		assert_non_null(unknown);
		*unknown = '\0';
		assert_int_equal(strncmp(rig.notes, OPTIONS[i].notes, strlen(OPTIONS[i].notes)), 0);
		assert_int_equal(rig.count, OPTIONS[i].notes[0] == '\0' ? 1 : 2);
		if (OPTIONS[i].options[0] == '\0')
			assert_null(strstr(rig_text(&rig), "fedns.io/"));
		rig_clear(&rig);
	}
}

static void a_nul_hides_nothing_of_what_is_bad(void **state)
{
	(void)state;
	static const char STATE[] =
		"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"web\\u0000x\","
		"\"namespace\":\"a\\u0000b\",\"annotations\":{"
		"\"federation.kubernetes.io/service-ingresses\":\"{\\\"items\\\":[{\\\"cluster\\\":"
		"\\\"c\\\\u0000d\\\",\\\"items\\\":[{\\\"ip\\\":\\\"192.0.2.1\\\\u0000\\\"},"
		"{\\\"hostname\\\":\\\"h.example\\\\u0000\\\"}]}]}\"}}" BALANCER "}";
	static const char *const TOLD[] = {
		"service a\\u0000b/web\\u0000x: cluster c\\u0000d: address \"192.0.2.1\\u0000\" is left "
		"out: \"192.0.2.1\\u0000\" isn't an address\n",
		"service a\\u0000b/web\\u0000x: cluster c\\u0000d: host name \"h.example\\u0000\" is left "
		"out: \"h.example\\u0000\" isn't a host name\n",
		"label service a\\u0000b/web\\u0000x: ",
	};
	struct rig rig;
	rig_init(&rig);
	assert_int_equal(rig_decode(&rig, STATE), ERR_OK);
	for (size_t i = 0; i < sizeof TOLD / sizeof TOLD[0]; i++) {
		if (strstr(rig.notes, TOLD[i]) == NULL)
			fail_msg("%s", rig.notes);
	}
	rig_clear(&rig);
}

#define PORTS(list) SERVICE("", "", ",\"spec\":{\"type\":\"LoadBalancer\",\"ports\":" list "}")

static void the_first_tcp_port_is_known(void **state)
{
	(void)state;
	const struct {
		const char *text;
		uint16_t port;
	} cases[] = {
		{SERVICE("", "", BALANCER), 0},
		{PORTS("[]"), 0},
		{PORTS("null"), 0},
		{PORTS("{\"port\":80}"), 0},
		{PORTS("[{\"port\":80}]"), 80},
		{PORTS("[{\"port\":53,\"protocol\":\"UDP\"}]"), 0},
		{PORTS("[{\"port\":53,\"protocol\":\"UDP\",\"name\":\"a\"},"
	           "{\"port\":443,\"protocol\":\"TCP\",\"name\":\"z\"},"
	           "{\"port\":80,\"name\":\"b\"}]"),
	     443},
		{PORTS("[{\"port\":0},{\"port\":65536},{\"port\":\"80\"},7,{\"port\":65535}]"), 65535},
		{PORTS("[{\"port\":81,\"protocol\":6},{\"port\":82,\"protocol\":null}]"), 82},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rig rig;
		struct service_view view;
		rig_init(&rig);
		assert_int_equal(rig_decode(&rig, cases[i].text), ERR_OK);
		assert_true(model_service(rig.model, 0, &view));
		assert_int_equal(view.tcp_port, cases[i].port);
		rig_clear(&rig);
	}
}

static void the_last_of_two_counts_also_without_names(void **state)
{
	(void)state;
	const struct {
		const char *text;
		size_t named;
		unsigned duplicates;
	} cases[] = {
		{SERVICE("", "", BALANCER) SERVICE("", "", ""), 0, 1},
		{SERVICE("", "", "") SERVICE("", "", BALANCER), 1, 1},
		{SERVICE("", "", BALANCER) SERVICE("", "", BALANCER), 1, 1},
		{SERVICE("", "", "") SERVICE("", "", ""), 0, 1},
		{SERVICE("", "", BALANCER) SERVICE("", "", "") SERVICE("", "", BALANCER), 1, 2},
		{SERVICE("", "", BALANCER) SERVICE(",\"namespace\":\"default\"", "", ""), 0, 1},
		{SERVICE("", "", BALANCER) SERVICE(",\"namespace\":\"other\"", "", ""), 1, 0},
		{SERVICE("", "", BALANCER) CAPITAL, 0, 1},
		{CAPITAL SERVICE("", "", BALANCER), 1, 1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rig rig;
		rig_init(&rig);
		assert_int_equal(rig_decode(&rig, cases[i].text), ERR_OK);
		assert_int_equal(model_service_count(rig.model), cases[i].named);
		unsigned duplicates = 0;
		for (const char *at = rig.notes; (at = strstr(at, " duplicate ")) != NULL; at++)
			duplicates++;
		assert_int_equal(duplicates, cases[i].duplicates);
		rig_clear(&rig);
	}
}

/* `items` bad entries and a bad option. */
static void decode_flawed(struct rig *rig, size_t items, const char *annotations)
{
	struct buf text;
	buf_init(&text, STATE_OBJECT_SIZE_MAX);
	assert_int_equal(
		buf_printf(&text,
	               "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"bad\","
	               "\"annotations\":{\"federation.kubernetes.io/service-ingresses\":"
	               "\"{\\\"items\\\":[{\\\"cluster\\\":\\\"c\\\",\\\"items\\\":[0"),
		ERR_OK);
	for (size_t i = 1; i < items; i++)
		assert_int_equal(buf_printf(&text, ",%zu", i), ERR_OK);
	assert_int_equal(buf_printf(&text,
	                            "]}]}\"%s}},\"spec\":{\"type\":\"LoadBalancer\"}}\n"
	                            "{\"apiVersion\":\"v1\",\"kind\":\"Service\"}",
	                            annotations),
	                 ERR_OK);
	assert_int_equal(state_decode(buf_bytes(&text), rig->model, &rig->findings, &rig->why), ERR_OK);
	assert_int_equal(model_service_count(rig->model), 0); /* staged, not committed */
	buf_free(&text);
}

static void many_findings_of_one_service_are_told_as_a_number(void **state)
{
	(void)state;
	static const char OPTION[] = ",\"fedns.io/ttl\":\"x\"";
	const struct {
		size_t items;
		const char *annotations, *last;
	} cases[] = {
		{20, "", NULL},
		{21, "", "1 limit service default/bad: and 1 more findings of this service\n"},
		{20, OPTION, "1 limit service default/bad: and 1 more findings of this service\n"},
		{5000, OPTION, "1 limit service default/bad: and 4981 more findings of this service\n"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rig rig;
		rig_init(&rig);
		decode_flawed(&rig, cases[i].items, cases[i].annotations);
		assert_int_equal(rig.count, cases[i].last == NULL ? 21 : 22);
		if (cases[i].last != NULL)
			assert_non_null(strstr(rig.notes, cases[i].last));
		/* The next service has its own. */
		assert_non_null(strstr(rig.notes, "\n2 object a Service without a metadata.name"));
		rig_clear(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_names_by_rule_1_alone),
		cmocka_unit_test(takes_good_options_and_tells_bad_ones),
		cmocka_unit_test(a_nul_hides_nothing_of_what_is_bad),
		cmocka_unit_test(the_first_tcp_port_is_known),
		cmocka_unit_test(the_last_of_two_counts_also_without_names),
		cmocka_unit_test(many_findings_of_one_service_are_told_as_a_number),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
