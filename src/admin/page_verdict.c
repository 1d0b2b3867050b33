/* The first section: how all is, in a sentence, what waits for somebody, and the facts. */
#include "page_view.h"

#include <stdio.h>

/* Of the API servers that are lost. */
#define SERVERS_SHOWN 8

static const json_t *member(const struct page_view *view, const char *key)
{
	return json_object_get(view_row(view, VIEW_STATUS), key);
}

/* --- the sentence ------------------------------------------------------------------------- */

static const char *plural(json_int_t count)
{
	return count == 1 ? "" : "s";
}

static json_int_t held_count(const struct page_view *view)
{
	return row_number(member(view, "source"), "held") + row_number(member(view, "health"), "held") +
	       row_number(member(view, "provider"), "held");
}

/* An old state hides no outage: what is down is told as well. */
static void stale_judge(const struct page_view *view, struct verdict_line *out)
{
	json_int_t down = row_number(view_row(view, VIEW_SERVICES), "down");
	if (down > 0)
		(void)snprintf(out->text, sizeof out->text,
		               "Serving an old state, and %s service%s no address that serves",
		               html_count(down).text, down == 1 ? " has" : "s have");
	else
		(void)snprintf(out->text, sizeof out->text,
		               "Serving an old state: the source can't be read");
	out->tone = down > 0 ? TONE_BAD : TONE_WARN;
}

/* What is not as it should be while all is served; false: nothing. */
static bool trouble_judge(const struct page_view *view, struct verdict_line *out)
{
	const json_t *summary = view_row(view, VIEW_SERVICES);
	json_int_t held = held_count(view), down = row_number(summary, "down"),
			   degraded = row_number(summary, "degraded");
	out->tone = TONE_WARN;
	if (down > 0)
		(void)snprintf(out->text, sizeof out->text,
		               "Serving, but %s service%s no address that serves", html_count(down).text,
		               down == 1 ? " has" : "s have");
	else if (held > 0)
		(void)snprintf(out->text, sizeof out->text, "Serving; %s change%s held back for you",
		               html_count(held).text, held == 1 ? " is" : "s are");
	else if (row_true(member(view, "health"), "suspected"))
		(void)snprintf(out->text, sizeof out->text,
		               "Serving; our own network is suspected, so answers stay");
	else if (row_has(member(view, "provider"), "trouble"))
		(void)snprintf(out->text, sizeof out->text, "Serving; the push to the provider fails");
	else if (degraded > 0)
		(void)snprintf(out->text, sizeof out->text, "Serving; %s service%s degraded",
		               html_count(degraded).text, degraded == 1 ? " is" : "s are");
	else
		return false;
	if (down > 0)
		out->tone = TONE_BAD;
	return true;
}

/* Words alone that stay while nothing happens: it is read aloud whenever it changes. */
void page_judge(const struct page_view *view, struct verdict_line *out)
{
	const json_t *status = view_row(view, VIEW_STATUS);
	json_int_t services = row_number(status, "services"), clusters = row_number(status, "clusters");
	*out = (struct verdict_line){.tone = TONE_BAD};
	if (row_is(status, "state", "nothing served")) {
		(void)snprintf(out->text, sizeof out->text, "Nothing is served");
	} else if (row_is(status, "state", "stale")) {
		stale_judge(view, out);
	} else if (!row_is(status, "state", "serving")) {
		(void)snprintf(out->text, sizeof out->text, "How the daemon is can't be told");
	} else if (!trouble_judge(view, out)) {
		out->tone = TONE_GOOD;
		(void)snprintf(out->text, sizeof out->text, "Serving %s service%s of %s cluster%s",
		               html_count(services).text, plural(services), html_count(clusters).text,
		               plural(clusters));
	}
}

/* --- what waits for somebody ---------------------------------------------------------------- */

static void notice(struct html *html, enum tone tone, const char *markup, const char *const *texts,
                   size_t count)
{
	HTML(html, "<li class=\"$\">", tone_class(tone));
	html_fill(html, markup, texts, count);
	html_raw(html, "</li>\n");
}
#define NOTICE(html, tone, markup, ...)                                                            \
	notice((html), (tone), (markup), (const char *const[]){__VA_ARGS__},                           \
	       sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void held_write(const struct page_view *view, struct html *html)
{
	json_int_t source = row_number(member(view, "source"), "held");
	json_int_t health = row_number(member(view, "health"), "held");
	json_int_t provider = row_number(member(view, "provider"), "held");
	if (source > 0)
		NOTICE(
			html, TONE_WARN,
			"<strong>$ withdrawn at once, more than <code>max_withdraw</code> allows.</strong> The "
			"source no longer lists them; they are answered until you look and say "
			"<code>fedns approve</code>.",
			html_count(source).text);
	if (health > 0)
		NOTICE(html, TONE_WARN,
		       "<strong>$ unhealthy, more at once than <code>max_withdraw</code> allows.</strong> "
		       "These addresses are answered until you look and say <code>fedns approve</code>.",
		       html_count(health).text);
	if (provider > 0)
		NOTICE(
			html, TONE_WARN,
			"<strong>$ records to be deleted, more than <code>max_delete</code> allows.</strong> "
			"They stay at the provider until you look and say <code>fedns approve</code>.",
			html_count(provider).text);
}

static bool is_lost(const json_t *server)
{
	return json_is_object(server) && !row_true(server, "in_sight");
}

static void servers_write(const struct page_view *view, struct html *html)
{
	const json_t *servers = json_object_get(member(view, "source"), "servers");
	size_t size = json_array_size(servers), lost = 0, told = 0;
	size = size > VIEW_SERVERS_MAX ? VIEW_SERVERS_MAX : size;
	for (size_t i = 0; i < size; i++)
		lost += is_lost(json_array_get(servers, i));
	if (lost == 0)
		return;
	HTML(html,
	     "<li class=\"warn\"><strong>$ API server$ not in sight.</strong> What is served of it "
	     "stays as "
	     "it was.<ul>",
	     html_count((json_int_t)lost).text, lost == 1 ? " is" : "s are");
	for (size_t i = 0; i < size && told < SERVERS_SHOWN; i++) {
		const json_t *server = json_array_get(servers, i);
		if (!is_lost(server))
			continue;
		HTML(html, "<li>$: $</li>", row_text(server, "name"), row_text(server, "why"));
		told++;
	}
	if (lost > told)
		HTML(html, "<li>and $ more</li>", html_count((json_int_t)(lost - told)).text);
	html_raw(html, "</ul></li>\n");
}

static void notices_write(const struct page_view *view, struct html *html)
{
	const json_t *source = member(view, "source"), *provider = member(view, "provider");
	const char *disagreement = row_text(json_object_get(provider, "arrival"), "disagreement");
	size_t before = html->out->size, begin;
	html_raw(html, "<ul id=\"notices\" class=\"notices\">\n");
	begin = html->out->size;
	held_write(view, html);
	if (row_has(source, "refused"))
		NOTICE(html, TONE_WARN, "<strong>The source's state is refused.</strong> $",
		       row_text(source, "refused"));
	if (row_true(member(view, "health"), "suspected"))
		NOTICE(
			html, TONE_WARN,
			"<strong>No probe of $ is answered.</strong> That is rather our own network than all "
			"that is probed: nothing is withdrawn.",
			html_count(row_number(member(view, "health"), "targets")).text);
	servers_write(view, html);
	if (row_has(provider, "trouble"))
		NOTICE(html, TONE_WARN, "<strong>The push is in trouble.</strong> $",
		       row_text(provider, "trouble"));
	if (disagreement != NULL)
		NOTICE(html, TONE_WARN, "<strong>The provider answers otherwise.</strong> $", disagreement);
	if (view->why[VIEW_STATUS].text[0] != '\0')
		NOTICE(html, TONE_BAD, "Its status can't be told: $", view->why[VIEW_STATUS].text);
	if (html->out->size == begin && html->err == ERR_OK)
		html->out->size = before; /* no list of nothing */
	else
		html_raw(html, "</ul>\n");
}

/* --- the facts ---------------------------------------------------------------------------- */

static void fact_count(struct html *html, const char *term, const json_t *row, const char *key)
{
	html_fact(html, term, html_count(row_number(row, key)).text);
}

static void facts_write(const struct page_view *view, struct html *html)
{
	const json_t *status = view_row(view, VIEW_STATUS), *source = member(view, "source");
	html_raw(html, "<dl class=\"facts\">\n");
	html_fact(html, "Federation", row_text(status, "federation"));
	HTML(html, "<div><dt>Source</dt><dd>$", row_text(source, "kind"));
	if (row_has(source, "age_s"))
		HTML(html, ", read $ ago", html_age(row_number(source, "age_s")).text);
	html_raw(html, "</dd></div>\n");
	fact_count(html, "Services", status, "services");
	fact_count(html, "Clusters", status, "clusters");
	fact_count(html, "Records", status, "records");
	html_raw(html, "<div><dt>Serial</dt><dd>");
	if (html->err == ERR_OK)
		html->err = buf_printf(html->out, "%" JSON_INTEGER_FORMAT, row_number(status, "serial"));
	html_raw(html, "</dd></div>\n");
	if (row_has(status, "health"))
		fact_count(html, "Probe targets", member(view, "health"), "targets");
	html_fact(html, "Up for", html_age(row_number(status, "uptime_s")).text);
	html_raw(html, "</dl>\n");
}

void page_verdict(const struct page_view *view, struct html *html)
{
	struct verdict_line line;
	page_judge(view, &line);
	HTML(html,
	     "<section id=\"verdict\" class=\"$\" aria-labelledby=\"zone\">\n<h1 id=\"zone\">$</h1>\n"
	     "<p id=\"headline\" aria-live=\"polite\" aria-atomic=\"true\">$.</p>\n",
	     tone_class(line.tone), row_text(view_row(view, VIEW_STATUS), "zone"), line.text);
	notices_write(view, html);
	facts_write(view, html);
	html_raw(html, "</section>\n");
}
