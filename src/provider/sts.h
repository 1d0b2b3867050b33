/* sts: where the Security Token Service is, and the forms it is sent. */
#ifndef FEDNS_PROVIDER_STS_H
#define FEDNS_PROVIDER_STS_H

#include "credentials_internal.h"

#define STS_VERSION   "2015-04-01"
#define STS_BASE_SIZE 300 /* a scheme, a name of 253 octets, a port, a NUL */

/** "https://sts.aliyuncs.com", or that of the region, of the VPC, or of
 * ALIBABA_CLOUD_STS_ENDPOINT. ERR_INVALID. */
MUST_CHECK enum err sts_base(const struct credentials *credentials, const struct way *way,
                             char base[STS_BASE_SIZE], struct why *why);

/** Append "NAME=VALUE", an "&" before it where it isn't the first behind `from`; VALUE as RFC 3986
 * has it. False: no room. */
MUST_CHECK bool form_add(struct secret_memory *form, size_t from, const char *name,
                         struct bytes value);

/** POST a form to STS, with the patience of the vendor's SDKs. Errors as of exchange_start(). */
MUST_CHECK enum err sts_post(struct fetch *fetch, const char *url, struct bytes form,
                             exchange_done *done, struct why *why);

/** Read what STS said into the fetch's grant, and tell it. `secrets` must not show. */
void sts_take(struct fetch *fetch, enum err err, unsigned status, struct bytes body,
              const struct bytes *secrets, size_t secret_count, const char *role,
              const struct why *why);

#endif
