/* rig: a model, the findings about it, and the model as text, for the tests of this room. */
#ifndef FEDNS_TESTS_SOURCE_RIG_H
#define FEDNS_TESTS_SOURCE_RIG_H

#include "emit.h"
#include "fedns/source.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RIG_NOW_MS 1000000

struct rig {
	struct model *model;
	struct findings findings;
	struct why why;
	unsigned count;    /* findings */
	char notes[16384]; /* "LINE REASON TEXT\n" of each; what doesn't fit is cut */
	size_t notes_size;
	struct emit emit;
};

static inline void rig_report(void *arg, const struct finding *finding)
{
	struct rig *rig = arg;
	size_t room = sizeof rig->notes - rig->notes_size;
	int size = snprintf(rig->notes + rig->notes_size, room, "%u %s %s\n", finding->line,
	                    finding_reason_text(finding->reason), finding->text);
	assert_true(size > 0);
	rig->notes_size += (size_t)size < room ? (size_t)size : room - 1;
	rig->count++;
}

static inline struct model *rig_model(void)
{
	struct findings nobody = {0};
	struct why why = {{0}};
	const struct model_policy policy = {.offline_grace_ms = 60000};
	struct model *model = model_new(1);
	assert_non_null(model);
	assert_int_equal(model_set_policy(model, &policy, RIG_NOW_MS, &nobody, &why), ERR_OK);
	return model;
}

static inline void rig_init(struct rig *rig)
{
	*rig = (struct rig){.model = rig_model()};
	rig->findings = (struct findings){.report = rig_report, .arg = rig};
	emit_init(&rig->emit, rig->model, RIG_NOW_MS, 7);
}

static inline void rig_clear(struct rig *rig)
{
	emit_clear(&rig->emit);
	model_free(rig->model);
}

/* Decode and commit `text` as everything there is, or roll back. */
static inline enum err rig_decode(struct rig *rig, const char *text)
{
	enum err err = state_decode(bytes_of(text), rig->model, &rig->findings, &rig->why);
	if (err == ERR_OK)
		return model_commit(rig->model, COMMIT_REPLACE, RIG_NOW_MS, &rig->findings, &rig->why);
	model_rollback(rig->model);
	return err;
}

/*
 * The model as the lines of a last-known-good file without its head. Borrowed until the next call.
 */
static inline const char *rig_text(struct rig *rig)
{
	emit_clear(&rig->emit);
	emit_init(&rig->emit, rig->model, RIG_NOW_MS, 7);
	rig->emit.part = EMIT_CLUSTERS;
	assert_int_equal(emit_slice(&rig->emit, UINT64_MAX), ERR_OK);
	assert_int_equal(rig->emit.part, EMIT_DONE);
	assert_int_equal(buf_add(&rig->emit.slice, (struct bytes){(const uint8_t *)"", 1}), ERR_OK);
	return (const char *)rig->emit.slice.data;
}

#endif
