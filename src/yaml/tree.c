#include "anchors.h"
#include "fedns/utf8.h"
#include "fedns/yaml.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

struct reader {
	yaml_parser_t parser;
	struct bytes text;
	const struct yaml_limits *limits;
	struct region *region;
	struct anchors anchors;
	size_t nodes;
	struct yaml_node *open[YAML_DEPTH_MAX]; /* the collections around us, outermost first */
	struct yaml_node *last[YAML_DEPTH_MAX]; /* newest child of each */
	bool key_due[YAML_DEPTH_MAX];           /* mapping: the next scalar is a key */
	struct yaml_node key[YAML_DEPTH_MAX];   /* mapping: the key that waits for its value */
	size_t depth;
	struct yaml_node *root;
	unsigned line;
	bool done;
	struct why *why;
};

static unsigned line_at(struct bytes text, size_t at)
{
	unsigned line = 1;
	for (size_t i = 0; i < at && i < text.size; i++)
		line += text.data[i] == '\n';
	return line;
}

/* libyaml's words, without its habit of naming what it was "while" doing. */
static enum err parser_failed(struct reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	if (parser->error == YAML_MEMORY_ERROR) {
		why_set(reader->why, "no memory to read it");
		return ERR_NOMEM;
	}
	if (parser->error == YAML_READER_ERROR)
		reader->line = line_at(reader->text, parser->problem_offset);
	else
		reader->line = (unsigned)parser->problem_mark.line + 1;
	why_set(reader->why, "not YAML: %s",
	        parser->problem != NULL ? parser->problem : "can't be read");
	if (parser->context != NULL)
		why_set(reader->why, "not YAML: %s (%s)",
		        parser->problem != NULL ? parser->problem : "can't be read", parser->context);
	return ERR_INVALID;
}

PRINTF(3, 4)
static enum err refuse(struct reader *reader, const yaml_event_t *event, const char *fmt, ...)
{
	reader->line = (unsigned)event->start_mark.line + 1;
	char sentence[WHY_TEXT_SIZE];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(sentence, sizeof sentence, fmt, args);
	va_end(args);
	why_set(reader->why, "%s", sentence);
	return ERR_INVALID;
}

static enum err refuse_depth(struct reader *reader, const yaml_event_t *event)
{
	return refuse(reader, event, "lists and mappings nested more than %d deep", YAML_DEPTH_MAX);
}

static enum err refuse_nodes(struct reader *reader, const yaml_event_t *event)
{
	return refuse(reader, event, "more than %zu values, those that aliases stand for included",
	              reader->limits->aliased_nodes_max);
}

static enum err no_memory(struct reader *reader)
{
	why_set(reader->why, "no memory to read it");
	return ERR_NOMEM;
}

static enum err key_take(struct reader *reader, const struct yaml_node *key)
{
	struct yaml_node *map = reader->open[reader->depth - 1];
	/* Where aliases aren't understood, it is a key like any other, for the caller to refuse. */
	if (key->plain && reader->limits->aliased_nodes_max != 0 &&
	    bytes_equal(key->text, bytes_of("<<"))) {
		reader->line = key->line;
		why_set(reader->why, "merge keys (<<) are not understood here; write the entries out");
		return ERR_INVALID;
	}
	for (const struct yaml_node *old = map->first; old != NULL; old = old->next) {
		if (!bytes_equal(old->key, key->text))
			continue;
		reader->line = key->line;
		why_set(reader->why, "key \"%.*s\" is here a second time; the first is in line %u",
		        BYTES_ARG(key->text), old->key_line);
		return ERR_INVALID;
	}
	reader->key[reader->depth - 1] = *key;
	reader->key_due[reader->depth - 1] = false;
	return ERR_OK;
}

/* Hang `node` below the collection that is open, or make it the root. */
static enum err node_attach(struct reader *reader, const yaml_event_t *event,
                            struct yaml_node *node)
{
	if (reader->depth == 0) {
		assert(reader->root == NULL);
		reader->root = node;
		return ERR_OK;
	}
	size_t top = reader->depth - 1;
	struct yaml_node *parent = reader->open[top];
	if (parent->kind == YAML_MAP) {
		if (reader->key_due[top]) {
			if (node->kind != YAML_SCALAR)
				return refuse(reader, event, "a list or mapping can't be a key");
			return key_take(reader, node);
		}
		node->key = reader->key[top].text;
		node->key_line = reader->key[top].line;
		reader->key_due[top] = true;
	}
	if (parent->count == YAML_ENTRIES_MAX)
		return refuse(reader, event, "a list or mapping of more than 1000 entries");
	if (reader->last[top] == NULL)
		parent->first = node;
	else
		reader->last[top]->next = node;
	reader->last[top] = node;
	parent->count++;
	return ERR_OK;
}

/* A new node, counted. `anchor` and `tag` are what stands before it, NULL: none. NULL: `*err` says
 * why. */
static struct yaml_node *node_make(struct reader *reader, const yaml_event_t *event,
                                   const yaml_char_t *anchor, const yaml_char_t *tag, enum err *err)
{
	size_t nodes_max = reader->limits->aliased_nodes_max;
	struct yaml_node *node = NULL;
	*err = ERR_OK;
	if (anchor != NULL && nodes_max == 0)
		*err = refuse(reader, event, "anchors (&) are not understood here; write the value out");
	else if (tag != NULL)
		*err = refuse(reader, event, "tags (!) are not understood here; leave it out");
	else if (nodes_max != 0 && ++reader->nodes > nodes_max)
		*err = refuse_nodes(reader, event);
	else if ((node = region_alloc(reader->region, sizeof *node)) == NULL)
		*err = no_memory(reader);
	if (node == NULL)
		return NULL;
	node->line = (unsigned)event->start_mark.line + 1;
	if (anchor != NULL)
		*err = anchors_note(&reader->anchors, reader->region, (const char *)anchor, node);
	if (*err == ERR_LIMIT)
		*err = refuse(reader, event, "more than %d anchors (&); write some values out",
		              YAML_ANCHORS_MAX);
	else if (*err != ERR_OK)
		*err = no_memory(reader);
	return *err == ERR_OK ? node : NULL;
}

static enum err scalar_take(struct reader *reader, const yaml_event_t *event)
{
	struct bytes text = {event->data.scalar.value, event->data.scalar.length};
	enum err err;
	struct yaml_node *node =
		node_make(reader, event, event->data.scalar.anchor, event->data.scalar.tag, &err);
	if (node == NULL)
		return err;
	if (text.size > reader->limits->text_max)
		return refuse(reader, event, "a text of more than %zu octets", reader->limits->text_max);
	if (text.size != 0 && memchr(text.data, 0, text.size) != NULL)
		return refuse(reader, event, "a text with a NUL octet in it");
	char *copy = region_text(reader->region, text);
	if (copy == NULL)
		return no_memory(reader);
	node->kind = YAML_SCALAR;
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	node->text = (struct bytes){(const uint8_t *)copy, text.size};
	return node_attach(reader, event, node);
}

/* What the alias stands for, as if it were written out there. */
static enum err alias_take(struct reader *reader, const yaml_event_t *event)
{
	size_t nodes_max = reader->limits->aliased_nodes_max;
	if (nodes_max == 0)
		return refuse(reader, event, "aliases (*) are not understood here; write the value out");
	const char *name = (const char *)event->data.alias.anchor;
	const struct yaml_node *meant = anchors_find(&reader->anchors, name);
	if (meant == NULL)
		return refuse(reader, event, "the alias *%s has no anchor &%s before it", name, name);
	for (size_t i = 0; i < reader->depth; i++) {
		if (reader->open[i] == meant)
			return refuse(reader, event, "the alias *%s stands inside of what it means", name);
	}
	struct yaml_node *copy;
	size_t room = nodes_max - reader->nodes;
	enum err err = node_copy(reader->region, meant, YAML_DEPTH_MAX - reader->depth, &room, &copy);
	if (err == ERR_NOMEM)
		return no_memory(reader);
	if (err != ERR_OK)
		return room == 0 ? refuse_nodes(reader, event) : refuse_depth(reader, event);
	reader->nodes = nodes_max - room;
	copy->line = (unsigned)event->start_mark.line + 1;
	copy->key = (struct bytes){0};
	copy->key_line = 0;
	return node_attach(reader, event, copy);
}

static enum err collection_open(struct reader *reader, const yaml_event_t *event,
                                enum yaml_kind kind, const yaml_char_t *anchor,
                                const yaml_char_t *tag)
{
	enum err err;
	struct yaml_node *node = node_make(reader, event, anchor, tag, &err);
	if (node == NULL)
		return err;
	if (reader->depth == YAML_DEPTH_MAX)
		return refuse_depth(reader, event);
	node->kind = kind;
	err = node_attach(reader, event, node);
	if (err != ERR_OK)
		return err;
	reader->open[reader->depth] = node;
	reader->last[reader->depth] = NULL;
	reader->key_due[reader->depth] = kind == YAML_MAP;
	reader->depth++;
	return ERR_OK;
}

static enum err event_take(struct reader *reader, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		return reader->root == NULL ? ERR_OK
		                            : refuse(reader, event, "a second document; there must be one");
	case YAML_ALIAS_EVENT:
		return alias_take(reader, event);
	case YAML_SCALAR_EVENT:
		return scalar_take(reader, event);
	case YAML_SEQUENCE_START_EVENT:
		return collection_open(reader, event, YAML_LIST, event->data.sequence_start.anchor,
		                       event->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return collection_open(reader, event, YAML_MAP, event->data.mapping_start.anchor,
		                       event->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		assert(reader->depth > 0);
		reader->depth--;
		return ERR_OK;
	case YAML_STREAM_END_EVENT:
		reader->done = true;
		return ERR_OK;
	default:
		return ERR_OK;
	}
}

static enum err document_read(struct reader *reader)
{
	while (!reader->done) {
		yaml_event_t event;
		if (!yaml_parser_parse(&reader->parser, &event))
			return parser_failed(reader);
		enum err err = event_take(reader, &event);
		yaml_event_delete(&event);
		if (err != ERR_OK)
			return err;
	}
	if (reader->root != NULL && !yaml_is_null(reader->root))
		return ERR_OK;
	reader->root = region_alloc(reader->region, sizeof *reader->root);
	if (reader->root == NULL)
		return no_memory(reader);
	*reader->root = (struct yaml_node){.kind = YAML_MAP, .line = 1};
	return ERR_OK;
}

enum err yaml_read(struct bytes text, const struct yaml_limits *limits, struct region *region,
                   struct yaml_node **out, unsigned *line, struct why *why)
{
	assert(limits != NULL && region != NULL && out != NULL && line != NULL && why != NULL);
	*out = NULL;
	*line = 0;
	size_t bad_at;
	if (!utf8_valid(text, &bad_at)) {
		*line = line_at(text, bad_at);
		why_set(why, "octet %zu of the file is not UTF-8", bad_at + 1);
		return ERR_INVALID;
	}
	/* YAML 1.2, section 5.2: an editor's byte order mark may stand before it. */
	if (text.size >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) {
		text.data += 3;
		text.size -= 3;
	}
	struct reader reader = {.text = text, .limits = limits, .region = region, .why = why};
	if (!yaml_parser_initialize(&reader.parser))
		return no_memory(&reader);
	yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&reader.parser, text.data, text.size);
	enum err err = document_read(&reader);
	yaml_parser_delete(&reader.parser);
	*line = reader.line;
	if (err == ERR_OK)
		*out = reader.root;
	return err;
}

bool yaml_is_null(const struct yaml_node *node)
{
	return node->kind == YAML_SCALAR && node->plain &&
	       (node->text.size == 0 || bytes_equal(node->text, bytes_of("~")) ||
	        bytes_equal(node->text, bytes_of("null")));
}

const struct yaml_node *yaml_member(const struct yaml_node *map, const char *key)
{
	if (map == NULL || map->kind != YAML_MAP)
		return NULL;
	const struct yaml_node *entry = map->first;
	while (entry != NULL && !bytes_equal(entry->key, bytes_of(key)))
		entry = entry->next;
	return entry;
}
