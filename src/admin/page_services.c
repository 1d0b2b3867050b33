/* The services, those in trouble first: what the names of each level answer, and why. */
#include "page_view.h"

/* Of a level's names, and of what stands in a service's way; the others fold away. */
#define NAMES_SHOWN 4
#define NAMES_MAX   64
#define PORTS_MAX   6

static enum tone state_tone(const json_t *row)
{
	if (row_is(row, "state", "down"))
		return TONE_BAD;
	if (row_is(row, "state", "degraded") || row_is(row, "state", "unsteady"))
		return TONE_WARN;
	return row_is(row, "state", "fine") ? TONE_GOOD : TONE_QUIET;
}

static const char *state_words(const json_t *row)
{
	static const char *const WORDS[][2] = {
		{"down", "Down"},       {"degraded", "Degraded"}, {"unsteady", "Unsteady"},
		{"drained", "Drained"}, {"fine", "Fine"},
	};
	for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
		if (row_is(row, "state", WORDS[i][0]))
			return WORDS[i][1];
	}
	return row_text(row, "state");
}

/* --- the name ----------------------------------------------------------------------------- */

/* A link that keeps what else the URL says. */
static void link_begin(struct html *html, const struct page_view *view, const char *name)
{
	html_raw(html, "<a href=\"/?explain=");
	html_query(html, name);
	if (view->find != NULL && view->find[0] != '\0') {
		html_raw(html, "&amp;find=");
		html_query(html, view->find);
	}
	html_raw(html, "#explain\">");
}

static void name_cell(struct html *html, const struct page_view *view, const json_t *row)
{
	const char *name = row_text(row, "global_name");
	HTML(html, "<tr role=\"row\" data-key=\"$/$\"><th scope=\"row\" role=\"rowheader\">",
	     row_text(row, "namespace"), row_text(row, "name"));
	if (name != NULL)
		link_begin(html, view, name);
	html_text(html, row_text(row, "name"));
	html_raw(html, name != NULL ? "</a>" : "");
	HTML(html, "<span class=\"more\">$ · TTL $</span>", row_text(row, "namespace"),
	     html_count(row_number(row, "ttl")).text);
	const json_t *ports = json_object_get(row, "ports");
	for (size_t i = 0; i < json_array_size(ports) && i < PORTS_MAX; i++)
		HTML(html, "$<span class=\"tag\">$</span>", i == 0 ? "" : " ",
		     json_string_value(json_array_get(ports, i)));
	html_raw(html, "</th>");
}

/* --- how it is, and why ------------------------------------------------------------------- */

static void trouble_put(struct html *html, const json_t *trouble)
{
	json_int_t count = row_number(trouble, "addresses"), out = row_number(trouble, "out");
	HTML(html, "<li><b>$</b> $", row_text(trouble, "cluster"),
	     reason_words(row_text(trouble, "reason")));
	if (count > 0)
		HTML(html, " <span class=\"quiet\">$ of $ out</span>", html_count(out).text,
		     html_count(count).text);
	html_raw(html, "</li>");
}

static void state_cell(struct html *html, const json_t *row)
{
	const json_t *troubles = json_object_get(row, "troubles");
	size_t count = json_array_size(troubles), shown = count > NAMES_SHOWN ? NAMES_SHOWN : count;
	json_int_t left = row_number(row, "troubles_left") + (json_int_t)(count - shown);
	html_cell(html, "State");
	html_state(html, state_tone(row), state_words(row));
	if (row_true(row, "all_down"))
		html_raw(html, "<span class=\"more\">answered all the same: nothing better is left</span>");
	html_raw(html, count != 0 ? "<ul class=\"why\">" : "");
	for (size_t i = 0; i < shown; i++)
		trouble_put(html, json_array_get(troubles, i));
	if (left > 0)
		HTML(html, "<li>and $ more</li>", html_count(left).text);
	html_raw(html, count != 0 ? "</ul></td>" : "</td>");
}

/* --- what a level answers ----------------------------------------------------------------- */

static void answer_put(struct html *html, const json_t *level, bool last)
{
	json_int_t count = row_number(level, "count"), listed = row_number(level, "listed");
	if (row_is(level, "answer", "addresses"))
		HTML(html, "<span class=\"$\">$ of $<span class=\"unseen\"> addresses</span></span>",
		     last ? "last" : "own", html_count(count).text, html_count(listed).text);
	else if (row_is(level, "answer", "nothing"))
		html_raw(html, "<span class=\"empty\">no address</span>");
	else
		HTML(html, "<span class=\"up\"><span class=\"unseen\">answers as </span>$</span>",
		     row_text(level, "from"));
	if (row_true(level, "weak"))
		HTML(html, " <span class=\"quiet\">$</span>", reason_words(row_text(level, "reason")));
}

static void addresses_put(struct html *html, const json_t *level)
{
	const json_t *addresses = json_object_get(level, "addresses");
	size_t size = json_array_size(addresses), shown = size > NAMES_SHOWN ? NAMES_SHOWN : size;
	json_int_t count = row_number(level, "count");
	for (size_t i = 0; i < shown; i++)
		HTML(html, "<span class=\"address\">$</span>",
		     json_string_value(json_array_get(addresses, i)));
	if (shown != 0 && count > (json_int_t)shown)
		HTML(html, "<span class=\"quiet\">and $ more</span>",
		     html_count(count - (json_int_t)shown).text);
}

static void level_put(struct html *html, const json_t *level, const char *key, bool last)
{
	html_raw(html, "<li>");
	if (key != NULL)
		HTML(html, "<span class=\"place\">$</span> ", row_text(level, key));
	answer_put(html, level, last);
	if (key == NULL)
		addresses_put(html, level);
	html_raw(html, "</li>");
}

/* The names of one level: some, and the others behind a click. */
static void level_cell(struct html *html, const json_t *row, const char *title, const char *level,
                       const char *key)
{
	const json_t *levels = json_object_get(row, "levels"), *at[NAMES_MAX];
	bool last = row_true(row, "all_down");
	size_t count = 0;
	for (size_t i = 0; i < json_array_size(levels) && count < NAMES_MAX; i++) {
		if (row_is(json_array_get(levels, i), "level", level))
			at[count++] = json_array_get(levels, i);
	}
	html_cell(html, title);
	html_raw(html,
	         count == 0 ? "<span class=\"quiet\">\xe2\x80\x93</span>" : "<ul class=\"level\">");
	for (size_t i = 0; i < count && i < NAMES_SHOWN; i++)
		level_put(html, at[i], key, last);
	html_raw(html, count == 0 ? "" : "</ul>");
	if (count > NAMES_SHOWN) {
		HTML(html, "<details><summary>$ more</summary><ul class=\"level\">",
		     html_count((json_int_t)(count - NAMES_SHOWN)).text);
		for (size_t i = NAMES_SHOWN; i < count; i++)
			level_put(html, at[i], key, last);
		html_raw(html, "</ul></details>");
	}
	html_raw(html, "</td>");
}

static void service_row(struct html *html, const struct page_view *view, const json_t *row)
{
	name_cell(html, view, row);
	state_cell(html, row);
	level_cell(html, row, "Zone", "zone", "zone");
	level_cell(html, row, "Region", "region", "region");
	level_cell(html, row, "Global", "global", NULL);
	html_raw(html, "</tr>\n");
}

/* --- around the table --------------------------------------------------------------------- */

static void filter_put(struct html *html, const struct page_view *view)
{
	HTML(html,
	     "<form class=\"filter\" action=\"/#services\" method=\"get\">"
	     "<label for=\"find\">Find a service</label>\n<div class=\"ask\"><input id=\"find\" "
	     "name=\"find\" type=\"search\" value=\"$\" placeholder=\"part of namespace/name\" "
	     "autocomplete=\"off\" autocapitalize=\"none\" spellcheck=\"false\" maxlength=\"127\"> "
	     "<button>Find</button></div>",
	     view->find != NULL ? view->find : "");
	html_hidden(html, "explain", view->explain);
	html_raw(html, "</form>\n");
}

static void part_put(struct html *html, const json_t *summary, const char *key, const char *words,
                     bool *any)
{
	json_int_t count = row_number(summary, key);
	if (count <= 0)
		return;
	HTML(html, "$$ $", *any ? ", " : ": ", html_count(count).text, words);
	*any = true;
}

/* "12 of them found: 1 down, 2 degraded" */
static void summary_put(struct html *html, const struct page_view *view, const json_t *summary)
{
	bool any = false, asked = view->find != NULL && view->find[0] != '\0';
	json_int_t matched = row_number(summary, "matched");
	HTML(html, "<p class=\"summary\">$ service$$", html_count(matched).text,
	     matched == 1 ? "" : "s", asked ? " found" : "");
	part_put(html, summary, "down", "down", &any);
	part_put(html, summary, "degraded", "degraded", &any);
	part_put(html, summary, "unsteady", "unsteady", &any);
	part_put(html, summary, "drained", "drained", &any);
	part_put(html, summary, "fine", "fine", &any);
	html_raw(html, "</p>\n");
}

static void page_link(struct html *html, const struct page_view *view, const char *after,
                      const char *words)
{
	html_raw(html, "<a href=\"/?");
	if (view->find != NULL && view->find[0] != '\0') {
		html_raw(html, "find=");
		html_query(html, view->find);
		html_raw(html, "&amp;");
	}
	if (after != NULL) {
		html_raw(html, "after=");
		html_query(html, after);
	}
	HTML(html, "#services\">$</a>", words);
}

static void pager_put(struct html *html, const struct page_view *view, const json_t *summary,
                      size_t count)
{
	const json_t *rows = view->rows[VIEW_SERVICES];
	const char *last = row_text(json_array_get(rows, json_array_size(rows) - 1), "key");
	json_int_t before = row_number(summary, "before"), matched = row_number(summary, "matched");
	json_int_t end = before + (json_int_t)count;
	if (before <= 0 && end >= matched)
		return;
	HTML(html, "<nav class=\"pager\" aria-label=\"Pages of services\"><span>$ to $ of $</span> ",
	     html_count(count != 0 ? before + 1 : before).text, html_count(end).text,
	     html_count(matched).text);
	if (before > 0)
		page_link(html, view, NULL, "First page");
	if (end < matched && last != NULL)
		page_link(html, view, last, "Next page");
	html_raw(html, "</nav>\n");
}

/* The first row is the summary. */
void page_services(const struct page_view *view, struct html *html)
{
	static const char *const TITLES[] = {"Service", "State", "Zone", "Region", "Global"};
	const json_t *rows = view->rows[VIEW_SERVICES], *summary = view_row(view, VIEW_SERVICES);
	size_t count = json_array_size(rows);
	count = count > VIEW_SERVICES_MAX + 1 ? VIEW_SERVICES_MAX : count == 0 ? 0 : count - 1;
	html_section(html, "services", "Services");
	filter_put(html, view);
	if (summary != NULL)
		summary_put(html, view, summary);
	if (count != 0)
		html_table(html, "services-table",
		           "Services, those in trouble first, and what their names answer at each level",
		           TITLES, sizeof TITLES / sizeof TITLES[0]);
	for (size_t i = 1; i <= count; i++)
		service_row(html, view, json_array_get(rows, i));
	if (count != 0)
		html_table_end(html);
	if (summary != NULL)
		pager_put(html, view, summary, count);
	html_missing(html, view, VIEW_SERVICES);
	html_raw(html, "</section>\n");
}
