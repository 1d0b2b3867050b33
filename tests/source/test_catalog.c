/* catalog: values by key, and lists that come into force as one. */
#include "check.h"

#include "catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char told[4096];

static int text_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void tell(void *arg, struct bytes key)
{
	(void)arg;
	size_t used = strlen(told);
	(void)snprintf(told + used, sizeof told - used, "%.*s ", BYTES_ARG(key));
}

/* What was told since the last call, sorted. Borrowed until the next one. */
static const char *news(void)
{
	static char text[sizeof told];
	char *words[256], *rest = told, *word;
	size_t count = 0;
	while ((word = strsep(&rest, " ")) != NULL) {
		if (*word != '\0')
			words[count++] = word;
	}
	qsort(words, count, sizeof words[0], text_compare);
	text[0] = '\0';
	size_t used = 0;
	for (size_t i = 0; i < count; i++)
		used +=
			(size_t)snprintf(text + used, sizeof text - used, "%s%s", i == 0 ? "" : " ", words[i]);
	told[0] = '\0';
	return text;
}

static bool set(struct catalog *catalog, const char *key, const char *value)
{
	bool moved;
	assert_int_equal(catalog_set(catalog, bytes_of(key), bytes_of(value), &moved), ERR_OK);
	return moved;
}

static void expect(const struct catalog *catalog, const char *key, const char *value)
{
	assert_true(bytes_equal(catalog_get(catalog, bytes_of(key)), bytes_of(value)));
}

static void values_come_change_and_go(void **state)
{
	(void)state;
	struct catalog *catalog = catalog_new(1, CATALOG_KEYS_MAX);
	expect(catalog, "a", "");
	assert_false(set(catalog, "a", ""));
	assert_true(set(catalog, "a", "1"));
	assert_false(set(catalog, "a", "1"));
	assert_true(set(catalog, "a", "2"));
	assert_true(set(catalog, "ab", "1"));
	expect(catalog, "a", "2");
	expect(catalog, "ab", "1");
	assert_int_equal(catalog_count(catalog), 2);
	assert_true(set(catalog, "a", ""));
	expect(catalog, "a", "");
	expect(catalog, "ab", "1");
	assert_int_equal(catalog_count(catalog), 1);
	catalog_free(catalog);
}

static void a_list_replaces_all_and_tells_what_moved(void **state)
{
	(void)state;
	struct catalog *catalog = catalog_new(1, CATALOG_KEYS_MAX);
	(void)set(catalog, "same", "1");
	(void)set(catalog, "other", "1");
	(void)set(catalog, "gone", "1");
	catalog_list_begin(catalog);
	const char *const listed[][2] = {{"same", "1"}, {"other", "0"}, {"other", "2"}, {"new", "1"}};
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(catalog_list_add(catalog, bytes_of(listed[i][0]), bytes_of(listed[i][1])),
		                 ERR_OK);
	assert_true(bytes_equal(catalog_listed(catalog, bytes_of("other")), bytes_of("2")));
	expect(catalog, "other", "1");
	expect(catalog, "new", "");
	catalog_list_done(catalog, tell, NULL);
	assert_string_equal(news(), "gone new other");
	expect(catalog, "other", "2");
	expect(catalog, "gone", "");
	assert_int_equal(catalog_count(catalog), 3);
	catalog_each(catalog, tell, NULL);
	assert_string_equal(news(), "new other same");
	catalog_free(catalog);
}

static void a_dropped_list_leaves_nothing(void **state)
{
	(void)state;
	struct catalog *catalog = catalog_new(1, CATALOG_KEYS_MAX);
	(void)set(catalog, "a", "1");
	catalog_list_begin(catalog);
	assert_int_equal(catalog_list_add(catalog, bytes_of("b"), bytes_of("1")), ERR_OK);
	catalog_list_drop(catalog);
	catalog_list_begin(catalog);
	assert_int_equal(catalog_list_add(catalog, bytes_of("c"), bytes_of("1")), ERR_OK);
	catalog_list_begin(catalog); /* drops the one under way */
	assert_int_equal(catalog_list_add(catalog, bytes_of("a"), bytes_of("1")), ERR_OK);
	catalog_list_done(catalog, tell, NULL);
	assert_string_equal(news(), "");
	assert_int_equal(catalog_count(catalog), 1);
	catalog_list_begin(catalog);
	catalog_free(catalog); /* with a list under way */
}

static void one_key_too_many_is_refused(void **state)
{
	(void)state;
	struct catalog *catalog = catalog_new(1, 2);
	bool moved;
	(void)set(catalog, "a", "1");
	(void)set(catalog, "b", "1");
	assert_int_equal(catalog_set(catalog, bytes_of("c"), bytes_of("1"), &moved), ERR_LIMIT);
	assert_int_equal(catalog_count(catalog), 2);
	expect(catalog, "c", "");
	assert_true(set(catalog, "b", "2")); /* no other key */
	catalog_list_begin(catalog);
	assert_int_equal(catalog_list_add(catalog, bytes_of("c"), bytes_of("1")), ERR_OK);
	assert_int_equal(catalog_list_add(catalog, bytes_of("d"), bytes_of("1")), ERR_OK);
	assert_int_equal(catalog_list_add(catalog, bytes_of("e"), bytes_of("1")), ERR_LIMIT);
	assert_int_equal(catalog_list_add(catalog, bytes_of("d"), bytes_of("2")), ERR_OK);
	catalog_list_drop(catalog);
	catalog_remove(catalog, bytes_of("a"));
	catalog_remove(catalog, bytes_of("a"));
	assert_true(set(catalog, "c", "1"));
	expect(catalog, "b", "2");
	catalog_free(catalog);
}

/* Many keys that come and go, against an array. */
static void it_holds_what_an_array_holds(void **state)
{
	(void)state;
	enum { KEYS = 500, STEPS = 20000 };
	static unsigned values[KEYS];
	struct catalog *catalog = catalog_new(7, CATALOG_KEYS_MAX);
	uint32_t random = 1;
	size_t count = 0;
	memset(values, 0, sizeof values);
	for (unsigned step = 0; step < STEPS; step++) {
		random = random * 1664525u + 1013904223u;
		unsigned key = (random >> 8) % KEYS, value = (random >> 20) % 4;
		char key_text[16], value_text[16] = "";
		(void)snprintf(key_text, sizeof key_text, "k%u", key);
		if (value != 0)
			(void)snprintf(value_text, sizeof value_text, "%u", value);
		assert_int_equal(set(catalog, key_text, value_text), value != values[key]);
		count += value != 0;
		count -= values[key] != 0;
		values[key] = value;
		assert_int_equal(catalog_count(catalog), count);
	}
	for (unsigned key = 0; key < KEYS; key++) {
		char key_text[16], value_text[16] = "";
		(void)snprintf(key_text, sizeof key_text, "k%u", key);
		if (values[key] != 0)
			(void)snprintf(value_text, sizeof value_text, "%u", values[key]);
		expect(catalog, key_text, value_text);
	}
	catalog_free(catalog);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_come_change_and_go),
		cmocka_unit_test(a_list_replaces_all_and_tells_what_moved),
		cmocka_unit_test(a_dropped_list_leaves_nothing),
		cmocka_unit_test(one_key_too_many_is_refused),
		cmocka_unit_test(it_holds_what_an_array_holds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
