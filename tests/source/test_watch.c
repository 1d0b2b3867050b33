/* file_watch on a real loop and real files: every kind of change gives a call in time, and nothing
 * else does. */
#include "folder.h"

#include "fedns/source.h"

#include <fcntl.h>
#include <time.h>

/* More than any change may take, for a loaded machine; passing waits end with the event. */
#define DEADLINE_MS 5000
/* Longer than any burst: within it, what is to call has called. */
#define SILENCE_MS 300

struct watching {
	struct folder folder;
	uv_loop_t loop;
	uv_timer_t deadline;
	struct file_watch *watch;
	unsigned calls;
	bool timed_out;
};

static void on_changed(void *arg)
{
	struct watching *watching = arg;
	watching->calls++;
	uv_stop(&watching->loop);
}

static void on_deadline(uv_timer_t *timer)
{
	struct watching *watching = timer->data;
	watching->timed_out = true;
	uv_stop(&watching->loop);
}

/* Run until the next call or for `ms`. True: there was a call. */
static bool called_within(struct watching *watching, uint64_t ms)
{
	watching->timed_out = false;
	uv_update_time(&watching->loop);
	assert_int_equal(uv_timer_start(&watching->deadline, on_deadline, ms, 0), 0);
	uv_run(&watching->loop, UV_RUN_DEFAULT);
	(void)uv_timer_stop(&watching->deadline);
	return !watching->timed_out;
}

/* So long ago that the file system's clock takes it for settled. */
static void age(const char *path)
{
	struct timespec old = {.tv_sec = time(NULL) - 60};
	const struct timespec times[2] = {old, old};
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void begin(struct watching *watching, const char *name)
{
	struct why why;
	assert_int_equal(uv_loop_init(&watching->loop), 0);
	assert_int_equal(uv_timer_init(&watching->loop, &watching->deadline), 0);
	watching->deadline.data = watching;
	assert_int_equal(file_watch_new(&watching->loop, folder_path(&watching->folder, name),
	                                on_changed, watching, &watching->watch, &why),
	                 ERR_OK);
}

static void end(struct watching *watching)
{
	file_watch_free(watching->watch);
	uv_close((uv_handle_t *)&watching->deadline, NULL);
	assert_int_equal(uv_run(&watching->loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&watching->loop), 0);
	folder_remove(&watching->folder);
}

static void begin_with_file(struct watching *watching)
{
	*watching = (struct watching){.calls = 0};
	folder_make(&watching->folder);
	folder_write(&watching->folder, "state.json", "0");
	age(folder_path(&watching->folder, "state.json"));
	begin(watching, "state.json");
}

static void write_in_place_calls(void **state)
{
	(void)state;
	struct watching watching;
	begin_with_file(&watching);
	for (unsigned i = 1; i <= 5; i++) {
		folder_write(&watching.folder, "state.json", i % 2 == 0 ? "0" : "1");
		assert_true(called_within(&watching, DEADLINE_MS));
	}
	end(&watching);
}

static void rename_over_it_calls(void **state)
{
	(void)state;
	struct watching watching;
	begin_with_file(&watching);
	for (unsigned i = 0; i < 3; i++) {
		folder_write(&watching.folder, "fresh", "1");
		assert_int_equal(rename(folder_path(&watching.folder, "fresh"),
		                        folder_path(&watching.folder, "state.json")),
		                 0);
		assert_true(called_within(&watching, DEADLINE_MS));
	}
	end(&watching);
}

static void going_and_coming_back_calls(void **state)
{
	(void)state;
	struct watching watching;
	begin_with_file(&watching);
	assert_int_equal(unlink(folder_path(&watching.folder, "state.json")), 0);
	assert_true(called_within(&watching, DEADLINE_MS));
	folder_write(&watching.folder, "state.json", "1");
	assert_true(called_within(&watching, DEADLINE_MS));
	end(&watching);
}

static void a_file_that_comes_later_calls(void **state)
{
	(void)state;
	struct watching watching = {.calls = 0};
	folder_make(&watching.folder);
	begin(&watching, "sub/state.json");
	assert_int_equal(mkdir(folder_path(&watching.folder, "sub"), 0700), 0);
	folder_write(&watching.folder, "sub/state.json", "1");
	assert_true(called_within(&watching, DEADLINE_MS));
	end(&watching);
}

static void a_burst_calls_once(void **state)
{
	(void)state;
	struct watching watching;
	begin_with_file(&watching);
	for (unsigned i = 0; i < 50; i++)
		folder_write(&watching.folder, "state.json", i % 2 == 0 ? "11" : "222");
	assert_true(called_within(&watching, DEADLINE_MS));
	assert_false(called_within(&watching, SILENCE_MS));
	assert_int_equal(watching.calls, 1);
	end(&watching);
}

static void what_leaves_the_file_alone_does_not_call(void **state)
{
	(void)state;
	struct watching watching;
	begin_with_file(&watching);
	folder_write(&watching.folder, "other", "1");
	assert_int_equal(unlink(folder_path(&watching.folder, "other")), 0);
	FILE *file = fopen(folder_path(&watching.folder, "state.json"), "r");
	assert_non_null(file);
	assert_int_equal(fgetc(file), '0');
	(void)fclose(file);
	assert_false(called_within(&watching, SILENCE_MS));
	assert_int_equal(watching.calls, 0);
	end(&watching);
}

/* As the kubelet swaps a ConfigMap: a new folder, a link beside ..data, renamed over it, the old
 * folder removed. */
static void swap(const struct folder *folder, unsigned i)
{
	char target[32], name[64];
	(void)snprintf(target, sizeof target, "..2026_%u", i);
	assert_int_equal(mkdir(folder_path(folder, target), 0700), 0);
	(void)snprintf(name, sizeof name, "%s/state.json", target);
	folder_write(folder, name, "1");
	age(folder_path(folder, name));
	assert_int_equal(symlink(target, folder_path(folder, "..data_tmp")), 0);
	assert_int_equal(rename(folder_path(folder, "..data_tmp"), folder_path(folder, "..data")), 0);
	if (i == 0)
		return;
	(void)snprintf(target, sizeof target, "..2026_%u", i - 1);
	(void)snprintf(name, sizeof name, "%s/state.json", target);
	assert_int_equal(unlink(folder_path(folder, name)), 0);
	assert_int_equal(rmdir(folder_path(folder, target)), 0);
}

static void a_config_map_swap_calls_each_time(void **state)
{
	(void)state;
	struct watching watching = {.calls = 0};
	folder_make(&watching.folder);
	swap(&watching.folder, 0);
	assert_int_equal(symlink("..data/state.json", folder_path(&watching.folder, "state.json")), 0);
	assert_int_equal(symlink("state.json", folder_path(&watching.folder, "link.json")), 0);
	begin(&watching, "link.json");
	for (unsigned i = 1; i <= 4; i++) {
		swap(&watching.folder, i);
		assert_true(called_within(&watching, DEADLINE_MS));
	}
	assert_false(called_within(&watching, SILENCE_MS));
	folder_write(&watching.folder, "..data/state.json", "22"); /* in place, behind the links */
	assert_true(called_within(&watching, DEADLINE_MS));
	end(&watching);
}

static void a_swapped_link_to_a_folder_on_the_way_calls(void **state)
{
	(void)state;
	struct watching watching = {.calls = 0};
	folder_make(&watching.folder);
	assert_int_equal(mkdir(folder_path(&watching.folder, "a"), 0700), 0);
	assert_int_equal(mkdir(folder_path(&watching.folder, "b"), 0700), 0);
	folder_write(&watching.folder, "a/state.json", "1");
	folder_write(&watching.folder, "b/state.json", "2");
	assert_int_equal(symlink("a", folder_path(&watching.folder, "current")), 0);
	begin(&watching, "current/../current/./state.json");
	assert_int_equal(
		symlink(folder_path(&watching.folder, "b"), folder_path(&watching.folder, "next")), 0);
	assert_int_equal(
		rename(folder_path(&watching.folder, "next"), folder_path(&watching.folder, "current")), 0);
	assert_true(called_within(&watching, DEADLINE_MS));
	end(&watching);
}

static void a_folder_that_goes_and_returns_is_followed(void **state)
{
	(void)state;
	struct watching watching = {.calls = 0};
	folder_make(&watching.folder);
	assert_int_equal(mkdir(folder_path(&watching.folder, "sub"), 0700), 0);
	folder_write(&watching.folder, "sub/state.json", "1");
	begin(&watching, "sub/state.json");
	assert_int_equal(
		rename(folder_path(&watching.folder, "sub"), folder_path(&watching.folder, "away")), 0);
	assert_int_equal(mkdir(folder_path(&watching.folder, "sub"), 0700), 0);
	folder_write(&watching.folder, "sub/state.json", "22");
	assert_true(called_within(&watching, DEADLINE_MS));
	end(&watching);
}

static void links_in_a_circle_are_no_file(void **state)
{
	(void)state;
	struct watching watching = {.calls = 0};
	folder_make(&watching.folder);
	assert_int_equal(symlink("b", folder_path(&watching.folder, "a")), 0);
	assert_int_equal(symlink("a", folder_path(&watching.folder, "b")), 0);
	begin(&watching, "a");
	assert_int_equal(unlink(folder_path(&watching.folder, "b")), 0);
	folder_write(&watching.folder, "b", "1");
	assert_true(called_within(&watching, DEADLINE_MS));
	end(&watching);
}

static void refuses_what_is_no_path(void **state)
{
	(void)state;
	char path[PATH_MAX + 2];
	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	uv_loop_t loop;
	struct file_watch *watch = (void *)1;
	struct why why;
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(file_watch_new(&loop, path, on_changed, NULL, &watch, &why), ERR_IO);
	assert_null(watch);
	assert_int_equal(file_watch_new(&loop, "", on_changed, NULL, &watch, &why), ERR_IO);
	assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(write_in_place_calls),
		cmocka_unit_test(rename_over_it_calls),
		cmocka_unit_test(going_and_coming_back_calls),
		cmocka_unit_test(a_file_that_comes_later_calls),
		cmocka_unit_test(a_burst_calls_once),
		cmocka_unit_test(what_leaves_the_file_alone_does_not_call),
		cmocka_unit_test(a_config_map_swap_calls_each_time),
		cmocka_unit_test(a_swapped_link_to_a_folder_on_the_way_calls),
		cmocka_unit_test(a_folder_that_goes_and_returns_is_followed),
		cmocka_unit_test(links_in_a_circle_are_no_file),
		cmocka_unit_test(refuses_what_is_no_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
