/* Small things of JSON and of jobs that more than one command says. */
#include "clock.h"
#include "control_commands.h"
#include "fedns/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

json_t *control_bytes(struct bytes text)
{
	char *clean = malloc(text.size + 1);
	if (clean == NULL)
		return NULL;
	for (size_t i = 0; i < text.size; i++)
		clean[i] = (char)(text.data[i] == '\0' ? (uint8_t)'?' : text.data[i]);
	clean[text.size] = '\0';
	utf8_clean(clean);
	json_t *json = json_string(clean);
	free(clean);
	return json;
}

json_t *control_text(const char *text)
{
	return control_bytes(bytes_of(text));
}

json_t *control_time(int64_t ms)
{
	char text[32];
	struct tm parts;
	time_t seconds = (time_t)(ms / 1000);
	if (ms == 0)
		return json_null();
	if (gmtime_r(&seconds, &parts) == NULL ||
	    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
		return json_null();
	return json_string(text);
}

json_t *control_age(int64_t ms)
{
	int64_t age_ms = clock_now_ms() - ms;
	if (ms == 0)
		return json_null();
	return json_integer(age_ms > 0 ? age_ms / 1000 : 0); /* the clock may have been set */
}

void control_list_add(json_t **list, json_t *item)
{
	if (*list == NULL) {
		json_decref(item);
	} else if (json_array_append_new(*list, item) != 0) {
		json_decref(*list);
		*list = NULL;
	}
}

json_t *control_listens(const struct daemon *daemon)
{
	json_t *list = json_array();
	for (size_t i = 0; list != NULL && i < daemon->config->listen_count; i++) {
		char text[64];
		struct endpoint endpoint = listeners_endpoint(daemon->listeners, i);
		endpoint_text(&endpoint, text);
		control_list_add(&list, json_string(text));
	}
	return list;
}

enum err control_no_arguments(json_t *arguments, struct why *why)
{
	if (json_object_size(arguments) == 0)
		return ERR_OK;
	why_set(why, "this command takes no arguments");
	return ERR_INVALID;
}

enum err control_single_begin(void *daemon, json_t *arguments, void **job, struct why *why)
{
	*job = NULL;
	enum err err = control_no_arguments(arguments, why);
	if (err != ERR_OK)
		return err;
	struct control_single *single = calloc(1, sizeof *single);
	if (single == NULL) {
		why_set(why, "no memory for the command");
		return ERR_NOMEM;
	}
	single->daemon = daemon;
	*job = single;
	return ERR_OK;
}

void control_single_end(void *job)
{
	free(job);
}

const char *control_state(const struct daemon *daemon)
{
	if (!daemon->published)
		return "nothing served";
	return daemon->look.stale ? "stale" : "serving";
}

bool control_state_good(const struct daemon *daemon)
{
	bool held = daemon->kube != NULL && kube_held(daemon->kube) != 0;
	return daemon->published && !daemon->look.stale && !held && control_health_good(daemon);
}
