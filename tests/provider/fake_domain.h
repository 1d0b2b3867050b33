/* fake_domain: a hosted domain in memory that takes the steps of a plan one by one and refuses what
 * the provider would. It knows the provider's rules on its own, not from the code under test. */
#ifndef FEDNS_TESTS_PROVIDER_FAKE_DOMAIN_H
#define FEDNS_TESTS_PROVIDER_FAKE_DOMAIN_H

#include "plan_bed.h"

#define FAKE_RECORDS_MAX 64
#define FAKE_TEXT_SIZE   64

struct fake_record {
	unsigned id; /* 0: no record here */
	char rr[FAKE_TEXT_SIZE], value[FAKE_TEXT_SIZE];
	uint16_t type;
	uint32_t ttl_s;
	enum mark mark;
	unsigned holds;
};

struct fake_domain {
	struct fake_record records[FAKE_RECORDS_MAX];
	unsigned last_id;
	bool adopt; /* what has no remark may be given one */
	struct plan_limits limits;
};

/** May records of these types stand at one name? */
bool fake_conflict(uint16_t a, uint16_t b, bool apex);

/** Put a record there, as anybody may. NULL, or the Code with which the provider refuses it. */
const char *fake_add(struct fake_domain *domain, const struct fake_record *record);

/** Take `step`. `remark`: an added record gets its remark too; else we die before that. NULL, or
 * the Code. Fails the test where the step touches what isn't ours. */
const char *fake_apply(struct fake_domain *domain, const struct plan_bed *bed,
                       const struct plan *plan, const struct plan_step *step, bool remark);

size_t fake_count_at(const struct fake_domain *domain, struct bytes rr);

/** All records into `have`, which is empty. */
void fake_list(const struct fake_domain *domain, struct record_list *have);

#endif
