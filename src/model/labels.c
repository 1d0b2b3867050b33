#include "model_internal.h"

#include <stdlib.h>

void label_fold(struct bytes label, uint8_t *out)
{
	for (size_t i = 0; i < label.size; i++)
		out[i] = octet_lower(label.data[i]);
}

static struct bytes take(struct bytes label, uint8_t **at)
{
	struct bytes folded = {*at, label.size};
	label_fold(label, *at);
	*at += label.size;
	return folded;
}

static int compare(const void *a, const void *b)
{
	return bytes_compare(*(const struct bytes *)a, *(const struct bytes *)b);
}

static size_t unique(struct bytes *labels, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || !bytes_equal(labels[kept - 1], labels[i]))
			labels[kept++] = labels[i];
	return kept;
}

static void zones_fill(struct labels *labels, struct bytes cluster, const struct bytes *zones,
                       size_t count, uint8_t *octets, struct findings *findings)
{
	for (size_t i = 0; i < count; i++) {
		if (label_is_host(zones[i]))
			labels->zones[labels->zone_count++] = take(zones[i], &octets);
		else
			findings_add(findings, SEVERITY_WARNING, FINDING_LABEL,
			             "cluster %.*s: zone \"%.*s\" can't be a DNS label; it is left out",
			             BYTES_SHOWN(cluster), BYTES_SHOWN(zones[i]));
	}
	if (labels->zone_count == 0)
		return;
	qsort(labels->zones, labels->zone_count, sizeof labels->zones[0], compare);
	labels->zone_count = unique(labels->zones, labels->zone_count);
	if (labels->zone_count <= ZONES_MAX)
		return;
	findings_add(findings, SEVERITY_ERROR, FINDING_LIMIT,
	             "cluster %.*s: %zu zones, more than %d; all of them are left out",
	             BYTES_SHOWN(cluster), labels->zone_count, ZONES_MAX);
	labels->zone_count = 0;
}

enum err labels_new(struct bytes cluster, struct bytes region, const struct bytes *zones,
                    size_t zone_count, struct findings *findings, struct labels **out)
{
	*out = NULL;
	size_t valid = 0, octets = 0;
	for (size_t i = 0; i < zone_count; i++) {
		if (!label_is_host(zones[i]))
			continue;
		valid++;
		octets += zones[i].size;
	}
	struct labels *labels =
		malloc(sizeof *labels + valid * sizeof labels->zones[0] + octets + LABEL_SIZE_MAX);
	if (labels == NULL)
		return ERR_NOMEM;
	*labels = (struct labels){.zone_count = 0};
	uint8_t *at = (uint8_t *)&labels->zones[valid];
	if (label_is_host(region))
		labels->region = take(region, &at);
	else if (region.size != 0)
		findings_add(
			findings, SEVERITY_WARNING, FINDING_LABEL,
			"cluster %.*s: region \"%.*s\" can't be a DNS label; the cluster has no place by it",
			BYTES_SHOWN(cluster), BYTES_SHOWN(region));
	zones_fill(labels, cluster, zones, zone_count, at, findings);
	*out = labels;
	return ERR_OK;
}
