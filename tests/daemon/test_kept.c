/* What an operator said is on the disk when we say so, and a file that we can't see is none that is
 * not there. */
#include "kept.h"

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE_MAX_OF_TESTS 4096
#define NOBODY            65534

struct kept {
	char dir[32], file[64];
	struct why why;
};

/* In the place of libc's: what was synced, in order: 'f' a file, 'd' a directory. */
static char synced[8];
static bool directory_fails;

int fsync(int fd)
{
	struct stat seen;
	assert_int_equal(fstat(fd, &seen), 0);
	size_t count = strlen(synced);
	if (count + 1 < sizeof synced)
		synced[count] = S_ISDIR(seen.st_mode) ? 'd' : 'f';
	if (S_ISDIR(seen.st_mode) && directory_fails) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

static int begin(void **state)
{
	static struct kept kept;
	kept = (struct kept){.dir = "/tmp/fedns-test-XXXXXX"};
	*state = &kept;
	memset(synced, 0, sizeof synced);
	directory_fails = false;
	if (mkdtemp(kept.dir) == NULL)
		return -1;
	(void)snprintf(kept.file, sizeof kept.file, "%s/kept.json", kept.dir);
	return 0;
}

static int end(void **state)
{
	struct kept *kept = *state;
	(void)chmod(kept->dir, 0700);
	(void)unlink(kept->file);
	return rmdir(kept->dir);
}

static enum err keep(struct kept *kept, int value)
{
	json_t *root = json_pack("{s:i}", "value", value);
	assert_non_null(root);
	enum err err = kept_write(kept->file, SIZE_MAX_OF_TESTS, root, &kept->why);
	json_decref(root);
	return err;
}

static void what_is_kept_is_read_again(void **state)
{
	struct kept *kept = *state;
	json_t *root;
	assert_int_equal(kept_read(kept->file, SIZE_MAX_OF_TESTS, &root, &kept->why), ERR_OK);
	assert_null(root);
	assert_int_equal(keep(kept, 1), ERR_OK);
	assert_int_equal(keep(kept, 2), ERR_OK);
	assert_int_equal(kept_read(kept->file, SIZE_MAX_OF_TESTS, &root, &kept->why), ERR_OK);
	assert_int_equal(json_integer_value(json_object_get(root, "value")), 2);
	json_decref(root);
}

static void file_and_directory_are_on_the_disk(void **state)
{
	struct kept *kept = *state;
	assert_int_equal(keep(kept, 1), ERR_OK);
	assert_string_equal(synced, "fd");
	directory_fails = true;
	assert_int_equal(keep(kept, 2), ERR_IO);
	assert_string_equal(synced, "fdfd");
	assert_non_null(strstr(kept->why.text, "kept.json: Input/output error"));
}

static void a_path_through_a_file_is_no_missing_file(void **state)
{
	struct kept *kept = *state;
	char below[80];
	json_t *root;
	assert_int_equal(keep(kept, 1), ERR_OK);
	(void)snprintf(below, sizeof below, "%s/kept.json", kept->file);
	assert_int_equal(kept_read(below, SIZE_MAX_OF_TESTS, &root, &kept->why), ERR_IO);
	assert_null(root);
	assert_non_null(strstr(kept->why.text, "Not a directory"));
}

/* As somebody whom directories may refuse. Exits 0: as it should be. */
static void look_as_nobody(struct kept *kept)
{
	json_t *root;
	bool nobody = geteuid() != 0 || setuid(NOBODY) == 0;
	enum err err = kept_read(kept->file, SIZE_MAX_OF_TESTS, &root, &kept->why);
	_exit(nobody && err == ERR_IO && root == NULL &&
	              strstr(kept->why.text, "Permission denied") != NULL
	          ? 0
	          : 1);
}

static void a_directory_that_is_closed_to_us_is_no_missing_file(void **state)
{
	struct kept *kept = *state;
	int status = -1;
	assert_int_equal(keep(kept, 1), ERR_OK);
	assert_int_equal(chmod(kept->dir, 0), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		look_as_nobody(kept);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_kept_is_read_again, begin, end),
		cmocka_unit_test_setup_teardown(file_and_directory_are_on_the_disk, begin, end),
		cmocka_unit_test_setup_teardown(a_path_through_a_file_is_no_missing_file, begin, end),
		cmocka_unit_test_setup_teardown(a_directory_that_is_closed_to_us_is_no_missing_file, begin,
	                                    end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
