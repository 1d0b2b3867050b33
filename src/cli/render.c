#include "cli.h"
#include "fedns/daemon.h"
#include "records.h"

#include <jansson.h>
#include <sys/stat.h>
#include <time.h>

/* One RR as text: an RDATA of 65,535 octets, each as \DDD, two names, and some. */
#define LINE_SIZE_MAX ((size_t)4 * 65535 + 2 * (size_t)NAME_TEXT_SIZE + 64)

struct printer {
	struct buf line;
	bool json, begun;
};

static enum err write_failed(struct why *why)
{
	why_set(why, "standard output can't be written");
	return ERR_IO;
}

static enum err zone_print(void *arg, const struct rrset *set, struct why *why)
{
	struct printer *printer = arg;
	for (size_t i = 0; i < set->count; i++) {
		printer->line.size = 0;
		enum err err = rrset_text(set, i, &printer->line, why);
		if (err != ERR_OK)
			return err;
		if (fwrite(printer->line.data, 1, printer->line.size, stdout) != printer->line.size)
			return write_failed(why);
	}
	return ERR_OK;
}

static enum err rdata_add(struct printer *printer, const struct rrset *set, json_t *list,
                          struct why *why)
{
	for (size_t i = 0; i < set->count; i++) {
		printer->line.size = 0;
		enum err err = rdata_text(set, i, &printer->line, why);
		if (err != ERR_OK)
			return err;
		if (json_array_append_new(
				list, json_stringn((const char *)printer->line.data, printer->line.size)) != 0) {
			why_set(why, "no memory for JSON");
			return ERR_NOMEM;
		}
	}
	return ERR_OK;
}

static enum err json_print(void *arg, const struct rrset *set, struct why *why)
{
	struct printer *printer = arg;
	char name[NAME_TEXT_SIZE], type[16];
	name_text(set->owner, name);
	type_text(set->type, type);
	json_t *list = json_array();
	json_t *object = json_pack("{s:s, s:s, s:I, s:O*}", "name", name, "type", type, "ttl",
	                           (json_int_t)set->ttl_s, "rdata", list);
	enum err err = ERR_NOMEM;
	why_set(why, "no memory for JSON");
	if (list != NULL && object != NULL) {
		err = rdata_add(printer, set, list, why);
		if (err == ERR_OK && (fputs(printer->begun ? ",\n" : "[\n", stdout) == EOF ||
		                      json_dumpf(object, stdout, JSON_COMPACT) != 0))
			err = write_failed(why);
		printer->begun = true;
	}
	json_decref(list);
	json_decref(object);
	return err;
}

/* Of the same input the same output: the serial is the file's time. A live source has none. */
static uint32_t serial_of(const char *path)
{
	struct stat file;
	if (path == NULL)
		return (uint32_t)time(NULL);
	return stat(path, &file) == 0 ? (uint32_t)file.st_mtime : 0;
}

static enum err model_print(const struct model *model, const struct config *config, bool json,
                            struct findings *findings, struct why *why)
{
	struct records *records = records_new();
	if (records == NULL) {
		why_set(why, "no memory for the zone");
		return ERR_NOMEM;
	}
	struct printer printer = {.json = json};
	buf_init(&printer.line, LINE_SIZE_MAX);
	enum err err = records_walk(model, &config->answer.zone, serial_of(config->source_file),
	                            findings, records_take, records, why);
	if (err == ERR_OK)
		err = records_sorted(records, json ? json_print : zone_print, &printer, why);
	if (err == ERR_OK && json && fputs("\n]\n", stdout) == EOF)
		err = write_failed(why);
	buf_free(&printer.line);
	records_free(records);
	return err;
}

static enum status state_print(const struct config *config, bool json, struct findings *findings)
{
	struct why why = {{0}};
	struct once *once;
	findings->file = config->source_file;
	findings->line = 0;
	if (once_load(config, findings, &once, &why) != ERR_OK) {
		message("%s", why.text);
		return STATUS_NOT_DONE;
	}
	findings->file = config->source_file;
	findings->line = 0;
	enum err err = model_print(once_model(once), config, json, findings, &why);
	once_free(once);
	if (err == ERR_OK)
		return output_finish(STATUS_GOOD);
	message("%s", why.text);
	return STATUS_NOT_DONE;
}

enum status command_render(const struct options *options)
{
	struct tally tally = {.to = stderr};
	struct findings findings = findings_printed(&tally);
	struct config *config;
	enum status status = config_open(&options->flags, &findings, &config);
	if (status != STATUS_GOOD)
		return status;
	status = state_print(config, options->json, &findings);
	config_free(config);
	return status;
}
