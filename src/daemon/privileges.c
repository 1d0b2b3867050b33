#include "privileges.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A line of the user database; none comes near. */
#define PASSWD_SIZE_MAX 16384

static enum err user_find(const char *user, uid_t *uid, gid_t *gid, struct why *why)
{
	char text[PASSWD_SIZE_MAX];
	struct passwd entry, *found = NULL;
	int error = getpwnam_r(user, &entry, text, sizeof text, &found);
	if (found != NULL) {
		*uid = entry.pw_uid;
		*gid = entry.pw_gid;
		return ERR_OK;
	}
	*uid = 0;
	*gid = 0;
	if (error == 0) {
		why_set(why, "user \"%s\": there is none of this name", user);
		return ERR_MISSING;
	}
	why_set(why, "user \"%s\": %s", user, strerror(error));
	return ERR_IO;
}

static enum err failed(struct why *why, const char *what, const char *name)
{
	why_set(why, "%s %s: %s", what, name, strerror(errno));
	return ERR_IO;
}

static bool is_empty(DIR *entries)
{
	const struct dirent *entry;
	while ((entry = readdir(entries)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return false;
	}
	return true;
}

static enum err dir_open(const char *key, const char *dir, bool follow, DIR **out, struct why *why)
{
	struct stat link;
	*out = NULL;
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));
	if (fd >= 0 && (*out = fdopendir(fd)) != NULL)
		return ERR_OK;
	enum err err = failed(why, key, dir);
	if (fd >= 0) {
		(void)close(fd);
	} else if (!follow && lstat(dir, &link) == 0 && S_ISLNK(link.st_mode)) {
		why_set(why, "%s %s: it is a symbolic link; name the directory itself", key, dir);
		err = ERR_CONFLICT;
	}
	return err;
}

/* Whoever may write beside `dir` can put another directory there, and a typing error names one. So
 * only what nobody misses is given away: root's and empty, as mkdir(2) makes it. By descriptor:
 * that is given away which was looked at. */
static enum err dir_give(DIR *entries, const char *key, const char *dir, const char *user,
                         uid_t uid, gid_t gid, struct why *why)
{
	struct stat there;
	if (fstat(dirfd(entries), &there) != 0)
		return failed(why, key, dir);
	if (there.st_uid == uid)
		return ERR_OK;
	if (there.st_uid != 0 || !is_empty(entries)) {
		why_set(why,
		        "%s %s: it is neither %s's nor an empty one of root's, so it is not given "
		        "away: `chown -R %s %s` if it is the right one, or name another directory",
		        key, dir, user, user, dir);
		return ERR_CONFLICT;
	}
	if (fchown(dirfd(entries), uid, gid) == 0)
		return ERR_OK;
	enum err err = failed(why, "chown", dir);
	why_wrap(why, "%s", key);
	return err;
}

static enum err dir_make(const char *key, const char *dir, const char *user, struct why *why)
{
	uid_t uid = 0;
	gid_t gid = 0;
	DIR *entries;
	bool give = user != NULL && geteuid() == 0;
	enum err err = give ? user_find(user, &uid, &gid, why) : ERR_OK;
	if (err != ERR_OK)
		return err;
	if (mkdir(dir, 0750) != 0 && errno != EEXIST)
		return failed(why, key, dir);
	err = dir_open(key, dir, !give, &entries, why);
	if (err != ERR_OK)
		return err;
	if (give)
		err = dir_give(entries, key, dir, user, uid, gid, why);
	else if (faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) != 0)
		err = failed(why, key, dir);
	(void)closedir(entries);
	return err;
}

enum err state_dir_make(const char *dir, const char *user, struct why *why)
{
	assert(dir != NULL);
	return dir_make("state_dir", dir, user, why);
}

enum err control_dir_make(const char *path, const char *user, struct why *why)
{
	char dir[PATH_MAX];
	struct stat there;
	const char *slash = strrchr(path, '/');
	if (slash == NULL || slash == path)
		return ERR_OK; /* the working directory, or the root: they are there */
	(void)snprintf(dir, sizeof dir, "%.*s", (int)(slash - path), path);
	if (stat(dir, &there) == 0 || errno != ENOENT)
		return ERR_OK; /* whether it will do, the socket shows */
	return dir_make("control: the folder", dir, user, why);
}

/* By descriptor, so that what is given away is the socket that was looked at, in whosever folder.
 */
static enum err socket_give(int fd, const char *path, uid_t uid, gid_t gid, struct why *why)
{
	struct stat there;
	if (fstat(fd, &there) != 0)
		return failed(why, "control", path);
	if (!S_ISSOCK(there.st_mode) || there.st_uid != geteuid()) {
		why_set(why, "control %s: another file has taken the socket's place", path);
		return ERR_CONFLICT;
	}
	return fchownat(fd, "", uid, gid, AT_EMPTY_PATH) == 0 ? ERR_OK
	                                                      : failed(why, "control: chown", path);
}

enum err control_give(const char *path, const char *user, struct why *why)
{
	uid_t uid;
	gid_t gid;
	if (user == NULL || geteuid() != 0)
		return ERR_OK;
	enum err err = user_find(user, &uid, &gid, why);
	if (err != ERR_OK)
		return err;
	int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return failed(why, "control", path);
	err = socket_give(fd, path, uid, gid, why);
	(void)close(fd);
	return err;
}

static bool became(uid_t uid, gid_t gid)
{
	uid_t real, effective, saved;
	gid_t group, group_effective, group_saved;
	if (getresuid(&real, &effective, &saved) != 0 ||
	    getresgid(&group, &group_effective, &group_saved) != 0)
		return false;
	if (real != uid || effective != uid || saved != uid)
		return false;
	if (group != gid || group_effective != gid || group_saved != gid)
		return false;
	return uid == 0 || setresuid((uid_t)-1, 0, (uid_t)-1) != 0; /* no way back */
}

enum err privileges_drop(const char *user, struct why *why)
{
	uid_t uid;
	gid_t gid;
	enum err err = user_find(user, &uid, &gid, why);
	if (err != ERR_OK || uid == geteuid())
		return err;
	if (geteuid() != 0) {
		why_set(
			why,
			"user \"%s\": only root can become somebody else; start as root, or leave the key out",
			user);
		return ERR_CONFLICT;
	}
	if (initgroups(user, gid) != 0) /* setgroups(2) with what the user is a member of */
		return failed(why, "setgroups for", user);
	if (setresgid(gid, gid, gid) != 0)
		return failed(why, "setresgid for", user);
	if (setresuid(uid, uid, uid) != 0)
		return failed(why, "setresuid for", user);
	if (!became(uid, gid)) {
		why_set(why, "user \"%s\": root is still in reach after the change", user);
		return ERR_IO;
	}
	return ERR_OK;
}

void core_files_end(void)
{
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
