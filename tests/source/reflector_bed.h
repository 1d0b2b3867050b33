/* reflector_bed: a reflector whose server is the test, and so is the clock. */
#ifndef FEDNS_TESTS_SOURCE_REFLECTOR_BED_H
#define FEDNS_TESTS_SOURCE_REFLECTOR_BED_H

#include "check.h"

#include "backoff.h"
#include "fedns/source.h"
#include "reflector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_SIZE 1024

/* A sink that knows names: " a b". */
struct names {
	char text[NAMES_SIZE], listed[NAMES_SIZE];
	unsigned begun, done, dropped;
	bool no_memory;
};

struct bench {
	struct reflector *reflector;
	struct names names;
	struct sink sink;
	int64_t now_ms;
	struct reflector_request asked;
};

static const struct resource SERVICES = {
	.path = "/api/v1/services", .kind = "Service", .list_kind = "ServiceList", .bookmarks = true};

static inline void name_of(const struct object *object, char *out)
{
	struct bytes name = node_text(
		object->nodes,
		node_member(object->nodes, node_member(object->nodes, NODE_ROOT, "metadata"), "name"));
	assert_in_range(name.size, 1, 60);
	(void)snprintf(out, 64, " %.*s", BYTES_ARG(name));
}

static inline void names_remove(char *names, const char *name)
{
	size_t size = strlen(name);
	for (char *at = names; (at = strstr(at, name)) != NULL; at++) {
		if (at[size] == ' ' || at[size] == '\0') {
			memmove(at, at + size, strlen(at + size) + 1);
			return;
		}
	}
}

static inline void names_add(char *names, const char *name)
{
	names_remove(names, name);
	size_t used = strlen(names);
	assert_true(used + strlen(name) < NAMES_SIZE);
	(void)snprintf(names + used, NAMES_SIZE - used, "%s", name);
}

static inline void list_begin(void *arg)
{
	struct names *names = arg;
	names->listed[0] = '\0';
	names->begun++;
}

static inline enum err listed(void *arg, const struct object *object, struct why *why)
{
	struct names *names = arg;
	char name[64];
	if (names->no_memory) {
		why_set(why, "no memory");
		return ERR_NOMEM;
	}
	name_of(object, name);
	names_add(names->listed, name);
	return ERR_OK;
}

static inline enum err list_done(void *arg, struct why *why)
{
	(void)why;
	struct names *names = arg;
	memcpy(names->text, names->listed, NAMES_SIZE);
	names->done++;
	return ERR_OK;
}

static inline void list_dropped(void *arg)
{
	struct names *names = arg;
	names->dropped++;
}

static inline enum err changed(void *arg, const struct object *object, bool gone, struct why *why)
{
	struct names *names = arg;
	char name[64];
	if (names->no_memory) {
		why_set(why, "no memory");
		return ERR_NOMEM;
	}
	name_of(object, name);
	if (gone)
		names_remove(names->text, name);
	else
		names_add(names->text, name);
	return ERR_OK;
}

static inline void begin_with(struct bench *bench, const struct resource *resource)
{
	*bench = (struct bench){.now_ms = 1000};
	bench->sink =
		(struct sink){&bench->names, list_begin, listed, list_done, list_dropped, changed};
	bench->reflector = reflector_new(resource, &bench->sink, 7);
	assert_non_null(bench->reflector);
}

static inline void begin(struct bench *bench)
{
	begin_with(bench, &SERVICES);
}

static inline void end(struct bench *bench)
{
	reflector_free(bench->reflector);
}

/* What it wants now. */
static inline enum reflector_want ask(struct bench *bench)
{
	reflector_next(bench->reflector, bench->now_ms, &bench->asked);
	return bench->asked.want;
}

/* It waits, for `from` to `to` ms; let that pass. */
static inline void expect_wait(struct bench *bench, int64_t from_ms, int64_t to_ms)
{
	assert_int_equal(ask(bench), WANT_WAIT);
	assert_in_range(bench->asked.at_ms - bench->now_ms, from_ms, to_ms);
	bench->now_ms = bench->asked.at_ms - 1;
	assert_int_equal(ask(bench), WANT_WAIT);
	bench->now_ms++;
}

static inline void expect_path(struct bench *bench, enum reflector_want want, const char *path)
{
	assert_int_equal(ask(bench), want);
	assert_string_equal(bench->asked.path, path);
}

static inline void expect_list(struct bench *bench)
{
	expect_path(bench, WANT_LIST, "/api/v1/services?limit=500");
}

/* A watch from `version`. */
static inline void expect_watch(struct bench *bench, const char *version)
{
	char tail[64];
	(void)snprintf(tail, sizeof tail, "&allowWatchBookmarks=true&resourceVersion=%s", version);
	assert_int_equal(ask(bench), WANT_WATCH);
	assert_memory_equal(bench->asked.path, "/api/v1/services?watch=1&timeoutSeconds=", 40);
	unsigned long timeout_s = strtoul(bench->asked.path + 40, NULL, 10);
	assert_in_range(timeout_s, 300, 599);
	assert_string_equal(strchr(bench->asked.path, '&') + strlen("&timeoutSeconds=333"), tail);
}

static inline bool body(struct bench *bench, const char *text)
{
	return reflector_body(bench->reflector, bytes_of(text), bench->now_ms);
}

static inline void head(struct bench *bench, unsigned status)
{
	reflector_head(bench->reflector, status, 0, bench->now_ms);
}

static inline void done(struct bench *bench)
{
	reflector_end(bench->reflector, ERR_OK, NULL, bench->now_ms);
}

static inline void lost(struct bench *bench)
{
	struct why why;
	why_set(&why, "connection lost");
	reflector_end(bench->reflector, ERR_IO, &why, bench->now_ms);
}

static inline void reply(struct bench *bench, unsigned status, const char *text)
{
	head(bench, status);
	assert_true(body(bench, text));
	done(bench);
}

#define ITEM(name) "{\"metadata\":{\"name\":\"" name "\",\"resourceVersion\":\"1\"}}"
#define LIST(version, items)                                                                       \
	"{\"kind\":\"ServiceList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"" version \
	"\"},\"items\":[" items "]}"
#define PAGE(version, items, token)                                                                \
	"{\"kind\":\"ServiceList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"" version \
	"\",\"continue\":\"" token "\"},\"items\":[" items "]}"
#define EVENT(type, name, version)                                                                 \
	"{\"type\":\"" type "\",\"object\":{\"kind\":\"Service\",\"apiVersion\":\"v1\","               \
	"\"metadata\":{\"name\":\"" name "\",\"resourceVersion\":\"" version "\"}}}\n"
#define BOOKMARK(version)                                                                          \
	"{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Service\",\"apiVersion\":\"v1\","               \
	"\"metadata\":{\"resourceVersion\":\"" version "\"}}}\n"
#define STATUS(code, reason)                                                                       \
	"{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\","           \
	"\"message\":\"because\",\"reason\":\"" reason "\",\"code\":" code "}"
#define ERROR(code, reason) "{\"type\":\"ERROR\",\"object\":" STATUS(code, reason) "}\n"

/* Synced with names a and b, watching from version 5. */
static inline void synced(struct bench *bench)
{
	begin(bench);
	expect_list(bench);
	reply(bench, 200, LIST("5", ITEM("a") "," ITEM("b")));
	expect_watch(bench, "5");
}

static inline void expect_trouble(const struct bench *bench, enum reflector_trouble trouble,
                                  const char *words)
{
	const struct reflector_state *state = reflector_state(bench->reflector);
	assert_string_equal(trouble_text(state->trouble), trouble_text(trouble));
	if (strstr(state->why.text, words) == NULL)
		fail_msg("%s", state->why.text);
}

#endif
