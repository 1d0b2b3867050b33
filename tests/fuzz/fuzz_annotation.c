/* Any octets as an ingress annotation: never a crash, nothing but publishable addresses, and JSON
 * is judged as jansson judges it. */
#include "annotation.h"
#include "fuzz.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void check(bool good)
{
	if (!good)
		abort();
}

/* jansson refuses some JSON (numbers, surrogates and NUL by its own limits), and takes NUL octets;
 * but else ... */
static void compare(const uint8_t *data, size_t size)
{
	struct nodes nodes;
	struct why why;
	json_error_t error;
	nodes_init(&nodes);
	enum err err = nodes_read_whole(&nodes, (struct bytes){data, size}, &why);
	json_t *other = json_loadb((const char *)data, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
	if (other != NULL && memchr(data, '\0', size) == NULL)
		check(err == ERR_OK || strstr(why.text, "brackets deep") != NULL);
	json_decref(other);
	nodes_clear(&nodes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct annotation *annotation; /* made once: it is large */
	if (annotation == NULL)
		annotation = annotation_new();
	check(annotation != NULL);
	struct findings nobody = {0};
	struct why why;
	check(annotation_read(annotation, (struct bytes){data, size}, bytes_of("n"), bytes_of("s"),
	                      &nobody, &why) == ERR_OK);
	for (size_t i = 0; i < annotation->address_count; i++)
		check(address_publishable(&annotation->addresses[i], &why) == ERR_OK);
	for (size_t i = 0; i < annotation->entry_count; i++)
		check(annotation->entries[i].cluster.size != 0);
	compare(data, size);
	return 0;
}
