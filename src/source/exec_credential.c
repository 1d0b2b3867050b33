#include "exec_credential.h"

#include "emit.h"
#include "fedns/base64.h"
#include "fedns/when.h"
#include "kube_fields.h"
#include "node.h"
#include "pem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- the question ------------------------------------------------------------------------- */

/* ,"KEY":"VALUE" where there is a value. */
static enum err put_text(struct buf *out, const char *key, const char *value)
{
	if (value == NULL || *value == '\0')
		return ERR_OK;
	enum err err = buf_printf(out, ",\"%s\":", key);
	return err == ERR_OK ? emit_string(out, bytes_of(value)) : err;
}

static enum err put_ca(struct buf *out, struct bytes ca)
{
	if (ca.size == 0)
		return ERR_OK;
	char *text = malloc(BASE64_TEXT_SIZE(ca.size));
	if (text == NULL)
		return ERR_NOMEM;
	base64_encode(ca, text);
	enum err err = put_text(out, "certificate-authority-data", text);
	free(text);
	return err;
}

static enum err put_cluster(struct buf *out, const struct kube_access *access)
{
	enum err err = buf_printf(out, ",\"cluster\":{\"server\":");
	if (err == ERR_OK)
		err = emit_string(out, bytes_of(access->server));
	if (err == ERR_OK)
		err = put_text(out, "tls-server-name", access->tls_server_name);
	if (err == ERR_OK && access->insecure)
		err = buf_printf(out, ",\"insecure-skip-tls-verify\":true");
	if (err == ERR_OK)
		err = put_ca(out, access->ca.octets);
	if (err == ERR_OK)
		err = put_text(out, "proxy-url", access->proxy_url);
	if (err == ERR_OK && access->disable_compression)
		err = buf_printf(out, ",\"disable-compression\":true");
	return err == ERR_OK ? buf_printf(out, "}") : err;
}

enum err exec_info_write(const struct kube_access *access, struct buf *out)
{
	const struct kube_exec *exec = &access->exec;
	enum err err = buf_printf(out,
	                          "{\"kind\":\"ExecCredential\",\"apiVersion\":\"%s\","
	                          "\"spec\":{\"interactive\":false",
	                          exec->api_version);
	if (err == ERR_OK && exec->cluster_info)
		err = put_cluster(out, access);
	return err == ERR_OK ? buf_printf(out, "}}") : err;
}

/* --- the answer --------------------------------------------------------------------------- */

static enum err bad(struct why *why, const char *sentence)
{
	why_set(why, "%s", sentence);
	return ERR_INVALID;
}

static enum err no_memory(struct why *why)
{
	why_set(why, "no memory for credentials");
	return ERR_NOMEM;
}

/* The text of status.KEY into `*out`; none where it is not there. */
static enum err text_take(const struct nodes *nodes, uint32_t status, const char *key,
                          struct secret *out, struct why *why)
{
	uint32_t node = node_member(nodes, status, key);
	if (node_is_void(nodes, node))
		return ERR_OK;
	if (node_type(nodes, node) != NODE_STRING) {
		why_set(why, "its status.%s is not a string", key);
		return ERR_INVALID;
	}
	struct bytes text = node_text(nodes, node);
	if (text.size != 0 && memchr(text.data, '\0', text.size) != NULL) {
		why_set(why, "its status.%s has a NUL in it", key);
		return ERR_INVALID;
	}
	return secret_set(out, text) == ERR_OK ? ERR_OK : no_memory(why);
}

static enum err expiry_take(const struct nodes *nodes, uint32_t status, int64_t *out,
                            struct why *why)
{
	uint32_t node = node_member(nodes, status, "expirationTimestamp");
	*out = INT64_MAX;
	if (node_is_void(nodes, node))
		return ERR_OK;
	if (node_type(nodes, node) == NODE_STRING)
		*out = when_parse(node_text(nodes, node));
	return *out != INT64_MAX && *out != 0
	           ? ERR_OK
	           : bad(why, "its status.expirationTimestamp is no time as of RFC 3339");
}

static enum err credential_check(const struct exec_credential *credential, struct why *why)
{
	bool cert = credential->cert.size != 0, key = credential->key.size != 0;
	if (credential->token.size == 0 && !cert && !key)
		return bad(why, "its status has neither token nor client certificate");
	if (credential->token.size > KUBE_TOKEN_SIZE_MAX)
		return bad(why, "its token is too long");
	if (credential->token.size != 0 && has_control((const char *)credential->token.data))
		return bad(why, "its token has a line feed or another control character in it");
	if (cert != key)
		return bad(why, "it gives only one of clientCertificateData and clientKeyData");
	if (!cert)
		return ERR_OK;
	enum err err =
		pem_pair_check(secret_bytes(&credential->cert), secret_bytes(&credential->key), why);
	if (err != ERR_OK)
		why_wrap(why, "its client certificate and key");
	return err;
}

static enum err answer_take(const struct nodes *nodes, const char *api_version,
                            struct exec_credential *out, struct why *why)
{
	if (!node_is_text(nodes, node_member(nodes, NODE_ROOT, "kind"), "ExecCredential"))
		return bad(why, "its kind is not ExecCredential");
	if (!node_is_text(nodes, node_member(nodes, NODE_ROOT, "apiVersion"), api_version)) {
		why_set(why, "its apiVersion is not %s, which the kubeconfig wants", api_version);
		return ERR_INVALID;
	}
	uint32_t status = node_member(nodes, NODE_ROOT, "status");
	if (node_type(nodes, status) != NODE_OBJECT)
		return bad(why, "it has no status");
	enum err err = text_take(nodes, status, "token", &out->token, why);
	if (err == ERR_OK)
		err = text_take(nodes, status, "clientCertificateData", &out->cert, why);
	if (err == ERR_OK)
		err = text_take(nodes, status, "clientKeyData", &out->key, why);
	if (err == ERR_OK)
		err = expiry_take(nodes, status, &out->expires_ms, why);
	return err == ERR_OK ? credential_check(out, why) : err;
}

/* Memory for unescaped strings is taken before, so that it never grows and leaves nothing behind.
 */
static enum err answer_read(struct bytes text, const char *api_version, struct exec_credential *out,
                            struct why *why)
{
	struct nodes nodes;
	nodes_init(&nodes);
	nodes.unescaped = malloc(text.size + 1);
	if (nodes.unescaped == NULL)
		return no_memory(why);
	nodes.unescaped_room = text.size + 1;
	enum err err = nodes_read_whole(&nodes, text, why);
	if (err == ERR_OK)
		err = answer_take(&nodes, api_version, out, why);
	else if (err == ERR_INVALID)
		why_wrap(why, "it is not JSON");
	assert(nodes.unescaped_room == text.size + 1);
	explicit_bzero(nodes.unescaped, nodes.unescaped_room);
	nodes_clear(&nodes);
	return err;
}

enum err exec_credential_read(struct bytes text, const char *api_version,
                              struct exec_credential *out, struct why *why)
{
	*out = (struct exec_credential){.expires_ms = INT64_MAX};
	enum err err = answer_read(text, api_version, out, why);
	if (err == ERR_OK)
		return ERR_OK;
	exec_credential_clear(out);
	why_wrap(why, "the ExecCredential it printed can't be used");
	return err;
}

void exec_credential_clear(struct exec_credential *credential)
{
	secret_clear(&credential->token);
	secret_clear(&credential->cert);
	secret_clear(&credential->key);
}
