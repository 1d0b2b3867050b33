/* The socket's file: made so that no two daemons share a path, and removed by whom it belongs to.
 */
#include "control_peer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

/* Clients that may wait to be taken; the loop takes them within milliseconds. */
#define BACKLOG 64
/* Whoever binds a socket holds the folder for far less than a tenth of a second. */
#define LOCK_TRIES    10
#define LOCK_PAUSE_NS 10000000

struct control_socket {
	uv_pipe_t pipe;
	dev_t device; /* of the file, so that another's is left alone */
	ino_t inode;
	char path[CONTROL_PATH_SIZE_MAX + 1];
};

static enum err failed(const char *path, const char *what, struct why *why)
{
	why_set(why, "control socket %s: %s%s", path, what, strerror(errno));
	return ERR_IO;
}

static enum err address_make(const char *path, struct sockaddr_un *out, struct why *why)
{
	static_assert(sizeof out->sun_path == CONTROL_PATH_SIZE_MAX + 1, "the system's own limit");
	*out = (struct sockaddr_un){.sun_family = AF_UNIX};
	size_t size = strlen(path);
	if (size == 0 || size > CONTROL_PATH_SIZE_MAX) {
		why_set(why, "control socket %s: its path has %zu octets, and a socket's at most %d", path,
		        size, CONTROL_PATH_SIZE_MAX);
		return ERR_LIMIT;
	}
	memcpy(out->sun_path, path, size + 1);
	return ERR_OK;
}

static int socket_new(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static enum err is_alive(const char *path, int fd, struct why *why)
{
	struct ucred who = {.pid = 0};
	socklen_t size = sizeof who;
	(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size);
	why_set(why, "control socket %s: a daemon listens there already (process %ld)", path,
	        (long)who.pid);
	return ERR_CONFLICT;
}

/* Whether anybody listens there, connect(2) tells. */
static enum err dead_remove(const char *path, const struct sockaddr_un *address, struct why *why)
{
	int fd = socket_new();
	if (fd < 0)
		return failed(path, "", why);
	enum err err = ERR_OK;
	if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno == EAGAIN)
		err = is_alive(path, fd, why);
	else if (errno != ECONNREFUSED && errno != ENOENT)
		err = failed(path, "", why);
	else if (unlink(path) != 0 && errno != ENOENT)
		err = failed(path, "one of a daemon that is gone can't be removed: ", why);
	(void)close(fd);
	return err;
}

static enum err place_clear(const char *path, const struct sockaddr_un *address, struct why *why)
{
	struct stat there;
	if (lstat(path, &there) != 0)
		return errno == ENOENT ? ERR_OK : failed(path, "", why);
	if (S_ISSOCK(there.st_mode))
		return dead_remove(path, address, why);
	why_set(why,
	        "control socket %s: something that is no socket is there: name another path, or "
	        "remove it",
	        path);
	return ERR_CONFLICT;
}

/* Two that start at once must not both find the place free. The lock is the folder's, so that
 * nothing is left behind; where it can't be had soon, we do without: anybody who may read the
 * folder may hold it. */
static void folder_lock(const char *path, int *lock)
{
	const struct timespec pause = {0, LOCK_PAUSE_NS};
	char folder[CONTROL_PATH_SIZE_MAX + 2];
	const char *slash = strrchr(path, '/');
	int size = slash == NULL ? 0 : (int)(slash - path) + 1;
	(void)snprintf(folder, sizeof folder, "%.*s%s", size, path, size == 0 ? "." : "");
	*lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (unsigned i = 0; *lock >= 0 && i < LOCK_TRIES; i++) {
		if (flock(*lock, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
			return;
		(void)nanosleep(&pause, NULL);
	}
}

/* The mode is there before the file is; nobody may come by another one even for a moment. */
static int bind_0660(int fd, const struct sockaddr_un *address)
{
	mode_t before = umask(0117);
	int status = bind(fd, (const struct sockaddr *)address, sizeof *address);
	(void)umask(before);
	return status;
}

/* `*out`: listens, and its file is at `path`. */
static enum err path_bind(const char *path, const struct sockaddr_un *address, int *out,
                          struct why *why)
{
	*out = -1;
	enum err err = place_clear(path, address, why);
	if (err != ERR_OK)
		return err;
	int fd = socket_new();
	if (fd < 0)
		return failed(path, "", why);
	if (bind_0660(fd, address) != 0) {
		err = failed(path, "", why);
	} else if (listen(fd, BACKLOG) != 0) {
		err = failed(path, "", why);
		(void)unlink(path);
	}
	if (err == ERR_OK)
		*out = fd;
	else
		(void)close(fd);
	return err;
}

static enum err path_open(const char *path, int *out, struct why *why)
{
	struct sockaddr_un address;
	int lock;
	*out = -1;
	enum err err = address_make(path, &address, why);
	if (err != ERR_OK)
		return err;
	folder_lock(path, &lock);
	err = path_bind(path, &address, out, why);
	if (lock >= 0)
		(void)close(lock);
	return err;
}

static void socket_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static enum err handle_open(uv_loop_t *loop, struct control_socket *socket, int fd, struct why *why)
{
	struct stat file;
	(void)uv_pipe_init(loop, &socket->pipe, 0);
	socket->pipe.data = socket;
	int error = uv_pipe_open(&socket->pipe, fd);
	if (error != 0) {
		why_set(why, "control socket %s: %s", socket->path, uv_strerror(error));
		(void)close(fd);
		(void)unlink(socket->path);
		uv_close((uv_handle_t *)&socket->pipe, socket_closed);
		return ERR_IO;
	}
	if (lstat(socket->path, &file) == 0) {
		socket->device = file.st_dev;
		socket->inode = file.st_ino;
	}
	return ERR_OK;
}

enum err control_socket_open(uv_loop_t *loop, const char *path, struct control_socket **out,
                             struct why *why)
{
	assert(loop != NULL && path != NULL);
	int fd;
	*out = NULL;
	struct control_socket *socket = calloc(1, sizeof *socket);
	if (socket == NULL) {
		why_set(why, "no memory for the control socket");
		return ERR_NOMEM;
	}
	enum err err = path_open(path, &fd, why);
	if (err != ERR_OK) {
		free(socket);
		return err;
	}
	(void)snprintf(socket->path, sizeof socket->path, "%s", path);
	err = handle_open(loop, socket, fd, why);
	if (err == ERR_OK)
		*out = socket;
	return err;
}

void control_socket_serve(struct control_socket *socket, uv_connection_cb came, void *arg,
                          const struct log *log)
{
	socket->pipe.data = arg;
	int error = uv_listen((uv_stream_t *)&socket->pipe, BACKLOG, came);
	if (error == 0)
		log_write(log, LOG_INFO, "control", "control socket at %s", socket->path);
	else
		log_write(log, LOG_ERROR, "control", "control socket %s: %s", socket->path,
		          uv_strerror(error));
}

void control_socket_close(struct control_socket *socket)
{
	struct stat file;
	if (socket == NULL)
		return;
	/* Not ours to remove, where the folder is another's: then the next start does that. */
	if (lstat(socket->path, &file) == 0 && file.st_dev == socket->device &&
	    file.st_ino == socket->inode)
		(void)unlink(socket->path);
	socket->pipe.data = socket;
	uv_close((uv_handle_t *)&socket->pipe, socket_closed);
}
