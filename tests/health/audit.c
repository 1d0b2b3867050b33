/* What is answered, read, and judged by what must always hold. */
#include "scene.h"

#include <stdio.h>
#include <string.h>

/* --- what must always hold ---------------------------------------------------------------- */

static void broken(struct scene *scene, const struct service_view *service, const char *what)
{
	if (scene->broken[0] == '\0')
		(void)snprintf(scene->broken, sizeof scene->broken, "at %.3f s: service %.*s: %s",
		               (double)(scene->world.now_ms - scene->begin_ms) / 1000,
		               BYTES_ARG(service->name), what);
}

#define SEATS_MAX 256

/* An address in one cluster. */
struct seat {
	struct address address;
	bool in;
};

struct audit {
	struct scene *scene;
	const struct service_view *service;
	const struct rung *global; /* NULL: NODATA */
	uint32_t id;
	bool some_in, some_good;
	struct seat seats[SEATS_MAX];
	size_t seat_count;
};

static bool set_has(const struct address_set *set, const struct address *address)
{
	size_t size = address->family == 4 ? V4_SIZE : V6_SIZE;
	size_t count = address->family == 4 ? set->v4_count : set->v6_count;
	const uint8_t *octets = address->family == 4 ? set->v4 : set->v6;
	for (size_t i = 0; i < count; i++) {
		if (memcmp(octets + i * size, address->octets, size) == 0)
			return true;
	}
	return false;
}

static void address_audit(struct audit *audit, const struct ingress_view *ingress,
                          const struct address *address)
{
	struct cluster_view cluster;
	struct health_view view;
	assert_true(model_cluster(audit->scene->world.model, ingress->cluster, &cluster));
	health_view(audit->scene->health, audit->id, ingress->cluster, address, &view);
	bool listed = cluster.withdrawn_at_ms == 0 || view.reason == REASON_FORCED_UP;
	bool ordered = view.reason == REASON_DRAINED || view.reason == REASON_FORCED_DOWN;
	bool good = !view.probed || view.state == HEALTH_HEALTHY || view.state == HEALTH_FAILING;
	audit->some_in |= listed && !view.out;
	audit->some_good |= listed && good && !ordered;
	assert_true(audit->seat_count < SEATS_MAX);
	audit->seats[audit->seat_count++] = (struct seat){*address, listed && !view.out};
	if (good && view.out && !ordered)
		broken(audit->scene, audit->service, "a good address is out");
	if (view.probed && !view.out && !ordered && view.reason == REASON_PROBE_BAD &&
	    view.state == HEALTH_UNHEALTHY)
		broken(audit->scene, audit->service, "a dead address is in");
}

static void ingress_audit(struct audit *audit, const struct ingress_view *ingress)
{
	for (size_t i = 0; i < ingress->direct.v4_count; i++) {
		struct address address = {.family = 4};
		memcpy(address.octets, ingress->direct.v4 + i * V4_SIZE, V4_SIZE);
		address_audit(audit, ingress, &address);
	}
	for (size_t i = 0; i < ingress->direct.v6_count; i++) {
		struct address address = {.family = 6};
		memcpy(address.octets, ingress->direct.v6 + i * V6_SIZE, V6_SIZE);
		address_audit(audit, ingress, &address);
	}
}

/* Is one answered that is in nowhere? */
static bool out_is_answered(const struct audit *audit)
{
	for (size_t i = 0; audit->global != NULL && i < audit->seat_count; i++) {
		bool in = false;
		for (size_t j = 0; j < audit->seat_count; j++)
			in |= audit->seats[j].in &&
			      address_compare(&audit->seats[i].address, &audit->seats[j].address) == 0;
		if (!in && set_has(&audit->global->addresses, &audit->seats[i].address))
			return true;
	}
	return false;
}

static void service_audit(struct scene *scene, uint32_t id)
{
	struct service_view service;
	struct ingress_view ingress;
	struct ladder ladder;
	if (!model_service(scene->world.model, id, &service))
		return;
	assert_int_equal(compile_service(scene->compiler, scene->world.model, &scene->world.policy.zone,
	                                 id, &scene->world.findings, &ladder, &scene->world.why),
	                 ERR_OK);
	struct audit audit = {.scene = scene, .service = &service, .id = id};
	audit.global = ladder_rung(&ladder, 0);
	bool listed = false;
	struct service_view walk = service;
	while (model_ingress_next(&walk, &ingress)) {
		listed |= ingress.direct.v4_count + ingress.direct.v6_count != 0;
		ingress_audit(&audit, &ingress);
	}
	enum all_down all_down =
		service.all_down != ALL_DOWN_DEFAULT ? service.all_down : scene->world.policy.zone.all_down;
	if (audit.some_good && audit.global == NULL)
		broken(scene, &service, "NODATA though there is a good address");
	if (listed && all_down != ALL_DOWN_EMPTY && audit.global == NULL)
		broken(scene, &service, "NODATA though addresses are listed");
	if (audit.some_in && out_is_answered(&audit))
		broken(scene, &service, "an address is answered that is out, and another one is in");
}

void scene_settle(struct scene *scene)
{
	struct model *model = scene->world.model;
	const struct model_changes none = {.everything = false};
	assert_int_equal(health_look(scene->health, &none, scene->world.now_ms, &scene->world.why),
	                 ERR_OK);
	const struct model_changes changes = model_changes(model);
	for (uint32_t id = 0; changes.everything && id < model_service_limit(model); id++)
		service_audit(scene, id);
	for (size_t i = 0; !changes.everything && i < changes.service_count; i++)
		service_audit(scene, changes.services[i]);
	model_changes_taken(model);
}

/* --- reading ------------------------------------------------------------------------------ */

struct reading {
	const char *owner;
	char *out;
	uint32_t ttl_s;
};

static enum err set_read(void *arg, const struct rrset *set, struct why *why)
{
	struct reading *reading = arg;
	char owner[NAME_TEXT_SIZE];
	name_text(set->owner, owner);
	if (strcmp(owner, reading->owner) != 0)
		return ERR_OK;
	reading->ttl_s = set->ttl_s;
	for (uint16_t i = 0; i < set->count; i++) {
		struct buf rdata;
		size_t used = strlen(reading->out);
		buf_init(&rdata, 1024);
		assert_int_equal(rdata_text(set, i, &rdata, why), ERR_OK);
		(void)snprintf(reading->out + used, WORLD_TEXT_SIZE - used, "%s%.*s", used == 0 ? "" : " ",
		               BYTES_ARG(buf_bytes(&rdata)));
		buf_free(&rdata);
	}
	if (set->type == TYPE_CNAME)
		(void)snprintf(reading->out, WORLD_TEXT_SIZE, "up");
	return ERR_OK;
}

/* Of "NAMESPACE/NAME", or the first one of that name. */
static uint32_t service_id(const struct scene *scene, const char *text)
{
	struct service_view service;
	const char *slash = strchr(text, '/');
	const struct bytes name = bytes_of(slash == NULL ? text : slash + 1);
	const struct bytes namespace = {(const uint8_t *)text,
	                                slash == NULL ? 0 : (size_t)(slash - text)};
	for (uint32_t id = 0; id < model_service_limit(scene->world.model); id++) {
		if (model_service(scene->world.model, id, &service) && bytes_equal(service.name, name) &&
		    (slash == NULL || bytes_equal(service.namespace, namespace)))
			return id;
	}
	return UINT32_MAX;
}

void scene_read(struct scene *scene, const char *service, const char *owner, char *out,
                uint32_t *ttl_s)
{
	static struct tail tails[PLACES_MAX];
	struct world *world = &scene->world;
	struct reading reading = {.owner = owner, .out = out};
	struct ladder ladder;
	uint32_t id = service_id(scene, service);
	out[0] = '\0';
	if (id != UINT32_MAX) {
		size_t count = compile_tails(world->model, &world->policy.zone, &world->findings, tails);
		assert_int_equal(compile_service(scene->compiler, world->model, &world->policy.zone, id,
		                                 &world->findings, &ladder, &world->why),
		                 ERR_OK);
		assert_int_equal(
			ladder_rrsets(&ladder, tails, count, &world->findings, set_read, &reading, &world->why),
			ERR_OK);
	}
	if (out[0] == '\0')
		(void)snprintf(out, WORLD_TEXT_SIZE, "nodata");
	*ttl_s = reading.ttl_s;
}
