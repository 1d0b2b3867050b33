/* http_secret: what a token is, who has shown it, and that new files count without a restart. */
#include "http_rig.h"

#include "fedns/base64.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *text;
	enum err err;
} TOKENS[] = {
	{"testsecret", ERR_OK},
	{"testsecret\n", ERR_OK},
	{"testsecret \r\n", ERR_OK},
	{"", ERR_INVALID},
	{"\n", ERR_INVALID},
	{"test secret", ERR_INVALID},
	{"test\nsecret\n", ERR_INVALID},
	{"test\x01secret", ERR_INVALID},
	{"t\xc3\xa4st", ERR_INVALID},
};

static void a_token_is_printable_ascii(void **state)
{
	struct http_rig *rig = *state;
	char path[80];
	for (size_t i = 0; i < sizeof TOKENS / sizeof TOKENS[0]; i++) {
		struct http_secrets secrets = {.looked_ms = 0};
		struct why why = {{0}};
		http_file(rig, "token", TOKENS[i].text, path);
		assert_int_equal(http_token_read(&secrets, path, &why), TOKENS[i].err);
		assert_int_equal(secrets.token_size, TOKENS[i].err == ERR_OK ? 10 : 0);
		assert_null(strstr(why.text, "secret"));
	}
}

static void a_token_has_a_size(void **state)
{
	struct http_rig *rig = *state;
	struct http_secrets secrets = {.looked_ms = 0};
	struct why why = {{0}};
	char path[80], text[ADMIN_TOKEN_SIZE_MAX + 32];
	static const struct {
		size_t size;
		enum err err;
	} SIZES[] = {{ADMIN_TOKEN_SIZE_MAX, ERR_OK},
	             {ADMIN_TOKEN_SIZE_MAX + 1, ERR_INVALID},
	             {ADMIN_TOKEN_SIZE_MAX + 30, ERR_LIMIT}};
	for (size_t i = 0; i < sizeof SIZES / sizeof SIZES[0]; i++) {
		memset(text, 'x', SIZES[i].size);
		text[SIZES[i].size] = '\0';
		http_file(rig, "token", text, path);
		assert_int_equal(http_token_read(&secrets, path, &why), SIZES[i].err);
		assert_int_equal(secrets.token_size, ADMIN_TOKEN_SIZE_MAX); /* the one before stays */
	}
}

static void what_is_no_file_is_not_read(void **state)
{
	struct http_rig *rig = *state;
	struct http_secrets secrets = {.looked_ms = 0};
	struct why why = {{0}};
	char path[80];
	(void)snprintf(path, sizeof path, "%s/fifo", rig->folder);
	assert_int_equal(http_token_read(&secrets, path, &why), ERR_MISSING);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(http_token_read(&secrets, path, &why), ERR_IO);
	assert_int_equal(http_token_read(&secrets, rig->folder, &why), ERR_IO);
}

static const struct {
	const char *value;
	bool shown;
} SHOWN[] = {
	{"Bearer testsecret", true},
	{"bearer testsecret", true},
	{"Bearer   testsecret", true},
	{"Bearer testsecre", false},
	{"Bearer testsecrett", false},
	{"Bearer Testsecret", false},
	{"Bearer testsecrettestsecret", false},
	{"Bearer ", false},
	{"Bearer", false},
	{"Basic testsecret", false},
	{"Basic dGVzdGlkOnRlc3RzZWNyZXQ=", true},          /* testid:testsecret */
	{"basic   OnRlc3RzZWNyZXQ=", true},                /* :testsecret */
	{"Basic dGVzdHNlY3JldA==", false},                 /* testsecret */
	{"Basic dGVzdHNlY3JldDp0ZXN0aWQ=", false},         /* testsecret:testid */
	{"Basic dGVzdGlkOnRlc3RzZWNyZXQK", false},         /* testid:testsecret and a line feed */
	{"Basic dGVzdGlkOnRlc3Q6dGVzdHNlY3JldA==", false}, /* testid:test:testsecret */
	{"Basic dGVzdGlkOnRlc3RzZWNyZXQ", false},          /* cut off */
	{"Basic dGVzdGlkOnRlc3RzZWNyZQ==", false},         /* testid:testsecre */
	{"Basic dGVzdGlkOg==", false},                     /* testid: */
	{"Basic dGVzdGlk!", false},
	{"Basic ", false},
	{"Basic", false},
	{"Bearer dGVzdGlkOnRlc3RzZWNyZXQ=", false},
	{"testsecret", false},
	{"", false},
	{"Bearer testsecret ", false},
	{NULL, false},
};

static void all_of_it_must_be_shown(void **state)
{
	(void)state;
	struct http_secrets secrets = {.token_size = 10};
	struct http_secrets none = {.token_size = 0};
	memcpy(secrets.token, "testsecret", 10);
	for (size_t i = 0; i < sizeof SHOWN / sizeof SHOWN[0]; i++) {
		if (http_token_shown(&secrets, SHOWN[i].value) != SHOWN[i].shown)
			fail_msg("%s", SHOWN[i].value);
		assert_true(http_token_shown(&none, SHOWN[i].value));
	}
}

/* The longest token there may be, behind a user name of so many octets. */
static bool is_taken(size_t user_size)
{
	static const char SCHEME[] = "Basic ";
	struct http_secrets secrets = {.token_size = ADMIN_TOKEN_SIZE_MAX};
	uint8_t pair[8192];
	char value[16384];
	size_t size = user_size + 1 + ADMIN_TOKEN_SIZE_MAX;
	memset(secrets.token, 'x', sizeof secrets.token);
	memset(pair, 'x', sizeof pair);
	pair[user_size] = ':';
	memcpy(value, SCHEME, sizeof SCHEME);
	base64_encode((struct bytes){pair, size}, value + sizeof SCHEME - 1);
	return http_token_shown(&secrets, value);
}

static void a_password_may_be_the_longest_token(void **state)
{
	(void)state;
	assert_true(is_taken(0));
	assert_true(is_taken(ADMIN_USER_SIZE_MAX));
	assert_false(is_taken(ADMIN_USER_SIZE_MAX + 4));
	assert_false(is_taken(7000));
}

/* --- the server --------------------------------------------------------------------------- */

static void expect_status(struct http_rig *rig, const char *path, const char *token,
                          unsigned status)
{
	char head[256];
	(void)snprintf(head, sizeof head,
	               "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n", path,
	               token);
	http_ask(rig, head);
	if (http_status(rig) != status)
		fail_msg("%s: %s", path, rig->answer);
}

static void without_it_only_open_things_are_told(void **state)
{
	struct http_rig *rig = *state;
	char path[80];
	http_file(rig, "token", "testsecret\n", path);
	rig->policy.token_file = path;
	http_rig_listen(rig);
	static const char *const CLOSED[] = {"/", "/none", "/api/v1/rows", "/api/v1/none"};
	for (size_t i = 0; i < sizeof CLOSED / sizeof CLOSED[0]; i++) {
		http_get(rig, CLOSED[i]);
		assert_int_equal(http_status(rig), 401);
		assert_true(http_has_header(rig, "WWW-Authenticate: Bearer realm=\"fedns\""));
		assert_true(
			http_has_header(rig, "WWW-Authenticate: Basic realm=\"fedns\", charset=\"UTF-8\""));
		expect_status(rig, CLOSED[i], "testid", 401);
	}
	assert_int_equal(rig->steps, 0);
	http_get(rig, "/open");
	assert_int_equal(http_status(rig), 200);
	expect_status(rig, "/", "testsecret", 200);
	expect_status(rig, "/api/v1/none", "testsecret", 404);
}

static void look_again(struct http_rig *rig)
{
	rig->admin->secrets.looked_ms = 0; /* a second has passed */
	uv_update_time(&rig->loop);
	if (uv_now(&rig->loop) < 1000)
		fail_msg("the machine has only just started");
	admin_secrets_look(rig->admin);
}

static void a_new_token_counts(void **state)
{
	struct http_rig *rig = *state;
	char path[80];
	http_file(rig, "token", "testsecret\n", path);
	rig->policy.token_file = path;
	http_rig_listen(rig);
	http_file(rig, "token", "testother\n", path);
	admin_secrets_look(rig->admin);
	expect_status(rig, "/", "testsecret", 200); /* looked at once a second */
	look_again(rig);
	expect_status(rig, "/", "testsecret", 401);
	expect_status(rig, "/", "testother", 200);
	http_file(rig, "token", "not good\n", path);
	look_again(rig);
	expect_status(rig, "/", "testother", 200);
	assert_int_equal(unlink(path), 0);
	look_again(rig);
	expect_status(rig, "/", "testother", 200);
	http_file(rig, "token", "testthird\n", path);
	look_again(rig);
	expect_status(rig, "/", "testthird", 200);
}

static const struct {
	const char *token, *cert, *key; /* texts; NULL: that file isn't named */
	const char *says;
} BAD[] = {
	{"two words", NULL, NULL, "a token is 1 to 1024"},
	{NULL, "no certificate", "no key", "TLS"},
};

static void bad_files_are_refused_at_the_start(void **state)
{
	struct http_rig *rig = *state;
	char token[80], cert[80], key[80];
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		struct why why = {{0}};
		struct admin *admin;
		struct admin_setup setup = http_rig_admin(rig);
		http_file(rig, "token", BAD[i].token == NULL ? "" : BAD[i].token, token);
		http_file(rig, "cert", BAD[i].cert == NULL ? "" : BAD[i].cert, cert);
		http_file(rig, "key", BAD[i].key == NULL ? "" : BAD[i].key, key);
		setup.policy.token_file = BAD[i].token == NULL ? NULL : token;
		setup.policy.tls_cert = BAD[i].cert == NULL ? NULL : cert;
		setup.policy.tls_key = BAD[i].key == NULL ? NULL : key;
		assert_int_equal(admin_new(&setup, NULL, &admin, &why), ERR_INVALID);
		assert_null(admin);
		if (strstr(why.text, BAD[i].says) == NULL)
			fail_msg("%s", why.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_token_is_printable_ascii, http_rig_setup,
	                                    http_rig_teardown),
		cmocka_unit_test_setup_teardown(a_token_has_a_size, http_rig_setup, http_rig_teardown),
		cmocka_unit_test_setup_teardown(what_is_no_file_is_not_read, http_rig_setup,
	                                    http_rig_teardown),
		cmocka_unit_test(all_of_it_must_be_shown),
		cmocka_unit_test(a_password_may_be_the_longest_token),
		cmocka_unit_test_setup_teardown(without_it_only_open_things_are_told, http_rig_setup,
	                                    http_rig_teardown),
		cmocka_unit_test_setup_teardown(a_new_token_counts, http_rig_setup, http_rig_teardown),
		cmocka_unit_test_setup_teardown(bad_files_are_refused_at_the_start, http_rig_setup,
	                                    http_rig_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
