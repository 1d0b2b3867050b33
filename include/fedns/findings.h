/* findings: what is wrong with the input without stopping anything (rule 6), told to whoever
 * listens.
 *
 * The pure rooms neither print nor count: they report here. `check` prints, the daemon logs and
 * counts.
 */
#ifndef FEDNS_FINDINGS_H
#define FEDNS_FINDINGS_H

#include "fedns/base.h"

enum severity {
	SEVERITY_WARNING, /* left out or odd; the rest is served */
	SEVERITY_ERROR,   /* the operator must mend it */
};

/** Label of fedns_rejected_total{reason}; finding_reason_text() gives the word. */
enum finding_reason {
	FINDING_ADDRESS,    /* not an address, or one that may not be published (rule 8) */
	FINDING_ANNOTATION, /* the ingress annotation, or a part of it, can't be read */
	FINDING_LABEL,      /* a name that can't be a DNS label */
	FINDING_HOST,       /* an ingress host name that is bad or doesn't resolve */
	FINDING_CLUSTER, /* the annotation names a cluster that the federation doesn't know (rule 5) */
	FINDING_DUPLICATE, /* one object twice */
	FINDING_NAME_SIZE, /* a DNS name above 253 octets of text */
	FINDING_LIMIT,     /* a *_MAX of ours */
	FINDING_OPTION,    /* a fedns.io/ annotation with a value out of range */
	FINDING_OBJECT,    /* an object of the state that makes no sense as a whole */
	FINDING_CONFIG,    /* the configuration */
	FINDING_REASONS    /* how many */
};

#define FINDING_TEXT_SIZE 512

struct finding {
	enum severity severity;
	enum finding_reason reason;
	const char *file;             /* borrowed; NULL where there is none */
	unsigned line;                /* 1..; 0 where there is none */
	char text[FINDING_TEXT_SIZE]; /* one sentence that names service and cluster; no line feed */
};

/** Where findings go. The owner sets `report` and `arg`; whoever reads input sets `file` and
 * `line`. */
struct findings {
	void (*report)(void *arg, const struct finding *finding); /* NULL: nobody listens */
	void *arg;
	const char *file; /* context for what is reported now */
	unsigned line;
};

/** Report one. Control octets in the text are replaced, so that no input can forge a line. */
void findings_add(struct findings *findings, enum severity severity, enum finding_reason reason,
                  const char *fmt, ...) PRINTF(4, 5);

/** "address", "annotation", ...: stable words for metrics and JSON. */
const char *finding_reason_text(enum finding_reason reason);

#endif
