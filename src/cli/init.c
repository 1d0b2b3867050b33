/* `init`: a fedns for a cluster: its objects printed, or brought there. */
#include "cli.h"
#include "fedns/credentials.h"
#include "fedns/manifest.h"
#include "fedns/source.h"

#include <string.h>
#include <unistd.h>

#define MANAGER        "fedns-init"
#define FEDERATION     "fed"
#define REPLICAS       2
#define IMAGE          "fedns:" FEDNS_VERSION
#define PURPOSE_COLUMN 40 /* behind "KIND NAMESPACE/NAME" */

/* --- what is asked for -------------------------------------------------------------------- */

/* Warnings are about what the objects have and flags have not. */
static void error_print(void *arg, const struct finding *finding)
{
	(void)arg;
	if (finding->severity == SEVERITY_ERROR)
		message("error: %s", finding->text);
}

/* Zone, federation and provider, judged as the daemon judges its flags. */
static enum status flags_check(const struct options *options)
{
	struct findings findings = {.report = error_print};
	struct config_flags flags = options->flags;
	struct config *config;
	flags.source_file = "none"; /* a configuration needs a source; it isn't read */
	enum status status = config_open(&flags, &findings, &config);
	config_free(config);
	return status;
}

static bool missing(const char *flag)
{
	message("init: give --%s; see `fedns init --help`", flag);
	return false;
}

static bool ask_fill(const struct options *options, struct manifest_ask *ask)
{
	const struct init_options *init = &options->init;
	const char *provider = options->flags.dns_provider;
	*ask = (struct manifest_ask){
		.overlay = provider != NULL ? MANIFEST_PUSH : MANIFEST_DELEGATED,
		.namespace = init->namespace != NULL ? init->namespace : MANIFEST_NAMESPACE,
		.image = init->image != NULL ? init->image : IMAGE,
		.cluster = init->cluster != NULL ? init->cluster : init->host_context,
		.federation = options->flags.federation,
		.zone = options->flags.dns_zone_name,
		.replicas = REPLICAS,
		.nameservers = init->nameservers,
		.nameserver_count = init->nameserver_count,
	};
	uint64_t replicas;
	if (init->host_context == NULL)
		return missing("host-cluster-context");
	if (options->flags.dns_zone_name == NULL)
		return missing("dns-zone-name");
	if (init->overlay != NULL && !manifest_overlay_named(init->overlay, &ask->overlay)) {
		message("--overlay is \"%s\": give delegated, push or ack", init->overlay);
		return false;
	}
	if ((ask->overlay != MANIFEST_DELEGATED) != (provider != NULL)) {
		message("--overlay=%s %s", init->overlay,
		        provider == NULL ? "pushes: give --dns-provider"
		                         : "doesn't push: leave --dns-provider out");
		return false;
	}
	if (provider == NULL && options->flags.dns_provider_config != NULL) {
		message("--dns-provider-config is of a provider: give --dns-provider=alidns");
		return false;
	}
	if (init->replicas != NULL &&
	    !bytes_number(bytes_of(init->replicas), MANIFEST_REPLICAS_MAX, &replicas)) {
		message("--replicas is \"%s\": give a number from 1 to %d", init->replicas,
		        MANIFEST_REPLICAS_MAX);
		return false;
	}
	if (init->replicas != NULL)
		ask->replicas = (unsigned)replicas;
	return true;
}

/* alidns.yaml, as it is; read twice, once by the reader that the daemon has. */
static enum err alidns_read(const char *path, struct buf *out, struct why *why)
{
	struct alidns_file file;
	enum err err = alidns_file_load(path, &file, why);
	if (err != ERR_OK)
		return err;
	alidns_file_free(&file);
	return file_read(path, MANIFEST_SECRET_SIZE_MAX, out, why);
}

/* The files that become Secrets. */
static enum status files_read(const struct options *options, struct buf *alidns,
                              struct manifest_members *members)
{
	struct why why = {{0}};
	enum err err = ERR_OK;
	if (options->flags.dns_provider_config != NULL)
		err = alidns_read(options->flags.dns_provider_config, alidns, &why);
	if (err == ERR_OK && options->init.members != NULL)
		err = manifest_members_load(options->init.members, members, &why);
	if (err == ERR_OK)
		return STATUS_GOOD;
	message("%s", why.text);
	return err == ERR_NOMEM ? STATUS_NOT_DONE : STATUS_USAGE;
}

/* --- telling ------------------------------------------------------------------------------ */

static void object_name(const struct kube_object *object, char *text, size_t size)
{
	bool spaced = object->namespace != NULL;
	(void)snprintf(text, size, "%s %s%s%s", object->kind, spaced ? object->namespace : "",
	               spaced ? "/" : "", object->name);
}

/* What is told while objects are brought, and of whom. */
struct telling {
	const struct manifest *manifest;
	const struct options *options;
	struct kube_object unwanted[MANIFEST_OPTIONAL_MAX];
};

static void object_told(void *arg, size_t i, enum kube_applied what)
{
	static const char *const WORDS[] = {[KUBE_CREATED] = "created",
	                                    [KUBE_CONFIGURED] = "configured",
	                                    [KUBE_UNCHANGED] = "unchanged"};
	const struct telling *telling = arg;
	char name[WHY_TEXT_SIZE];
	object_name(manifest_object(telling->manifest, i), name, sizeof name);
	(void)printf("%s %s\n", name, WORDS[what]);
	(void)fflush(stdout);
}

static void object_warned(void *arg, size_t i, const char *text)
{
	const struct telling *telling = arg;
	char name[WHY_TEXT_SIZE];
	object_name(manifest_object(telling->manifest, i), name, sizeof name);
	message("%s: Warning: %s", name, text);
}

/* It isn't taken away: it may be the only place that a key is kept at. */
static void unwanted_found(void *arg, size_t i)
{
	const struct telling *telling = arg;
	const struct kube_object *object = &telling->unwanted[i];
	char name[WHY_TEXT_SIZE];
	object_name(object, name, sizeof name);
	message("%s is there from before, and needed no more: kubectl --context=%s -n %s delete %s %s",
	        name, telling->options->init.host_context, object->namespace, object->kind,
	        object->name);
}

static void plan_tell(const struct manifest *manifest, const struct options *options,
                      const struct manifest_ask *ask)
{
	char name[WHY_TEXT_SIZE];
	message("%s for the cluster of context %s: federation %s, zone %s, %s",
	        options->init.apply ? "applying" : "printing", options->init.host_context,
	        ask->federation, ask->zone,
	        ask->overlay == MANIFEST_DELEGATED ? "answered by fedns alone"
	                                           : "pushed to Alibaba Cloud DNS");
	for (size_t i = 0; i < manifest_count(manifest); i++) {
		object_name(manifest_object(manifest, i), name, sizeof name);
		message("%-*s %s", PURPOSE_COLUMN, name, manifest_purpose(manifest, i));
	}
}

static void next_tell(const struct manifest_ask *ask, const struct init_options *init)
{
	const char *context = init->host_context;
	if (!init->apply) {
		message("next: the same with --apply, or | kubectl --context=%s apply -f -", context);
		return;
	}
	message("next: kubectl --context=%s -n %s rollout status deployment/fedns", context,
	        ask->namespace);
	message("then: kubectl --context=%s -n %s get service fedns   # its addresses, for "
	        "conf/coredns%s",
	        context, ask->namespace,
	        ask->overlay == MANIFEST_DELEGATED ? ", --nameserver and the parent zone" : "");
	if (ask->members == NULL)
		message("more clusters: conf/kubernetes/member.sh CONTEXT FILE for each, then this again "
		        "with --member-kubeconfig=FILE");
}

/* --- doing -------------------------------------------------------------------------------- */

static enum status objects_print(const struct manifest *manifest, const struct options *options,
                                 const struct manifest_ask *ask)
{
	struct why why = {{0}};
	struct buf text;
	buf_init(&text, MANIFEST_SIZE_MAX);
	enum err err = manifest_yaml(manifest, &text, &why);
	if (err == ERR_OK)
		(void)fwrite(text.data, 1, text.size, stdout);
	else
		message("%s", why.text);
	if (text.data != NULL)
		explicit_bzero(text.data, text.size);
	buf_free(&text);
	if (err != ERR_OK)
		return STATUS_NOT_DONE;
	next_tell(ask, &options->init);
	return output_finish(STATUS_GOOD);
}

static enum status objects_apply(const struct manifest *manifest, const struct options *options,
                                 const struct manifest_ask *ask)
{
	const struct init_options *init = &options->init;
	const struct log log = {.fd = STDERR_FILENO, .level = LOG_WARN};
	struct why why = {{0}};
	struct kube_object objects[MANIFEST_OBJECTS_MAX];
	struct telling telling = {.manifest = manifest, .options = options};
	const struct kube_apply_setup setup = {
		.kubeconfig = options->kubeconfig,
		.context = init->host_context,
		.exec_allow = init->exec_allow,
		.exec_allow_count = init->exec_allow_count,
		.log = &log,
		.manager = MANAGER,
		.force = init->force,
		.told = object_told,
		.warned = object_warned,
		.sought = telling.unwanted,
		.sought_count = manifest_unwanted(manifest, telling.unwanted),
		.found = unwanted_found,
		.arg = &telling,
	};
	for (size_t i = 0; i < manifest_count(manifest); i++)
		objects[i] = *manifest_object(manifest, i);
	enum err err = kube_apply(&setup, objects, manifest_count(manifest), &why);
	if (err == ERR_OK) {
		next_tell(ask, init);
		return output_finish(STATUS_GOOD);
	}
	message("%s", why.text);
	if (err == ERR_CONFLICT && !init->force)
		message("somebody else has changed that since: --force-conflicts takes it back");
	return output_finish(err == ERR_MISSING || err == ERR_INVALID ? STATUS_USAGE : STATUS_NOT_DONE);
}

static enum status init_run(const struct manifest_ask *ask, const struct options *options)
{
	struct why why = {{0}};
	struct manifest *manifest;
	enum err err = manifest_make(ask, &manifest, &why);
	if (err != ERR_OK) {
		message("init: %s", why.text);
		return err == ERR_NOMEM ? STATUS_NOT_DONE : STATUS_USAGE;
	}
	plan_tell(manifest, options, ask);
	enum status status = options->init.apply ? objects_apply(manifest, options, ask)
	                                         : objects_print(manifest, options, ask);
	manifest_free(manifest);
	return status;
}

enum status command_init(const struct options *options)
{
	struct options given = *options;
	struct manifest_ask ask;
	struct buf alidns;
	if (given.word_count != 0 && given.flags.federation != NULL) {
		message("init: the federation is named twice: \"%s\", --federation", given.words[0]);
		return STATUS_USAGE;
	}
	if (given.word_count != 0)
		given.flags.federation = given.words[0];
	if (given.flags.federation == NULL)
		given.flags.federation = FEDERATION;
	if (!ask_fill(&given, &ask))
		return STATUS_USAGE;
	enum status status = flags_check(&given);
	if (status != STATUS_GOOD)
		return status;
	struct manifest_members members = {.count = 0};
	buf_init(&alidns, MANIFEST_SECRET_SIZE_MAX);
	status = files_read(&given, &alidns, &members);
	ask.alidns = buf_bytes(&alidns);
	ask.members = given.init.members != NULL ? &members : NULL;
	if (status == STATUS_GOOD)
		status = init_run(&ask, &given);
	if (alidns.data != NULL)
		explicit_bzero(alidns.data, alidns.size);
	buf_free(&alidns);
	manifest_members_free(&members);
	return status;
}
