/* client: what becomes of a call that can't be sent, by the word that metrics have for it. No
 * server is needed for that. */
#include "check.h"

#include "client.h"
#include "folder.h"

#include "fedns/kubeconfig.h"

#include <fcntl.h>

#define CONFIG                                                                                     \
	"current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n"                  \
	"clusters: [{name: k, cluster: {server: \"http://127.0.0.1:9\"}}]\nusers:\n- name: u\n  "      \
	"user:\n"

static const struct resource SERVICES = {
	.path = "/api/v1/services", .kind = "Service", .list_kind = "ServiceList"};

struct bed {
	struct folder folder;
	uv_loop_t loop;
	struct log log;
	struct http *http;
	struct kube_access *access;   /* until the client has it */
	struct reflector_state state; /* once a call was judged */
	bool judged;
};

static void list_begun(void *arg)
{
	(void)arg;
}

static const struct sink SINK = {.list_begin = list_begun, .list_dropped = list_begun};

static int64_t wall_now(void *arg)
{
	(void)arg;
	return INT64_C(1767225600000);
}

static void nobody_hears(void *arg)
{
	(void)arg;
}

static void judged(void *arg, struct feed *feed)
{
	struct bed *bed = arg;
	bed->state = *feed_state(feed);
	bed->judged = true;
}

/* As the user of a kubeconfig is written there. */
static void bed_make(struct bed *bed, const char *user)
{
	struct why why = {{0}};
	char text[1024];
	*bed = (struct bed){.log = {.level = LOG_DEBUG}};
	folder_make(&bed->folder);
	(void)snprintf(text, sizeof text, CONFIG "%s", user);
	folder_write(&bed->folder, "config", text);
	bed->log.fd = open(folder_path(&bed->folder, "log"), O_CREAT | O_RDWR | O_APPEND, 0600);
	assert_true(bed->log.fd >= 0);
	assert_int_equal(uv_loop_init(&bed->loop), 0);
	assert_int_equal(http_new(&bed->loop, &bed->http, &why), ERR_OK);
	const struct kubeconfig_ask ask = {.file = folder_path(&bed->folder, "config")};
	if (kubeconfig_load(&ask, &bed->access, &why) != ERR_OK)
		fail_msg("%s", why.text);
}

static struct client *client_begin(struct bed *bed)
{
	struct client *client;
	struct feed *feed;
	struct why why = {{0}};
	const struct client_setup setup = {.loop = &bed->loop,
	                                   .http = bed->http,
	                                   .log = &bed->log,
	                                   .name = "cluster a",
	                                   .access = bed->access,
	                                   .now_ms = wall_now,
	                                   .sighted = nobody_hears};
	assert_int_equal(client_new(&setup, &client, &why), ERR_OK);
	assert_int_equal(client_add(client, &SERVICES, &SINK, judged, bed, &feed, &why), ERR_OK);
	return client;
}

static void expect_judged(struct bed *bed, enum reflector_trouble trouble, const char *words)
{
	bed->judged = false;
	while (!bed->judged)
		(void)uv_run(&bed->loop, UV_RUN_ONCE);
	assert_string_equal(trouble_text(bed->state.trouble), trouble_text(trouble));
	if (strstr(bed->state.why.text, words) == NULL)
		fail_msg("%s", bed->state.why.text);
}

static void client_end(struct bed *bed, struct client *client)
{
	client_free(client);
	http_free(bed->http);
	assert_int_equal(uv_run(&bed->loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&bed->loop), 0);
	assert_int_equal(close(bed->log.fd), 0);
	folder_remove(&bed->folder);
}

static void expect_unsent(struct bed *bed, enum reflector_trouble trouble, const char *words)
{
	struct client *client = client_begin(bed);
	expect_judged(bed, trouble, words);
	client_end(bed, client);
}

static void a_token_file_that_is_gone_is_trouble_with_credentials(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed, "    tokenFile: gone\n");
	expect_unsent(&bed, TROUBLE_CREDENTIALS, "gone: open: No such file");
}

static unsigned lines_with(const struct bed *bed, const char *words)
{
	static char text[4096];
	unsigned count = 0;
	ssize_t size = pread(bed->log.fd, text, sizeof text - 1, 0);
	assert_true(size >= 0);
	text[size] = '\0';
	for (const char *at = text; (at = strstr(at, words)) != NULL; at++)
		count++;
	return count;
}

/* Where only its kind were told, the true one could stay hidden for ever behind the first. */
static void another_reason_of_the_same_kind_is_told(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed, "    tokenFile: token\n");
	struct client *client = client_begin(&bed);
	expect_judged(&bed, TROUBLE_CREDENTIALS, "No such file");
	folder_write(&bed.folder, "token", "\n");
	expect_judged(&bed, TROUBLE_CREDENTIALS, "token");
	expect_judged(&bed, TROUBLE_CREDENTIALS, "token");
	assert_null(strstr(bed.state.why.text, "No such file"));
	assert_int_equal(lines_with(&bed, "cluster a: out of sight"), 2);
	assert_int_equal(lines_with(&bed, bed.state.why.text), 1);
	client_end(&bed, client);
}

/* Whoever hands such an access over: a header cut short would be somebody else's. */
static void a_header_that_does_not_fit_is_not_cut(void **state)
{
	(void)state;
	static char longer[KUBE_HEADER_SIZE_MAX + 1];
	struct bed bed;
	memset(longer, 'n', sizeof longer - 1);
	bed_make(&bed, "    as: jane\n");
	bed.access->headers[0].value = longer;
	expect_unsent(&bed, TROUBLE_CONTENT, "header Impersonate-User of more than 1024 octets");
}

static void an_authorization_that_does_not_fit_is_not_cut(void **state)
{
	(void)state;
	static char longer[2 * KUBE_TOKEN_SIZE_MAX];
	struct bed bed;
	memset(longer, 'p', sizeof longer - 1);
	bed_make(&bed, "    username: jane\n");
	bed.access->password = longer;
	expect_unsent(&bed, TROUBLE_CONTENT, "header Authorization of more than ");
}

static void a_url_that_is_too_long_is_trouble_with_content(void **state)
{
	(void)state;
	static char longer[HTTP_URL_SIZE_MAX + 1] = "http://a/";
	struct bed bed;
	memset(longer + 9, 'u', sizeof longer - 10);
	bed_make(&bed, "    token: t\n");
	bed.access->server = longer;
	expect_unsent(&bed, TROUBLE_CONTENT, "a URL of more than 16384 octets");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_file_that_is_gone_is_trouble_with_credentials),
		cmocka_unit_test(another_reason_of_the_same_kind_is_told),
		cmocka_unit_test(a_header_that_does_not_fit_is_not_cut),
		cmocka_unit_test(an_authorization_that_does_not_fit_is_not_cut),
		cmocka_unit_test(a_url_that_is_too_long_is_trouble_with_content),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
