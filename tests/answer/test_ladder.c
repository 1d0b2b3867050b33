/* The ladder as answers: which records a name gets at each level, and what stands between the
 * names. */
#include "world.h"

#include "check.h"

static struct world world;

static int set_up(void **state)
{
	(void)state;
	world_init(&world);
	world_cluster(&world, "a", "ra: za", READY_TRUE, 0);
	world_cluster(&world, "b", "rb: zb1, zb2", READY_TRUE, 0);
	world_service(&world, "shop/web", "a=192.0.2.1,192.0.2.2 x=192.0.2.9");
	world_service(&world, "shop/six", "b=2001:db8::6");
	world_service(&world, "void/none", "a=");
	world_service_with(&world, "shop/flat", "a=192.0.2.1", 60, FALLBACK_FLATTEN, ALL_DOWN_DEFAULT);
	world_commit(&world, COMMIT_REPLACE);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_clear(&world);
	return 0;
}

#define SOA "example. SOA; ; "
#define WEB "web.shop.fed.svc."

static void each_level_has_its_addresses(void **state)
{
	(void)state;
	const struct world_question questions[] = {
		{WEB "za.ra.example", TYPE_A,
	     "NOERROR aa; " WEB "za.ra.example. A 192.0.2.1, " WEB "za.ra.example. A 192.0.2.2; ; ; "},
		{WEB "ra.example", TYPE_A,
	     "NOERROR aa; " WEB "ra.example. A 192.0.2.1, " WEB "ra.example. A 192.0.2.2; ; ; "},
		{WEB "example", TYPE_A,
	     "NOERROR aa; " WEB "example. A 192.0.2.1, " WEB "example. A 192.0.2.2, " WEB
	     "example. A 192.0.2.9; ; ; "},
		{"six.shop.fed.svc.zb2.rb.example", TYPE_AAAA,
	     "NOERROR aa; six.shop.fed.svc.zb2.rb.example. AAAA 2001:db8::6; ; ; "},
	};
	world_ask_all(&world, questions, sizeof questions / sizeof questions[0]);
}

static void empty_levels_climb_by_cname_in_one_answer(void **state)
{
	(void)state;
	const struct world_question questions[] = {
		{"six.shop.fed.svc.za.ra.example", TYPE_AAAA,
	     "NOERROR aa; six.shop.fed.svc.za.ra.example. CNAME six.shop.fed.svc.ra.example., "
	     "six.shop.fed.svc.ra.example. CNAME six.shop.fed.svc.example., "
	     "six.shop.fed.svc.example. AAAA 2001:db8::6; ; ; "},
		{"six.shop.fed.svc.za.ra.example", TYPE_CNAME,
	     "NOERROR aa; six.shop.fed.svc.za.ra.example. CNAME six.shop.fed.svc.ra.example.; ; ; "},
		{"six.shop.fed.svc.ra.example", TYPE_A,
	     "NOERROR aa; six.shop.fed.svc.ra.example. CNAME six.shop.fed.svc.example.; " SOA},
		{"none.void.fed.svc.za.ra.example", TYPE_A,
	     "NOERROR aa; none.void.fed.svc.za.ra.example. CNAME none.void.fed.svc.ra.example., "
	     "none.void.fed.svc.ra.example. CNAME none.void.fed.svc.example.; " SOA},
		{"none.void.fed.svc.example", TYPE_A, "NOERROR aa; ; " SOA},
	};
	world_ask_all(&world, questions, sizeof questions / sizeof questions[0]);
}

static void flatten_carries_the_next_level(void **state)
{
	(void)state;
	const struct world_question questions[] = {
		{"flat.shop.fed.svc.zb1.rb.example", TYPE_A,
	     "NOERROR aa; flat.shop.fed.svc.zb1.rb.example. A 192.0.2.1; ; ; "},
		{"flat.shop.fed.svc.rb.example", TYPE_CNAME, "NOERROR aa; ; " SOA},
	};
	world_ask_all(&world, questions, sizeof questions / sizeof questions[0]);
}

/* RFC 2308 section 2, RFC 8020, RFC 4592 section 2.2.2 */
static void names_between_exist_and_others_do_not(void **state)
{
	(void)state;
	const char *const empty[] = {"svc.example",          "fed.svc.example",
	                             "shop.fed.svc.example", "ra.example",
	                             "za.ra.example",        "svc.za.ra.example",
	                             "fed.svc.ra.example",   "void.fed.svc.zb1.rb.example"};
	const char *const missing[] = {"nobody.shop.fed.svc.example",
	                               "web.void.fed.svc.example",
	                               "nowhere.fed.svc.example",
	                               "za.example",
	                               "zb1.ra.example",
	                               "x.web.shop.fed.svc.example",
	                               "web.shop.other.svc.example",
	                               "ns2.example"};
	for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++)
		assert_string_equal(world_ask(&world, empty[i], TYPE_A), "NOERROR aa; ; " SOA);
	for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++)
		assert_string_equal(world_ask(&world, missing[i], TYPE_A), "NXDOMAIN aa; ; " SOA);
}

static void the_zone_has_its_own_records(void **state)
{
	(void)state;
	const struct world_question questions[] = {
		{"example", TYPE_SOA, "NOERROR aa; example. SOA; ; ; "},
		{"example", TYPE_NS, "NOERROR aa; example. NS ns1.example.; ; ns1.example. A 192.0.2.53; "},
		{"example", TYPE_A, "NOERROR aa; ; " SOA},
		{"example", TYPE_ANY, "NOERROR aa; example. SOA; ; ; "},
		{"ns1.example", TYPE_A, "NOERROR aa; ns1.example. A 192.0.2.53; ; ; "},
		{"ns1.example", TYPE_AAAA, "NOERROR aa; ; " SOA},
		{"other", TYPE_A, "REFUSED; ; ; ; "},
		{"xexample", TYPE_A, "REFUSED; ; ; ; "},
	};
	world_ask_all(&world, questions, sizeof questions / sizeof questions[0]);
}

static void gone_services_take_their_names_along(void **state)
{
	(void)state;
	world_gone(&world, "void/none");
	world_commit(&world, COMMIT_CHANGES);
	assert_string_equal(world_ask(&world, "none.void.fed.svc.example", TYPE_A),
	                    "NXDOMAIN aa; ; " SOA);
	assert_string_equal(world_ask(&world, "void.fed.svc.example", TYPE_A), "NXDOMAIN aa; ; " SOA);
	world_commit(&world, COMMIT_REPLACE); /* nothing at all */
	assert_string_equal(world_ask(&world, "svc.example", TYPE_A), "NXDOMAIN aa; ; " SOA);
	assert_string_equal(world_ask(&world, "ns1.example", TYPE_A),
	                    "NOERROR aa; ns1.example. A 192.0.2.53; ; ; ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_level_has_its_addresses, set_up, tear_down),
		cmocka_unit_test_setup_teardown(empty_levels_climb_by_cname_in_one_answer, set_up,
	                                    tear_down),
		cmocka_unit_test_setup_teardown(flatten_carries_the_next_level, set_up, tear_down),
		cmocka_unit_test_setup_teardown(names_between_exist_and_others_do_not, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_zone_has_its_own_records, set_up, tear_down),
		cmocka_unit_test_setup_teardown(gone_services_take_their_names_along, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
