/* alidns_code: every Code that the vendor names, and what it is taken for. */
#include "alidns_reply.h"

#include "check.h"

#include <string.h>

static const struct {
	const char *code;
	enum alidns_class class;
} CODES[] = {
	{"Throttling", ALIDNS_THROTTLED},
	{"Throttling.User", ALIDNS_THROTTLED},
	{"Throttling.Api", ALIDNS_THROTTLED},
	{"ServiceThrottling", ALIDNS_THROTTLED},
	{"LastOperationNotFinished", ALIDNS_BUSY},
	{"OperationThreadInUsed", ALIDNS_BUSY},
	{"DnsSystemBusyness", ALIDNS_AGAIN},
	{"RecordForbidden.DNSChange", ALIDNS_AGAIN},
	{"InternalError", ALIDNS_LOST},
	{"InternalError.Timeout", ALIDNS_LOST},
	{"ServiceUnavailable", ALIDNS_LOST},
	{"SignatureNonceUsed", ALIDNS_LOST},
	{"InvalidTimeStamp.Expired", ALIDNS_CLOCK},
	{"InvalidTimestamp.Expired", ALIDNS_CLOCK},
	{"IllegalTimestamp", ALIDNS_CLOCK},
	{"SignatureDoesNotMatch", ALIDNS_CREDENTIALS},
	{"IncompleteSignature", ALIDNS_CREDENTIALS},
	{"InvalidAccessKeyId", ALIDNS_CREDENTIALS},
	{"InvalidAccessKeyId.NotFound", ALIDNS_CREDENTIALS},
	{"InvalidAccessKeyId.Inactive", ALIDNS_CREDENTIALS},
	{"InvalidSecurityToken.Expired", ALIDNS_CREDENTIALS},
	{"InvalidSecurityToken.Malformed", ALIDNS_CREDENTIALS},
	{"MissingSecurityToken", ALIDNS_CREDENTIALS},
	{"Forbidden", ALIDNS_CREDENTIALS},
	{"Forbidden.RAM", ALIDNS_CREDENTIALS},
	{"Forbidden.RiskControl", ALIDNS_CREDENTIALS},
	{"Forbidden.UserVerification", ALIDNS_CREDENTIALS},
	{"IllegalUser", ALIDNS_CREDENTIALS},
	{"NoSuchVersion", ALIDNS_CREDENTIALS},
	{"UnsupportedHTTPMethod", ALIDNS_CREDENTIALS},
	{"InvalidDomainName.NoExist", ALIDNS_DOMAIN},
	{"InvalidDomainName.Format", ALIDNS_DOMAIN},
	{"InvalidDomainName.Suffix", ALIDNS_DOMAIN},
	{"InvalidDomainName.Length", ALIDNS_DOMAIN},
	{"IncorrectDomainUser", ALIDNS_DOMAIN},
	{"DomainForbidden", ALIDNS_DOMAIN},
	{"DomainEmpty", ALIDNS_DOMAIN},
	{"DomainExpiredDNSForbidden", ALIDNS_DOMAIN},
	{"Forbidden.DomainExpired", ALIDNS_DOMAIN},
	{"OperationDomain.NoPermission", ALIDNS_DOMAIN},
	{"RecordForbidden.BlackHole", ALIDNS_DOMAIN},
	{"DomainRecordDuplicate", ALIDNS_EXISTS},
	{"DomainRecordNotBelongToUser", ALIDNS_GONE},
	{"InvalidRecordId.NotFound", ALIDNS_GONE},
	{"DomainRecordConflict", ALIDNS_RECORD},
	{"DomainRecordLocked", ALIDNS_RECORD},
	{"DomainRecordDisable", ALIDNS_RECORD},
	{"PanDomainRecord", ALIDNS_RECORD},
	{"InvalidWeigth", ALIDNS_RECORD},
	{"DisableDNSSLB", ALIDNS_RECORD},
	{"LineDnsSlb.QuotaExceeded", ALIDNS_RECORD},
	{"QuotaExceeded.TTL", ALIDNS_RECORD},
	{"QuotaExceeded.Record", ALIDNS_RECORD},
	{"QuotaExceeded.ARecord", ALIDNS_RECORD},
	{"QuotaExceeded.FreeDnsRecord", ALIDNS_RECORD},
	{"QuotaExceeded.SubDomain", ALIDNS_RECORD},
	{"QuotaExceeded.BatchNumber", ALIDNS_RECORD},
	{"DataFormatError", ALIDNS_RECORD},
	{"InvalidRR.NoExist", ALIDNS_RECORD},
	{"InvalidRR.AValue", ALIDNS_RECORD},
	{"Record.Invalid.Rr", ALIDNS_RECORD},
	{"SubDomainInvalid.TTL", ALIDNS_RECORD},
	{"UnsupportedLine", ALIDNS_RECORD},
	{"UnsupportedOperation", ALIDNS_RECORD},
	{"MissingParameter", ALIDNS_RECORD},
	{"InvalidParameter", ALIDNS_RECORD},
};

static void a_code_has_its_class_whatever_the_status_is(void **state)
{
	(void)state;
	static const unsigned STATUSES[] = {0, 200, 400, 403, 404, 429, 500, 503};
	for (size_t i = 0; i < sizeof CODES / sizeof CODES[0]; i++) {
		for (size_t k = 0; k < sizeof STATUSES / sizeof STATUSES[0]; k++) {
			enum alidns_class class = alidns_classify(CODES[i].code, STATUSES[k]);
			if (class != CODES[i].class)
				fail_msg("%s: %d, expected %d", CODES[i].code, class, CODES[i].class);
		}
	}
}

/* The letters that a known one begins with don't make it known. */
static void an_unknown_code_costs_its_record(void **state)
{
	(void)state;
	static const char *const UNKNOWN[] = {"Nonsense",      "DomainRecordDuplicated",
	                                      "ForbiddenAlso", "Invalid",
	                                      "MissingRR",     "Fobidden.NotEmptyGroup"};
	for (size_t i = 0; i < sizeof UNKNOWN / sizeof UNKNOWN[0]; i++) {
		assert_int_equal(alidns_classify(UNKNOWN[i], 400), ALIDNS_RECORD);
		assert_int_equal(alidns_classify(UNKNOWN[i], 403), ALIDNS_RECORD);
		assert_int_equal(alidns_classify(UNKNOWN[i], 500), ALIDNS_LOST);
	}
}

/* What is not the API's answer may stand for a write that was done, from 500 on. */
static void without_a_code_the_status_speaks(void **state)
{
	(void)state;
	static const struct {
		unsigned status;
		enum alidns_class class;
	} cases[] = {
		{0, ALIDNS_LOST},    {101, ALIDNS_LOST},      {200, ALIDNS_LOST},  {204, ALIDNS_LOST},
		{302, ALIDNS_AGAIN}, {400, ALIDNS_AGAIN},     {403, ALIDNS_AGAIN}, {404, ALIDNS_AGAIN},
		{408, ALIDNS_LOST},  {429, ALIDNS_THROTTLED}, {500, ALIDNS_LOST},  {502, ALIDNS_LOST},
		{503, ALIDNS_LOST},  {504, ALIDNS_LOST},      {999, ALIDNS_LOST},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(alidns_classify("", cases[i].status), cases[i].class);
}

/* A forbidden action is not for another key to be tried, nor is a clock. */
static void these_make_credentials_be_looked_up_anew(void **state)
{
	(void)state;
	static const char *const REFUSE[] = {
		"InvalidAccessKeyId",          "InvalidAccessKeyId.NotFound",
		"InvalidAccessKeyId.Inactive", "InvalidSecurityToken.Expired",
		"MissingSecurityToken",        "SignatureDoesNotMatch"};
	for (size_t i = 0; i < sizeof REFUSE / sizeof REFUSE[0]; i++)
		assert_true(code_refuses_credential(REFUSE[i]));
	size_t count = 0;
	for (size_t i = 0; i < sizeof CODES / sizeof CODES[0]; i++)
		count += code_refuses_credential(CODES[i].code);
	assert_int_equal(count, 7); /* Malformed as well */
	assert_false(code_refuses_credential(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_has_its_class_whatever_the_status_is),
		cmocka_unit_test(an_unknown_code_costs_its_record),
		cmocka_unit_test(without_a_code_the_status_speaks),
		cmocka_unit_test(these_make_credentials_be_looked_up_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
