#include "last_good.h"

#include "decode.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define NO_HEAD "no LastKnownGood object at the head: not a file that fedns wrote"

/* One load. */
struct load {
	struct decoder decoder;
	struct last_good *out;
	bool has_head;
	size_t hosts_at; /* where the first Host stands; SIZE_MAX: none */
};

/* A member that is a whole number from 0 to `max`. */
static bool take_number(const struct nodes *nodes, const char *key, uint64_t max, uint64_t *out)
{
	uint32_t node = node_member(nodes, NODE_ROOT, key);
	return node_type(nodes, node) == NODE_NUMBER && bytes_number(node_text(nodes, node), max, out);
}

static enum err take_head(struct load *load, const struct object *object, struct why *why)
{
	uint64_t written_ms, serial;
	if (!take_number(object->nodes, "writtenMs", INT64_MAX, &written_ms) ||
	    !take_number(object->nodes, "serial", UINT32_MAX, &serial)) {
		why_set(why, "a LastKnownGood without a good writtenMs and serial");
		return ERR_INVALID;
	}
	load->out->written_ms = (int64_t)written_ms;
	load->out->serial = (uint32_t)serial;
	load->has_head = true;
	return ERR_OK;
}

static bool is_ours(const struct object *object, const char *kind)
{
	return bytes_equal(object->api_version, bytes_of(FEDNS_API)) &&
	       bytes_equal(object->kind, bytes_of(kind));
}

static enum err take_object(void *arg, const struct object *object, struct why *why)
{
	struct load *load = arg;
	if (is_ours(object, "LastKnownGood"))
		return take_head(load, object, why);
	if (!load->has_head) {
		why_set(why, NO_HEAD);
		return ERR_INVALID;
	}
	if (load->hosts_at == SIZE_MAX && is_ours(object, "Host"))
		load->hosts_at = object->at;
	return decoder_take(&load->decoder, object, why);
}

/* Tell the model the addresses of one family in `list`. */
static enum err resolve(struct model *model, const struct nodes *nodes, uint32_t list,
                        const struct name *name, uint8_t family, struct why *why)
{
	struct address addresses[ADDRESSES_MAX];
	size_t count = 0;
	for (uint32_t i = list + 1; i < node_next(nodes, list) && count < ADDRESSES_MAX;
	     i = node_next(nodes, i)) {
		struct why unheard;
		if (address_parse(node_text(nodes, i), &addresses[count], &unheard) == ERR_OK &&
		    addresses[count].family == family)
			count++;
	}
	struct findings nobody = {0};
	return model_host_resolved(model, name, family, addresses, count, &nobody, why);
}

/*
 * Second walk, over the hosts: only after the commit the model knows which of them services name.
 */
static enum err take_host(void *arg, const struct object *object, struct why *why)
{
	struct model *model = arg;
	const struct nodes *nodes = object->nodes;
	uint32_t list = node_member(nodes, NODE_ROOT, "addresses");
	if (!is_ours(object, "Host") || node_type(nodes, list) != NODE_ARRAY)
		return ERR_OK;
	struct name name;
	struct why unheard;
	struct bytes text = node_text(nodes, node_member(nodes, NODE_ROOT, "name"));
	if (hostname_parse(text, &name, &unheard) != ERR_OK)
		return ERR_OK; /* it is resolved anew anyway */
	enum err err = resolve(model, nodes, list, &name, 4, why);
	return err == ERR_OK ? resolve(model, nodes, list, &name, 6, why) : err;
}

static enum err load_hosts(struct bytes text, size_t at, struct model *model, struct why *why)
{
	if (at == SIZE_MAX)
		return ERR_OK;
	struct findings nobody = {0};
	return walk_objects((struct bytes){text.data + at, text.size - at}, &nobody, take_host, model,
	                    why);
}

static enum err load_text(struct bytes text, struct model *model, int64_t now_ms,
                          struct findings *findings, struct last_good *out, struct why *why)
{
	struct load load = {.out = out, .hosts_at = SIZE_MAX};
	enum err err = decoder_init(&load.decoder, model, findings, why);
	if (err == ERR_OK)
		err = walk_objects(text, findings, take_object, &load, why);
	decoder_clear(&load.decoder);
	if (err == ERR_OK && !load.has_head) {
		why_set(why, "line 1, column 1: " NO_HEAD);
		err = ERR_INVALID;
	}
	if (err != ERR_OK) {
		model_rollback(model);
		return err;
	}
	err = model_commit(model, COMMIT_REPLACE, now_ms, findings, why);
	return err == ERR_OK ? load_hosts(text, load.hosts_at, model, why) : err;
}

enum err last_good_load(const char *dir, struct model *model, int64_t now_ms,
                        struct findings *findings, struct last_good *out, struct why *why)
{
	assert(dir != NULL && out != NULL);
	*out = (struct last_good){0};
	char path[PATH_MAX];
	int size = snprintf(path, sizeof path, "%s/%s", dir, LAST_GOOD_FILE);
	if (size < 0 || (size_t)size >= sizeof path) {
		why_set(why, "%s: too long for a path", dir);
		return ERR_IO;
	}
	if (access(path, F_OK) != 0 && errno == ENOENT) {
		why_set(why, "%s: there is none", path);
		return ERR_MISSING;
	}
	struct buf text;
	enum err err = file_read(path, STATE_FILE_SIZE_MAX, &text, why);
	if (err != ERR_OK)
		return err;
	struct findings before = *findings;
	findings->file = path;
	err = load_text(buf_bytes(&text), model, now_ms, findings, out, why);
	buf_free(&text);
	findings->file = before.file;
	findings->line = before.line;
	if (err != ERR_OK) {
		*out = (struct last_good){0};
		why_wrap(why, "%s", path);
	}
	return err;
}
