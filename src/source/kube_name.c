/* What a cluster may be called. */
#include "fedns/kube.h"

#include <string.h>

static bool is_end(char octet)
{
	return (octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '9');
}

/* One of the parts between dots. */
static bool is_label(const char *text, size_t size)
{
	if (size == 0 || !is_end(text[0]) || !is_end(text[size - 1]))
		return false;
	for (size_t i = 0; i < size; i++) {
		if (!is_end(text[i]) && text[i] != '-')
			return false;
	}
	return true;
}

enum err kube_name_check(const char *name, struct why *why)
{
	bool good = strlen(name) <= KUBE_NAME_SIZE_MAX;
	for (const char *at = name; good; at++) {
		size_t size = strcspn(at, ".");
		good = is_label(at, size);
		at += size;
		if (*at == '\0')
			break;
	}
	if (good)
		return ERR_OK;
	why_set(
		why,
		"give the cluster a name of 1 to %d lower-case letters, digits, hyphens and dots, with a "
		"letter or digit at each end and beside each dot",
		KUBE_NAME_SIZE_MAX);
	return ERR_INVALID;
}
