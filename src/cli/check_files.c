#include "check_files.h"

#include "fedns/admin.h"
#include "fedns/kubeconfig.h"

#include <stdlib.h>
#include <string.h>

/* "FILE:5: what" and "FILE: what" are told as any finding of that file is. */
static void refused(struct findings *findings, const char *file, const char *sentence)
{
	size_t size = strlen(file);
	findings->file = file;
	findings->line = 0;
	if (strncmp(sentence, file, size) == 0 && sentence[size] == ':') {
		char *end;
		unsigned long line = strtoul(sentence + size + 1, &end, 10);
		sentence += size + 1;
		if (end != sentence && *end == ':' && line <= UINT32_MAX) {
			findings->line = (unsigned)line;
			sentence = end + 1;
		}
		sentence += *sentence == ' ';
	}
	findings_add(findings, SEVERITY_ERROR, FINDING_CONFIG, "%s", sentence);
	findings->line = 0;
}

static enum err provider_file(const struct config *config, struct findings *findings,
                              struct why *why)
{
	const char *file = config->push.alidns.file;
	bool exposed;
	if (!config->push.on || file == NULL)
		return ERR_OK;
	enum err err = provider_check(&config->push.alidns, &exposed, why);
	if (err == ERR_NOMEM)
		return err;
	if (err != ERR_OK)
		refused(findings, file, why->text);
	findings->file = file;
	if (exposed)
		findings_add(findings, SEVERITY_WARNING, FINDING_CONFIG,
		             "it holds a secret, and others than its owner may read it: chmod 600");
	return ERR_OK;
}

/* In a cluster there is none to read, and outside of it nothing to judge that by. */
static enum err lease_file(const struct config *config, const char *file, struct findings *findings,
                           struct why *why)
{
	const struct config_lease *lease = &config->push.lease;
	if (!config->push.on || !lease->on || lease->in_cluster)
		return ERR_OK;
	struct kube_access *access;
	const struct kubeconfig_ask ask = {.file = lease->kubeconfig,
	                                   .context = lease->context,
	                                   .exec_allow = config->live.exec_allow,
	                                   .exec_allow_count = config->live.exec_allow_count};
	enum err err = kubeconfig_load(&ask, &access, why);
	if (err == ERR_OK) {
		kube_access_free(access);
		return ERR_OK;
	}
	if (err == ERR_NOMEM)
		return err;
	why_wrap(why, "lease");
	refused(findings, file, why->text);
	return ERR_OK;
}

static enum err admin_files(const struct config *config, const char *file,
                            struct findings *findings, struct why *why)
{
	const struct admin_policy policy = {.listen = config->admin.listen,
	                                    .token_file = config->admin.token_file,
	                                    .tls_cert = config->admin.tls_cert,
	                                    .tls_key = config->admin.tls_key};
	if (policy.listen == NULL)
		return ERR_OK;
	enum err err = admin_files_check(&policy, why);
	if (err != ERR_OK && err != ERR_NOMEM) {
		refused(findings, file, why->text);
		return ERR_OK;
	}
	return err;
}

enum err files_check(const struct config *config, const char *file, struct findings *findings,
                     struct why *why)
{
	const char *own = file != NULL ? file : "fedns";
	enum err err = provider_file(config, findings, why);
	if (err == ERR_OK)
		err = lease_file(config, own, findings, why);
	if (err == ERR_OK)
		err = admin_files(config, own, findings, why);
	findings->file = NULL;
	return err;
}
