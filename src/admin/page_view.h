/* page_view: what was asked for one page, and its sections as pure functions of that.
 *
 * page_html.h --> [page_view.h] --> page.c
 *
 * Rows are the control commands', but nothing is taken for granted of them: what is missing or of
 * another type shows as a dash. Each section is one element with an id, complete in itself: page.js
 * takes them over one by one.
 */
#ifndef FEDNS_ADMIN_PAGE_VIEW_H
#define FEDNS_ADMIN_PAGE_VIEW_H

#include "page_html.h"

/* Those that the federation knows, and some of those that services name alone. */
#define VIEW_CLUSTERS_MAX 200
#define VIEW_SERVICES_MAX 50
/* Levels, and addresses: what is above them is counted. */
#define VIEW_EXPLAIN_MAX 300
#define VIEW_SAMPLES_MAX 720 /* of a chart: an hour of 5 s */
#define VIEW_SERVERS_MAX 100 /* API servers that are looked at: one a cluster */

/** The commands that are asked. */
enum view_part {
	VIEW_STATUS,
	VIEW_CLUSTERS,
	VIEW_SERVICES,
	VIEW_HISTORY,
	VIEW_EXPLAIN,
	VIEW_PARTS /* how many */
};

struct page_view {
	json_t *rows[VIEW_PARTS];           /* arrays */
	size_t left[VIEW_PARTS];            /* rows above the maximum */
	struct why why[VIEW_PARTS];         /* why there are no (more) rows; "": all is said */
	const char *explain, *find, *after; /* as the URL has them; NULL: it has not */
	const char *now;                    /* the time of day, "2026-11-23 02:30:45 UTC" */
};

/** The one row of a command that has one, or NULL. */
const json_t *view_row(const struct page_view *view, enum view_part part);

typedef void page_section(const struct page_view *view, struct html *html);

page_section page_head;    /* up to <main> */
page_section page_verdict; /* how all is, in a sentence; what waits for somebody */
page_section page_traffic; /* charts */
page_section page_explain; /* nothing where no name is asked after */
page_section page_clusters;
page_section page_services;
page_section page_provider;
page_section page_foot; /* from </main> to the end */

/* --- parts that sections share ------------------------------------------------------------ */

/** How something is, by colour, sign and word. */
enum tone { TONE_GOOD, TONE_WARN, TONE_BAD, TONE_QUIET };
/** "good", "warn", "bad", "quiet": classes of page.css. */
const char *tone_class(enum tone tone);
/** A sign and a word: <span class="state good">. */
void html_state(struct html *html, enum tone tone, const char *word);

/** <p class="missing">: what is told instead of an answer, with a full stop; a name has its own. */
void html_sentence(struct html *html, const char *before, const char *text);
/** What is asked and not said: <p class="missing">. Nothing where all is said. */
void html_missing(struct html *html, const struct page_view *view, enum view_part part);
/** <section id="ID"> with its heading; end it with "</section>". */
void html_section(struct html *html, const char *id, const char *title);
/** <table> up to its first row; `id` may be NULL. Columns with titles, for screen readers a
 * caption. Roles are said, for on a narrow screen rows are laid out as blocks. End it by
 * html_table_end(). */
void html_table(struct html *html, const char *id, const char *caption, const char *const *titles,
                size_t count);
void html_table_end(struct html *html);
/** <td> with the title of its column. */
void html_cell(struct html *html, const char *title);
/** One fact in a <dl>. */
void html_fact(struct html *html, const char *term, const char *text);

/** What the page's other form was asked, so that it stays; nothing where it was not. */
void html_hidden(struct html *html, const char *name, const char *value);

/** The sentence for a reason code of `explain` and `services`. */
const char *reason_words(const char *reason);

/* page_verdict.c */
struct verdict_line {
	enum tone tone;
	char text[200]; /* of ours alone */
};
void page_judge(const struct page_view *view, struct verdict_line *out);

/* page_chart.c */
struct chart_series {
	const char *name, *key; /* what it is called, its array in the history */
	const char *look;       /* class of page.css */
};
struct chart {
	const char *id, *title;
	const struct chart_series *series;
	size_t count;
	struct html_number (*write)(double value);
	bool filled; /* an area below the first line */
};
void page_chart(const struct page_view *view, struct html *html, const struct chart *chart);

#endif
