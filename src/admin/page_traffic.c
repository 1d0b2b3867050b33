/* Queries, answers and how long they took, as charts; and how many there were since the start. */
#include "page_view.h"

static const struct chart_series QUERIES[] = {{"queries a second", "queries", "one"}};
static const struct chart_series CODES[] = {
	{"NOERROR", "noerror", "one"},     {"NXDOMAIN", "nxdomain", "two"},
	{"SERVFAIL", "servfail", "three"}, {"REFUSED", "refused", "four"},
	{"others", "other", "five"},
};
static const struct chart_series LATENCY[] = {
	{"half of them within", "p50_us", "one"},
	{"99 of 100 within", "p99_us", "two"},
};

static const struct chart CHARTS[] = {
	{"chart-queries", "Queries", QUERIES, 1, html_rate, true},
	{"chart-codes", "Answers a second by code", CODES, sizeof CODES / sizeof CODES[0], html_rate,
     false},
	{"chart-latency", "Time to answer", LATENCY, 2, html_micros, false},
};

void page_traffic(const struct page_view *view, struct html *html)
{
	const json_t *answers = json_object_get(view_row(view, VIEW_STATUS), "answers");
	html_section(html, "traffic", "Traffic");
	if (row_size(view_row(view, VIEW_HISTORY), "queries") == 0) {
		html_raw(html, "<p class=\"none\">Nothing is measured yet.</p>\n");
	} else {
		html_raw(html, "<div class=\"charts\">\n");
		for (size_t i = 0; i < sizeof CHARTS / sizeof CHARTS[0]; i++)
			page_chart(view, html, &CHARTS[i]);
		html_raw(html, "</div>\n");
	}
	HTML(html,
	     "<p class=\"since\">Since the start: $ queries, $ truncated to be asked again by TCP, $ "
	     "dropped.</p>\n",
	     html_count(row_number(answers, "queries")).text,
	     html_count(row_number(answers, "truncated")).text,
	     html_count(row_number(answers, "dropped")).text);
	html_missing(html, view, VIEW_HISTORY);
	html_raw(html, "</section>\n");
}
