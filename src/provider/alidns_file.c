#include "fedns/credentials.h"

#include "alidns_endpoint.h"
#include "fedns/dns.h"
#include "fedns/utf8.h"
#include "ini_text.h"
#include "secret_memory.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILE_SIZE_MAX ((size_t)64 * 1024) /* three values of CREDENTIAL_SIZE_MAX, and comments */
#define SECTION       "Global"
#define BLANKS        ", \t"

struct loading {
	struct alidns_file *file;
	unsigned seen; /* keys, by their places in KEYS */
};

struct key {
	const char *name;
	enum err (*apply)(struct alidns_file *file, const struct key *key, char *value,
	                  struct why *why);
	size_t at; /* of its member of struct alidns_file */
};

/* --- values ------------------------------------------------------------------------------- */

static enum err bad(struct why *why, const struct key *key, const char *sentence)
{
	why_set(why, "%s %s", key->name, sentence);
	return ERR_INVALID;
}

static enum err word_apply(struct alidns_file *file, const struct key *key, char *value,
                           struct why *why)
{
	for (const char *at = value; *at != '\0'; at++) {
		if (*at <= ' ' || *at > '~')
			return bad(why, key, "has a blank or another sign in it that doesn't belong there");
	}
	if (strlen(value) >= CREDENTIAL_SIZE_MAX)
		return bad(why, key, "is longer than any that is given out");
	memcpy((char *)file + key->at, &value, sizeof value);
	return ERR_OK;
}

static enum err role_apply(struct alidns_file *file, const struct key *key, char *value,
                           struct why *why)
{
	if (strncmp(value, "acs:ram::", 9) != 0 || strstr(value, ":role/") == NULL)
		return bad(why, key, "is no role: acs:ram::ACCOUNT:role/NAME");
	return word_apply(file, key, value, why);
}

static enum err endpoint_apply(struct alidns_file *file, const struct key *key, char *value,
                               struct why *why)
{
	struct endpoint endpoint;
	enum err err = word_apply(file, key, value, why);
	return err == ERR_OK ? endpoint_read(value, &endpoint, why) : err;
}

static enum err zones_apply(struct alidns_file *file, const struct key *key, char *value,
                            struct why *why)
{
	char *at = value;
	for (at += strspn(at, BLANKS); *at != '\0'; at += strspn(at, BLANKS)) {
		struct name name;
		struct why reason;
		size_t size = strcspn(at, BLANKS);
		bool last = at[size] == '\0';
		at[size] = '\0';
		if (name_parse(bytes_of(at), &name, &reason) != ERR_OK) {
			why_set(why, "zones: %s", reason.text);
			return ERR_INVALID;
		}
		if (file->zone_count == ALIDNS_ZONES_MAX) {
			why_set(why, "zones has more than %d names", ALIDNS_ZONES_MAX);
			return ERR_LIMIT;
		}
		file->zones[file->zone_count++] = at;
		at += size + !last;
	}
	return file->zone_count != 0 ? ERR_OK : bad(why, key, "names no zone");
}

#define MEMBER(name) offsetof(struct alidns_file, name)

static const struct key KEYS[] = {
	{"access-key-id", word_apply, MEMBER(access_key_id)},
	{"access-key-secret", word_apply, MEMBER(access_key_secret)},
	{"security-token", word_apply, MEMBER(security_token)},
	{"zones", zones_apply, 0},
	{"endpoint", endpoint_apply, MEMBER(endpoint)},
	{"region-id", word_apply, MEMBER(region_id)},
	{"role-arn", role_apply, MEMBER(role_arn)},
};
#define KEY_COUNT (sizeof KEYS / sizeof KEYS[0])

/* --- lines -------------------------------------------------------------------------------- */

static enum err unknown_key(const char *name, struct why *why)
{
	const char *nearest = NULL;
	unsigned least = UINT_MAX;
	char shown[64];
	(void)snprintf(shown, sizeof shown, "%s", name);
	utf8_clean(shown);
	for (size_t i = 0; i < KEY_COUNT; i++) {
		unsigned distance = word_distance(bytes_of(name), KEYS[i].name);
		if (distance < least) {
			least = distance;
			nearest = KEYS[i].name;
		}
	}
	if (nearest != NULL)
		why_set(why, "unknown key \"%s\"; did you mean \"%s\"?", shown, nearest);
	else
		why_set(why,
		        "unknown key \"%s\"; known are access-key-id, access-key-secret, zones, "
		        "security-token, endpoint, region-id and role-arn",
		        shown);
	return ERR_INVALID;
}

/* The guide's own reader takes values in quotes as well. */
static char *unquoted(char *value)
{
	size_t size = strlen(value);
	if (size < 2 || value[0] != '"' || value[size - 1] != '"')
		return value;
	value[size - 1] = '\0';
	return value + 1;
}

static enum err key_apply(struct loading *loading, size_t i, char *value, struct why *why)
{
	if ((loading->seen & 1U << i) != 0)
		return bad(why, &KEYS[i], "is given twice");
	loading->seen |= 1U << i;
	value = unquoted(value);
	if (*value == '\0')
		return bad(why, &KEYS[i], "has no value: give one, or leave the key out");
	if (strchr(value, '<') != NULL || strchr(value, '>') != NULL)
		return bad(why, &KEYS[i], "is still the guide's <placeholder>: fill in your own");
	return KEYS[i].apply(loading->file, &KEYS[i], value, why);
}

static enum err on_value(void *arg, unsigned line, const char *section, const char *name,
                         char *value, struct why *why)
{
	(void)line;
	struct loading *loading = arg;
	if (strcasecmp(section, SECTION) != 0) {
		char shown[64];
		(void)snprintf(shown, sizeof shown, "%s", section);
		utf8_clean(shown);
		if (*section == '\0')
			why_set(why, "a key before any section: the file begins with [" SECTION "]");
		else
			why_set(why, "a key in [%s]: all keys belong to [" SECTION "]", shown);
		return ERR_INVALID;
	}
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (strcasecmp(name, KEYS[i].name) == 0)
			return key_apply(loading, i, value, why);
	}
	return unknown_key(name, why);
}

/* --- the file ----------------------------------------------------------------------------- */

static enum err whole_check(const struct alidns_file *file, struct why *why)
{
	const char *given = NULL, *missing = NULL;
	if (file->access_key_id != NULL && file->access_key_secret == NULL) {
		given = "access-key-id";
		missing = "access-key-secret";
	} else if (file->access_key_id == NULL && file->access_key_secret != NULL) {
		given = "access-key-secret";
		missing = "access-key-id";
	} else if (file->access_key_id == NULL && file->security_token != NULL) {
		given = "security-token";
		missing = "access-key-id";
	}
	if (missing == NULL)
		return ERR_OK;
	why_set(
		why,
		"%s is given and %s is not: give both, or neither and let the environment say who we are",
		given, missing);
	return ERR_INVALID;
}

static enum err text_read(const char *path, struct secret_memory *text, size_t size,
                          struct alidns_file *out, struct why *why)
{
	struct loading loading = {.file = out};
	unsigned line;
	enum err err = ini_read((char *)text->data, size, on_value, &loading, &line, why);
	if (err == ERR_OK)
		err = whole_check(out, why);
	if (err != ERR_OK && line != 0)
		why_wrap(why, "%s:%u", path, line);
	else if (err != ERR_OK)
		why_wrap(why, "%s", path);
	return err;
}

enum err alidns_file_load(const char *path, struct alidns_file *out, struct why *why)
{
	unsigned mode;
	struct secret_memory text;
	*out = (struct alidns_file){.memory = NULL};
	enum err err = secret_file_read(path, FILE_SIZE_MAX, &text, &mode, why);
	if (err != ERR_OK)
		return err == ERR_MISSING ? ERR_IO : err;
	out->memory = malloc(sizeof text);
	if (out->memory == NULL) {
		secret_memory_free(&text);
		why_set(why, "no memory for %s", path);
		return ERR_NOMEM;
	}
	memcpy(out->memory, &text, sizeof text);
	err = text_read(path, &text, text.used, out, why);
	out->exposed = out->access_key_secret != NULL && (mode & 044) != 0;
	if (err != ERR_OK)
		alidns_file_free(out);
	return err;
}

void alidns_file_free(struct alidns_file *file)
{
	if (file->memory != NULL)
		secret_memory_free(file->memory);
	free(file->memory);
	*file = (struct alidns_file){.memory = NULL};
}
