/* The clusters: where they are, how they are seen, how many of their addresses serve. */
#include "page_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a cluster's zones. */
#define ZONES_SHOWN 8
#define BAR_WIDTH   100

static enum tone status_tone(const json_t *row)
{
	if (row_true(row, "withdrawn") || row_is(row, "status", "NotReady"))
		return TONE_BAD;
	if (row_true(row, "drained") || row_is(row, "status", "Unregistered"))
		return TONE_QUIET;
	return row_is(row, "status", "Ready") ? TONE_GOOD : TONE_WARN;
}

static const char *status_words(const json_t *row)
{
	static const char *const WORDS[][2] = {
		{"Ready", "Ready"},
		{"NotReady", "Not ready"},
		{"Unknown", "Readiness unknown"},
		{"Unseen", "Not in sight"},
		{"Unregistered", "Not registered"},
	};
	for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
		if (row_is(row, "status", WORDS[i][0]))
			return WORDS[i][1];
	}
	return row_text(row, "status");
}

static void state_cell(struct html *html, const json_t *row)
{
	json_int_t drained = row_number(row, "drained_services");
	html_cell(html, "State");
	html_state(html, status_tone(row), status_words(row));
	if (row_true(row, "withdrawn"))
		html_raw(html, "<span class=\"more\">withdrawn</span>");
	if (row_true(row, "drained"))
		html_raw(html, "<span class=\"more\">drained</span>");
	else if (drained > 0)
		HTML(html, "<span class=\"more\">$ of its services drained</span>",
		     html_count(drained).text);
	html_raw(html, "</td>");
}

static void zones_cell(struct html *html, const json_t *row)
{
	const json_t *zones = json_object_get(row, "zones");
	size_t count = json_array_size(zones);
	html_cell(html, "Zones");
	if (count == 0)
		html_text(html, NULL);
	for (size_t i = 0; i < count && i < ZONES_SHOWN; i++)
		HTML(html, "$<span class=\"tag\">$</span>", i == 0 ? "" : " ",
		     json_string_value(json_array_get(zones, i)));
	if (count > ZONES_SHOWN)
		HTML(html, " and $ more", html_count((json_int_t)(count - ZONES_SHOWN)).text);
	html_raw(html, "</td>");
}

/* The words say it; the bar is for the eye alone. */
static void health_cell(struct html *html, const json_t *row)
{
	char width[16];
	json_int_t probed = row_number(row, "probed"), good = row_number(row, "good");
	html_cell(html, "Health");
	if (probed <= 0 || good < 0 || good > probed) {
		html_raw(html, "<span class=\"quiet\">not probed</span></td>");
		return;
	}
	(void)snprintf(width, sizeof width, "%.1f", (double)good * BAR_WIDTH / (double)probed);
	HTML(html,
	     "$ of $ good <svg class=\"bar $\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" "
	     "aria-hidden=\"true\"><rect class=\"rest\" width=\"100\" height=\"6\"/><rect "
	     "class=\"part\" "
	     "width=\"$\" height=\"6\"/></svg></td>",
	     html_count(good).text, html_count(probed).text,
	     tone_class(good == probed ? TONE_GOOD
	                : good == 0    ? TONE_BAD
	                               : TONE_WARN),
	     width);
}

static void cluster_row(struct html *html, const json_t *row)
{
	HTML(html, "<tr role=\"row\" data-key=\"$\"><th scope=\"row\" role=\"rowheader\">$</th>",
	     row_text(row, "name"), row_text(row, "name"));
	state_cell(html, row);
	html_cell(html, "Region");
	html_text(html, row_text(row, "region"));
	html_raw(html, "</td>");
	zones_cell(html, row);
	health_cell(html, row);
	html_cell(html, "Services");
	html_text(html, html_count(row_number(row, "services")).text);
	html_raw(html, "</td>");
	html_cell(html, "Heard of");
	if (row_has(row, "age_s"))
		HTML(html, "$ ago", html_age(row_number(row, "age_s")).text);
	else
		html_text(html, NULL);
	html_raw(html, "</td></tr>\n");
}

/* Trouble first, what is not registered last, else by name. */
static int rank_of(const json_t *row)
{
	static const int RANKS[] = {[TONE_BAD] = 0, [TONE_WARN] = 1, [TONE_GOOD] = 2, [TONE_QUIET] = 3};
	return RANKS[status_tone(row)];
}

static int row_compare(const void *left, const void *right)
{
	const json_t *const *a = left, *const *b = right;
	const char *a_name = row_text(*a, "name"), *b_name = row_text(*b, "name");
	int order = rank_of(*a) - rank_of(*b);
	return order != 0 ? order : strcmp(a_name != NULL ? a_name : "", b_name != NULL ? b_name : "");
}

void page_clusters(const struct page_view *view, struct html *html)
{
	static const char *const TITLES[] = {"Cluster", "State",    "Region",  "Zones",
	                                     "Health",  "Services", "Heard of"};
	const json_t *rows[VIEW_CLUSTERS_MAX] = {NULL};
	size_t count = json_array_size(view->rows[VIEW_CLUSTERS]);
	count = count > VIEW_CLUSTERS_MAX ? VIEW_CLUSTERS_MAX : count;
	for (size_t i = 0; i < count; i++)
		rows[i] = json_array_get(view->rows[VIEW_CLUSTERS], i);
	qsort(rows, count, sizeof rows[0], row_compare);
	html_section(html, "clusters", "Clusters");
	if (count == 0)
		html_raw(html, "<p class=\"none\">The source names no cluster.</p>\n");
	else
		html_table(html, "clusters-table", "Clusters of the federation", TITLES,
		           sizeof TITLES / sizeof TITLES[0]);
	for (size_t i = 0; i < count; i++)
		cluster_row(html, rows[i]);
	if (count != 0)
		html_table_end(html);
	if (view->left[VIEW_CLUSTERS] != 0)
		HTML(html,
		     "<p class=\"none\">And $ more, which services alone name: <code>fedns "
		     "clusters</code>.</p>\n",
		     html_count((json_int_t)view->left[VIEW_CLUSTERS]).text);
	html_missing(html, view, VIEW_CLUSTERS);
	html_raw(html, "</section>\n");
}
