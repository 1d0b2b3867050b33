/* Any text as a name that is to be explained: it stands for a service, or there is a sentence. */
#include "fuzz.h"

#include "explain_name.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_SIZE_MAX 1100

static void check(bool good)
{
	if (!good)
		abort();
}

static struct model *model_make(void)
{
	struct why why = {{0}};
	struct findings nobody = {.report = NULL};
	const struct bytes zone = bytes_of("za");
	const struct cluster_seen cluster = {.name = bytes_of("one"),
	                                     .region = bytes_of("ra"),
	                                     .zones = &zone,
	                                     .zone_count = 1,
	                                     .ready = READY_TRUE};
	struct model *model = model_new(1);
	check(model != NULL && model_stage_cluster(model, &cluster, &nobody, &why) == ERR_OK &&
	      model_commit(model, COMMIT_REPLACE, 0, &nobody, &why) == ERR_OK);
	return model;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct why why = {{0}};
	struct explain_name out;
	char text[TEXT_SIZE_MAX];
	struct zone_policy policy = {.federation_size = 3, .federation = {'f', 'e', 'd'}};
	if (size >= sizeof text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	check(name_parse(bytes_of("example"), &policy.zone, &why) == ERR_OK);
	policy.suffix = policy.zone;
	struct model *model = model_make();
	enum err err = explain_name_read(model, &policy, text, &out, &why);
	check((err == ERR_OK) == (why.text[0] == '\0'));
	check(err != ERR_OK || (out.service_size != 0 && out.namespace_size != 0));
	model_free(model);
	return 0;
}
