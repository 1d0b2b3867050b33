/* What a failure means for the whole push. */
#include "provider_internal.h"

#include <stdio.h>
#include <string.h>

#define AGAIN_MS 10000
/* Failures in a row that are worth a line: one or two pass by themselves. What lasts is said again
 * every so many. */
#define FAILURES_LASTING  3
#define FAILURES_REMINDED 10

static const char *mend_of(enum alidns_class class)
{
	switch (class) {
	case ALIDNS_CREDENTIALS:
		return "; the key must be good, and its user must have the rights that conf/alidns.yaml "
			   "lists";
	case ALIDNS_DOMAIN:
		return "; key `zones` of the provider's file must name a domain of this account";
	default:
		return "";
	}
}

void call_troubled_why(struct provider *provider, enum api api, const char *why)
{
	why_set(&provider->trouble, "%s: %s", api_action(api), why);
	bool again = provider->failures % FAILURES_REMINDED == FAILURES_LASTING;
	bool news =
		provider->failures >= FAILURES_LASTING &&
		told_is_news(&provider->told_calls, provider->trouble.text, provider_loop_ms(provider));
	provider_log(provider, news || again ? LOG_WARN : LOG_DEBUG, "%s: %s; tried again",
	             provider->domain_text, provider->trouble.text);
}

void call_troubled(struct provider *provider, enum api api, const struct alidns_reply *reply)
{
	char why[WHY_TEXT_SIZE];
	(void)snprintf(why, sizeof why, "%s%s%s", reply->code, reply->code[0] != '\0' ? ": " : "",
	               reply->message);
	call_troubled_why(provider, api, why);
}

static void fail(struct provider *provider, const char *what, const char *why, bool lasting)
{
	why_set(&provider->trouble, "%s: %s", what, why);
	provider->lasting = lasting;
	bool again = provider->failures % FAILURES_REMINDED == 0;
	bool news =
		told_is_news(&provider->told_passes, provider->trouble.text, provider_loop_ms(provider));
	bool by_owner = lasting && provider->setup.gives_up; /* who tells it */
	provider_log(provider, (news || again) && !by_owner ? LOG_ERROR : LOG_DEBUG,
	             "%s: not pushed: %s", provider->domain_text, provider->trouble.text);
	calls_pause(provider, AGAIN_MS);
	provider->phase = PROVIDER_TROUBLED;
	for (size_t i = 0; i < PROVIDER_FLIGHTS_MAX; i++)
		flight_end(&provider->flights[i]); /* what was sent shows when all is read again */
	have_drop(provider);
	provider_move_soon(provider);
	provider_changed(provider);
}

void trouble_over(struct provider *provider)
{
	if (provider->trouble.text[0] != '\0')
		provider_log(provider, LOG_INFO, "%s: pushed again", provider->domain_text);
	provider->trouble = (struct why){{0}};
	provider->lasting = false;
	told_forget(&provider->told_calls);
	told_forget(&provider->told_passes);
}

void pass_failed_why(struct provider *provider, const char *what, const char *why)
{
	fail(provider, what, why, false);
}

/* A key that was good may have been withdrawn: a newer one may be there at the next try. */
static bool is_lasting(const struct provider *provider, enum alidns_class class)
{
	bool again = !provider->edition_known || provider->failures > 0;
	return (class == ALIDNS_CREDENTIALS || class == ALIDNS_DOMAIN) && again;
}

void pass_failed(struct provider *provider, const char *what, const struct alidns_reply *reply)
{
	char why[WHY_TEXT_SIZE];
	(void)snprintf(why, sizeof why, "%s%s%s%s", reply->code, reply->code[0] != '\0' ? ": " : "",
	               reply->message, mend_of(reply->class));
	fail(provider, what, why, is_lasting(provider, reply->class));
}
