/* kubeconfig: how to reach an API server and as whom, read as kubectl reads it.
 *
 * yaml.h --> [kubeconfig.h] --> kube_auth.h, and whoever speaks to an API server
 *
 * What kubectl takes is taken and means the same, but for this: tags and merge keys (<<) are
 * refused; a key twice in one mapping is refused (kubectl takes the last); a context's user that is
 * not in users is an error, not a question at the terminal; numbers are fine where text is meant;
 * the cluster extension that exec plugins may be configured by is not passed on. As in kubectl 1.32
 * (and not as its messages say), a value given both as a file and as *-data is an error, and so is
 * a name twice in one list.
 */
#ifndef FEDNS_KUBECONFIG_H
#define FEDNS_KUBECONFIG_H

#include "fedns/base.h"
#include "fedns/yaml.h"

#define KUBECONFIG_FILES_MAX  64                 /* in $KUBECONFIG */
#define KUBECONFIG_SIZE_MAX   ((size_t)4 << 20)  /* octets of a file: hundreds of clusters */
#define KUBECONFIG_TEXT_MAX   ((size_t)1 << 20)  /* octets of one value: 500 certificates */
#define KUBECONFIG_VALUES_MAX 100000             /* values of a file, aliases written out */
#define KUBE_PEM_SIZE_MAX     ((size_t)1 << 20)  /* octets of a file with certificates or a key */
#define KUBE_TOKEN_SIZE_MAX   ((size_t)16 << 10) /* octets, also of a name and password in base64 */
#define KUBE_HEADERS_MAX      62   /* of impersonation, one a group: HTTP_HEADERS_MAX less two */
#define KUBE_HEADER_SIZE_MAX  1024 /* octets of one: "NAME: VALUE" */

/** Where a pod finds its service account. */
#define KUBE_SERVICE_ACCOUNT_DIR "/var/run/secrets/kubernetes.io/serviceaccount"

/** What the Authorization header is made of. A client certificate may come beside it. */
enum kube_credential {
	KUBE_ANONYMOUS,  /* no header */
	KUBE_TOKEN,      /* `token` */
	KUBE_TOKEN_FILE, /* `token_file`, and `token` (may be NULL) until it could be read once */
	KUBE_BASIC,      /* `username` and `password` */
	KUBE_EXEC,       /* what `exec` prints, a client certificate maybe */
};

/** Certificates or a key, in PEM. */
struct kube_pem {
	struct bytes octets; /* as they were when this was loaded; empty: none */
	const char *file;    /* where they come from; NULL: from the kubeconfig itself */
};

struct kube_header {
	const char *name, *value;
};

/** A command that prints credentials (client.authentication.k8s.io). */
struct kube_exec {
	const char *command;     /* an absolute path, or a name to be found in PATH */
	const char *const *args; /* [arg_count], the command not among them */
	const char *const *env;  /* [env_count] "NAME=VALUE", on top of our own environment */
	size_t arg_count, env_count;
	const char *api_version;  /* of the question and of the answer */
	const char *install_hint; /* one line; NULL: none */
	bool cluster_info;        /* it wants to be told of the cluster */
};

/** All that a connection needs. Plain to read, made by the functions below; texts are
 * NUL-terminated and without control characters. */
struct kube_access {
	struct region *memory;       /* everything below, and this struct */
	const char *origin;          /* "config: context \"x\"" or "in-cluster", for sentences */
	const char *cluster, *user;  /* their names in the file; "" in-cluster */
	const char *server;          /* http[s]://HOST[:PORT][/PATH], no slash at the end */
	const char *tls_server_name; /* instead of HOST, for SNI and verification; NULL: HOST */
	const char *proxy_url; /* http, https or socks5; NULL: by the environment. May hold a secret */
	bool insecure;         /* don't verify the server's certificate; `ca` is empty then */
	bool disable_compression;
	struct kube_pem ca; /* instead of the system's roots; empty: those. At least one certificate */
	struct kube_pem cert, key;   /* both or none; they belong together */
	struct kube_header *headers; /* impersonation */
	size_t header_count;
	enum kube_credential credential;
	const char *token, *token_file, *username, *password;
	struct kube_exec exec;
};

struct kubeconfig_ask {
	/* Used alone, must exist. NULL: what $KUBECONFIG lists, else ~/.kube/config. */
	const char *file;
	const char *context; /* NULL: current-context */
	/**
	 * The exec commands that may be run; all others are refused. A name without a slash allows a
	 * kubeconfig that says exactly this name, which is then sought in our own PATH, never in one
	 * that the file sets. An absolute path allows exactly this path; a relative one in a file is
	 * made absolute by the file's folder first, without ".." and ".". Anything else allows nothing.
	 * Arguments and environment are the file's own: allow a command only for files of people who
	 * may run it with any.
	 */
	const char *const *exec_allow;
	size_t exec_allow_count;
};

/**
 * Read the kubeconfig, and the files with certificates and keys that it names, but not its token
 * file (kube_auth.h does). `*out` is the caller's. ERR_INVALID, ERR_IO, ERR_LIMIT, ERR_MISSING (no
 * file there, no such context, ...): `why` begins with the file and, where there is one, the line:
 * "config:7: user \"x\": ...". ERR_NOMEM.
 */
MUST_CHECK enum err kubeconfig_load(const struct kubeconfig_ask *ask, struct kube_access **out,
                                    struct why *why);

/**
 * The access of a pod, by KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT of the environment
 * and the files token and ca.crt in `dir` (NULL: KUBE_SERVICE_ACCOUNT_DIR). ERR_MISSING: this is no
 * pod, or one without a service account; else as kubeconfig_load().
 */
MUST_CHECK enum err kube_in_cluster(const char *dir, struct kube_access **out, struct why *why);

/** NULL is fine. Secrets are overwritten. */
void kube_access_free(struct kube_access *access);

#endif
