/* The keys that say how the process runs: sockets, threads, files, log. */
#include "config_load.h"
#include "fedns/ask.h"
#include "fedns/control.h"

#include <sched.h>
#include <string.h>
#include <unistd.h>

static bool listens_already(const struct config *config, const struct endpoint *endpoint)
{
	char one[64], other[64];
	endpoint_text(endpoint, one);
	for (size_t i = 0; i < config->listen_count; i++) {
		endpoint_text(&config->listen[i], other);
		size_t size = strlen(one);
		/* Two of port 0 are two: the kernel gives each its own. */
		if (strcmp(one, other) == 0 && !(size > 2 && strcmp(one + size - 2, ":0") == 0))
			return true;
	}
	return false;
}

void listen_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	struct config *config = load->config;
	config->listen_count = 0;
	if (node->count == 0)
		complain(load, SEVERITY_ERROR, node->line, "is empty: list at least one ADDRESS:PORT");
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		struct endpoint endpoint;
		if (config->listen_count == LISTEN_MAX) {
			complain(load, SEVERITY_ERROR, item->line, "has more than %d addresses: leave some out",
			         LISTEN_MAX);
			return;
		}
		if (!entry_is(load, item, YAML_SCALAR) || !value_endpoint(load, item, &endpoint))
			continue;
		if (listens_already(config, &endpoint))
			value_bad(load, item, "give each address once");
		else
			config->listen[config->listen_count++] = endpoint;
	}
}

void workers_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	uint32_t workers;
	if (value_number(load, node, 0, WORKERS_MAX, "a number of threads (0: one a CPU)", &workers))
		load->config->workers = workers;
}

void state_dir_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_path(load, node, &load->config->state_dir);
}

void control_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	const char *path;
	if (!value_path(load, node, &path))
		return;
	if (strlen(path) <= CONTROL_PATH_SIZE_MAX)
		load->config->control = path;
	else
		value_bad(load, node, "a socket's path has at most %d octets, and this is %s",
		          CONTROL_PATH_SIZE_MAX, path);
}

static bool resolver_valid(struct config_load *load, const struct yaml_node *node)
{
	struct why why = {{0}};
	struct ask_server server;
	if (ask_server_parse((const char *)node->text.data, &server, &why) == ERR_OK)
		return true;
	value_bad(load, node, "give ADDRESS or ADDRESS:PORT or [ADDRESS]:PORT (%s)", why.text);
	return false;
}

void resolver_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	struct config *config = load->config;
	config->resolver_count = 0;
	if (node->count == 0)
		complain(load, SEVERITY_ERROR, node->line,
		         "is empty: leave the key out to use those of /etc/resolv.conf");
	for (const struct yaml_node *item = node->first; item != NULL; item = item->next) {
		if (config->resolver_count == RESOLVERS_MAX) {
			complain(load, SEVERITY_ERROR, item->line, "has more than %d servers: leave some out",
			         RESOLVERS_MAX);
			return;
		}
		if (entry_is(load, item, YAML_SCALAR) && resolver_valid(load, item) &&
		    value_text(load, item, &config->resolvers[config->resolver_count]))
			config->resolver_count++;
	}
}

void user_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_text(load, node, &load->config->user);
}

static void level_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	static const struct config_word WORDS[] = {
		{"error", LOG_ERROR}, {"warn", LOG_WARN}, {"info", LOG_INFO}, {"debug", LOG_DEBUG}};
	int value;
	if (value_word(load, node, WORDS, sizeof WORDS / sizeof WORDS[0], &value))
		load->config->log.level = (enum log_level)value;
}

static void format_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	static const struct config_word WORDS[] = {{"text", LOG_TEXT}, {"json", LOG_JSON}};
	int value;
	if (value_word(load, node, WORDS, sizeof WORDS / sizeof WORDS[0], &value))
		load->config->log.format = (enum log_format)value;
}

static const struct config_key LOG_KEYS[] = {
	{"level", YAML_SCALAR, level_apply},
	{"format", YAML_SCALAR, format_apply},
};

void log_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	KEYS_APPLY(load, LOG_KEYS, node, object);
}

void query_log_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	uint32_t every;
	if (value_number(load, node, 0, QUERY_LOG_MAX, "one in so many questions (0: none)", &every))
		load->config->query_log = every;
}

void sandbox_apply(struct config_load *load, const struct yaml_node *node, void *object)
{
	(void)object;
	(void)value_bool(load, node, &load->config->sandbox);
}

/* The CPUs that we may run on, which in a container are fewer than the machine has. */
static unsigned cpu_count(void)
{
	cpu_set_t set;
	if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
		return (unsigned)CPU_COUNT(&set);
	long online = sysconf(_SC_NPROCESSORS_ONLN); /* more than 1024 CPUs: the set was too small */
	return online > 0 ? (unsigned)online : 1;
}

void process_finish(struct config_load *load)
{
	struct config *config = load->config;
	if (config->workers != 0)
		return;
	unsigned cpus = cpu_count();
	config->workers = cpus < WORKERS_MAX ? cpus : WORKERS_MAX;
}
