/* lease_bed: a Lease's holder on the test's loop, an API server beside it that is a script, and
 * time that passes when the test says so. */
#ifndef FEDNS_TESTS_SOURCE_LEASE_BED_H
#define FEDNS_TESTS_SOURCE_LEASE_BED_H

#include "check.h"

#include "folder.h"
#include "lease_internal.h"

#include "fedns/source.h"

#include "net/script_http.h"

#include <fcntl.h>

#define ITEM       "/apis/coordination.k8s.io/v1/namespaces/n/leases/l"
#define COLLECTION "/apis/coordination.k8s.io/v1/namespaces/n/leases"
#define WALL_MS    INT64_C(1767225600123)
#define WRITTEN    "2026-01-01T00:00:00.123000Z"

#define OBJECT                                                                                     \
	"{\"kind\":\"Lease\",\"apiVersion\":\"coordination.k8s.io/v1\",\"metadata\":{\"name\":\"l\","  \
	"\"namespace\":\"n\",\"resourceVersion\":\"%u\",\"labels\":{\"a\":\"b\"}},\"spec\":{"          \
	"\"holderIdentity\":\"%s\",\"leaseDurationSeconds\":%u,\"leaseTransitions\":%u}}"

struct bed {
	struct folder folder;
	uv_loop_t loop;
	struct log log;
	struct script_http server;
	struct script_route routes[3];
	char octets[4096];
	int64_t now_ms;
	struct lease *lease;
	char identity[LEASE_IDENTITY_SIZE];
	unsigned told, released;
	bool leader, free_when_told;
};

static inline int64_t clock_now(void *arg)
{
	return ((struct bed *)arg)->now_ms;
}

static inline int64_t wall_now(void *arg)
{
	(void)arg;
	return WALL_MS;
}

static inline void changed(void *arg, bool leader)
{
	struct bed *bed = arg;
	bed->told++;
	bed->leader = leader;
	if (bed->free_when_told) {
		lease_free(bed->lease);
		bed->lease = NULL;
	}
}

static inline void released(void *arg)
{
	((struct bed *)arg)->released++;
}

static inline struct lease_setup setup_of(struct bed *bed)
{
	return (struct lease_setup){.loop = &bed->loop,
	                            .log = &bed->log,
	                            .kubeconfig = folder_path(&bed->folder, "config"),
	                            .namespace = "n",
	                            .name = "l",
	                            .now_ms = wall_now,
	                            .changed = changed,
	                            .arg = bed};
}

static inline void bed_make(struct bed *bed)
{
	char text[512];
	struct why why = {{0}};
	*bed = (struct bed){.log = {.level = LOG_DEBUG}, .now_ms = 1000000};
	folder_make(&bed->folder);
	bed->log.fd = open(folder_path(&bed->folder, "log"), O_CREAT | O_WRONLY | O_APPEND, 0600);
	assert_true(bed->log.fd >= 0);
	assert_int_equal(uv_loop_init(&bed->loop), 0);
	bed->routes[0] = (struct script_route){.path = ITEM, .octets = bed->octets};
	bed->routes[1] = (struct script_route){.path = COLLECTION, .octets = bed->octets};
	script_http_start(&bed->server, &bed->loop, bed->routes);
	(void)snprintf(text, sizeof text,
	               "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n"
	               "clusters: [{name: k, cluster: {server: \"http://127.0.0.1:%u\", proxy-url: "
	               "\"\"}}]\nusers: [{name: u, user: {tokenFile: token}}]\n",
	               bed->server.port);
	folder_write(&bed->folder, "config", text);
	folder_write(&bed->folder, "token", "testtoken-1");
	const struct lease_setup setup = setup_of(bed);
	const struct lease_clock clock = {clock_now, bed};
	if (lease_new_clocked(&setup, &clock, &bed->lease, &why) != ERR_OK)
		fail_msg("%s", why.text);
	(void)snprintf(bed->identity, sizeof bed->identity, "%s", bed->lease->state.identity);
}

static inline void bed_end(struct bed *bed)
{
	lease_free(bed->lease);
	script_http_stop(&bed->server);
	assert_int_equal(uv_run(&bed->loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&bed->loop), 0);
	assert_int_equal(close(bed->log.fd), 0);
	folder_remove(&bed->folder);
}

/* All are in this process, so that nothing is waited for: UV_RUN_ONCE would wait, where a timer was
 * all that was due. */
static inline void turn(struct bed *bed)
{
	(void)uv_run(&bed->loop, UV_RUN_NOWAIT);
}

/* The next request gets this for an answer; NULL: silence. */
static inline void answer(struct bed *bed, const char *status, const char *body)
{
	unsigned before = bed->server.requests;
	bed->routes[0].path = status == NULL ? "/nowhere" : ITEM;
	if (status != NULL)
		(void)snprintf(bed->octets, sizeof bed->octets,
		               "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
		               "\r\n%s",
		               status, strlen(body), body);
	while (bed->server.requests == before)
		turn(bed);
}

static inline const char *object(unsigned version, const char *holder, unsigned duration_s,
                                 unsigned transitions)
{
	static char text[1024];
	(void)snprintf(text, sizeof text, OBJECT, version, holder, duration_s, transitions);
	return text;
}

/* The reply to the last request has come. */
static inline void settle(struct bed *bed)
{
	while (bed->lease->call.url != NULL)
		turn(bed);
	for (unsigned i = 0; i < 3; i++)
		turn(bed);
}

static inline void wait_told(struct bed *bed, unsigned times)
{
	while (bed->told < times)
		turn(bed);
}

static inline void pass(struct bed *bed, int64_t ms)
{
	bed->now_ms += ms;
	lease_look(bed->lease);
}

static inline void become_leader(struct bed *bed)
{
	answer(bed, "404 Not Found", "{}");
	answer(bed, "201 Created", object(1, bed->identity, 15, 0));
	settle(bed);
	wait_told(bed, 1);
	assert_true(bed->leader && lease_held(bed->lease));
}

static inline void expect_request(const struct bed *bed, const char *begin, const char *words)
{
	if (strncmp(bed->server.request, begin, strlen(begin)) != 0 ||
	    strstr(bed->server.request, words) == NULL)
		fail_msg("%s", bed->server.request);
}

static inline unsigned log_count(const struct bed *bed, const char *wanted)
{
	struct buf text;
	struct why why;
	unsigned count = 0;
	assert_int_equal(file_read(folder_path(&bed->folder, "log"), 1 << 20, &text, &why), ERR_OK);
	assert_int_equal(buf_add(&text, (struct bytes){(const uint8_t *)"", 1}), ERR_OK);
	for (const char *at = (char *)text.data; (at = strstr(at, wanted)) != NULL; at++)
		count++;
	buf_free(&text);
	return count;
}

#endif
