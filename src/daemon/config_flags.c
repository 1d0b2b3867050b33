/*
 * Flags: each is handed to the function of the key that it stands for, so both obey the same rules.
 */
#include "config_load.h"

#include <stdio.h>
#include <string.h>

static struct yaml_node scalar(struct bytes text)
{
	return (struct yaml_node){.kind = YAML_SCALAR, .text = text};
}

static void flag_apply(struct config_load *load, const char *flag, const char *value,
                       config_apply *apply)
{
	if (value == NULL)
		return;
	(void)snprintf(load->path, sizeof load->path, "%s", flag);
	struct yaml_node node = scalar(bytes_of(value));
	if (node.text.size > CONFIG_TEXT_MAX)
		complain(load, SEVERITY_ERROR, 0, "is longer than %d octets", CONFIG_TEXT_MAX);
	else
		apply(load, &node, NULL);
	load->path[0] = '\0';
}

/* "A,B" is two list entries. */
static bool list_add(struct config_load *load, struct yaml_node *list, struct yaml_node **last,
                     const char *value)
{
	const char *at = value;
	for (;;) {
		size_t size = strcspn(at, ",");
		struct yaml_node *item = region_alloc(load->region, sizeof *item);
		if (item == NULL) {
			memory_out(load);
			return false;
		}
		*item = scalar((struct bytes){(const uint8_t *)at, size});
		*(*last == NULL ? &list->first : &(*last)->next) = item;
		*last = item;
		list->count++;
		/* One entry above what is allowed is enough to complain about. */
		if (at[size] == '\0' || list->count > LISTEN_MAX)
			return true;
		at += size + 1;
	}
}

static void listen_flags_apply(struct config_load *load, const struct config_flags *flags)
{
	struct yaml_node list = {.kind = YAML_LIST};
	struct yaml_node *last = NULL;
	if (flags->listen_count == 0)
		return;
	for (size_t i = 0; i < flags->listen_count; i++) {
		if (!list_add(load, &list, &last, flags->listen[i]))
			return;
	}
	(void)snprintf(load->path, sizeof load->path, "--listen");
	listen_apply(load, &list, NULL);
	load->path[0] = '\0';
}

void flags_apply(struct config_load *load, const struct config_flags *flags)
{
	load->dir = (struct bytes){NULL, 0}; /* a flag's path is meant from where the user stands */
	flag_apply(load, "--federation", flags->federation, federation_apply);
	flag_apply(load, "--dns-zone-name", flags->dns_zone_name, zone_apply);
	flag_apply(load, "--dns-provider", flags->dns_provider, provider_name_apply);
	flag_apply(load, "--dns-provider-config", flags->dns_provider_config, provider_config_apply);
	listen_flags_apply(load, flags);
	if (flags->source_file != NULL) {
		load->source_kinds = 0; /* whatever the file said */
		flag_apply(load, "--source-file", flags->source_file, source_file_apply);
	}
}
