/* The configuration: every key with a good value, every kind of bad one with its sentence and line,
 * flags over the file. */
#include "fedns/config.h"

#include "check.h"
#include "config_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What every file needs; three lines, so that a case's own first line is line 4. */
#define HEAD "federation: fed\nzone: example.com\nsource: {file: state.json}\n"
#define GLUE "nameservers: [{name: ns1.example.com, addresses: [192.0.2.53]}]\n"

struct said {
	char text[8192];
};

static void say(void *arg, const struct finding *finding)
{
	struct said *said = arg;
	size_t used = strlen(said->text);
	(void)snprintf(said->text + used, sizeof said->text - used, "%s:%u: %s: %s\n",
	               finding->file != NULL ? finding->file : "-", finding->line,
	               finding->severity == SEVERITY_ERROR ? "error" : "warning", finding->text);
}

static enum err load(const struct config_flags *flags, const char *text, struct said *said,
                     struct config **out)
{
	struct findings findings = {.report = say, .arg = said, .file = "outer", .line = 7};
	struct why why = {{0}};
	said->text[0] = '\0';
	enum err err = config_load_text(flags, bytes_of(text), &findings, out, &why);
	assert_string_equal(findings.file, "outer");
	assert_int_equal(findings.line, 7);
	assert_int_equal(err == ERR_OK, *out != NULL);
	assert_int_equal(err == ERR_OK, why.text[0] == '\0');
	return err;
}

static const struct config_flags FILE_ONLY = {.file = "etc/f.yaml"};

/* Loads HEAD GLUE `more`; must be good and silent. */
static struct config *good(const char *more)
{
	static struct said said;
	char text[4096];
	struct config *config;
	(void)snprintf(text, sizeof text, "%s%s%s", HEAD, GLUE, more);
	enum err err = load(&FILE_ONLY, text, &said, &config);
	assert_string_equal(said.text, "");
	assert_int_equal(err, ERR_OK);
	return config;
}

static void name_is(const struct name *name, const char *expected)
{
	char text[NAME_TEXT_SIZE];
	name_text(name_bytes(name), text);
	assert_string_equal(text, expected);
}

static void has_the_defaults_of_the_contract(void **state)
{
	(void)state;
	struct config *config = good("");
	char text[64];
	name_is(&config->answer.zone.zone, "example.com.");
	name_is(&config->answer.zone.suffix, "example.com.");
	name_is(&config->answer.zone.contact, "hostmaster.example.com.");
	assert_int_equal(config->answer.zone.ttl_s, 180);
	assert_int_equal(config->answer.zone.negative_ttl_s, 30);
	assert_int_equal(config->answer.zone.fallback, FALLBACK_CNAME);
	assert_int_equal(config->answer.zone.all_down, ALL_DOWN_LAST);
	assert_int_equal(config->answer.udp_size, 1232);
	assert_int_equal(config->answer.allow_count, 2);
	assert_int_equal(config->listen_count, 2);
	endpoint_text(&config->listen[0], text);
	assert_string_equal(text, "127.0.0.1:5300");
	endpoint_text(&config->listen[1], text);
	assert_string_equal(text, "[::1]:5300");
	assert_in_range(config->workers, 1, WORKERS_MAX);
	assert_string_equal(config->source_file, "etc/state.json");
	assert_null(config->state_dir);
	assert_null(config->user);
	assert_int_equal(config->resolver_count, 0);
	assert_int_equal(config->log.level, LOG_INFO);
	assert_int_equal(config->log.format, LOG_TEXT);
	assert_int_equal(config->query_log, 0);
	assert_true(config->sandbox);
	assert_int_equal(config->model.offline_grace_ms, 60000);
	assert_int_equal(config->model.topology_count, 0);
	config_free(config);
}

static void reads_the_keys_of_the_zone(void **state)
{
	(void)state;
	struct config *config =
		good("suffix: Svc.Example.com\nttl: 86400\nnegative_ttl: 0\nfallback: flatten\n"
	         "contact: jane.doe@example.org\nallow: [10.0.0.0/8, '::1']\n");
	const struct zone_policy *zone = &config->answer.zone;
	name_is(&zone->suffix, "svc.example.com.");
	name_is(&zone->contact, "jane\\.doe.example.org.");
	assert_int_equal(zone->ttl_s, 86400);
	assert_int_equal(zone->negative_ttl_s, 0);
	assert_int_equal(zone->fallback, FALLBACK_FLATTEN);
	assert_int_equal(zone->federation_size, 3);
	assert_memory_equal(zone->federation, "fed", 3);
	assert_int_equal(zone->nameserver_count, 1);
	name_is(&zone->nameservers[0].name, "ns1.example.com.");
	assert_int_equal(zone->nameservers[0].address_count, 1);
	assert_int_equal(config->answer.allow_count, 2);
	assert_int_equal(config->answer.allow[0].bits, 8);
	config_free(config);
}

static void reads_the_keys_of_the_process(void **state)
{
	(void)state;
	struct config *config = good(
		"listen: [\"192.0.2.1:53\"]\nworkers: 3\nstate_dir: /var/lib/fedns\nuser: fedns\n"
		"resolver: [\"127.0.0.1:53\", \"::1\", \"[::1]:53\"]\nlog: {level: debug, format: json}\n"
		"query_log: 1000000\nsandbox: false\n");
	assert_int_equal(config->listen_count, 1);
	assert_int_equal(config->workers, 3);
	assert_string_equal(config->state_dir, "/var/lib/fedns");
	assert_string_equal(config->user, "fedns");
	assert_int_equal(config->resolver_count, 3);
	assert_string_equal(config->resolvers[2], "[::1]:53");
	assert_int_equal(config->log.level, LOG_DEBUG);
	assert_int_equal(config->log.format, LOG_JSON);
	assert_int_equal(config->query_log, 1000000);
	assert_false(config->sandbox);
	config_free(config);
}

static void reads_topology_and_health(void **state)
{
	(void)state;
	struct config *config = good(
		"topology:\n  shanghai: {region: cn-shanghai, zones: [a, b]}\n  other: {zones: []}\n  "
		"bare:\n"
		"health:\n  probe: none\n  port: 80\n  path: /healthz\n  host: \"\"\n  expect: [200, 399]\n"
		"  verify: true\n  interval: 5s\n  timeout: 500ms\n  rise: 2\n  fall: 3\n  all_down: "
		"empty\n"
		"  offline_grace: 5m\nprovider:\nlease: ~\n");
	const struct topology *topology = config->model.topology;
	assert_int_equal(config->model.topology_count, 3);
	assert_true(topology[0].has_region && topology[0].has_zones && topology[0].zone_count == 2);
	assert_true(bytes_equal(topology[0].region, bytes_of("cn-shanghai")));
	assert_true(!topology[1].has_region && topology[1].has_zones && topology[1].zone_count == 0);
	assert_true(!topology[2].has_region && !topology[2].has_zones);
	assert_int_equal(config->answer.zone.all_down, ALL_DOWN_EMPTY);
	assert_int_equal(config->model.offline_grace_ms, 300000);
	config_free(config);
}

/* HEAD GLUE is four lines, so `more` begins in line 5. */
static const struct bad {
	const char *more, *says; /* what stands behind "etc/f.yaml:" */
} BAD[] = {
	{"contact: a@b@c", "5: error: \"contact\" is \"a@b@c\": give a mailbox, USER@DOMAIN, or the "
                       "name that stands for it"},
	{"contact: jane@", "5: error: \"contact\" is \"jane@\": give a mailbox, USER@DOMAIN, or the "
                       "name that stands for it"},
	{"contact: '@b'", "5: error: \"contact\" is \"@b\": give a mailbox, USER@DOMAIN, or the name "
                      "that stands for it"},
	{"ttl: 0", "5: error: \"ttl\" is \"0\": give a whole number of seconds from 1 to 86400"},
	{"ttl: 86401",
     "5: error: \"ttl\" is \"86401\": give a whole number of seconds from 1 to 86400"},
	{"ttl: -1", "5: error: \"ttl\" is \"-1\": give a whole number of seconds from 1 to 86400"},
	{"ttl: 1e3", "5: error: \"ttl\" is \"1e3\": give a whole number of seconds from 1 to 86400"},
	{"ttl: 99999999999999999999",
     "5: error: \"ttl\" is \"99999999999999999999\": give a whole number of seconds "
     "from 1 to 86400"},
	{"ttl:", "5: error: \"ttl\" has no value: give one, or leave the key out"},
	{"ttl: [1]", "5: error: \"ttl\" must be a single value"},
	{"negative_ttl: x",
     "5: error: \"negative_ttl\" is \"x\": give a whole number of seconds from 0 to 86400"},
	{"suffix: example.org",
     "5: error: \"suffix\" is \"example.org.\": give a name at or below the zone, example.com."},
	{"fallback: none", "5: error: \"fallback\" is \"none\": give cname or flatten"},
	{"listen: 127.0.0.1:53", "5: error: \"listen\" must be a list: [a, b]"},
	{"listen: []", "5: error: \"listen\" is empty: list at least one ADDRESS:PORT"},
	{"listen: ['127.0.0.1:53', '127.0.0.1:53']",
     "5: error: \"listen\" is \"127.0.0.1:53\": give each address once"},
	{"workers: 33",
     "5: error: \"workers\" is \"33\": give a number of threads (0: one a CPU) from 0 to 32"},
	{"state_dir: ''", "5: error: \"state_dir\" is \"\": give a text that is not empty"},
	{"allow: []",
     "5: error: \"allow\" is empty, so that nobody may ask: list prefixes, or leave the key out"},
	{"resolver: []",
     "5: error: \"resolver\" is empty: leave the key out to use those of /etc/resolv.conf"},
	{"log: {level: loud}", "5: error: \"log.level\" is \"loud\": give error, warn, info or debug"},
	{"log: {format: xml}", "5: error: \"log.format\" is \"xml\": give text or json"},
	{"query_log: some", "5: error: \"query_log\" is \"some\": give one in so many questions (0: "
                        "none) from 0 to 1000000"},
	{"query_log: 1000001", "5: error: \"query_log\" is \"1000001\": give one in so many questions "
                           "(0: none) from 0 to 1000000"},
	{"query_log: [1]", "5: error: \"query_log\" must be a single value"},
	{"sandbox: maybe", "5: error: \"sandbox\" is \"maybe\": give true or false"},
	{"log: text", "5: error: \"log\" must be a mapping of keys to values"},
	{"topology:\n  a: {region: cn_x}", "6: error: \"topology.a.region\" is \"cn_x\": give a DNS "
                                       "label: 1 to 63 letters, digits and hyphens, no hyphen "
                                       "at an end"},
	{"topology:\n  a: {zones: [x, X]}",
     "6: error: \"topology.a.zones\" is \"X\": give each zone once"},
	{"topology: {a: {zone: x}}",
     "5: error: unknown key \"zone\" in \"topology.a\"; did you mean \"zones\"?"},
	{"lease: {nam: x}", "5: error: unknown key \"nam\" in \"lease\"; did you mean \"name\"?"},
	{"udp_size: 511", "5: error: \"udp_size\" is \"511\": give octets from 512 to 4096"},
	{"cookies: {secrets: [0011]}",
     "5: error: \"cookies.secrets\" must be secrets of 32 hexadecimal digits"},
	{"cookies: {secrets: [0011223344556677001122334455667g]}",
     "5: error: \"cookies.secrets\" must be secrets of 32 hexadecimal digits"},
	{"cookies: {required: maybe}",
     "5: error: \"cookies.required\" is \"maybe\": give true or false"},
	{"identity: {name: x}", "5: error: unknown key \"name\" in \"identity\""},
	{"tll: 180", "5: error: unknown key \"tll\"; did you mean \"ttl\"?"},
	{"xyzzy: 180", "5: error: unknown key \"xyzzy\""},
	{"ttl: 1\nttl: 2", "6: error: key \"ttl\" is here a second time; the first is in line 5"},
	{"ttl: &a 1", "5: error: anchors (&) are not understood here; write the value out"},
	{"ttl: *a", "5: error: aliases (*) are not understood here; write the value out"},
	{"ttl: !!int 1", "5: error: tags (!) are not understood here; leave it out"},
	{"---\nttl: 1", "5: error: a second document; there must be one"},
	{"user: \"a\\0b\"", "5: error: a text with a NUL octet in it"},
	{"\n\nuser: a\xff", "7: error: octet 135 of the file is not UTF-8"},
	{"? [a]\n: 1", "5: error: a list or mapping can't be a key"},
};

static void refuses_each_bad_value_with_its_line_and_mend(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		static struct said said;
		char text[4096], expected[1024];
		struct config *config;
		(void)snprintf(text, sizeof text, "%s%s%s\n", HEAD, GLUE, BAD[i].more);
		(void)snprintf(expected, sizeof expected, "etc/f.yaml:%s\n", BAD[i].says);
		enum err err = load(&FILE_ONLY, text, &said, &config);
		assert_string_equal(said.text, expected);
		assert_int_equal(err, ERR_INVALID);
	}
}

/* Whole files: what one part says about another. */
static const struct whole {
	const char *text, *says;
	enum err err;
} WHOLES[] = {
	{"",
     "etc/f.yaml:0: error: \"federation\" is missing: give it in the file, or as --federation\n"
     "etc/f.yaml:0: error: \"zone\" is missing: give it in the file, or as --dns-zone-name\n"
     "etc/f.yaml:0: error: \"source\" is missing: give source.file in the file, or --source-file\n",
     ERR_INVALID},
	{"federation: a.b\nzone: .\nsource: {}\n",
     "etc/f.yaml:1: error: \"federation\" is \"a.b\": give a DNS label: 1 to 63 letters, digits "
     "and hyphens, no "
     "hyphen at an end\n"
     "etc/f.yaml:2: error: \"zone\" is \".\": give the domain that you were delegated, not the "
     "root\n"
     "etc/f.yaml:3: error: \"source\" is missing: give source.file in the file, or --source-file\n",
     ERR_INVALID},
	{"federation: fed\nzone: example.com\nsource: {fil: x}\n" GLUE,
     "etc/f.yaml:3: error: unknown key \"fil\" in \"source\"; did you mean \"file\"?\n"
     "etc/f.yaml:3: error: \"source\" is missing: give source.file in the file, or --source-file\n",
     ERR_INVALID},
	{"federation: fed\nzone: example.com\nsource:\n  file: a\n  clusters: [{name: x, zone: "
     "y}]\n" GLUE,
     "etc/f.yaml:5: error: unknown key \"zone\" in \"source.clusters\"; did you mean \"zones\"?\n"
     "etc/f.yaml:3: error: \"source\" has more than one of file, federation_v1 and clusters: keep "
     "one\n",
     ERR_INVALID},
	{"federation: fed\nzone: example.com\nsource: {federation_v1: {kubeconfig: config, context: "
     "c}}\n" GLUE,
     "", ERR_OK},
	{"federation: fed\nzone: example.com\nsource:\n  namespaces: [a]\n  clusters:\n  - {name: "
     "x}\n  - {context: y}\n  - {name: x}\n  - {name: z, in_cluster: true, context: c}\n" GLUE,
     "etc/f.yaml:7: error: \"source.clusters\" has a cluster without a name: give it one\n"
     "etc/f.yaml:8: error: \"source.clusters\" has cluster \"x\" twice: keep one\n"
     "etc/f.yaml:9: error: \"source.clusters\" has both in_cluster and a kubeconfig or context: "
     "keep one\n",
     ERR_INVALID},
	{"federation: fed\nzone: example.com\nsource:\n  clusters:\n  - {name: b b/c}\n" GLUE,
     "etc/f.yaml:5: error: \"source.clusters.name\" is \"b b/c\": give the cluster a name of 1 to "
     "253 "
     "lower-case letters, digits, hyphens and dots, with a letter or digit at each end and beside "
     "each dot\n",
     ERR_INVALID},
	{"federation: fed\nzone: example.com\nsource: {file: a, selector: b}\n" GLUE,
     "etc/f.yaml:3: error: \"source\" narrows a file by selector or namespaces: only live sources "
     "can be\n",
     ERR_INVALID},
	{HEAD,
     "etc/f.yaml:0: warning: \"nameservers\": ns1.example.com. (the default) lies in the zone and "
     "has no "
     "addresses, so nobody can find it: give {name, addresses}\n",
     ERR_OK},
	{HEAD "nameservers:\n - {name: ns1.example.com}\n - {name: ns.example.org}\n",
     "etc/f.yaml:5: warning: \"nameservers\": ns1.example.com. lies in the zone and has no "
     "addresses, so nobody can "
     "find it: give {name, addresses}\n",
     ERR_OK},
	{HEAD "nameservers: [{name: Example.com, addresses: [192.0.2.1]}]\n",
     "etc/f.yaml:4: error: \"nameservers\": example.com. is the zone itself, which carries no "
     "addresses: give "
     "ns1.ZONE or the like\n",
     ERR_INVALID},
	{HEAD "nameservers: [{name: a.b.fed.svc.z.r.example.com, addresses: [192.0.2.1]}]\n",
     "etc/f.yaml:4: error: \"nameservers\": a.b.fed.svc.z.r.example.com. could be a service's "
     "name: give one outside "
     "FEDERATION.svc\n",
     ERR_INVALID},
	{HEAD "nameservers:\n- {name: ns.example.org}\n- {name: NS.example.org.}\n",
     "etc/f.yaml:6: error: \"nameservers\": ns.example.org. is here twice: leave one out\n",
     ERR_INVALID},
	{HEAD "nameservers: [{addresses: [192.0.2.1]}]\n",
     "etc/f.yaml:4: error: \"nameservers\" has an entry without a name: give {name: ns1.ZONE}\n",
     ERR_INVALID},
	{"- a\n",
     "etc/f.yaml:1: error: the file must be a mapping of keys to values, such as \"ttl: 180\"\n",
     ERR_INVALID},
	{HEAD GLUE "admin: '127.0.0.1:9153'\ncontrol: /run/c\nhealth: {probe: tcp, max_withdraw: 50%}\n"
               "state_dir: /s\nprovider:\n"
               "  alidns: {config: a, owner: fedns, max_delete: 25%, interval: 1h}\n"
               "lease: {kubeconfig: c, context: d, namespace: e, name: f}\n",
     "", ERR_OK},
};

static void judges_a_file_as_a_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof WHOLES / sizeof WHOLES[0]; i++) {
		static struct said said;
		struct config *config;
		enum err err = load(&FILE_ONLY, WHOLES[i].text, &said, &config);
		assert_string_equal(said.text, WHOLES[i].says);
		assert_int_equal(err, WHOLES[i].err);
		config_free(config);
	}
}

static void names_of_other_federations_may_be_name_servers(void **state)
{
	(void)state;
	static struct said said;
	struct config *config;
	enum err err =
		load(&FILE_ONLY,
	         HEAD "nameservers: [{name: a.b.other.svc.example.com, addresses: [192.0.2.1]},\n"
	              " {name: b.fed.svc.example.com, addresses: ['2001:db8::1']}]\n",
	         &said, &config);
	assert_string_equal(said.text, "");
	assert_int_equal(err, ERR_OK);
	config_free(config);
}

static void works_by_flags_alone(void **state)
{
	(void)state;
	static struct said said;
	struct config *config;
	const char *const listen[] = {"127.0.0.1:1,127.0.0.1:2", "[::1]:3"};
	const struct config_flags flags = {.federation = "Fed",
	                                   .dns_zone_name = "example.com.",
	                                   .source_file = "dir/state.json",
	                                   .dns_provider = "alidns",
	                                   .listen = listen,
	                                   .listen_count = 2};
	enum err err = load(&flags, "", &said, &config);
	assert_string_equal(
		said.text, "-:0: warning: \"nameservers\": ns1.example.com. (the default) lies in the zone "
				   "and has no addresses, so nobody can find it: give {name, addresses}\n"
				   "-:0: warning: \"provider\" without \"state_dir\": after a crash a record that "
				   "was just added would not be known as ours\n");
	assert_int_equal(err, ERR_OK);
	assert_true(config->push.on);
	assert_string_equal(config->source_file, "dir/state.json");
	assert_memory_equal(config->answer.zone.federation, "fed", 3);
	assert_int_equal(config->listen_count, 3);
	assert_null(config->state_dir);
	config_free(config);
}

static void a_flag_wins_over_the_file(void **state)
{
	(void)state;
	static struct said said;
	struct config *config;
	const char *const listen[] = {"127.0.0.1:9"};
	const struct config_flags flags = {.file = "etc/f.yaml",
	                                   .federation = "other",
	                                   .dns_zone_name = "example.org",
	                                   .source_file = "here.json",
	                                   .listen = listen,
	                                   .listen_count = 1};
	enum err err = load(&flags, HEAD "nameservers: [{name: ns.example.net}]\n", &said, &config);
	assert_string_equal(said.text, "");
	assert_int_equal(err, ERR_OK);
	name_is(&config->answer.zone.zone, "example.org.");
	assert_memory_equal(config->answer.zone.federation, "other", 5);
	assert_string_equal(config->source_file,
	                    "here.json"); /* from where the user stands, not the file */
	assert_int_equal(config->listen_count, 1);
	config_free(config);
}

static void refuses_a_bad_flag_by_its_name(void **state)
{
	(void)state;
	static struct said said;
	struct config *config;
	const struct config_flags flags = {
		.federation = "-", .dns_zone_name = "example.com", .source_file = ""};
	assert_int_equal(load(&flags, "", &said, &config), ERR_INVALID);
	assert_non_null(strstr(said.text, "-:0: error: \"--federation\" is \"-\": give a DNS label"));
	assert_non_null(strstr(said.text, "-:0: error: \"--source-file\" is \"\": give a text"));
}

static void refuses_depth_width_and_length(void **state)
{
	(void)state;
	static struct said said;
	static char text[8192];
	struct config *config;
	memset(text, '[', 100);
	text[100] = '\0';
	assert_int_equal(load(&FILE_ONLY, text, &said, &config), ERR_INVALID);
	assert_string_equal(said.text,
	                    "etc/f.yaml:1: error: lists and mappings nested more than 32 deep\n");

	memcpy(text, "user: ", 6);
	memset(text + 6, 'a', 1025);
	text[6 + 1025] = '\0';
	assert_int_equal(load(&FILE_ONLY, text, &said, &config), ERR_INVALID);
	assert_string_equal(said.text, "etc/f.yaml:1: error: a text of more than 1024 octets\n");

	(void)snprintf(text, sizeof text, "allow: [");
	for (size_t i = 0; i < 1001; i++)
		(void)snprintf(text + 8 + 2 * i, sizeof text - 8 - 2 * i, "a,");
	assert_int_equal(load(&FILE_ONLY, text, &said, &config), ERR_INVALID);
	assert_string_equal(said.text,
	                    "etc/f.yaml:1: error: a list or mapping of more than 1000 entries\n");
}

static void names_a_file_that_cannot_be_read(void **state)
{
	(void)state;
	struct findings findings = {.report = NULL};
	struct config *config = (void *)1;
	struct why why = {{0}};
	const struct config_flags flags = {.file = "/nonexistent/f.yaml"};
	assert_int_equal(config_load(&flags, &findings, &config, &why), ERR_IO);
	assert_null(config);
	assert_non_null(strstr(why.text, "/nonexistent/f.yaml"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_the_defaults_of_the_contract),
		cmocka_unit_test(reads_the_keys_of_the_zone),
		cmocka_unit_test(reads_the_keys_of_the_process),
		cmocka_unit_test(reads_topology_and_health),
		cmocka_unit_test(refuses_each_bad_value_with_its_line_and_mend),
		cmocka_unit_test(judges_a_file_as_a_whole),
		cmocka_unit_test(names_of_other_federations_may_be_name_servers),
		cmocka_unit_test(works_by_flags_alone),
		cmocka_unit_test(a_flag_wins_over_the_file),
		cmocka_unit_test(refuses_a_bad_flag_by_its_name),
		cmocka_unit_test(refuses_depth_width_and_length),
		cmocka_unit_test(names_a_file_that_cannot_be_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
