/* journal_internal: a journal, shared by journal.c (what its user says) and journal_file.c. */
#ifndef FEDNS_PROVIDER_JOURNAL_INTERNAL_H
#define FEDNS_PROVIDER_JOURNAL_INTERNAL_H

#include "hash_set.h"
#include "journal.h"

#include <limits.h>

struct journal {
	int fd; /* -1: none is kept */
	bool read_only;
	char path[PATH_MAX];
	size_t size;
	size_t size_long; /* beyond this it is begun anew */
	uint64_t seed;
	bool doubt; /* not all that is intended may stand in the file */
	bool stale; /* the file may say more than is intended: to be settled again */
	struct hash_set intended;
	struct hash_set inherited; /* intended before this journal was opened, and not settled since */
	struct buf lines;          /* not written yet */
	struct why trouble;
	bool troubled;
};

/** Nothing is intended any more; or not what `hash` stands for. */
void journal_forget(struct journal *journal);
void journal_forget_one(struct journal *journal, uint64_t hash);

/** By errno: "PATH can't be WHAT: ...". ERR_IO. */
enum err journal_failed(const struct journal *journal, const char *what, struct why *why);
/** Append `lines`, which is empty then. ERR_IO: the file is as before, and in doubt. */
MUST_CHECK enum err journal_lines_write(struct journal *journal, struct why *why);
/** Put a file that holds what is still intended, and `lines`, in the place of this one: whoever is
 * killed meanwhile leaves the old one. Errors: as before. */
MUST_CHECK enum err journal_renew(struct journal *journal, struct why *why);

#endif
