/* label_is_host, hostname_parse: our own labels, and names that an ingress may carry. */
#include "fedns/dns.h"

#include "check.h"

#define A10 "aaaaaaaaaa"
#define A63 A10 A10 A10 A10 A10 A10 "aaa"

static void judges_labels(void **state)
{
	(void)state;
	const struct {
		const char *text;
		bool good;
	} cases[] = {
		{"a", true},    {"9", true},   {"nginx", true}, {"NGINX", true},  {"a-b", true},
		{"a--b", true}, {"1a", true},  {A63, true},     {A63 "a", false}, {"", false},
		{NULL, false},  {"-", false},  {"-a", false},   {"a-", false},    {"a_b", false},
		{"a.b", false}, {"a.", false}, {"a b", false},  {"*", false},     {"\xc3\xa9", false},
		{"a\n", false}, {"[", false},  {"`", false},    {"/", false},     {":", false},
		{"@", false},   {"{", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(label_is_host(bytes_of(cases[i].text)), cases[i].good);
	assert_false(label_is_host((struct bytes){(const uint8_t *)"a\0b", 3}));
}

static void reads_host_names(void **state)
{
	(void)state;
	const struct {
		const char *text;
		const char *name; /* NULL: refused */
	} cases[] = {
		{"lb.example.com", "lb.example.com."},
		{"LB.Example.COM.", "lb.example.com."},
		{"a_b._c.d_", "a_b._c.d_."},
		{"localhost", "localhost."},
		{"-a.example", NULL},
		{"a-.example", NULL},
		{"a.-.example", NULL},
		{"", NULL},
		{".", NULL},
		{"..", NULL},
		{"a..b", NULL},
		{"a..", NULL},
		{".a", NULL},
		{"*.example", NULL},
		{"a\\.b", NULL},
		{"a\\065", NULL},
		{"a b.example", NULL},
		{"a.example ", NULL},
		{"http://a.example", NULL},
		{"a.example:80", NULL},
		{"::1", NULL},
		{A63 ".b", A63 ".b."},
		{A63 "a.b", NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct name name = {.size = 9};
		struct why why = {{0}};
		enum err err = hostname_parse(bytes_of(cases[i].text), &name, &why);
		assert_int_equal(err, cases[i].name == NULL ? ERR_INVALID : ERR_OK);
		assert_int_equal(why.text[0] != '\0', cases[i].name == NULL);
		if (cases[i].name == NULL) {
			assert_int_equal(name.size, 0);
			continue;
		}
		char text[NAME_TEXT_SIZE];
		name_text(name_bytes(&name), text);
		assert_string_equal(text, cases[i].name);
	}
}

static void takes_253_octets_and_no_more(void **state)
{
	(void)state;
	const struct {
		const char *text;
		enum err err;
	} cases[] = {
		{A63 "." A63 "." A63 "." A10 A10 A10 A10 A10 A10 "a", ERR_OK},
		{A63 "." A63 "." A63 "." A10 A10 A10 A10 A10 A10 "a.", ERR_OK},
		{A63 "." A63 "." A63 "." A10 A10 A10 A10 A10 A10 "aa", ERR_INVALID},
		{A63 "." A63 "." A63 "." A10 A10 A10 A10 A10 A10 "aa.", ERR_INVALID},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct name name;
		struct why why = {{0}};
		assert_int_equal(hostname_parse(bytes_of(cases[i].text), &name, &why), cases[i].err);
		assert_int_equal(name.size, cases[i].err == ERR_OK ? 255 : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges_labels),
		cmocka_unit_test(reads_host_names),
		cmocka_unit_test(takes_253_octets_and_no_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
