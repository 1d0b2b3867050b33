/* Any octets as the vendor's profile files: JSON and INI. A way that is whole, or a sentence. */
#include "fuzz.h"

#include "credentials_profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* getenv() has no argument for our own state: the file of this input. */
static char file_path[64];

static void check(bool good)
{
	if (!good)
		abort();
}

static const char *env(const char *name)
{
	return strcmp(name, "ALIBABA_CLOUD_CREDENTIALS_FILE") == 0 ? file_path : NULL;
}

static void way_check(enum err err, struct way *way, const struct why *why)
{
	check((err == ERR_OK) == (why->text[0] == '\0'));
	if (err == ERR_OK) {
		check(way->origin[0] != '\0');
		check(way->kind != WAY_KEYS || (way->id != NULL && way->secret != NULL));
		check(way->kind != WAY_OIDC || (way->provider != NULL && way->token_file != NULL &&
		                                way->oidc.arn != NULL && way->oidc.session != NULL));
		for (size_t i = 0; i < way->role_count; i++)
			check(way->roles[i].arn != NULL && way->roles[i].session != NULL);
	}
	way_clear(way);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct credentials credentials = {.setup = {.env = env}};
	struct way way = {.role_count = 0};
	struct why why = {{0}};
	way_check(cli_profile_read(&credentials, (struct bytes){data, size}, &way, &why), &way, &why);
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	check(fd >= 0);
	check(write(fd, data, size) == (ssize_t)size);
	(void)snprintf(file_path, sizeof file_path, "/proc/self/fd/%d", fd);
	why = (struct why){{0}};
	way_check(ini_profile_find(&credentials, &way, &why), &way, &why);
	check(close(fd) == 0);
	return 0;
}
