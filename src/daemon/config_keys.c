#include "config_load.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Octets of a value that are shown in a complaint about it. */
#define VALUE_SHOWN 100

static const char *const KIND_WANTED[] = {
	[YAML_SCALAR] = "a single value",
	[YAML_LIST] = "a list: [a, b]",
	[YAML_MAP] = "a mapping of keys to values",
};

static int shown(struct bytes text)
{
	return text.size < VALUE_SHOWN ? (int)text.size : VALUE_SHOWN;
}

void complain(struct config_load *load, enum severity severity, unsigned line, const char *fmt, ...)
{
	char sentence[FINDING_TEXT_SIZE];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(sentence, sizeof sentence, fmt, args);
	va_end(args);
	if (severity == SEVERITY_ERROR)
		load->errors++;
	load->findings->line = line;
	if (load->path[0] != '\0')
		findings_add(load->findings, severity, FINDING_CONFIG, "\"%s\" %s", load->path, sentence);
	else
		findings_add(load->findings, severity, FINDING_CONFIG, "%s", sentence);
	load->findings->line = 0;
}

void value_bad(struct config_load *load, const struct yaml_node *node, const char *fmt, ...)
{
	char mend[FINDING_TEXT_SIZE];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(mend, sizeof mend, fmt, args);
	va_end(args);
	complain(load, SEVERITY_ERROR, node->line, "is \"%.*s\": %s", shown(node->text),
	         (const char *)node->text.data, mend);
}

void memory_out(struct config_load *load)
{
	load->no_memory = true;
}

static void unknown_key(struct config_load *load, const struct config_key *keys, size_t count,
                        const struct yaml_node *node)
{
	const char *nearest = NULL;
	unsigned least = UINT_MAX;
	for (size_t i = 0; i < count; i++) {
		unsigned distance = word_distance(node->key, keys[i].name);
		if (distance < least) {
			least = distance;
			nearest = keys[i].name;
		}
	}
	char section[CONFIG_PATH_SIZE];
	memcpy(section, load->path, sizeof section);
	load->path[0] = '\0'; /* the sentence begins with what is wrong, not with where */
	complain(load, SEVERITY_ERROR, node->key_line, "unknown key \"%.*s\"%s%s%s%s%s%s",
	         shown(node->key), (const char *)node->key.data, section[0] != '\0' ? " in \"" : "",
	         section, section[0] != '\0' ? "\"" : "", nearest != NULL ? "; did you mean \"" : "",
	         nearest != NULL ? nearest : "", nearest != NULL ? "\"?" : "");
	memcpy(load->path, section, sizeof section);
}

bool entry_is(struct config_load *load, const struct yaml_node *node, enum yaml_kind kind)
{
	assert(kind <= YAML_MAP);
	if (node->kind == kind && !(kind == YAML_SCALAR && yaml_is_null(node)))
		return true;
	if (yaml_is_null(node))
		complain(load, SEVERITY_ERROR, node->line, "has no value: give one, or leave the key out");
	else
		complain(load, SEVERITY_ERROR, node->line, "must be %s", KIND_WANTED[kind]);
	return false;
}

size_t path_push(struct config_load *load, struct bytes key)
{
	size_t used = strlen(load->path);
	(void)snprintf(load->path + used, sizeof load->path - used, "%s%.*s", used != 0 ? "." : "",
	               shown(key), (const char *)key.data);
	return used;
}

static const struct config_key *key_find(const struct config_key *keys, size_t count,
                                         struct bytes name)
{
	for (size_t i = 0; i < count; i++) {
		if (bytes_equal(name, bytes_of(keys[i].name)))
			return &keys[i];
	}
	return NULL;
}

void keys_apply(struct config_load *load, const struct config_key *keys, size_t count,
                const struct yaml_node *map, void *object)
{
	assert(map->kind == YAML_MAP);
	for (const struct yaml_node *node = map->first; node != NULL; node = node->next) {
		const struct config_key *key = key_find(keys, count, node->key);
		if (key == NULL) {
			unknown_key(load, keys, count, node);
			continue;
		}
		/* A section whose keys are all commented out is one that isn't there. */
		if (key->kind == YAML_MAP && yaml_is_null(node))
			continue;
		size_t used = path_push(load, node->key);
		if (key->kind == CONFIG_ANY || entry_is(load, node, key->kind))
			key->apply(load, node, object);
		load->path[used] = '\0';
	}
}
