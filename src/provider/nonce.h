/* nonce: what makes each signed request another one. */
#ifndef FEDNS_PROVIDER_NONCE_H
#define FEDNS_PROVIDER_NONCE_H

#include "fedns/base.h"

#define NONCE_TEXT_SIZE 33 /* 32 hexadecimal digits and a NUL */

/** Digits that nobody has had before. ERR_IO: the system has no random octets. */
MUST_CHECK enum err nonce_write(char text[NONCE_TEXT_SIZE], struct why *why);

#endif
