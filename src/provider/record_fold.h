/* record_fold: names and values as the provider compares them, so that equal ones are equal octets.
 */
#ifndef FEDNS_PROVIDER_RECORD_FOLD_H
#define FEDNS_PROVIDER_RECORD_FOLD_H

#include "fedns/address.h"
#include "fedns/plan.h"

/* IANA DNS parameters: types that others keep at the provider; fedns serves none of them. */
enum { TYPE_CAA = 257 };

/* Octets that folding may add: an address's longest text for its shortest. */
#define FOLD_GROWS_MAX ADDRESS_TEXT_SIZE

/** Lower case, no final dots, "@" for nothing. Writes at most `rr.size` + 1 octets; returns how
 * many. */
size_t record_rr_fold(struct bytes rr, uint8_t *out);

/** Addresses by their one text; names lower case and without final dots; of SRV single blanks and
 * no leading zeros too; TXT without quotes and final blanks; all else as it is. Writes at most
 * `value.size` + FOLD_GROWS_MAX octets; returns how many. */
size_t record_value_fold(uint16_t type, struct bytes value, uint8_t *out);

#endif
