/* The model as text. */
#include "bed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DUMP_SIZE_MAX ((size_t)16 << 20)

#define ADD(out, ...) assert_int_equal(buf_printf(out, __VA_ARGS__), ERR_OK)

static void addresses_add(struct buf *out, struct address_set set)
{
	char text[ADDRESS_TEXT_SIZE];
	for (size_t i = 0; i < set.v4_count; i++) {
		struct address address = {.family = 4};
		memcpy(address.octets, set.v4 + 4 * i, 4);
		address_text(&address, text);
		ADD(out, " %s", text);
	}
	for (size_t i = 0; i < set.v6_count; i++) {
		struct address address = {.family = 6};
		memcpy(address.octets, set.v6 + 16 * i, 16);
		address_text(&address, text);
		ADD(out, " %s", text);
	}
}

static void places_add(struct buf *out, const struct model *model)
{
	size_t count;
	const struct place *places = model_places(model, &count);
	for (size_t i = 0; i < count; i++) {
		struct bytes parent = places[places[i].parent].region;
		ADD(out, "place %05zu %d %.*s %.*s in \"%.*s\"\n", i, places[i].level,
		    BYTES_ARG(places[i].region), BYTES_ARG(places[i].zone), BYTES_ARG(parent));
	}
}

static void cluster_add(struct buf *out, const struct model *model, const struct cluster_view *view)
{
	static const char *const READY[] = {"unknown", "true", "false"};
	size_t count;
	const struct place *places = model_places(model, &count);
	ADD(out, "cluster %.*s%s%s", BYTES_ARG(view->name), view->known ? " known" : "",
	    view->in_source ? " in-source" : "");
	ADD(out, " ready=%s since=%lld withdrawn=%lld", READY[view->ready],
	    (long long)view->ready_since_ms, (long long)view->withdrawn_at_ms);
	ADD(out, " at %.*s:", BYTES_ARG(places[view->region].region));
	for (size_t i = 0; i < view->zone_count; i++)
		ADD(out, " %.*s", BYTES_ARG(places[view->zones[i]].zone));
	ADD(out, " source %.*s:", BYTES_ARG(view->source_region));
	for (size_t i = 0; i < view->source_zone_count; i++)
		ADD(out, " %.*s", BYTES_ARG(view->source_zones[i]));
	ADD(out, "\n");
}

static int text_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void ingress_add(struct buf *out, const struct model *model, const struct ingress_view *view)
{
	struct cluster_view cluster;
	assert_true(model_cluster(model, view->cluster, &cluster));
	ADD(out, " | %.*s", BYTES_ARG(cluster.name));
	addresses_add(out, view->direct);
	char names[SERVICE_HOSTS_MAX][NAME_TEXT_SIZE], *sorted[SERVICE_HOSTS_MAX];
	assert_int_equal((uintptr_t)view->hosts % sizeof(uint32_t), 0);
	for (size_t i = 0; i < view->host_count; i++) {
		struct host_view host;
		assert_true(model_host(model, view->hosts[i], &host));
		name_text(name_bytes(host.name), names[i]);
		sorted[i] = names[i];
	}
	if (view->host_count > 0)
		qsort(sorted, view->host_count, sizeof sorted[0], text_compare);
	for (size_t i = 0; i < view->host_count; i++)
		ADD(out, " %s", sorted[i]);
}

static void verdicts_add(struct buf *out, const struct model *model, uint32_t id)
{
	const struct verdict *verdicts;
	size_t count = model_verdicts(model, id, &verdicts);
	for (size_t i = 0; i < count; i++) {
		char text[ADDRESS_TEXT_SIZE];
		struct cluster_view cluster;
		assert_true(model_cluster(model, verdicts[i].cluster, &cluster));
		address_text(&verdicts[i].address, text);
		ADD(out, " verdict %.*s %s%s%s since=%lld reason=%d", BYTES_ARG(cluster.name), text,
		    verdicts[i].out ? " out" : "", verdicts[i].unsteady ? " unsteady" : "",
		    (long long)verdicts[i].since_ms, verdicts[i].reason);
	}
}

static void service_add(struct buf *out, const struct model *model, uint32_t id,
                        struct service_view *view)
{
	struct ingress_view ingress;
	ADD(out, "service %.*s/%.*s ttl=%u fallback=%d all_down=%d", BYTES_ARG(view->namespace),
	    BYTES_ARG(view->name), view->ttl_s, view->fallback, view->all_down);
	while (model_ingress_next(view, &ingress))
		ingress_add(out, model, &ingress);
	if (view->probe.kind != PROBE_DEFAULT)
		ADD(out, " probe=%d port=%u path=\"%.*s\"", view->probe.kind, view->probe.port,
		    BYTES_ARG(view->probe.path));
	if (view->tcp_port != 0)
		ADD(out, " tcp=%u", view->tcp_port);
	verdicts_add(out, model, id);
	ADD(out, "\n");
	ADD(out, "shortest %.*s %d\n", BYTES_ARG(view->namespace),
	    model_namespace_shortest(model, view->namespace));
}

/** Sort the lines of `text` in place and drop doubles. */
static char *lines_sorted(const struct buf *text)
{
	size_t count = 0, used = 0;
	char **lines = calloc(text->size + 1, sizeof lines[0]);
	char *out = malloc(text->size + 1), *copy = malloc(text->size + 1);
	assert_true(lines != NULL && out != NULL && copy != NULL);
	memcpy(copy, text->data, text->size);
	copy[text->size] = '\0';
	for (char *at = copy; *at != '\0'; at += strlen(at) + 1) {
		lines[count++] = at;
		*strchr(at, '\n') = '\0';
	}
	qsort(lines, count, sizeof lines[0], text_compare);
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && strcmp(lines[i - 1], lines[i]) == 0)
			continue;
		size_t size = strlen(lines[i]);
		memcpy(out + used, lines[i], size);
		used += size;
		out[used++] = '\n';
	}
	out[used] = '\0';
	free(lines);
	free(copy);
	return out;
}

char *bed_dump(const struct model *model)
{
	struct buf out;
	buf_init(&out, DUMP_SIZE_MAX);
	ADD(&out, "services %zu, prefix %d\n", model_service_count(model),
	    model_prefix_shortest(model));
	places_add(&out, model);
	for (size_t id = 0; id < model_cluster_limit(model); id++) {
		struct cluster_view view;
		if (model_cluster(model, (uint16_t)id, &view))
			cluster_add(&out, model, &view);
	}
	for (size_t id = 0; id < model_service_limit(model); id++) {
		struct service_view view;
		if (model_service(model, (uint32_t)id, &view))
			service_add(&out, model, (uint32_t)id, &view);
	}
	for (size_t id = 0; id < model_host_limit(model); id++) {
		struct host_view view;
		if (!model_host(model, (uint32_t)id, &view))
			continue;
		char text[NAME_TEXT_SIZE];
		name_text(name_bytes(view.name), text);
		ADD(&out, "host %s%s", text, view.resolved ? " resolved" : "");
		addresses_add(&out, view.addresses);
		ADD(&out, "\n");
	}
	char *text = lines_sorted(&out);
	buf_free(&out);
	return text;
}

const char *bed_lines(struct bed *bed, const char *prefix)
{
	static char joined[65536];
	char *dump = bed_dump(bed->model);
	size_t used = 0;
	joined[0] = '\0';
	for (char *at = dump; *at != '\0';) {
		size_t size = strcspn(at, "\n");
		if (strncmp(at, prefix, strlen(prefix)) == 0) {
			assert_true(used + size + 3 < sizeof joined);
			used += (size_t)snprintf(joined + used, sizeof joined - used, "%s%.*s",
			                         used > 0 ? "; " : "", (int)size, at);
		}
		at += size + 1;
	}
	free(dump);
	return joined;
}

const char *bed_changes(struct bed *bed)
{
	static char text[65536];
	struct model_changes changes = model_changes(bed->model);
	char names[256][160], *sorted[256];
	size_t used = 0;
	text[0] = '\0';
	if (changes.everything) {
		model_changes_taken(bed->model);
		return "everything";
	}
	assert_true(changes.service_count <= 256);
	for (size_t i = 0; i < changes.service_count; i++) {
		struct service_view view;
		sorted[i] = names[i];
		if (model_service(bed->model, changes.services[i], &view))
			(void)snprintf(names[i], sizeof names[i], "%.*s/%.*s", BYTES_ARG(view.namespace),
			               BYTES_ARG(view.name));
		else
			(void)snprintf(names[i], sizeof names[i], "#%u", changes.services[i]);
	}
	if (changes.service_count > 0)
		qsort(sorted, changes.service_count, sizeof sorted[0], text_compare);
	for (size_t i = 0; i < changes.service_count; i++)
		used +=
			(size_t)snprintf(text + used, sizeof text - used, "%s%s", i > 0 ? " " : "", sorted[i]);
	model_changes_taken(bed->model);
	return text;
}
