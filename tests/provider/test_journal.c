/* The journal: what is intended survives its process, and nothing makes the file grow without end
 * or says what isn't so: not the same intention again and again, nor a disk that is full. */
#include "journal.h"

#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

struct bed {
	char dir[64], path[128];
	struct journal *journal;
	struct record_list *have; /* empty */
};

static struct journal *open_again(struct bed *bed)
{
	struct why why;
	journal_close(bed->journal);
	assert_int_equal(journal_open(bed->dir, "fedns", "example.com", false, &bed->journal, &why),
	                 ERR_OK);
	return bed->journal;
}

static int set_up(void **state)
{
	struct bed *bed = calloc(1, sizeof *bed);
	assert_non_null(bed);
	(void)snprintf(bed->dir, sizeof bed->dir, "/tmp/fedns-test-XXXXXX");
	assert_non_null(mkdtemp(bed->dir));
	(void)snprintf(bed->path, sizeof bed->path, "%s/alidns-fedns-example.com.journal", bed->dir);
	bed->have = record_list_new();
	assert_non_null(bed->have);
	open_again(bed);
	*state = bed;
	return 0;
}

static int tear_down(void **state)
{
	struct bed *bed = *state;
	journal_close(bed->journal);
	record_list_free(bed->have);
	(void)unlink(bed->path);
	assert_int_equal(rmdir(bed->dir), 0);
	free(bed);
	return 0;
}

static struct record record_of(const char *value)
{
	return (struct record){.rr = bytes_of("www"), .value = bytes_of(value), .type = TYPE_A};
}

static void intend(struct bed *bed, const char *value)
{
	struct why why;
	struct record record = record_of(value);
	assert_int_equal(journal_intend(bed->journal, &record, 1, &why), ERR_OK);
	assert_int_equal(journal_sync(bed->journal, &why), ERR_OK);
}

static bool is_intended(struct bed *bed, const char *value)
{
	struct record record = record_of(value);
	return journal_intended(bed->journal, &record);
}

static long size_of(const struct bed *bed)
{
	struct stat file;
	assert_int_equal(stat(bed->path, &file), 0);
	return (long)file.st_size;
}

static void intentions_survive_until_all_is_done(void **state)
{
	struct bed *bed = *state;
	intend(bed, "192.0.2.1");
	open_again(bed);
	assert_true(is_intended(bed, "192.0.2.1"));
	assert_false(is_intended(bed, "192.0.2.2"));
	journal_settle(bed->journal, bed->have, 2);
	assert_false(is_intended(bed, "192.0.2.1"));
	open_again(bed);
	assert_false(is_intended(bed, "192.0.2.1"));
}

static void what_is_pending_stays_when_the_rest_is_done(void **state)
{
	struct bed *bed = *state;
	struct why why;
	struct record record = record_of("192.0.2.1");
	record.mark = MARK_PENDING;
	assert_int_equal(record_list_add(bed->have, &record, &why), ERR_OK);
	intend(bed, "192.0.2.1");
	intend(bed, "192.0.2.2");
	journal_settle(bed->journal, bed->have, 2);
	open_again(bed);
	assert_true(is_intended(bed, "192.0.2.1"));
	assert_false(is_intended(bed, "192.0.2.2"));
}

/* One that was intended is done, and one that a dead replica left is pending: as many, and not the
 * same. */
static void as_many_pending_are_not_the_same(void **state)
{
	struct bed *bed = *state;
	struct why why;
	struct record record = record_of("192.0.2.2");
	record.mark = MARK_PENDING;
	assert_int_equal(record_list_add(bed->have, &record, &why), ERR_OK);
	intend(bed, "192.0.2.1");
	journal_settle(bed->journal, bed->have, 2);
	open_again(bed);
	assert_false(is_intended(bed, "192.0.2.1"));
	assert_true(is_intended(bed, "192.0.2.2"));
	long settled = size_of(bed);
	journal_settle(bed->journal, bed->have, 3);
	assert_int_equal(size_of(bed), settled);
}

static void the_same_intention_is_one_line(void **state)
{
	struct bed *bed = *state;
	intend(bed, "192.0.2.1");
	long before = size_of(bed);
	for (int i = 0; i < 100; i++)
		intend(bed, "192.0.2.1");
	assert_int_equal(size_of(bed), before);
	open_again(bed);
	intend(bed, "192.0.2.1");
	assert_int_equal(size_of(bed), before);
}

/* Changes go on for weeks and never come to an end. */
static void the_file_is_begun_anew_without_losing_an_intention(void **state)
{
	struct bed *bed = *state;
	struct record record = record_of("192.0.2.9");
	intend(bed, "192.0.2.1");
	enum { ROUNDS = 12000 }; /* several megabytes of lines */
	for (int i = 0; i < ROUNDS; i++) {
		char value[32];
		journal_done(bed->journal, "update", &record, "00000000-0000-4000-8000-000000000000", i);
		(void)snprintf(value, sizeof value, "192.0.2.%d", 2 + i / (ROUNDS / 3));
		if (i % (ROUNDS / 3) == 0)
			intend(bed, value);
		else
			intend(bed, "192.0.2.1");
	}
	assert_true(size_of(bed) < 2 << 20);
	open_again(bed);
	assert_true(is_intended(bed, "192.0.2.1"));
	assert_true(is_intended(bed, "192.0.2.4"));
	assert_null(journal_trouble(bed->journal));
}

/* A file may not grow beyond `size`: as a disk that is full. */
static void disk_limit(rlim_t size)
{
	(void)signal(SIGXFSZ, SIG_IGN);
	struct rlimit limit = {.rlim_cur = size, .rlim_max = RLIM_INFINITY};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_full_disk_stops_the_push_and_spoils_no_line(void **state)
{
	struct bed *bed = *state;
	struct why why;
	struct record second = record_of("192.0.2.2");
	intend(bed, "192.0.2.1");
	long before = size_of(bed);
	disk_limit((rlim_t)before + 10);
	assert_int_equal(journal_intend(bed->journal, &second, 1, &why), ERR_OK);
	assert_int_equal(journal_sync(bed->journal, &why), ERR_IO);
	assert_int_equal(size_of(bed), before);
	journal_done(bed->journal, "add", &second, "", 1);
	assert_non_null(journal_trouble(bed->journal));
	disk_limit(RLIM_INFINITY);
	intend(bed, "192.0.2.2"); /* the next plan says it again */
	assert_null(journal_trouble(bed->journal));
	open_again(bed);
	assert_true(is_intended(bed, "192.0.2.1"));
	assert_true(is_intended(bed, "192.0.2.2"));
}

/* What the file says too much would make a record ours that somebody makes by hand much later. */
static void what_could_not_be_settled_is_settled_later(void **state)
{
	struct bed *bed = *state;
	intend(bed, "192.0.2.1");
	disk_limit((rlim_t)size_of(bed) + 10);
	journal_settle(bed->journal, bed->have, 2);
	assert_non_null(journal_trouble(bed->journal));
	disk_limit(RLIM_INFINITY);
	journal_settle(bed->journal, bed->have, 3);
	assert_null(journal_trouble(bed->journal));
	long settled = size_of(bed);
	journal_settle(bed->journal, bed->have, 4);
	assert_int_equal(size_of(bed), settled);
	open_again(bed);
	assert_false(is_intended(bed, "192.0.2.1"));
}

static void what_could_not_be_disowned_is_settled_later(void **state)
{
	struct bed *bed = *state;
	struct record record = record_of("192.0.2.1");
	intend(bed, "192.0.2.1");
	disk_limit((rlim_t)size_of(bed) + 10);
	journal_disown(bed->journal, &record, 2);
	assert_non_null(journal_trouble(bed->journal));
	disk_limit(RLIM_INFINITY);
	journal_settle(bed->journal, bed->have, 3);
	open_again(bed);
	assert_false(is_intended(bed, "192.0.2.1"));
}

static void a_line_that_was_cut_spoils_no_other(void **state)
{
	struct bed *bed = *state;
	intend(bed, "192.0.2.1");
	intend(bed, "192.0.2.2");
	assert_int_equal(truncate(bed->path, size_of(bed) - 5), 0);
	open_again(bed);
	intend(bed, "192.0.2.3");
	open_again(bed);
	assert_true(is_intended(bed, "192.0.2.1"));
	assert_false(is_intended(bed, "192.0.2.2"));
	assert_true(is_intended(bed, "192.0.2.3"));
}

static void two_do_not_share_it(void **state)
{
	struct bed *bed = *state;
	struct journal *other;
	struct why why;
	assert_int_equal(journal_open(bed->dir, "fedns", "example.com", false, &other, &why),
	                 ERR_CONFLICT);
	assert_null(other);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(intentions_survive_until_all_is_done),
		TEST(what_is_pending_stays_when_the_rest_is_done),
		TEST(as_many_pending_are_not_the_same),
		TEST(the_same_intention_is_one_line),
		TEST(the_file_is_begun_anew_without_losing_an_intention),
		TEST(a_full_disk_stops_the_push_and_spoils_no_line),
		TEST(what_could_not_be_settled_is_settled_later),
		TEST(what_could_not_be_disowned_is_settled_later),
		TEST(a_line_that_was_cut_spoils_no_other),
		TEST(two_do_not_share_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
