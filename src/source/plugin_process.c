#include "plugin_process.h"

#include "plugin_command.h"
#include "secret.h"

#include <assert.h>
#include <signal.h>

/* --- how it ended ------------------------------------------------------------------------- */

static void on_close(uv_handle_t *handle)
{
	struct plugin_process *process = handle->data;
	buf_wipe(&process->request); /* a proxy's password maybe */
	process->closed(process->arg);
}

static void handle_close(struct plugin_process *process)
{
	uv_handle_t *handle =
		process->spawner != NULL ? (uv_handle_t *)&process->run : (uv_handle_t *)&process->child;
	if (!uv_is_closing(handle))
		uv_close(handle, on_close);
}

static void tell(struct plugin_process *process, enum err err, const struct why *why)
{
	bool was_over = process->over;
	process->over = true;
	handle_close(process);
	if (!was_over)
		process->ended(process->arg, err, why);
}

static void tell_end(struct plugin_process *process, int64_t status, int signal)
{
	struct why why = {{0}};
	if (signal != 0)
		why_set(&why, "the command \"%s\" was ended by signal %d", process->command, signal);
	else if (status != 0)
		why_set(&why,
		        "the command \"%s\" ended with status %d; what it said stands in the log at "
		        "level debug",
		        process->command, (int)status);
	tell(process, why.text[0] == '\0' ? ERR_OK : ERR_IO, &why);
}

static enum err start_failed(const char *command, int uv_error, struct why *why)
{
	why_set(why, "the command \"%s\" can't be run: %s", command, uv_strerror(uv_error));
	return uv_error == UV_ENOENT ? ERR_MISSING : uv_error == UV_ENOMEM ? ERR_NOMEM : ERR_IO;
}

/* --- by this process ---------------------------------------------------------------------- */

static void on_exit_here(uv_process_t *child, int64_t status, int signal)
{
	tell_end(child->data, status, signal);
}

static enum err start_here(struct plugin_process *process, const struct plugin_process_setup *setup,
                           struct why *why)
{
	struct plugin_command command;
	uv_stdio_container_t stdio[3] = {{.flags = UV_IGNORE},
	                                 {.flags = UV_INHERIT_FD, .data.fd = setup->output},
	                                 {.flags = UV_INHERIT_FD, .data.fd = setup->noise}};
	enum err err = plugin_command_make(setup->exec, setup->info, &command, why);
	if (err != ERR_OK)
		return err;
	const uv_process_options_t options = {
		.file = command.path,
		.args = command.args,
		.env = command.env,
		.exit_cb = on_exit_here,
		.flags = UV_PROCESS_DETACHED,
		.stdio = stdio,
		.stdio_count = 3,
	};
	process->child.data = process;
	process->open = true;
	int status = uv_spawn(setup->loop, &process->child, &options);
	plugin_command_clear(&command);
	if (status == 0)
		return ERR_OK;
	process->over = true;
	handle_close(process);
	return start_failed(process->command, status, why);
}

/* --- by the spawner ----------------------------------------------------------------------- */

static void tell_answer(struct plugin_process *process)
{
	struct why why;
	int value = process->answer.value;
	enum err err = ERR_IO;
	switch ((enum spawn_end)process->answer.end) {
	case SPAWN_EXITED:
		tell_end(process, value, 0);
		return;
	case SPAWN_SIGNALLED:
		tell_end(process, 0, value);
		return;
	case SPAWN_MISSING:
		err = plugin_command_missing(process->command, &why);
		break;
	case SPAWN_NOT_ALLOWED:
		why_set(&why, "the command \"%s\" was not in exec_allow at the start", process->command);
		break;
	case SPAWN_FAILED:
	default:
		err = start_failed(process->command, uv_translate_sys_error(value), &why);
	}
	tell(process, err, &why);
}

/* Only a spawner that ended is worth a restart. */
static void tell_silence(struct plugin_process *process)
{
	struct why why;
	bool gone = spawner_is_gone(process->spawner);
	why_set(&why, "the command \"%s\" can't be run: the process that runs commands %s",
	        process->command, gone ? "is gone: that needs a restart" : "gave it up");
	tell(process, gone ? ERR_IO : ERR_AGAIN, &why);
}

static void answer_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
	struct plugin_process *process = handle->data;
	(void)suggested;
	*out = uv_buf_init((char *)&process->answer + process->answer_size,
	                   (unsigned)(sizeof process->answer - process->answer_size));
}

static void on_answer(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
	struct plugin_process *process = stream->data;
	(void)buf;
	if (got < 0) {
		tell_silence(process);
		return;
	}
	process->answer_size += (size_t)got;
	if (process->answer_size == sizeof process->answer)
		tell_answer(process);
}

/* Nothing to do: one who doesn't take what is to be run is seen by what it doesn't answer. */
static void on_written(uv_write_t *write, int status)
{
	(void)write;
	(void)status;
}

static enum err start_there(struct plugin_process *process,
                            const struct plugin_process_setup *setup, struct why *why)
{
	int fd;
	enum err err = spawn_request_write(setup->exec, setup->info, &process->request, why);
	if (err != ERR_OK)
		return err;
	err = spawner_begin(setup->spawner, setup->output, setup->noise, &fd, why);
	if (err != ERR_OK) {
		buf_wipe(&process->request);
		return err;
	}
	(void)uv_pipe_init(setup->loop, &process->run, 0); /* can't fail */
	process->run.data = process;
	process->open = true;
	const uv_buf_t text =
		uv_buf_init((char *)process->request.data, (unsigned)process->request.size);
	int status = uv_pipe_open(&process->run, fd);
	assert(status == 0); /* it is ours, and new */
	if (status == 0)
		status = uv_write(&process->write, (uv_stream_t *)&process->run, &text, 1, on_written);
	if (status == 0)
		status = uv_read_start((uv_stream_t *)&process->run, answer_room, on_answer);
	if (status == 0)
		return ERR_OK;
	process->over = true;
	handle_close(process);
	return start_failed(process->command, status, why);
}

/* --- both --------------------------------------------------------------------------------- */

enum err plugin_process_start(struct plugin_process *process,
                              const struct plugin_process_setup *setup, struct why *why)
{
	*process = (struct plugin_process){.command = setup->exec->command,
	                                   .spawner = setup->spawner,
	                                   .ended = setup->ended,
	                                   .closed = setup->closed,
	                                   .arg = setup->arg};
	return process->spawner != NULL ? start_there(process, setup, why)
	                                : start_here(process, setup, why);
}

/* A child of ours is waited for, or it would stay as a zombie; its session's number is its own
 * until then. The spawner's are killed by those who wait for them. */
void plugin_process_kill(struct plugin_process *process)
{
	if (process->over)
		return;
	process->over = true;
	if (process->spawner != NULL)
		handle_close(process);
	else
		(void)uv_kill(-uv_process_get_pid(&process->child), SIGKILL);
}
