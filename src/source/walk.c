#include "walk.h"

#include "fedns/source.h"

#include <assert.h>
#include <string.h>

/* Longest kind or apiVersion of a list that we keep: a DNS label, and a group of 253 octets with
 * its version. */
#define LIST_WORD_SIZE_MAX 320

struct word {
	size_t size; /* 0: not known */
	uint8_t octets[LIST_WORD_SIZE_MAX];
};

struct walk {
	struct scan scan;
	struct nodes nodes;
	struct findings *findings;
	object_taker *take;
	void *arg;
};

/* The list whose items are walked. */
struct list {
	size_t at; /* its '{' */
	struct word kind, api_version;
	bool looked_ahead;
	bool has_items;
};

/* Move behind the value at `at`, which nodes_read() refused by a limit: it costs itself alone
 * (rule 6). ERR_INVALID: it has no end. */
static enum err pass_over(struct walk *walk, size_t at, struct why *why)
{
	struct scan *scan = &walk->scan;
	size_t refused_at = scan->at;
	scan->at = at;
	if (scan_skip(scan))
		return ERR_OK;
	scan_wrap(scan, refused_at, why);
	return ERR_INVALID;
}

static void report_left_out(struct walk *walk, size_t at, const struct why *limit)
{
	walk->findings->line = scan_line(&walk->scan, at);
	findings_add(walk->findings, SEVERITY_ERROR, FINDING_LIMIT, "an object is left out: %s",
	             limit->text);
}

static void word_set(struct word *word, struct bytes text)
{
	word->size = text.size <= sizeof word->octets ? text.size : 0;
	if (word->size != 0)
		memcpy(word->octets, text.data, word->size);
}

/* Does the member that `key` names matter, and where is it kept? */
static struct word *list_word(struct list *list, struct bytes key)
{
	if (bytes_equal(key, bytes_of("kind")))
		return &list->kind;
	if (bytes_equal(key, bytes_of("apiVersion")))
		return &list->api_version;
	return NULL;
}

/*
 * Find the list's kind and apiVersion wherever they stand: kubectl and sorted output put kind
 * behind the items. What can't be read ends the search silently: the walk itself will come by and
 * complain.
 */
static void look_ahead(const struct walk *walk, struct list *list)
{
	list->looked_ahead = true;
	struct scan scan = walk->scan;
	struct why unheard;
	scan.at = list->at + 1;
	while (scan_next(&scan) == '"') {
		struct scan_string key, value;
		if (scan_string(&scan, &key, &unheard) != ERR_OK ||
		    scan_take(&scan, ':', "':'", &unheard) != ERR_OK)
			return;
		struct word *word = list_word(list, key.raw);
		if (word != NULL && scan_next(&scan) == '"') {
			if (scan_string(&scan, &value, &unheard) != ERR_OK)
				return;
			word_set(word, value.raw);
		} else if (!scan_skip(&scan)) {
			return;
		}
		if (scan_take(&scan, ',', "','", &unheard) != ERR_OK)
			return;
	}
}

/* The item's own kind and apiVersion, or what a typed list (ServiceList) says of all its items. */
static void name_item(const struct walk *walk, struct list *list, struct object *object)
{
	static const char SUFFIX[] = "List";
	const size_t suffix_size = sizeof SUFFIX - 1;
	if (object->kind.size != 0 && object->api_version.size != 0)
		return;
	if (!list->looked_ahead && (list->kind.size == 0 || list->api_version.size == 0))
		look_ahead(walk, list);
	const struct word *kind = &list->kind;
	if (kind->size <= suffix_size ||
	    memcmp(kind->octets + kind->size - suffix_size, SUFFIX, suffix_size) != 0)
		return;
	if (object->kind.size == 0)
		object->kind = (struct bytes){kind->octets, kind->size - suffix_size};
	if (object->api_version.size == 0)
		object->api_version = (struct bytes){list->api_version.octets, list->api_version.size};
}

/* Hand the object in `walk->nodes` on. `list`: NULL where it stands in none. */
static enum err give(struct walk *walk, size_t at, enum object_place place, struct list *list,
                     struct why *why)
{
	const struct nodes *nodes = &walk->nodes;
	uint32_t kind = node_member(nodes, NODE_ROOT, "kind");
	uint32_t api_version = node_member(nodes, NODE_ROOT, "apiVersion");
	struct object object = {.nodes = nodes, .place = place, .at = at};
	if (node_type(nodes, kind) == NODE_STRING)
		object.kind = node_text(nodes, kind);
	if (node_type(nodes, api_version) == NODE_STRING)
		object.api_version = node_text(nodes, api_version);
	if (list != NULL)
		name_item(walk, list, &object);
	walk->findings->line = scan_line(&walk->scan, at);
	enum err err = walk->take(walk->arg, &object, why);
	if (err != ERR_OK)
		scan_wrap(&walk->scan, at, why);
	return err;
}

/* Let an empty object stand for one that is left out. */
static enum err nodes_empty(struct walk *walk, struct why *why)
{
	struct scan empty;
	scan_init(&empty, bytes_of("{}"));
	return nodes_read(&walk->nodes, &empty, STATE_OBJECT_SIZE_MAX, why);
}

/* What is too large is no list: it has only what walk_list() could tell of it. */
static enum err give_left_out(struct walk *walk, enum object_place place, const struct list *list,
                              const struct why *limit, struct why *why)
{
	enum err err = nodes_empty(walk, why);
	if (err != ERR_OK)
		return err;
	struct object object = {.nodes = &walk->nodes,
	                        .kind = {list->kind.octets, list->kind.size},
	                        .api_version = {list->api_version.octets, list->api_version.size},
	                        .place = place,
	                        .left_out = true,
	                        .limit = limit,
	                        .at = list->at};
	err = walk->take(walk->arg, &object, why);
	if (err == ERR_OK)
		report_left_out(walk, list->at, limit);
	else
		scan_wrap(&walk->scan, list->at, why);
	return err;
}

/* The same of an item, which is passed over already. */
static enum err give_item_left_out(struct walk *walk, struct list *list, size_t at,
                                   const struct why *limit, struct why *why)
{
	struct object object = {.nodes = &walk->nodes,
	                        .place = OBJECT_ITEM,
	                        .left_out = true,
	                        .limit = limit,
	                        .text = {walk->scan.text.data + at, walk->scan.at - at},
	                        .at = at};
	enum err err = nodes_empty(walk, why);
	if (err != ERR_OK)
		return err;
	name_item(walk, list, &object);
	report_left_out(walk, at, limit);
	err = walk->take(walk->arg, &object, why);
	if (err != ERR_OK)
		scan_wrap(&walk->scan, at, why);
	return err;
}

/* The object at `at` of a list's items was read: hand it on, or leave it out. */
static enum err end_item(struct walk *walk, struct list *list, size_t at, enum err err,
                         struct why *why)
{
	if (err == ERR_OK)
		return give(walk, at, OBJECT_ITEM, list, why);
	if (err != ERR_LIMIT)
		return err;
	const struct why limit = *why;
	err = pass_over(walk, at, why);
	return err == ERR_OK ? give_item_left_out(walk, list, at, &limit, why) : err;
}

static enum err walk_items(struct walk *walk, struct list *list, struct why *why)
{
	struct scan *scan = &walk->scan;
	scan->at++; /* '[' */
	if (scan_next(scan) == ']') {
		scan->at++;
		return ERR_OK;
	}
	for (;;) {
		if (scan_next(scan) != '{')
			return scan_expected(scan, "an object in the list's items", why);
		size_t at = scan->at;
		enum err err = nodes_read(&walk->nodes, scan, STATE_OBJECT_SIZE_MAX, why);
		err = end_item(walk, list, at, err, why);
		if (err != ERR_OK)
			return err;
		if (scan_next(scan) == ']') {
			scan->at++;
			return ERR_OK;
		}
		err = scan_take(scan, ',', "',' or ']'", why);
		if (err != ERR_OK)
			return err;
	}
}

/* A member's value in a list; the next octet is its first. */
static enum err walk_list_value(struct walk *walk, struct list *list, size_t key_at,
                                struct bytes key, struct why *why)
{
	struct scan *scan = &walk->scan;
	if (bytes_equal(key, bytes_of("items")) && scan_next(scan) == '[') {
		if (list->has_items)
			return scan_fail(scan, key_at, why, "one list has two members `items`");
		list->has_items = true;
		return walk_items(walk, list, why);
	}
	(void)scan_next(scan);
	size_t at = scan->at;
	enum err err = nodes_read(&walk->nodes, scan, STATE_OBJECT_SIZE_MAX, why);
	if (err == ERR_LIMIT)
		return pass_over(walk, at, why); /* a list's metadata don't matter */
	if (err != ERR_OK)
		return err;
	struct word *word = list_word(list, key);
	if (word != NULL && node_type(&walk->nodes, NODE_ROOT) == NODE_STRING)
		word_set(word, node_text(&walk->nodes, NODE_ROOT));
	return ERR_OK;
}

/* `limit`: why the whole couldn't be read at once, which rules it out unless it is a list. */
static enum err walk_list(struct walk *walk, enum object_place place, const struct why *limit,
                          struct why *why)
{
	struct scan *scan = &walk->scan;
	struct list list = {.at = scan->at};
	do {
		scan->at++; /* '{' or ',' */
		if (scan_next(scan) != '"')
			return scan_expected(scan, "a key", why);
		size_t key_at = scan->at;
		struct scan_string key;
		enum err err = scan_string(scan, &key, why);
		if (err == ERR_OK)
			err = scan_take(scan, ':', "':' after a key", why);
		if (err == ERR_OK)
			err = walk_list_value(walk, &list, key_at, key.raw, why);
		if (err != ERR_OK)
			return err;
	} while (scan_next(scan) == ',');
	enum err err = scan_take(scan, '}', "',' or '}'", why);
	return err == ERR_OK && !list.has_items ? give_left_out(walk, place, &list, limit, why) : err;
}

/*
 * An object, or a list of them. Which of them is only known by its members, so it is read as an
 * object first; a list, and what is too large to be anything else, is then walked item by item.
 */
static enum err walk_object(struct walk *walk, enum object_place place, struct why *why)
{
	size_t at = walk->scan.at;
	struct why refusal = {{0}};
	enum err err = nodes_read(&walk->nodes, &walk->scan, STATE_OBJECT_SIZE_MAX, &refusal);
	if (err != ERR_OK && err != ERR_LIMIT) {
		*why = refusal;
		return err;
	}
	uint32_t items = err == ERR_OK ? node_member(&walk->nodes, NODE_ROOT, "items") : NODE_ABSENT;
	if (err == ERR_OK && node_type(&walk->nodes, items) != NODE_ARRAY)
		return give(walk, at, place, NULL, why);
	walk->scan.at = at;
	return walk_list(walk, place, &refusal, why);
}

static enum err walk_array(struct walk *walk, struct why *why)
{
	struct scan *scan = &walk->scan;
	scan->at++; /* '[' */
	if (scan_next(scan) == ']') {
		scan->at++;
		return ERR_OK;
	}
	for (;;) {
		if (scan_next(scan) != '{')
			return scan_expected(scan, "an object in the array", why);
		enum err err = walk_object(walk, OBJECT_ELEMENT, why);
		if (err != ERR_OK)
			return err;
		if (scan_next(scan) == ']') {
			scan->at++;
			return ERR_OK;
		}
		err = scan_take(scan, ',', "',' or ']'", why);
		if (err != ERR_OK)
			return err;
	}
}

static enum err walk_documents(struct walk *walk, struct why *why)
{
	struct scan *scan = &walk->scan;
	static const uint8_t MARK[] = {0xef, 0xbb, 0xbf};
	if (scan->text.size >= sizeof MARK && memcmp(scan->text.data, MARK, sizeof MARK) == 0)
		return scan_fail(scan, 0, why, "a byte order mark, which JSON doesn't allow");
	if (scan_next(scan) < 0)
		return scan_fail(scan, scan->at, why, "no JSON value: the text is empty");
	for (int next; (next = scan_next(scan)) >= 0;) {
		enum err err = next == '{'   ? walk_object(walk, OBJECT_DOCUMENT, why)
		               : next == '[' ? walk_array(walk, why)
		                             : scan_expected(scan, "an object or an array", why);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

enum err walk_objects(struct bytes text, struct findings *findings, object_taker *take, void *arg,
                      struct why *why)
{
	assert(findings != NULL && take != NULL && why != NULL);
	struct walk walk = {.findings = findings, .take = take, .arg = arg};
	scan_init(&walk.scan, text);
	nodes_init(&walk.nodes);
	unsigned line = findings->line;
	enum err err = walk_documents(&walk, why);
	nodes_clear(&walk.nodes);
	findings->line = line;
	return err;
}
