/* What stands around the sections: head and foot. */
#include "page_view.h"

/* The sign of a ladder, the same as in the head of the page. */
static const char ICON[] = "<link rel=\"icon\" href=\"data:image/svg+xml,%3Csvg "
						   "xmlns='http://www.w3.org/2000/svg' viewBox='0 0 "
						   "24 24' fill='none' stroke='%232c7a5b' stroke-width='2.5' "
						   "stroke-linecap='round'%3E%3Cpath d='M7 3v18M17 "
						   "3v18M7 7h10M7 12h10M7 17h10'/%3E%3C/svg%3E\">\n";
static const char SIGN[] =
	"<svg class=\"sign\" viewBox=\"0 0 24 24\" width=\"24\" height=\"24\" aria-hidden=\"true\">"
	"<path d=\"M7 3v18M17 3v18M7 7h10M7 12h10M7 17h10\"/></svg>";

static void search_write(const struct page_view *view, struct html *html)
{
	const char *zone = row_text(view_row(view, VIEW_STATUS), "zone");
	html_raw(html,
	         "<form role=\"search\" aria-label=\"Explain a name\" action=\"/\" method=\"get\">\n"
	         "<label for=\"explain-name\">Explain a name</label>\n<div class=\"ask\">");
	HTML(html,
	     "<input id=\"explain-name\" name=\"explain\" type=\"search\" value=\"$\" "
	     "placeholder=\"name.namespace.fed.svc.$\" autocomplete=\"off\" autocapitalize=\"none\" "
	     "spellcheck=\"false\" required maxlength=\"1024\">",
	     view->explain != NULL ? view->explain : "", zone != NULL ? zone : "");
	html_raw(html, "<button>Explain</button></div>\n");
	html_hidden(html, "find", view->find);
	html_raw(html, "</form>\n");
}

void page_head(const struct page_view *view, struct html *html)
{
	const json_t *status = view_row(view, VIEW_STATUS);
	const char *zone = row_text(status, "zone");
	struct verdict_line line;
	page_judge(view, &line);
	HTML(html,
	     "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	     "<meta name=\"color-scheme\" content=\"light dark\">\n<title>$ · $ · fedns</title>\n",
	     line.text, zone != NULL ? zone : "no zone");
	html_raw(html, ICON);
	html_raw(html,
	         "<link rel=\"stylesheet\" href=\"/page.css\">\n"
	         "<script src=\"/page.js\" defer></script>\n</head>\n<body>\n"
	         "<a class=\"skip\" href=\"#main\">To the content</a>\n<header>\n<p class=\"brand\">");
	html_raw(html, SIGN);
	html_raw(html, "<a href=\"/\">fedns</a></p>\n");
	search_write(view, html);
	html_raw(html,
	         "<p class=\"live\" id=\"live\" hidden><span id=\"live-text\"></span> "
	         "<button type=\"button\" id=\"live-pause\" aria-pressed=\"false\">Pause</button></p>\n"
	         "</header>\n<main id=\"main\" tabindex=\"-1\">\n");
}

void page_foot(const struct page_view *view, struct html *html)
{
	const json_t *status = view_row(view, VIEW_STATUS);
	HTML(html,
	     "</main>\n<footer>\n<p>fedns $ · as of <time>$</time> · the same as JSON: "
	     "<a href=\"/api/v1/status\">status</a>, <a href=\"/api/v1/clusters\">clusters</a>, "
	     "<a href=\"/api/v1/services\">services</a>, <a href=\"/api/v1/records\">records</a> · "
	     "<a href=\"/metrics\">metrics</a></p>\n</footer>\n</body>\n</html>\n",
	     row_text(status, "version"), view->now);
}
