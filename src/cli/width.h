/* width: how many columns of a terminal a text takes. */
#ifndef FEDNS_CLI_WIDTH_H
#define FEDNS_CLI_WIDTH_H

#include "fedns/base.h"

#include <stdio.h>

/** The columns of what a terminal shows, where `to` is one; else 0. */
size_t terminal_width(FILE *to);

/** Columns: two for each letter of East Asia, none for an accent of its own. */
size_t width_of(const char *text);

/** The octets of as many characters as fit into `*width` columns, which becomes what they take. */
size_t width_cut(const char *text, size_t *width);

#endif
