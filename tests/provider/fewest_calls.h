/* fewest_calls: how few calls bring one name from what it has to what it must have, found by trying
 * all ways. */
#ifndef FEDNS_TESTS_PROVIDER_FEWEST_CALLS_H
#define FEDNS_TESTS_PROVIDER_FEWEST_CALLS_H

#include "fake_domain.h"

/** More than that at a name takes too long to try. */
#define FEWEST_MAX 3

/** At most FEWEST_MAX records each, all ours and marked; updates, adds and deletions, after none of
 * which the name breaks a rule of the provider or, with `want_count` > 0, has no record. */
unsigned fewest_calls(const struct fake_record *have, size_t have_count,
                      const struct fake_record *want, size_t want_count);

#endif
