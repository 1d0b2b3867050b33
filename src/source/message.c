#include "message.h"

#include "scan.h"

#include <string.h>

/* A member of a message's top level that is looked for; the last one of a name counts. */
struct member {
	const char *name;
	struct bytes text; /* raw; empty: not there */
};

/* Walk over the members of the object `text` without judging their values. */
static enum err members_find(struct bytes text, struct member *members, size_t count,
                             struct why *why)
{
	struct scan scan;
	scan_init(&scan, text);
	enum err err = scan_take(&scan, '{', "a JSON object", why);
	if (err != ERR_OK || scan_next(&scan) == '}')
		return err;
	for (;;) {
		struct scan_string key;
		if (scan_next(&scan) != '"')
			return scan_expected(&scan, "a member's name", why);
		err = scan_string(&scan, &key, why);
		if (err == ERR_OK)
			err = scan_take(&scan, ':', "\":\"", why);
		if (err != ERR_OK)
			return err;
		(void)scan_next(&scan);
		size_t begin = scan.at;
		if (!scan_skip(&scan))
			return scan_expected(&scan, "the end of a value", why);
		for (size_t i = 0; i < count; i++) {
			if (bytes_equal(key.raw, bytes_of(members[i].name)))
				members[i].text = (struct bytes){text.data + begin, scan.at - begin};
		}
		if (scan_next(&scan) == '}')
			return ERR_OK;
		err = scan_take(&scan, ',', "\",\" or \"}\"", why);
		if (err != ERR_OK)
			return err;
	}
}

/* Is `raw` the JSON string `word`? Words of ours need no escapes. */
static bool raw_is(struct bytes raw, const char *word)
{
	size_t size = strlen(word);
	return raw.size == size + 2 && raw.data[0] == '"' && memcmp(raw.data + 1, word, size) == 0;
}

/* Copy text that must fit and must not hold a NUL. */
static bool text_copy(struct bytes text, char *out, size_t size)
{
	if (text.size >= size || memchr(text.data, 0, text.size) != NULL)
		return false;
	memcpy(out, text.data, text.size);
	out[text.size] = '\0';
	return true;
}

static enum err list_metadata_read(struct bytes text, struct nodes *nodes, struct list_head *out,
                                   struct why *why)
{
	enum err err = nodes_read_whole(nodes, text, why);
	if (err != ERR_OK)
		return err;
	struct bytes version = node_text(nodes, node_member(nodes, NODE_ROOT, "resourceVersion"));
	struct bytes more = node_text(nodes, node_member(nodes, NODE_ROOT, "continue"));
	if (version.size == 0 || !text_copy(version, out->version, sizeof out->version)) {
		why_set(why, "a list without a resourceVersion that can be used");
		return ERR_INVALID;
	}
	if (more.size != 0 && !text_copy(more, out->continue_token, sizeof out->continue_token)) {
		why_set(why, "a continue token of %zu octets", more.size);
		return ERR_INVALID;
	}
	return ERR_OK;
}

enum err list_head_read(struct bytes text, const char *kind, struct nodes *nodes,
                        struct list_head *out, struct why *why)
{
	struct member members[] = {{.name = "kind"}, {.name = "metadata"}};
	out->version[0] = out->continue_token[0] = '\0';
	enum err err = members_find(text, members, 2, why);
	if (err != ERR_OK)
		return err;
	if (!raw_is(members[0].text, kind)) {
		why_set(why, "kind %.*s instead of \"%s\"",
		        (int)(members[0].text.size < 80 ? members[0].text.size : 80),
		        (const char *)members[0].text.data, kind);
		return ERR_INVALID;
	}
	if (members[1].text.size == 0) {
		why_set(why, "a list without metadata");
		return ERR_INVALID;
	}
	return list_metadata_read(members[1].text, nodes, out, why);
}

enum err event_read(struct bytes text, enum event_type *type, struct bytes *object, struct why *why)
{
	static const char *const WORDS[] = {[EVENT_ADDED] = "ADDED",
	                                    [EVENT_MODIFIED] = "MODIFIED",
	                                    [EVENT_DELETED] = "DELETED",
	                                    [EVENT_BOOKMARK] = "BOOKMARK",
	                                    [EVENT_ERROR] = "ERROR"};
	struct member members[] = {{.name = "type"}, {.name = "object"}};
	enum err err = members_find(text, members, 2, why);
	if (err != ERR_OK)
		return err;
	if (members[0].text.size == 0 || members[1].text.size == 0 || members[1].text.data[0] != '{') {
		why_set(why, "a watch event without type and object");
		return ERR_INVALID;
	}
	*type = EVENT_UNKNOWN;
	for (unsigned i = 0; i < EVENT_UNKNOWN; i++) {
		if (raw_is(members[0].text, WORDS[i]))
			*type = (enum event_type)i;
	}
	*object = members[1].text;
	return ERR_OK;
}

static unsigned number_of(const struct nodes *nodes, uint32_t node)
{
	uint64_t number;
	if (node_type(nodes, node) != NODE_NUMBER ||
	    !bytes_number(node_text(nodes, node), UINT32_MAX, &number))
		return 0;
	return (unsigned)number;
}

/* What fits, printable: words of an outsider go into our log. */
static void words_copy(struct bytes text, char *out, size_t size)
{
	size_t count = text.size < size ? text.size : size - 1;
	for (size_t i = 0; i < count; i++)
		out[i] = (char)(text.data[i] < ' ' || text.data[i] == 0x7f ? '?' : text.data[i]);
	out[count] = '\0';
}

bool status_read(const struct nodes *nodes, struct status_read *out)
{
	*out = (struct status_read){.code = 0};
	if (!node_is_text(nodes, node_member(nodes, NODE_ROOT, "kind"), "Status"))
		return false;
	uint32_t details = node_member(nodes, NODE_ROOT, "details");
	out->code = number_of(nodes, node_member(nodes, NODE_ROOT, "code"));
	out->retry_after_s = number_of(nodes, node_member(nodes, details, "retryAfterSeconds"));
	words_copy(node_text(nodes, node_member(nodes, NODE_ROOT, "reason")), out->reason,
	           sizeof out->reason);
	words_copy(node_text(nodes, node_member(nodes, NODE_ROOT, "message")), out->message,
	           sizeof out->message);
	return true;
}

void refusal_read(unsigned status, struct bytes body, struct why *why)
{
	struct nodes nodes;
	struct why unread;
	struct status_read said = {.code = 0};
	nodes_init(&nodes);
	if (nodes_read_whole(&nodes, body, &unread) == ERR_OK)
		(void)status_read(&nodes, &said);
	nodes_clear(&nodes);
	why_set(why, "HTTP %u%s%s%s%s", status, said.reason[0] != '\0' ? ": " : "", said.reason,
	        said.message[0] != '\0' ? ": " : "", said.message);
}

struct bytes object_version(const struct nodes *nodes)
{
	uint32_t metadata = node_member(nodes, NODE_ROOT, "metadata");
	return node_text(nodes, node_member(nodes, metadata, "resourceVersion"));
}
