/* What sections of the page share. */
#include "page_view.h"

#include <string.h>

const json_t *view_row(const struct page_view *view, enum view_part part)
{
	return json_array_get(view->rows[part], 0);
}

const char *tone_class(enum tone tone)
{
	static const char *const CLASSES[] = {
		[TONE_GOOD] = "good", [TONE_WARN] = "warn", [TONE_BAD] = "bad", [TONE_QUIET] = "quiet"};
	return CLASSES[tone];
}

/* The sign is page.css's, by the class: a screen reader has the word. */
void html_state(struct html *html, enum tone tone, const char *word)
{
	HTML(html, "<span class=\"state $\">$</span>", tone_class(tone), word);
}

void html_sentence(struct html *html, const char *before, const char *text)
{
	size_t size = strlen(text);
	bool ended = size != 0 && text[size - 1] == '.';
	HTML(html, "<p class=\"missing\">$$$</p>\n", before, text, ended ? "" : ".");
}

void html_missing(struct html *html, const struct page_view *view, enum view_part part)
{
	if (view->why[part].text[0] != '\0')
		html_sentence(html, "Not all can be told: ", view->why[part].text);
}

void html_section(struct html *html, const char *id, const char *title)
{
	HTML(html, "<section id=\"$\" aria-labelledby=\"$-title\">\n<h2 id=\"$-title\">$</h2>\n", id,
	     id, id, title);
}

void html_table(struct html *html, const char *id, const char *caption, const char *const *titles,
                size_t count)
{
	html_raw(html, "<table role=\"table\"");
	if (id != NULL)
		HTML(html, " id=\"$\"", id);
	HTML(html,
	     ">\n<caption class=\"unseen\">$</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">",
	     caption);
	for (size_t i = 0; i < count; i++)
		HTML(html, "<th scope=\"col\" role=\"columnheader\">$</th>", titles[i]);
	html_raw(html, "</tr></thead>\n<tbody role=\"rowgroup\">\n");
}

void html_table_end(struct html *html)
{
	html_raw(html, "</tbody>\n</table>\n");
}

void html_cell(struct html *html, const char *title)
{
	HTML(html, "<td role=\"cell\" data-title=\"$\">", title);
}

void html_fact(struct html *html, const char *term, const char *text)
{
	HTML(html, "<div><dt>$</dt><dd>$</dd></div>\n", term, text);
}

void html_hidden(struct html *html, const char *name, const char *value)
{
	if (value != NULL && value[0] != '\0')
		HTML(html, "<input type=\"hidden\" name=\"$\" value=\"$\">", name, value);
}

const char *reason_words(const char *reason)
{
	static const char *const WORDS[][2] = {
		{"none", "nothing against it"},
		{"probe-good", "probe answered"},
		{"probe-bad", "probe fails"},
		{"rising", "good again, not for long enough"},
		{"hold", "good again, failback waits"},
		{"drained", "drained"},
		{"forced-up", "forced up"},
		{"forced-down", "forced down"},
		{"suspected", "fails, but our own network is suspected"},
		{"held", "fails, and is held until approved"},
		{"all-down", "nothing better is left"},
		{"min-healthy", "too few serve at its level"},
		{"one-family", "one of IPv4 and IPv6 is missing at its level"},
		{"stale", "older than what the source says"},
		{"not-ready", "cluster not ready"},
		{"no-address", "lists no address"},
		{"unresolved", "its host name has no address"},
	};
	for (size_t i = 0; reason != NULL && i < sizeof WORDS / sizeof WORDS[0]; i++) {
		if (strcmp(WORDS[i][0], reason) == 0)
			return WORDS[i][1];
	}
	return reason;
}
