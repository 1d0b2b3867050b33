/* kubeconfig_load by cases: each folder of tests/source/kubeconfig/ with an expect.txt is one. Its
 * first lines, which begin with "> ", ask:
 *
 *     > file PATH            read this file alone (without this and `list`: the file "config")
 *     > list PATH:PATH       $KUBECONFIG, no file given
 *     > home PATH            $HOME, no file given
 *     > context NAME         this context
 *     > allow COMMAND        one more in exec_allow; "$DIR" at its begin is the case's folder
 *     > kubectl differs      kubectl doesn't agree, as the case's comment says
 *
 * and the rest is what must come of it: a line a value, or "error: SENTENCE". The working folder is
 * the case's, and its own path is written $DIR, that of its parent $UP. PEM texts are written as
 * the name of the file in kubeconfig/pem/ that holds the same.
 *
 * Where kubectl is installed, it must agree about server, authority and user of every case that can
 * be read.
 */
#include "kubeconfig_case.h"

#include "check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CASES_DIR TESTS_DIR "/source/kubeconfig"
#define CASES_MAX 200

static char *case_names[CASES_MAX];

static int is_case(const struct dirent *entry)
{
	char path[4096];
	(void)snprintf(path, sizeof path, CASES_DIR "/%s/expect.txt", entry->d_name);
	return entry->d_name[0] != '.' && access(path, R_OK) == 0;
}

static void case_run(void **state)
{
	char path[4096];
	(void)snprintf(path, sizeof path, CASES_DIR "/%s", (const char *)*state);
	assert_int_equal(chdir(path), 0);
	struct kubeconfig_case the_case;
	case_read(&the_case);
	struct kube_access *access;
	struct why why = {{0}};
	enum err err = kubeconfig_load(&the_case.ask, &access, &why);
	assert_int_equal(access != NULL, err == ERR_OK);
	char *got = access != NULL ? access_text(access) : error_text(why.text);
	if (strcmp(got, the_case.expected) != 0)
		fail_msg("got\n%s\nnot\n%s", got, the_case.expected);
	if (access != NULL && !the_case.kubectl_differs)
		kubectl_compare(&the_case, access);
	free(got);
	kube_access_free(access);
	case_clear(&the_case);
}

int main(void)
{
	static struct CMUnitTest tests[CASES_MAX];
	struct dirent **entries;
	int count = scandir(CASES_DIR, &entries, is_case, alphasort);
	if (count <= 0 || count > CASES_MAX)
		return 1;
	for (int i = 0; i < count; i++) {
		case_names[i] = strdup(entries[i]->d_name);
		free(entries[i]);
		tests[i] = (struct CMUnitTest){
			.name = case_names[i], .test_func = case_run, .initial_state = case_names[i]};
	}
	free(entries);
	int failed = _cmocka_run_group_tests("kubeconfig", tests, (size_t)count, NULL, NULL);
	for (int i = 0; i < count; i++)
		free(case_names[i]);
	return failed;
}
