/* The search's answer: `explain`, level by level and address by address. */
#include "page_view.h"

#include <stdio.h>

static bool is_asked(const struct page_view *view)
{
	return view->explain != NULL && view->explain[0] != '\0';
}

/* --- a level ------------------------------------------------------------------------------ */

static void place_put(struct html *html, const json_t *row)
{
	if (row_has(row, "zone"))
		HTML(html, "Zone $ in $", row_text(row, "zone"), row_text(row, "region"));
	else if (row_has(row, "region"))
		HTML(html, "Region $", row_text(row, "region"));
	else
		html_raw(html, "Global");
}

static void answer_put(struct html *html, const json_t *row)
{
	json_int_t count = row_number(row, "v4") + row_number(row, "v6");
	struct html_number listed = html_count(row_number(row, "listed"));
	html_raw(html, "<p>");
	if (row_is(row, "answer", "addresses"))
		HTML(html, "Answers $ of $ listed addresses", html_count(count).text, listed.text);
	else if (row_is(row, "answer", "nothing"))
		HTML(html, "Answers no address, of $ listed", listed.text);
	else
		HTML(html, "Climbs: $; $ listed here$$",
		     row_is(row, "answer", "cname") ? "a CNAME to the next level"
		                                    : "the next level's addresses",
		     listed.text, row_has(row, "reason") ? "; " : "",
		     row_has(row, "reason") ? reason_words(row_text(row, "reason")) : "");
	if (!row_is(row, "answer", "nothing"))
		HTML(html, ", TTL $ s", html_count(row_number(row, "ttl")).text);
	html_raw(html, ".</p>\n");
}

static void level_put(struct html *html, const json_t *row)
{
	html_raw(html, "<h3>");
	place_put(html, row);
	HTML(html, "</h3>\n<p class=\"dns\">$</p>\n", row_text(row, "name"));
	answer_put(html, row);
}

/* --- an address --------------------------------------------------------------------------- */

static void ago_put(struct html *html, const json_t *from)
{
	if (row_has(from, "age_s"))
		HTML(html, ", $ ago", html_age(row_number(from, "age_s")).text);
}

static void probe_cell(struct html *html, const json_t *row)
{
	const json_t *probe = json_object_get(row, "probe");
	json_int_t good = row_number(probe, "good"), bad = row_number(probe, "bad");
	char port[24]; /* a name, not a quantity: no commas in it */
	html_cell(html, "Probe");
	if (!json_is_object(probe)) {
		html_raw(html, "<span class=\"quiet\">none</span></td>");
		return;
	}
	(void)snprintf(port, sizeof port, "%" JSON_INTEGER_FORMAT, row_number(probe, "port"));
	HTML(html, "$:$$", row_text(probe, "kind"), port, row_text(probe, "path"));
	if (good + bad > 0)
		HTML(html, ", $ $", html_count(bad > 0 ? bad : good).text, bad > 0 ? "bad" : "good");
	ago_put(html, probe);
	if (row_has(probe, "why"))
		HTML(html, "<span class=\"more\">$</span>", row_text(probe, "why"));
	html_raw(html, "</td>");
}

static void source_cell(struct html *html, const json_t *row)
{
	const json_t *source = json_object_get(row, "source");
	html_cell(html, "Source");
	html_text(html, !row_true(source, "known")         ? "not registered"
	                : !row_true(source, "seen")        ? "not in sight"
	                : row_is(source, "ready", "true")  ? "ready"
	                : row_is(source, "ready", "false") ? "not ready"
	                                                   : "readiness unknown");
	ago_put(html, source);
	html_raw(html, "</td>");
}

static void why_cell(struct html *html, const json_t *row)
{
	html_cell(html, "Why");
	html_text(html, reason_words(row_text(row, "reason")));
	if (row_has(row, "reason") && !row_is(row, "reason", "none"))
		HTML(html, " <code>$</code>", row_text(row, "reason"));
	if (row_has(row, "exception"))
		HTML(html, "<span class=\"more\">$ <code>$</code></span>",
		     reason_words(row_text(row, "exception")), row_text(row, "exception"));
	if (row_has(row, "next"))
		HTML(html, "<span class=\"more\">next: $$$</span>", row_text(row, "next"),
		     row_has(row, "next_at") ? ", at " : "",
		     row_has(row, "next_at") ? row_text(row, "next_at") : "");
	html_raw(html, "</td>");
}

static void address_row(struct html *html, const json_t *row)
{
	bool answered = row_true(row, "answered");
	HTML(html, "<tr role=\"row\" data-key=\"$/$/$\"><th scope=\"row\" role=\"rowheader\">$</th>",
	     html_count(row_number(row, "step")).text, row_text(row, "cluster"),
	     row_text(row, "address"), row_text(row, "cluster"));
	html_cell(html, "Address");
	HTML(html, "<span class=\"address\">$</span></td>", row_text(row, "address"));
	html_cell(html, "Answered");
	html_state(html, answered ? TONE_GOOD : TONE_BAD, answered ? "yes" : "no");
	HTML(html, "<span class=\"more\">$</span></td>", row_text(row, "state"));
	why_cell(html, row);
	probe_cell(html, row);
	source_cell(html, row);
	html_raw(html, "</tr>\n");
}

/* --- the section -------------------------------------------------------------------------- */

static void rows_put(struct html *html, const json_t *rows)
{
	static const char *const TITLES[] = {"Cluster", "Address", "Answered",
	                                     "Why",     "Probe",   "Source"};
	bool open = false;
	for (size_t i = 0; i < json_array_size(rows) && i < VIEW_EXPLAIN_MAX; i++) {
		const json_t *row = json_array_get(rows, i);
		bool level = row_is(row, "row", "level");
		if (!level && !row_is(row, "row", "address"))
			continue; /* it went while this was asked */
		if (level && open)
			html_table_end(html);
		if (level)
			level_put(html, row);
		if (!level && !open)
			html_table(html, NULL, "Addresses listed at this level", TITLES,
			           sizeof TITLES / sizeof TITLES[0]);
		if (!level)
			address_row(html, row);
		open = !level;
	}
	if (open)
		html_table_end(html);
}

void page_explain(const struct page_view *view, struct html *html)
{
	if (!is_asked(view))
		return;
	html_section(html, "explain", "Why it is answered so");
	HTML(html, "<p class=\"dns\">$ <a href=\"/\">Close</a></p>\n", view->explain);
	rows_put(html, view->rows[VIEW_EXPLAIN]);
	if (view->left[VIEW_EXPLAIN] != 0)
		HTML(html, "<p class=\"none\">And $ lines more: <code>fedns explain</code>.</p>\n",
		     html_count((json_int_t)view->left[VIEW_EXPLAIN]).text);
	if (view->why[VIEW_EXPLAIN].text[0] != '\0')
		html_sentence(html, "", view->why[VIEW_EXPLAIN].text);
	html_raw(html, "</section>\n");
}
