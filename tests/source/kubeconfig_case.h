/* kubeconfig_case: a case folder read, an access as text, and kubectl's opinion of it. */
#ifndef FEDNS_TESTS_SOURCE_KUBECONFIG_CASE_H
#define FEDNS_TESTS_SOURCE_KUBECONFIG_CASE_H

#include "fedns/kubeconfig.h"

#define CASE_ALLOW_MAX 8

struct kubeconfig_case {
	struct kubeconfig_ask ask;
	char *text; /* of expect.txt; what is asked points into it */
	const char *allow[CASE_ALLOW_MAX];
	char *owned[CASE_ALLOW_MAX]; /* of them, those with $DIR */
	const char *expected;
	bool kubectl_differs;
};

/** Read expect.txt of the working folder, and set the environment as it asks. */
void case_read(struct kubeconfig_case *the_case);
void case_clear(struct kubeconfig_case *the_case);

/** What must stand in expect.txt; the caller's. */
char *access_text(const struct kube_access *access);
char *error_text(const char *why);

/** Fails the test where kubectl, if it is installed, sees another server, authority or user. */
void kubectl_compare(const struct kubeconfig_case *the_case, const struct kube_access *access);

#endif
