#include "plugin.h"

#include "fedns/kube_auth.h"
#include "plugin_process.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of standard error: a line in the log, and all lines of one run. */
#define NOISE_LINE_MAX 256
#define NOISE_SIZE_MAX ((size_t)16 << 10)

struct plugin {
	struct plugin_run run; /* `done` is NULL once it was called or cancelled */
	const char *command;
	struct plugin_process process;
	uv_pipe_t output_pipe, noise_pipe;
	uv_timer_t deadline;
	unsigned handles; /* that are not closed yet */
	bool exited, output_ended;
	enum err err; /* of its end */
	struct why why;
	size_t output_size, noise_size, line_size;
	char line[NOISE_LINE_MAX];
	char noise[1024];
	uint8_t output[KUBE_EXEC_OUTPUT_MAX + 1]; /* an octet more, to see that there is more */
};

/* --- end ---------------------------------------------------------------------------------- */

static void one_closed(void *arg)
{
	struct plugin *plugin = arg;
	assert(plugin->handles > 0);
	if (--plugin->handles > 0)
		return;
	explicit_bzero(plugin->output, sizeof plugin->output);
	free(plugin);
}

static void on_close(uv_handle_t *handle)
{
	one_closed(handle->data);
}

static void handle_close(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, on_close);
}

/* All but the process, which closes when it has ended. */
static void pipes_close(struct plugin *plugin)
{
	handle_close((uv_handle_t *)&plugin->output_pipe);
	handle_close((uv_handle_t *)&plugin->noise_pipe);
	handle_close((uv_handle_t *)&plugin->deadline);
}

static void tell(struct plugin *plugin, enum err err, const struct why *why)
{
	plugin_done *done = plugin->run.done;
	plugin->run.done = NULL;
	pipes_close(plugin);
	const struct bytes output = {plugin->output, err == ERR_OK ? plugin->output_size : 0};
	if (done != NULL)
		done(plugin->run.arg, err, output, why);
}

static void give_up(struct plugin *plugin, enum err err, const struct why *why)
{
	plugin_process_kill(&plugin->process);
	tell(plugin, err, why);
}

static void on_deadline(uv_timer_t *timer)
{
	struct plugin *plugin = timer->data;
	struct why why;
	why_set(&why, "the command \"%s\" gave no answer within %u ms", plugin->command,
	        (unsigned)plugin->run.timeout_ms);
	give_up(plugin, ERR_AGAIN, &why);
}

/* Both its exit and the end of what it printed: either may come first. */
static void end_check(struct plugin *plugin)
{
	if (plugin->exited && plugin->output_ended && plugin->run.done != NULL)
		tell(plugin, plugin->err, &plugin->why);
}

static void on_end(void *arg, enum err err, const struct why *why)
{
	struct plugin *plugin = arg;
	plugin->exited = true;
	plugin->err = err;
	plugin->why = *why;
	end_check(plugin);
}

/* --- what it prints ----------------------------------------------------------------------- */

static void output_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
	struct plugin *plugin = handle->data;
	(void)suggested;
	*out = uv_buf_init((char *)plugin->output + plugin->output_size,
	                   (unsigned)(sizeof plugin->output - plugin->output_size));
}

static void on_output(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct plugin *plugin = stream->data;
	(void)buf;
	if (got < 0) {
		plugin->output_ended = true;
		handle_close((uv_handle_t *)stream);
		end_check(plugin);
		return;
	}
	plugin->output_size += (size_t)got;
	if (plugin->output_size <= KUBE_EXEC_OUTPUT_MAX)
		return;
	struct why why;
	why_set(&why, "the command \"%s\" prints more than %zu octets", plugin->command,
	        KUBE_EXEC_OUTPUT_MAX);
	give_up(plugin, ERR_LIMIT, &why);
}

static void line_log(struct plugin *plugin)
{
	if (plugin->line_size > 0)
		log_write(plugin->run.log, LOG_DEBUG, "source", "%s: %.*s", plugin->command,
		          (int)plugin->line_size, plugin->line);
	plugin->line_size = 0;
}

static void noise_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
	struct plugin *plugin = handle->data;
	(void)suggested;
	*out = uv_buf_init(plugin->noise, sizeof plugin->noise);
}

static void on_noise(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct plugin *plugin = stream->data;
	for (ssize_t i = 0; i < got && plugin->noise_size < NOISE_SIZE_MAX; i++) {
		plugin->noise_size++;
		if (buf->base[i] != '\n')
			plugin->line[plugin->line_size++] = buf->base[i];
		if (buf->base[i] == '\n' || plugin->line_size == sizeof plugin->line)
			line_log(plugin);
	}
	if (got >= 0)
		return;
	line_log(plugin);
	handle_close((uv_handle_t *)stream);
}

/* --- start -------------------------------------------------------------------------------- */

static void handles_init(uv_loop_t *loop, struct plugin *plugin)
{
	(void)uv_pipe_init(loop, &plugin->output_pipe, 0); /* these can't fail */
	(void)uv_pipe_init(loop, &plugin->noise_pipe, 0);
	(void)uv_timer_init(loop, &plugin->deadline);
	plugin->output_pipe.data = plugin->noise_pipe.data = plugin->deadline.data = plugin;
	plugin->handles = 3;
}

/* A pipe that `reader` reads. `*out` is its other end. 0 or libuv's error. */
static int pipe_make(uv_pipe_t *reader, int *out)
{
	uv_file ends[2];
	int status = uv_pipe(ends, UV_NONBLOCK_PIPE, 0);
	if (status != 0)
		return status;
	status = uv_pipe_open(reader, ends[0]);
	*out = ends[1];
	if (status != 0)
		(void)close(ends[0]);
	return status;
}

static enum err process_start(uv_loop_t *loop, struct plugin *plugin, struct why *why)
{
	int output = -1, noise = -1;
	enum err err = ERR_OK;
	int status = pipe_make(&plugin->output_pipe, &output);
	if (status == 0)
		status = pipe_make(&plugin->noise_pipe, &noise);
	if (status != 0) {
		why_set(why, "the command \"%s\" can't be run: %s", plugin->command, uv_strerror(status));
		err = ERR_IO;
	}
	const struct plugin_process_setup setup = {.loop = loop,
	                                           .spawner = plugin->run.spawner,
	                                           .exec = plugin->run.exec,
	                                           .info = plugin->run.info,
	                                           .output = output,
	                                           .noise = noise,
	                                           .ended = on_end,
	                                           .closed = one_closed,
	                                           .arg = plugin};
	if (err == ERR_OK)
		err = plugin_process_start(&plugin->process, &setup, why);
	plugin->handles += plugin->process.open;
	if (output >= 0)
		(void)close(output);
	if (noise >= 0)
		(void)close(noise);
	return err;
}

enum err plugin_start(uv_loop_t *loop, const struct plugin_run *run, struct plugin **out,
                      struct why *why)
{
	*out = NULL;
	struct plugin *plugin = calloc(1, sizeof *plugin);
	if (plugin == NULL) {
		why_set(why, "no memory to run \"%s\"", run->exec->command);
		return ERR_NOMEM;
	}
	plugin->run = *run;
	plugin->command = run->exec->command;
	handles_init(loop, plugin);
	enum err err = process_start(loop, plugin, why);
	if (err != ERR_OK) {
		pipes_close(plugin);
		return err;
	}
	(void)uv_read_start((uv_stream_t *)&plugin->output_pipe, output_room, on_output);
	(void)uv_read_start((uv_stream_t *)&plugin->noise_pipe, noise_room, on_noise);
	(void)uv_timer_start(&plugin->deadline, on_deadline, run->timeout_ms, 0);
	*out = plugin;
	return ERR_OK;
}

void plugin_cancel(struct plugin *plugin)
{
	assert(plugin->run.done != NULL);
	plugin->run.done = NULL;
	plugin_process_kill(&plugin->process);
	pipes_close(plugin);
}
