#include "warning.h"

#include "fedns/utf8.h"

/* What Kubernetes has its warnings by: "miscellaneous, and it stays so". */
#define CODE "299"

static void octets_take(struct bytes *rest, size_t size)
{
	*rest = (struct bytes){rest->data + size, rest->size - size};
}

static void blanks_take(struct bytes *rest)
{
	while (rest->size != 0 && (rest->data[0] == ' ' || rest->data[0] == '\t'))
		octets_take(rest, 1);
}

/* Up to the next blank. */
static struct bytes word_take(struct bytes *rest)
{
	size_t size = 0;
	blanks_take(rest);
	while (size < rest->size && rest->data[size] != ' ' && rest->data[size] != '\t')
		size++;
	struct bytes word = {rest->data, size};
	octets_take(rest, size);
	blanks_take(rest);
	return word;
}

/* A quoted string, into `text` what has room there. */
static bool quoted_take(struct bytes *rest, char text[WARNING_TEXT_SIZE])
{
	size_t used = 0;
	if (rest->size == 0 || rest->data[0] != '"')
		return false;
	octets_take(rest, 1);
	while (rest->size != 0 && rest->data[0] != '"') {
		octets_take(rest, rest->data[0] == '\\' ? 1 : 0);
		if (rest->size == 0)
			return false;
		if (used < WARNING_TEXT_SIZE - 1)
			text[used++] = (char)(rest->data[0] == '\0' ? (uint8_t)' ' : rest->data[0]);
		octets_take(rest, 1);
	}
	if (rest->size == 0)
		return false;
	text[used] = '\0';
	octets_take(rest, 1);
	return true;
}

/* `code agent "text" ["date"]`, and the comma behind it. */
static bool entry_take(struct bytes *rest, struct bytes *code, char text[WARNING_TEXT_SIZE])
{
	char date[WARNING_TEXT_SIZE];
	*code = word_take(rest);
	(void)word_take(rest); /* who says so */
	if (!quoted_take(rest, text))
		return false;
	blanks_take(rest);
	if (rest->size != 0 && rest->data[0] == '"' && !quoted_take(rest, date))
		return false;
	blanks_take(rest);
	if (rest->size != 0 && rest->data[0] != ',')
		return false;
	octets_take(rest, rest->size != 0 ? 1 : 0);
	return true;
}

bool warning_take(struct bytes *rest, char text[WARNING_TEXT_SIZE])
{
	struct bytes code;
	while (rest->size != 0 && entry_take(rest, &code, text)) {
		if (!bytes_equal(code, bytes_of(CODE)) || text[0] == '\0')
			continue;
		utf8_clean(text);
		return true;
	}
	*rest = (struct bytes){NULL, 0};
	return false;
}
