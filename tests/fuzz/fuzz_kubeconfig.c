/* Any octets as a kubeconfig: taken or refused with a sentence; no file that it names is read, and
 * no command is allowed but one. */
#include "fuzz.h"

#include "exec_credential.h"
#include "kubeconfig_parts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void check(bool good)
{
	if (!good)
		abort();
}

static enum err read_nothing(const char *path, size_t size_max, struct buf *out, struct why *why)
{
	buf_init(out, size_max);
	check(path[0] == '/');
	why_set(why, "%s: nothing is read here", path);
	return ERR_IO;
}

static void access_check(const struct kube_access *access)
{
	struct buf info;
	check(strncasecmp(access->server, "http", 4) == 0 && !has_control(access->server));
	check((access->cert.octets.size != 0) == (access->key.octets.size != 0));
	check(!access->insecure || access->ca.octets.size == 0);
	for (size_t i = 0; i < access->header_count; i++)
		check(!has_control(access->headers[i].name) && !has_control(access->headers[i].value));
	if (access->credential != KUBE_EXEC)
		return;
	check(strcmp(access->exec.command, "allowed") == 0);
	buf_init(&info, EXEC_INFO_SIZE_MAX);
	check(exec_info_write(access, &info) == ERR_OK);
	buf_free(&info);
}

/* What a command prints is read by the same input's octets. */
static void answer_check(struct bytes text)
{
	struct exec_credential credential;
	struct why why = {{0}};
	enum err err = exec_credential_read(text, "client.authentication.k8s.io/v1", &credential, &why);
	check((err == ERR_OK) == (why.text[0] == '\0'));
	exec_credential_clear(&credential);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const ALLOW[] = {"allowed"};
	const struct kubeconfig_ask ask = {.exec_allow = ALLOW, .exec_allow_count = 1};
	struct kube_files files;
	struct kube_access *access = NULL;
	struct why why = {{0}};
	answer_check((struct bytes){data, size});
	enum err err = kube_files_init(&files, &why);
	check(err == ERR_OK);
	/* twice: what two files say is merged */
	for (int i = 0; i < 2 && err == ERR_OK; i++)
		err = kube_files_add(&files, "dir/config", (struct bytes){data, size}, &why);
	if (err == ERR_OK)
		err = access_read(&files, &ask, read_nothing, &access, &why);
	check((err == ERR_OK) == (access != NULL) && (err == ERR_OK) == (why.text[0] == '\0'));
	if (access != NULL)
		access_check(access);
	kube_access_free(access);
	kube_files_clear(&files);
	return 0;
}
