/* Any octets as an answer of STS, of the metadata server or of a credentials URI, and as an error
 * of theirs: keys that are fit for a header, or a sentence without control characters. */
#include "fuzz.h"

#include "credentials_answer.h"

#include <stdlib.h>
#include <string.h>

#define NOW_MS INT64_C(1795401074000)

static void check(bool good)
{
	if (!good)
		abort();
}

static void text_check(const char *text)
{
	check(text != NULL && *text != '\0' && strlen(text) < CREDENTIAL_SIZE_MAX);
	for (; *text != '\0'; text++)
		check(*text >= ' ' && *text <= '~');
}

static void answer_check(struct bytes text, enum grant_form form)
{
	struct grant grant = {.got_ms = 0};
	struct why why = {{0}};
	enum err err = grant_read(text, form, NOW_MS, &grant, &why);
	check((err == ERR_OK) == (why.text[0] == '\0'));
	check((err == ERR_OK) == (grant.credential.id != NULL));
	if (err == ERR_OK) {
		text_check(grant.credential.id);
		text_check(grant.credential.secret);
		text_check(grant.credential.token);
		check(grant.expires_ms > NOW_MS);
	}
	grant_clear(&grant);
}

static void refusal_check(struct bytes text)
{
	static const char SECRET[] = "s3cr3t";
	const struct bytes secret = bytes_of(SECRET);
	struct why why;
	check(refusal_say(400, text, &secret, 1, &why) == ERR_IO);
	check(strncmp(why.text, "HTTP 400", 8) == 0 && strstr(why.text, SECRET) == NULL);
	for (const char *at = why.text; *at != '\0'; at++)
		check((uint8_t)*at >= ' ' && *at != 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct bytes text = {data, size};
	answer_check(text, GRANT_STS);
	answer_check(text, GRANT_FLAT);
	refusal_check(text);
	return 0;
}
