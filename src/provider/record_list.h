/* record_list: what the files of this room know more of records than plan.h tells. */
#ifndef FEDNS_PROVIDER_RECORD_LIST_H
#define FEDNS_PROVIDER_RECORD_LIST_H

#include "fedns/plan.h"

/** Take back all that was added beyond the first `count`. Its text stays until the list goes. */
void record_list_cut(struct record_list *records, size_t count);

/** The order of records of one name: by type, then value. 0: they say the same. */
int record_content_compare(const struct record *a, const struct record *b);

#endif
