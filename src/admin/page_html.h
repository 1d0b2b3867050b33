/* page_html: markup into a buffer, and everything that comes from elsewhere escaped.
 *
 * Errors stick: once the buffer is full, nothing more is written, and `err` says so at the end.
 */
#ifndef FEDNS_ADMIN_PAGE_HTML_H
#define FEDNS_ADMIN_PAGE_HTML_H

#include "fedns/base.h"

#include <jansson.h>

/* Octets of one text that are shown: the longest sentence of ours, escaped, is shorter. */
#define HTML_TEXT_MAX ((size_t)1024)
/* "9,223,372,036,854,775,807 s ago" */
#define HTML_NUMBER_SIZE 40

/* Of numbers in rows, so that they may be added and multiplied without a thought. */
#define ROW_NUMBER_MAX ((json_int_t)1000000000000000)

struct html {
	struct buf *out;
	enum err err;
};

/** Markup of ours, as it stands. */
void html_raw(struct html *html, const char *markup);
/** A text, fit for an element and for an attribute in double quotes. What is no UTF-8, controls and
 * what turns the direction of writing become U+FFFD; one too long is cut, with an ellipsis. NULL:
 * a dash. */
void html_text(struct html *html, const char *text);
/** A value in a URL's query. */
void html_query(struct html *html, const char *text);
/** Markup of ours, each '$' in it the next of `texts`, by html_text(). As many as there are. */
void html_fill(struct html *html, const char *markup, const char *const *texts, size_t count);
#define HTML(html, markup, ...)                                                                    \
	html_fill((html), (markup), (const char *const[]){__VA_ARGS__},                                \
	          sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/** A number as text. */
struct html_number {
	char text[HTML_NUMBER_SIZE];
};
/** "5,000" */
struct html_number html_count(json_int_t number);
/** "45 s", "12 min", "3 h", "2 d" */
struct html_number html_age(json_int_t seconds);
/** "850 µs", "1.2 ms" */
struct html_number html_micros(double micros);
/** "120", "0.4" */
struct html_number html_rate(double rate);

/* --- what a row holds; NULL and anything else where it doesn't ----------------------------------
 */

const char *row_text(const json_t *row, const char *key);
/** A count, or seconds: below 0 it is 0, above ROW_NUMBER_MAX that. */
json_int_t row_number(const json_t *row, const char *key);
bool row_true(const json_t *row, const char *key);
/** Is there anything but null? */
bool row_has(const json_t *row, const char *key);
/** An array's size, 0: it is none. */
size_t row_size(const json_t *row, const char *key);
/** Is the text this word? */
bool row_is(const json_t *row, const char *key, const char *word);

#endif
