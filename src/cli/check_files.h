/* check_files: the files that a configuration names, as the daemon would read them.
 *
 * config.h --> [check_files.h] --> check
 */
#ifndef FEDNS_CLI_CHECK_FILES_H
#define FEDNS_CLI_CHECK_FILES_H

#include "fedns/config.h"
#include "fedns/findings.h"

/** Report what is wrong with those of `provider`, `lease` and `admin`; `file` is the
 * configuration's own, NULL: there is none. ERR_NOMEM. */
MUST_CHECK enum err files_check(const struct config *config, const char *file,
                                struct findings *findings, struct why *why);

#endif
