/* What the Codes of Alibaba Cloud DNS mean ("Error codes" of the Alidns 2015-01-09 API reference).
 */
#include "alidns_reply.h"

#include <string.h>
#include <strings.h>

struct meaning {
	const char *code; /* "X*": all that begin with X */
	enum alidns_class class;
};

/* The first that fits. */
static const struct meaning MEANINGS[] = {
	/* once a nonce was used, the same request got there twice (a stale connection, see http.h), and
     * what became of the first one nobody has heard */
	{"SignatureNonceUsed", ALIDNS_LOST},
	/* "the processing has failed": it doesn't say how far it had come */
	{"InternalError*", ALIDNS_LOST},
	{"ServiceUnavailable*", ALIDNS_LOST},

	{"LastOperationNotFinished", ALIDNS_BUSY},
	{"OperationThreadInUsed", ALIDNS_BUSY},
	{"DnsSystemBusyness", ALIDNS_AGAIN},
	{"RecordForbidden.DNSChange", ALIDNS_AGAIN},

	{"InvalidTimeStamp*", ALIDNS_CLOCK},
	{"IllegalTimestamp*", ALIDNS_CLOCK},

	{"DomainRecordDuplicate", ALIDNS_EXISTS},
	{"DomainRecordNotBelongToUser", ALIDNS_GONE},
	{"InvalidRecordId.NotFound", ALIDNS_GONE},

	{"InvalidDomainName*", ALIDNS_DOMAIN},
	{"IncorrectDomainUser", ALIDNS_DOMAIN},
	{"DomainForbidden*", ALIDNS_DOMAIN},
	{"DomainEmpty", ALIDNS_DOMAIN},
	{"DomainExpiredDNSForbidden", ALIDNS_DOMAIN},
	{"Forbidden.DomainExpired", ALIDNS_DOMAIN},
	{"OperationDomain.NoPermission", ALIDNS_DOMAIN},
	{"RecordForbidden.BlackHole", ALIDNS_DOMAIN},

	{"InvalidAccessKeyId*", ALIDNS_CREDENTIALS},
	{"InvalidSecurityToken*", ALIDNS_CREDENTIALS},
	{"MissingSecurityToken", ALIDNS_CREDENTIALS},
	{"MissingAccessKeyId", ALIDNS_CREDENTIALS},
	{"SignatureDoesNotMatch", ALIDNS_CREDENTIALS},
	{"IncompleteSignature*", ALIDNS_CREDENTIALS},
	{"Forbidden", ALIDNS_CREDENTIALS},
	{"Forbidden.*", ALIDNS_CREDENTIALS},
	{"NoPermission*", ALIDNS_CREDENTIALS},
	{"IllegalUser", ALIDNS_CREDENTIALS},
	/* the endpoint isn't Alidns: nothing that we ask will be done there */
	{"NoSuchVersion", ALIDNS_CREDENTIALS},
	{"UnsupportedHTTPMethod", ALIDNS_CREDENTIALS},
	{"InvalidAction*", ALIDNS_CREDENTIALS},
	{"InvalidVersion*", ALIDNS_CREDENTIALS},

	{"DomainRecordConflict", ALIDNS_RECORD},
	{"DomainRecordLocked", ALIDNS_RECORD},
	{"DomainRecordDisable", ALIDNS_RECORD},
	{"PanDomainRecord", ALIDNS_RECORD},
	{"DisableDNSSLB", ALIDNS_RECORD},
	{"QuotaExceeded*", ALIDNS_RECORD},
	{"LineDnsSlb.QuotaExceeded", ALIDNS_RECORD},
	{"InvalidWeigth", ALIDNS_RECORD}, /* their spelling */
	{"InvalidRR*", ALIDNS_RECORD},
	{"Record.Invalid*", ALIDNS_RECORD},
	{"SubDomainInvalid*", ALIDNS_RECORD},
	{"UnsupportedLine", ALIDNS_RECORD},
	{"UnsupportedOperation", ALIDNS_RECORD},
	{"InvalidParameter*", ALIDNS_RECORD},
	{"MissingParameter*", ALIDNS_RECORD},
	{"DataFormatError", ALIDNS_RECORD},
};

/* Letter case is passed over: the vendor's pages write TimeStamp and Timestamp. */
static bool fits(const char *pattern, const char *code)
{
	size_t size = strcspn(pattern, "*");
	return strncasecmp(pattern, code, size) == 0 && (pattern[size] == '*' || code[size] == '\0');
}

/* An answer that isn't the API's own. Below 500 somebody has refused the request before it got
 * there. */
static enum alidns_class status_class(unsigned status)
{
	if (status == 429)
		return ALIDNS_THROTTLED;
	return status >= 300 && status < 500 && status != 408 ? ALIDNS_AGAIN : ALIDNS_LOST;
}

enum alidns_class alidns_classify(const char *code, unsigned status)
{
	if (code[0] == '\0')
		return status_class(status);
	/* Throttling, Throttling.User, Throttling.Api, ...: as the SDK looks for them */
	if (strcasestr(code, "Throttling") != NULL)
		return ALIDNS_THROTTLED;
	for (size_t i = 0; i < sizeof MEANINGS / sizeof MEANINGS[0]; i++) {
		if (fits(MEANINGS[i].code, code))
			return MEANINGS[i].class;
	}
	/* What we have never heard of is left out alone; but a server that failed may have done it. */
	return status >= 500 ? ALIDNS_LOST : ALIDNS_RECORD;
}

bool code_refuses_credential(const char *code)
{
	static const char *const CODES[] = {"InvalidAccessKeyId*", "InvalidSecurityToken*",
	                                    "MissingSecurityToken", "SignatureDoesNotMatch"};
	for (size_t i = 0; i < sizeof CODES / sizeof CODES[0]; i++) {
		if (fits(CODES[i], code))
			return true;
	}
	return false;
}
