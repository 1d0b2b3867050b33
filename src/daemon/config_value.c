#include "config_load.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Digits at `*at` as a number; moves behind them. False: no digit, or more than fits any key of
 * ours. */
static bool digits_read(struct bytes text, size_t *at, uint64_t *out)
{
	size_t begin = *at;
	uint64_t number = 0;
	while (*at < text.size && text.data[*at] >= '0' && text.data[*at] <= '9' && *at - begin < 15)
		number = number * 10 + (uint64_t)(text.data[(*at)++] - '0');
	*out = number;
	return *at > begin;
}

bool value_number(struct config_load *load, const struct yaml_node *node, uint32_t min,
                  uint32_t max, const char *what, uint32_t *out)
{
	assert(min <= max);
	size_t at = 0;
	uint64_t number;
	if (!digits_read(node->text, &at, &number) || at != node->text.size || number < min ||
	    number > max) {
		value_bad(load, node, "give %s from %u to %u", what, min, max);
		return false;
	}
	*out = (uint32_t)number;
	return true;
}

static const struct unit {
	const char *text;
	uint64_t ms;
} UNITS[] = {{"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 60 * 60 * 1000}};

/* 90000 -> "90s": in the largest unit that needs no fraction. */
static void duration_text(int64_t ms, char *text, size_t size)
{
	size_t i = sizeof UNITS / sizeof UNITS[0] - 1;
	while (i > 0 && ((uint64_t)ms % UNITS[i].ms != 0 || ms == 0))
		i--;
	if (ms == 0)
		i = 1;
	(void)snprintf(text, size, "%llu%s", (unsigned long long)((uint64_t)ms / UNITS[i].ms),
	               UNITS[i].text);
}

bool value_duration(struct config_load *load, const struct yaml_node *node, int64_t min_ms,
                    int64_t max_ms, int64_t *out)
{
	assert(min_ms >= 0 && min_ms <= max_ms);
	size_t at = 0;
	uint64_t number;
	if (digits_read(node->text, &at, &number)) {
		struct bytes unit = {node->text.data + at, node->text.size - at};
		for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++) {
			/* at most 15 digits by 3,600,000: no overflow */
			uint64_t ms = number * UNITS[i].ms;
			if (!bytes_equal(unit, bytes_of(UNITS[i].text)) || ms < (uint64_t)min_ms ||
			    ms > (uint64_t)max_ms)
				continue;
			*out = (int64_t)ms;
			return true;
		}
	}
	char low[32], high[32];
	duration_text(min_ms, low, sizeof low);
	duration_text(max_ms, high, sizeof high);
	value_bad(load, node, "give a time from %s to %s with its unit (500ms, 5s, 5m, 1h)", low, high);
	return false;
}

bool value_percent(struct config_load *load, const struct yaml_node *node, uint32_t *out)
{
	size_t at = 0;
	uint64_t number;
	if (digits_read(node->text, &at, &number) && number <= 100 && at + 1 == node->text.size &&
	    node->text.data[at] == '%') {
		*out = (uint32_t)number;
		return true;
	}
	value_bad(load, node, "give a share from 0%% to 100%%, with its sign (50%%)");
	return false;
}

bool value_bool(struct config_load *load, const struct yaml_node *node, bool *out)
{
	static const struct config_word WORDS[] = {{"true", 1}, {"false", 0}};
	int value;
	if (!value_word(load, node, WORDS, sizeof WORDS / sizeof WORDS[0], &value))
		return false;
	*out = value != 0;
	return true;
}

bool value_name(struct config_load *load, const struct yaml_node *node, struct name *out)
{
	struct why why = {{0}};
	struct name name;
	if (node->text.size == 0) {
		value_bad(load, node, "give a domain name");
		return false;
	}
	if (name_parse(node->text, &name, &why) != ERR_OK) {
		value_bad(load, node, "give a domain name (%s)", why.text);
		return false;
	}
	*out = name;
	return true;
}

bool value_label(struct config_load *load, const struct yaml_node *node)
{
	if (label_is_host(node->text))
		return true;
	value_bad(load, node,
	          "give a DNS label: 1 to 63 letters, digits and hyphens, no hyphen at an end");
	return false;
}

bool value_endpoint(struct config_load *load, const struct yaml_node *node, struct endpoint *out)
{
	struct why why = {{0}};
	struct endpoint endpoint;
	if (endpoint_parse(node->text, &endpoint, &why) != ERR_OK) {
		value_bad(load, node, "give ADDRESS:PORT or [ADDRESS]:PORT (%s)", why.text);
		return false;
	}
	*out = endpoint;
	return true;
}

bool value_text(struct config_load *load, const struct yaml_node *node, const char **out)
{
	if (node->text.size == 0) {
		value_bad(load, node, "give a text that is not empty");
		return false;
	}
	const char *copy = region_text(load->region, node->text);
	if (copy == NULL) {
		memory_out(load);
		return false;
	}
	*out = copy;
	return true;
}

bool value_path(struct config_load *load, const struct yaml_node *node, const char **out)
{
	if (node->text.size == 0 || node->text.data[0] == '/' || load->dir.size == 0)
		return value_text(load, node, out);
	size_t size = load->dir.size + node->text.size;
	char *copy = region_alloc(load->region, size + 1);
	if (copy == NULL) {
		memory_out(load);
		return false;
	}
	memcpy(copy, load->dir.data, load->dir.size);
	memcpy(copy + load->dir.size, node->text.data, node->text.size);
	*out = copy;
	return true;
}

bool value_word(struct config_load *load, const struct yaml_node *node,
                const struct config_word *words, size_t count, int *out)
{
	char list[128] = "";
	for (size_t i = 0; i < count; i++) {
		if (bytes_equal(node->text, bytes_of(words[i].word))) {
			*out = words[i].value;
			return true;
		}
		size_t used = strlen(list);
		(void)snprintf(list + used, sizeof list - used, "%s%s",
		               i == 0           ? ""
		               : i + 1 == count ? " or "
		                                : ", ",
		               words[i].word);
	}
	value_bad(load, node, "give %s", list);
	return false;
}
