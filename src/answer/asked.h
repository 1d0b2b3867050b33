/* asked: which of the counted types a question is of.
 *
 * respond.c --> [asked.h]
 */
#ifndef FEDNS_ANSWER_ASKED_H
#define FEDNS_ANSWER_ASKED_H

#include "fedns/answer.h"

#define ASKED_BY_TYPE_SIZE 256

/* An octet of `enum asked_type` for each type that has few bits: one look, on the answer path. */
extern const uint8_t ASKED_BY_TYPE[ASKED_BY_TYPE_SIZE];

static inline enum asked_type asked_type_of(uint16_t type)
{
	return type < ASKED_BY_TYPE_SIZE ? (enum asked_type)ASKED_BY_TYPE[type] : ASKED_OTHER;
}

#endif
