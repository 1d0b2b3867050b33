#include "health_config.h"

#include <string.h>

/* FED.svc.SUFFIX; empty where it would not fit. */
static void global_put(const struct zone_policy *zone, char *text)
{
	struct name name = zone->suffix;
	text[0] = '\0';
	if (name_prepend(&name, bytes_of("svc")) != ERR_OK ||
	    name_prepend(&name, (struct bytes){zone->federation, zone->federation_size}) != ERR_OK)
		return;
	name_text(name_bytes(&name), text);
	size_t size = strlen(text);
	if (size > 1)
		text[size - 1] = '\0';
}

void health_policy_of(const struct config *config, struct health_texts *texts,
                      struct health_policy *out)
{
	global_put(&config->answer.zone, texts->global);
	*out = config->health.policy;
	out->global = texts->global;
	out->self_checks = config->health.self_check_count != 0;
}
