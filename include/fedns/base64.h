/* base64 (RFC 4648 section 4), as Go's JSON takes it: padded, line feeds passed over. */
#ifndef FEDNS_BASE64_H
#define FEDNS_BASE64_H

#include "fedns/base.h"

/** Octets that base64_decode() may write of a text of `size`. */
#define BASE64_DECODED_MAX(size) ((size) / 4 * 3 + 3)
/** Octets that base64_encode() writes of `size`, its NUL included. */
#define BASE64_TEXT_SIZE(size) (((size) + 2) / 3 * 4 + 1)

/** Into `out`, which has room for BASE64_DECODED_MAX(text.size). ERR_INVALID: what was decoded so
 * far is in `out`. */
MUST_CHECK enum err base64_decode(struct bytes text, uint8_t *out, size_t *size, struct why *why);

/** Into `text`, with a NUL behind it. */
void base64_encode(struct bytes octets, char *text);

#endif
