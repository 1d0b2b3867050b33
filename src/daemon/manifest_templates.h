/* manifest_templates: the files of conf/kubernetes that the program has with it. The array is made
 * by CMake. */
#ifndef FEDNS_DAEMON_MANIFEST_TEMPLATES_H
#define FEDNS_DAEMON_MANIFEST_TEMPLATES_H

#include "fedns/base.h"

struct manifest_template {
	const char *path; /* below conf/kubernetes */
	struct bytes text;
};

extern const struct manifest_template MANIFEST_TEMPLATES[];
extern const size_t MANIFEST_TEMPLATE_COUNT;

#endif
