/* `users`: as whom we come. */
#include "fedns/base64.h"
#include "kubeconfig_parts.h"
#include "pem.h"

#include "fedns/http.h"

#include <string.h>

/* --- certificate -------------------------------------------------------------------------- */

static bool is_given(const struct kube_pem *pem)
{
	return pem->file != NULL || pem->octets.size != 0;
}

static enum err cert_read(const struct kube_fields *fields)
{
	struct kube_access *access = fields->access;
	struct kube_pem *cert = &access->cert, *key = &access->key;
	enum err err = field_pem(fields, "client-certificate", cert);
	if (err == ERR_OK)
		err = field_pem(fields, "client-key", key);
	if (err != ERR_OK)
		return err;
	if (is_given(cert) && !is_given(key))
		return fields_bad(fields, NULL,
		                  "there is a client certificate, but no client-key or client-key-data");
	if (!is_given(cert)) {
		*key = (struct kube_pem){.file = NULL}; /* alone it says nothing, to kubectl too */
		return ERR_OK;
	}
	if (pem_pair_check(cert->octets, key->octets, fields->why) == ERR_OK)
		return ERR_OK;
	why_wrap(fields->why, "client certificate (%s) and key (%s)",
	         cert->file != NULL ? cert->file : "client-certificate-data",
	         key->file != NULL ? key->file : "client-key-data");
	why_wrap(fields->why, "%s:%u: user \"%s\"", fields->entry.file->path, fields->entry.line,
	         fields->entry.name);
	return ERR_INVALID;
}

/* --- token, name and password ------------------------------------------------------------- */

/* How long the two are together in an Authorization header. */
static size_t basic_size(const struct kube_access *access)
{
	size_t password = access->password != NULL ? strlen(access->password) : 0;
	return BASE64_TEXT_SIZE(strlen(access->username) + 1 + password) - 1;
}

static enum err header_read(const struct kube_fields *fields)
{
	struct kube_access *access = fields->access;
	enum err err = field_text(fields, "token", &access->token);
	if (err == ERR_OK)
		err = field_path(fields, "tokenFile", &access->token_file);
	if (err == ERR_OK)
		err = field_text(fields, "username", &access->username);
	if (err == ERR_OK)
		err = field_text(fields, "password", &access->password);
	if (err != ERR_OK)
		return err;
	bool token = access->token != NULL || access->token_file != NULL;
	bool basic = access->username != NULL || access->password != NULL;
	if (token && basic)
		return fields_bad(fields, NULL, "there are both a token and a username: keep one");
	if (basic && access->username == NULL)
		return fields_bad(fields, "password", "there is a password, but no username");
	if (token && access->token != NULL && strlen(access->token) > KUBE_TOKEN_SIZE_MAX)
		return fields_bad(fields, "token", "token has more than %zu octets", KUBE_TOKEN_SIZE_MAX);
	if (basic && basic_size(access) > KUBE_TOKEN_SIZE_MAX)
		return fields_bad(
			fields, "password",
			"username and password have more than %zu octets in base64: shorten them, "
			"or use a token",
			KUBE_TOKEN_SIZE_MAX);
	if (access->username != NULL && strchr(access->username, ':') != NULL)
		return fields_bad(fields, "username",
		                  "username has a colon in it, which basic authentication can't carry");
	if (access->token_file != NULL)
		access->credential = KUBE_TOKEN_FILE;
	else
		access->credential = token ? KUBE_TOKEN : basic ? KUBE_BASIC : KUBE_ANONYMOUS;
	return ERR_OK;
}

/* --- impersonation ------------------------------------------------------------------------ */

static enum err header_add(const struct kube_fields *fields, const char *key, const char *name,
                           const char *value)
{
	struct kube_access *access = fields->access;
	if (has_control(value))
		return fields_bad(fields, key, "%s has a line feed or another control character in it",
		                  key);
	if (strlen(name) > HTTP_HEADER_NAME_SIZE_MAX)
		return fields_bad(
			fields, key,
			"a key of %s makes a header whose name has more than %d octets: shorten it", key,
			HTTP_HEADER_NAME_SIZE_MAX);
	if (strlen(name) + strlen(": ") + strlen(value) > KUBE_HEADER_SIZE_MAX)
		return fields_bad(fields, key,
		                  "a value of %s makes a header (%s) of more than %d octets: shorten it",
		                  key, name, KUBE_HEADER_SIZE_MAX);
	if (access->header_count == KUBE_HEADERS_MAX)
		return fields_bad(fields, key,
		                  "as, as-uid, as-groups and as-user-extra have more than %d values: leave "
		                  "some out",
		                  KUBE_HEADERS_MAX);
	access->headers[access->header_count++] = (struct kube_header){name, value};
	return ERR_OK;
}

/* RFC 9110 section 5.6.2, "%" left out, for it begins an escape. */
static bool is_plain(uint8_t octet)
{
	return (octet >= '0' && octet <= '9') ||
	       (octet_lower(octet) >= 'a' && octet_lower(octet) <= 'z') ||
	       (octet != '\0' && strchr("!#$&'*+-.^_`|~", octet) != NULL);
}

/* "Impersonate-Extra-" and `key`, its octets that a header's name can't hold written as %XX. */
static const char *extra_name(const struct kube_fields *fields, struct bytes key)
{
	static const char PREFIX[] = "Impersonate-Extra-", HEX[] = "0123456789ABCDEF";
	char *name = region_alloc(fields->access->memory, sizeof PREFIX + 3 * key.size);
	if (name == NULL)
		return NULL;
	memcpy(name, PREFIX, sizeof PREFIX - 1);
	char *at = name + sizeof PREFIX - 1;
	for (size_t i = 0; i < key.size; i++) {
		if (is_plain(key.data[i])) {
			*at++ = (char)key.data[i];
			continue;
		}
		*at++ = '%';
		*at++ = HEX[key.data[i] >> 4];
		*at++ = HEX[key.data[i] & 15];
	}
	return name;
}

static enum err extra_read(const struct kube_fields *fields)
{
	const struct yaml_node *map = field_node(fields, "as-user-extra");
	if (map == NULL)
		return ERR_OK;
	if (map->kind != YAML_MAP)
		return fields_bad(fields, "as-user-extra", "as-user-extra must be a mapping of lists");
	struct kube_fields inner = *fields;
	inner.entry.node = map;
	inner.prefix = "as-user-extra.";
	enum err err = ERR_OK;
	for (const struct yaml_node *item = map->first; item != NULL && err == ERR_OK;
	     item = item->next) {
		const char *const *values;
		size_t count;
		const char *name = extra_name(fields, item->key);
		if (name == NULL)
			return fields_no_memory(fields);
		err = field_list(&inner, (const char *)item->key.data, KUBE_HEADERS_MAX, &values, &count);
		for (size_t i = 0; i < count && err == ERR_OK; i++)
			err = header_add(fields, "as-user-extra", name, values[i]);
	}
	return err;
}

/* The order is client-go's. */
static enum err impersonation_read(const struct kube_fields *fields)
{
	struct kube_access *access = fields->access;
	const char *as, *uid, *const *groups;
	size_t count;
	access->headers = region_alloc(access->memory, KUBE_HEADERS_MAX * sizeof *access->headers);
	if (access->headers == NULL)
		return fields_no_memory(fields);
	enum err err = field_text(fields, "as", &as);
	if (err == ERR_OK && as != NULL)
		err = header_add(fields, "as", "Impersonate-User", as);
	if (err == ERR_OK)
		err = field_text(fields, "as-uid", &uid);
	if (err == ERR_OK && uid != NULL)
		err = header_add(fields, "as-uid", "Impersonate-Uid", uid);
	if (err == ERR_OK)
		err = field_list(fields, "as-groups", KUBE_HEADERS_MAX, &groups, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		err = header_add(fields, "as-groups", "Impersonate-Group", groups[i]);
	if (err == ERR_OK)
		err = extra_read(fields);
	if (err == ERR_OK && as == NULL && access->header_count > 0)
		return fields_bad(fields, NULL,
		                  "as-uid, as-groups and as-user-extra need as: whom to act as");
	return err;
}

/* --- all of it ---------------------------------------------------------------------------- */

static enum err auth_provider_refuse(const struct kube_fields *fields)
{
	const struct yaml_node *provider = field_node(fields, "auth-provider");
	if (provider == NULL)
		return ERR_OK;
	const struct yaml_node *name = yaml_member(provider, "name");
	struct bytes text = name == NULL ? bytes_of("?") : name->text;
	return fields_bad(
		fields, "auth-provider",
		"auth-provider \"%.*s\" is understood by nobody any more (kubectl dropped it in "
		"1.26): use exec (gke-gcloud-auth-plugin, kubelogin, ...), a token, or a client "
		"certificate",
		BYTES_ARG(text));
}

enum err user_read(const struct kube_fields *fields, const struct kubeconfig_ask *ask)
{
	struct kube_access *access = fields->access;
	enum err err = fields_check(fields);
	if (err == ERR_OK)
		err = auth_provider_refuse(fields);
	if (err == ERR_OK)
		err = cert_read(fields);
	if (err == ERR_OK)
		err = header_read(fields);
	if (err == ERR_OK)
		err = impersonation_read(fields);
	/* As kubectl: what is written out wins, and then the command is of no interest. */
	bool written = access->credential != KUBE_ANONYMOUS || access->cert.octets.size != 0;
	if (err != ERR_OK || written || field_node(fields, "exec") == NULL)
		return err;
	struct kube_fields exec = *fields;
	exec.entry.node = field_node(fields, "exec");
	exec.entry.line = exec.entry.node->line;
	exec.prefix = "exec.";
	return exec_read(&exec, ask);
}
