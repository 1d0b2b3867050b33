/* The vendor's two profile files: each mode, which profile it is, and what is wrong with one. Both
 * files say the same things in other words, so that the cases run over both. */
#include "credentials_bed.h"

#define CLI_FILE ".aliyun/config.json"
#define INI_FILE ".alibabacloud/credentials"

static void write_cli(struct bed *bed, const char *text)
{
	bed_folder(bed, ".aliyun");
	folder_write(&bed->folder, CLI_FILE, text);
}

static void write_ini(struct bed *bed, const char *text)
{
	bed_folder(bed, ".alibabacloud");
	folder_write(&bed->folder, INI_FILE, text);
}

#define CLI(members) "{\"current\":\"p\",\"profiles\":[{\"name\":\"p\"," members "}]}"
#define CLI_KEYS     "\"access_key_id\":\"key\",\"access_key_secret\":\"testsecret\""
#define INI_KEYS     "access_key_id = key\naccess_key_secret = testsecret\n"

static void every_mode_leads_to_keys(void **state)
{
	(void)state;
	static const struct {
		const char *cli, *ini, *id, *token, *asked;
	} cases[] = {
		{CLI("\"mode\":\"AK\",\"sts_token\":\"left over\"," CLI_KEYS),
	     "[p]\ntype = access_key\n" INI_KEYS, "key", "none", NULL},
		{CLI("\"mode\":\"StsToken\",\"sts_token\":\"CAIS\"," CLI_KEYS),
	     "[p]\ntype = sts\nsecurity_token = CAIS\n" INI_KEYS, "key", "CAIS", NULL},
		{CLI("\"mode\":\"EcsRamRole\",\"ram_role_name\":\"my-role\""),
	     "[p]\ntype = ecs_ram_role\nrole_name = my-role\n", "ecs", "CAIS.fake",
	     "PUT /latest/api/token"},
		{CLI("\"mode\":\"EcsRamRole\""), "[p]\ntype = ecs_ram_role\n", "ecs", "CAIS.fake",
	     "PUT /latest/api/token"},
		{CLI("\"mode\":\"RamRoleArn\",\"ram_role_arn\":\"acs:ram::1:role/r\"," CLI_KEYS),
	     "[p]\ntype = ram_role_arn\nrole_arn = acs:ram::1:role/r\n" INI_KEYS, "sts", "CAIS.fake",
	     "POST / "},
		{CLI("\"mode\":\"OIDC\",\"ram_role_arn\":\"r\",\"oidc_provider_arn\":\"o\","
	         "\"oidc_token_file\":\"TOKEN\""),
	     "[p]\ntype = oidc_role_arn\nrole_arn = r\noidc_provider_arn = o\n"
	     "oidc_token_file_path = TOKEN\n",
	     "sts", "CAIS.fake", "POST /?Version=2015-04-01&Action=AssumeRoleWithOIDC&"},
	};
	for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
		struct bed bed;
		char text[1024];
		bool cli = i % 2 == 0;
		const char *wanted = cli ? cases[i / 2].cli : cases[i / 2].ini;
		bed_make(&bed);
		bed_setenv("ALIBABA_CLOUD_PROFILE", "p");
		bed_route(&bed, "/latest/api/token", 200, "MDTOKEN");
		bed_route(&bed, "/latest/meta-data/ram/security-credentials/", 200, "my-role");
		bed_route(&bed, "/latest/meta-data/ram/security-credentials/my-role", 200,
		          FLAT_KEYS("ecs", IN_AN_HOUR));
		bed_route(&bed, "/", 200, STS_KEYS("sts", IN_AN_HOUR));
		folder_write(&bed.folder, "token", "eyJ.fake.token");
		/* the token's path is the folder's */
		const char *at = strstr(wanted, "TOKEN");
		if (at != NULL)
			(void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - wanted), wanted,
			               folder_path(&bed.folder, "token"), at + 5);
		else
			(void)snprintf(text, sizeof text, "%s", wanted);
		if (cli)
			write_cli(&bed, text);
		else
			write_ini(&bed, text);
		struct said said = get(&bed);
		if (said.err != ERR_OK)
			fail_msg("%s: %s", text, said.why);
		assert_string_equal(said.id, cases[i / 2].id);
		assert_string_equal(said.token, cases[i / 2].token);
		if (cases[i / 2].asked != NULL)
			assert_asked(&bed, 0, cases[i / 2].asked);
		else
			assert_int_equal(bed.asked_count, 0);
		bed_end(&bed);
	}
}

static void which_profile_it_is(void **state)
{
	(void)state;
	static const struct {
		const char *variable, *cli, *ini, *id, *origin;
	} cases[] = {
		{NULL,
	     "{\"current\":\"p\",\"profiles\":[{\"name\":\"default\"},{\"name\":\"p\",\"mode\":"
	     "\"AK\"," CLI_KEYS "}]}",
	     NULL, "key", "profile \"p\" of ~/.aliyun/config.json"},
		{NULL, "{\"profiles\":[{\"name\":\"default\",\"mode\":\"AK\"," CLI_KEYS "}]}", NULL, "key",
	     "profile \"default\" of ~/.aliyun/config.json"},
		{"q", "{\"current\":\"p\",\"profiles\":[{\"name\":\"q\",\"mode\":\"AK\"," CLI_KEYS "}]}",
	     NULL, "key", "profile \"q\" of ~/.aliyun/config.json"},
		{NULL, NULL, "[other]\ntype=sts\n[default]\ntype = access_key\n" INI_KEYS, "key",
	     "[default] of ~/.alibabacloud/credentials"},
		{"q", NULL, "[default]\ntype=none\n[q]\ntype = access_key\nregion = x\n" INI_KEYS, "key",
	     "[q] of ~/.alibabacloud/credentials"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bed bed;
		bed_make(&bed);
		bed_setenv("ALIBABA_CLOUD_PROFILE", cases[i].variable);
		if (cases[i].cli != NULL)
			write_cli(&bed, cases[i].cli);
		if (cases[i].ini != NULL)
			write_ini(&bed, cases[i].ini);
		assert_id(&bed, cases[i].id);
		assert_string_equal(credentials_origin(bed.credentials), cases[i].origin);
		bed_end(&bed);
	}
}

static void what_is_wrong_with_a_profile_is_said(void **state)
{
	(void)state;
	static const struct {
		const char *cli, *ini, *said;
	} cases[] = {
		{"{", NULL, "/.aliyun/config.json: line 1, column 1: it is not JSON"},
		{"[]", NULL, "/.aliyun/config.json: it is no JSON object"},
		{"{}", NULL, "/.aliyun/config.json: it has no profile \"default\""},
		{CLI("\"mode\":\"CloudSSO\""), NULL,
	     "/.aliyun/config.json: profile \"p\": its mode \"CloudSSO\" is none of those that fedns "
	     "knows: AK, StsToken, EcsRamRole, RamRoleArn, OIDC"},
		{CLI("\"access_key_id\":\"key\""), NULL, "profile \"p\": its mode \"\" is none of those"},
		{CLI("\"mode\":\"AK\",\"access_key_secret\":\"testsecret\",\"access_key_id\":\"\""), NULL,
	     "profile \"p\": mode AK needs access_key_id"},
		{CLI("\"mode\":\"StsToken\"," CLI_KEYS), NULL, "mode StsToken needs sts_token"},
		{CLI("\"mode\":\"OIDC\",\"ram_role_arn\":\"r\""), NULL,
	     "mode OIDC needs oidc_provider_arn"},
		{NULL, "testsecret", "/.alibabacloud/credentials: line 1: neither a section nor"},
		{NULL, "[p]\ntype = access_key\n", "/credentials: it has no section [default]"},
		{NULL, "[default]\n" INI_KEYS,
	     "[default]: its type \"\" is none of those that fedns knows: "
	     "access_key, sts, ecs_ram_role, ram_role_arn, oidc_role_arn"},
		{NULL, "[default]\ntype = ram_role_arn\n" INI_KEYS,
	     "/credentials: [default]: type ram_role_arn needs role_arn"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bed bed;
		bed_make(&bed);
		if (cases[i].cli != NULL)
			write_cli(&bed, cases[i].cli);
		if (cases[i].ini != NULL)
			write_ini(&bed, cases[i].ini);
		assert_error(&bed, ERR_INVALID, cases[i].said);
		bed_end(&bed);
	}
}

static void where_the_files_are(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed);
	write_cli(&bed, CLI("\"mode\":\"AK\"," CLI_KEYS));
	bed_setenv("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true");
	assert_error(&bed, ERR_MISSING,
	             "~/.aliyun/config.json (disabled), ~/.alibabacloud/credentials");
	bed_setenv("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", NULL);
	bed_setenv("HOME", NULL);
	bed.now_ms += MINUTE_MS;
	assert_error(&bed, ERR_MISSING,
	             "~/.aliyun/config.json (no HOME), ~/.alibabacloud/credentials (no HOME)");
	bed_setenv_path(&bed, "ALIBABA_CLOUD_CREDENTIALS_FILE", "own");
	bed.now_ms += MINUTE_MS;
	assert_error(&bed, ERR_IO, "profile: ALIBABA_CLOUD_CREDENTIALS_FILE: /tmp/fedns-test-");
	folder_write(&bed.folder, "own", "[default]\ntype = access_key\n" INI_KEYS);
	bed.now_ms += MINUTE_MS;
	assert_id(&bed, "key");
	assert_string_equal(credentials_origin(bed.credentials),
	                    "[default] of ALIBABA_CLOUD_CREDENTIALS_FILE");
	bed_end(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mode_leads_to_keys),
		cmocka_unit_test(which_profile_it_is),
		cmocka_unit_test(what_is_wrong_with_a_profile_is_said),
		cmocka_unit_test(where_the_files_are),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
