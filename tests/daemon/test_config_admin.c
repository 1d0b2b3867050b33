/* `admin` and `lame_duck` in the configuration. */
#include "check.h"

#include "config_load.h"

#include <string.h>

#define HEAD                                                                                       \
	"federation: fed\nzone: a.example.com\nnameservers: [{name: ns.example.org}]\n"                \
	"source: {file: s.json}\n"

struct said {
	size_t count;
	enum severity severity;       /* of the first */
	char text[FINDING_TEXT_SIZE]; /* likewise */
	unsigned line;
};

static void take(void *arg, const struct finding *finding)
{
	struct said *said = arg;
	if (said->count++ != 0)
		return;
	said->severity = finding->severity;
	memcpy(said->text, finding->text, sizeof said->text);
	said->line = finding->line;
}

static enum err load(const char *more, struct said *said, struct config **out)
{
	char text[1024];
	struct why why = {{0}};
	*said = (struct said){.count = 0};
	struct findings findings = {.report = take, .arg = said};
	const struct config_flags flags = {.file = "etc/f.yaml"};
	(void)snprintf(text, sizeof text, "%s%s", HEAD, more);
	return config_load_text(&flags, bytes_of(text), &findings, out, &why);
}

static void is_off_by_default(void **state)
{
	(void)state;
	struct said said;
	struct config *config;
	assert_int_equal(load("", &said, &config), ERR_OK);
	assert_int_equal(said.count, 0);
	assert_null(config->admin.listen);
	assert_int_equal(config->lame_duck_ms, 0);
	config_free(config);
}

static const struct {
	const char *text, *listen;
	bool local;
} LISTENS[] = {
	{"admin: 127.0.0.1:9153\n", "127.0.0.1:9153", true},
	{"admin: '127.0.0.1:9153'\n", "127.0.0.1:9153", true},
	{"admin: 127.9.9.9:1\n", "127.9.9.9:1", true},
	{"admin: 9153\n", "127.0.0.1:9153", true},
	{"admin: 0\n", "127.0.0.1:0", true},
	{"admin: '[::1]:9153'\n", "[::1]:9153", true},
	{"admin: {listen: 9153}\n", "127.0.0.1:9153", true},
	{"admin: {listen: '0.0.0.0:9153', open: true}\n", "0.0.0.0:9153", false},
	{"admin: {listen: '[::]:9153', token_file: t}\n", "[::]:9153", false},
};

static void a_port_alone_is_for_this_host(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof LISTENS / sizeof LISTENS[0]; i++) {
		struct said said;
		struct config *config;
		enum err err = load(LISTENS[i].text, &said, &config);
		assert_string_equal(said.text, "");
		assert_int_equal(err, ERR_OK);
		assert_string_equal(config->admin.listen, LISTENS[i].listen);
		assert_int_equal(config->admin.local, LISTENS[i].local);
		config_free(config);
	}
}

static void takes_every_key(void **state)
{
	(void)state;
	struct said said;
	struct config *config;
	enum err err = load("admin: {listen: '192.0.2.1:1', token_file: /t, tls: {cert: c, key: k}, "
	                    "hosts: [a.example, B.example.]}\nlame_duck: 5s\n",
	                    &said, &config);
	assert_string_equal(said.text, "");
	assert_int_equal(err, ERR_OK);
	assert_string_equal(config->admin.token_file, "/t");
	assert_string_equal(config->admin.tls_cert, "etc/c");
	assert_string_equal(config->admin.tls_key, "etc/k");
	assert_string_equal(config->admin.hosts[0], "a.example");
	assert_string_equal(config->admin.hosts[1], "B.example.");
	assert_null(config->admin.hosts[2]);
	assert_false(config->admin.open);
	assert_int_equal(config->lame_duck_ms, 5000);
	config_free(config);
}

static const struct {
	const char *text;
	enum severity severity;
	const char *says;
} BAD[] = {
	{"admin: '[::]:9153'\n", SEVERITY_WARNING,
     "listens at [::]:9153, and whoever reaches that may"},
	{"admin: {listen: '192.0.2.1:1', tls: {cert: c, key: k}}\n", SEVERITY_WARNING,
     "give a \"token_file\", or say \"open: true\""},
	{"admin: {listen: 1, token_file: t, open: true}\n", SEVERITY_ERROR, "leave one out"},
	{"admin: {token_file: t}\n", SEVERITY_ERROR, "\"admin\" needs \"listen\": ADDRESS:PORT"},
	{"admin: {listen: 1, tls: {cert: c}}\n", SEVERITY_ERROR,
     "\"admin.tls\" needs both \"cert\" and \"key\""},
	{"admin: {listen: 1, tls: {}}\n", SEVERITY_ERROR, "needs both \"cert\" and \"key\""},
	{"admin: {listen: 1, open: maybe}\n", SEVERITY_ERROR, "\"admin.open\" is \"maybe\": give true"},
	{"admin: {listen: 1, token: t}\n", SEVERITY_ERROR, "unknown key \"token\" in \"admin\""},
	{"admin: {listen: [1]}\n", SEVERITY_ERROR, "\"admin.listen\" must be a single value"},
	{"admin: {listen: 1, token_file: ''}\n", SEVERITY_ERROR, "\"admin.token_file\" is \"\""},
	{"admin: {listen: 1, hosts: a.example}\n", SEVERITY_ERROR, "\"admin.hosts\" must be a list"},
	{"admin: {listen: 1, hosts: ['a.example:80']}\n", SEVERITY_ERROR,
     "\"admin.hosts\" is \"a.example:80\": give a host's name, without a port"},
	{"admin: {listen: 1, hosts: ['']}\n", SEVERITY_ERROR, "give a host's name"},
	{"admin: {listen: 1, hosts: [a, b, c, d, e, f, g, h, i]}\n", SEVERITY_ERROR,
     "has more than 8 names"},
	{"admin: [1]\n", SEVERITY_ERROR, "\"admin\" must be a single value"},
	{"admin:\n", SEVERITY_ERROR, "\"admin\" has no value"},
	{"admin: 65536\n", SEVERITY_ERROR, "give ADDRESS:PORT"},
	{"admin: localhost:9153\n", SEVERITY_ERROR, "give ADDRESS:PORT"},
	{"admin: ':9153'\n", SEVERITY_ERROR, "give ADDRESS:PORT"},
	{"lame_duck: 5\n", SEVERITY_ERROR, "give a time from 0s to 10m"},
	{"lame_duck: 11m\n", SEVERITY_ERROR, "give a time from 0s to 10m"},
};

static void says_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		struct said said;
		struct config *config;
		enum err wanted = BAD[i].severity == SEVERITY_ERROR ? ERR_INVALID : ERR_OK;
		enum err err = load(BAD[i].text, &said, &config);
		if (err != wanted || said.count != 1 || said.severity != BAD[i].severity ||
		    strstr(said.text, BAD[i].says) == NULL || said.line != 5)
			fail_msg("%s: %d, %zu, line %u: %s", BAD[i].text, err, said.count, said.line,
			         said.text);
		config_free(config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_off_by_default),
		cmocka_unit_test(a_port_alone_is_for_this_host),
		cmocka_unit_test(takes_every_key),
		cmocka_unit_test(says_what_is_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
