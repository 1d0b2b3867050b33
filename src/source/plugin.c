#include "plugin.h"

#include "fedns/kube_auth.h"
#include "plugin_command.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Of standard error: a line in the log, and all lines of one run. */
#define NOISE_LINE_MAX 256
#define NOISE_SIZE_MAX ((size_t)16 << 10)

struct plugin {
	struct plugin_run run; /* `done` is NULL once it was called or cancelled */
	const char *command;
	uv_process_t process;
	uv_pipe_t output_pipe, noise_pipe;
	uv_timer_t deadline;
	unsigned handles; /* that are not closed yet */
	bool exited, output_ended;
	int64_t status; /* of its exit */
	int signal;
	size_t output_size, noise_size, line_size;
	char line[NOISE_LINE_MAX];
	char noise[1024];
	uint8_t output[KUBE_EXEC_OUTPUT_MAX + 1]; /* an octet more, to see that there is more */
};

/* --- end ---------------------------------------------------------------------------------- */

static void on_close(uv_handle_t *handle)
{
	struct plugin *plugin = handle->data;
	assert(plugin->handles > 0);
	if (--plugin->handles > 0)
		return;
	explicit_bzero(plugin->output, sizeof plugin->output);
	free(plugin);
}

static void handle_close(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, on_close);
}

/* All but the process: it is waited for, or it would stay as a zombie. */
static void pipes_close(struct plugin *plugin)
{
	handle_close((uv_handle_t *)&plugin->output_pipe);
	handle_close((uv_handle_t *)&plugin->noise_pipe);
	handle_close((uv_handle_t *)&plugin->deadline);
}

/* The whole session that it leads, as long as it is there: afterwards the number may be another's.
 */
static void process_kill(struct plugin *plugin)
{
	if (!plugin->exited)
		(void)uv_kill(-uv_process_get_pid(&plugin->process), SIGKILL);
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
	process_kill(plugin);
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
	if (!plugin->exited || !plugin->output_ended || plugin->run.done == NULL)
		return;
	struct why why = {{0}};
	if (plugin->signal != 0)
		why_set(&why, "the command \"%s\" was ended by signal %d", plugin->command, plugin->signal);
	else if (plugin->status != 0)
		why_set(&why,
		        "the command \"%s\" ended with status %d; what it said stands in the log at "
		        "level debug",
		        plugin->command, (int)plugin->status);
	tell(plugin, why.text[0] == '\0' ? ERR_OK : ERR_IO, &why);
}

static void on_end(uv_process_t *process, int64_t status, int signal)
{
	struct plugin *plugin = process->data;
	plugin->exited = true;
	plugin->status = status;
	plugin->signal = signal;
	handle_close((uv_handle_t *)process);
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
	plugin->process.data = plugin;
	plugin->handles = 4;
}

static int spawn(uv_loop_t *loop, struct plugin *plugin, const struct plugin_command *command)
{
	uv_stdio_container_t stdio[3] = {
		{.flags = UV_IGNORE},
		{.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
	     .data.stream = (uv_stream_t *)&plugin->output_pipe},
		{.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
	     .data.stream = (uv_stream_t *)&plugin->noise_pipe},
	};
	const uv_process_options_t options = {
		.file = command->path,
		.args = command->args,
		.env = command->env,
		.exit_cb = on_end,
		.flags = UV_PROCESS_DETACHED,
		.stdio = stdio,
		.stdio_count = 3,
	};
	return uv_spawn(loop, &plugin->process, &options);
}

enum err plugin_start(uv_loop_t *loop, const struct plugin_run *run, struct plugin **out,
                      struct why *why)
{
	struct plugin_command command;
	*out = NULL;
	enum err err = plugin_command_make(run->exec, run->info, &command, why);
	if (err != ERR_OK)
		return err;
	struct plugin *plugin = calloc(1, sizeof *plugin);
	if (plugin == NULL) {
		plugin_command_clear(&command);
		why_set(why, "no memory to run \"%s\"", run->exec->command);
		return ERR_NOMEM;
	}
	plugin->run = *run;
	plugin->command = run->exec->command;
	handles_init(loop, plugin);
	int status = spawn(loop, plugin, &command);
	plugin_command_clear(&command);
	if (status != 0) {
		why_set(why, "the command \"%s\" can't be run: %s", plugin->command, uv_strerror(status));
		plugin->exited = true;
		pipes_close(plugin);
		handle_close((uv_handle_t *)&plugin->process);
		return status == UV_ENOENT ? ERR_MISSING : status == UV_ENOMEM ? ERR_NOMEM : ERR_IO;
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
	process_kill(plugin);
	pipes_close(plugin);
}
