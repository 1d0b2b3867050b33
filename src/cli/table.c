#include "table.h"

#include "fedns/utf8.h"

#include <assert.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Between columns, as kubectl has it. */
#define GAP 3
/* What is cut ends with these; a cell is not cut to less. */
static const char MORE[] = "...";

size_t terminal_width(FILE *to)
{
	struct winsize size;
	int fd = fileno(to);
	return isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* Characters, which for the names of clusters and hosts are columns. */
static size_t width_of(const char *text)
{
	size_t width = 0;
	struct bytes rest = bytes_of(text);
	while (rest.size != 0) {
		struct rune rune = utf8_first(rest);
		size_t size = rune.size != 0 ? rune.size : 1;
		rest.data += size;
		rest.size -= size;
		width++;
	}
	return width;
}

/* The octets of the first `width` characters. */
static size_t prefix_of(const char *text, size_t width)
{
	struct bytes rest = bytes_of(text);
	size_t used = 0;
	for (; width != 0 && used < rest.size; width--) {
		struct rune rune = utf8_first((struct bytes){rest.data + used, rest.size - used});
		used += rune.size != 0 ? rune.size : 1;
	}
	return used;
}

void table_measure(struct table *table, const char *cells)
{
	assert(table->column_count >= 1 && table->column_count <= TABLE_COLUMNS_MAX);
	for (size_t i = 0; i < table->column_count; i++) {
		size_t width = width_of(cells);
		if (width > table->widths[i])
			table->widths[i] = width;
		cells += strlen(cells) + 1;
	}
}

static void last_print(const struct table *table, const char *cell, size_t begun, FILE *to)
{
	size_t room = table->width_max > begun ? table->width_max - begun : 0;
	if (table->width_max == 0 || room < sizeof MORE || width_of(cell) <= room)
		(void)fputs(cell, to);
	else
		(void)fprintf(to, "%.*s%s", (int)prefix_of(cell, room - (sizeof MORE - 1)), cell, MORE);
	(void)fputc('\n', to);
}

void table_print(const struct table *table, const char *cells, FILE *to)
{
	size_t begun = 0;
	for (size_t i = 0; i + 1 < table->column_count; i++) {
		size_t pad = table->widths[i] - width_of(cells) + GAP;
		(void)fprintf(to, "%s%*s", cells, (int)pad, "");
		begun += table->widths[i] + GAP;
		cells += strlen(cells) + 1;
	}
	last_print(table, cells, begun, to);
}
