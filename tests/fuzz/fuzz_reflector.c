/* Any octets as replies to lists and watches: never a crash, the sink's protocol is kept, and where
 * chunks end makes no difference. */
#include "fuzz.h"
#include "replies.h"

/* All that a sink is told, in a number. */
struct heard {
	bool listing;
	uint64_t digest, listed, changed;
};

static void hear(struct heard *heard, const void *data, size_t size)
{
	const uint8_t *octets = data;
	for (size_t i = 0; i < size; i++)
		heard->digest = (heard->digest ^ octets[i]) * UINT64_C(0x100000001b3);
}

static void hear_object(struct heard *heard, const struct object *object)
{
	uint32_t metadata = node_member(object->nodes, NODE_ROOT, "metadata");
	struct bytes name = node_text(object->nodes, node_member(object->nodes, metadata, "name"));
	hear(heard, object->kind.data, object->kind.size);
	hear(heard, name.data, name.size);
}

static void list_begin(void *arg)
{
	struct heard *heard = arg;
	check(!heard->listing);
	heard->listing = true;
	hear(heard, "B", 1);
}

static enum err listed(void *arg, const struct object *object, struct why *why)
{
	struct heard *heard = arg;
	(void)why;
	check(heard->listing);
	heard->listed++;
	if (!object->left_out)
		hear_object(heard, object);
	return ERR_OK;
}

static enum err list_done(void *arg, struct why *why)
{
	struct heard *heard = arg;
	(void)why;
	check(heard->listing);
	heard->listing = false;
	hear(heard, "D", 1);
	return ERR_OK;
}

static void list_dropped(void *arg)
{
	struct heard *heard = arg;
	check(heard->listing);
	heard->listing = false;
	hear(heard, "X", 1);
}

static enum err changed(void *arg, const struct object *object, bool gone, struct why *why)
{
	struct heard *heard = arg;
	(void)why;
	check(!heard->listing);
	heard->changed++;
	hear(heard, gone ? "-" : "+", 1);
	hear_object(heard, object);
	return ERR_OK;
}

static struct reflector_state run(struct bytes input, bool at_once, struct heard *heard)
{
	static const struct resource SERVICES = {.path = "/api/v1/services",
	                                         .kind = "Service",
	                                         .list_kind = "ServiceList",
	                                         .label_selector = "a in (b, c)",
	                                         .bookmarks = true};
	const struct sink sink = {heard, list_begin, listed, list_done, list_dropped, changed};
	struct reflector *reflector = reflector_new(&SERVICES, &sink, 7);
	struct reply reply;
	int64_t now_ms = 1000;
	check(reflector != NULL);
	while (reply_next(&input, &reply))
		reply_give(reflector, &reply, at_once, &now_ms);
	struct reflector_state state = *reflector_state(reflector);
	reflector_free(reflector);
	check(!heard->listing);
	check(state.events == heard->changed);
	hear(heard, &now_ms, sizeof now_ms);
	return state;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heard cut = {.digest = 0}, whole = {.digest = 0};
	const struct bytes input = {data, size};
	struct reflector_state a = run(input, false, &cut), b = run(input, true, &whole);
	check(cut.digest == whole.digest && cut.listed == whole.listed);
	check(a.lists == b.lists && a.watches == b.watches && a.errors == b.errors);
	check(a.trouble == b.trouble && strcmp(a.why.text, b.why.text) == 0);
	return 0;
}
