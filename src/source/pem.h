/* pem: is what a file or a plugin gives a certificate, and does the key belong to it? So an error
 * names its file instead of showing as a handshake that fails. */
#ifndef FEDNS_SOURCE_PEM_H
#define FEDNS_SOURCE_PEM_H

#include "fedns/base.h"

/** At least one certificate that can be read. What else stands there doesn't matter, as in Go. */
MUST_CHECK enum err pem_certificates_check(struct bytes pem, struct why *why);

/** A certificate, the first one, and the private key that belongs to it, not encrypted. */
MUST_CHECK enum err pem_pair_check(struct bytes cert, struct bytes key, struct why *why);

#endif
