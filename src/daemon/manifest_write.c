/* A tree of jansson's, as YAML. */
#include "manifest_tree.h"

#include <string.h>

#define INDENT 2

static enum err value_write(const json_t *value, unsigned depth, bool in_list, struct buf *out);

static enum err spaces_write(struct buf *out, unsigned depth)
{
	return buf_printf(out, "%*s", (int)(depth * INDENT), "");
}

/* --- text --------------------------------------------------------------------------------- */

static bool is_letter(char octet)
{
	return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z');
}

/* Words that a reader of YAML 1.1 or 1.2 takes for something else than text. */
static bool is_reserved(const char *text)
{
	static const char *const WORDS[] = {"true", "false", "null", "yes", "no", "on",
	                                    "off",  "y",     "n",    "nan", "inf"};
	for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
		if (bytes_equal_nocase(bytes_of(text), bytes_of(WORDS[i])))
			return true;
	}
	return false;
}

/* May it stand without quotes? Only what surely may: a letter first, and nothing that means
 * anything in YAML. */
static bool is_plain(const char *text, size_t size)
{
	static const char OCTETS[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";
	return size != 0 && (is_letter(text[0]) || text[0] == '/') && strspn(text, OCTETS) == size &&
	       !is_reserved(text);
}

/* Lines of printable ASCII, of which the last ends, and the first doesn't begin with a blank. */
static bool is_block(const char *text, size_t size)
{
	if (size < 2 || text[size - 1] != '\n' || text[size - 2] == '\n' || text[0] == ' ' ||
	    text[0] == '\n')
		return false;
	for (size_t i = 0; i < size; i++) {
		if (text[i] != '\n' && (text[i] < ' ' || text[i] > '~'))
			return false;
	}
	return true;
}

/* JSON's escapes are YAML's; what JSON lets be is escaped too where YAML or a terminal minds: DEL,
 * C1, line and paragraph separators, marks of byte order. */
static enum err quoted_write(const char *text, size_t size, struct buf *out)
{
	enum err err = buf_add(out, bytes_of("\""));
	for (size_t i = 0; i < size && err == ERR_OK; i++) {
		uint8_t octet = (uint8_t)text[i];
		uint8_t second = i + 1 < size ? (uint8_t)text[i + 1] : 0;
		uint8_t third = i + 2 < size ? (uint8_t)text[i + 2] : 0;
		if (octet == '"' || octet == '\\') {
			err = buf_printf(out, "\\%c", octet);
		} else if (octet == '\n') {
			err = buf_add(out, bytes_of("\\n"));
		} else if (octet < ' ' || octet == 0x7f) {
			err = buf_printf(out, "\\x%02x", octet);
		} else if (octet == 0xc2 && second < 0xa0) {
			err = buf_printf(out, "\\x%02x", second);
			i++;
		} else if (octet == 0xe2 && second == 0x80 && (third == 0xa8 || third == 0xa9)) {
			err = buf_printf(out, "\\u20%02x", third - 0x80);
			i += 2;
		} else if (octet == 0xef && second == 0xbb && third == 0xbf) {
			err = buf_add(out, bytes_of("\\ufeff"));
			i += 2;
		} else {
			err = buf_add(out, (struct bytes){(const uint8_t *)text + i, 1});
		}
	}
	return err == ERR_OK ? buf_add(out, bytes_of("\"")) : err;
}

static enum err block_write(const char *text, unsigned depth, struct buf *out)
{
	enum err err = buf_add(out, bytes_of("|\n"));
	while (*text != '\0' && err == ERR_OK) {
		size_t size = strcspn(text, "\n") + 1;
		if (size > 1)
			err = spaces_write(out, depth);
		if (err == ERR_OK)
			err = buf_add(out, (struct bytes){(const uint8_t *)text, size});
		text += size;
	}
	return err;
}

/* With the end of its line. */
static enum err text_write(const json_t *value, unsigned depth, struct buf *out)
{
	const char *text = json_string_value(value);
	size_t size = json_string_length(value);
	if (is_block(text, size))
		return block_write(text, depth, out);
	enum err err = is_plain(text, size) ? buf_add(out, (struct bytes){(const uint8_t *)text, size})
	                                    : quoted_write(text, size, out);
	return err == ERR_OK ? buf_add(out, bytes_of("\n")) : err;
}

static enum err scalar_write(const json_t *value, unsigned depth, struct buf *out)
{
	if (json_is_string(value))
		return text_write(value, depth, out);
	if (json_is_integer(value))
		return buf_printf(out, "%" JSON_INTEGER_FORMAT "\n", json_integer_value(value));
	return buf_printf(out, "%s\n",
	                  json_is_true(value)    ? "true"
	                  : json_is_false(value) ? "false"
	                                         : "null");
}

/* --- collections -------------------------------------------------------------------------- */

static enum err key_write(const char *key, struct buf *out)
{
	size_t size = strlen(key);
	enum err err = is_plain(key, size) ? buf_add(out, bytes_of(key)) : quoted_write(key, size, out);
	return err == ERR_OK ? buf_add(out, bytes_of(":")) : err;
}

/* Behind its key, or behind the dash of its place in a list. */
static enum err member_write(const json_t *value, unsigned depth, bool in_list, struct buf *out)
{
	bool nests = (json_is_object(value) && json_object_size(value) != 0) ||
	             (json_is_array(value) && json_array_size(value) != 0);
	enum err err = buf_add(out, bytes_of(nests && !in_list ? "\n" : " "));
	if (err != ERR_OK)
		return err;
	if (nests)
		return value_write(value, depth, in_list, out);
	if (json_is_object(value) || json_is_array(value))
		return buf_add(out, bytes_of(json_is_object(value) ? "{}\n" : "[]\n"));
	return scalar_write(value, depth, out);
}

static enum err map_write(const json_t *map, unsigned depth, bool in_list, struct buf *out)
{
	const char *key;
	json_t *value;
	enum err err = ERR_OK;
	bool first = true;
	json_object_foreach((json_t *)map, key, value)
	{
		/* the first stands behind the dash */
		if (!first || !in_list)
			err = spaces_write(out, depth);
		if (err == ERR_OK)
			err = key_write(key, out);
		if (err == ERR_OK)
			err = member_write(value, depth + 1, false, out);
		if (err != ERR_OK)
			return err;
		first = false;
	}
	return err;
}

static enum err list_write(const json_t *list, unsigned depth, bool in_list, struct buf *out)
{
	size_t i;
	json_t *value;
	enum err err = ERR_OK;
	json_array_foreach(list, i, value)
	{
		if (i != 0 || !in_list)
			err = spaces_write(out, depth);
		if (err == ERR_OK)
			err = buf_add(out, bytes_of("-"));
		if (err == ERR_OK)
			err = member_write(value, depth + 1, true, out);
		if (err != ERR_OK)
			return err;
	}
	return err;
}

/* As deep as the tree, which was made by us or read with YAML_DEPTH_MAX. */
static enum err value_write(const json_t *value, unsigned depth, bool in_list, struct buf *out)
{
	return json_is_object(value) ? map_write(value, depth, in_list, out)
	                             : list_write(value, depth, in_list, out);
}

enum err tree_write(const json_t *tree, struct buf *out)
{
	return json_object_size(tree) != 0 ? map_write(tree, 0, false, out)
	                                   : buf_add(out, bytes_of("{}\n"));
}
