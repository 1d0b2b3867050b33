/* How a service wishes to be probed, as text. */
#include "fedns/model.h"

#include <string.h>

/* RFC 3986 section 3.3: pchar and slash, and the question mark that begins a query. */
static bool is_path_octet(uint8_t octet)
{
	static const char OTHERS[] = "-._~%!$&'()*+,;=:@/?";
	return (octet >= '0' && octet <= '9') ||
	       (octet_lower(octet) >= 'a' && octet_lower(octet) <= 'z') ||
	       (octet != '\0' && strchr(OTHERS, octet) != NULL);
}

bool probe_path_valid(struct bytes path)
{
	if (path.size == 0 || path.size > PROBE_PATH_SIZE_MAX || path.data[0] != '/')
		return false;
	if (path.size > 1 && path.data[1] == '/')
		return false; /* RFC 3986 section 3.3: that would be an authority, of "http://..." */
	for (size_t i = 0; i < path.size; i++)
		if (!is_path_octet(path.data[i]))
			return false;
	return true;
}

/* Take what stands before any octet of `ends`, and leave the rest. */
static struct bytes take_until(struct bytes *text, const char *ends)
{
	size_t size = 0;
	while (size < text->size && (text->data[size] == '\0' || !strchr(ends, text->data[size])))
		size++;
	const struct bytes taken = {text->data, size};
	text->data += size;
	text->size -= size;
	return taken;
}

static bool kind_parse(struct bytes word, enum probe_kind *out)
{
	static const struct {
		const char *word;
		enum probe_kind kind;
	} KINDS[] = {
		{"none", PROBE_NONE}, {"tcp", PROBE_TCP}, {"http", PROBE_HTTP}, {"https", PROBE_HTTPS}};
	for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
		*out = KINDS[i].kind;
		if (bytes_equal(word, bytes_of(KINDS[i].word)))
			return true;
	}
	return false;
}

/* ":PORT", or the colon alone before a path ("http:/healthz"). */
static bool port_parse(struct bytes *rest, uint16_t *out)
{
	uint64_t port;
	rest->data++;
	rest->size--;
	struct bytes digits = take_until(rest, "/");
	if (digits.size == 0)
		return rest->size != 0;
	if (!bytes_number(digits, UINT16_MAX, &port) || port == 0)
		return false;
	*out = (uint16_t)port;
	return true;
}

bool probe_wish_parse(struct bytes text, struct probe_wish *out)
{
	struct probe_wish wish = {.port = 0};
	struct bytes rest = text;
	*out = (struct probe_wish){.kind = PROBE_DEFAULT};
	if (rest.size == 0 || !kind_parse(take_until(&rest, ":/"), &wish.kind))
		return false;
	if (rest.size != 0 && rest.data[0] == ':' && !port_parse(&rest, &wish.port))
		return false;
	wish.path = rest;
	bool may_have_path = wish.kind == PROBE_HTTP || wish.kind == PROBE_HTTPS;
	if (rest.size != 0 && !(may_have_path && probe_path_valid(rest)))
		return false;
	if (wish.kind == PROBE_NONE && text.size != strlen("none"))
		return false;
	*out = wish;
	return true;
}
