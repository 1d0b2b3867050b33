/* A Service: does it have names (rule 1), with which options, and what does its annotation list? */
#include "decode.h"

#define TTL_S_MAX 86400
/* Findings told of one service: enough to show its author each kind of mistake there is, and too
 * few to drive other people's out of a log. */
#define SERVICE_FINDINGS_MAX 20

/* Stands before `outer` for one service. */
struct cap {
	struct findings findings, *outer;
	size_t count;
	enum severity worst; /* of those beyond the maximum */
};

/* One Service object. */
struct reading {
	struct decoder *decoder;
	const struct nodes *nodes;
	struct service_seen seen;
	struct bytes member; /* service_decode_member(): the cluster it is of */
	uint32_t metadata, annotations;
};

#define SERVICE "service %.*s/%.*s: "
#define SERVICE_ARG(reading)                                                                       \
	BYTES_SHOWN((reading)->seen.namespace), BYTES_SHOWN((reading)->seen.name)

static void cap_report(void *arg, const struct finding *finding)
{
	struct cap *cap = arg;
	cap->count++;
	if (cap->count <= SERVICE_FINDINGS_MAX)
		cap->outer->report(cap->outer->arg, finding);
	else if (finding->severity > cap->worst)
		cap->worst = finding->severity;
}

static void cap_init(struct cap *cap, struct findings *outer)
{
	*cap = (struct cap){.findings = *outer, .outer = outer, .worst = SEVERITY_WARNING};
	cap->findings.report = outer->report != NULL ? cap_report : NULL;
	cap->findings.arg = cap;
}

static void cap_end(const struct cap *cap, const struct reading *reading)
{
	if (cap->count > SERVICE_FINDINGS_MAX)
		findings_add(cap->outer, cap->worst, FINDING_LIMIT,
		             SERVICE "and %zu more findings of this service", SERVICE_ARG(reading),
		             cap->count - SERVICE_FINDINGS_MAX);
}

static void odd(const struct reading *reading, const char *sentence)
{
	findings_add(reading->decoder->findings, SEVERITY_WARNING, FINDING_OBJECT,
	             SERVICE "%s; it has no names", SERVICE_ARG(reading), sentence);
}

static void bad_option(const struct reading *reading, const char *key, const char *wanted)
{
	const struct nodes *nodes = reading->nodes;
	uint32_t value = node_member(nodes, reading->annotations, key);
	enum node_type type = node_type(nodes, value);
	struct bytes text = node_text(nodes, value);
	if (type == NODE_STRING)
		findings_add(reading->decoder->findings, SEVERITY_WARNING, FINDING_OPTION,
		             SERVICE "annotation %s: \"%.*s\" is not %s; it is ignored",
		             SERVICE_ARG(reading), key, BYTES_SHOWN(text), wanted);
	else
		findings_add(reading->decoder->findings, SEVERITY_WARNING, FINDING_OPTION,
		             SERVICE "annotation %s: %.*s%s%s instead of a string; it is ignored",
		             SERVICE_ARG(reading), key, BYTES_SHOWN(text), text.size != 0 ? " is " : "",
		             node_type_text(type));
}

/* The text of an option; false: not given, or null. What is no string counts as empty, which no
 * option takes. */
static bool option(const struct reading *reading, const char *key, struct bytes *out)
{
	uint32_t value = node_member(reading->nodes, reading->annotations, key);
	*out = node_text(reading->nodes, value);
	if (node_type(reading->nodes, value) != NODE_STRING)
		*out = (struct bytes){0};
	return !node_is_void(reading->nodes, value);
}

static void take_ttl(struct reading *reading)
{
	struct bytes text;
	uint64_t ttl_s;
	if (!option(reading, "fedns.io/ttl", &text))
		return;
	if (bytes_number(text, TTL_S_MAX, &ttl_s) && ttl_s != 0)
		reading->seen.ttl_s = (uint32_t)ttl_s;
	else
		bad_option(reading, "fedns.io/ttl", "a whole number from 1 to 86400");
}

static void take_fallback(struct reading *reading)
{
	struct bytes text;
	if (!option(reading, "fedns.io/fallback", &text))
		return;
	if (bytes_equal(text, bytes_of("cname")))
		reading->seen.fallback = FALLBACK_CNAME;
	else if (bytes_equal(text, bytes_of("flatten")))
		reading->seen.fallback = FALLBACK_FLATTEN;
	else
		bad_option(reading, "fedns.io/fallback", "cname or flatten");
}

static void take_all_down(struct reading *reading)
{
	static const struct {
		const char *word;
		enum all_down value;
	} WORDS[] = {{"last", ALL_DOWN_LAST}, {"all", ALL_DOWN_ALL}, {"empty", ALL_DOWN_EMPTY}};
	struct bytes text;
	if (!option(reading, "fedns.io/all-down", &text))
		return;
	for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
		if (bytes_equal(text, bytes_of(WORDS[i].word))) {
			reading->seen.all_down = WORDS[i].value;
			return;
		}
	}
	bad_option(reading, "fedns.io/all-down", "last, all or empty");
}

static void take_probe(struct reading *reading)
{
	struct bytes text;
	if (option(reading, "fedns.io/probe", &text) && !probe_wish_parse(text, &reading->seen.probe))
		bad_option(reading, "fedns.io/probe",
		           "none, tcp, http or https, with a port and a path if wanted, as in "
		           "http:80/healthz");
}

static bool is_ignored(const struct reading *reading)
{
	struct bytes text;
	if (!option(reading, "fedns.io/ignore", &text))
		return false;
	if (bytes_equal(text, bytes_of("true")))
		return true;
	if (!bytes_equal(text, bytes_of("false")))
		bad_option(reading, "fedns.io/ignore", "true or false");
	return false;
}

/* metadata.namespace into `seen`. False: it makes no sense. */
static bool take_namespace(struct reading *reading)
{
	uint32_t namespace = node_member(reading->nodes, reading->metadata, "namespace");
	struct bytes text = node_text(reading->nodes, namespace);
	bool good = node_is_void(reading->nodes, namespace) ||
	            node_type(reading->nodes, namespace) == NODE_STRING;
	reading->seen.namespace = good && text.size != 0 ? text : bytes_of("default");
	if (!good)
		findings_add(reading->decoder->findings, SEVERITY_WARNING, FINDING_OBJECT,
		             "service %.*s: its namespace is no string; it is left out",
		             BYTES_SHOWN(reading->seen.name));
	return good;
}

/* Type and deletion (rule 1). */
static bool balances(const struct reading *reading)
{
	const struct nodes *nodes = reading->nodes;
	uint32_t spec = node_member(nodes, NODE_ROOT, "spec");
	uint32_t type = node_member(nodes, spec, "type");
	if (!node_is_void(nodes, spec) && node_type(nodes, spec) != NODE_OBJECT)
		odd(reading, "its spec is no object");
	else if (!node_is_void(nodes, type) && node_type(nodes, type) != NODE_STRING)
		odd(reading, "its type is no string");
	return node_is_text(nodes, type, "LoadBalancer") &&
	       node_is_void(nodes, node_member(nodes, reading->metadata, "deletionTimestamp"));
}

/* Annotations that can be read, or none; and our own switch. */
static bool annotated(struct reading *reading)
{
	const struct nodes *nodes = reading->nodes;
	reading->annotations = node_member(nodes, reading->metadata, "annotations");
	if (node_is_void(nodes, reading->annotations))
		return true;
	if (node_type(nodes, reading->annotations) != NODE_OBJECT) {
		odd(reading, "its annotations are no object");
		return false;
	}
	return !is_ignored(reading);
}

/* What the annotation lists, into `seen`. */
static enum err take_ingresses(struct reading *reading, struct why *why)
{
	const struct nodes *nodes = reading->nodes;
	struct annotation *annotation = reading->decoder->annotation;
	uint32_t value = node_member(nodes, reading->annotations, ANNOTATION_INGRESSES);
	if (node_is_void(nodes, value))
		return ERR_OK;
	if (node_type(nodes, value) != NODE_STRING) {
		findings_add(reading->decoder->findings, SEVERITY_WARNING, FINDING_ANNOTATION,
		             SERVICE "the ingress annotation is %s instead of a string; the service "
		                     "has no names",
		             SERVICE_ARG(reading), node_type_text(node_type(nodes, value)));
		return ERR_OK;
	}
	enum err err = annotation_read(annotation, node_text(nodes, value), reading->seen.namespace,
	                               reading->seen.name, reading->decoder->findings, why);
	reading->seen.ingresses = annotation->entries;
	reading->seen.ingress_count = annotation->entry_count;
	return err;
}

static void take_ports(struct reading *reading)
{
	const struct nodes *nodes = reading->nodes;
	struct service_seen *seen = &reading->seen;
	uint32_t list = node_member(nodes, node_member(nodes, NODE_ROOT, "spec"), "ports");
	seen->ports = reading->decoder->ports;
	seen->port_count =
		ports_read(nodes, list, seen, reading->decoder->findings, reading->decoder->ports);
	seen->tcp_port = ports_first_tcp(nodes, list);
}

/* Of two services of one name the last counts, also where one of them has no names. The model tells
 * the rest. */
static enum err note(struct reading *reading, struct why *why)
{
	struct decoder *decoder = reading->decoder;
	struct service_seen *seen = &reading->seen;
	enum seen_state state = seen->ingress_count != 0 ? SEEN_WITH_NAMES : SEEN_WITHOUT_NAMES;
	enum seen_state before;
	enum err err = seen_note(&decoder->seen, seen->namespace, seen->name, state, &before);
	if (err != ERR_OK) {
		why_set(why, "no memory to tell services apart");
		return err;
	}
	if (before == SEEN_WITHOUT_NAMES || (before != SEEN_NEVER && state == SEEN_WITHOUT_NAMES))
		findings_add(decoder->findings, SEVERITY_WARNING, FINDING_DUPLICATE,
		             SERVICE "it is there twice; the last one counts", SERVICE_ARG(reading));
	if (before == SEEN_WITH_NAMES && state == SEEN_WITHOUT_NAMES)
		return model_stage_service_gone(decoder->model, seen->namespace, seen->name, why);
	return ERR_OK;
}

/* All but the ingresses' source. False: it has no names (rule 1), or none that can be used. */
static bool read_begin(struct reading *reading, const struct object *object)
{
	reading->seen.name = object_name(object, "Service", reading->decoder->findings);
	return reading->seen.name.size != 0 && take_namespace(reading);
}

static void read_options(struct reading *reading)
{
	take_ttl(reading);
	take_fallback(reading);
	take_all_down(reading);
	take_probe(reading);
	take_ports(reading);
}

static enum err read_listed(struct reading *reading, struct why *why)
{
	enum err err = balances(reading) && annotated(reading) ? take_ingresses(reading, why) : ERR_OK;
	if (err == ERR_OK && reading->seen.ingress_count != 0)
		read_options(reading);
	return err;
}

/* What a member's load balancer has been given, as if the federation had listed it. */
static enum err read_balanced(struct reading *reading, struct why *why)
{
	(void)why;
	const struct nodes *nodes = reading->nodes;
	struct decoder *decoder = reading->decoder;
	uint32_t status = node_member(nodes, NODE_ROOT, "status");
	uint32_t balancer = node_member(nodes, status, "loadBalancer");
	uint32_t ingress = node_member(nodes, balancer, "ingress");
	if (!balances(reading) || !annotated(reading) || node_type(nodes, ingress) != NODE_ARRAY ||
	    node_next(nodes, ingress) == ingress + 1)
		return ERR_OK; /* without an address of its own a cluster does not list it */
	annotation_set(decoder->annotation, nodes, ingress, reading->member, reading->seen.namespace,
	               reading->seen.name, decoder->findings);
	reading->seen.ingresses = decoder->annotation->entries;
	reading->seen.ingress_count = decoder->annotation->entry_count;
	read_options(reading);
	return ERR_OK;
}

static struct reading reading_of(struct decoder *decoder, const struct object *object)
{
	return (struct reading){.decoder = decoder,
	                        .nodes = object->nodes,
	                        .metadata = node_member(object->nodes, NODE_ROOT, "metadata"),
	                        .annotations = NODE_ABSENT};
}

/* Run `step` with findings of this service capped. */
static enum err capped(struct reading *reading,
                       enum err (*step)(struct reading *reading, struct why *why), struct why *why)
{
	struct decoder *decoder = reading->decoder;
	struct cap cap;
	cap_init(&cap, decoder->findings);
	decoder->findings = &cap.findings;
	enum err err = step(reading, why);
	decoder->findings = cap.outer;
	cap_end(&cap, reading);
	return err;
}

static enum err stage(struct reading *reading, struct why *why)
{
	enum err err = read_listed(reading, why);
	if (err == ERR_OK)
		err = note(reading, why);
	if (err != ERR_OK || reading->seen.ingress_count == 0)
		return err;
	return model_stage_service(reading->decoder->model, &reading->seen, reading->decoder->findings,
	                           why);
}

enum err service_take(struct decoder *decoder, const struct object *object, struct why *why)
{
	struct reading reading = reading_of(decoder, object);
	return read_begin(&reading, object) ? capped(&reading, stage, why) : ERR_OK;
}

enum err service_decode(struct decoder *decoder, const struct object *object,
                        struct service_seen *out, struct why *why)
{
	struct reading reading = reading_of(decoder, object);
	enum err err = read_begin(&reading, object) ? capped(&reading, read_listed, why) : ERR_OK;
	*out = reading.seen;
	return err;
}

enum err service_decode_member(struct decoder *decoder, const struct object *object,
                               struct bytes member, struct service_seen *out, struct why *why)
{
	struct reading reading = reading_of(decoder, object);
	reading.member = member;
	enum err err = read_begin(&reading, object) ? capped(&reading, read_balanced, why) : ERR_OK;
	*out = reading.seen;
	return err;
}
