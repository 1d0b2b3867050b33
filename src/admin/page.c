/* A request for the page: command after command is asked, step by step; then section after section
 * is written, one a step. */
#include "page.h"

#include "page_asset.h"
#include "page_view.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Octets of a section: fifty services that are troubled in each of 48 levels. */
#define SECTION_SIZE_MAX ((size_t)1 << 20)

static const struct {
	const char *command;
	size_t rows_max;
} PARTS[VIEW_PARTS] = {
	[VIEW_STATUS] = {"status", 1},
	[VIEW_CLUSTERS] = {"clusters", VIEW_CLUSTERS_MAX},
	[VIEW_SERVICES] = {"services", VIEW_SERVICES_MAX + 1},
	[VIEW_HISTORY] = {"history", 1},
	[VIEW_EXPLAIN] = {"explain", VIEW_EXPLAIN_MAX},
};

static page_section *const SECTIONS[] = {page_head,     page_verdict,  page_explain,  page_traffic,
                                         page_clusters, page_services, page_provider, page_foot};
#define SECTION_COUNT (sizeof SECTIONS / sizeof SECTIONS[0])

struct job {
	const struct page_source *source;
	json_t *query; /* whose texts the view has */
	struct page_view view;
	char now[32];
	size_t part, section;                  /* the next */
	const struct control_command *command; /* of `part`, while it is asked; else NULL */
	void *inner;
};

static void job_end(void *arg)
{
	struct job *job = arg;
	if (job->command != NULL)
		job->command->end(job->inner);
	for (size_t i = 0; i < VIEW_PARTS; i++)
		json_decref(job->view.rows[i]);
	json_decref(job->query);
	free(job);
}

static bool rows_make(struct job *job)
{
	bool made = true;
	for (size_t i = 0; i < VIEW_PARTS; i++) {
		job->view.rows[i] = json_array();
		made &= job->view.rows[i] != NULL;
	}
	return made;
}

static void now_write(struct job *job)
{
	struct tm parts;
	time_t now = time(NULL);
	if (gmtime_r(&now, &parts) == NULL ||
	    strftime(job->now, sizeof job->now, "%Y-%m-%d %H:%M:%S UTC", &parts) == 0)
		job->now[0] = '\0';
	job->view.now = job->now;
}

static enum err page_begin(void *arg, json_t *query, void **out, unsigned *status, struct why *why)
{
	*status = 200;
	*out = NULL;
	struct job *job = calloc(1, sizeof *job);
	if (job == NULL || !rows_make(job)) {
		if (job != NULL)
			job_end(job);
		why_set(why, "no memory for the page");
		return ERR_NOMEM;
	}
	job->source = arg;
	job->query = json_incref(query);
	job->view.explain = row_text(query, "explain");
	job->view.find = row_text(query, "find");
	job->view.after = row_text(query, "after");
	now_write(job);
	*out = job;
	return ERR_OK;
}

/* --- asking ------------------------------------------------------------------------------- */

static const struct control_command *command_find(const struct page_source *source,
                                                  const char *name)
{
	for (size_t i = 0; i < source->count; i++) {
		if (strcmp(source->commands[i].name, name) == 0)
			return &source->commands[i];
	}
	return NULL;
}

static json_t *services_arguments(const struct page_view *view)
{
	const char *after = view->after != NULL ? view->after : "";
	const char *find = view->find != NULL ? view->find : "";
	return json_pack("{s:i, s:b, s:b, s:b, s:s, s:s}", "limit", VIEW_SERVICES_MAX, "troubled", 1,
	                 "levels", 1, "summary", 1, "after", after, "find", find);
}

/* NULL: no memory. */
static json_t *arguments_of(const struct job *job)
{
	if (job->part == VIEW_SERVICES)
		return services_arguments(&job->view);
	return job->part == VIEW_EXPLAIN ? json_pack("{s:s}", "name", job->view.explain)
	                                 : json_object();
}

static bool is_wanted(const struct job *job)
{
	return job->part != VIEW_EXPLAIN || (job->view.explain != NULL && job->view.explain[0] != '\0');
}

/* A part that can't be asked says why in its place: the others stand. */
static void part_begin(struct job *job)
{
	struct why *why = &job->view.why[job->part];
	const struct control_command *command = command_find(job->source, PARTS[job->part].command);
	if (command == NULL || !is_wanted(job)) {
		job->part++;
		return;
	}
	json_t *arguments = arguments_of(job);
	if (arguments == NULL)
		why_set(why, "no memory for the question");
	else if (command->begin(job->source->arg, arguments, &job->inner, why) == ERR_OK)
		job->command = command;
	json_decref(arguments);
	if (job->command == NULL)
		job->part++;
}

static void part_end(struct job *job)
{
	job->command->end(job->inner);
	job->command = NULL;
	job->part++;
}

static void row_take(struct job *job, json_t *row)
{
	json_t *rows = job->view.rows[job->part];
	if (row == NULL || json_array_size(rows) == PARTS[job->part].rows_max)
		job->view.left[job->part] += row != NULL;
	else if (json_array_append(rows, row) != 0)
		why_set(&job->view.why[job->part], "no memory for all of it");
	if (row == NULL)
		why_set(&job->view.why[job->part], "no memory for a row");
	json_decref(row);
}

static void part_step(struct job *job)
{
	struct control_answer answer = {.err = ERR_OK};
	switch (job->command->step(job->inner, &answer)) {
	case CONTROL_ROW:
		row_take(job, answer.row);
		break;
	case CONTROL_WORKED:
		break;
	case CONTROL_FAILED:
		job->view.why[job->part] = answer.why;
		part_end(job);
		break;
	case CONTROL_WAIT: /* none of these commands does */
		why_set(&job->view.why[job->part], "the daemon waits for something");
		part_end(job);
		break;
	case CONTROL_END:
		part_end(job);
		break;
	}
}

/* --- writing ------------------------------------------------------------------------------ */

static enum admin_step section_write(struct job *job, struct buf *out, struct why *why)
{
	struct buf section;
	buf_init(&section, SECTION_SIZE_MAX);
	struct html html = {.out = &section};
	SECTIONS[job->section++](&job->view, &html);
	enum err err = html.err == ERR_OK ? buf_add(out, buf_bytes(&section)) : html.err;
	buf_free(&section);
	if (err != ERR_OK) {
		why_set(why,
		        err == ERR_LIMIT ? "a section of the page is above %zu octets"
		                         : "no memory for a section of the page, up to %zu octets",
		        SECTION_SIZE_MAX);
		return ADMIN_FAILED;
	}
	return job->section == SECTION_COUNT ? ADMIN_END : ADMIN_MORE;
}

static enum admin_step page_step(void *arg, struct buf *out, struct why *why)
{
	struct job *job = arg;
	if (job->command != NULL)
		part_step(job);
	else if (job->part < VIEW_PARTS)
		part_begin(job);
	else
		return section_write(job, out, why);
	return ADMIN_MORE;
}

const struct admin_resource page_resources[PAGE_RESOURCES] = {
	{"/", "text/html; charset=utf-8", false, page_begin, page_step, job_end},
	{"/page.css", "text/css; charset=utf-8", true, asset_css_begin, asset_step, asset_end},
	{"/page.js", "text/javascript; charset=utf-8", true, asset_js_begin, asset_step, asset_end},
};
