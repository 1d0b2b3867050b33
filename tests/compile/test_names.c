/* Tails, RRsets and the apex: which names there are, how long they may be, and what the zone says
 * of itself. */
#include "world.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

static struct world world;
static struct tail tails[PLACES_MAX];
static struct buf text;

static int set_up(void **state)
{
	(void)state;
	world_init(&world);
	buf_init(&text, WORLD_TEXT_SIZE);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_free(&text);
	world_clear(&world);
	return 0;
}

static enum err line_take(void *arg, const struct rrset *set, struct why *why)
{
	for (uint16_t i = 0; i < set->count; i++) {
		enum err err = rrset_text(set, i, arg, why);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

static const char *lines(void)
{
	const uint8_t end = 0;
	assert_int_equal(buf_add(&text, (struct bytes){&end, 1}), ERR_OK);
	return (const char *)text.data;
}

/* A label of `size` octets. */
static const char *label(char octet, size_t size)
{
	static char octets[2][64];
	static unsigned turn;
	char *out = octets[turn++ % 2];
	memset(out, octet, size);
	out[size] = '\0';
	return out;
}

static void tails_stand_behind_the_service(void **state)
{
	(void)state;
	char out[NAME_TEXT_SIZE];
	world_cluster(&world, "a", "RA: Za", READY_TRUE, 0);
	world_commit(&world, COMMIT_REPLACE);
	assert_int_equal(compile_tails(world.model, &world.policy.zone, &world.findings, tails), 3);
	const char *const expected[] = {"fed.svc.example.", "fed.svc.ra.example.",
	                                "fed.svc.za.ra.example."};
	for (size_t i = 0; i < 3; i++) {
		name_text(name_bytes(&tails[i].name), out);
		assert_string_equal(out, expected[i]);
	}
	assert_int_equal(tails[2].parent, 1);
	assert_int_equal(tails[1].parent, 0);
}

static void a_place_too_deep_for_any_name_is_told_and_left_out(void **state)
{
	(void)state;
	char suffix[256], place[160];
	(void)snprintf(suffix, sizeof suffix, "%s.%s.example.", label('s', 63), label('s', 50));
	assert_int_equal(name_parse(bytes_of(suffix), &world.policy.zone.suffix, &world.why), ERR_OK);
	(void)snprintf(place, sizeof place, "%s: %s", label('r', 63), label('z', 63));
	world_cluster(&world, "a", place, READY_TRUE, 0);
	assert_int_equal(zone_set_policy(world.zone, &world.policy, &world.why), ERR_OK);
	world_commit(&world, COMMIT_REPLACE);
	world.finding_count = 0;
	assert_int_equal(compile_tails(world.model, &world.policy.zone, &world.findings, tails), 3);
	assert_int_equal(tails[2].name.size, 0);
	assert_int_not_equal(tails[1].name.size, 0);
	assert_int_equal(world.finding_count, 1);
	assert_int_equal(world.last_finding.reason, FINDING_NAME_SIZE);
	assert_memory_equal(world.last_finding.text, "zone \"zzz", 9);
	const char *longest = label('s', 63);
	(void)snprintf(suffix, sizeof suffix, "%s.%s.%s.%s.", longest, longest, longest,
	               label('s', 57));
	assert_int_equal(name_parse(bytes_of(suffix), &world.policy.zone.suffix, &world.why), ERR_OK);
	assert_int_equal(compile_tails(world.model, &world.policy.zone, &world.findings, tails), 3);
	assert_int_equal(world.finding_count, 4);
	assert_int_equal(tails[0].name.size, 0);
}

static void a_name_over_255_octets_is_left_out_alone(void **state)
{
	(void)state;
	char service[200], place[200], expected[WORLD_TEXT_SIZE];
	struct ladder ladder;
	struct compiler *compiler = compiler_new();
	(void)snprintf(service, sizeof service, "%s/%s", label('n', 63), label('s', 63));
	(void)snprintf(place, sizeof place, "%s: %s", label('r', 63), label('z', 63));
	world_cluster(&world, "a", place, READY_TRUE, 0);
	world_service(&world, service, "a=192.0.2.1");
	world_commit(&world, COMMIT_REPLACE);
	size_t count = compile_tails(world.model, &world.policy.zone, &world.findings, tails);
	assert_int_equal(compile_service(compiler, world.model, &world.policy.zone, 0, &world.findings,
	                                 &ladder, &world.why),
	                 ERR_OK);
	world.finding_count = 0;
	assert_int_equal(
		ladder_rrsets(&ladder, tails, count, &world.findings, line_take, &text, &world.why),
		ERR_OK);
	(void)snprintf(expected, sizeof expected,
	               "%s.%s.fed.svc.example. 180 IN A 192.0.2.1\n"
	               "%s.%s.fed.svc.",
	               label('s', 63), label('n', 63), label('s', 63), label('n', 63));
	assert_memory_equal(lines(), expected, strlen(expected));
	struct record_counts counts;
	ladder_records(&ladder, tails, count, &counts);
	assert_int_equal(record_total(&counts), 2);
	assert_int_equal(world.finding_count, 1);
	assert_non_null(strstr(world.last_finding.text, "would pass 253 octets"));
	compiler_free(compiler);
}

static void the_apex_is_soa_ns_and_the_servers_in_the_zone(void **state)
{
	(void)state;
	struct zone_policy *zone = &world.policy.zone;
	struct nameserver *other = &zone->nameservers[1];
	zone->nameserver_count = 2;
	assert_int_equal(name_parse(bytes_of("a.example.net."), &other->name, &world.why), ERR_OK);
	assert_int_equal(address_parse(bytes_of("192.0.2.54"), &other->addresses[0], &world.why),
	                 ERR_OK);
	other->address_count = 1;
	assert_int_equal(
		address_parse(bytes_of("2001:db8::53"), &zone->nameservers[0].addresses[1], &world.why),
		ERR_OK);
	zone->nameservers[0].address_count = 2;
	assert_int_equal(apex_rrsets(zone, 7, line_take, &text, &world.why), ERR_OK);
	assert_string_equal(
		lines(), "example. 180 IN SOA ns1.example. hostmaster.example. 7 3600 600 1209600 30\n"
				 "example. 180 IN NS a.example.net.\n"
				 "example. 180 IN NS ns1.example.\n"
				 "ns1.example. 180 IN A 192.0.2.53\n"
				 "ns1.example. 180 IN AAAA 2001:db8::53\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tails_stand_behind_the_service),
		TEST(a_place_too_deep_for_any_name_is_told_and_left_out),
		TEST(a_name_over_255_octets_is_left_out_alone),
		TEST(the_apex_is_soa_ns_and_the_servers_in_the_zone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
