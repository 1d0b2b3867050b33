#include "http_work.h"

#include <assert.h>

void http_work_init(struct http_work *work)
{
	*work = (struct http_work){.status = 200};
	buf_init(&work->out, ADMIN_PART_SIZE_MAX);
}

enum err http_work_resource(struct http_work *work, const struct admin_resource *resource,
                            void *arg, json_t *query)
{
	work->err = resource->begin(arg, query, &work->job, &work->status, &work->why);
	if (work->err == ERR_OK)
		work->resource = resource;
	return work->err;
}

enum err http_work_command(struct http_work *work, const struct control_command *command,
                           bool single, void *arg, json_t *query)
{
	assert(!command->changes);
	work->err = command->begin(arg, query, &work->job, &work->why);
	if (work->err != ERR_OK)
		return work->err;
	work->command = command;
	work->single = single;
	return ERR_OK;
}

void http_work_end(struct http_work *work)
{
	if (work->command != NULL)
		work->command->end(work->job);
	else if (work->resource != NULL)
		work->resource->end(work->job);
	work->command = NULL;
	work->resource = NULL;
	buf_free(&work->out);
}

/* --- rows --------------------------------------------------------------------------------- */

static enum err text_add(struct http_work *work, const char *text)
{
	return buf_add(&work->out, bytes_of(text));
}

static int chunk_add(const char *chunk, size_t size, void *out)
{
	return buf_add(out, (struct bytes){(const uint8_t *)chunk, size}) == ERR_OK ? 0 : -1;
}

/* As `fedns COMMAND -o json` prints it, octet by octet: a script may ask either. */
static enum err row_add(struct http_work *work, const json_t *row)
{
	size_t flags = JSON_ENSURE_ASCII | (work->single ? JSON_INDENT(2) : JSON_COMPACT);
	enum err err = work->single ? ERR_OK : text_add(work, work->rows == 0 ? "[\n" : ",\n");
	if (err == ERR_OK && json_dump_callback(row, chunk_add, &work->out, flags) != 0)
		err = ERR_LIMIT;
	if (err == ERR_OK && work->single)
		err = text_add(work, "\n");
	work->rows++;
	return err;
}

static enum admin_step failed(struct http_work *work, enum err err, const char *sentence)
{
	work->err = err;
	why_set(&work->why, "%s", sentence);
	return ADMIN_FAILED;
}

static enum admin_step row_take(struct http_work *work, json_t *row)
{
	enum err err = row == NULL ? ERR_NOMEM : row_add(work, row);
	json_decref(row);
	return err == ERR_OK
	           ? ADMIN_MORE
	           : failed(work, ERR_NOMEM, "a row is too large, or there is no memory for it");
}

static enum admin_step rows_end(struct http_work *work)
{
	if (work->single)
		return ADMIN_END;
	if (text_add(work, work->rows == 0 ? "[]\n" : "\n]\n") != ERR_OK)
		return failed(work, ERR_NOMEM, "no memory for the answer");
	return ADMIN_END;
}

static enum admin_step command_step(struct http_work *work)
{
	struct control_answer answer = {.err = ERR_OK};
	switch (work->command->step(work->job, &answer)) {
	case CONTROL_ROW:
		return row_take(work, answer.row);
	case CONTROL_WORKED:
		return ADMIN_MORE;
	case CONTROL_END:
		return rows_end(work);
	case CONTROL_FAILED:
		return failed(work, answer.err, answer.why.text);
	default:
		return failed(work, ERR_AGAIN, "the command waits for something");
	}
}

enum admin_step http_work_step(struct http_work *work)
{
	if (work->command != NULL)
		return command_step(work);
	assert(work->resource != NULL);
	enum admin_step step = work->resource->step(work->job, &work->out, &work->why);
	if (step == ADMIN_FAILED)
		work->err = ERR_IO; /* a 500 */
	return step;
}
