/* privileges: start as root for port 53, run as nobody in particular. */
#ifndef FEDNS_DAEMON_PRIVILEGES_H
#define FEDNS_DAEMON_PRIVILEGES_H

#include "fedns/base.h"

/**
 * Make `dir` (0750) if it is missing. As root, it becomes `user`'s (NULL: ours), and so does an
 * empty one of root's; no other is given away, and no symbolic link followed: ERR_CONFLICT says
 * what to do. ERR_MISSING: no such user; ERR_IO names the directory.
 */
MUST_CHECK enum err state_dir_make(const char *dir, const char *user, struct why *why);

/** Make the folder of the control socket `path` likewise, if it is missing; one that is there is
 * left as it is. */
MUST_CHECK enum err control_dir_make(const char *path, const char *user, struct why *why);
/** As root, give the socket `path` to `user`; otherwise nothing happens. */
MUST_CHECK enum err control_give(const char *path, const char *user, struct why *why);

/**
 * Become `user` for good, with its groups. Already being it is fine; not being root otherwise is
 * ERR_CONFLICT. ERR_MISSING: no such user; ERR_IO.
 */
MUST_CHECK enum err privileges_drop(const char *user, struct why *why);

/** From now on no core file is written and nobody but root may look into this process: libraries
 * hold copies of the provider's keys that are not ours to wipe. */
void core_files_end(void);

#endif
