#include "cli.h"
#include "fedns/utf8.h"
#include "table.h"
#include "verify_sample.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 6
/* Two names, an address, words and their NULs. */
#define CELLS_SIZE_MAX (NAME_TEXT_SIZE + ADDRESS_TEXT_SIZE + 128)

static const char TITLES[] = "SERVER\0OF\0ADDRESS\0UDP\0TCP\0SERIAL";

static const char *const ROLES[] = {"parent", "zone", "responder"};

/* --- a table and lines ----------------------------------------------------------------------- */

static void server_text(const struct verify_row *row, char text[NAME_TEXT_SIZE])
{
	if (row->server.size == 0)
		(void)snprintf(text, NAME_TEXT_SIZE, "-");
	else
		name_text(name_bytes(&row->server), text);
}

static size_t cell_add(char *cells, size_t at, const char *text)
{
	return at + (size_t)snprintf(cells + at, CELLS_SIZE_MAX - at, "%s", text) + 1;
}

static void cells_write(const struct verify_row *row, char cells[CELLS_SIZE_MAX])
{
	char server[NAME_TEXT_SIZE], address[ADDRESS_TEXT_SIZE], serial[16] = "-";
	server_text(row, server);
	address_text(&row->address, address);
	if (row->has_serial)
		(void)snprintf(serial, sizeof serial, "%u", row->serial);
	size_t at = cell_add(cells, 0, server);
	at = cell_add(cells, at, ROLES[row->role]);
	at = cell_add(cells, at, address);
	at = cell_add(cells, at, row->udp);
	at = cell_add(cells, at, row->tcp);
	(void)cell_add(cells, at, serial);
}

static void rows_print(const struct verify_report *report)
{
	char cells[CELLS_SIZE_MAX];
	struct table table = {.column_count = COLUMNS, .width_max = terminal_width(stdout)};
	table_measure(&table, TITLES);
	for (size_t i = 0; i < report->row_count; i++) {
		cells_write(&report->rows[i], cells);
		table_measure(&table, cells);
	}
	table_settle(&table);
	table_titles_print(&table, TITLES, stdout);
	for (size_t i = 0; i < report->row_count; i++) {
		cells_write(&report->rows[i], cells);
		table_print(&table, TITLES, cells, stdout);
	}
}

static const char *severity_text(const struct verify_finding *finding)
{
	return finding->severity == SEVERITY_ERROR ? "error" : "warning";
}

static void findings_print(const struct verify_report *report)
{
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct verify_finding *finding = &report->findings[i];
		char text[sizeof finding->text], mend[sizeof finding->mend];
		memcpy(text, finding->text, sizeof text);
		memcpy(mend, finding->mend, sizeof mend);
		utf8_clean(text);
		utf8_clean(mend);
		(void)printf("%s%s: %s: %s; mend: %s\n", i == 0 ? "\n" : "", severity_text(finding),
		             finding->reason, text, mend);
	}
}

/* --- JSON ------------------------------------------------------------------------------------ */

static json_t *row_json(const struct verify_row *row)
{
	char server[NAME_TEXT_SIZE], address[ADDRESS_TEXT_SIZE];
	server_text(row, server);
	address_text(&row->address, address);
	return json_pack("{s:s?, s:s, s:s, s:i, s:s, s:s, s:o}", "server",
	                 row->server.size == 0 ? NULL : server, "of", ROLES[row->role], "address",
	                 address, "port", (int)row->port, "udp", row->udp, "tcp", row->tcp, "serial",
	                 row->has_serial ? json_integer((json_int_t)row->serial) : json_null());
}

static json_t *finding_json(const struct verify_finding *finding)
{
	char text[sizeof finding->text], mend[sizeof finding->mend];
	memcpy(text, finding->text, sizeof text);
	memcpy(mend, finding->mend, sizeof mend);
	utf8_clean(text); /* it may have been cut within a character */
	utf8_clean(mend);
	return json_pack("{s:s, s:s, s:s, s:s}", "severity", severity_text(finding), "reason",
	                 finding->reason, "text", text, "mend", mend);
}

static json_t *report_json(const struct verify_report *report)
{
	char zone[NAME_TEXT_SIZE], parent[NAME_TEXT_SIZE];
	json_t *rows = json_array(), *findings = json_array();
	int failed = rows == NULL || findings == NULL;
	name_text(name_bytes(&report->zone), zone);
	name_text(name_bytes(&report->parent), parent);
	for (size_t i = 0; i < report->row_count; i++)
		failed |= json_array_append_new(rows, row_json(&report->rows[i]));
	for (size_t i = 0; i < report->finding_count; i++)
		failed |= json_array_append_new(findings, finding_json(&report->findings[i]));
	json_t *all = json_pack("{s:s, s:s, s:o, s:o}", "zone", zone, "parent", parent, "servers", rows,
	                        "findings", findings);
	if (failed == 0)
		return all;
	json_decref(all);
	return NULL;
}

static bool json_print(const struct verify_report *report)
{
	json_t *json = report_json(report);
	bool printed =
		json != NULL && json_dumpf(json, stdout, JSON_INDENT(1) | JSON_ENSURE_ASCII) == 0;
	json_decref(json);
	if (json == NULL)
		message("no memory for JSON");
	else
		(void)fputc('\n', stdout);
	return printed;
}

/* --- all of it ------------------------------------------------------------------------------- */

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static enum status report_print(const struct verify_report *report, const struct options *options)
{
	size_t errors = 0, warnings = 0;
	char zone[NAME_TEXT_SIZE], parent[NAME_TEXT_SIZE];
	for (size_t i = 0; i < report->finding_count; i++) {
		if (report->findings[i].severity == SEVERITY_ERROR)
			errors++;
		else
			warnings++;
	}
	bool good = errors == 0 && (warnings == 0 || !options->strict);
	if (options->json && !json_print(report))
		return STATUS_NOT_DONE;
	if (!options->json) {
		rows_print(report);
		findings_print(report);
	}
	enum status status = output_finish(good ? STATUS_GOOD : STATUS_NOT_GOOD);
	name_text(name_bytes(&report->zone), zone);
	name_text(name_bytes(&report->parent), parent);
	(void)fprintf(stderr, "%s below %s: %zu address%s asked, %zu error%s, %zu warning%s\n", zone,
	              parent, report->row_count, report->row_count == 1 ? "" : "es", errors,
	              plural(errors), warnings, plural(warnings));
	return status;
}

static enum status verify_do(const struct verify_ask *ask, const struct options *options)
{
	struct why why = {{0}};
	struct verify_report *report;
	enum err err = verify_run(ask, &report, &why);
	if (err != ERR_OK) {
		message("%s", why.text);
		return STATUS_NOT_DONE;
	}
	enum status status = report_print(report, options);
	verify_report_free(report);
	return status;
}

static enum status config_verify(const struct config *config, const struct options *options,
                                 struct findings *findings)
{
	struct why why = {{0}};
	const struct config_push *push = &config->push;
	struct verify_ask ask = {.config = config,
	                         .parent = push->delegate ? &push->parent : NULL,
	                         .hosted = push->on && !push->delegate,
	                         .servers = push->verify_servers,
	                         .server_count = push->verify_server_count};
	if (!ask.hosted)
		return verify_do(&ask, options);
	struct samples *samples = calloc(1, sizeof *samples);
	if (samples == NULL) {
		message("no memory for the samples");
		return STATUS_NOT_DONE;
	}
	enum status status = STATUS_NOT_DONE;
	if (samples_load(config, findings, samples, &why) == ERR_OK) {
		ask.samples = samples->items;
		ask.sample_count = samples->count;
		status = verify_do(&ask, options);
	} else {
		message("%s", why.text);
	}
	free(samples);
	return status;
}

enum status command_verify(const struct options *options)
{
	struct tally tally = {.to = stderr};
	struct findings findings = findings_printed(&tally);
	struct config *config;
	enum status status = config_open(&options->flags, &findings, &config);
	if (status != STATUS_GOOD)
		return status;
	status = config_verify(config, options, &findings);
	config_free(config);
	return status;
}
