/* kube_fields: the values of one kubeconfig entry, by their types, for the files that know what
 * they mean. Whatever is wrong is told with file and line. */
#ifndef FEDNS_SOURCE_KUBE_FIELDS_H
#define FEDNS_SOURCE_KUBE_FIELDS_H

#include "kube_files.h"

/** file_read(), or what stands in for it. */
typedef enum err file_reader(const char *path, size_t size_max, struct buf *out, struct why *why);

/** A mapping that is being read, and where its values go. */
struct kube_fields {
	struct kube_entry entry; /* `entry.node` is the mapping; NULL: an empty one */
	enum kube_list list;     /* that the entry is of */
	const char *prefix;      /* "exec." in a mapping inside of the entry, else "" */
	struct kube_access *access;
	file_reader *read;
	struct why *why;
};

/** Is the entry a mapping, or nothing? Else ERR_INVALID. */
MUST_CHECK enum err fields_check(const struct kube_fields *fields);

/** "FILE:LINE: user "x": SENTENCE"; the line is that of `key`'s value, else the entry's. Returns
 * ERR_INVALID. */
enum err fields_bad(const struct kube_fields *fields, const char *key, const char *fmt, ...)
	PRINTF(3, 4);
/** Put "FILE:LINE: user "x": KEY" before the sentence that is there. */
void fields_wrap(const struct kube_fields *fields, const char *key);
enum err fields_no_memory(const struct kube_fields *fields);

/** The value of `key`. NULL: it isn't there, or null. */
const struct yaml_node *field_node(const struct kube_fields *fields, const char *key);

/** Each of them: NULL, false, or empty where `key` has no value or an empty one. Copies live as
 * long as the access. ERR_INVALID, ERR_NOMEM; of files ERR_IO and ERR_LIMIT as well. */

/** Text without control characters. */
MUST_CHECK enum err field_text(const struct kube_fields *fields, const char *key, const char **out);
MUST_CHECK enum err field_bool(const struct kube_fields *fields, const char *key, bool *out);
/** A path; a relative one is made absolute by the folder of its kubeconfig. */
MUST_CHECK enum err field_path(const struct kube_fields *fields, const char *key, const char **out);
/** As `path` in field_path(). */
MUST_CHECK enum err path_resolve(const struct kube_fields *fields, const char *path,
                                 const char **out);
/** PEM from the file `key`, or from the base64 in `key`-data; both are an error. */
MUST_CHECK enum err field_pem(const struct kube_fields *fields, const char *key,
                              struct kube_pem *out);

/** The texts of a list; any octets but NUL. At most `max`. */
MUST_CHECK enum err field_list(const struct kube_fields *fields, const char *key, size_t max,
                               const char *const **out, size_t *count);

/** Is there a control character in it? Such a text must not get into a header. */
bool has_control(const char *text);

#endif
