/* Host names: who names them, what their addresses change, and how long they are there. */
#include "bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void base(struct bed *bed)
{
	bed_init(bed);
	bed_cluster(bed, "c", "eu: a");
	bed_service(bed, "default/one", "c=lb.example,192.0.2.1");
	bed_service(bed, "default/two", "c=LB.example. d=lb.example,other.example");
	bed_service(bed, "default/three", "c=other.example");
	bed_commit(bed);
	(void)bed_changes(bed);
	(void)bed_notes(bed);
}

static void an_answer_changes_those_who_name_the_host(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	assert_string_equal(bed_lines(&bed, "host "), "host lb.example.; host other.example.");
	bed_resolved(&bed, "lb.example", 4, "192.0.2.9,192.0.2.8,192.0.2.9");
	assert_string_equal(bed_changes(&bed), "default/one default/two");
	bed_resolved(&bed, "lb.example", 6, "2001:db8::9");
	assert_string_equal(bed_changes(&bed), "default/one default/two");
	assert_string_equal(bed_lines(&bed, "host lb"),
	                    "host lb.example. resolved 192.0.2.8 192.0.2.9 2001:db8::9");
	bed_resolved(&bed, "other.example", 4, "192.0.2.7");
	assert_string_equal(bed_changes(&bed), "default/three default/two");
	bed_clear(&bed);
}

static void the_same_answer_changes_nobody(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	bed_resolved(&bed, "lb.example", 4, "");
	assert_string_equal(bed_changes(&bed), "");
	assert_string_equal(bed_lines(&bed, "host lb"), "host lb.example. resolved");
	bed_resolved(&bed, "lb.example", 4, "192.0.2.8,192.0.2.9");
	(void)bed_changes(&bed);
	bed_resolved(&bed, "lb.example", 4, "192.0.2.9,192.0.2.8");
	bed_resolved(&bed, "lb.example", 6, "");
	assert_string_equal(bed_changes(&bed), "");
	bed_resolved(&bed, "lb.example", 4, "");
	assert_string_equal(bed_changes(&bed), "default/one default/two");
	assert_string_equal(bed_lines(&bed, "host lb"), "host lb.example. resolved");
	bed_clear(&bed);
}

static void one_family_leaves_the_other(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	bed_resolved(&bed, "lb.example", 6, "2001:db8::1,2001:db8::2");
	bed_resolved(&bed, "lb.example", 4, "192.0.2.1");
	bed_resolved(&bed, "lb.example", 4, "192.0.2.2,192.0.2.3");
	assert_string_equal(bed_lines(&bed, "host lb"), "host lb.example. resolved 192.0.2.2 192.0.2.3 "
	                                                "2001:db8::1 2001:db8::2");
	bed_resolved(&bed, "lb.example", 6, "");
	assert_string_equal(bed_lines(&bed, "host lb"),
	                    "host lb.example. resolved 192.0.2.2 192.0.2.3");
	bed_clear(&bed);
}

static void what_may_not_be_published_is_left_out(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	bed_resolved(&bed, "lb.example", 4, "0.0.0.0,192.0.2.2,224.0.0.1,255.255.255.255");
	assert_int_equal(bed.finding_count, 3);
	assert_int_equal(strncmp(bed_notes(&bed), "warning address :0: host lb.example.: ", 38), 0);
	assert_string_equal(bed_lines(&bed, "host lb"), "host lb.example. resolved 192.0.2.2");
	bed_clear(&bed);
}

static void the_first_addresses_of_many_count(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	char text[ADDRESSES_MAX * 2 * 16] = "";
	size_t used = 0;
	for (int i = 0; i < ADDRESSES_MAX + 2; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s192.0.2.%d", i > 0 ? "," : "",
		                         200 - i);
	bed_resolved(&bed, "lb.example", 4, text);
	assert_string_equal(
		bed_notes(&bed),
		"warning limit :0: host lb.example.: more than 64 addresses; the first ones count\n");
	struct host_view view;
	for (uint32_t id = 0; !model_host(bed.model, id, &view) || view.name->octets[1] != 'l'; id++)
		assert_true(id < model_host_limit(bed.model));
	assert_int_equal(view.addresses.v4_count, ADDRESSES_MAX);
	assert_int_equal(view.addresses.v4[3], 200 - ADDRESSES_MAX + 1);
	bed_clear(&bed);
}

static void unnamed_hosts_are_ignored(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	bed_resolved(&bed, "nobody.example", 4, "192.0.2.2");
	bed_service(&bed, "default/four", "c=staged.example");
	bed_resolved(&bed, "staged.example", 4, "192.0.2.2"); /* not yet anybody's */
	assert_string_equal(bed_lines(&bed, "host "), "host lb.example.; host other.example.");
	bed_commit(&bed);
	assert_string_equal(bed_lines(&bed, "host st"), "host staged.example.");
	bed_clear(&bed);
}

static void a_host_lives_while_it_is_named(void **state)
{
	(void)state;
	struct bed bed;
	base(&bed);
	uint64_t revision = model_hosts_revision(bed.model);
	bed_resolved(&bed, "lb.example", 4, "192.0.2.2");
	bed_service(&bed, "default/one", "c=");
	bed_commit(&bed);
	assert_int_equal(model_hosts_revision(bed.model), revision);
	assert_string_equal(bed_lines(&bed, "host lb"), "host lb.example. resolved 192.0.2.2");
	/* It moves to another service in one commit: it stays, with what it knows. */
	bed_service_gone(&bed, "default/two");
	bed_service(&bed, "default/four", "c=lb.example");
	bed_commit(&bed);
	assert_int_equal(model_hosts_revision(bed.model), revision);
	assert_string_equal(bed_lines(&bed, "host lb"), "host lb.example. resolved 192.0.2.2");
	(void)bed_changes(&bed);
	bed_resolved(&bed, "lb.example", 4, "192.0.2.3");
	assert_string_equal(bed_changes(&bed), "default/four");
	bed_service_gone(&bed, "default/four");
	bed_commit(&bed);
	assert_int_equal(model_hosts_revision(bed.model), revision + 1);
	assert_string_equal(bed_lines(&bed, "host "), "host other.example.");
	/* Named again, it knows nothing of its former life. */
	bed_service(&bed, "default/five", "c=lb.example");
	bed_commit(&bed);
	assert_int_equal(model_hosts_revision(bed.model), revision + 2);
	assert_string_equal(bed_lines(&bed, "host lb"), "host lb.example.");
	bed_clear(&bed);
}

static void many_services_share_a_host(void **state)
{
	(void)state;
	struct bed bed;
	bed_init(&bed);
	char key[32];
	for (int round = 0; round < 4; round++) {
		for (int i = 0; i < 100; i++) {
			(void)snprintf(key, sizeof key, "default/s%d", i);
			bed_service(&bed, key, (i + round) % 3 == 0 ? "c=" : "c=lb.example");
		}
		bed_commit(&bed);
		(void)bed_changes(&bed);
		char address[32];
		(void)snprintf(address, sizeof address, "192.0.2.%d", round + 1);
		bed_resolved(&bed, "lb.example", 4, address);
		struct model_changes changes = model_changes(bed.model);
		assert_false(changes.everything);
		size_t named = 0;
		for (int i = 0; i < 100; i++)
			named += (i + round) % 3 != 0;
		assert_int_equal(changes.service_count, named);
		model_changes_taken(bed.model);
	}
	bed_clear(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_changes_those_who_name_the_host),
		cmocka_unit_test(the_same_answer_changes_nobody),
		cmocka_unit_test(one_family_leaves_the_other),
		cmocka_unit_test(what_may_not_be_published_is_left_out),
		cmocka_unit_test(the_first_addresses_of_many_count),
		cmocka_unit_test(unnamed_hosts_are_ignored),
		cmocka_unit_test(a_host_lives_while_it_is_named),
		cmocka_unit_test(many_services_share_a_host),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
