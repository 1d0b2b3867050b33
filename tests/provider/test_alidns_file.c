/* alidns.yaml: the guide's file as it stands there, and everything that can be wrong with one. */
#include "fedns/credentials.h"

#include "secret_memory.h"
#include "source/folder.h"

#include <stdbool.h>

#define KEYS "access-key-id = testid\naccess-key-secret = testsecret\n"
#define FULL "[Global]\n" KEYS

struct loaded {
	enum err err;
	struct alidns_file file;
	struct why why;
};

/* PATH at the begin of a sentence becomes "F". */
static struct loaded load(const struct folder *folder, const char *text)
{
	struct loaded loaded = {.err = ERR_OK};
	struct why sentence = {{0}};
	folder_write(folder, "alidns.yaml", text);
	const char *path = folder_path(folder, "alidns.yaml");
	loaded.err = alidns_file_load(path, &loaded.file, &sentence);
	assert_int_equal(sentence.text[0] != '\0', loaded.err != ERR_OK);
	if (loaded.err != ERR_OK) {
		assert_int_equal(strncmp(sentence.text, path, strlen(path)), 0);
		why_set(&loaded.why, "F%s", sentence.text + strlen(path));
		assert_null(loaded.file.memory);
	}
	return loaded;
}

static struct alidns_file expect_good(const struct folder *folder, const char *text)
{
	struct loaded loaded = load(folder, text);
	if (loaded.err != ERR_OK)
		fail_msg("%s: %s", text, loaded.why.text);
	return loaded.file;
}

static void the_guides_file_is_read_as_it_stands(void **state)
{
	(void)state;
	struct folder folder;
	folder_make(&folder);
	struct alidns_file file =
		expect_good(&folder, "[Global]\naccess-key-id = LTAI4testid\n"
	                         "access-key-secret = testsecret\nzones = spacexnice.xyz.\n");
	assert_string_equal(file.access_key_id, "LTAI4testid");
	assert_string_equal(file.access_key_secret, "testsecret");
	assert_int_equal(file.zone_count, 1);
	assert_string_equal(file.zones[0], "spacexnice.xyz.");
	assert_null(file.security_token);
	assert_null(file.endpoint);
	assert_null(file.region_id);
	assert_null(file.role_arn);
	alidns_file_free(&file);
	assert_null(file.memory);
	alidns_file_free(&file);
	folder_remove(&folder);
}

static void every_key_is_read(void **state)
{
	(void)state;
	struct folder folder;
	folder_make(&folder);
	struct alidns_file file = expect_good(
		&folder,
		"\xef\xbb\xbf; ours\r\n# and ours\r\n\r\n  [GLOBAL]  \r\n\taccess-key-id=\"testid\"\r\n"
		"Access-Key-Secret : testsecret   ; why\r\n"
		"zones = a.example, b.example.\t c.example # three\r\n"
		"security-token = CAIS+fake/STS==\r\nendpoint = http://127.0.0.1:8053\r\n"
		"region-id = cn-hangzhou\r\nrole-arn = acs:ram::1:role/dns");
	assert_string_equal(file.access_key_id, "testid");
	assert_string_equal(file.access_key_secret, "testsecret");
	assert_int_equal(file.zone_count, 3);
	assert_string_equal(file.zones[0], "a.example");
	assert_string_equal(file.zones[1], "b.example.");
	assert_string_equal(file.zones[2], "c.example");
	assert_string_equal(file.security_token, "CAIS+fake/STS==");
	assert_string_equal(file.endpoint, "http://127.0.0.1:8053");
	assert_string_equal(file.region_id, "cn-hangzhou");
	assert_string_equal(file.role_arn, "acs:ram::1:role/dns");
	alidns_file_free(&file);
	folder_remove(&folder);
}

/* conf/alidns.yaml explains every key; it wants to be filled in, and is good then. */
static void the_explained_file_is_good(void **state)
{
	(void)state;
	static const char *const PLACEHOLDERS[] = {"<Your-key-id>", "<Your-key-secret>"};
	static char text[16384];
	struct folder folder;
	folder_make(&folder);
	FILE *conf = fopen(TESTS_DIR "/../conf/alidns.yaml", "r");
	assert_non_null(conf);
	text[fread(text, 1, sizeof text - 1, conf)] = '\0';
	assert_true(feof(conf) != 0);
	assert_int_equal(fclose(conf), 0);
	for (size_t i = 0; i < 2; i++) {
		struct loaded loaded = load(&folder, text);
		assert_int_equal(loaded.err, ERR_INVALID);
		assert_non_null(strstr(loaded.why.text, "is still the guide's <placeholder>"));
		char *at = strstr(text, PLACEHOLDERS[i]);
		assert_non_null(at);
		memset(at, 'x', strlen(PLACEHOLDERS[i]));
	}
	struct alidns_file file = expect_good(&folder, text);
	assert_int_equal(file.zone_count, 1);
	assert_string_equal(file.zones[0], "spacexnice.xyz.");
	alidns_file_free(&file);
	folder_remove(&folder);
}

static void without_keys_it_is_fine(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "\n\n", "[Global]\n", "[global]\nzones = a.example\n",
	                                    "# nothing"};
	struct folder folder;
	folder_make(&folder);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct alidns_file file = expect_good(&folder, texts[i]);
		assert_null(file.access_key_id);
		alidns_file_free(&file);
	}
	folder_remove(&folder);
}

/* What is wrong, and what is said of it. */
static const struct {
	const char *text, *why;
	enum err err; /* 0: ERR_INVALID */
} WRONG[] = {
	{"[Global]\naccess-key-id = <Your-key-id>\naccess-key-secret = <Your-key-secret>\n",
     "F:2: access-key-id is still the guide's <placeholder>: fill in your own", 0},
	{"[Global]\naccess-key-id = testid\naccess-key-secret = <testsecret>\n",
     "F:3: access-key-secret is still the guide's <placeholder>: fill in your own", 0},
	{"[Global]\nacces-key-id = testid\n",
     "F:2: unknown key \"acces-key-id\"; did you mean \"access-key-id\"?", 0},
	{"[Global]\ncolour\x1b = testsecret\n",
     "F:2: unknown key \"colour?\"; known are access-key-id, access-key-secret, zones, "
     "security-token, endpoint, region-id and role-arn",
     0},
	{FULL "access-key-secret = testsecret2\n", "F:4: access-key-secret is given twice", 0},
	{FULL "ZONES = a\nzones = b\n", "F:5: zones is given twice", 0},
	{KEYS, "F:1: a key before any section: the file begins with [Global]", 0},
	{"[Local]\n" KEYS, "F:2: a key in [Local]: all keys belong to [Global]", 0},
	{"[Global]\naccess-key-id = testid\n",
     "F: access-key-id is given and access-key-secret is not: give both, or neither and let "
     "the "
     "environment say who we are",
     0},
	{"[Global]\naccess-key-secret = testsecret\n",
     "F: access-key-secret is given and access-key-id is not: give both, or neither and let "
     "the "
     "environment say who we are",
     0},
	{FULL "endpoint = http://127.0.0.1:8053/api\n",
     "F:4: the endpoint has more than a host and a port; it looks like https://alidns.aliyuncs.com",
     0},
	{"[Global]\nsecurity-token = CAIS\n", "F: security-token is given and access-key-id is not", 0},
	{"[Global]\naccess-key-secret =\n",
     "F:2: access-key-secret has no value: give one, or leave the key out", 0},
	{"[Global]\naccess-key-secret = \"\"\n", "F:2: access-key-secret has no value", 0},
	{"[Global]\naccess-key-secret = testsecret with blanks\n",
     "F:2: access-key-secret has a blank or another sign in it that doesn't belong there", 0},
	{"[Global]\naccess-key-secret = testsecret\xc3\xa9\n", "F:2: access-key-secret has a blank", 0},
	{"[Global]\ntestsecret\n", "F:2: neither a section nor \"key = value\" nor a comment", 0},
	{"[Global\n" KEYS, "F:1: neither a section nor \"key = value\" nor a comment", 0},
	{"[Global]\n\n - access-key-id: x\n", "F:3: unknown key \"- access-key-id\"; did you mean", 0},
	{"[Global]\nzones = a..example\n", "F:2: zones: ", 0},
	{"[Global]\nzones = ,\n", "F:2: zones names no zone", 0},
	{"[Global]\nzones = a b c d e f g h i j k l m n o p q\n", "F:2: zones has more than 16 names",
     ERR_LIMIT},
	{"[Global]\nrole-arn = testsecret\n", "F:2: role-arn is no role: acs:ram::ACCOUNT:role/NAME",
     0},
};

static void what_is_wrong_is_said_with_its_line_and_its_mend(void **state)
{
	(void)state;
	struct folder folder;
	folder_make(&folder);
	for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
		struct loaded loaded = load(&folder, WRONG[i].text);
		enum err err = WRONG[i].err != ERR_OK ? WRONG[i].err : ERR_INVALID;
		if (loaded.err != err || strncmp(loaded.why.text, WRONG[i].why, strlen(WRONG[i].why)) != 0)
			fail_msg("%s: error %d: %s", WRONG[i].text, loaded.err, loaded.why.text);
		assert_null(strstr(loaded.why.text, "testsecret"));
	}
	folder_remove(&folder);
}

static void a_token_may_be_long_and_not_too_long(void **state)
{
	(void)state;
	static const struct {
		size_t size;
		enum err err;
	} cases[] = {
		{200, ERR_OK}, {CREDENTIAL_SIZE_MAX - 1, ERR_OK}, {CREDENTIAL_SIZE_MAX, ERR_INVALID}};
	static char text[sizeof FULL + 64 + CREDENTIAL_SIZE_MAX];
	struct folder folder;
	folder_make(&folder);
	for (size_t i = 0; i < 3; i++) {
		int before = snprintf(text, sizeof text, "%ssecurity-token = ", FULL);
		memset(text + before, 't', cases[i].size);
		text[(size_t)before + cases[i].size] = '\0';
		struct loaded loaded = load(&folder, text);
		assert_int_equal(loaded.err, cases[i].err);
		if (loaded.err == ERR_OK)
			assert_int_equal(strlen(loaded.file.security_token), cases[i].size);
		alidns_file_free(&loaded.file);
	}
	folder_remove(&folder);
}

static void files_that_cannot_be_read_are_refused(void **state)
{
	(void)state;
	static char large[64 * 1024 + 2];
	struct folder folder;
	struct alidns_file file;
	struct why why;
	folder_make(&folder);
	assert_int_equal(alidns_file_load(folder_path(&folder, "none"), &file, &why), ERR_IO);
	assert_non_null(strstr(why.text, "/none: open: No such file or directory"));
	assert_int_equal(alidns_file_load(folder.path, &file, &why), ERR_IO);
	assert_non_null(strstr(why.text, ": not a regular file"));
	memset(large, '#', sizeof large - 1);
	struct loaded loaded = load(&folder, large);
	assert_int_equal(loaded.err, ERR_LIMIT);
	assert_string_equal(loaded.why.text, "F: above 65536 octets, the most that is read");
	FILE *nul = fopen(folder_path(&folder, "nul"), "w");
	assert_int_equal(fwrite("[Global]\n\0", 1, 10, nul), 10);
	assert_int_equal(fclose(nul), 0);
	assert_int_equal(alidns_file_load(folder_path(&folder, "nul"), &file, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, ": it holds a NUL: not a text"));
	folder_remove(&folder);
}

static void who_may_read_it_is_told(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		mode_t mode;
		bool exposed;
	} cases[] = {
		{FULL, 0600, false}, {FULL, 0640, true},          {FULL, 0604, true},
		{FULL, 0622, false}, {"[Global]\n", 0644, false},
	};
	struct folder folder;
	folder_make(&folder);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		folder_write(&folder, "alidns.yaml", cases[i].text);
		assert_int_equal(chmod(folder_path(&folder, "alidns.yaml"), cases[i].mode), 0);
		struct alidns_file file = expect_good(&folder, cases[i].text);
		assert_int_equal(file.exposed, cases[i].exposed);
		alidns_file_free(&file);
	}
	folder_remove(&folder);
}

/* As a Secret comes into a pod: root's, and of a group that is let in. */
static void anothers_file_may_be_its_groups(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip(); /* only root gives files away */
	struct folder folder;
	folder_make(&folder);
	for (unsigned others = 0; others < 2; others++) {
		folder_write(&folder, "alidns.yaml", FULL);
		assert_int_equal(chmod(folder_path(&folder, "alidns.yaml"), others != 0 ? 0444 : 0440), 0);
		assert_int_equal(chown(folder_path(&folder, "alidns.yaml"), 953, 953), 0);
		struct alidns_file file = expect_good(&folder, FULL);
		assert_int_equal(file.exposed, others != 0);
		alidns_file_free(&file);
		assert_int_equal(unlink(folder_path(&folder, "alidns.yaml")), 0);
	}
	folder_remove(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anothers_file_may_be_its_groups),
		cmocka_unit_test(the_guides_file_is_read_as_it_stands),
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(the_explained_file_is_good),
		cmocka_unit_test(without_keys_it_is_fine),
		cmocka_unit_test(what_is_wrong_is_said_with_its_line_and_its_mend),
		cmocka_unit_test(a_token_may_be_long_and_not_too_long),
		cmocka_unit_test(files_that_cannot_be_read_are_refused),
		cmocka_unit_test(who_may_read_it_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
