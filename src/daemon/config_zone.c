/* The keys that say what the records are. */
#include "config_load.h"

#include <string.h>

static struct zone_policy *policy_of(struct config_load *load)
{
	return &load->config->answer.zone;
}

static void origin_set(struct origin *origin, const struct yaml_node *node)
{
	*origin = (struct origin){.given = true, .line = node->line};
}

void federation_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	origin_set(&load->federation, node);
	if (!value_label(load, node))
		return;
	struct zone_policy *policy = policy_of(load);
	policy->federation_size = (uint8_t)node->text.size;
	for (size_t i = 0; i < node->text.size; i++)
		policy->federation[i] = octet_lower(node->text.data[i]);
}

void zone_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	origin_set(&load->zone, node);
	struct name name;
	if (!value_name(load, node, &name))
		return;
	if (name.size == 1) {
		value_bad(load, node, "give the domain that you were delegated, not the root");
		return;
	}
	policy_of(load)->zone = name;
}

void suffix_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	origin_set(&load->suffix, node);
	(void)value_name(load, node, &policy_of(load)->suffix);
}

void ttl_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_number(load, node, 1, TTL_MAX_S, "a whole number of seconds",
	                   &policy_of(load)->ttl_s);
}

void negative_ttl_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_number(load, node, 0, TTL_MAX_S, "a whole number of seconds",
	                   &policy_of(load)->negative_ttl_s);
}

void fallback_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	static const struct config_word WORDS[] = {{"cname", FALLBACK_CNAME},
	                                           {"flatten", FALLBACK_FLATTEN}};
	int value;
	if (value_word(load, node, WORDS, sizeof WORDS / sizeof WORDS[0], &value))
		policy_of(load)->fallback = (enum fallback)value;
}

/* An SOA writes user@domain as a name: dots of the user are escaped, the @ becomes a dot (RFC 1035
 * section 8). */
static bool mailbox_name(struct config_load *load, const struct yaml_node *node,
                         struct yaml_node *out)
{
	const uint8_t *sign = memchr(node->text.data, '@', node->text.size);
	*out = *node;
	if (sign == NULL)
		return true;
	size_t user_size = (size_t)(sign - node->text.data),
		   domain_size = node->text.size - user_size - 1;
	if (user_size == 0 || domain_size == 0 || memchr(sign + 1, '@', domain_size) != NULL) {
		value_bad(load, node, "give a mailbox, USER@DOMAIN, or the name that stands for it");
		return false;
	}
	uint8_t *text = region_alloc(load->region, 2 * node->text.size + 1);
	if (text == NULL) {
		memory_out(load);
		return false;
	}
	size_t used = 0;
	for (size_t i = 0; i < node->text.size; i++) {
		uint8_t octet = node->text.data[i];
		if (i < user_size && octet == '.')
			text[used++] = '\\';
		text[used++] = i == user_size ? '.' : octet;
	}
	out->text = (struct bytes){text, used};
	return true;
}

void contact_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	struct yaml_node name;
	if (mailbox_name(load, node, &name))
		(void)value_name(load, &name, &policy_of(load)->contact);
}

void allow_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	struct answer_policy *policy = &load->config->answer;
	policy->allow_count = 0;
	if (node->count == 0)
		complain(load, SEVERITY_ERROR, node->line,
		         "is empty, so that nobody may ask: list prefixes, or leave the key out");
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		struct why why = {{0}};
		if (!entry_is(load, item, YAML_SCALAR))
			continue;
		if (policy->allow_count == ALLOW_MAX) {
			complain(load, SEVERITY_ERROR, item->line,
			         "has more than %d prefixes: join some of them", ALLOW_MAX);
			return;
		}
		if (prefix_parse(item->text, &policy->allow[policy->allow_count], &why) == ERR_OK)
			policy->allow_count++;
		else
			value_bad(load, item, "give ADDRESS/BITS (%s)", why.text);
	}
}

static void missing(struct config_load *load, const struct origin *origin, const char *key,
                    const char *flag)
{
	if (origin->given)
		return;
	complain(load, SEVERITY_ERROR, 0, "\"%s\" is missing: give it in the file, or as %s", key,
	         flag);
}

static void contact_default(struct config_load *load)
{
	struct zone_policy *policy = policy_of(load);
	if (policy->contact.size != 0)
		return;
	policy->contact = policy->zone;
	/* Too long a zone for that: the zone's own name is a mailbox as good as any. */
	if (name_prepend(&policy->contact, bytes_of("hostmaster")) != ERR_OK)
		policy->contact = policy->zone;
}

void zone_finish(struct config_load *load)
{
	struct zone_policy *policy = policy_of(load);
	missing(load, &load->federation, "federation", "--federation");
	missing(load, &load->zone, "zone", "--dns-zone-name");
	if (policy->zone.size == 0)
		return;
	if (policy->suffix.size == 0)
		policy->suffix = policy->zone;
	contact_default(load);
	if (name_at_or_below(&policy->suffix, &policy->zone))
		return;
	char suffix[NAME_TEXT_SIZE], zone[NAME_TEXT_SIZE];
	name_text(name_bytes(&policy->suffix), suffix);
	name_text(name_bytes(&policy->zone), zone);
	complain(load, SEVERITY_ERROR, load->suffix.line,
	         "\"suffix\" is \"%.100s\": give a name at or below the zone, %.100s", suffix, zone);
}
