/* AssumeRole: keys are exchanged for those of a role. */
#include "sts.h"

#include "alidns_sign.h"
#include "nonce.h"

#include <stdio.h>

static enum err role_sign(const struct fetch *fetch, const struct role *role,
                          struct signed_request *out, struct why *why)
{
	char nonce[NONCE_TEXT_SIZE], life[16];
	struct alidns_param params[] = {
		{"Version", bytes_of(STS_VERSION)},
		{"RoleArn", bytes_of(role->arn)},
		{"RoleSessionName", bytes_of(role->session)},
		{"DurationSeconds", {NULL, 0}}, /* below */
		{NULL, {NULL, 0}},
		{NULL, {NULL, 0}},
	};
	size_t count = 4;
	*out = (struct signed_request){.header_count = 0};
	enum err err = nonce_write(nonce, why);
	if (err != ERR_OK)
		return err;
	(void)snprintf(life, sizeof life, "%u", role->life_s);
	params[3].value = bytes_of(life);
	if (role->policy != NULL)
		params[count++] = (struct alidns_param){"Policy", bytes_of(role->policy)};
	if (role->external_id != NULL)
		params[count++] = (struct alidns_param){"ExternalId", bytes_of(role->external_id)};
	const struct sign_ask ask = {
		.method = "POST",
		.action = "AssumeRole",
		.params = params,
		.param_count = count,
		.credential = &fetch->grant.credential,
		.nonce = nonce,
		.time_s = credentials_now(fetch->credentials) / 1000,
	};
	return sign_v1(&ask, out, why);
}

static void on_done(void *arg, enum err err, unsigned status, struct bytes body,
                    const struct why *why)
{
	struct fetch *fetch = arg;
	const struct credential *used = &fetch->grant.credential;
	const struct bytes secrets[] = {bytes_of(used->secret), bytes_of(used->token)};
	sts_take(fetch, err, status, body, secrets, 2, fetch->way.roles[fetch->role_at - 1].arn, why);
}

enum err role_start(struct fetch *fetch, const struct role *role, struct why *why)
{
	char base[STS_BASE_SIZE], url[STS_BASE_SIZE + 2];
	struct signed_request request;
	enum err err = sts_base(fetch->credentials, &fetch->way, base, why);
	if (err == ERR_OK) {
		(void)snprintf(url, sizeof url, "%s/", base);
		err = role_sign(fetch, role, &request, why);
		if (err == ERR_OK)
			err = sts_post(fetch, url, buf_bytes(&request.query), on_done, why);
		signed_request_clear(&request);
	}
	if (err != ERR_OK)
		why_wrap(why, "role %s", role->arn);
	return err;
}
