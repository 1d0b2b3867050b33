/* Any octets as INI: alidns.yaml and the vendor's profile file. Taken or refused with a sentence;
 * what is taken is whole. The reader is called with memory of exactly the input's size and its NUL,
 * and by a file, for the rules of alidns.yaml. */
#include "fuzz.h"

#include "fedns/credentials.h"
#include "ini_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void check(bool good)
{
	if (!good)
		abort();
}

struct seen {
	const char *text, *end;
	unsigned line;
};

static enum err on_value(void *arg, unsigned line, const char *section, const char *name,
                         char *value, struct why *why)
{
	struct seen *seen = arg;
	(void)why;
	check(line > seen->line && line <= INI_LINES_MAX);
	check(value >= seen->text && value + strlen(value) <= seen->end);
	check(strlen(section) < INI_NAME_SIZE_MAX && strlen(name) < INI_NAME_SIZE_MAX);
	check(strchr(value, '\n') == NULL);
	seen->line = line;
	return ERR_OK;
}

static void reader_check(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct why why = {{0}};
	unsigned line;
	check(text != NULL);
	if (size != 0)
		memcpy(text, data, size);
	text[size] = '\0';
	struct seen seen = {.text = text, .end = text + size};
	enum err err = ini_read(text, size, on_value, &seen, &line, &why);
	check((err == ERR_OK) == (why.text[0] == '\0'));
	free(text);
}

static void file_check(const char *path)
{
	struct alidns_file file;
	struct why why = {{0}};
	enum err err = alidns_file_load(path, &file, &why);
	check((err == ERR_OK) == (why.text[0] == '\0'));
	check((err == ERR_OK) == (file.memory != NULL));
	check((file.access_key_id != NULL) == (file.access_key_secret != NULL));
	check(file.zone_count <= ALIDNS_ZONES_MAX);
	for (size_t i = 0; i < file.zone_count; i++)
		check(file.zones[i][0] != '\0' && strchr(file.zones[i], '<') == NULL);
	alidns_file_free(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64];
	reader_check(data, size);
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	check(fd >= 0);
	check(write(fd, data, size) == (ssize_t)size);
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	file_check(path);
	check(close(fd) == 0);
	return 0;
}
