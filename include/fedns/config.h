/* config: what the operator wrote, from a YAML file, flags, or both; checked, with line numbers in
 * every complaint.
 *
 * [config.h] --> daemon.h, cli
 */
#ifndef FEDNS_CONFIG_H
#define FEDNS_CONFIG_H

#include "fedns/admin.h"
#include "fedns/answer.h"
#include "fedns/base.h"
#include "fedns/findings.h"
#include "fedns/health.h"
#include "fedns/kube.h"
#include "fedns/log.h"
#include "fedns/prober.h"
#include "fedns/provider.h"
#include "fedns/resolver.h"
#include "fedns/serve.h"

#define CONFIG_SIZE_MAX ((size_t)1 << 20) /* octets of the YAML file */
#define WORKERS_MAX     (READERS_MAX / 2) /* two crews overlap during a reload */
#define CONFIG_TEXT_MAX 1024              /* octets of one scalar, paths included */

#define QUERY_LOG_MAX 1000000 /* one question in so many is as good as none */

/** Where the state comes from. */
enum config_source { CONFIG_FILE, CONFIG_FEDERATION_V1, CONFIG_CLUSTERS };

/** What is said of live sources; memory owned by `config`. */
struct config_live {
	struct kube_member *members; /* a federation's is the only one */
	size_t member_count;
	const char *selector;          /* of services' labels; NULL: all */
	const char *const *namespaces; /* [namespace_count]; none: all */
	const char *const *exec_allow; /* [exec_allow_count] */
	size_t namespace_count, exec_allow_count;
	int64_t start_grace_ms; /* "ready" comes then at the latest, with what was last known */
	uint32_t max_withdraw_percent;
};

/** `lease`. */
struct config_lease {
	bool on;
	const char *kubeconfig; /* NULL: as kubectl finds one */
	const char *context;    /* NULL: the current one */
	bool in_cluster;
	const char *namespace, *name; /* of the Lease */
};

#define VERIFY_SERVERS_MAX 16

/** `provider` and `lease`: what is pushed where; memory owned by `config`. */
struct config_push {
	bool on;
	struct provider_policy alidns;
	bool delegate;      /* NS and glue of our zone into its parent, instead of the records */
	struct name parent; /* the zone that holds them */
	const char *verify_servers[VERIFY_SERVERS_MAX]; /* ADDRESS:PORT; none: those of the domain */
	size_t verify_server_count;
	struct config_lease lease;
};

/** `health`, but for what `answer.zone` (all_down, ttl_min, min_healthy) and `model` have of it;
 * memory owned by `config`. */
struct config_health {
	struct health_policy policy; /* texts never NULL */
	struct probe_policy probes;
	struct health_target self_checks[HEALTH_SELF_CHECKS_MAX]; /* of kind TCP */
	size_t self_check_count;
};

/** `admin`; memory owned by `config`. */
struct config_admin {
	const char *listen; /* ADDRESS:PORT; NULL: nobody is told anything by HTTP */
	bool local;         /* of this host alone */
	bool open;          /* that whoever reaches it may look is meant */
	const char *token_file, *tls_cert, *tls_key; /* NULL: none */
	const char *hosts[ADMIN_HOSTS_MAX];          /* names it goes by, up to a NULL */
};

struct config {
	/* zone, suffix, federation, ttl, name servers, fallback, allow; of `health` all_down, ttl_min,
	 * min_healthy */
	struct answer_policy answer;
	bool cookies; /* give cookies; without a secret in `answer` by one that the process draws */
	struct model_policy model; /* topology, offline_grace; memory owned by `config` */
	struct endpoint listen[LISTEN_MAX];
	size_t listen_count;
	unsigned workers; /* 1..WORKERS_MAX, 0 already resolved */
	enum config_source source;
	const char *source_file; /* NULL: the source is live */
	struct config_live live;
	struct config_health health;
	struct config_push push;
	const char *state_dir; /* NULL: nothing is kept */
	const char *control;   /* path of the control socket; NULL: none */
	struct config_admin admin;
	int64_t lame_duck_ms; /* from SIGTERM to the end */
	const char *user;     /* NULL: stay who we are */
	const char *resolvers[RESOLVERS_MAX];
	size_t resolver_count; /* 0: /etc/resolv.conf */
	struct log log;
	unsigned query_log; /* one in so many questions is logged; 0: none */
	bool sandbox;       /* only the system calls that are needed, once it has started */
	void *memory;       /* config_free()'s own */
};

/** What flags say; NULL: not given. A flag wins over the file. */
struct config_flags {
	const char *file; /* -c */
	const char *federation, *dns_zone_name, *dns_provider, *dns_provider_config, *source_file;
	const char *const *listen;
	size_t listen_count;
};

/**
 * Read the file (if any) and the flags. Every complaint is reported as a finding with file and
 * line; when one of them is an error the call is ERR_INVALID and `*out` NULL. Relative paths in the
 * file are relative to the file. ERR_IO names the path.
 */
MUST_CHECK enum err config_load(const struct config_flags *flags, struct findings *findings,
                                struct config **out, struct why *why);
/** NULL is fine. */
void config_free(struct config *config);

#endif
