/* Any octets as a configuration file: it is taken or refused with a sentence, never more. */
#include "fuzz.h"

#include "config_load.h"

#include <stdlib.h>
#include <string.h>

static void sentence_check(void *arg, const struct finding *finding)
{
	(void)arg;
	if (finding->text[0] == '\0' || strchr(finding->text, '\n') != NULL)
		abort();
}

static void config_check(const struct config *config)
{
	const struct zone_policy *zone = &config->answer.zone;
	if (zone->zone.size < 2 || !name_at_or_below(&zone->suffix, &zone->zone) ||
	    zone->federation_size == 0)
		abort();
	if (zone->ttl_s < 1 || zone->ttl_s > TTL_MAX_S || zone->nameserver_count < 1 ||
	    config->source_file == NULL)
		abort();
	if (config->listen_count == 0 || config->workers < 1 || config->workers > WORKERS_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct config_flags flags = {.file = "dir/fuzz.yaml"};
	struct findings findings = {.report = sentence_check};
	struct config *config;
	struct why why = {{0}};
	enum err err = config_load_text(&flags, (struct bytes){data, size}, &findings, &config, &why);
	if ((err == ERR_OK) != (config != NULL) || (err != ERR_OK) != (why.text[0] != '\0'))
		abort();
	if (config != NULL)
		config_check(config);
	config_free(config);
	return 0;
}
