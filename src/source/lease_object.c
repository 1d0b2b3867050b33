#include "lease_object.h"

#include "fedns/when.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VERSION "coordination.k8s.io/v1"
/* metav1.MicroTime: six decimals, always. */
#define MICRO_TIME_SIZE (WHEN_TEXT_SIZE + 3)
/* The last second of the year 9999: a clock that says more is wrong, and RFC 3339 ends there. */
#define WALL_MS_MAX INT64_C(253402300799000)

struct lease_object {
	json_t *json;
};

static enum err no_memory(struct why *why)
{
	why_set(why, "no memory for a Lease");
	return ERR_NOMEM;
}

static enum err object_make(json_t *json, struct lease_object **object, struct why *why)
{
	*object = malloc(sizeof **object);
	if (*object == NULL) {
		json_decref(json);
		return no_memory(why);
	}
	(*object)->json = json;
	return ERR_OK;
}

void lease_object_free(struct lease_object *object)
{
	if (object == NULL)
		return;
	json_decref(object->json);
	free(object);
}

/* --- reading ------------------------------------------------------------------------------ */

/* Missing and null are the same to the API. */
static bool is_void(const json_t *value)
{
	return value == NULL || json_is_null(value);
}

static enum err text_read(const json_t *spec, const char *key, char out[LEASE_HOLDER_SIZE],
                          struct why *why)
{
	const json_t *value = json_object_get(spec, key);
	out[0] = '\0';
	if (is_void(value))
		return ERR_OK;
	if (!json_is_string(value)) {
		why_set(why, "spec.%s is no string", key);
		return ERR_INVALID;
	}
	(void)snprintf(out, LEASE_HOLDER_SIZE, "%s", json_string_value(value));
	return ERR_OK;
}

static enum err number_read(const json_t *spec, const char *key, uint32_t *out, struct why *why)
{
	const json_t *value = json_object_get(spec, key);
	*out = 0;
	if (is_void(value))
		return ERR_OK;
	json_int_t number = json_is_integer(value) ? json_integer_value(value) : -1;
	if (number < 0 || number > INT32_MAX) {
		why_set(why, "spec.%s is no number from 0 to %d", key, INT32_MAX);
		return ERR_INVALID;
	}
	*out = (uint32_t)number;
	return ERR_OK;
}

/* A number for all that the spec says. */
static enum err mark_make(const json_t *spec, uint64_t *out, struct why *why)
{
	char *text = json_dumps(spec, JSON_COMPACT | JSON_SORT_KEYS);
	if (text == NULL)
		return no_memory(why);
	*out = hash_bytes(bytes_of(text), 0);
	free(text);
	return ERR_OK;
}

static enum err spec_read(const json_t *spec, struct lease_record *record, struct why *why)
{
	if (is_void(spec))
		return ERR_OK;
	if (!json_is_object(spec)) {
		why_set(why, "its spec is no object");
		return ERR_INVALID;
	}
	enum err err = text_read(spec, "holderIdentity", record->holder, why);
	if (err == ERR_OK)
		err = text_read(spec, "preferredHolder", record->preferred, why);
	if (err == ERR_OK)
		err = number_read(spec, "leaseDurationSeconds", &record->duration_s, why);
	if (err == ERR_OK)
		err = number_read(spec, "leaseTransitions", &record->transitions, why);
	return err == ERR_OK ? mark_make(spec, &record->mark, why) : err;
}

static bool text_is(const json_t *value, const char *text)
{
	return json_is_string(value) && strcmp(json_string_value(value), text) == 0;
}

static enum err lease_read(const json_t *json, struct lease_record *record, struct why *why)
{
	const json_t *metadata = json_object_get(json, "metadata");
	const char *version = json_string_value(json_object_get(metadata, "resourceVersion"));
	if (!text_is(json_object_get(json, "kind"), "Lease") ||
	    !text_is(json_object_get(json, "apiVersion"), VERSION)) {
		why_set(why, "not a Lease of " VERSION);
		return ERR_INVALID;
	}
	/* Without it a PUT would overwrite whatever has become of the Lease. */
	if (version == NULL || version[0] == '\0') {
		why_set(why, "a Lease without a resourceVersion");
		return ERR_INVALID;
	}
	return spec_read(json_object_get(json, "spec"), record, why);
}

enum err lease_object_read(struct bytes text, struct lease_object **object,
                           struct lease_record *record, struct why *why)
{
	json_error_t error;
	*object = NULL;
	*record = (struct lease_record){.duration_s = 0};
	if (text.size > LEASE_OBJECT_SIZE_MAX) {
		why_set(why, "a Lease of more than %zu octets", LEASE_OBJECT_SIZE_MAX);
		return ERR_LIMIT;
	}
	json_t *json = json_loadb((const char *)text.data, text.size, 0, &error);
	/* It has no words at all where its first allocation fails. */
	if (json == NULL &&
	    (error.text[0] == '\0' || json_error_code(&error) == json_error_out_of_memory))
		return no_memory(why);
	if (json == NULL) {
		why_set(why, "line %d: not JSON: %s", error.line, error.text);
		return ERR_INVALID;
	}
	enum err err = lease_read(json, record, why);
	if (err == ERR_OK)
		return object_make(json, object, why);
	json_decref(json);
	*record = (struct lease_record){.duration_s = 0};
	return err;
}

/* --- writing ------------------------------------------------------------------------------ */

enum err lease_object_new(const char *namespace, const char *name,
                          const struct lease_object *before, struct lease_object **object,
                          struct why *why)
{
	json_error_t error;
	json_t *spec = before == NULL ? NULL : json_object_get(before->json, "spec");
	json_t *json =
		json_pack_ex(&error, 0, "{s:s, s:s, s:{s:s, s:s}, s:{s:O*}}", "apiVersion", VERSION, "kind",
	                 "Lease", "metadata", "namespace", namespace, "name", name, "spec",
	                 "acquireTime", json_object_get(spec, "acquireTime"));
	*object = NULL;
	if (json != NULL)
		return object_make(json, object, why);
	if (json_error_code(&error) == json_error_out_of_memory)
		return no_memory(why);
	why_set(why, "%s", error.text);
	return ERR_INVALID;
}

static void micro_time(int64_t wall_ms, char out[MICRO_TIME_SIZE])
{
	char text[WHEN_TEXT_SIZE];
	if (wall_ms < 1)
		wall_ms = 1;
	if (wall_ms > WALL_MS_MAX)
		wall_ms = WALL_MS_MAX;
	when_text(wall_ms, text);
	(void)snprintf(out, MICRO_TIME_SIZE, "%.*s000Z", (int)WHEN_TEXT_SIZE - 2, text);
}

/* True: all of it was set. */
static bool spec_set(json_t *spec, const struct lease_claim *claim, const char *identity,
                     int64_t wall_ms)
{
	char now[MICRO_TIME_SIZE];
	micro_time(wall_ms, now);
	json_int_t duration_s = claim->release ? LEASE_RELEASED_S : LEASE_DURATION_MS / 1000;
	/* The election of another kind, if there was one, is over. */
	(void)json_object_del(spec, "preferredHolder");
	bool acquire = !claim->keep_acquire || is_void(json_object_get(spec, "acquireTime"));
	return json_object_set_new(spec, "holderIdentity",
	                           json_string(claim->release ? "" : identity)) == 0 &&
	       json_object_set_new(spec, "leaseDurationSeconds", json_integer(duration_s)) == 0 &&
	       json_object_set_new(spec, "leaseTransitions", json_integer(claim->transitions)) == 0 &&
	       json_object_set_new(spec, "renewTime", json_string(now)) == 0 &&
	       (!acquire || json_object_set_new(spec, "acquireTime", json_string(now)) == 0);
}

/* A copy with a spec of its own. NULL: no memory, or `identity` isn't UTF-8. */
static json_t *claimed_copy(const struct lease_object *object, const struct lease_claim *claim,
                            const char *identity, int64_t wall_ms)
{
	json_t *json = json_copy(object->json);
	json_t *old = json_object_get(object->json, "spec");
	json_t *spec = is_void(old) ? json_object() : json_copy(old);
	if (json != NULL && spec != NULL && spec_set(spec, claim, identity, wall_ms) &&
	    json_object_set(json, "spec", spec) == 0) {
		json_decref(spec);
		return json;
	}
	json_decref(spec);
	json_decref(json);
	return NULL;
}

enum err lease_object_write(const struct lease_object *object, const struct lease_claim *claim,
                            const char *identity, int64_t wall_ms, struct buf *out, struct why *why)
{
	json_t *json = claimed_copy(object, claim, identity, wall_ms);
	char *text = json == NULL ? NULL : json_dumps(json, JSON_COMPACT);
	json_decref(json);
	if (text == NULL)
		return no_memory(why);
	enum err err = buf_add(out, bytes_of(text));
	if (err == ERR_LIMIT)
		why_set(why, "a Lease of more than %zu octets", out->size_max);
	else if (err != ERR_OK)
		(void)no_memory(why);
	free(text);
	return err;
}
