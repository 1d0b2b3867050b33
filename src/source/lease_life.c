/* How a Lease's holder is made, and unmade. */
#include "lease_internal.h"

#include "fedns/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UUID_SIZE sizeof "01234567-89ab-4cde-8f01-23456789abcd"
static_assert(UV_MAXHOSTNAMESIZE + UUID_SIZE <= LEASE_IDENTITY_SIZE, "HOST_UUID");

/* RFC 1123 subdomains, as the API server checks them more closely. */
#define NAME_SIZE_MAX 253

static enum err no_memory(struct why *why)
{
	why_set(why, "no memory");
	return ERR_NOMEM;
}

/* No octet that would mean something in a URL. */
static enum err name_check(const char *what, const char *name, struct why *why)
{
	static const char OCTETS[] = "abcdefghijklmnopqrstuvwxyz0123456789-.";
	size_t size = strlen(name);
	if (size != 0 && size <= NAME_SIZE_MAX && strspn(name, OCTETS) == size && name[0] != '.')
		return ERR_OK;
	why_set(why, "%s: a name of 1 to %d lower-case letters, digits, hyphens and dots is wanted",
	        what, NAME_SIZE_MAX);
	return ERR_INVALID;
}

/* Of no other process, nor of this one at another time: RFC 9562 section 5.4. */
static enum err uuid_make(char out[UUID_SIZE], struct why *why)
{
	uint8_t at[16];
	int status = uv_random(NULL, NULL, at, sizeof at, 0, NULL);
	if (status != 0) {
		why_set(why, "random octets: %s", uv_strerror(status));
		return ERR_IO;
	}
	at[6] = (uint8_t)((at[6] & 0x0f) | 0x40);
	at[8] = (uint8_t)((at[8] & 0x3f) | 0x80);
	(void)snprintf(out, UUID_SIZE,
	               "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", at[0],
	               at[1], at[2], at[3], at[4], at[5], at[6], at[7], at[8], at[9], at[10], at[11],
	               at[12], at[13], at[14], at[15]);
	return ERR_OK;
}

static enum err state_make(struct lease *lease, struct why *why)
{
	char host[UV_MAXHOSTNAMESIZE] = "fedns";
	char uuid[UUID_SIZE], identity[LEASE_IDENTITY_SIZE];
	size_t size = sizeof host;
	enum err err = uuid_make(uuid, why);
	if (err != ERR_OK)
		return err;
	(void)uv_os_gethostname(host, &size);
	utf8_clean(host);
	(void)snprintf(identity, sizeof identity, "%s_%s", host, uuid);
	lease_state_init(&lease->state, identity, hash_bytes(bytes_of(uuid), 0),
	                 lease->clock.now_ms(lease->clock.arg));
	return ERR_OK;
}

static enum err texts_make(struct lease *lease, const struct lease_setup *setup, struct why *why)
{
	const char *server = lease->access->server;
	size_t size = strlen(server) + 2 * NAME_SIZE_MAX + 128;
	lease->namespace = strdup(setup->namespace);
	lease->name = strdup(setup->name);
	lease->label = malloc(size);
	lease->collection_url = malloc(size);
	lease->url = malloc(size);
	if (lease->namespace == NULL || lease->name == NULL || lease->label == NULL ||
	    lease->collection_url == NULL || lease->url == NULL)
		return no_memory(why);
	(void)snprintf(lease->label, size, "%s/%s", setup->namespace, setup->name);
	(void)snprintf(lease->collection_url, size,
	               "%s/apis/coordination.k8s.io/v1/namespaces/%s/leases", server, setup->namespace);
	(void)snprintf(lease->url, size, "%s/%s", lease->collection_url, setup->name);
	return ERR_OK;
}

static enum err access_make(struct lease *lease, const struct lease_setup *setup, struct why *why)
{
	const struct kubeconfig_ask ask = {.file = setup->kubeconfig,
	                                   .context = setup->context,
	                                   .exec_allow = setup->exec_allow,
	                                   .exec_allow_count = setup->exec_allow_count};
	return setup->in_cluster ? kube_in_cluster(NULL, &lease->access, why)
	                         : kubeconfig_load(&ask, &lease->access, why);
}

static enum err parts_make(struct lease *lease, const struct lease_setup *setup, struct why *why)
{
	enum err err = name_check("namespace", setup->namespace, why);
	if (err == ERR_OK)
		err = name_check("name", setup->name, why);
	if (err == ERR_OK)
		err = access_make(lease, setup, why);
	if (err == ERR_OK)
		err = texts_make(lease, setup, why);
	if (err == ERR_OK)
		err = state_make(lease, why);
	if (err == ERR_OK)
		err = http_new(setup->loop, &lease->http, why);
	const struct kube_auth_setup auth = {setup->loop,   lease->access,  setup->log,
	                                     setup->now_ms, setup->now_arg, setup->spawner};
	return err == ERR_OK ? kube_auth_new(&auth, &lease->auth, why) : err;
}

static void lease_drop(struct lease *lease)
{
	lease_object_free(lease->object);
	kube_access_free(lease->access);
	free(lease->namespace);
	free(lease->name);
	free(lease->label);
	free(lease->collection_url);
	free(lease->url);
	free(lease);
}

enum err lease_new_clocked(const struct lease_setup *setup, const struct lease_clock *clock,
                           struct lease **out, struct why *why)
{
	struct lease *lease = calloc(1, sizeof *lease);
	*out = NULL;
	if (lease == NULL)
		return no_memory(why);
	lease->clock = *clock;
	lease->setup = (struct lease_setup){.loop = setup->loop,
	                                    .log = setup->log,
	                                    .now_ms = setup->now_ms,
	                                    .now_arg = setup->now_arg,
	                                    .changed = setup->changed,
	                                    .arg = setup->arg};
	enum err err = parts_make(lease, setup, why);
	if (err != ERR_OK) {
		http_free(lease->http);
		lease_drop(lease);
		return err;
	}
	lease->call.loop = setup->loop;
	lease->call.http = lease->http;
	lease->call.auth = lease->auth;
	lease->call.access = lease->access;
	lease_begin(lease);
	*out = lease;
	return ERR_OK;
}

static void timer_closed(uv_handle_t *handle)
{
	struct lease *lease = handle->data;
	if (--lease->closing == 0)
		lease_drop(lease);
}

void lease_free(struct lease *lease)
{
	if (lease == NULL)
		return;
	lease->freed = true;
	api_call_cancel(&lease->call);
	http_free(lease->http);
	kube_auth_free(lease->auth);
	uv_timer_t *timers[] = {&lease->timer, &lease->tell, &lease->call.timer};
	lease->closing = sizeof timers / sizeof timers[0];
	for (size_t i = 0; i < sizeof timers / sizeof timers[0]; i++) {
		timers[i]->data = lease;
		uv_close((uv_handle_t *)timers[i], timer_closed);
	}
}
