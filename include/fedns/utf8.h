/* utf8: text that came from outside: is it UTF-8, and how it becomes fit for a line of output.
 *
 * base.h --> [utf8.h] --> everybody who reads text or writes lines
 */
#ifndef FEDNS_UTF8_H
#define FEDNS_UTF8_H

#include "fedns/base.h"

/** What stands at the start of a text. */
struct rune {
	uint32_t code; /* code point; meaningless where `size` is 0 */
	size_t size;   /* octets, 1..4; 0: not valid UTF-8 */
};

/** Read the first character of the not empty `text`. RFC 3629 section 4 to the letter: no overlong
 * forms, no surrogates, nothing above U+10FFFF. */
struct rune utf8_first(struct bytes text);

/** Is all of `text` UTF-8? False: `*bad_at` is the offset of the first octet that isn't. */
bool utf8_valid(struct bytes text, size_t *bad_at);

/** A C0 or C1 control, DEL, an end of a line or a change of direction: it may make a line look like
 * two, or like another one. */
bool rune_is_control(struct rune rune);

/** Replace control characters and invalid octets of `text` by '?', in place. */
void utf8_clean(char *text);

#endif
