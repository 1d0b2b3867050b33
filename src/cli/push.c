/* `push`: one push, with a bar on a terminal. */
#include "cli.h"
#include "fedns/daemon.h"
#include "table.h"

#include <string.h>
#include <unistd.h>

#define BAR_WIDTH 30

struct bar {
	bool shown; /* there is one on the terminal now */
	bool wanted;
};

static void bar_draw(void *arg, const struct provider_state *state)
{
	struct bar *bar = arg;
	size_t all = state->done + state->pending;
	if (!bar->wanted || all == 0)
		return;
	char filled[BAR_WIDTH + 1];
	size_t full = state->done * BAR_WIDTH / all;
	memset(filled, '.', BAR_WIDTH);
	memset(filled, '#', full);
	filled[BAR_WIDTH] = '\0';
	(void)fprintf(stderr, "\r[%s] %zu of %zu changes", filled, state->done, all);
	bar->shown = true;
}

static void bar_end(const struct bar *bar)
{
	if (bar->shown)
		(void)fprintf(stderr, "\n");
}

static void summary_print(const struct provider_state *state)
{
	(void)printf("%s: %llu added, %llu updated, %llu deleted, %llu marked; %zu were right\n",
	             state->domain, (unsigned long long)state->changes[STEP_ADD],
	             (unsigned long long)state->changes[STEP_UPDATE],
	             (unsigned long long)state->changes[STEP_DELETE],
	             (unsigned long long)state->changes[STEP_MARK], state->counts.unchanged);
	if (state->counts.conflicts + state->counts.drift + state->counts.left_out + state->refused !=
	    0)
		(void)printf(
			"%zu names in conflict, %zu records drifted, %zu left out, %zu refused: `fedns "
			"plan` names them\n",
			state->counts.conflicts, state->counts.drift, state->counts.left_out, state->refused);
	if (state->held != 0)
		(void)printf("%zu deletions are held back: more than max_delete\n", state->held);
}

static enum status pushed(const struct push_once *once)
{
	struct provider_state state;
	push_once_state(once, &state);
	summary_print(&state);
	bool good = state.held + state.refused + state.counts.conflicts + state.counts.left_out == 0;
	return output_finish(good ? STATUS_GOOD : STATUS_NOT_GOOD);
}

enum status push_failed(enum err err, const struct why *why)
{
	message("%s", why->text);
	return err == ERR_MISSING || err == ERR_INVALID ? STATUS_USAGE : STATUS_NOT_DONE;
}

enum status command_push(const struct options *options)
{
	struct why why = {{0}};
	struct tally tally = {.to = stderr};
	struct findings findings = findings_printed(&tally);
	struct config *config;
	struct push_once *once;
	struct bar bar = {.wanted = isatty(STDERR_FILENO) == 1};
	const struct push_ask ask = {.progress = bar_draw, .arg = &bar};
	enum status status = config_open(&options->flags, &findings, &config);
	if (status != STATUS_GOOD)
		return status;
	if (bar.wanted && config->log.level == LOG_INFO)
		config->log.level = LOG_WARN; /* a line a change would tear the bar */
	enum err err = push_once_run(config, &ask, &findings, &once, &why);
	bar_end(&bar);
	status = err == ERR_OK ? pushed(once) : push_failed(err, &why);
	push_once_free(once);
	config_free(config);
	return status;
}
