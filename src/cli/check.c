#include "check_files.h"
#include "cli.h"
#include "fedns/daemon.h"
#include "records.h"

#include <stdlib.h>
#include <string.h>

struct totals {
	size_t services, records;
};

/* As the daemon counts them: SRVs follow from the others. */
static enum err rrset_count(void *arg, const struct rrset *set, struct why *why)
{
	struct totals *totals = arg;
	(void)why;
	totals->records += set->type != TYPE_SRV ? set->count : 0;
	return ERR_OK;
}

/* "PATH: line 3, column 7: ..." -> 3; 0: the sentence has no line. */
static unsigned line_of(const char *sentence, const char *path)
{
	static const char WORD[] = "line ";
	size_t size = strlen(path);
	if (strncmp(sentence, path, size) == 0 && strncmp(sentence + size, ": ", 2) == 0)
		sentence += size + 2;
	if (strncmp(sentence, WORD, sizeof WORD - 1) != 0)
		return 0;
	unsigned long line = strtoul(sentence + sizeof WORD - 1, NULL, 10);
	return line <= UINT32_MAX ? (unsigned)line : 0;
}

/* What the state says is no DNS, or nothing at all: that is what was asked, so it is a finding. */
static void state_refused(const struct config *config, struct findings *findings,
                          const struct why *why)
{
	const char *path = config->source_file;
	const char *sentence = why->text;
	findings->file = path;
	findings->line = 0;
	if (path == NULL) {
		findings_add(findings, SEVERITY_ERROR, FINDING_OBJECT, "%s", sentence);
		return;
	}
	size_t size = strlen(path);
	findings->line = line_of(sentence, path);
	if (strncmp(sentence, path, size) == 0 && strncmp(sentence + size, ": ", 2) == 0)
		sentence += size + 2;
	findings_add(findings, SEVERITY_ERROR, FINDING_OBJECT, "%s", sentence);
}

static enum err model_check(const struct model *model, const struct config *config,
                            struct findings *findings, struct totals *totals, struct why *why)
{
	findings->file = config->source_file;
	findings->line = 0;
	totals->services = model_service_count(model);
	/* Records are counted as the daemon does: those of services. */
	struct totals apex = {0, 0};
	enum err err = apex_rrsets(&config->answer.zone, 1, rrset_count, &apex, why);
	if (err == ERR_OK)
		err = records_walk(model, &config->answer.zone, 1, findings, rrset_count, totals, why);
	if (err == ERR_OK)
		totals->records -= apex.records;
	return err;
}

/* ERR_NOMEM: the only thing that is not a finding. */
static enum err state_check(const struct config *config, struct findings *findings,
                            struct totals *totals, struct why *why)
{
	struct once *once;
	findings->file = config->source_file;
	findings->line = 0;
	enum err err = once_load(config, findings, &once, why);
	if (err == ERR_OK) {
		err = model_check(once_model(once), config, findings, totals, why);
		once_free(once);
	}
	if (err == ERR_OK || err == ERR_NOMEM)
		return err;
	state_refused(config, findings, why);
	return ERR_OK;
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static enum status verdict(const struct tally *tally, const struct totals *totals, bool strict)
{
	enum status status =
		tally->errors != 0 || (strict && tally->warnings != 0) ? STATUS_NOT_GOOD : STATUS_GOOD;
	status = output_finish(status);
	(void)fprintf(stderr, "%zu service%s, %zu record%s, %zu error%s, %zu warning%s\n",
	              totals->services, plural(totals->services), totals->records,
	              plural(totals->records), tally->errors, plural(tally->errors), tally->warnings,
	              plural(tally->warnings));
	return status;
}

enum status command_check(const struct options *options)
{
	struct why why = {{0}};
	struct tally tally = {.to = stdout};
	struct totals totals = {0, 0};
	struct findings findings = findings_printed(&tally);
	struct config *config;
	enum err err = config_load(&options->flags, &findings, &config, &why);
	if (err == ERR_OK) {
		err = files_check(config, options->flags.file, &findings, &why);
		if (err == ERR_OK)
			err = state_check(config, &findings, &totals, &why);
		config_free(config);
	} else if (err == ERR_INVALID) {
		/* Without a file the flags are usage; a file's errors are what was asked about. */
		if (options->flags.file != NULL)
			err = ERR_OK;
	}
	if (err == ERR_OK)
		return verdict(&tally, &totals, options->strict);
	message("%s", why.text);
	return err == ERR_NOMEM ? output_finish(STATUS_NOT_DONE) : STATUS_USAGE;
}
