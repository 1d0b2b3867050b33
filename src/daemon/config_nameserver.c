/* `nameservers`: what stands in NS, with the addresses of those that lie in the zone. */
#include "config_load.h"

static void name_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	struct nameserver *server = object;
	(void)value_name(load, node, &server->name);
}

static void address_add(struct config_load *load, const struct yaml_node *node,
                        struct nameserver *server)
{
	struct why why = {{0}};
	struct address address;
	if (server->address_count == NAMESERVER_ADDRESSES_MAX) {
		complain(load, SEVERITY_ERROR, node->line, "has more than %d addresses: leave some out",
		         NAMESERVER_ADDRESSES_MAX);
		return;
	}
	if (address_parse(node->text, &address, &why) != ERR_OK ||
	    address_publishable(&address, &why) != ERR_OK) {
		value_bad(load, node, "give an IPv4 or IPv6 address (%s)", why.text);
		return;
	}
	for (size_t i = 0; i < server->address_count; i++) {
		if (address_compare(&server->addresses[i], &address) == 0) {
			value_bad(load, node, "give each address once");
			return;
		}
	}
	server->addresses[server->address_count++] = address;
}

static void addresses_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	struct nameserver *server = object;
	size_t errors = load->errors;
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		if (load->errors - errors > NAMESERVER_ADDRESSES_MAX)
			return;
		if (entry_is(load, item, YAML_SCALAR))
			address_add(load, item, server);
	}
}

static const struct config_key KEYS[] = {
	{"name", YAML_SCALAR, name_apply},
	{"addresses", YAML_LIST, addresses_apply},
};

static void nameserver_add(struct config_load *load, const struct yaml_node *node)
{
	struct zone_policy *policy = &load->config->answer.zone;
	struct nameserver server = {.name = {0}};
	size_t errors = load->errors;
	if (!entry_is(load, node, YAML_MAP))
		return;
	KEYS_APPLY(load, KEYS, node, &server);
	if (server.name.size == 0) {
		if (load->errors == errors)
			complain(load, SEVERITY_ERROR, node->line,
			         "has an entry without a name: give {name: ns1.ZONE}");
		return;
	}
	load->nameserver_lines[policy->nameserver_count] = node->line;
	policy->nameservers[policy->nameserver_count++] = server;
}

void nameservers_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	load->nameservers = (struct origin){.given = true, .line = node->line};
	if (node->count == 0)
		complain(load, SEVERITY_ERROR, node->line,
		         "is empty: list at least one, or leave the key out");
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		if (load->config->answer.zone.nameserver_count == NAMESERVERS_MAX) {
			complain(load, SEVERITY_ERROR, item->line, "has more than %d entries: leave some out",
			         NAMESERVERS_MAX);
			return;
		}
		nameserver_add(load, item);
	}
}

static void default_add(struct config_load *load)
{
	struct zone_policy *policy = &load->config->answer.zone;
	struct nameserver *server = &policy->nameservers[0];
	server->name = policy->zone;
	if (name_prepend(&server->name, bytes_of("ns1")) == ERR_OK)
		policy->nameserver_count = 1;
	else
		complain(load, SEVERITY_ERROR, 0,
		         "\"nameservers\" is missing, and ns1.ZONE would be too long: list one");
}

/* May the ladder have a name here: SVC.NS.FED.svc and anything up to the suffix, or a port's or a
 * protocol's below such a name? */
static bool name_of_ladder(const struct zone_policy *policy, const struct name *name)
{
	if (policy->federation_size == 0 || !name_at_or_below(name, &policy->suffix))
		return false;
	size_t below = (size_t)name->size - policy->suffix.size; /* octets before the suffix */
	struct bytes labels[4];
	size_t at = 0;
	while (name->octets[at] != 0 && name->octets[at + 1] == '_')
		at += 1 + (size_t)name->octets[at];
	for (size_t i = 0; i < 4; i++) {
		if (at >= below)
			return false;
		labels[i] = (struct bytes){name->octets + at + 1, name->octets[at]};
		at += 1 + labels[i].size;
	}
	return bytes_equal(labels[2], (struct bytes){policy->federation, policy->federation_size}) &&
	       bytes_equal(labels[3], bytes_of("svc"));
}

static bool named_before(const struct zone_policy *policy, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (name_equal(&policy->nameservers[i].name, &policy->nameservers[at].name))
			return true;
	}
	return false;
}

static void nameserver_check(struct config_load *load, size_t at)
{
	const struct zone_policy *policy = &load->config->answer.zone;
	const struct nameserver *server = &policy->nameservers[at];
	unsigned line = load->nameserver_lines[at];
	char text[NAME_TEXT_SIZE];
	name_text(name_bytes(&server->name), text);
	if (name_equal(&server->name, &policy->zone))
		complain(load, SEVERITY_ERROR, line,
		         "\"nameservers\": %.200s is the zone itself, which carries no addresses: give "
		         "ns1.ZONE or the like",
		         text);
	else if (name_of_ladder(policy, &server->name))
		complain(
			load, SEVERITY_ERROR, line,
			"\"nameservers\": %.200s could be a service's name: give one outside FEDERATION.svc",
			text);
	else if (named_before(policy, at))
		complain(load, SEVERITY_ERROR, line, "\"nameservers\": %.200s is here twice: leave one out",
		         text);
	else if (server->address_count == 0 && name_at_or_below(&server->name, &policy->zone))
		complain(load, SEVERITY_WARNING, line,
		         "\"nameservers\": %.200s%s lies in the zone and has no addresses, so nobody can "
		         "find it: "
		         "give {name, addresses}",
		         text, load->nameservers.given ? "" : " (the default)");
}

void nameservers_finish(struct config_load *load)
{
	const struct zone_policy *policy = &load->config->answer.zone;
	if (policy->zone.size == 0)
		return;
	if (!load->nameservers.given)
		default_add(load);
	for (size_t i = 0; i < policy->nameserver_count; i++)
		nameserver_check(load, i);
}
