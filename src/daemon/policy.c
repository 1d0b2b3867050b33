/* What the configuration says, handed to model and zone. */
#include "clock.h"
#include "daemon_internal.h"

#include <string.h>

/* Without a secret of the configuration's, clients get cookies by our own, which no other replica
 * takes. */
static void cookies_complete(const struct daemon *daemon, const struct config *config,
                             struct cookie_policy *cookies)
{
	if (!config->cookies) {
		*cookies = (struct cookie_policy){.secret_count = 0};
	} else if (cookies->secret_count == 0) {
		memcpy(cookies->secrets[0], daemon->cookie_secret, COOKIE_SECRET_SIZE);
		cookies->secret_count = 1;
	}
}

enum err daemon_policies_set(struct daemon *daemon, const struct config *config, struct why *why)
{
	struct answer_policy policy = config->answer;
	cookies_complete(daemon, config, &policy.cookies);
	enum err err = model_set_policy(daemon->model, &config->model, clock_now_ms(),
	                                &daemon->config_findings.sink, why);
	return err == ERR_OK ? zone_set_policy(daemon->zone, &policy, why) : err;
}
