/* scan: the tokens of RFC 8259 JSON, read strictly and without recursion from a text in memory.
 *
 * Our own and not jansson's: jansson 2.14 takes 21 us for one printed Service, that is 2.1 s for
 * 100,000 of them, more than the whole start may take. Tests hold the two against each other.
 */
#ifndef FEDNS_SOURCE_SCAN_H
#define FEDNS_SOURCE_SCAN_H

#include "fedns/base.h"

/** A place in a text. */
struct scan {
	struct bytes text;
	size_t at;         /* next octet */
	size_t counted_at; /* scan_line()'s own: up to here ... */
	unsigned line;     /* ... `line` - 1 line feeds stand */
};

/** What stands between the quotes of a string; borrowed from the text. */
struct scan_string {
	struct bytes raw;
	bool escaped; /* holds a backslash: see scan_unescape() */
};

void scan_init(struct scan *scan, struct bytes text);

/** Line of offset `at`, from 1. Cheap when called with growing offsets. */
unsigned scan_line(struct scan *scan, size_t at);

/** Say what is wrong at offset `at`: "line L, column C: ...", columns in octets from 1. Returns
 * ERR_INVALID. */
enum err scan_fail(const struct scan *scan, size_t at, struct why *why, const char *fmt, ...)
	PRINTF(4, 5);
/** Put "line L, column C" of offset `at` before a sentence. */
void scan_wrap(const struct scan *scan, size_t at, struct why *why);
/** "expected WANTED, found ..." at the next octet. Returns ERR_INVALID. */
enum err scan_expected(const struct scan *scan, const char *wanted, struct why *why);

/** Skip white space. Returns the next octet, not taken; -1 at the end. */
int scan_next(struct scan *scan);

/** Take the octet `octet` after white space; else ERR_INVALID: "expected WANTED, found ...". */
MUST_CHECK enum err scan_take(struct scan *scan, uint8_t octet, const char *wanted,
                              struct why *why);

/** Take a string; the next octet is its quote. ERR_INVALID: control octet, bad escape, not UTF-8,
 * cut off. */
MUST_CHECK enum err scan_string(struct scan *scan, struct scan_string *out, struct why *why);
/** Take a number; the next octet is its first. */
MUST_CHECK enum err scan_number(struct scan *scan, struct bytes *out, struct why *why);
/** Take one of true, false and null, given as `word`. */
MUST_CHECK enum err scan_word(struct scan *scan, const char *word, struct why *why);

/**
 * Decode the escapes of a string that scan_string() took into `out`, which has room for raw.size
 * octets. A surrogate without its other half becomes U+FFFD, as Go reads it. Returns the octets
 * written.
 */
size_t scan_unescape(struct bytes raw, uint8_t *out);

/**
 * Move over a value without judging it: only quotes and brackets count. False: it doesn't end. For
 * looking ahead; what is looked over is read strictly later.
 */
bool scan_skip(struct scan *scan);

/**
 * Find the last member `name` of the object `object`, judging nothing: what can be known of one
 * that is too large to be read. False: there is none, or it can't be told. Borrowed; raw.
 */
bool scan_member(struct bytes object, const char *name, struct bytes *out);

#endif
