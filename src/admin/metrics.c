#include "fedns/metrics.h"

#include "fedns/utf8.h"

#include <assert.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* U+FFFD, for what is no UTF-8. */
#define REPLACEMENT "\xef\xbf\xbd"

/* Whole numbers up to here have all their digits in a double. */
#define WHOLE_MAX 9007199254740992.0 /* 2^53 */

#define NS_A_SECOND UINT64_C(1000000000)

static const char *const KINDS[] = {"counter", "gauge", "histogram"};

static enum err text_add(struct buf *out, const char *text)
{
	return buf_add(out, bytes_of(text));
}

/* What the format wants escaped; NULL: as it stands. A label's value has quotes around it, a help
 * text has not. */
static const char *escape_of(uint8_t octet, bool quoted)
{
	switch (octet) {
	case '\\':
		return "\\\\";
	case '\n':
		return "\\n";
	case '"':
		return quoted ? "\\\"" : NULL;
	default:
		return NULL;
	}
}

/* Octets at the begin of `text` that stand as they are; most texts are such from end to end. */
static size_t plain_size(struct bytes text, bool quoted)
{
	size_t size = 0;
	while (size < text.size && text.data[size] < 0x80 && escape_of(text.data[size], quoted) == NULL)
		size++;
	return size;
}

/* The first character of `text`, which is no plain one. */
static enum err odd_add(struct buf *out, struct bytes text, bool quoted, size_t *taken)
{
	struct rune rune = utf8_first(text);
	const char *escape = escape_of(text.data[0], quoted);
	*taken = rune.size == 0 ? 1 : rune.size;
	if (rune.size == 0)
		return text_add(out, REPLACEMENT);
	return escape != NULL ? text_add(out, escape)
	                      : buf_add(out, (struct bytes){text.data, rune.size});
}

static enum err escaped_add(struct buf *out, struct bytes rest, bool quoted)
{
	enum err err = ERR_OK;
	while (err == ERR_OK && rest.size != 0) {
		size_t taken = plain_size(rest, quoted);
		if (taken != 0)
			err = buf_add(out, (struct bytes){rest.data, taken});
		else
			err = odd_add(out, rest, quoted, &taken);
		rest = (struct bytes){rest.data + taken, rest.size - taken};
	}
	return err;
}

/* All or nothing: what a failed call wrote goes again. */
static enum err whole(struct buf *out, size_t size_before, enum err err)
{
	if (err != ERR_OK)
		out->size = size_before;
	return err;
}

enum err metric_family(struct buf *out, const char *name, enum metric_kind kind, const char *help)
{
	assert((size_t)kind < sizeof KINDS / sizeof KINDS[0]);
	size_t before = out->size;
	enum err err = buf_printf(out, "# HELP %s ", name);
	if (err == ERR_OK)
		err = escaped_add(out, bytes_of(help), false);
	if (err == ERR_OK)
		err = buf_printf(out, "\n# TYPE %s %s\n", name, KINDS[kind]);
	return whole(out, before, err);
}

static enum err labels_add(struct buf *out, const struct metric_label *labels, size_t count,
                           const char *le)
{
	enum err err = ERR_OK;
	if (count == 0 && le == NULL)
		return ERR_OK;
	err = text_add(out, "{");
	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		err = i == 0 ? ERR_OK : text_add(out, ",");
		if (err == ERR_OK)
			err = text_add(out, labels[i].name);
		if (err == ERR_OK)
			err = text_add(out, "=\"");
		if (err == ERR_OK)
			err = escaped_add(out, labels[i].value, true);
		if (err == ERR_OK)
			err = text_add(out, "\"");
	}
	if (err == ERR_OK && le != NULL)
		err = buf_printf(out, "%sle=\"%s\"", count == 0 ? "" : ",", le);
	return err == ERR_OK ? text_add(out, "}") : err;
}

/* NaN and the infinities have words of the format's own. */
static enum err value_add(struct buf *out, double value)
{
	if (isnan(value))
		return text_add(out, " NaN\n");
	if (isinf(value))
		return text_add(out, value > 0 ? " +Inf\n" : " -Inf\n");
	if (value >= -WHOLE_MAX && value <= WHOLE_MAX && (double)(int64_t)value == value)
		return buf_printf(out, " %" PRId64 "\n", (int64_t)value);
	/* as few digits as give the same number again */
	char text[32];
	int digits = DBL_DIG;
	do {
		(void)snprintf(text, sizeof text, "%.*g", digits, value);
	} while (++digits <= DBL_DECIMAL_DIG && strtod(text, NULL) != value);
	return buf_printf(out, " %s\n", text);
}

enum err metric_sample(struct buf *out, const char *name, const struct metric_label *labels,
                       size_t label_count, double value)
{
	size_t before = out->size;
	enum err err = text_add(out, name);
	if (err == ERR_OK)
		err = labels_add(out, labels, label_count, NULL);
	return whole(out, before, err == ERR_OK ? value_add(out, value) : err);
}

enum err metric_count(struct buf *out, const char *name, const struct metric_label *labels,
                      size_t label_count, uint64_t value)
{
	size_t before = out->size;
	enum err err = text_add(out, name);
	if (err == ERR_OK)
		err = labels_add(out, labels, label_count, NULL);
	return whole(out, before, err == ERR_OK ? buf_printf(out, " %" PRIu64 "\n", value) : err);
}

/* Exact, and without the zeros at the end: "0.00025", "1", "2.5". */
#define SECONDS_SIZE 32
static void seconds_text(uint64_t ns, char text[SECONDS_SIZE])
{
	uint64_t part = ns % NS_A_SECOND;
	int size = snprintf(text, SECONDS_SIZE, "%" PRIu64 ".%09" PRIu64, ns / NS_A_SECOND, part);
	assert(size > 0 && size < SECONDS_SIZE);
	while (part != 0 && text[size - 1] == '0')
		size--;
	text[part == 0 ? size - 10 : size] = '\0';
}

static enum err part_add(struct buf *out, const char *name, const char *suffix,
                         const struct metric_label *labels, size_t label_count, const char *le,
                         const char *value)
{
	enum err err = buf_printf(out, "%s%s", name, suffix);
	if (err == ERR_OK)
		err = labels_add(out, labels, label_count, le);
	return err == ERR_OK ? buf_printf(out, " %s\n", value) : err;
}

enum err metric_histogram(struct buf *out, const char *name, const struct metric_label *labels,
                          size_t label_count, const struct histogram *histogram)
{
	assert(histogram->bound_count <= HISTOGRAM_BUCKETS_MAX);
	size_t before = out->size;
	uint64_t count = 0;
	char le[SECONDS_SIZE] = "", value[SECONDS_SIZE];
	enum err err = ERR_OK;
	for (size_t i = 0; err == ERR_OK && i <= histogram->bound_count; i++) {
		count += histogram->counts[i];
		(void)snprintf(value, sizeof value, "%" PRIu64, count);
		if (i < histogram->bound_count)
			seconds_text(histogram->bounds[i], le);
		err = part_add(out, name, "_bucket", labels, label_count,
		               i < histogram->bound_count ? le : "+Inf", value);
	}
	seconds_text(histogram->sum_ns, le);
	if (err == ERR_OK)
		err = part_add(out, name, "_sum", labels, label_count, NULL, le);
	if (err == ERR_OK)
		err = part_add(out, name, "_count", labels, label_count, NULL, value);
	return whole(out, before, err);
}
