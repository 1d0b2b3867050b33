/* explain_name: which service and place a name stands for, or what is wrong with it. */
#include "explain_name.h"

#include "check.h"

#include <string.h>

static struct zone_policy policy_of(const char *zone, const char *suffix)
{
	struct why why;
	struct zone_policy policy = {.federation_size = 3, .federation = {'f', 'e', 'd'}};
	assert_int_equal(name_parse(bytes_of(zone), &policy.zone, &why), ERR_OK);
	assert_int_equal(name_parse(bytes_of(suffix), &policy.suffix, &why), ERR_OK);
	return policy;
}

/* One cluster in region ra, zones za and zb, and one without a place. */
static struct model *model_make(void)
{
	struct why why = {{0}};
	struct findings nobody = {.report = NULL};
	const struct bytes zones[] = {bytes_of("za"), bytes_of("zb")};
	const struct cluster_seen one = {.name = bytes_of("one"),
	                                 .region = bytes_of("ra"),
	                                 .zones = zones,
	                                 .zone_count = 2,
	                                 .ready = READY_TRUE};
	const struct cluster_seen two = {.name = bytes_of("two"), .ready = READY_TRUE};
	struct model *model = model_new(1);
	assert_non_null(model);
	assert_int_equal(model_stage_cluster(model, &one, &nobody, &why), ERR_OK);
	assert_int_equal(model_stage_cluster(model, &two, &nobody, &why), ERR_OK);
	assert_int_equal(model_commit(model, COMMIT_REPLACE, 0, &nobody, &why), ERR_OK);
	return model;
}

struct reading {
	const char *name;
	enum level level;
	const char *refused; /* a part of the sentence; NULL: it is web/default at `level` */
};

static void readings_check(const struct zone_policy *policy, const struct reading *readings,
                           size_t count)
{
	struct model *model = model_make();
	size_t places_count;
	const struct place *places = model_places(model, &places_count);
	for (size_t i = 0; i < count; i++) {
		struct why why = {{0}};
		struct explain_name out;
		enum err err = explain_name_read(model, policy, readings[i].name, &out, &why);
		if (readings[i].refused != NULL) {
			assert_int_not_equal(err, ERR_OK);
			if (strstr(why.text, readings[i].refused) == NULL)
				fail_msg("%s: \"%s\"", readings[i].name, why.text);
			continue;
		}
		if (err != ERR_OK)
			fail_msg("%s: %s", readings[i].name, why.text);
		assert_int_equal(places[out.place].level, readings[i].level);
		assert_int_equal(out.service_size, 3);
		assert_memory_equal(out.service, "web", 3);
		assert_int_equal(out.namespace_size, 7);
		assert_memory_equal(out.namespace, "default", 7);
	}
	model_free(model);
}

static void names_of_services_are_read(void **state)
{
	(void)state;
	static const struct reading READINGS[] = {
		{"web.default.fed.svc.example", LEVEL_GLOBAL, NULL},
		{"WEB.Default.FED.svc.Example.", LEVEL_GLOBAL, NULL},
		{"web.default.fed.svc.ra.example", LEVEL_REGION, NULL},
		{"web.default.fed.svc.zb.ra.example", LEVEL_ZONE, NULL},
		{"_http._tcp.web.default.fed.svc.zb.ra.example", LEVEL_ZONE, NULL},
	};
	const struct zone_policy policy = policy_of("example", "example");
	readings_check(&policy, READINGS, sizeof READINGS / sizeof READINGS[0]);
}

static void of_others_it_is_said_what_is_wrong(void **state)
{
	(void)state;
	static const struct reading READINGS[] = {
		{"", 0, ""},
		{"a..b", 0, "a label is empty"},
		{"example", 0, "it is the zone itself"},
		{"web.default.fed.svc.other", 0, "it is not in the zone example."},
		{"ns1.example", 0, "names of services are below s.example."},
		{"s.example", 0, "names of services are SERVICE.NAMESPACE.fed.svc and a place"},
		{"web.default.fad.svc.s.example", 0, "the federation is \"fed\", not \"fad\""},
		{"fed.svc.s.example", 0, "it stands above the services"},
		{"default.fed.svc.ra.s.example", 0, "it stands above the services"},
		{"a.web.default.fed.svc.s.example", 0, "nothing stands below a service's name"},
		{"web.default.fed.svc.rb.s.example", 0, "there is no region \"rb\": known are ra"},
		{"web.default.fed.svc.zc.ra.s.example", 0,
	     "there is no zone \"zc\" in region \"ra\": known are za, zb"},
		{"web.default.fed.svc.x.za.ra.s.example", 0, "a zone and a region at most"},
	};
	const struct zone_policy policy = policy_of("example", "s.example");
	readings_check(&policy, READINGS, sizeof READINGS / sizeof READINGS[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_services_are_read),
		cmocka_unit_test(of_others_it_is_said_what_is_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
