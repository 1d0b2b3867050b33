/* name_compare: the canonical order of RFC 4034 section 6.1. */
#include "fedns/dns.h"

#include "check.h"

/* In order; the first part is that section's own example. */
static const char *const ORDER[] = {
	".",
	"example.",
	"a.example.",
	"yljkjljk.a.example.",
	"z.a.example.",
	"zabc.a.example.",
	"z.example.",
	"\\001.z.example.",
	"*.z.example.",
	"\\200.z.example.",
	"examples.",
	"xyz.",
	"spacexnice.xyz.",
	"a\\.svc.spacexnice.xyz.",
	"svc.spacexnice.xyz.",
	"fed.svc.spacexnice.xyz.",
	"nginx.default.fed.svc.spacexnice.xyz.",
	"nginx-2.default.fed.svc.spacexnice.xyz.",
};
#define COUNT (sizeof ORDER / sizeof ORDER[0])

static void sorts_as_the_rfc_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		for (size_t j = 0; j < COUNT; j++) {
			struct name a, b;
			struct why why;
			assert_int_equal(name_parse(bytes_of(ORDER[i]), &a, &why), ERR_OK);
			assert_int_equal(name_parse(bytes_of(ORDER[j]), &b, &why), ERR_OK);
			int order = name_compare(name_bytes(&a), name_bytes(&b));
			assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_as_the_rfc_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
