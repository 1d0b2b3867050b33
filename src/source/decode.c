#include "decode.h"

#include <assert.h>
#include <string.h>

enum err decoder_init(struct decoder *decoder, struct model *model, struct findings *findings,
                      struct why *why)
{
	*decoder = (struct decoder){
		.model = model, .findings = findings, .seen.seed = model_seed(model), .part = DECODE_ALL};
	decoder->annotation = annotation_new();
	if (decoder->annotation == NULL) {
		why_set(why, "no memory to decode a state");
		return ERR_NOMEM;
	}
	return ERR_OK;
}

void decoder_clear(struct decoder *decoder)
{
	annotation_free(decoder->annotation);
	seen_clear(&decoder->seen);
	*decoder = (struct decoder){0};
}

struct bytes object_name(const struct object *object, const char *kind, struct findings *findings)
{
	const struct nodes *nodes = object->nodes;
	uint32_t metadata = node_member(nodes, NODE_ROOT, "metadata");
	uint32_t name = node_member(nodes, metadata, "name");
	if (node_type(nodes, name) == NODE_STRING && node_text(nodes, name).size != 0)
		return node_text(nodes, name);
	findings_add(findings, SEVERITY_WARNING, FINDING_OBJECT,
	             "a %s without a metadata.name; it is left out", kind);
	return (struct bytes){0};
}

static bool text_is(struct bytes text, const char *word)
{
	return bytes_equal(text, bytes_of(word));
}

static bool begins_with(struct bytes text, const char *begin)
{
	size_t size = strlen(begin);
	return text.size >= size && memcmp(text.data, begin, size) == 0;
}

static bool is_list(struct bytes kind)
{
	static const char SUFFIX[] = "List";
	const size_t size = sizeof SUFFIX - 1;
	return kind.size >= size && memcmp(kind.data + kind.size - size, SUFFIX, size) == 0;
}

/* An API server's "no" in the place of a state must not pass for a state without services. */
static enum err refuse_status(const struct object *object, struct why *why)
{
	const struct nodes *nodes = object->nodes;
	if (!object->left_out &&
	    !node_is_text(nodes, node_member(nodes, NODE_ROOT, "status"), "Failure"))
		return ERR_OK;
	uint32_t message = node_member(nodes, NODE_ROOT, "message");
	why_set(why, "the API server's refusal instead of a state: %.*s",
	        BYTES_ARG(node_text(nodes, message)));
	return ERR_INVALID;
}

/* What stands for a whole text or a part of it must be a state. */
static enum err judge_document(const struct object *object, struct why *why)
{
	const struct nodes *nodes = object->nodes;
	struct bytes kind = object->kind;
	if (kind.size == 0) {
		why_set(why, "an object without a kind is no state");
		return ERR_INVALID;
	}
	if (text_is(kind, "Table")) {
		why_set(why, "a Table is made for reading by people; a state is what -o json prints");
		return ERR_INVALID;
	}
	if (is_list(kind) &&
	    (object->left_out || !node_is_void(nodes, node_member(nodes, NODE_ROOT, "items")))) {
		why_set(why, "the items of a %.*s are no array", BYTES_ARG(kind));
		return ERR_INVALID;
	}
	return text_is(kind, "Status") ? refuse_status(object, why) : ERR_OK;
}

static enum err odd_object(const struct decoder *decoder, const char *what)
{
	findings_add(decoder->findings, SEVERITY_WARNING, FINDING_OBJECT, "%s; it is left out", what);
	return ERR_OK;
}

enum err decoder_take(void *arg, const struct object *object, struct why *why)
{
	struct decoder *decoder = arg;
	struct bytes kind = object->kind, api = object->api_version;
	if (object->place != OBJECT_ITEM && !(object->place == OBJECT_ELEMENT && kind.size == 0)) {
		enum err err = judge_document(object, why);
		if (err != ERR_OK)
			return err;
	} else if (kind.size == 0 && !object->left_out) {
		return odd_object(decoder, "an object without a kind");
	} else if (is_list(kind)) {
		return odd_object(decoder, "a list inside a list");
	}
	if (object->left_out)
		return ERR_OK;
	bool cluster = text_is(kind, "Cluster");
	if (!cluster && !text_is(kind, "Service"))
		return ERR_OK;
	if (decoder->part == (cluster ? DECODE_SERVICES : DECODE_CLUSTERS))
		return ERR_OK;
	if (api.size == 0)
		return odd_object(decoder, cluster ? "a Cluster without an apiVersion"
		                                   : "a Service without an apiVersion");
	/* Other groups have kinds of these names too: cluster.x-k8s.io, serving.knative.dev. */
	if (cluster)
		return begins_with(api, "federation/") ? cluster_take(decoder, object, why) : ERR_OK;
	return text_is(api, "v1") ? service_take(decoder, object, why) : ERR_OK;
}

static enum err decode(struct bytes text, enum decode_part part, struct model *model,
                       struct findings *findings, struct why *why)
{
	struct decoder decoder;
	enum err err = decoder_init(&decoder, model, findings, why);
	decoder.part = part;
	if (err == ERR_OK)
		err = walk_objects(text, findings, decoder_take, &decoder, why);
	decoder_clear(&decoder);
	return err;
}

/* One pass does for all but a text that names more clusters than there is room for: of those the
 * federation's own come first, wherever they stand. */
enum err state_decode(struct bytes text, struct model *model, struct findings *findings,
                      struct why *why)
{
	assert(model != NULL && findings != NULL && why != NULL);
	enum err err = decode(text, DECODE_ALL, model, findings, why);
	if (err != ERR_OK || !model_stage_short(model))
		return err;
	model_rollback(model);
	struct findings told = {0}; /* the first pass did */
	err = decode(text, DECODE_CLUSTERS, model, &told, why);
	return err == ERR_OK ? decode(text, DECODE_SERVICES, model, findings, why) : err;
}
