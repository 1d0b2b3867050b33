/* warning: what an API server has to say of a request that it did none the less: headers
 * `Warning: 299 - "text"` (RFC 7234 section 5.5, as Kubernetes writes and kubectl reads them).
 *
 *     api_call.c --header--> [warning.h] --text--> whoever called
 */
#ifndef FEDNS_SOURCE_WARNING_H
#define FEDNS_SOURCE_WARNING_H

#include "fedns/base.h"

/** A text with its NUL; longer ones are cut. An API server cuts them at 256 characters. */
#define WARNING_TEXT_SIZE 1024

/** Take the next warning of code 299 off the header's value `rest`: its text, control octets
 * replaced. False: none is left, or what is left can't be read. */
bool warning_take(struct bytes *rest, char text[WARNING_TEXT_SIZE]);

#endif
