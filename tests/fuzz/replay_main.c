/* Runs a fuzz target over the files named, and the files in the folders named, once each. */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_SIZE_MAX ((long)1 << 20) /* octets: libFuzzer's own limit for seeds */

/* The input in memory of exactly its size, so that ASan sees a read beyond it. */
static bool input_run(const char *path, FILE *file)
{
	if (fseek(file, 0, SEEK_END) != 0)
		return false;
	long size = ftell(file);
	if (size < 0 || size > INPUT_SIZE_MAX) {
		fprintf(stderr, "%s: not a file of at most %ld octets\n", path, INPUT_SIZE_MAX);
		return false;
	}
	rewind(file);
	uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
	bool whole = data && fread(data, 1, (size_t)size, file) == (size_t)size;
	if (whole)
		LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
	return whole;
}

static bool file_run(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	bool done = input_run(path, file);
	fclose(file);
	return done;
}

/* Counts what it ran in `*count`. */
static bool folder_run(const char *path, unsigned *count)
{
	DIR *folder = opendir(path);
	if (!folder) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	bool done = true;
	const struct dirent *entry;
	while (done && (entry = readdir(folder)) != NULL) {
		char name[4096];
		if (entry->d_name[0] == '.')
			continue;
		int size = snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		done = size > 0 && (size_t)size < sizeof name && file_run(name);
		*count += 1;
	}
	closedir(folder);
	return done;
}

static bool path_run(const char *path, unsigned *count)
{
	struct stat status;
	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return folder_run(path, count);
	*count += 1;
	return file_run(path);
}

int main(int argc, char **argv)
{
	unsigned count = 0;
	for (int i = 1; i < argc; i++) {
		if (!path_run(argv[i], &count))
			return 1;
	}
	printf("%u inputs\n", count);
	/* a target without seeds shows nothing */
	return count > 0 ? 0 : 1;
}
