/* A chart: lines over the last samples, in an SVG without a text of its own: what it says stands
 * beside it, in words. */
#include "page_view.h"

#include <stdio.h>

/* Of the picture; page.css stretches it. */
#define WIDTH  600
#define HEIGHT 120
/* The line's own width keeps clear of the edge. */
#define MARGIN 3

struct span {
	size_t first, count; /* samples that are shown */
	double top;          /* the highest value of all series */
};

static double value_at(const json_t *values, size_t i)
{
	double value = json_number_value(json_array_get(values, i));
	/* also what is no number: a comparison with it is false */
	return value >= 0 && value < 1e15 ? value : 0;
}

static bool is_known(const json_t *values, size_t i)
{
	return json_is_number(json_array_get(values, i));
}

/* Series of unlike length end together: at the newest sample. */
static struct span span_of(const json_t *history, const struct chart *chart)
{
	struct span span = {.top = 0};
	for (size_t i = 0; i < chart->count; i++) {
		size_t size = row_size(history, chart->series[i].key);
		span.count = size > span.count ? size : span.count;
	}
	span.count = span.count > VIEW_SAMPLES_MAX ? VIEW_SAMPLES_MAX : span.count;
	for (size_t i = 0; i < chart->count; i++) {
		const json_t *values = json_object_get(history, chart->series[i].key);
		size_t size = json_array_size(values);
		for (size_t at = size > span.count ? size - span.count : 0; at < size; at++)
			span.top = value_at(values, at) > span.top ? value_at(values, at) : span.top;
	}
	return span;
}

static double x_of(const struct span *span, size_t i)
{
	return span->count < 2 ? WIDTH : (double)i * WIDTH / (double)(span->count - 1);
}

static double y_of(const struct span *span, double value)
{
	double part = span->top > 0 ? value / span->top : 0;
	return HEIGHT - MARGIN - part * (HEIGHT - 2 * MARGIN);
}

static void point_put(struct html *html, char letter, double x, double y)
{
	if (html->err == ERR_OK)
		html->err = buf_printf(html->out, "%c%.1f %.1f", letter, x, y);
}

/* Where nothing was measured there is a gap. */
static void line_put(struct html *html, const struct span *span, const json_t *values, bool area)
{
	size_t size = json_array_size(values), last = 0;
	bool open = false;
	for (size_t i = 0; i < span->count; i++) {
		size_t behind = span->count - i; /* samples to the end, this one among them */
		bool known = behind <= size && is_known(values, size - behind);
		if (known && area && !open)
			point_put(html, 'M', x_of(span, i), HEIGHT);
		if (known)
			point_put(html, open || area ? 'L' : 'M', x_of(span, i),
			          y_of(span, value_at(values, size - behind)));
		if (!known && open && area)
			point_put(html, 'L', x_of(span, last), HEIGHT);
		open = known;
		last = i;
	}
	if (open && area)
		point_put(html, 'L', x_of(span, last), HEIGHT);
}

static void path_put(struct html *html, const struct span *span, const json_t *history,
                     const struct chart_series *series, bool area)
{
	HTML(html, "<path class=\"$ $\" d=\"", area ? "area" : "line", series->look);
	line_put(html, span, json_object_get(history, series->key), area);
	html_raw(html, "\"/>");
}

/* The newest value that is known, or a dash. */
static struct html_number newest(const json_t *values, const struct chart *chart)
{
	static const struct html_number NONE = {"\xe2\x80\x93"};
	size_t size = json_array_size(values);
	return size != 0 && is_known(values, size - 1) ? chart->write(value_at(values, size - 1))
	                                               : NONE;
}

/* Of those that are known; false: there are none. */
static bool highest(const json_t *values, double *top)
{
	size_t size = json_array_size(values);
	bool any = false;
	*top = 0;
	for (size_t i = size > VIEW_SAMPLES_MAX ? size - VIEW_SAMPLES_MAX : 0; i < size; i++) {
		any |= is_known(values, i);
		*top = value_at(values, i) > *top ? value_at(values, i) : *top;
	}
	return any;
}

/* What the picture shows, in words: also whoever sees it reads the numbers here. */
static void legend_put(struct html *html, const json_t *history, const struct chart *chart)
{
	html_raw(html, "<dl class=\"legend\">\n");
	for (size_t i = 0; i < chart->count; i++) {
		const struct chart_series *series = &chart->series[i];
		const json_t *values = json_object_get(history, series->key);
		double top;
		HTML(html, "<div class=\"$\"><dt>$</dt><dd>", series->look, series->name);
		if (highest(values, &top))
			HTML(html, "<b>$</b> <span class=\"quiet\">now, at most $</span>",
			     newest(values, chart).text, chart->write(top).text);
		else
			html_raw(html, "<span class=\"quiet\">none yet</span>");
		html_raw(html, "</dd></div>\n");
	}
	html_raw(html, "</dl>\n");
}

void page_chart(const struct page_view *view, struct html *html, const struct chart *chart)
{
	char box[64];
	const json_t *history = view_row(view, VIEW_HISTORY);
	struct span span = span_of(history, chart);
	json_int_t step_s = row_number(history, "step_s");
	json_int_t past_s = step_s > 0 && step_s < 86400 ? step_s * (json_int_t)span.count : 0;
	(void)snprintf(box, sizeof box, "0 0 %d %d", WIDTH, HEIGHT);
	HTML(html,
	     "<figure id=\"$\">\n<figcaption>$ <span class=\"quiet\">last $</span></figcaption>\n",
	     chart->id, chart->title, html_age(past_s).text);
	HTML(html,
	     "<svg role=\"img\" viewBox=\"$\" preserveAspectRatio=\"none\" aria-labelledby=\"$-words\">"
	     "<title id=\"$-words\">$, a chart of the last $; its numbers follow</title>",
	     box, chart->id, chart->id, chart->title, html_age(past_s).text);
	if (chart->filled && chart->count != 0)
		path_put(html, &span, history, &chart->series[0], true);
	for (size_t i = chart->count; i > 0; i--) /* the first one on top */
		path_put(html, &span, history, &chart->series[i - 1], false);
	html_raw(html, "</svg>\n");
	legend_put(html, history, chart);
	html_raw(html, "</figure>\n");
}
