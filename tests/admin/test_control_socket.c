/* control_socket: the file is for its owner and group, one daemon's at a time, and goes with it. */
#include "rig.h"

#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void expect_refused(struct rig *rig, const char *path, enum err err, const char *words)
{
	struct why why = {{0}};
	struct control_socket *socket;
	assert_int_equal(control_socket_open(&rig->loop, path, &socket, &why), err);
	assert_null(socket);
	if (strstr(why.text, words) == NULL)
		fail_msg("no \"%s\" in: %s", words, why.text);
}

static void the_file_is_for_owner_and_group(void **state)
{
	struct rig *rig = *state;
	struct stat file;
	assert_int_equal(lstat(rig->path, &file), 0);
	assert_true(S_ISSOCK(file.st_mode));
	assert_int_equal(file.st_mode & 0777, 0660);
}

static void a_living_daemon_is_not_pushed_aside(void **state)
{
	struct rig *rig = *state;
	char process[32];
	(void)snprintf(process, sizeof process, "(process %ld)", (long)getpid());
	expect_refused(rig, rig->path, ERR_CONFLICT, "a daemon listens there already");
	expect_refused(rig, rig->path, ERR_CONFLICT, process);
	expect_service(rig);
}

static void what_a_dead_daemon_left_is_replaced(void **state)
{
	struct rig *rig = *state;
	struct why why = {{0}};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char path[80];
	(void)snprintf(path, sizeof path, "%s/d", rig->folder);
	memcpy(address.sun_path, path, sizeof path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(fd, 1), 0);
	(void)close(fd);

	struct control_socket *socket;
	assert_int_equal(control_socket_open(&rig->loop, path, &socket, &why), ERR_OK);
	control_listen(rig->control, socket); /* and what was there before has gone */
	assert_int_not_equal(access(rig->path, F_OK), 0);
	memcpy(rig->path, path, sizeof path);
	expect_service(rig);
}

static void clients_stay_when_the_socket_moves(void **state)
{
	struct rig *rig = *state;
	struct why why = {{0}};
	struct control_socket *socket;
	int fd = client_open(rig, 0);
	request_send(rig, fd, "{\"command\":\"wait\"}");
	(void)snprintf(rig->path, sizeof rig->path, "%s/t", rig->folder);
	assert_int_equal(control_socket_open(&rig->loop, rig->path, &socket, &why), ERR_OK);
	control_listen(rig->control, socket);
	rig->go = true;
	control_wake(rig->control);
	expect_frame(rig, fd, "{\"done\":true,\"status\":0}");
	expect_service(rig);
	(void)close(fd);
}

static void what_is_no_socket_is_left_alone(void **state)
{
	struct rig *rig = *state;
	char path[80];
	(void)snprintf(path, sizeof path, "%s/f", rig->folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	(void)fclose(file);
	expect_refused(rig, path, ERR_CONFLICT, "something that is no socket is there");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink(rig->path, path), 0);
	expect_refused(rig, path, ERR_CONFLICT, "something that is no socket is there");
	assert_int_equal(unlink(path), 0);
}

static void another_ones_file_is_not_removed(void **state)
{
	struct rig *rig = *state;
	struct why why = {{0}};
	struct control_socket *socket;
	assert_int_equal(unlink(rig->path), 0);
	assert_int_equal(control_socket_open(&rig->loop, rig->path, &socket, &why), ERR_OK);
	control_listen(rig->control, NULL); /* the first one goes: its file is no more */
	assert_int_equal(access(rig->path, F_OK), 0);
	control_listen(rig->control, socket);
	expect_service(rig);
}

static void a_path_that_cannot_be_is_refused(void **state)
{
	struct rig *rig = *state;
	char path[256];
	(void)snprintf(path, sizeof path, "%s/none/s", rig->folder);
	expect_refused(rig, path, ERR_IO, "No such file or directory");
	(void)snprintf(path, sizeof path, "%s/%0108d", rig->folder, 0);
	expect_refused(rig, path, ERR_LIMIT, "and a socket's at most 107");
	expect_refused(rig, "", ERR_LIMIT, "0 octets");
}

/* Anybody who may read the folder may hold it: that keeps nobody from starting. */
static void a_folder_that_is_held_is_not_waited_for_long(void **state)
{
	struct rig *rig = *state;
	char path[80];
	struct why why;
	struct control_socket *socket;
	(void)snprintf(path, sizeof path, "%s/u", rig->folder);
	FILE *folder = fopen(rig->folder, "r");
	assert_non_null(folder);
	assert_int_equal(flock(fileno(folder), LOCK_EX), 0);
	assert_int_equal(control_socket_open(&rig->loop, path, &socket, &why), ERR_OK);
	control_listen(rig->control, socket);
	(void)fclose(folder);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_file_is_for_owner_and_group),
		TEST(a_living_daemon_is_not_pushed_aside),
		TEST(what_a_dead_daemon_left_is_replaced),
		TEST(clients_stay_when_the_socket_moves),
		TEST(what_is_no_socket_is_left_alone),
		TEST(another_ones_file_is_not_removed),
		TEST(a_path_that_cannot_be_is_refused),
		TEST(a_folder_that_is_held_is_not_waited_for_long),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
