/* The push to a provider: what is pending, when it last went well, what is not as it should be. */
#include "page_view.h"

static enum tone phase_tone(const json_t *provider)
{
	if (row_has(provider, "trouble"))
		return TONE_BAD;
	if (row_number(provider, "held") > 0)
		return TONE_WARN;
	return row_is(provider, "phase", "up to date") ? TONE_GOOD : TONE_QUIET;
}

static void number_fact(struct html *html, const json_t *row, const char *key, const char *term,
                        const char *none)
{
	json_int_t number = row_number(row, key);
	html_fact(html, term, number == 0 ? none : html_count(number).text);
}

static void pending_fact(struct html *html, const json_t *provider)
{
	json_int_t pending = row_number(provider, "pending"), done = row_number(provider, "done");
	if (pending <= 0)
		html_fact(html, "Pending changes", "none");
	else
		HTML(html, "<div><dt>Pending changes</dt><dd>$ of $</dd></div>\n", html_count(pending).text,
		     html_count(pending + (done > 0 ? done : 0)).text);
}

static void last_fact(struct html *html, const json_t *provider)
{
	if (!row_has(provider, "age_s"))
		html_fact(html, "Last push", "none yet");
	else
		HTML(html, "<div><dt>Last push</dt><dd>$ ago <span class=\"more\">$</span></dd></div>\n",
		     html_age(row_number(provider, "age_s")).text, row_text(provider, "last_success"));
}

static void lease_fact(struct html *html, const json_t *provider)
{
	const json_t *lease = json_object_get(provider, "lease");
	if (!json_is_object(lease))
		return;
	if (row_true(lease, "leader"))
		html_fact(html, "Lease", "this replica pushes");
	else
		HTML(html, "<div><dt>Lease</dt><dd>held by $</dd></div>\n", row_text(lease, "holder"));
}

static void changes_fact(struct html *html, const json_t *provider)
{
	const json_t *changes = json_object_get(provider, "changes");
	HTML(html, "<div><dt>Changes made</dt><dd>$ added, $ updated, $ deleted</dd></div>\n",
	     html_count(row_number(changes, "add")).text,
	     html_count(row_number(changes, "update")).text,
	     html_count(row_number(changes, "delete")).text);
}

static void facts_put(struct html *html, const json_t *provider)
{
	html_raw(html, "<dl class=\"facts\">\n");
	HTML(html, "<div><dt>$</dt><dd>", row_text(provider, "domain"));
	html_state(html, phase_tone(provider), row_text(provider, "phase"));
	html_raw(html, "</dd></div>\n");
	pending_fact(html, provider);
	last_fact(html, provider);
	number_fact(html, provider, "drift", "Drift", "none");
	HTML(html, "<div><dt>Records</dt><dd>$ ours of $</dd></div>\n",
	     html_count(row_number(provider, "ours")).text,
	     html_count(row_number(provider, "records")).text);
	number_fact(html, provider, "conflicts", "In conflict", "none");
	if (row_number(provider, "refused") != 0)
		number_fact(html, provider, "refused", "Refused", "none");
	if (row_number(provider, "left_out") != 0)
		number_fact(html, provider, "left_out", "Left out", "none");
	number_fact(html, provider, "held", "Held back", "none");
	changes_fact(html, provider);
	lease_fact(html, provider);
	html_raw(html, "</dl>\n");
}

void page_provider(const struct page_view *view, struct html *html)
{
	const json_t *provider = json_object_get(view_row(view, VIEW_STATUS), "provider");
	html_section(html, "provider", "Provider");
	if (json_is_object(provider))
		facts_put(html, provider);
	else
		html_raw(html, "<p class=\"none\">Nothing is pushed: no provider is configured.</p>\n");
	html_raw(html, "</section>\n");
}
