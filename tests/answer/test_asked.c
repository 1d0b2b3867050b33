/* asked: questions are counted by the way they came and by their type. */
#include "check.h"
#include "world.h"

#include "asked.h"

#include <string.h>

static void types_have_their_words(void **state)
{
	(void)state;
	static const struct {
		uint16_t type;
		const char *word;
	} CASES[] = {
		{0, "other"},   {1, "A"},       {2, "NS"},      {5, "CNAME"},     {6, "SOA"},
		{12, "PTR"},    {15, "MX"},     {16, "TXT"},    {28, "AAAA"},     {33, "SRV"},
		{43, "DS"},     {48, "DNSKEY"}, {64, "SVCB"},   {65, "HTTPS"},    {255, "ANY"},
		{252, "other"}, {256, "other"}, {257, "other"}, {65535, "other"},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
		assert_string_equal(asked_type_text(asked_type_of(CASES[i].type)), CASES[i].word);
}

static void ask(struct world *world, struct answer_counters *counters, bool tcp, uint8_t family,
                const char *octets, size_t size)
{
	uint8_t reply[512];
	const struct query query = {
		.data = (const uint8_t *)octets, .size = size, .client = {.family = family}, .tcp = tcp};
	const struct root *root = zone_enter(world->zone, 0);
	(void)respond(root, counters, &query, reply, sizeof reply);
	zone_leave(world->zone, 0);
}

static void questions_count_by_way_and_type(void **state)
{
	(void)state;
	static const char AAAA[] = "\0\1\1\0\0\1\0\0\0\0\0\0\0\0\x1c\0\1",
					  NONE[] = "\0\1\1\0\0\0\0\0\0\0\0\0",
					  RESPONSE[] = "\0\1\x81\0\0\0\0\0\0\0\0\0";
	struct world world;
	struct answer_counters counters = {0};
	world_init(&world);
	ask(&world, &counters, false, 4, AAAA, sizeof AAAA - 1);
	ask(&world, &counters, true, 6, AAAA, sizeof AAAA - 1);
	ask(&world, &counters, true, 6, NONE, sizeof NONE - 1); /* FORMERR, and a query all the same */
	ask(&world, &counters, true, 4, RESPONSE, sizeof RESPONSE - 1);
	ask(&world, &counters, false, 4, AAAA, 5);
	assert_int_equal(counters.asked[0][0][ASKED_AAAA], 1);
	assert_int_equal(counters.asked[1][1][ASKED_AAAA], 1);
	assert_int_equal(counters.asked[1][1][ASKED_OTHER], 1);
	assert_int_equal(counters.queries, 3);
	assert_int_equal(counters.dropped[ANSWER_DROP_RESPONSE], 1);
	assert_int_equal(counters.dropped[ANSWER_DROP_SHORT], 1);
	uint64_t sum = 0;
	for (size_t i = 0; i < sizeof counters.asked / sizeof(uint64_t); i++)
		sum += ((const uint64_t *)counters.asked)[i];
	assert_int_equal(sum, counters.queries);
	world_clear(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_have_their_words),
		cmocka_unit_test(questions_count_by_way_and_type),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
