/* metrics: the text format that Prometheus scrapes (exposition format 0.0.4).
 *
 * base.h, histogram.h --> [metrics.h] --> daemon (what is measured)
 *
 * Pure: everything goes into a buffer. A family is begun once, then each of its samples follows.
 * On ERR_NOMEM and ERR_LIMIT the buffer is as it was before the call.
 */
#ifndef FEDNS_METRICS_H
#define FEDNS_METRICS_H

#include "fedns/base.h"
#include "fedns/histogram.h"

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

struct metric_label {
	const char *name; /* [a-zA-Z_][a-zA-Z0-9_]* */
	/* any octets: what is no UTF-8 becomes U+FFFD; escaped as the format wants */
	struct bytes value;
};

/** # HELP and # TYPE. `name` is written as it is: nothing is added to it, "_total" neither. */
MUST_CHECK enum err metric_family(struct buf *out, const char *name, enum metric_kind kind,
                                  const char *help);
/** One sample. A whole number is written without a point or exponent. */
MUST_CHECK enum err metric_sample(struct buf *out, const char *name,
                                  const struct metric_label *labels, size_t label_count,
                                  double value);

/** The same, of a counter: all digits of 64 bits. */
MUST_CHECK enum err metric_count(struct buf *out, const char *name,
                                 const struct metric_label *labels, size_t label_count,
                                 uint64_t value);
/** _bucket, _sum and _count, in seconds. */
MUST_CHECK enum err metric_histogram(struct buf *out, const char *name,
                                     const struct metric_label *labels, size_t label_count,
                                     const struct histogram *histogram);

#endif
