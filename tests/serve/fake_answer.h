/* fake_answer: stands in for src/answer: what is asked is what is answered.
 *
 * A query is a header of 12 octets (zero but for the ID) and perhaps a request. Request 'B' and two
 * octets: a reply of that size. Request 'D': silence. Anything else comes back as it is, with QR
 * set. */
#ifndef FEDNS_TESTS_FAKE_ANSWER_H
#define FEDNS_TESTS_FAKE_ANSWER_H

#include "fedns/answer.h"

#define FAKE_HEADER_SIZE 12
#define FAKE_QR_AT       2
#define FAKE_QR          0x80

#endif
