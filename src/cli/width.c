#include "width.h"

#include "fedns/utf8.h"

#include <sys/ioctl.h>
#include <unistd.h>

size_t terminal_width(FILE *to)
{
	struct winsize size;
	int fd = fileno(to);
	return isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

struct range {
	uint32_t first, last;
};

static bool is_within(uint32_t code, const struct range *ranges, size_t count)
{
	bool within = false;
	for (size_t i = 0; i < count && !within; i++)
		within = code >= ranges[i].first && code <= ranges[i].last;
	return within;
}

/* libc knows by locale, and what is printed here is UTF-8 in every locale. Unicode's annex 11, by
 * whole blocks. */
static size_t rune_width(uint32_t code)
{
	static const struct range NONE[] = {
		{0x0300, 0x036f}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}};
	static const struct range TWO[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},
	                                   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
	                                   {0xff01, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
	                                   {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};
	if (code < NONE[0].first)
		return 1;
	if (is_within(code, NONE, sizeof NONE / sizeof NONE[0]))
		return 0;
	return is_within(code, TWO, sizeof TWO / sizeof TWO[0]) ? 2 : 1;
}

/* The first character's octets; `*width` are its columns. */
static size_t rune_take(struct bytes text, size_t *width)
{
	struct rune rune = utf8_first(text);
	*width = rune.size != 0 ? rune_width(rune.code) : 1;
	return rune.size != 0 ? rune.size : 1;
}

size_t width_of(const char *text)
{
	size_t width = 0;
	for (struct bytes rest = bytes_of(text); rest.size != 0;) {
		size_t columns, size = rune_take(rest, &columns);
		rest = (struct bytes){rest.data + size, rest.size - size};
		width += columns;
	}
	return width;
}

size_t width_cut(const char *text, size_t *width)
{
	size_t used = 0, taken = 0;
	struct bytes all = bytes_of(text);
	while (used < all.size) {
		size_t columns,
			size = rune_take((struct bytes){all.data + used, all.size - used}, &columns);
		if (taken + columns > *width)
			break;
		taken += columns;
		used += size;
	}
	*width = taken;
	return used;
}
