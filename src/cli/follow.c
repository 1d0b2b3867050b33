#include "follow.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Between two rounds. One that takes long is asked for less often: a tenth of the daemon's time is
 * what watching may take. */
#define ROUND_MS 1000
#define SHARE    10
/* However long it took: a client that was suspended meanwhile took most of it. */
#define PAUSE_MS_MAX 60000
/* Between two tries to reach a daemon that is gone. */
#define LOST_MS     250
#define LOST_MS_MAX 8000
/* So often all is asked for, though the daemon says that nothing has changed: small things change
 * without its noticing. */
#define WHOLE_MS 10000

struct following {
	const struct follower *follower;
	const char *path;
	json_t *arguments;
	char cursor[128];
	bool rows_all;        /* the first row of the round said so */
	bool begun;           /* the first round was good */
	struct why trouble;   /* said already */
	unsigned lost_ms;     /* 0: the daemon is there, and answers */
	bool refused;         /* it is there, and has no answer */
	uint64_t whole_at_ms; /* when all was asked for last */
	uint64_t took_ms;     /* the daemon, for the last answer, at most */
};

static uint64_t clock_ms(clockid_t clock)
{
	struct timespec now;
	(void)clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t now_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

/* --- the end ------------------------------------------------------------------------------ */

/* Whoever follows ends it so. */
static void interrupted(int number)
{
	(void)number;
	_exit(STATUS_GOOD);
}

static void signals_take(void)
{
	const struct sigaction action = {.sa_handler = interrupted};
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

/* Nothing to do for so long. False: nobody reads what we print. */
static bool wait_ms(uint64_t ms)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = 0};
	return poll(&out, 1, (int)ms) == 0 || (out.revents & (POLLERR | POLLHUP | POLLNVAL)) == 0;
}

/* --- a round ------------------------------------------------------------------------------ */

/* The first row is ours. */
static enum err row_take(void *arg, const json_t *row, struct why *why)
{
	struct following *following = arg;
	const char *cursor = json_string_value(json_object_get(row, "cursor"));
	if (!following->follower->since || cursor == NULL)
		return following->follower->take(following->follower->arg, row, why);
	(void)snprintf(following->cursor, sizeof following->cursor, "%s", cursor);
	following->rows_all = json_is_true(json_object_get(row, "all"));
	return ERR_OK;
}

static json_t *arguments_of(struct following *following)
{
	json_t *arguments =
		following->arguments != NULL ? json_deep_copy(following->arguments) : json_object();
	uint64_t now = now_ms();
	bool whole = following->follower->loose && now >= following->whole_at_ms + WHOLE_MS;
	if (!following->follower->since)
		return arguments;
	if (whole)
		following->whole_at_ms = now;
	(void)json_object_set_new(arguments, "since", json_string(whole ? "" : following->cursor));
	return arguments;
}

static void lost(struct following *following, const struct why *why, bool refused)
{
	if (strcmp(following->trouble.text, why->text) != 0)
		message("%s; trying again", why->text);
	following->trouble = *why;
	following->refused = refused;
	following->lost_ms = following->lost_ms == 0 ? LOST_MS : 2 * following->lost_ms;
	if (following->lost_ms > LOST_MS_MAX)
		following->lost_ms = LOST_MS_MAX;
	if (refused)
		following->lost_ms = ROUND_MS;
}

static void found(struct following *following)
{
	if (following->lost_ms != 0 && following->refused)
		message("%s: there is an answer again", following->follower->command);
	else if (following->lost_ms != 0)
		message("control socket %s: the daemon is there again", following->path);
	following->lost_ms = 0;
	following->trouble.text[0] = '\0';
}

/* What is ours of the time, rows read and hashed, is not the daemon's, nor is the printing. */
static struct asked ask(struct following *following, struct why *why)
{
	const struct follower *follower = following->follower;
	uint64_t begun_ms = now_ms(), ours_ms = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
	struct asked asked = control_try(following->path, follower->command, arguments_of(following),
	                                 row_take, following, why);
	ours_ms = clock_ms(CLOCK_PROCESS_CPUTIME_ID) - ours_ms;
	uint64_t took_ms = now_ms() - begun_ms;
	following->took_ms = took_ms > ours_ms ? took_ms - ours_ms : 0;
	return asked;
}

/* False: it is over, `*status` says how. */
static bool round_go(struct following *following, enum status *status)
{
	const struct follower *follower = following->follower;
	struct why why = {{0}};
	char cursor[sizeof following->cursor];
	memcpy(cursor, following->cursor, sizeof cursor);
	following->rows_all = !follower->since;
	struct asked asked = ask(following, &why);
	bool refused = asked.how == ASKED_REFUSED && asked.status == STATUS_NOT_GOOD;
	if (asked.how == ASKED_FAILED || (!following->begun && asked.how != ASKED_DONE)) {
		message("%s", why.text);
		*status = asked.status;
		return false;
	}
	/* what came of a reply that broke off is true, and told; what didn't come is asked for again */
	if (asked.how != ASKED_DONE)
		memcpy(following->cursor, cursor, sizeof cursor);
	bool all = (refused || asked.how == ASKED_DONE) && following->rows_all;
	struct why trouble = why;
	if (follower->round(follower->arg, all, &why) != ERR_OK) {
		message("%s", why.text);
		*status = STATUS_NOT_DONE;
		return false;
	}
	following->begun = true;
	if (asked.how == ASKED_DONE)
		found(following);
	else
		lost(following, &trouble, refused);
	return true;
}

static uint64_t pause_ms(const struct following *following)
{
	uint64_t ms = following->took_ms * (SHARE - 1);
	if (following->lost_ms != 0)
		return following->lost_ms;
	return ms < ROUND_MS ? ROUND_MS : ms > PAUSE_MS_MAX ? PAUSE_MS_MAX : ms;
}

enum status follow(const struct options *options, const struct follower *follower,
                   json_t *arguments)
{
	char path[CONTROL_PATH_SIZE_MAX + 1];
	struct following following = {.follower = follower, .path = path, .arguments = arguments};
	enum status status = control_path(options, path, sizeof path);
	bool going = status == STATUS_GOOD;
	signals_take();
	while (going) {
		going = round_go(&following, &status);
		if (going && (fflush(stdout) != 0 || ferror(stdout) != 0)) {
			/* a pipe's reader has all it wants; a full disk is another thing */
			status = errno == EPIPE ? STATUS_GOOD : output_finish(STATUS_NOT_DONE);
			going = false;
		}
		going = going && wait_ms(pause_ms(&following));
	}
	json_decref(arguments);
	return status;
}

/* --- what is news ------------------------------------------------------------------------- */

static void moving_drop(json_t *value, const char *const *moving)
{
	const char *key;
	json_t *member;
	size_t i;
	for (i = 0; json_is_object(value) && moving[i] != NULL; i++)
		(void)json_object_del(value, moving[i]);
	json_object_foreach(value, key, member)
	{
		moving_drop(member, moving);
	}
	json_array_foreach(value, i, member)
	{
		moving_drop(member, moving);
	}
}

bool content_hash(const json_t *row, const char *const *moving, uint64_t *hash)
{
	json_t *copy = moving != NULL ? json_deep_copy(row) : NULL;
	if (moving != NULL && copy == NULL)
		return false;
	if (copy != NULL)
		moving_drop(copy, moving);
	char *text = json_dumps(copy != NULL ? copy : row, JSON_COMPACT);
	json_decref(copy);
	if (text == NULL)
		return false;
	*hash = hash_bytes(bytes_of(text), *hash);
	free(text);
	return true;
}
