/* markup: is this HTML such as ours always is? Each element ends in its order, each attribute is
 * quoted, nothing that came from elsewhere stands raw; no style and no script but the two files
 * that the policy allows. */
#ifndef FEDNS_TESTS_FUZZ_MARKUP_H
#define FEDNS_TESTS_FUZZ_MARKUP_H

#include "fedns/utf8.h"

#include <stdio.h>
#include <string.h>

#define MARKUP_DEPTH_MAX 64
#define MARKUP_IDS_MAX   256
#define MARKUP_WORD_MAX  64

struct markup {
	const char *at; /* what is left */
	char open[MARKUP_DEPTH_MAX][MARKUP_WORD_MAX];
	size_t depth;
	char ids[MARKUP_IDS_MAX][MARKUP_WORD_MAX];
	size_t id_count;
	char fault[160]; /* "": none */
};

static inline bool markup_fault(struct markup *markup, const char *fault)
{
	(void)snprintf(markup->fault, sizeof markup->fault, "%s before \"%.80s\"", fault, markup->at);
	return false;
}

static inline bool markup_among(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(word, words[i]) == 0)
			return true;
	}
	return false;
}

/* Letters, digits and hyphens. */
static inline size_t markup_word(struct markup *markup, char *out)
{
	static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
	size_t size = strspn(markup->at, LETTERS);
	if (size == 0 || size >= MARKUP_WORD_MAX)
		return 0;
	memcpy(out, markup->at, size);
	out[size] = '\0';
	markup->at += size;
	return size;
}

static inline bool markup_entity(struct markup *markup)
{
	static const char *const ENTITIES[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
	for (size_t i = 0; i < sizeof ENTITIES / sizeof ENTITIES[0]; i++) {
		if (strncmp(markup->at, ENTITIES[i], strlen(ENTITIES[i])) == 0) {
			markup->at += strlen(ENTITIES[i]);
			return true;
		}
	}
	return markup_fault(markup, "a raw &");
}

/* Up to one of `ends`, which text and values must not have raw. */
static inline bool markup_text(struct markup *markup, const char *ends)
{
	while (*markup->at != '\0' && strchr(ends, *markup->at) == NULL) {
		struct rune rune = utf8_first(bytes_of(markup->at));
		if (*markup->at == '&') {
			if (!markup_entity(markup))
				return false;
			continue;
		}
		bool turns = (rune.code >= 0x202a && rune.code <= 0x202e) ||
		             (rune.code >= 0x2066 && rune.code <= 0x2069);
		if (rune.size == 0 || turns || (rune_is_control(rune) && rune.code != '\n'))
			return markup_fault(markup, "an octet that has no place in text");
		markup->at += rune.size;
	}
	return true;
}

static inline bool markup_id(struct markup *markup, const char *value, size_t size)
{
	if (size == 0 || size >= MARKUP_WORD_MAX || markup->id_count == MARKUP_IDS_MAX)
		return markup_fault(markup, "an id that is none, or too many");
	char *id = markup->ids[markup->id_count];
	memcpy(id, value, size);
	id[size] = '\0';
	for (size_t i = 0; i < markup->id_count; i++) {
		if (strcmp(markup->ids[i], id) == 0)
			return markup_fault(markup, "an id given twice");
	}
	markup->id_count++;
	return true;
}

static inline bool markup_attribute(struct markup *markup)
{
	static const char *const ALONE[] = {"hidden", "required", "defer"};
	char name[MARKUP_WORD_MAX];
	if (markup_word(markup, name) == 0)
		return markup_fault(markup, "no attribute");
	if (strcmp(name, "style") == 0 || strncmp(name, "on", 2) == 0)
		return markup_fault(markup, "an attribute that the policy forbids");
	if (*markup->at != '=')
		return markup_among(name, ALONE, 3) || markup_fault(markup, "an attribute without value");
	if (markup->at[1] != '"')
		return markup_fault(markup, "a value without quotes");
	const char *value = markup->at += 2;
	/* the icon is markup in an attribute, and ours */
	if (!markup_text(markup, "\"<") || *markup->at != '"')
		return markup->fault[0] == '\0' ? markup_fault(markup, "a raw < in a value") : false;
	size_t size = (size_t)(markup->at - value);
	markup->at++;
	return strcmp(name, "id") != 0 || markup_id(markup, value, size);
}

static inline bool markup_open(struct markup *markup)
{
	static const char *const VOID[] = {"meta", "link", "input"};
	char name[MARKUP_WORD_MAX];
	if (markup_word(markup, name) == 0 || strcmp(name, "style") == 0)
		return markup_fault(markup, "no element");
	while (*markup->at == ' ') {
		markup->at++;
		if (!markup_attribute(markup))
			return false;
	}
	bool ends = *markup->at == '/';
	markup->at += ends;
	if (*markup->at != '>')
		return markup_fault(markup, "an element that does not end");
	markup->at++;
	if (ends || markup_among(name, VOID, 3))
		return true;
	if (markup->depth == MARKUP_DEPTH_MAX)
		return markup_fault(markup, "elements too deep");
	memcpy(markup->open[markup->depth++], name, sizeof name);
	return true;
}

static inline bool markup_close(struct markup *markup)
{
	char name[MARKUP_WORD_MAX];
	if (markup_word(markup, name) == 0 || *markup->at != '>')
		return markup_fault(markup, "no end of an element");
	markup->at++;
	if (markup->depth == 0 || strcmp(markup->open[--markup->depth], name) != 0)
		return markup_fault(markup, "an end of what is not open");
	return true;
}

/** Is `text`, up to its NUL, whole and good? False: `markup->fault` says what is not. */
static inline bool markup_good(struct markup *markup, const char *text)
{
	static const char DOCTYPE[] = "<!DOCTYPE html>\n";
	*markup = (struct markup){.at = text};
	if (strncmp(text, DOCTYPE, sizeof DOCTYPE - 1) == 0)
		markup->at += sizeof DOCTYPE - 1;
	while (*markup->at != '\0') {
		if (!markup_text(markup, "<"))
			return false;
		if (*markup->at == '\0')
			break;
		bool close = markup->at[1] == '/';
		markup->at += close ? 2 : 1;
		if (!(close ? markup_close(markup) : markup_open(markup)))
			return false;
	}
	return markup->depth == 0 || markup_fault(markup, "an element that is open at the end");
}

#endif
