#include "single.h"

#include "control_client.h"
#include "follow.h"

static enum err row_keep(void *arg, const json_t *row, struct why *why)
{
	json_t **kept = arg;
	(void)why;
	json_decref(*kept);
	*kept = json_deep_copy(row);
	if (*kept != NULL)
		return ERR_OK;
	why_set(why, "no memory for the reply");
	return ERR_NOMEM;
}

static bool json_print(const json_t *row)
{
	return json_dumpf(row, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) == 0 &&
	       fputs("\n", stdout) != EOF;
}

enum status single_run(const struct options *options, const char *command, json_t *arguments,
                       row_printer *print)
{
	json_t *row = NULL;
	bool said;
	enum status status = control_ask(options, command, arguments, row_keep, &row, &said);
	if (!said && row != NULL) {
		bool printed = options->json ? json_print(row) : print(row) == ERR_OK;
		/* A failed write is noticed by output_finish(), too, which says why. */
		enum status finished = output_finish(status);
		if (!printed && finished == status)
			message("no memory for the reply");
		status = printed ? finished : STATUS_NOT_DONE;
	}
	json_decref(row);
	return status;
}

struct single_news {
	bool json;
	json_t *row;
	news_printer *print;
	void *arg;
};

static enum err news_keep(void *arg, const json_t *row, struct why *why)
{
	struct single_news *news = arg;
	return row_keep(&news->row, row, why);
}

static enum err news_print(void *arg, bool all, struct why *why)
{
	struct single_news *news = arg;
	bool any = false;
	enum err err = ERR_OK;
	(void)all;
	if (news->row != NULL)
		err = news->print(news->arg, news->row, &any);
	if (any && news->json && json_dumpf(news->row, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) == 0)
		(void)fputs("\n", stdout);
	if (err != ERR_OK)
		why_set(why, "no memory for the reply");
	json_decref(news->row);
	news->row = NULL;
	return err;
}

enum status single_follow(const struct options *options, const char *command, news_printer *print,
                          void *arg)
{
	struct single_news news = {options->json, NULL, print, arg};
	const struct follower follower = {command, news_keep, news_print, &news, false, false};
	enum status status = follow(options, &follower, NULL);
	json_decref(news.row);
	return status;
}
