#include "credentials_answer.h"

#include "fedns/utf8.h"
#include "fedns/when.h"

#include <openssl/crypto.h>
#include <string.h>

#define CODE_SHOWN    80
#define MESSAGE_SHOWN 240

/* --- grants ------------------------------------------------------------------------------- */

void grant_clear(struct grant *grant)
{
	secret_memory_free(&grant->memory);
	*grant = (struct grant){.got_ms = 0};
}

void grant_move(struct grant *to, struct grant *from)
{
	grant_clear(to);
	*to = *from;
	*from = (struct grant){.got_ms = 0};
}

/* They become header values and parts of requests. */
static enum err text_check(const char *name, const char *text, struct why *why)
{
	if (strlen(text) >= CREDENTIAL_SIZE_MAX) {
		why_set(why, "the %s is longer than %d octets", name, CREDENTIAL_SIZE_MAX - 1);
		return ERR_LIMIT;
	}
	bool good = *text != '\0';
	for (const char *at = text; *at != '\0'; at++)
		good = good && *at >= ' ' && *at <= '~';
	if (good)
		return ERR_OK;
	why_set(why, "the %s is %s", name,
	        *text == '\0' ? "empty" : "no plain text: it has control or other signs in it");
	return ERR_INVALID;
}

enum err grant_set(struct grant *grant, const char *id, const char *secret, const char *token,
                   struct why *why)
{
	struct grant fresh = {.expires_ms = INT64_MAX};
	if (token != NULL && *token == '\0')
		token = NULL;
	enum err err = text_check("access key id", id, why);
	if (err == ERR_OK)
		err = text_check("access key secret", secret, why);
	if (err == ERR_OK && token != NULL)
		err = text_check("security token", token, why);
	if (err == ERR_OK)
		err = secret_memory_init(&fresh.memory, (size_t)3 * CREDENTIAL_SIZE_MAX, why);
	if (err == ERR_OK) {
		fresh.credential.id = secret_memory_text(&fresh.memory, bytes_of(id));
		fresh.credential.secret = secret_memory_text(&fresh.memory, bytes_of(secret));
		if (token != NULL)
			fresh.credential.token = secret_memory_text(&fresh.memory, bytes_of(token));
	}
	grant_move(grant, &fresh);
	return err;
}

/* --- answers ------------------------------------------------------------------------------ */

static void strings_wipe(json_t *json)
{
	const char *key;
	json_t *member;
	size_t i;
	if (json_is_string(json)) {
		/* the string's own memory, given back right after */
		OPENSSL_cleanse((char *)json_string_value(json), json_string_length(json));
	} else if (json_is_object(json)) {
		json_object_foreach(json, key, member)
		{
			strings_wipe(member);
		}
	} else if (json_is_array(json)) {
		json_array_foreach(json, i, member)
		{
			strings_wipe(member);
		}
	}
}

void json_wipe(json_t *json)
{
	strings_wipe(json);
	json_decref(json);
}

static const char *text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));
	return text != NULL ? text : "";
}

static enum err bad(struct why *why, const char *sentence)
{
	why_set(why, "%s", sentence);
	return ERR_INVALID;
}

static enum err keys_take(const json_t *keys, int64_t now_ms, struct grant *out, struct why *why)
{
	int64_t expires_ms = when_parse(bytes_of(text_of(keys, "Expiration")));
	if (expires_ms == 0)
		return bad(why, "its Expiration is not there, or no time as of ISO 8601");
	if (expires_ms <= now_ms)
		return bad(why, "its keys have expired already: is the clock of this machine right?");
	if (*text_of(keys, "SecurityToken") == '\0')
		return bad(why, "it has no SecurityToken");
	enum err err = grant_set(out, text_of(keys, "AccessKeyId"), text_of(keys, "AccessKeySecret"),
	                         text_of(keys, "SecurityToken"), why);
	out->got_ms = now_ms;
	out->expires_ms = expires_ms;
	return err;
}

static void shown_copy(char *out, size_t size, const char *text)
{
	size_t length = strnlen(text, size - 1);
	memcpy(out, text, length);
	out[length] = '\0';
	utf8_clean(out);
}

static enum err answer_take(const json_t *answer, enum grant_form form, int64_t now_ms,
                            struct grant *out, struct why *why)
{
	char code[CODE_SHOWN];
	if (!json_is_object(answer))
		return bad(why, "its answer is no JSON object");
	if (form == GRANT_STS) {
		const json_t *keys = json_object_get(answer, "Credentials");
		return json_is_object(keys) ? keys_take(keys, now_ms, out, why)
		                            : bad(why, "its answer has no Credentials");
	}
	shown_copy(code, sizeof code, text_of(answer, "Code"));
	if (json_object_get(answer, "Code") != NULL && strcmp(code, "Success") != 0) {
		why_set(why, "it answers Code \"%s\"", code);
		return ERR_INVALID;
	}
	return keys_take(answer, now_ms, out, why);
}

enum err grant_read(struct bytes text, enum grant_form form, int64_t now_ms, struct grant *out,
                    struct why *why)
{
	json_error_t error; /* quotes the text: not shown */
	grant_clear(out);
	json_t *answer = json_loadb((const char *)text.data, text.size, 0, &error);
	if (answer == NULL)
		return bad(why, "its answer is not JSON");
	enum err err = answer_take(answer, form, now_ms, out, why);
	json_wipe(answer);
	if (err != ERR_OK)
		grant_clear(out);
	return err;
}

/* --- errors ------------------------------------------------------------------------------- */

static bool shows_any(const char *text, const struct bytes *secrets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (secret_shows(bytes_of(text), secrets[i]))
			return true;
	}
	return false;
}

enum err refusal_say(unsigned status, struct bytes text, const struct bytes *secrets,
                     size_t secret_count, struct why *why)
{
	json_error_t error;
	char code[CODE_SHOWN], message[MESSAGE_SHOWN];
	json_t *answer = json_loadb((const char *)text.data, text.size, 0, &error);
	shown_copy(code, sizeof code, text_of(answer, "Code"));
	shown_copy(message, sizeof message, text_of(answer, "Message"));
	json_wipe(answer);
	/* SignatureDoesNotMatch gives back what was signed, a security token within. */
	char *signed_text = strcasestr(message, "server string to sign");
	if (signed_text != NULL)
		*signed_text = '\0';
	if (shows_any(code, secrets, secret_count))
		code[0] = '\0';
	if (shows_any(message, secrets, secret_count))
		message[0] = '\0';
	bool clock = strcasestr(code, "timestamp") != NULL;
	why_set(why, "HTTP %u%s%s%s%s%s", status, code[0] != '\0' ? " " : "", code,
	        message[0] != '\0' ? ": " : "", message,
	        clock ? " (is the clock of this machine right?)" : "");
	return ERR_IO;
}
