/* Memory for secrets: it is left out of core files, overwritten when it is given back, and never
 * takes more than it has room for. */
#include "secret_memory.h"

#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Does the mapping at `address` have the flag `flag` in its VmFlags? */
static bool has_flag(const void *address, const char *flag)
{
	char line[512];
	bool here = false, found = false;
	FILE *maps = fopen("/proc/self/smaps", "r");
	assert_non_null(maps);
	while (fgets(line, sizeof line, maps) != NULL) {
		uintptr_t from, to;
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2)
			here = (uintptr_t)address >= from && (uintptr_t)address < to;
		else if (here && strncmp(line, "VmFlags:", 8) == 0)
			found = strstr(line, flag) != NULL;
	}
	assert_int_equal(fclose(maps), 0);
	return found;
}

static void it_is_left_out_of_core_files(void **state)
{
	(void)state;
	struct secret_memory memory;
	struct why why;
	assert_int_equal(secret_memory_init(&memory, 10000, &why), ERR_OK);
	assert_true(memory.room >= 10000);
	assert_true(has_flag(memory.data, " dd"));
	assert_true(has_flag(memory.data + memory.room - 1, " dd"));
	assert_false(has_flag(&why, " dd"));
	secret_memory_free(&memory);
	assert_null(memory.data);
	secret_memory_free(&memory);
}

static void wiping_leaves_nothing(void **state)
{
	(void)state;
	struct secret_memory memory;
	struct why why;
	assert_int_equal(secret_memory_init(&memory, 100, &why), ERR_OK);
	assert_true(secret_memory_add(&memory, bytes_of("testsecret")));
	assert_string_equal(secret_memory_text(&memory, bytes_of("more")), "more");
	assert_int_equal(secret_memory_bytes(&memory).size, 15);
	secret_memory_wipe(&memory);
	assert_int_equal(memory.used, 0);
	for (size_t i = 0; i < memory.room; i++)
		assert_int_equal(memory.data[i], 0);
	secret_memory_free(&memory);
}

/* A page of a file stays readable by another mapping when the one that holds the secret is given
 * back: what freeing leaves there can be seen. */
static void freeing_overwrites(void **state)
{
	(void)state;
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	int fd = memfd_create("fedns-test", 0);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	struct secret_memory memory = {.room = size};
	memory.data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	const uint8_t *seen = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	assert_true(memory.data != MAP_FAILED && seen != MAP_FAILED);
	assert_true(secret_memory_add(&memory, bytes_of("testsecret")));
	assert_memory_equal(seen, "testsecret", 10);
	secret_memory_free(&memory);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(seen[i], 0);
	assert_int_equal(munmap((void *)seen, size), 0);
	assert_int_equal(close(fd), 0);
}

static void it_takes_no_more_than_it_has_room_for(void **state)
{
	(void)state;
	struct secret_memory memory;
	struct why why;
	assert_int_equal(secret_memory_init(&memory, 1, &why), ERR_OK);
	char *whole = calloc(1, memory.room + 1);
	assert_non_null(whole);
	memset(whole, 'a', memory.room);
	assert_null(secret_memory_text(&memory, bytes_of(whole))); /* its NUL has no room */
	assert_true(secret_memory_add(&memory, bytes_of(whole)));
	assert_false(secret_memory_add(&memory, bytes_of("a")));
	assert_null(secret_memory_text(&memory, bytes_of("")));
	free(whole);
	assert_int_equal(memory.used, memory.room);
	secret_memory_free(&memory);
	assert_false(secret_memory_add(&memory, bytes_of("a"))); /* none has no room */
}

static void shown_secrets_are_noticed(void **state)
{
	(void)state;
	static const struct {
		const char *text, *secret;
		bool shown;
	} cases[] = {
		{"it is testsecret!", "testsecret", true},
		{"it is testsecre", "testsecret", false},
		{"...23456789abcd...", "0123456789abcdef0123", true}, /* twelve of it */
		{"...23456789abc...", "0123456789abcdef0123", false},
		{"", "testsecret", false},
		{"anything", "", false},
		{"", "", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (secret_shows(bytes_of(cases[i].text), bytes_of(cases[i].secret)) != cases[i].shown)
			fail_msg("\"%s\" and \"%s\"", cases[i].text, cases[i].secret);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_left_out_of_core_files),
		cmocka_unit_test(wiping_leaves_nothing),
		cmocka_unit_test(freeing_overwrites),
		cmocka_unit_test(it_takes_no_more_than_it_has_room_for),
		cmocka_unit_test(shown_secrets_are_noticed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
