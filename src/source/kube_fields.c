#include "kube_fields.h"

#include "fedns/base64.h"
#include "secret.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- complaints --------------------------------------------------------------------------- */

static void wrap_entry(const struct kube_fields *fields, const char *key)
{
	const struct kube_entry *entry = &fields->entry;
	const struct yaml_node *node = key == NULL ? NULL : yaml_member(entry->node, key);
	why_wrap(fields->why, "%s:%u: %s \"%s\"", entry->file->path,
	         node != NULL ? node->line : entry->line, kube_entry_text(fields->list), entry->name);
}

enum err fields_bad(const struct kube_fields *fields, const char *key, const char *fmt, ...)
{
	char sentence[WHY_TEXT_SIZE];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(sentence, sizeof sentence, fmt, args);
	va_end(args);
	why_set(fields->why, "%s", sentence);
	wrap_entry(fields, key);
	return ERR_INVALID;
}

void fields_wrap(const struct kube_fields *fields, const char *key)
{
	why_wrap(fields->why, "%s%s", fields->prefix, key);
	wrap_entry(fields, key);
}

enum err fields_no_memory(const struct kube_fields *fields)
{
	why_set(fields->why, "no memory for a kubeconfig");
	return ERR_NOMEM;
}

enum err fields_check(const struct kube_fields *fields)
{
	if (fields->entry.node == NULL || fields->entry.node->kind == YAML_MAP)
		return ERR_OK;
	return fields_bad(fields, NULL, "must be a mapping of keys to values");
}

/* --- values ------------------------------------------------------------------------------- */

const struct yaml_node *field_node(const struct kube_fields *fields, const char *key)
{
	const struct yaml_node *node = yaml_member(fields->entry.node, key);
	return node == NULL || yaml_is_null(node) ? NULL : node;
}

/* The scalar of `key`. `*out` is NULL where it says nothing. */
static enum err scalar(const struct kube_fields *fields, const char *key,
                       const struct yaml_node **out)
{
	*out = field_node(fields, key);
	if (*out == NULL)
		return ERR_OK;
	if ((*out)->kind != YAML_SCALAR)
		return fields_bad(fields, key, "%s%s must be text", fields->prefix, key);
	if ((*out)->text.size == 0)
		*out = NULL;
	return ERR_OK;
}

bool has_control(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	}
	return false;
}

enum err field_text(const struct kube_fields *fields, const char *key, const char **out)
{
	const struct yaml_node *node;
	*out = NULL;
	enum err err = scalar(fields, key, &node);
	if (err != ERR_OK || node == NULL)
		return err;
	if (has_control((const char *)node->text.data))
		return fields_bad(fields, key, "%s%s has a line feed or another control character in it",
		                  fields->prefix, key);
	*out = region_text(fields->access->memory, node->text);
	return *out != NULL ? ERR_OK : fields_no_memory(fields);
}

enum err field_bool(const struct kube_fields *fields, const char *key, bool *out)
{
	/* YAML 1.1's words, which kubectl takes. */
	static const char *const WORDS[] = {"true", "yes", "on", "y", "false", "no", "off", "n"};
	const struct yaml_node *node;
	*out = false;
	enum err err = scalar(fields, key, &node);
	if (err != ERR_OK || node == NULL)
		return err;
	for (size_t i = 0; i < 8 && node->plain; i++) {
		if (!bytes_equal_nocase(node->text, bytes_of(WORDS[i])))
			continue;
		*out = i < 4;
		return ERR_OK;
	}
	return fields_bad(fields, key, "%s%s must be true or false, without quotes", fields->prefix,
	                  key);
}

enum err field_list(const struct kube_fields *fields, const char *key, size_t max,
                    const char *const **out, size_t *count)
{
	const struct yaml_node *list = field_node(fields, key);
	*out = NULL;
	*count = 0;
	if (list == NULL)
		return ERR_OK;
	if (list->kind != YAML_LIST)
		return fields_bad(fields, key, "%s%s must be a list", fields->prefix, key);
	if (list->count > max)
		return fields_bad(fields, key, "%s%s has more than %zu entries", fields->prefix, key, max);
	struct region *memory = fields->access->memory;
	const char **texts = region_alloc(memory, (list->count + 1) * sizeof *texts);
	if (texts == NULL)
		return fields_no_memory(fields);
	for (const struct yaml_node *item = list->first; item != NULL; item = item->next) {
		if (item->kind != YAML_SCALAR)
			return fields_bad(fields, key, "an entry of %s%s must be text", fields->prefix, key);
		/* null in a list of texts is an empty one for Go */
		const char *text = region_text(memory, yaml_is_null(item) ? bytes_of("") : item->text);
		if (text == NULL)
			return fields_no_memory(fields);
		texts[(*count)++] = text;
	}
	*out = texts;
	return ERR_OK;
}

/* --- files -------------------------------------------------------------------------------- */

/* Without "." and "..", as kubectl writes paths: by their text alone, links are not looked at. */
static void path_clean(char *path)
{
	assert(path[0] == '/');
	char *end = path;
	for (const char *at = path; *at != '\0';) {
		at += strspn(at, "/");
		size_t size = strcspn(at, "/");
		if (size == 2 && memcmp(at, "..", 2) == 0) {
			while (end > path && *--end != '/')
				continue;
		} else if (size != 0 && !(size == 1 && *at == '.')) {
			*end++ = '/';
			memmove(end, at, size);
			end += size;
		}
		at += size;
	}
	if (end == path)
		*end++ = '/';
	*end = '\0';
}

/* DIR/PATH, where `dir` is the folder of the kubeconfig, absolute. The caller frees it. NULL:
 * errno. */
static char *path_join(const char *kubeconfig, const char *path)
{
	const char *slash = strrchr(kubeconfig, '/');
	int folder = slash == NULL ? 0 : (int)(slash - kubeconfig);
	char *joined = NULL;
	if (kubeconfig[0] == '/')
		return asprintf(&joined, "%.*s/%s", folder, kubeconfig, path) < 0 ? NULL : joined;
	char *here = getcwd(NULL, 0);
	if (here == NULL)
		return NULL;
	int size = asprintf(&joined, "%s/%.*s/%s", here, folder, kubeconfig, path);
	free(here);
	return size < 0 ? NULL : joined;
}

enum err path_resolve(const struct kube_fields *fields, const char *path, const char **out)
{
	*out = path;
	if (path[0] == '/')
		return ERR_OK;
	char *joined = path_join(fields->entry.file->path, path);
	if (joined == NULL && errno == ENOMEM)
		return fields_no_memory(fields);
	if (joined == NULL)
		return fields_bad(fields, NULL, "no working folder to find %s from: %s", path,
		                  strerror(errno));
	path_clean(joined);
	*out = region_text(fields->access->memory, bytes_of(joined));
	free(joined);
	return *out != NULL ? ERR_OK : fields_no_memory(fields);
}

enum err field_path(const struct kube_fields *fields, const char *key, const char **out)
{
	const char *path;
	enum err err = field_text(fields, key, &path);
	*out = NULL;
	return err != ERR_OK || path == NULL ? err : path_resolve(fields, path, out);
}

static enum err pem_from_file(const struct kube_fields *fields, const char *key,
                              struct kube_pem *out)
{
	enum err err = field_path(fields, key, &out->file);
	if (err != ERR_OK)
		return err;
	struct buf text;
	err = fields->read(out->file, KUBE_PEM_SIZE_MAX, &text, fields->why);
	if (err != ERR_OK) {
		fields_wrap(fields, key);
		return err;
	}
	char *copy = region_text(fields->access->memory, buf_bytes(&text));
	out->octets = (struct bytes){(const uint8_t *)copy, text.size};
	buf_wipe(&text);
	return copy != NULL ? ERR_OK : fields_no_memory(fields);
}

static enum err pem_from_data(const struct kube_fields *fields, const char *key,
                              const struct yaml_node *data, struct kube_pem *out)
{
	struct region *memory = fields->access->memory;
	uint8_t *octets = region_alloc(memory, BASE64_DECODED_MAX(data->text.size));
	if (octets == NULL)
		return fields_no_memory(fields);
	enum err err = base64_decode(data->text, octets, &out->octets.size, fields->why);
	out->octets.data = octets;
	if (err != ERR_OK)
		fields_wrap(fields, key);
	return err;
}

enum err field_pem(const struct kube_fields *fields, const char *key, struct kube_pem *out)
{
	char data_key[64];
	const struct yaml_node *file, *data;
	*out = (struct kube_pem){.file = NULL};
	int size = snprintf(data_key, sizeof data_key, "%s-data", key);
	assert(size > 0 && (size_t)size < sizeof data_key);
	(void)size;
	enum err err = scalar(fields, key, &file);
	if (err == ERR_OK)
		err = scalar(fields, data_key, &data);
	if (err != ERR_OK)
		return err;
	if (file != NULL && data != NULL)
		return fields_bad(fields, data_key, "%s and %s are both there: keep one", key, data_key);
	if (file != NULL)
		return pem_from_file(fields, key, out);
	return data != NULL ? pem_from_data(fields, data_key, data, out) : ERR_OK;
}
