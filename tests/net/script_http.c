#include "script_http.h"

#include "check.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

/* Octets come in by received(), through TLS or not, to arrived(): a request, or what a tunnel
 * passes on. They go out by conn_send(), through TLS or not. */
struct script_conn {
	uv_tcp_t tcp;
	struct script_http *server;
	struct script_conn *next, **link;
	SSL *ssl;                   /* NULL: plain */
	struct script_conn *tunnel; /* the other end */
	char request[256 * 1024];
	size_t request_size;
	const struct script_route *route; /* what is being answered */
	size_t sent;                      /* octets of it */
	bool closing;
	char received[64 * 1024]; /* one run at a time */
};

struct sending {
	uv_write_t request;
	char octets[];
};

static void arrived(struct script_conn *conn, const char *octets, size_t size);

static void conn_closed(uv_handle_t *handle)
{
	struct script_conn *conn = handle->data;
	SSL_free(conn->ssl);
	free(conn);
}

static void conn_leave(struct script_conn *conn)
{
	conn->closing = true;
	*conn->link = conn->next;
	if (conn->next != NULL)
		conn->next->link = conn->link;
	conn->server->open--;
}

static void conn_close(struct script_conn *conn)
{
	struct script_conn *tunnel = conn->tunnel;
	if (conn->closing)
		return;
	conn_leave(conn);
	uv_close((uv_handle_t *)&conn->tcp, conn_closed);
	if (tunnel != NULL) {
		tunnel->tunnel = NULL;
		conn_close(tunnel);
	}
}

static void conn_reset(struct script_conn *conn)
{
	conn_leave(conn);
	assert_int_equal(uv_tcp_close_reset(&conn->tcp, conn_closed), 0);
}

static void written(uv_write_t *request, int status)
{
	(void)status;
	free(request->data);
}

static void raw_send(struct script_conn *conn, const char *octets, size_t size)
{
	struct sending *sending = malloc(sizeof *sending + size);
	assert_non_null(sending);
	sending->request.data = sending;
	memcpy(sending->octets, octets, size);
	uv_buf_t buf = uv_buf_init(sending->octets, (unsigned)size);
	assert_int_equal(uv_write(&sending->request, (uv_stream_t *)&conn->tcp, &buf, 1, written), 0);
}

/* What OpenSSL has to say goes out. */
static void tls_flush(struct script_conn *conn)
{
	char octets[16384];
	int size;
	while ((size = BIO_read(SSL_get_wbio(conn->ssl), octets, sizeof octets)) > 0)
		raw_send(conn, octets, (size_t)size);
}

static void conn_send(struct script_conn *conn, const char *octets, size_t size)
{
	if (conn->ssl == NULL) {
		raw_send(conn, octets, size);
		return;
	}
	assert_int_equal(SSL_write(conn->ssl, octets, (int)size), size);
	tls_flush(conn);
}

static void answer_end(struct script_conn *conn)
{
	enum script_then then = conn->route->then;
	conn->route = NULL;
	if (then == THEN_RESET) {
		conn_reset(conn);
	} else if (then == THEN_CLOSE) {
		if (conn->ssl != NULL) {
			SSL_shutdown(conn->ssl);
			tls_flush(conn);
		}
		conn_close(conn); /* what is written has left already: a loopback takes it at once */
	}
}

static void answer_on(struct script_conn *conn)
{
	const struct script_route *route = conn->route;
	size_t size = route->size != 0 ? route->size : strlen(route->octets);
	size_t run = route->drip ? 1 : size;
	if (conn->sent == size) {
		answer_end(conn);
		return;
	}
	size_t at = conn->sent;
	conn->sent += run;
	conn_send(conn, route->octets + at, run);
	if (!route->drip)
		answer_end(conn);
}

/* A turn of the loop: the client has read, or can, what went out in the one before. */
static void drip_on(uv_idle_t *idle)
{
	struct script_http *server = idle->data;
	struct script_conn *conn, *next;
	bool more = false;
	for (conn = server->conns; conn != NULL; conn = next) {
		next = conn->next;
		if (conn->route == NULL || !conn->route->drip)
			continue;
		answer_on(conn);
		more = true;
	}
	if (!more)
		uv_idle_stop(idle);
}

static const struct script_route *route_of(const struct script_http *server, const char *request)
{
	const char *path = strchr(request, ' ');
	assert_non_null(path);
	size_t size = strcspn(++path, " ?");
	for (const struct script_route *route = server->routes; route->path != NULL; route++) {
		if (strlen(route->path) == size && memcmp(route->path, path, size) == 0)
			return route;
	}
	return NULL;
}

static struct script_conn *conn_new(struct script_http *server)
{
	struct script_conn *conn = calloc(1, sizeof *conn);
	assert_non_null(conn);
	uv_tcp_init(server->loop, &conn->tcp);
	conn->tcp.data = conn;
	conn->server = server;
	conn->next = server->conns;
	conn->link = &server->conns;
	if (conn->next != NULL)
		conn->next->link = &conn->next;
	server->conns = conn;
	server->open++;
	return conn;
}

static void room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct script_conn *conn = handle->data;
	(void)suggested;
	*buf = uv_buf_init(conn->received, sizeof conn->received);
}

/* The handshake, and what it lets through. */
static void tls_received(struct script_conn *conn, const char *octets, size_t size)
{
	char plain[16384];
	int got;
	assert_int_equal(BIO_write(SSL_get_rbio(conn->ssl), octets, (int)size), size);
	/* OpenSSL's errors are the thread's: what the client has met must not be taken for ours. */
	ERR_clear_error();
	while (!conn->closing && (got = SSL_read(conn->ssl, plain, sizeof plain)) > 0)
		arrived(conn, plain, (size_t)got);
	if (conn->closing)
		return;
	int error = SSL_get_error(conn->ssl, got);
	const char *name = SSL_get_servername(conn->ssl, TLSEXT_NAMETYPE_host_name);
	if (name != NULL)
		(void)snprintf(conn->server->sni, sizeof conn->server->sni, "%s", name);
	tls_flush(conn);
	if (error != SSL_ERROR_WANT_READ)
		conn_close(conn);
}

static void received(uv_stream_t *stream, ssize_t size, const uv_buf_t *buf)
{
	struct script_conn *conn = stream->data;
	if (size < 0)
		conn_close(conn);
	else if (size > 0 && conn->ssl != NULL)
		tls_received(conn, buf->base, (size_t)size);
	else if (size > 0)
		arrived(conn, buf->base, (size_t)size);
}

static void read_on(struct script_conn *conn)
{
	assert_int_equal(uv_read_start((uv_stream_t *)&conn->tcp, room, received), 0);
}

static void tunnel_made(uv_connect_t *request, int status)
{
	struct script_conn *conn = request->data;
	free(request);
	if (conn->closing)
		return;
	assert_int_equal(status, 0);
	read_on(conn);
	conn_send(conn->tunnel, "HTTP/1.1 200 Fine\r\nX-Proxy: yes\r\n\r\n", 35);
}

/* "CONNECT ADDRESS:PORT HTTP/1.1" */
static void tunnel_open(struct script_conn *conn)
{
	char address[64];
	unsigned port;
	struct sockaddr_in to;
	assert_int_equal(sscanf(conn->request, "CONNECT %63[0-9.]:%u ", address, &port), 2);
	assert_int_equal(uv_ip4_addr(address, (int)port, &to), 0);
	conn->tunnel = conn_new(conn->server);
	conn->tunnel->tunnel = conn;
	conn->request_size = 0;
	uv_connect_t *request = malloc(sizeof *request);
	assert_non_null(request);
	request->data = conn->tunnel;
	assert_int_equal(
		uv_tcp_connect(request, &conn->tunnel->tcp, (struct sockaddr *)&to, tunnel_made), 0);
}

/* Octets of the request when it is complete, else 0. */
static size_t request_complete(const struct script_conn *conn)
{
	const char *end = strstr(conn->request, "\r\n\r\n");
	const char *length = strcasestr(conn->request, "\r\nContent-Length:");
	if (end == NULL)
		return 0;
	size_t size = (size_t)(end - conn->request) + 4;
	if (length != NULL && length < end)
		size += strtoul(length + 17, NULL, 10);
	return conn->request_size >= size ? size : 0;
}

static void arrived(struct script_conn *conn, const char *octets, size_t size)
{
	struct script_http *server = conn->server;
	if (conn->tunnel != NULL) {
		conn_send(conn->tunnel, octets, size);
		return;
	}
	assert_true(conn->request_size + size < sizeof conn->request);
	memcpy(conn->request + conn->request_size, octets, size);
	conn->request_size += size;
	conn->request[conn->request_size] = '\0';
	size_t whole = request_complete(conn);
	if (whole == 0)
		return;
	assert_int_equal(whole, conn->request_size); /* libcurl doesn't pipeline */
	memcpy(server->request, conn->request, whole + 1);
	server->requests++;
	conn->request_size = 0;
	if (server->proxy && strncmp(conn->request, "CONNECT ", 8) == 0) {
		tunnel_open(conn);
		return;
	}
	conn->route = route_of(server, conn->request);
	conn->sent = 0;
	if (conn->route != NULL && conn->route->drip)
		uv_idle_start(&server->drip, drip_on);
	else if (conn->route != NULL)
		answer_on(conn);
}

static void connected(uv_stream_t *listener, int status)
{
	struct script_http *server = listener->data;
	assert_int_equal(status, 0);
	struct script_conn *conn = conn_new(server);
	server->accepted++;
	assert_int_equal(uv_accept(listener, (uv_stream_t *)&conn->tcp), 0);
	uv_tcp_nodelay(&conn->tcp, 1);
	if (server->tls != NULL) {
		conn->ssl = SSL_new(server->tls);
		assert_non_null(conn->ssl);
		SSL_set_bio(conn->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
		SSL_set_accept_state(conn->ssl);
	}
	read_on(conn);
}

void script_http_start(struct script_http *server, uv_loop_t *loop,
                       const struct script_route *routes)
{
	struct sockaddr_in at;
	int size = sizeof at;
	memset(server, 0, sizeof *server);
	server->loop = loop;
	server->routes = routes;
	assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &at), 0);
	uv_idle_init(loop, &server->drip);
	server->drip.data = server;
	uv_tcp_init(loop, &server->listener);
	server->listener.data = server;
	assert_int_equal(uv_tcp_bind(&server->listener, (struct sockaddr *)&at, 0), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&server->listener, 511, connected), 0);
	assert_int_equal(uv_tcp_getsockname(&server->listener, (struct sockaddr *)&at, &size), 0);
	server->port = ntohs(at.sin_port);
}

void script_http_stop(struct script_http *server)
{
	uv_close((uv_handle_t *)&server->listener, NULL);
	uv_close((uv_handle_t *)&server->drip, NULL);
	while (server->conns != NULL)
		conn_close(server->conns);
}
