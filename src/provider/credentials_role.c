/* AssumeRole: keys are exchanged for those of a role. */
#include "sts.h"

enum err role_start(struct fetch *fetch, const struct role *role, struct why *why)
{
	(void)fetch;
	why_set(why, "role %s: roles can't be assumed", role->arn);
	return ERR_INVALID;
}
