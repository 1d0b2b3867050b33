#include "fedns/base.h"

#include <limits.h>

/* Longest key of ours and some; longer words are not compared. */
#define WORD_SIZE_MAX 32

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned low = a < b ? a : b;
	return low < c ? low : c;
}

/* Optimal string alignment: insert, drop, change one, or swap two neighbours. Three rows of the
 * usual table. */
static unsigned edits(struct bytes a, struct bytes b)
{
	unsigned rows[3][WORD_SIZE_MAX + 1] = {{0}};
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];
	for (size_t j = 0; j <= b.size; j++)
		above[j] = (unsigned)j;
	for (size_t i = 1; i <= a.size; i++) {
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.size; j++) {
			unsigned change = octet_lower(a.data[i - 1]) != octet_lower(b.data[j - 1]);
			row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + change);
			if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] &&
			    a.data[i - 2] == b.data[j - 1] && before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		unsigned *oldest = before;
		before = above;
		above = row;
		row = oldest;
	}
	return above[b.size];
}

unsigned word_distance(struct bytes typed, const char *word)
{
	struct bytes meant = bytes_of(word);
	if (typed.size == 0 || typed.size > WORD_SIZE_MAX || meant.size > WORD_SIZE_MAX)
		return UINT_MAX;
	/* A third of the word wrong is no slip of the finger any more. */
	unsigned far = meant.size < 6 ? 1 : 2;
	unsigned distance = edits(typed, meant);
	return distance <= far ? distance : UINT_MAX;
}
