#include "kube_internal.h"

#include "fedns/kubeconfig.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Denials in a row, with a back-off between them, of a version that was served before. */
#define ENDPOINTS_PATIENCE 4
/* No version of endpoints is served, or the last one is forbidden: an API server at its start. */
#define ENDPOINTS_AGAIN_MS 60000
/* Memory that is short may be there again. */
#define AGAIN_MS 1000
/* A kubeconfig that could not be read may have been mended. */
#define RETRY_MS 30000
/* EndpointSlices by the newest version that is served; core Endpoints where there are none. */
enum endpoints_version { SLICES_V1, SLICES_V1BETA1, ENDPOINTS_V1, ENDPOINTS_VERSIONS };

static const struct resource ENDPOINTS[ENDPOINTS_VERSIONS] = {
	[SLICES_V1] = {.path = "/apis/discovery.k8s.io/v1/endpointslices",
                   .kind = "EndpointSlice",
                   .list_kind = "EndpointSliceList",
                   .bookmarks = true},
	[SLICES_V1BETA1] = {.path = "/apis/discovery.k8s.io/v1beta1/endpointslices",
                        .kind = "EndpointSlice",
                        .list_kind = "EndpointSliceList",
                        .bookmarks = true},
	[ENDPOINTS_V1] = {.path = "/api/v1/endpoints",
                      .kind = "Endpoints",
                      .list_kind = "EndpointsList",
                      .bookmarks = true},
};
static const struct resource NODES = {.path = "/api/v1/nodes",
                                      .kind = "PartialObjectMetadata",
                                      .list_kind = "PartialObjectMetadataList",
                                      .bookmarks = true,
                                      .metadata_only = true};
static const struct resource CLUSTERS = {
	.path = "/apis/federation/v1beta1/clusters", .kind = "Cluster", .list_kind = "ClusterList"};

/* --- settling ----------------------------------------------------------------------------- */

/* When it begins, when it has doubled since, and when it is over. */
static void held_say(struct kube *kube)
{
	size_t held = merge_held(&kube->merge);
	if (held == kube->held_said ||
	    (held != 0 && kube->held_said != 0 && held < 2 * kube->held_said))
		return;
	kube->held_said = held;
	if (held == 0)
		log_write(kube->setup.log, LOG_INFO, "source", "nothing is held back any more");
	else
		log_write(kube->setup.log, LOG_ERROR, "source",
		          "held back: %zu service%s would lose addresses, more than %u%% of all within a "
		          "minute; they stay until the addresses return or \"fedns approve\" lets them go",
		          held, held == 1 ? "" : "s", kube->setup.max_withdraw_percent);
}

static void settle(uv_timer_t *timer)
{
	struct kube *kube = timer->data;
	struct why why = {{0}};
	bool committed;
	enum err err =
		merge_settle(&kube->merge, kube->setup.now_ms(kube->setup.now_arg), &committed, &why);
	if (err != ERR_OK) {
		log_write(kube->setup.log, LOG_ERROR, "source", "not taken over, the old state stays: %s",
		          why.text);
		(void)uv_timer_start(&kube->settle, settle, AGAIN_MS, 0);
		return;
	}
	held_say(kube);
	if (kube->merge.news) /* memory was short, and is there again */
		(void)uv_timer_start(&kube->settle, settle, AGAIN_MS, 0);
	/* Also when nothing came of it: that all is known now is news too. */
	kube->heard_ns = kube->news_ns;
	kube->news_ns = 0;
	kube->setup.changed(kube->setup.arg);
}

/* Once a turn of the loop, however much has moved in it. */
static void news(void *arg)
{
	struct kube *kube = arg;
	if (kube->news_ns == 0)
		kube->news_ns = uv_hrtime();
	(void)uv_timer_start(&kube->settle, settle, 0, 0);
}

/* --- what becomes of calls ---------------------------------------------------------------- */

/* Where endpoints aren't served in one version, they may be in an older one. */
static void endpoints_told(void *arg, struct feed *feed)
{
	struct member *member = arg;
	const struct reflector_state *state = feed_state(feed);
	bool last = member->endpoints == ENDPOINTS_V1;
	if (state->trouble != TROUBLE_NOT_FOUND && !(last && state->trouble == TROUBLE_FORBIDDEN)) {
		member->missing = 0;
		return;
	}
	/* What was served a moment ago most likely is again soon. */
	if (state->synced && ++member->missing <= ENDPOINTS_PATIENCE)
		return;
	member->missing = 0;
	unsigned next = (member->endpoints + 1) % ENDPOINTS_VERSIONS;
	/* One that was served and is no more: a newer one will be. */
	if (state->synced)
		next = member->endpoints == SLICES_V1 ? SLICES_V1BETA1 : SLICES_V1;
	/* After the last version from the newest again, but not at once: none is served just now. */
	int64_t wait_ms = next == SLICES_V1 && !state->synced ? ENDPOINTS_AGAIN_MS : 0;
	if (feed_replace(feed, &ENDPOINTS[next], wait_ms) != ERR_OK)
		return;
	member->endpoints = next;
	member->origin->endpoints_v1 = next == ENDPOINTS_V1;
}

/* Who may not read nodes has to say where the cluster is. */
static void nodes_told(void *arg, struct feed *feed)
{
	struct member *member = arg;
	if (!kube_nodes_denied(feed_state(feed)) || member->origin->synced[PART_NODES])
		return;
	log_write(member->kube->setup.log, LOG_WARN, "source",
	          "%s: its nodes can't be read, so they don't tell where it is: give \"region\" and "
	          "\"zones\", or the right to list nodes",
	          member->label);
	origin_give_up(member->origin, PART_NODES);
}

/* --- members ------------------------------------------------------------------------------ */

static enum err feeds_add(struct member *member, struct why *why)
{
	struct kube *kube = member->kube;
	struct origin *origin = member->origin;
	const struct {
		enum origin_part part;
		const struct resource *resource;
		feed_told *told;
	} all[] = {
		{PART_SERVICES, &kube->services, NULL},
		{PART_CLUSTERS, &CLUSTERS, NULL},
		{PART_ENDPOINTS, &ENDPOINTS[SLICES_V1], endpoints_told},
		{PART_NODES, &NODES, nodes_told},
	};
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		if (origin->parts[all[i].part] == NULL)
			continue;
		enum err err = client_add(member->client, all[i].resource, &origin->sinks[all[i].part],
		                          all[i].told, member, &member->feeds[all[i].part], why);
		if (err != ERR_OK)
			return err;
	}
	return ERR_OK;
}

static enum err access_load(const struct member *member, struct kube_access **out, struct why *why)
{
	const struct kube_setup *setup = &member->kube->setup;
	const struct kubeconfig_ask ask = {.file = member->kubeconfig,
	                                   .context = member->context,
	                                   .exec_allow = setup->exec_allow,
	                                   .exec_allow_count = setup->exec_allow_count};
	return member->in_cluster ? kube_in_cluster(NULL, out, why) : kubeconfig_load(&ask, out, why);
}

static void sighted(void *arg)
{
	const struct kube *kube = arg;
	kube->setup.sighted(kube->setup.arg);
}

static enum err no_memory(struct why *why)
{
	why_set(why, "no memory");
	return ERR_NOMEM;
}

/* Take `access` over and begin to ask. On error the member has no client. */
static enum err client_start(struct member *member, struct kube_access *access, struct why *why)
{
	struct kube *kube = member->kube;
	const struct client_setup setup = {.loop = kube->setup.loop,
	                                   .http = kube->http,
	                                   .log = kube->setup.log,
	                                   .name = member->label,
	                                   .access = access,
	                                   .now_ms = kube->setup.now_ms,
	                                   .now_arg = kube->setup.now_arg,
	                                   .spawner = kube->setup.spawner,
	                                   .random = kube->random++,
	                                   .sighted = sighted,
	                                   .arg = kube};
	free(member->server);
	member->server = strdup(access->server);
	enum err err = client_new(&setup, &member->client, why);
	if (err == ERR_OK)
		err = member->server != NULL ? feeds_add(member, why) : no_memory(why);
	if (err == ERR_OK)
		return ERR_OK;
	client_free(member->client);
	member->client = NULL;
	memset(member->feeds, 0, sizeof member->feeds);
	return err;
}

static enum err member_start(struct member *member, struct why *why)
{
	struct kube_access *access;
	enum err err = access_load(member, &access, why);
	if (err == ERR_OK)
		err = client_start(member, access, why);
	if (err == ERR_OK)
		member->why.text[0] = '\0';
	else
		member->why = *why;
	return err;
}

/* Those whose kubeconfig could not be used. */
static void retry(uv_timer_t *timer)
{
	struct kube *kube = timer->data;
	for (size_t i = 0; i < kube->member_count; i++) {
		struct member *member = kube->members[i];
		struct why why, before = member->why;
		if (member->client != NULL || member_start(member, &why) == ERR_OK)
			continue;
		if (strcmp(before.text, why.text) != 0)
			log_write(kube->setup.log, LOG_ERROR, "source", "%s: %s", member->label, why.text);
	}
}

/* The client goes first: its reflectors feed the origin. */
static void member_free(struct member *member)
{
	client_free(member->client);
	free(member->server);
	free(member->kubeconfig);
	free(member->context);
	free(member);
}

static bool text_copy(const char *text, char **out)
{
	*out = text == NULL ? NULL : strdup(text);
	return text == NULL || *out != NULL;
}

static enum err member_new(struct kube *kube, const struct kube_member *asked, struct member **out,
                           struct why *why)
{
	struct member *member = calloc(1, sizeof *member);
	*out = NULL;
	if (member == NULL)
		return no_memory(why);
	member->kube = kube;
	member->in_cluster = asked->in_cluster;
	(void)snprintf(member->label, sizeof member->label, "%s%s",
	               kube->setup.federation ? "" : "cluster ", asked->name);
	bool copied = text_copy(asked->kubeconfig, &member->kubeconfig) &&
	              text_copy(asked->context, &member->context);
	enum err err = !copied ? no_memory(why)
	                       : merge_add(&kube->merge,
	                                   kube->setup.federation ? ORIGIN_FEDERATION : ORIGIN_MEMBER,
	                                   asked->name, &member->origin, why);
	if (err == ERR_OK)
		*out = member;
	else
		member_free(member);
	return err;
}

enum err kube_join(struct kube *kube, const struct kube_member *asked, bool keep, struct why *why)
{
	struct member *member;
	assert(!kube->setup.federation || kube->member_count == 0);
	enum err err = kube_name_check(asked->name, why);
	if (err != ERR_OK)
		return err;
	err = member_new(kube, asked, &member, why);
	if (err == ERR_OK) {
		err = member_start(member, why);
		if (err == ERR_OK || keep) {
			kube->members[kube->member_count++] = member;
			if (err != ERR_OK)
				log_write(kube->setup.log, LOG_ERROR, "source",
				          "%s: out of sight, what is known of it stays: %s", member->label,
				          why->text);
			return ERR_OK;
		}
		struct origin *origin = member->origin;
		member_free(member);
		merge_remove(&kube->merge, origin);
	}
	why_wrap(why, "cluster %s", asked->name);
	return err;
}

enum err kube_unjoin(struct kube *kube, const char *name, struct why *why)
{
	for (size_t i = 0; i < kube->member_count; i++) {
		struct member *member = kube->members[i];
		if (strcmp(member->origin->name, name) != 0)
			continue;
		struct origin *origin = member->origin;
		member_free(member);
		merge_remove(&kube->merge, origin);
		memmove(&kube->members[i], &kube->members[i + 1],
		        (kube->member_count - i - 1) * sizeof kube->members[0]);
		kube->member_count--;
		return ERR_OK;
	}
	why_set(why, "there is no cluster %s", name);
	return ERR_MISSING;
}

void kube_begin(struct kube *kube)
{
	merge_begin(&kube->merge);
}

void kube_approve(struct kube *kube)
{
	merge_approve(&kube->merge);
}

/* --- life --------------------------------------------------------------------------------- */

/* A copy of `count` texts in one block of memory. NULL: no memory. */
static const char *const *texts_copy(const char *const *texts, size_t count)
{
	size_t size = 0;
	for (size_t i = 0; i < count; i++)
		size += strlen(texts[i]) + 1;
	const char **copies = malloc((count + 1) * sizeof *copies + size);
	char *at = copies == NULL ? NULL : (char *)(copies + count + 1);
	for (size_t i = 0; copies != NULL && i < count; i++) {
		size_t one = strlen(texts[i]) + 1;
		copies[i] = memcpy(at, texts[i], one);
		at += one;
	}
	return copies;
}

/* The configuration, which lent us the texts, may be replaced. */
static enum err setup_copy(struct kube *kube, const struct kube_setup *setup, struct why *why)
{
	const char *const *selector =
		texts_copy(&setup->label_selector, setup->label_selector == NULL ? 0 : 1);
	const char *const *namespaces = texts_copy(setup->namespaces, setup->namespace_count);
	const char *const *exec_allow = texts_copy(setup->exec_allow, setup->exec_allow_count);
	kube->setup = *setup;
	kube->texts[0] = (void *)selector;
	kube->texts[1] = (void *)namespaces;
	kube->texts[2] = (void *)exec_allow;
	if (selector == NULL || namespaces == NULL || exec_allow == NULL)
		return no_memory(why);
	kube->setup.label_selector = setup->label_selector == NULL ? NULL : selector[0];
	kube->setup.namespaces = namespaces;
	kube->setup.exec_allow = exec_allow;
	return ERR_OK;
}

static void kube_release(struct kube *kube)
{
	for (size_t i = 0; i < sizeof kube->texts / sizeof kube->texts[0]; i++)
		free(kube->texts[i]);
	free(kube);
}

void kube_set_max_withdraw(struct kube *kube, unsigned percent)
{
	kube->setup.max_withdraw_percent = kube->merge.losses.budget.percent = percent;
}

enum err kube_new(const struct kube_setup *setup, struct kube **out, struct why *why)
{
	struct kube *kube = calloc(1, sizeof *kube);
	*out = NULL;
	if (kube == NULL)
		return no_memory(why);
	enum err err = setup_copy(kube, setup, why);
	kube->random = model_seed(setup->model) ^ uv_hrtime();
	kube->services = (struct resource){.path = "/api/v1/services",
	                                   .kind = "Service",
	                                   .list_kind = "ServiceList",
	                                   .label_selector = kube->setup.label_selector,
	                                   .bookmarks = !setup->federation};
	if (err == ERR_OK)
		err = merge_init(&kube->merge, setup->model, setup->findings, setup->max_withdraw_percent,
		                 why);
	if (err == ERR_OK)
		err = http_new(setup->loop, &kube->http, why);
	if (err != ERR_OK) {
		merge_clear(&kube->merge);
		kube_release(kube);
		return err;
	}
	kube->merge.namespaces = kube->setup.namespaces;
	kube->merge.namespace_count = setup->namespace_count;
	kube->merge.wake = news;
	kube->merge.wake_arg = kube;
	(void)uv_timer_init(setup->loop, &kube->settle);
	(void)uv_timer_init(setup->loop, &kube->retry);
	kube->settle.data = kube->retry.data = kube;
	(void)uv_timer_start(&kube->retry, retry, RETRY_MS, RETRY_MS);
	*out = kube;
	return ERR_OK;
}

static void timer_closed(uv_handle_t *handle)
{
	struct kube *kube = handle->data;
	if (--kube->closing == 0)
		kube_release(kube);
}

void kube_free(struct kube *kube)
{
	if (kube == NULL)
		return;
	for (size_t i = 0; i < kube->member_count; i++)
		member_free(kube->members[i]);
	http_free(kube->http);
	kube->merge.wake = NULL;
	merge_clear(&kube->merge);
	kube->closing = 2;
	uv_close((uv_handle_t *)&kube->settle, timer_closed);
	uv_close((uv_handle_t *)&kube->retry, timer_closed);
}
