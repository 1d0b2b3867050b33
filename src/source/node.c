#include "node.h"

#include "fedns/source.h"

#include <assert.h>
#include <stdlib.h>

/* A printed Service has about 80 nodes. */
#define NODES_ROOM_MIN     256
#define UNESCAPED_ROOM_MIN 1024

static_assert(STATE_OBJECT_SIZE_MAX < UINT32_MAX, "offsets are 32 bits");

/* One call of nodes_read(). */
struct reading {
	struct nodes *nodes;
	struct scan *scan;
	size_t begin, size_max;
	uint32_t open[STATE_DEPTH_MAX]; /* containers around `scan->at` */
	size_t depth;
};

void nodes_init(struct nodes *nodes)
{
	*nodes = (struct nodes){0};
}

void nodes_clear(struct nodes *nodes)
{
	free(nodes->list);
	free(nodes->unescaped);
	nodes_init(nodes);
}

static enum err no_memory(struct why *why)
{
	why_set(why, "no memory for a JSON object");
	return ERR_NOMEM;
}

static enum err push(struct nodes *nodes, struct node node, struct why *why)
{
	if (nodes->count == nodes->room) {
		/* Bounded by size_max: each node takes an octet of the text at least. */
		size_t room = nodes->room == 0 ? NODES_ROOM_MIN : nodes->room * 2;
		struct node *list = realloc(nodes->list, room * sizeof *list);
		if (list == NULL)
			return no_memory(why);
		nodes->list = list;
		nodes->room = room;
	}
	node.next = (uint32_t)nodes->count + 1;
	nodes->list[nodes->count++] = node;
	return ERR_OK;
}

static enum err unescaped_reserve(struct nodes *nodes, size_t more, struct why *why)
{
	size_t want = nodes->unescaped_size + more;
	if (want <= nodes->unescaped_room)
		return ERR_OK;
	size_t room = nodes->unescaped_room == 0 ? UNESCAPED_ROOM_MIN : nodes->unescaped_room;
	while (room < want)
		room *= 2;
	uint8_t *data = realloc(nodes->unescaped, room);
	if (data == NULL)
		return no_memory(why);
	nodes->unescaped = data;
	nodes->unescaped_room = room;
	return ERR_OK;
}

static enum err size_check(const struct reading *reading, struct why *why)
{
	if (reading->scan->at - reading->begin <= reading->size_max)
		return ERR_OK;
	why_set(why, "more than %zu octets", reading->size_max);
	return ERR_LIMIT;
}

static uint32_t offset(const struct reading *reading, const uint8_t *data)
{
	return (uint32_t)(data - reading->nodes->text);
}

static enum err read_string(struct reading *reading, struct why *why)
{
	struct scan_string string;
	enum err err = scan_string(reading->scan, &string, why);
	if (err == ERR_OK)
		err = size_check(reading, why);
	if (err != ERR_OK)
		return err;
	struct nodes *nodes = reading->nodes;
	struct node node = {.type = NODE_STRING,
	                    .at = offset(reading, string.raw.data),
	                    .size = (uint32_t)string.raw.size};
	if (string.escaped) {
		err = unescaped_reserve(nodes, string.raw.size, why);
		if (err != ERR_OK)
			return err;
		node.unescaped = true;
		node.at = (uint32_t)nodes->unescaped_size;
		node.size = (uint32_t)scan_unescape(string.raw, nodes->unescaped + nodes->unescaped_size);
		nodes->unescaped_size += node.size;
	}
	return push(nodes, node, why);
}

static enum err read_number(struct reading *reading, struct why *why)
{
	struct bytes number;
	enum err err = scan_number(reading->scan, &number, why);
	if (err == ERR_OK)
		err = size_check(reading, why);
	if (err != ERR_OK)
		return err;
	return push(reading->nodes,
	            (struct node){.type = NODE_NUMBER,
	                          .at = offset(reading, number.data),
	                          .size = (uint32_t)number.size},
	            why);
}

static enum err read_word(struct reading *reading, const char *word, enum node_type type,
                          struct why *why)
{
	enum err err = scan_word(reading->scan, word, why);
	return err != ERR_OK ? err : push(reading->nodes, (struct node){.type = (uint8_t)type}, why);
}

/* The key and colon of a member. */
static enum err read_key(struct reading *reading, const char *wanted, struct why *why)
{
	if (scan_next(reading->scan) != '"')
		return scan_expected(reading->scan, wanted, why);
	enum err err = read_string(reading, why);
	return err != ERR_OK ? err : scan_take(reading->scan, ':', "':' after a key", why);
}

/* Open a container. `*complete`: it is empty and closed already. */
static enum err read_open(struct reading *reading, enum node_type type, bool *complete,
                          struct why *why)
{
	struct scan *scan = reading->scan;
	*complete = false;
	if (reading->depth == STATE_DEPTH_MAX)
		return scan_fail(scan, scan->at, why, "more than %d brackets deep", STATE_DEPTH_MAX);
	uint32_t node = (uint32_t)reading->nodes->count;
	enum err err = push(reading->nodes, (struct node){.type = (uint8_t)type}, why);
	if (err != ERR_OK)
		return err;
	scan->at++;
	if (scan_next(scan) == (type == NODE_OBJECT ? '}' : ']')) {
		scan->at++;
		*complete = true;
		return ERR_OK;
	}
	reading->open[reading->depth++] = node;
	return type == NODE_OBJECT ? read_key(reading, "a key or '}'", why) : ERR_OK;
}

static enum err read_begin(struct reading *reading, bool *complete, struct why *why)
{
	*complete = true;
	switch (scan_next(reading->scan)) {
	case '{':
		return read_open(reading, NODE_OBJECT, complete, why);
	case '[':
		return read_open(reading, NODE_ARRAY, complete, why);
	case '"':
		return read_string(reading, why);
	case 't':
		return read_word(reading, "true", NODE_TRUE, why);
	case 'f':
		return read_word(reading, "false", NODE_FALSE, why);
	case 'n':
		return read_word(reading, "null", NODE_NULL, why);
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		return read_number(reading, why);
	default:
		return scan_expected(reading->scan, "a JSON value", why);
	}
}

/* After a value: close what ends here. `*more`: a comma came, another value follows. */
static enum err read_end(struct reading *reading, bool *more, struct why *why)
{
	struct scan *scan = reading->scan;
	*more = false;
	while (reading->depth > 0) {
		uint32_t top = reading->open[reading->depth - 1];
		bool object = reading->nodes->list[top].type == NODE_OBJECT;
		int next = scan_next(scan);
		if (next == ',') {
			scan->at++;
			*more = true;
			return object ? read_key(reading, "a key", why) : ERR_OK;
		}
		if (next != (object ? '}' : ']'))
			return scan_expected(scan, object ? "',' or '}'" : "',' or ']'", why);
		scan->at++;
		reading->nodes->list[top].next = (uint32_t)reading->nodes->count;
		reading->depth--;
	}
	return ERR_OK;
}

enum err nodes_read(struct nodes *nodes, struct scan *scan, size_t size_max, struct why *why)
{
	assert(size_max < UINT32_MAX);
	if (scan_next(scan) < 0)
		return scan_expected(scan, "a JSON value", why);
	struct reading reading = {
		.nodes = nodes, .scan = scan, .begin = scan->at, .size_max = size_max};
	nodes->text = scan->text.data + scan->at;
	nodes->count = 0;
	nodes->unescaped_size = 0;
	for (bool more = true; more;) {
		bool complete;
		enum err err = read_begin(&reading, &complete, why);
		if (err == ERR_OK && complete)
			err = read_end(&reading, &more, why);
		if (err == ERR_OK)
			err = size_check(&reading, why);
		if (err != ERR_OK)
			return err;
	}
	assert(nodes->count > 0 && nodes->list[0].next == nodes->count);
	return ERR_OK;
}

enum err nodes_read_whole(struct nodes *nodes, struct bytes text, struct why *why)
{
	struct scan scan;
	scan_init(&scan, text);
	enum err err = nodes_read(nodes, &scan, STATE_OBJECT_SIZE_MAX, why);
	if (err == ERR_OK && scan_next(&scan) >= 0)
		return scan_fail(&scan, scan.at, why, "text after the value");
	if (err != ERR_LIMIT)
		return err;
	scan_wrap(&scan, scan.at, why);
	return ERR_INVALID;
}

enum node_type node_type(const struct nodes *nodes, uint32_t node)
{
	assert(node < nodes->count || node == NODE_ABSENT);
	return node == NODE_ABSENT ? NODE_NONE : (enum node_type)nodes->list[node].type;
}

uint32_t node_next(const struct nodes *nodes, uint32_t node)
{
	assert(node < nodes->count);
	return nodes->list[node].next;
}

struct bytes node_text(const struct nodes *nodes, uint32_t node)
{
	enum node_type type = node_type(nodes, node);
	if (type != NODE_STRING && type != NODE_NUMBER)
		return (struct bytes){0};
	const struct node *found = &nodes->list[node];
	const uint8_t *base = found->unescaped ? nodes->unescaped : nodes->text;
	return (struct bytes){base + found->at, found->size};
}

bool node_is_text(const struct nodes *nodes, uint32_t node, const char *text)
{
	return node_type(nodes, node) == NODE_STRING &&
	       bytes_equal(node_text(nodes, node), bytes_of(text));
}

bool node_is_void(const struct nodes *nodes, uint32_t node)
{
	enum node_type type = node_type(nodes, node);
	return type == NODE_NONE || type == NODE_NULL;
}

static uint32_t member(const struct nodes *nodes, uint32_t object, const char *key,
                       bool same(struct bytes, struct bytes))
{
	uint32_t found = NODE_ABSENT;
	if (node_type(nodes, object) != NODE_OBJECT)
		return found;
	struct bytes wanted = bytes_of(key);
	uint32_t end = nodes->list[object].next;
	for (uint32_t i = object + 1; i < end; i = nodes->list[i + 1].next) {
		if (nodes->list[i].size == wanted.size && same(node_text(nodes, i), wanted))
			found = i + 1;
	}
	return found;
}

uint32_t node_member(const struct nodes *nodes, uint32_t object, const char *key)
{
	return member(nodes, object, key, bytes_equal);
}

uint32_t node_member_nocase(const struct nodes *nodes, uint32_t object, const char *key)
{
	return member(nodes, object, key, bytes_equal_nocase);
}

const char *node_type_text(enum node_type type)
{
	static const char *const WORDS[] = {
		[NODE_NONE] = "nothing",    [NODE_OBJECT] = "an object", [NODE_ARRAY] = "an array",
		[NODE_STRING] = "a string", [NODE_NUMBER] = "a number",  [NODE_TRUE] = "true",
		[NODE_FALSE] = "false",     [NODE_NULL] = "null",
	};
	assert(type < sizeof WORDS / sizeof WORDS[0]);
	return WORDS[type];
}
