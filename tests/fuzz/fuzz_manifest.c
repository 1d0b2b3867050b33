/* Any octets as the values of `fedns init`, a line each: refused with a sentence, or objects that
 * are read from the YAML as they were made, and are as many as ever. */
#include "fuzz.h"

#include "fedns/manifest.h"
#include "manifest_tree.h"

#include <stdlib.h>
#include <string.h>

#define LINES_MAX 7
#define OBJECTS   12 /* of the overlay `push` */

static void check(bool good)
{
	if (!good)
		abort();
}

/* Cuts `text` into lines; those that are missing are as good ones are. */
static void lines_cut(char *text, const char *lines[LINES_MAX])
{
	static const char *const GOOD[LINES_MAX] = {
		"fedns", "fedns:1", "hangzhou", "fed", "spacexnice.xyz.", "ns1.spacexnice.xyz=192.0.2.53",
		""};
	for (size_t i = 0; i < LINES_MAX; i++) {
		lines[i] = text == NULL || *text == '\0' || *text == '\n' ? GOOD[i] : text;
		text = text != NULL ? strchr(text, '\n') : NULL;
		if (text != NULL)
			*text++ = '\0';
	}
}

static void stream_check(const struct manifest *manifest)
{
	struct why why;
	struct buf text;
	buf_init(&text, MANIFEST_SIZE_MAX);
	check(manifest_yaml(manifest, &text, &why) == ERR_OK);
	const char *at = (const char *)text.data, *end = at + text.size;
	for (size_t i = 0; i < manifest_count(manifest); i++) {
		const char *stop = memmem(at, (size_t)(end - at), "\n---\n", 5);
		size_t size = (size_t)((stop != NULL ? stop + 1 : end) - at);
		struct bytes object = manifest_object(manifest, i)->text;
		json_t *read, *kept = json_loadb((const char *)object.data, object.size, 0, NULL);
		check(tree_read((struct bytes){(const uint8_t *)at, size}, &read, &why) == ERR_OK);
		check(kept != NULL && json_equal(read, kept));
		json_decref(read);
		json_decref(kept);
		at = stop != NULL ? stop + 5 : end;
	}
	check(at == end);
	buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *lines[LINES_MAX];
	struct why why = {{0}};
	struct manifest *manifest;
	char *text = malloc(size + 1);
	check(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	lines_cut(text, lines);
	const struct manifest_ask ask = {.overlay = MANIFEST_PUSH,
	                                 .namespace = lines[0],
	                                 .image = lines[1],
	                                 .cluster = lines[2],
	                                 .federation = lines[3],
	                                 .zone = lines[4],
	                                 .replicas = 2,
	                                 .nameservers = &lines[5],
	                                 .nameserver_count = 1,
	                                 .alidns = {(const uint8_t *)"[Global]\n", 9}};
	enum err err = manifest_make(&ask, &manifest, &why);
	check((err == ERR_OK) == (manifest != NULL) && (err != ERR_OK) == (why.text[0] != '\0'));
	if (err == ERR_OK) {
		check(manifest_count(manifest) == OBJECTS);
		stream_check(manifest);
	}
	manifest_free(manifest);
	free(text);
	return 0;
}
