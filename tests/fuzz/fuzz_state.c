/* Any octets as a state: never a crash; refused with line and column or taken; and what was taken
 * is read again from its own last-known-good text. */
#include "decode.h"
#include "emit.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static void check(bool good)
{
	if (!good)
		abort();
}

static enum err take(struct model *model, struct bytes text, struct why *why)
{
	struct findings nobody = {0};
	enum err err = state_decode(text, model, &nobody, why);
	if (err != ERR_OK)
		model_rollback(model);
	return err == ERR_OK ? model_commit(model, COMMIT_REPLACE, 1, &nobody, why) : err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct why why = {{0}};
	struct model *model = model_new(1), *again = model_new(2);
	check(model != NULL && again != NULL);
	enum err err = take(model, (struct bytes){data, size}, &why);
	check(err == ERR_OK || err == ERR_LIMIT || strncmp(why.text, "line ", 5) == 0);
	if (err == ERR_OK) {
		struct emit emit;
		emit_init(&emit, model, 1, 1);
		for (size_t services = 0; emit.part != EMIT_DONE; services++) {
			check(emit_slice(&emit, UINT64_MAX) == ERR_OK);
			check(take(again, buf_bytes(&emit.slice), &why) == ERR_OK);
		}
		emit_clear(&emit);
	}
	model_free(model);
	model_free(again);
	return 0;
}
