/* From a request to a libcurl handle. libcurl copies what it is given, but for its lists. */
#include "http_setup.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

/* Load balancers forget a connection after some minutes without octets. */
#define KEEPALIVE_IDLE_S     30L
#define KEEPALIVE_INTERVAL_S 10L
/* What we sent and nobody acknowledged: the peer is gone, as client-go has it. */
#define USER_TIMEOUT_MS 45000

#if defined(__x86_64__)
#define MACHINE "amd64"
#elif defined(__aarch64__)
#define MACHINE "arm64"
#else
#define MACHINE "other"
#endif
/* An API server prints for human eyes to agents called curl. */
#define USER_AGENT "fedns/" FEDNS_VERSION " (linux/" MACHINE ")"

static void set_number(struct setup *setup, CURLoption option, long value)
{
	if (setup->code == CURLE_OK)
		setup->code = curl_easy_setopt(setup->call->easy, option, value);
}

void setup_text(struct setup *setup, CURLoption option, const char *value)
{
	if (setup->code == CURLE_OK)
		setup->code = curl_easy_setopt(setup->call->easy, option, value);
}

enum err list_add(struct curl_slist **list, const char *text, struct why *why)
{
	struct curl_slist *longer = curl_slist_append(*list, text);
	if (longer == NULL) {
		why_set(why, "out of memory");
		return ERR_NOMEM;
	}
	*list = longer;
	return ERR_OK;
}

static void set_pem(struct setup *setup, CURLoption option, struct bytes pem)
{
	struct curl_blob blob = {.data = (void *)pem.data, .len = pem.size, .flags = CURL_BLOB_COPY};
	if (setup->code == CURLE_OK && pem.size != 0)
		setup->code = curl_easy_setopt(setup->call->easy, option, &blob);
}

static int socket_made(void *arg, curl_socket_t fd, curlsocktype purpose)
{
	const unsigned limit_ms = USER_TIMEOUT_MS;
	(void)arg;
	(void)purpose;
	/* A kernel without it only finds out later. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit_ms, sizeof limit_ms);
	return CURL_SOCKOPT_OK;
}

static void fixed_set(struct setup *setup)
{
	static const struct {
		CURLoption option;
		long value;
	} numbers[] = {
		/* libcurl's signals are for resolving without threads */
		{CURLOPT_NOSIGNAL, 1},
		/* or ending a call whose name is being resolved waits for the resolver, the loop with it */
		{CURLOPT_QUICK_EXIT, 1},
		/* one dead connection of HTTP/2 would take every watch with it, and libcurl doesn't ping */
		{CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
		{CURLOPT_FOLLOWLOCATION, 0},
		{CURLOPT_NETRC, CURL_NETRC_IGNORED},
		{CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
		{CURLOPT_PATH_AS_IS, 1},
		/* Authorization is not for the proxy, nor is its answer for us */
		{CURLOPT_HEADEROPT, CURLHEADER_SEPARATE},
		{CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
		{CURLOPT_TCP_KEEPALIVE, 1},
		{CURLOPT_TCP_KEEPIDLE, KEEPALIVE_IDLE_S},
		{CURLOPT_TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S},
		{CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
	};
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		set_number(setup, numbers[i].option, numbers[i].value);
	setup_text(setup, CURLOPT_PROTOCOLS_STR, "http,https");
	if (setup->code == CURLE_OK)
		setup->code = curl_easy_setopt(setup->call->easy, CURLOPT_SOCKOPTFUNCTION, socket_made);
}

static void callbacks_set(struct setup *setup)
{
	struct http_call *call = setup->call;
	const struct {
		CURLoption option;
		void *value;
	} pointers[] = {
		{CURLOPT_PRIVATE, call},
		{CURLOPT_ERRORBUFFER, call->error},
		{CURLOPT_HEADERDATA, call},
		{CURLOPT_WRITEDATA, call},
	};
	for (size_t i = 0; i < sizeof pointers / sizeof pointers[0] && setup->code == CURLE_OK; i++)
		setup->code = curl_easy_setopt(call->easy, pointers[i].option, pointers[i].value);
	if (setup->code == CURLE_OK)
		setup->code = curl_easy_setopt(call->easy, CURLOPT_HEADERFUNCTION, call_head_line);
	if (setup->code == CURLE_OK)
		setup->code = curl_easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, call_body_run);
}

static void tls_set(struct setup *setup)
{
	const struct http_tls *tls = &setup->request->tls;
	set_pem(setup, CURLOPT_CAINFO_BLOB, tls->ca);
	/* Debian's libcurl looks into a folder of roots, too: without, only the roots given count, and
	 * the system's are parsed once, not for each connection. */
	setup_text(setup, CURLOPT_CAPATH, NULL);
	set_pem(setup, CURLOPT_SSLCERT_BLOB, tls->certificate);
	set_pem(setup, CURLOPT_SSLKEY_BLOB, tls->key);
	/* OpenSSL would ask the terminal for the passphrase of a key that has one, and wait. */
	setup_text(setup, CURLOPT_KEYPASSWD, "");
	set_number(setup, CURLOPT_SSL_VERIFYPEER, tls->insecure ? 0 : 1);
	set_number(setup, CURLOPT_SSL_VERIFYHOST, tls->insecure ? 0 : 2);
}

static void method_set(struct setup *setup)
{
	const char *method = setup->method;
	struct bytes body = setup->request->body;
	bool with_body = body.size != 0 || strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0 ||
	                 strcmp(method, "PATCH") == 0;
	if (with_body) {
		if (setup->code == CURLE_OK)
			setup->code = curl_easy_setopt(setup->call->easy, CURLOPT_POSTFIELDSIZE_LARGE,
			                               (curl_off_t)body.size);
		setup_text(setup, CURLOPT_COPYPOSTFIELDS, body.size == 0 ? "" : (const char *)body.data);
	} else if (strcmp(method, "HEAD") == 0) {
		set_number(setup, CURLOPT_NOBODY, 1);
	}
	setup_text(setup, CURLOPT_CUSTOMREQUEST, method);
}

static enum err headers_set(struct setup *setup, struct why *why)
{
	const struct http_request *request = setup->request;
	struct curl_slist **headers = &setup->call->headers;
	enum err err = ERR_OK;
	for (size_t i = 0; i < request->header_count && err == ERR_OK; i++) {
		struct bytes name = header_name(request->headers[i]);
		const char *value = request->headers[i] + name.size + 1;
		if (value[strspn(value, " \t")] != '\0') {
			err = list_add(headers, request->headers[i], why);
		} else {
			/* "Name:" is how libcurl is told to leave a header of its own out. */
			char empty[HTTP_HEADER_NAME_SIZE_MAX + 2];
			(void)snprintf(empty, sizeof empty, "%.*s;", BYTES_ARG(name));
			err = list_add(headers, empty, why);
		}
	}
	/* libcurl's own: nobody waits a second for leave to send a body, and no body is a form. */
	if (err == ERR_OK && !header_given(request, "Expect"))
		err = list_add(headers, "Expect:", why);
	if (err == ERR_OK && !header_given(request, "Content-Type"))
		err = list_add(headers, "Content-Type:", why);
	if (err == ERR_OK && setup->code == CURLE_OK)
		setup->code = curl_easy_setopt(setup->call->easy, CURLOPT_HTTPHEADER, *headers);
	if (err == ERR_OK && setup->code == CURLE_OK)
		setup->code =
			curl_easy_setopt(setup->call->easy, CURLOPT_CONNECT_TO, setup->call->connect_to);
	return err;
}

/* libcurl takes no more than an int: 24 days. */
static long span_ms(uint32_t ms)
{
	return ms < INT32_MAX ? (long)ms : INT32_MAX;
}

static void limits_set(struct setup *setup)
{
	const struct http_request *request = setup->request;
	setup_text(setup, CURLOPT_USERAGENT,
	           request->user_agent != NULL ? request->user_agent : USER_AGENT);
	if (request->gzip)
		setup_text(setup, CURLOPT_ACCEPT_ENCODING, "gzip");
	set_number(setup, CURLOPT_FRESH_CONNECT, request->own_connection ? 1 : 0);
	set_number(setup, CURLOPT_FORBID_REUSE, request->own_connection ? 1 : 0);
	uint32_t connect_ms = request->connect_timeout_ms;
	set_number(setup, CURLOPT_CONNECTTIMEOUT_MS,
	           span_ms(connect_ms != 0 ? connect_ms : HTTP_CONNECT_TIMEOUT_MS));
	set_number(setup, CURLOPT_TIMEOUT_MS, span_ms(request->total_timeout_ms));
}

enum err call_setup(struct http_call *call, const struct http_request *request, struct why *why)
{
	struct setup setup = {
		.call = call,
		.request = request,
		.method = request->method != NULL ? request->method : "GET",
	};
	enum err err = setup_check(&setup, why);
	if (err != ERR_OK)
		return err;
	call->easy = curl_easy_init();
	if (call->easy == NULL) {
		why_set(why, "out of memory");
		return ERR_NOMEM;
	}
	fixed_set(&setup);
	callbacks_set(&setup);
	limits_set(&setup);
	tls_set(&setup);
	method_set(&setup);
	err = setup_url(&setup, why);
	if (err == ERR_OK)
		err = setup_proxy(&setup, why);
	if (err == ERR_OK)
		err = headers_set(&setup, why);
	if (err == ERR_OK && setup.code != CURLE_OK) {
		why_set(why, "libcurl: %s", curl_easy_strerror(setup.code));
		err = setup.code == CURLE_OUT_OF_MEMORY ? ERR_NOMEM : ERR_IO;
	}
	return err;
}
