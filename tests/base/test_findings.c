/* findings: reach the listener with their place, and can't forge a line. */
#include "fedns/findings.h"

#include "check.h"

#include <string.h>

static void keep(void *arg, const struct finding *finding)
{
	*(struct finding *)arg = *finding;
}

static void tells_the_listener(void **state)
{
	(void)state;
	struct finding got = {0};
	struct findings findings = {.report = keep, .arg = &got, .file = "state.json", .line = 12};
	findings_add(&findings, SEVERITY_ERROR, FINDING_LABEL, "service %s/%s", "default", "nginx");
	assert_int_equal(got.severity, SEVERITY_ERROR);
	assert_int_equal(got.reason, FINDING_LABEL);
	assert_string_equal(got.file, "state.json");
	assert_int_equal(got.line, 12);
	assert_string_equal(got.text, "service default/nginx");
}

static void needs_no_listener(void **state)
{
	(void)state;
	struct findings findings = {0};
	findings_add(&findings, SEVERITY_WARNING, FINDING_HOST, "nobody hears %s", "this");
}

static void replaces_what_could_forge_a_line(void **state)
{
	(void)state;
	const struct {
		const char *given, *reported;
	} cases[] = {
		{"a\nb\rc\td\x1b[2J\x7f", "a?b?c?d?[2J?"},
		{"\xc3\xa9\xe4\xba\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe4\xba\xac\xf0\x9f\x98\x80"},
		{"next line\xc2\x85", "next line?"}, /* U+0085 */
		{"\xc0\x8a", "??"},                  /* a line feed in too many octets */
		{"\xed\xa0\x80", "???"},             /* a surrogate */
		{"\xf4\x90\x80\x80", "????"},        /* above U+10FFFF */
		{"\xff\xfe z", "?? z"},
		{"cut \xe4\xba", "cut ??"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct finding got = {0};
		struct findings findings = {.report = keep, .arg = &got};
		findings_add(&findings, SEVERITY_WARNING, FINDING_OBJECT, "%s", cases[i].given);
		assert_string_equal(got.text, cases[i].reported);
	}
}

static void cuts_what_is_too_long(void **state)
{
	(void)state;
	struct finding got = {0};
	struct findings findings = {.report = keep, .arg = &got};
	findings_add(&findings, SEVERITY_WARNING, FINDING_OBJECT, "%02000d", 1);
	assert_int_equal(strlen(got.text), FINDING_TEXT_SIZE - 1);
}

static void has_a_word_for_each_reason(void **state)
{
	(void)state;
	for (unsigned a = 0; a < FINDING_REASONS; a++) {
		const char *word = finding_reason_text((enum finding_reason)a);
		assert_non_null(word);
		for (unsigned b = 0; b < a; b++)
			assert_string_not_equal(word, finding_reason_text((enum finding_reason)b));
	}
	assert_string_equal(finding_reason_text(FINDING_ADDRESS), "address");
	assert_string_equal(finding_reason_text(FINDING_CONFIG), "config");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_the_listener),
		cmocka_unit_test(needs_no_listener),
		cmocka_unit_test(replaces_what_could_forge_a_line),
		cmocka_unit_test(cuts_what_is_too_long),
		cmocka_unit_test(has_a_word_for_each_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
