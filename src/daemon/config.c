#include "fedns/config.h"

#include "config_load.h"
#include "fedns/source.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct config_key KEYS[] = {
	{"federation", YAML_SCALAR, federation_apply},
	{"zone", YAML_SCALAR, zone_apply},
	{"suffix", YAML_SCALAR, suffix_apply},
	{"ttl", YAML_SCALAR, ttl_apply},
	{"negative_ttl", YAML_SCALAR, negative_ttl_apply},
	{"fallback", YAML_SCALAR, fallback_apply},
	{"contact", YAML_SCALAR, contact_apply},
	{"nameservers", YAML_LIST, nameservers_apply},
	{"listen", YAML_LIST, listen_apply},
	{"workers", YAML_SCALAR, workers_apply},
	{"state_dir", YAML_SCALAR, state_dir_apply},
	{"control", YAML_SCALAR, control_apply},
	{"admin", CONFIG_ANY, admin_apply},
	{"lame_duck", YAML_SCALAR, lame_duck_apply},
	{"resolver", YAML_LIST, resolver_apply},
	{"user", YAML_SCALAR, user_apply},
	{"allow", YAML_LIST, allow_apply},
	{"udp_size", YAML_SCALAR, udp_size_apply},
	{"cookies", YAML_MAP, cookies_apply},
	{"identity", YAML_MAP, identity_apply},
	{"log", YAML_MAP, log_apply},
	{"query_log", YAML_SCALAR, query_log_apply},
	{"sandbox", YAML_SCALAR, sandbox_apply},
	{"source", YAML_MAP, source_apply},
	{"topology", YAML_MAP, topology_apply},
	{"health", YAML_MAP, health_apply},
	{"provider", YAML_MAP, provider_apply},
	{"lease", YAML_MAP, lease_apply},
};

/* What a key has when it isn't given; those that follow from other keys are set by the *_finish
 * functions. */
static void defaults_set(struct config *config)
{
	static const char *const LISTEN[] = {"127.0.0.1:5300", "[::1]:5300"};
	static const char *const ALLOW[] = {"0.0.0.0/0", "::/0"};
	struct why why;
	answer_defaults_set(config);
	health_defaults_set(config);
	push_defaults_set(config);
	config->answer.zone.ttl_s = 180;
	config->answer.zone.negative_ttl_s = 30;
	config->answer.zone.fallback = FALLBACK_CNAME;
	config->live.start_grace_ms = 30 * 1000;
	config->log = (struct log){.fd = STDERR_FILENO, .level = LOG_INFO, .format = LOG_TEXT};
	config->sandbox = true;
	config->listen_count = config->answer.allow_count = 2;
	for (size_t i = 0; i < 2; i++) {
		enum err listen = endpoint_parse(bytes_of(LISTEN[i]), &config->listen[i], &why);
		enum err allow = prefix_parse(bytes_of(ALLOW[i]), &config->answer.allow[i], &why);
		assert(listen == ERR_OK && allow == ERR_OK);
		(void)listen;
		(void)allow;
	}
}

/* False: the file can't be read as a whole, and no key of it was looked at. */
static bool file_apply(struct config_load *load, struct bytes text)
{
	struct why why = {{0}};
	unsigned line;
	struct yaml_node *root;
	struct region *region = region_new(); /* of the tree, which nobody needs afterwards */
	const struct yaml_limits limits = {.text_max = CONFIG_TEXT_MAX};
	enum err err =
		region == NULL ? ERR_NOMEM : yaml_read(text, &limits, region, &root, &line, &why);
	if (err == ERR_NOMEM)
		memory_out(load);
	else if (err != ERR_OK)
		complain(load, SEVERITY_ERROR, line, "%s", why.text);
	else if (root->kind != YAML_MAP)
		complain(load, SEVERITY_ERROR, root->line,
		         "the file must be a mapping of keys to values, such as \"ttl: 180\"");
	else
		KEYS_APPLY(load, KEYS, root, NULL);
	bool readable = err == ERR_OK && root->kind == YAML_MAP;
	region_free(region);
	return readable;
}

/* The octets of `file` up to and with its last slash. */
static struct bytes dir_of(const char *file)
{
	const char *slash = strrchr(file, '/');
	return (struct bytes){(const uint8_t *)file, slash == NULL ? 0 : (size_t)(slash - file) + 1};
}

static void all_apply(struct config_load *load, const struct config_flags *flags, struct bytes text)
{
	bool readable = true;
	if (flags->file != NULL) {
		load->dir = dir_of(flags->file);
		readable = file_apply(load, text);
	}
	load->findings->file = NULL;
	flags_apply(load, flags);
	load->findings->file = flags->file;
	/* Without the file everything would look missing: its own error says enough. */
	if (!readable || load->no_memory)
		return;
	zone_finish(load);
	nameservers_finish(load);
	process_finish(load);
	source_finish(load);
	health_finish(load);
	push_finish(load);
}

static enum err outcome(const struct config_load *load, const struct config_flags *flags,
                        struct why *why)
{
	if (load->no_memory) {
		why_set(why, "no memory for the configuration");
		return ERR_NOMEM;
	}
	if (load->errors == 0)
		return ERR_OK;
	why_set(why, "%zu error%s", load->errors, load->errors == 1 ? "" : "s");
	why_wrap(why, "%s", flags->file != NULL ? flags->file : "configuration by flags");
	return ERR_INVALID;
}

enum err config_load_text(const struct config_flags *flags, struct bytes text,
                          struct findings *findings, struct config **out, struct why *why)
{
	assert(flags != NULL && findings != NULL && out != NULL && why != NULL);
	*out = NULL;
	struct config *config = calloc(1, sizeof *config);
	struct region *region = region_new();
	if (config == NULL || region == NULL) {
		free(config);
		region_free(region);
		why_set(why, "no memory for the configuration");
		return ERR_NOMEM;
	}
	config->memory = region;
	defaults_set(config);

	struct findings context = *findings; /* the caller's file and line come back */
	findings->file = flags->file;
	findings->line = 0;
	struct config_load load = {.config = config, .region = region, .findings = findings};
	all_apply(&load, flags, text);
	findings->file = context.file;
	findings->line = context.line;

	enum err err = outcome(&load, flags, why);
	if (err == ERR_OK)
		*out = config;
	else
		config_free(config);
	return err;
}

enum err config_load(const struct config_flags *flags, struct findings *findings,
                     struct config **out, struct why *why)
{
	assert(flags != NULL && out != NULL && why != NULL);
	*out = NULL;
	struct buf text;
	buf_init(&text, CONFIG_SIZE_MAX);
	if (flags->file != NULL) {
		enum err err = file_read(flags->file, CONFIG_SIZE_MAX, &text, why);
		if (err != ERR_OK) {
			buf_free(&text);
			return err;
		}
	}
	enum err err = config_load_text(flags, buf_bytes(&text), findings, out, why);
	buf_free(&text);
	return err;
}

void config_free(struct config *config)
{
	if (config == NULL)
		return;
	region_free(config->memory);
	free(config);
}
