/* Any octets as a Lease: never a crash; and what is read can be claimed, and is then ours, with all
 * else as it was. */
#include "fuzz.h"

#include "lease_object.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static void check(bool good)
{
	if (!good)
		abort();
}

/* Everything but the spec. */
static json_t *rest_of(struct bytes text)
{
	json_t *json = json_loadb((const char *)text.data, text.size, 0, NULL);
	check(json != NULL);
	(void)json_object_del(json, "spec");
	return json;
}

static void claim(const struct lease_object *object, struct bytes text,
                  const struct lease_claim *as)
{
	struct buf out;
	struct why why;
	struct lease_object *again;
	struct lease_record record;
	buf_init(&out, 2 * LEASE_OBJECT_SIZE_MAX);
	check(lease_object_write(object, as, "me", 1767225600000, &out, &why) == ERR_OK);
	check(lease_object_read(buf_bytes(&out), &again, &record, &why) == ERR_OK);
	check(strcmp(record.holder, as->release ? "" : "me") == 0);
	check(record.preferred[0] == '\0');
	check(record.duration_s == (as->release ? 1 : 15));
	check(record.transitions == as->transitions);
	json_t *before = rest_of(text), *after = rest_of(buf_bytes(&out));
	check(json_equal(before, after));
	json_decref(before);
	json_decref(after);
	lease_object_free(again);
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lease_object *object;
	struct lease_record record;
	struct why why;
	const struct bytes text = {data, size};
	enum err err = lease_object_read(text, &object, &record, &why);
	check((err == ERR_OK) == (object != NULL));
	if (err != ERR_OK) {
		check(why.text[0] != '\0' && record.holder[0] == '\0');
		return 0;
	}
	check(record.transitions <= INT32_MAX && record.duration_s <= INT32_MAX);
	claim(object, text, &(struct lease_claim){.transitions = record.transitions});
	claim(object, text, &(struct lease_claim){.keep_acquire = true, .transitions = 7});
	claim(object, text, &(struct lease_claim){.release = true});
	lease_object_free(object);
	return 0;
}
