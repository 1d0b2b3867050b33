/* kube_internal: what the files of the live source share.
 *
 *     kube.c (members, settling) --> kube_told.c (what can be told of them)
 */
#ifndef FEDNS_SOURCE_KUBE_INTERNAL_H
#define FEDNS_SOURCE_KUBE_INTERNAL_H

#include "fedns/kube.h"

#include "client.h"
#include "merge.h"

/* "cluster " and a name. */
#define LABEL_TEXT_SIZE (sizeof "cluster " + KUBE_NAME_SIZE_MAX)

struct member {
	struct kube *kube;
	struct origin *origin;
	struct client *client; /* NULL: its kubeconfig can't be used */
	struct feed *feeds[ORIGIN_PARTS];
	char label[LABEL_TEXT_SIZE];
	char *server, *kubeconfig, *context; /* copies of what was asked */
	bool in_cluster;
	struct why why;     /* of the kubeconfig; empty: none */
	unsigned endpoints; /* enum endpoints_version */
	unsigned missing;   /* times in a row that it was not served, though it had been */
};

struct kube {
	struct kube_setup setup; /* its texts are copies */
	void *texts[3];
	struct http *http;
	struct merge merge;
	struct resource services;
	uv_timer_t settle, retry;
	unsigned closing; /* handles that aren't closed yet */
	struct member *members[KUBE_MEMBERS_MAX];
	size_t member_count;
	uint64_t random;
	size_t held_said;
	uint64_t news_ns, heard_ns; /* of what waits to settle, and of what last did; 0: nothing */
};

/** Nodes can't be read: we may not, or the server can't say them in the way we ask for. */
bool kube_nodes_denied(const struct reflector_state *state);

#endif
