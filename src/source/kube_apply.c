/* Objects brought to an API server: each is looked at, then applied; what it has then tells what
 * was done. */
#include "fedns/kube_apply.h"

#include "api_call.h"
#include "message.h"

#include "fedns/kube.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SERVER_SIZE_MAX 4096 /* octets of its address */
/* Server, namespace, name and manager, and what stands between them. */
#define URL_SIZE (SERVER_SIZE_MAX + 3 * KUBE_NAME_SIZE_MAX + 256)
static_assert(URL_SIZE <= HTTP_URL_SIZE_MAX, "URLs");

/* Those that fedns consists of. */
static const struct kind {
	const char *api_version, *name, *plural;
} KINDS[] = {
	{"v1", "Namespace", "namespaces"},
	{"v1", "ServiceAccount", "serviceaccounts"},
	{"v1", "ConfigMap", "configmaps"},
	{"v1", "Secret", "secrets"},
	{"v1", "Service", "services"},
	{"apps/v1", "Deployment", "deployments"},
	{"policy/v1", "PodDisruptionBudget", "poddisruptionbudgets"},
	{"networking.k8s.io/v1", "NetworkPolicy", "networkpolicies"},
	{"rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles"},
	{"rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings"},
	{"rbac.authorization.k8s.io/v1", "Role", "roles"},
	{"rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"},
};

struct apply {
	const struct kube_apply_setup *setup;
	const struct kube_object *objects;
	size_t count, at; /* `at` goes on behind `count`: to those that are sought */
	uv_loop_t loop;
	struct http *http;
	struct kube_access *access;
	struct kube_auth *auth;
	struct api_call call;
	bool looking;                   /* the object is being read; else it is being applied */
	char before[VERSION_TEXT_SIZE]; /* its resourceVersion as it was found; "": it wasn't there */
	enum err err;                   /* how it ended */
	struct why why;
};

static void next(struct apply *apply);

static int64_t wall_ms(void *arg)
{
	struct timespec now = {0};
	(void)arg;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- where an object is ------------------------------------------------------------------- */

static const struct kind *kind_of(const struct kube_object *object)
{
	for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
		if (strcmp(KINDS[i].name, object->kind) == 0 &&
		    strcmp(KINDS[i].api_version, object->api_version) == 0)
			return &KINDS[i];
	}
	return NULL;
}

static enum err object_check(const struct kube_object *object, struct why *why)
{
	if (kind_of(object) == NULL) {
		why_set(why, "%s %s is of no known kind", object->api_version, object->kind);
		return ERR_INVALID;
	}
	struct why unused;
	if (kube_name_check(object->name, &unused) == ERR_OK &&
	    (object->namespace == NULL || kube_name_check(object->namespace, &unused) == ERR_OK))
		return ERR_OK;
	why_set(why, "%s: no object of Kubernetes can have this name, or this namespace", object->kind);
	return ERR_INVALID;
}

static const struct kube_object *object_at(const struct apply *apply)
{
	return apply->at < apply->count ? &apply->objects[apply->at]
	                                : &apply->setup->sought[apply->at - apply->count];
}

/* All parts were checked: none of them means anything in a URL. */
static void url_make(const struct apply *apply, char url[URL_SIZE])
{
	const struct kube_object *object = object_at(apply);
	const struct kind *kind = kind_of(object);
	const char *group = strchr(kind->api_version, '/') != NULL ? "apis" : "api";
	bool spaced = object->namespace != NULL;
	int size = snprintf(url, URL_SIZE, "%s/%s/%s%s%s/%s/%s", apply->access->server, group,
	                    kind->api_version, spaced ? "/namespaces/" : "",
	                    spaced ? object->namespace : "", kind->plural, object->name);
	assert(size > 0 && size < URL_SIZE);
	if (!apply->looking)
		(void)snprintf(url + size, URL_SIZE - (size_t)size, "?fieldManager=%s&force=%s",
		               apply->setup->manager, apply->setup->force ? "true" : "false");
}

/* --- one after the other ------------------------------------------------------------------ */

static void fail(struct apply *apply, enum err err, const struct why *why)
{
	const struct kube_object *object = object_at(apply);
	apply->err = err;
	apply->why = *why;
	why_wrap(&apply->why, "%s %s%s%s", object->kind,
	         object->namespace != NULL ? object->namespace : "",
	         object->namespace != NULL ? "/" : "", object->name);
	uv_stop(&apply->loop);
}

static enum err version_read(struct bytes body, char out[VERSION_TEXT_SIZE], struct why *why)
{
	struct nodes nodes;
	nodes_init(&nodes);
	enum err err = nodes_read_whole(&nodes, body, why);
	struct bytes version = {NULL, 0};
	if (err == ERR_OK)
		version = object_version(&nodes);
	if (err == ERR_OK && (version.size == 0 || version.size >= VERSION_TEXT_SIZE)) {
		why_set(why, "what the API server sent has no resourceVersion");
		err = ERR_INVALID;
	}
	if (err == ERR_OK)
		(void)snprintf(out, VERSION_TEXT_SIZE, "%.*s", BYTES_ARG(version));
	nodes_clear(&nodes);
	return err;
}

static enum err looked(struct apply *apply, unsigned status, struct bytes body, struct why *why)
{
	apply->looking = false;
	apply->before[0] = '\0';
	if (status == 404)
		return ERR_OK;
	if (status == 200)
		return version_read(body, apply->before, why);
	refusal_read(status, body, why);
	return ERR_IO;
}

static enum err applied(struct apply *apply, unsigned status, struct bytes body, struct why *why)
{
	char after[VERSION_TEXT_SIZE];
	if (status != 200 && status != 201) {
		refusal_read(status, body, why);
		return status == 409 ? ERR_CONFLICT : ERR_IO;
	}
	enum err err = version_read(body, after, why);
	if (err != ERR_OK)
		return err;
	enum kube_applied what = status == 201                       ? KUBE_CREATED
	                         : strcmp(after, apply->before) == 0 ? KUBE_UNCHANGED
	                                                             : KUBE_CONFIGURED;
	apply->setup->told(apply->setup->arg, apply->at, what);
	apply->looking = true;
	apply->at++;
	return ERR_OK;
}

/* Whatever is in the way here: all was brought. */
static void sought(struct apply *apply, enum err err, unsigned status)
{
	if (err == ERR_OK && status == 200)
		apply->setup->found(apply->setup->arg, apply->at - apply->count);
	apply->at++;
	next(apply);
}

static void call_warned(void *arg, const char *text)
{
	struct apply *apply = arg;
	/* those of looking come again with the change */
	if (!apply->looking && apply->setup->warned != NULL)
		apply->setup->warned(apply->setup->arg, apply->at, text);
}

static void call_done(void *arg, enum err err, unsigned status, struct bytes body,
                      const struct why *why)
{
	struct apply *apply = arg;
	struct why said = {{0}};
	if (apply->at >= apply->count) {
		sought(apply, err, status);
		return;
	}
	if (err != ERR_OK)
		said = *why;
	else
		err = apply->looking ? looked(apply, status, body, &said)
		                     : applied(apply, status, body, &said);
	if (err != ERR_OK)
		fail(apply, err, &said);
	else
		next(apply);
}

static void next(struct apply *apply)
{
	char url[URL_SIZE];
	if (apply->at == apply->count + apply->setup->sought_count) {
		uv_stop(&apply->loop);
		return;
	}
	url_make(apply, url);
	if (apply->looking)
		api_call_start(&apply->call, "GET", url, (struct bytes){NULL, 0}, KUBE_APPLY_CALL_MS);
	else
		api_call_start(&apply->call, "PATCH", url, apply->objects[apply->at].text,
		               KUBE_APPLY_CALL_MS);
}

/* --- its life ----------------------------------------------------------------------------- */

static enum err parts_make(struct apply *apply, struct why *why)
{
	const struct kube_apply_setup *setup = apply->setup;
	const struct kubeconfig_ask ask = {.file = setup->kubeconfig,
	                                   .context = setup->context,
	                                   .exec_allow = setup->exec_allow,
	                                   .exec_allow_count = setup->exec_allow_count};
	enum err err = kubeconfig_load(&ask, &apply->access, why);
	if (err == ERR_OK && strlen(apply->access->server) > SERVER_SIZE_MAX) {
		why_set(why, "%s: the server's address is longer than %d octets", apply->access->origin,
		        SERVER_SIZE_MAX);
		err = ERR_LIMIT;
	}
	if (err == ERR_OK)
		err = http_new(&apply->loop, &apply->http, why);
	const struct kube_auth_setup auth = {&apply->loop, apply->access, setup->log, wall_ms, NULL};
	return err == ERR_OK ? kube_auth_new(&auth, &apply->auth, why) : err;
}

static void run(struct apply *apply)
{
	apply->call = (struct api_call){.loop = &apply->loop,
	                                .http = apply->http,
	                                .auth = apply->auth,
	                                .access = apply->access,
	                                .done = call_done,
	                                .warned = call_warned,
	                                .arg = apply,
	                                .content_type = "application/apply-patch+yaml"};
	api_call_init(&apply->call);
	apply->looking = true;
	next(apply);
	(void)uv_run(&apply->loop, UV_RUN_DEFAULT);
	api_call_cancel(&apply->call);
	uv_close((uv_handle_t *)&apply->call.timer, NULL);
}

enum err kube_apply(const struct kube_apply_setup *setup, const struct kube_object *objects,
                    size_t count, struct why *why)
{
	struct apply apply = {.setup = setup, .objects = objects, .count = count, .err = ERR_OK};
	enum err err = kube_name_check(setup->manager, why);
	for (size_t i = 0; i < count && err == ERR_OK; i++)
		err = object_check(&objects[i], why);
	for (size_t i = 0; i < setup->sought_count && err == ERR_OK; i++)
		err = object_check(&setup->sought[i], why);
	if (err != ERR_OK || count == 0)
		return err;
	if (uv_loop_init(&apply.loop) != 0) {
		why_set(why, "no event loop to speak to an API server");
		return ERR_IO;
	}
	err = parts_make(&apply, why);
	if (err == ERR_OK) {
		run(&apply);
		err = apply.err;
		if (err != ERR_OK)
			*why = apply.why;
	}
	http_free(apply.http);
	kube_auth_free(apply.auth);
	(void)uv_run(&apply.loop, UV_RUN_DEFAULT); /* until the handles have closed */
	kube_access_free(apply.access);
	int open = uv_loop_close(&apply.loop);
	assert(open == 0);
	(void)open;
	return err;
}
