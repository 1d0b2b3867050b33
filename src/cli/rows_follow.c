/* A listing that is followed: a row again when it has changed. */
#include "follow.h"
#include "rows.h"
#include "seen.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct news {
	struct rows *rows;
	struct seen *seen;
	json_t *group; /* rows one behind another that belong together: the records of a name */
	char *key;     /* theirs; NULL: none yet */
	bool told;     /* the first table is out */
};

static json_t *names_of(const struct listing *listing, const json_t *row)
{
	json_t *names = json_object();
	for (size_t i = 0; names != NULL && listing->names[i] != NULL; i++)
		(void)json_object_set(names, listing->names[i], json_object_get(row, listing->names[i]));
	return names;
}

static char *key_of(const struct listing *listing, const json_t *row)
{
	json_t *names = names_of(listing, row);
	char *key = names != NULL ? json_dumps(names, JSON_COMPACT) : NULL;
	json_decref(names);
	return key;
}

static enum err group_tell(struct news *news, struct why *why)
{
	enum err err = ERR_OK;
	for (size_t i = 0; i < json_array_size(news->group) && err == ERR_OK; i++)
		err = rows_take(news->rows, json_array_get(news->group, i), why);
	return err;
}

/* The rows of a group may come in another order each time. */
static bool group_hash(const struct news *news, uint64_t *hash)
{
	*hash = json_array_size(news->group);
	for (size_t i = 0; i < json_array_size(news->group); i++) {
		uint64_t row = 0;
		if (!content_hash(json_array_get(news->group, i), news->rows->listing->moving, &row))
			return false;
		*hash += row;
	}
	return true;
}

static enum err group_end(struct news *news, struct why *why)
{
	uint64_t hash;
	enum seen_how how = SEEN_SAME;
	if (news->key == NULL)
		return ERR_OK;
	enum err err =
		group_hash(news, &hash) ? seen_take(news->seen, news->key, hash, &how) : ERR_NOMEM;
	if (err != ERR_OK)
		why_set(why, "no memory to follow so many rows");
	else if (how != SEEN_SAME)
		err = group_tell(news, why);
	free(news->key);
	news->key = NULL;
	(void)json_array_clear(news->group);
	return err;
}

static enum err row_take(void *arg, const json_t *row, struct why *why)
{
	struct news *news = arg;
	char *key = key_of(news->rows->listing, row);
	enum err err = ERR_OK;
	if (news->key == NULL || key == NULL || strcmp(key, news->key) != 0) {
		err = group_end(news, why);
		news->key = key;
	} else {
		free(key);
	}
	if (err != ERR_OK)
		return err;
	/* as it comes it is ours no longer than this call */
	if (news->key != NULL && json_array_append_new(news->group, json_deep_copy(row)) == 0)
		return ERR_OK;
	why_set(why, "no memory for the reply");
	return ERR_NOMEM;
}

/* A gone_taker. Its name, and nothing beside. */
static enum err gone_tell(void *arg, const char *key)
{
	struct news *news = arg;
	struct why why;
	json_t *row = json_loads(key, 0, NULL);
	if (row == NULL || json_object_set_new(row, "gone", json_true()) != 0) {
		json_decref(row);
		return ERR_NOMEM;
	}
	enum err err = rows_take(news->rows, row, &why);
	json_decref(row);
	return err;
}

static enum err round_end(void *arg, bool all, struct why *why)
{
	struct news *news = arg;
	enum err err = group_end(news, why);
	if (err == ERR_OK && all) {
		err = seen_sweep(news->seen, gone_tell, news);
		if (err != ERR_OK)
			why_set(why, "no memory for the table");
	}
	if (err != ERR_OK)
		return err;
	rows_print(news->rows, !news->told);
	news->told = true;
	seen_begin(news->seen);
	return ERR_OK;
}

enum status rows_follow(struct rows *rows, json_t *arguments)
{
	assert(rows->listing->names != NULL);
	struct news news = {.rows = rows, .seen = seen_new(), .group = json_array()};
	const struct follower follower = {
		rows->listing->command, row_take, round_end, &news, true, rows->listing->loose,
	};
	enum status status = STATUS_NOT_DONE;
	if (news.seen != NULL && news.group != NULL) {
		seen_begin(news.seen);
		status = follow(rows->options, &follower, arguments);
	} else {
		message("no memory to follow");
		json_decref(arguments);
	}
	seen_free(news.seen);
	json_decref(news.group);
	free(news.key);
	return status;
}
