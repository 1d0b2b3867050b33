/* How questions are answered, beside with what: sizes, cookies, and what the server says of itself.
 */
#include "config_load.h"

#include <stdio.h>
#include <unistd.h>

/* RFC 1035 section 4.2.1, and the room that workers have for a reply. */
enum { UDP_SIZE_MIN = 512, UDP_SIZE_MAX = 4096 };

static struct answer_policy *policy_of(struct config_load *load)
{
	return &load->config->answer;
}

void udp_size_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	uint32_t size;
	if (value_number(load, node, UDP_SIZE_MIN, UDP_SIZE_MAX, "octets", &size))
		policy_of(load)->udp_size = (uint16_t)size;
}

/* --- identity ----------------------------------------------------------------------------- */

static void identity_text_apply(struct config_load *load, const struct yaml_node *node,
                                char out[IDENTITY_TEXT_SIZE])
{
	if (node->text.size < IDENTITY_TEXT_SIZE)
		(void)snprintf(out, IDENTITY_TEXT_SIZE, "%.*s", BYTES_ARG(node->text));
	else
		value_bad(load, node, "give at most %d octets", IDENTITY_TEXT_SIZE - 1);
}

static void version_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	identity_text_apply(load, node, policy_of(load)->identity.version);
}

static void id_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	identity_text_apply(load, node, policy_of(load)->identity.id);
}

static void hide_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_bool(load, node, &policy_of(load)->identity.hide);
}

static const struct config_key IDENTITY_KEYS[] = {
	{"version", YAML_SCALAR, version_apply},
	{"id", YAML_SCALAR, id_apply},
	{"hide", YAML_SCALAR, hide_apply},
};

void identity_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	KEYS_APPLY(load, IDENTITY_KEYS, node, object);
}

/* --- cookies ------------------------------------------------------------------------------ */

static int nibble(uint8_t octet)
{
	uint8_t lower = octet_lower(octet);
	if (octet >= '0' && octet <= '9')
		return octet - '0';
	return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool secret_read(struct bytes text, uint8_t out[COOKIE_SECRET_SIZE])
{
	if (text.size != 2 * COOKIE_SECRET_SIZE)
		return false;
	for (size_t i = 0; i < COOKIE_SECRET_SIZE; i++) {
		int high = nibble(text.data[2 * i]), low = nibble(text.data[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static void secrets_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	struct cookie_policy *cookies = &policy_of(load)->cookies;
	cookies->secret_count = 0;
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		if (!entry_is(load, item, YAML_SCALAR))
			continue;
		if (cookies->secret_count == COOKIE_SECRETS_MAX) {
			complain(load, SEVERITY_ERROR, item->line,
			         "has more than %d secrets: the one that makes cookies, and the one before it",
			         COOKIE_SECRETS_MAX);
			return;
		}
		/* Not value_bad(): a secret, even a bad one, is not for the log. */
		if (secret_read(item->text, cookies->secrets[cookies->secret_count]))
			cookies->secret_count++;
		else
			complain(load, SEVERITY_ERROR, item->line, "must be secrets of %d hexadecimal digits",
			         2 * COOKIE_SECRET_SIZE);
	}
}

static void enabled_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_bool(load, node, &load->config->cookies);
}

static void required_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_bool(load, node, &policy_of(load)->cookies.required);
}

static const struct config_key COOKIE_KEYS[] = {
	{"enabled", YAML_SCALAR, enabled_apply},
	{"secrets", YAML_LIST, secrets_apply},
	{"required", YAML_SCALAR, required_apply},
};

void cookies_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	KEYS_APPLY(load, COOKIE_KEYS, node, object);
}

/* --- defaults ----------------------------------------------------------------------------- */

void answer_defaults_set(struct config *config)
{
	struct identity *identity = &config->answer.identity;
	config->answer.udp_size = UDP_SIZE_DEFAULT;
	config->cookies = true;
	(void)snprintf(identity->version, sizeof identity->version, "fedns %s", FEDNS_VERSION);
	/* Which replica answered: in a cluster that is the pod's name. One that is too long is none. */
	if (gethostname(identity->id, sizeof identity->id) != 0)
		identity->id[0] = '\0';
}
