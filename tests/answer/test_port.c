/* Named ports as answers: SRV with its target's addresses (RFC 2782), and what stands between the
 * names. */
#include "world.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

static struct world world;

static int set_up(void **state)
{
	(void)state;
	world_init(&world);
	world_cluster(&world, "a", "ra: za", READY_TRUE, 0);
	world_cluster(&world, "b", "rb: zb", READY_TRUE, 0);
	world_ports(&world, "http:80 https:443 dns:53/UDP");
	world_service(&world, "shop/web", "a=192.0.2.1,2001:db8::1 x=192.0.2.9");
	world_service_with(&world, "shop/flat", "a=192.0.2.1", 60, FALLBACK_FLATTEN, ALL_DOWN_DEFAULT);
	world_service(&world, "void/none", "a=");
	world_ports(&world, "x:1/SCTP");
	world_service(&world, "shop/six", "b=2001:db8::6");
	world_ports(&world, NULL);
	world_service(&world, "shop/bare", "a=192.0.2.1");
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

static void a_named_port_aims_at_its_level_with_the_addresses_beside_rfc2782(void **state)
{
	(void)state;
	const struct world_question questions[] = {
		{"_http._tcp." WEB "za.ra.example", TYPE_SRV,
	     "NOERROR aa; _http._tcp." WEB "za.ra.example. SRV 0 0 80 " WEB "za.ra.example.; ; " WEB
	     "za.ra.example. A 192.0.2.1, " WEB "za.ra.example. AAAA 2001:db8::1; "},
		{"_https._tcp." WEB "ra.example", TYPE_SRV,
	     "NOERROR aa; _https._tcp." WEB "ra.example. SRV 0 0 443 " WEB "ra.example.; ; " WEB
	     "ra.example. A 192.0.2.1, " WEB "ra.example. AAAA 2001:db8::1; "},
		{"_dns._udp." WEB "example", TYPE_SRV,
	     "NOERROR aa; _dns._udp." WEB "example. SRV 0 0 53 " WEB "example.; ; " WEB
	     "example. A 192.0.2.1, " WEB "example. A 192.0.2.9, " WEB "example. AAAA 2001:db8::1; "},
		{"_x._sctp.six.shop.fed.svc.example", TYPE_SRV,
	     "NOERROR aa; _x._sctp.six.shop.fed.svc.example. SRV 0 0 1 six.shop.fed.svc.example.; ; "
	     "six.shop.fed.svc.example. AAAA 2001:db8::6; "},
	};
	world_ask_all(&world, questions, sizeof questions / sizeof questions[0]);
}

/* The name of an empty level is a CNAME, which no target may be. */
static void an_empty_level_aims_at_the_first_name_with_addresses_rfc2782(void **state)
{
	(void)state;
	const struct world_question questions[] = {
		{"_x._sctp.six.shop.fed.svc.za.ra.example", TYPE_SRV,
	     "NOERROR aa; _x._sctp.six.shop.fed.svc.za.ra.example. SRV 0 0 1 "
	     "six.shop.fed.svc.example.; ; six.shop.fed.svc.example. AAAA 2001:db8::6; "},
		{"_http._tcp.flat.shop.fed.svc.zb.rb.example", TYPE_SRV,
	     "NOERROR aa; _http._tcp.flat.shop.fed.svc.zb.rb.example. SRV 0 0 80 "
	     "flat.shop.fed.svc.zb.rb.example.; ; flat.shop.fed.svc.zb.rb.example. A 192.0.2.1; "},
		{"_http._tcp.none.void.fed.svc.za.ra.example", TYPE_SRV, "NOERROR aa; ; " SOA},
		{"_http._tcp.none.void.fed.svc.example", TYPE_SRV, "NOERROR aa; ; " SOA},
	};
	world_ask_all(&world, questions, sizeof questions / sizeof questions[0]);
}

static void only_srv_is_there_rfc2308_rfc8482(void **state)
{
	(void)state;
	const struct world_question questions[] = {
		{"_http._tcp." WEB "example", TYPE_A, "NOERROR aa; ; " SOA},
		{"_http._tcp." WEB "example", TYPE_CNAME, "NOERROR aa; ; " SOA},
		{"_http._tcp.six.shop.fed.svc.za.ra.example", TYPE_SRV, "NXDOMAIN aa; ; " SOA},
		{"_http._tcp.bare.shop.fed.svc.example", TYPE_SRV, "NXDOMAIN aa; ; " SOA},
		{WEB "example", TYPE_SRV, "NOERROR aa; ; " SOA},
		{"_x._sctp.six.shop.fed.svc.rb.example", TYPE_ANY,
	     "NOERROR aa; _x._sctp.six.shop.fed.svc.rb.example. SRV 0 0 1 "
	     "six.shop.fed.svc.rb.example.; ; six.shop.fed.svc.rb.example. AAAA 2001:db8::6; "},
	};
	world_ask_all(&world, questions, sizeof questions / sizeof questions[0]);
}

static void names_between_exist_and_others_do_not_rfc8020(void **state)
{
	(void)state;
	const char *const empty[] = {"_tcp." WEB "example", "_udp." WEB "za.ra.example",
	                             "_sctp.six.shop.fed.svc.za.ra.example"};
	const char *const missing[] = {"_sctp." WEB "example",
	                               "_tcp.bare.shop.fed.svc.example",
	                               "_dns._tcp." WEB "example",
	                               "_http._udp." WEB "example",
	                               "http._tcp." WEB "example",
	                               "_http.tcp." WEB "example",
	                               "_http." WEB "example",
	                               "_._tcp." WEB "example",
	                               "_." WEB "example",
	                               "x._http._tcp." WEB "example",
	                               "_tcp._tcp." WEB "example",
	                               "_http._tcp.nobody.shop.fed.svc.example",
	                               "_tcp.shop.fed.svc.example",
	                               "_http._tcp.example",
	                               "_tcp.example",
	                               "_http._tcp." WEB "zb.ra.example"};
	for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++)
		assert_string_equal(world_ask(&world, empty[i], TYPE_SRV), "NOERROR aa; ; " SOA);
	for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++)
		assert_string_equal(world_ask(&world, missing[i], TYPE_SRV), "NXDOMAIN aa; ; " SOA);
}

#define TEN "0123456789"
#define N62 TEN TEN TEN TEN TEN TEN "xy"
#define N63 N62 "z"

/* _tcp of a service whose port's name doesn't fit there is no name. */
static void a_protocol_exists_where_a_port_fits(void **state)
{
	(void)state;
	world_cluster(&world, "a", N62 ": za", READY_TRUE, 0);
	world_ports(&world, N62 ":80");
	world_service(&world, N63 "/" N62, "a=192.0.2.1");
	world_commit(&world, COMMIT_CHANGES);
	assert_string_equal(world_ask(&world, "_tcp." N62 "." N63 ".fed.svc." N62 ".example", TYPE_SRV),
	                    "NXDOMAIN aa; ; " SOA);
	assert_string_equal(world_ask(&world, "_tcp." N62 "." N63 ".fed.svc.example", TYPE_SRV),
	                    "NOERROR aa; ; " SOA);
	assert_string_equal(world_ask(&world, N62 "." N63 ".fed.svc." N62 ".example", TYPE_A),
	                    "NOERROR aa; " N62 "." N63 ".fed.svc." N62 ".example. A 192.0.2.1; ; ; ");
}

/* The service "fed" of namespace "svc" beside a place whose labels are fed and svc. */
static void labels_that_look_like_a_tail_are_told_apart(void **state)
{
	(void)state;
	world_cluster(&world, "odd", "svc: fed", READY_TRUE, 0);
	world_ports(&world, "http:80");
	world_service(&world, "svc/fed", "odd=192.0.2.7");
	world_commit(&world, COMMIT_CHANGES);
	assert_string_equal(world_ask(&world, "_http._tcp.fed.svc.fed.svc.example", TYPE_SRV),
	                    "NOERROR aa; _http._tcp.fed.svc.fed.svc.example. SRV 0 0 80 "
	                    "fed.svc.fed.svc.example.; ; fed.svc.fed.svc.example. A 192.0.2.7; ");
}

static void changes_of_ports_alone_are_published(void **state)
{
	(void)state;
	world_ports(&world, "http:8080");
	world_service(&world, "shop/bare", "a=192.0.2.1");
	world_commit(&world, COMMIT_CHANGES);
	assert_string_equal(world_ask(&world, "_http._tcp.bare.shop.fed.svc.za.ra.example", TYPE_SRV),
	                    "NOERROR aa; _http._tcp.bare.shop.fed.svc.za.ra.example. SRV 0 0 8080 "
	                    "bare.shop.fed.svc.za.ra.example.; ; "
	                    "bare.shop.fed.svc.za.ra.example. A 192.0.2.1; ");
}

/* Additional records that don't fit are left out without TC. */
static void the_answer_comes_without_what_does_not_fit_beside_rfc2181_section_9(void **state)
{
	(void)state;
	char ingresses[1024] = "a=2001:db8::1";
	for (unsigned i = 1; i <= 40; i++) {
		size_t used = strlen(ingresses);
		(void)snprintf(ingresses + used, sizeof ingresses - used, ",192.0.2.%u", i);
	}
	world_ports(&world, "http:80");
	world_service(&world, "shop/many", ingresses);
	world_commit(&world, COMMIT_CHANGES);
	assert_string_equal(world_ask_udp(&world, "_http._tcp.many.shop.fed.svc.example", TYPE_SRV),
	                    "NOERROR aa; _http._tcp.many.shop.fed.svc.example. SRV 0 0 80 "
	                    "many.shop.fed.svc.example.; ; "
	                    "many.shop.fed.svc.example. AAAA 2001:db8::1; ");
}

#define WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(a_named_port_aims_at_its_level_with_the_addresses_beside_rfc2782),
		WORLD(an_empty_level_aims_at_the_first_name_with_addresses_rfc2782),
		WORLD(only_srv_is_there_rfc2308_rfc8482),
		WORLD(names_between_exist_and_others_do_not_rfc8020),
		WORLD(a_protocol_exists_where_a_port_fits),
		WORLD(labels_that_look_like_a_tail_are_told_apart),
		WORLD(changes_of_ports_alone_are_published),
		WORLD(the_answer_comes_without_what_does_not_fit_beside_rfc2181_section_9),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
