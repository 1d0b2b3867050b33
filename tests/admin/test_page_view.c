/* The sections, from rows as the control commands give them, and from rows as they never do. */
#include "page_view.h"

#include "check.h"
#include "fuzz/markup.h"
#include "fuzz/page_case.h"

#include <stdlib.h>

/* Octets of a page with all its sections; far above what there is. */
#define PAGE_SIZE_MAX ((size_t)8 << 20)

/* The page of a JSON text, checked to be good markup; free() it. */
static char *page_of_json(json_t *object)
{
	struct page_view view;
	struct buf out;
	assert_non_null(object);
	page_case_begin(object, &view);
	buf_init(&out, PAGE_SIZE_MAX);
	assert_int_equal(page_case_render(&view, &out), ERR_OK);
	page_case_end(&view);
	json_decref(object);
	struct markup *markup = malloc(sizeof *markup);
	assert_non_null(markup);
	bool good = markup_good(markup, (const char *)out.data);
	assert_string_equal(markup->fault, "");
	assert_true(good);
	free(markup);
	return (char *)out.data;
}

static char *page_of(const char *json)
{
	return page_of_json(json_loads(json, 0, NULL));
}

static size_t times(const char *text, const char *part)
{
	size_t count = 0;
	for (text = strstr(text, part); text != NULL; text = strstr(text + 1, part))
		count++;
	return count;
}

static void expect(const char *json, const char *const *parts)
{
	char *page = page_of(json);
	for (; *parts != NULL; parts++) {
		if (strstr(page, *parts) == NULL)
			fail_msg("no \"%s\" in the page of %s", *parts, json);
	}
	free(page);
}
#define EXPECT(json, ...) expect((json), (const char *const[]){__VA_ARGS__, NULL})

/* --- the headline ------------------------------------------------------------------------- */

#define STATUS(more)                                                                               \
	"{\"status\": {\"state\": \"serving\", \"services\": 1200, \"clusters\": 1" more "}"

static void the_headline_says_how_it_is(void **state)
{
	(void)state;
	static const struct {
		const char *json, *tone, *words;
	} CASES[] = {
		{"{}", "bad", "How the daemon is can&#39;t be told."},
		{"{\"status\": {\"state\": \"nothing served\"}}", "bad", "Nothing is served."},
		{"{\"status\": {\"state\": \"stale\"}}", "warn",
	     "Serving an old state: the source can&#39;t be read."},
		{"{\"status\": {\"state\": \"stale\"}, \"services\": [{\"down\": 1}]}", "bad",
	     "Serving an old state, and 1 service has no address that serves."},
		{STATUS("") "}", "good", "Serving 1,200 services of 1 cluster."},
		{STATUS(", \"source\": {\"held\": 1}, \"provider\": {\"held\": 2}") "}", "warn",
	     "Serving; 3 changes are held back for you."},
		{STATUS(", \"health\": {\"suspected\": true}") "}", "warn",
	     "Serving; our own network is suspected, so answers stay."},
		{STATUS(", \"provider\": {\"trouble\": \"x\"}") "}", "warn",
	     "Serving; the push to the provider fails."},
		{STATUS("") ", \"services\": [{\"degraded\": 1}]}", "warn",
	     "Serving; 1 service is degraded."},
		{STATUS(", \"health\": {\"suspected\": true}") ", \"services\": [{\"down\": 2, "
	                                                   "\"degraded\": 1}]}",
	     "bad", "Serving, but 2 services have no address that serves."},
	};
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		char begin[64], headline[256];
		(void)snprintf(begin, sizeof begin, "<section id=\"verdict\" class=\"%s\"", CASES[i].tone);
		(void)snprintf(headline, sizeof headline,
		               "aria-live=\"polite\" aria-atomic=\"true\">%s</p>", CASES[i].words);
		EXPECT(CASES[i].json, begin, headline);
	}
}

static void what_is_held_is_told_with_its_command(void **state)
{
	(void)state;
	EXPECT(STATUS(", \"source\": {\"held\": 5}") "}", "5 withdrawn at once",
	       "<code>fedns approve</code>");
	EXPECT(STATUS(", \"health\": {\"held\": 3}") "}", "3 unhealthy", "<code>fedns approve</code>");
	EXPECT(STATUS(", \"provider\": {\"held\": 1700}") "}", "1,700 records to be deleted",
	       "<code>max_delete</code>", "<code>fedns approve</code>");
	EXPECT("{\"status\": {\"state\": \"stale\", \"source\": {\"refused\": \"line 1\"}}}",
	       "state is refused", "line 1");
	EXPECT(STATUS(", \"source\": {\"servers\": [{\"name\": \"a\", \"in_sight\": true}, {\"name\": "
	              "\"b\", \"in_sight\": false, \"why\": \"HTTP 503\"}]}") "}",
	       "1 API server is not in sight.", "<ul><li>b: HTTP 503</li></ul>");
	char *page = page_of(STATUS("") "}");
	assert_null(strstr(page, "fedns approve"));
	assert_null(strstr(page, "notices"));
	free(page);
}

/* --- the others --------------------------------------------------------------------------- */

static void an_empty_federation_has_a_page(void **state)
{
	(void)state;
	EXPECT(
		STATUS(", \"zone\": \"example.\", \"provider\": null") ", \"clusters\": [], \"services\": "
															   "[{\"matched\": 0, \"before\": 0}]}",
		"<h1 id=\"zone\">example.</h1>", "The source names no cluster.", "0 services</p>",
		"no provider is configured");
}

static void a_part_that_fails_says_why(void **state)
{
	(void)state;
	EXPECT("{\"why\": {\"clusters\": \"no <memory>\", \"status\": \"x\", \"history\": \"y\"}}",
	       "Not all can be told: no &lt;memory&gt;.", "Its status can't be told: x",
	       "Not all can be told: y.", "Nothing is measured yet.");
	EXPECT("{\"name\": \"nope\", \"why\": {\"explain\": \"there is no service\"}}",
	       "<section id=\"explain\"", "there is no service.</p>");
	EXPECT("{\"name\": \"nope\", \"why\": {\"explain\": \"it is not in the zone example.\"}}",
	       "it is not in the zone example.</p>");
}

static void clusters_are_told_troubled_ones_first(void **state)
{
	(void)state;
	char *page = page_of(
		"{\"clusters\": ["
		"{\"name\": \"b\", \"status\": \"Ready\", \"probed\": 4, \"good\": 3, \"zones\": [\"z1\", "
		"\"z2\"]},"
		"{\"name\": \"a\", \"status\": \"Unregistered\"},"
		"{\"name\": \"c\", \"status\": \"NotReady\", \"withdrawn\": true, \"age_s\": 130},"
		"{\"name\": \"d\", \"status\": \"Unseen\"}], \"left\": {\"clusters\": 1900}}");
	const char *c = strstr(page, "data-key=\"c\""), *d = strstr(page, "data-key=\"d\""),
			   *b = strstr(page, "data-key=\"b\""), *a = strstr(page, "data-key=\"a\"");
	assert_true(c != NULL && c < d && d < b && b < a);
	assert_non_null(strstr(page, "<span class=\"state bad\">Not ready</span>"));
	assert_non_null(strstr(page, "3 of 4 good"));
	assert_non_null(strstr(page, "width=\"75.0\""));
	assert_non_null(strstr(page, "2 min ago"));
	assert_non_null(strstr(page, "And 1,900 more"));
	free(page);
}

static void a_service_says_what_each_level_answers_and_why(void **state)
{
	(void)state;
	EXPECT(
		"{\"services\": [{\"matched\": 1}, {\"namespace\": \"shop\", \"name\": \"web\", \"state\": "
		"\"degraded\", \"global_name\": \"web.shop.fed.svc.x.\", \"levels\": ["
		"{\"level\": \"global\", \"answer\": \"addresses\", \"count\": 9, \"listed\": 10, "
		"\"addresses\": [\"192.0.2.1\", \"2001:db8::1\"]},"
		"{\"level\": \"zone\", \"zone\": \"z1\", \"answer\": \"cname\", \"from\": \"region\"},"
		"{\"level\": \"region\", \"region\": \"r1\", \"answer\": \"nothing\"}],"
		"\"troubles\": [{\"cluster\": \"c1\", \"reason\": \"probe-bad\", \"addresses\": 2, "
		"\"out\": "
		"1}]}]}",
		"href=\"/?explain=web.shop.fed.svc.x.#explain\">web</a>", "9 of 10", "192.0.2.1",
		"and 7 more", "answers as </span>region", "no address", "<b>c1</b> probe fails",
		"1 of 2 out", "<span class=\"state warn\">Degraded</span>");
}

static void pages_of_services_are_linked(void **state)
{
	(void)state;
	json_t *rows = json_array();
	json_array_append_new(rows, json_pack("{s:i, s:i}", "matched", 5000, "before", 50));
	for (int i = 0; i < VIEW_SERVICES_MAX + 20; i++)
		json_array_append_new(
			rows, json_pack("{s:s, s:s, s:s}", "namespace", "n", "name", "s", "key", "3/n/a&b"));
	char *page =
		page_of_json(json_pack("{s:o, s:s, s:s}", "services", rows, "find", "a\"b", "name", "x"));
	assert_int_equal(times(page, "<tr role=\"row\" data-key=\"n/s\">"), VIEW_SERVICES_MAX);
	assert_non_null(strstr(page, "51 to 100 of 5,000"));
	assert_non_null(strstr(page, "href=\"/?find=a%22b&amp;#services\">First page"));
	assert_non_null(
		strstr(page, "href=\"/?find=a%22b&amp;after=3%2Fn%2Fa%26b#services\">Next page"));
	assert_non_null(strstr(page, "name=\"find\" type=\"search\" value=\"a&quot;b\""));
	assert_non_null(strstr(page, "<input type=\"hidden\" name=\"explain\" value=\"x\">"));
	free(page);
}

static void charts_have_lines_gaps_and_words(void **state)
{
	(void)state;
	EXPECT(
		"{\"history\": {\"step_s\": 5, \"queries\": [0, 10.0, 5], \"p50_us\": [null, 8, 16], "
		"\"p99_us\": [1500, null, 250]}}",
		"<path class=\"line one\" d=\"M0.0 117.0L300.0 3.0L600.0 60.0\"/>",
		"<path class=\"area one\" d=\"M0.0 120.0L0.0 117.0L300.0 3.0L600.0 60.0L600.0 120.0\"/>",
		"<path class=\"line two\" d=\"M0.0 3.0M600.0 98.0\"/>", "1.5 ms", "last 15 s",
		"role=\"img\"", "<title id=\"chart-queries-words\">Queries, a chart of the last 15 s",
		"<dt>half of them within</dt><dd><b>16 \xc2\xb5s</b> <span class=\"quiet\">now, at most 16 "
		"\xc2\xb5s</span>",
		"<dt>NOERROR</dt><dd><span class=\"quiet\">none yet</span>");
}

static void the_provider_is_told(void **state)
{
	(void)state;
	EXPECT("{\"status\": {\"provider\": {\"phase\": \"pushing\", \"domain\": \"example\", "
	       "\"pending\": "
	       "3, \"done\": 4, \"age_s\": 61, \"last_success\": \"T\", \"drift\": 2, \"lease\": "
	       "{\"leader\": "
	       "false, \"holder\": \"other\"}}}}",
	       "3 of 7", "61 s ago", "<dt>Drift</dt><dd>2</dd>", "held by other", "pushing");
}

static void an_explanation_goes_level_by_level(void **state)
{
	(void)state;
	char *page = page_of(
		"{\"name\": \"x.\", \"explain\": ["
		"{\"row\": \"level\", \"step\": 0, \"level\": \"zone\", \"region\": \"r\", \"zone\": "
		"\"z\", "
		"\"name\": \"n.z.r.\", \"answer\": \"cname\", \"listed\": 1, \"ttl\": 30, \"reason\": "
		"\"min-healthy\"},"
		"{\"row\": \"address\", \"step\": 0, \"cluster\": \"c\", \"address\": \"192.0.2.1\", "
		"\"answered\": false, \"reason\": \"probe-bad\", \"next\": \"in after 2 good\", \"probe\": "
		"{\"kind\": \"tcp\", \"port\": 8443, \"path\": \"\", \"bad\": 3, \"age_s\": 2, \"why\": "
		"\"refused\"}, \"source\": {\"known\": true, \"seen\": false}},"
		"{\"row\": \"gone\", \"step\": 0},{\"row\": \"level\", \"step\": 1, \"level\": \"global\", "
		"\"name\": \"n.\", \"answer\": "
		"\"addresses\", \"v4\": 1, \"listed\": 2}]}");
	static const char *const PARTS[] = {
		"<h3>Zone z in r</h3>",
		"a CNAME to the next level; 1 listed here; too few serve at its level, TTL 30 s.",
		"tcp:8443, 3 bad, 2 s ago<span class=\"more\">refused</span>",
		"not in sight",
		"next: in after 2 good",
		"<h3>Global</h3>",
		"Answers 1 of 2 listed addresses"};
	for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++)
		assert_non_null(strstr(page, PARTS[i]));
	assert_int_equal(times(page, "<section id=\"explain\""), 1);
	assert_int_equal(times(page, "<tr role=\"row\" data-key="), 1);
	free(page);
	page = page_of("{\"explain\": [{\"row\": \"level\"}]}");
	assert_null(strstr(page, "id=\"explain\""));
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_headline_says_how_it_is),
		cmocka_unit_test(what_is_held_is_told_with_its_command),
		cmocka_unit_test(an_empty_federation_has_a_page),
		cmocka_unit_test(a_part_that_fails_says_why),
		cmocka_unit_test(clusters_are_told_troubled_ones_first),
		cmocka_unit_test(a_service_says_what_each_level_answers_and_why),
		cmocka_unit_test(pages_of_services_are_linked),
		cmocka_unit_test(charts_have_lines_gaps_and_words),
		cmocka_unit_test(the_provider_is_told),
		cmocka_unit_test(an_explanation_goes_level_by_level),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
