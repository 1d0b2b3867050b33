#include "fedns/tls.h"

#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>

struct tls_context {
	SSL_CTX *ssl;
};

struct tls {
	SSL *ssl;
	struct tls_ticket *ticket;
};

/* --- what all share ------------------------------------------------------------------------ */

/* The server's new ticket; it is ours to keep (1), and the one before is over. */
static int ticket_came(SSL *ssl, SSL_SESSION *session)
{
	struct tls *tls = SSL_get_app_data(ssl);
	tls_ticket_drop(tls->ticket);
	tls->ticket->session = session;
	return 1;
}

/* Of libcurl, so that what is trusted doesn't depend on who asks. */
static enum err roots_load(SSL_CTX *ssl, struct why *why)
{
	CURL *easy = curl_easy_init();
	char *path = NULL;
	enum err err = ERR_NOMEM;
	if (easy != NULL && curl_easy_getinfo(easy, CURLINFO_CAINFO, &path) == CURLE_OK)
		err = path != NULL && SSL_CTX_load_verify_file(ssl, path) == 1 ? ERR_OK : ERR_IO;
	if (err == ERR_IO)
		why_set(why, "no root certificates in %s", path == NULL ? "libcurl's file" : path);
	else if (err == ERR_NOMEM)
		why_set(why, "out of memory");
	curl_easy_cleanup(easy);
	return err;
}

static void context_set(SSL_CTX *ssl)
{
	static const unsigned char HTTP[] = "\x08http/1.1"; /* RFC 7301 */
	SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
	/* Many an HTTP server closes without TLS's own word for it: where the body ends is known. */
	SSL_CTX_set_options(ssl, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
	/* The octets may be elsewhere when they come again; what rests keeps no buffers. */
	SSL_CTX_set_mode(ssl, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	/* One read for all that is there, not one for each record's head. */
	SSL_CTX_set_read_ahead(ssl, 1);
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ssl, ticket_came);
	(void)SSL_CTX_set_alpn_protos(ssl, HTTP, sizeof HTTP - 1); /* 0: done; no memory: without */
}

enum err tls_context_new(struct tls_context **out, struct why *why)
{
	*out = NULL;
	struct tls_context *context = calloc(1, sizeof *context);
	SSL_CTX *ssl = context == NULL ? NULL : SSL_CTX_new(TLS_client_method());
	enum err err = ERR_NOMEM;
	if (ssl != NULL) {
		context_set(ssl);
		err = roots_load(ssl, why);
	} else {
		why_set(why, "out of memory");
	}
	ERR_clear_error();
	if (err != ERR_OK) {
		SSL_CTX_free(ssl);
		free(context);
		return err;
	}
	context->ssl = ssl;
	*out = context;
	return ERR_OK;
}

void tls_context_free(struct tls_context *context)
{
	if (context != NULL)
		SSL_CTX_free(context->ssl);
	free(context);
}

/* --- a connection -------------------------------------------------------------------------- */

static bool name_set(SSL *ssl, const struct tls_peer *peer)
{
	const struct address *address = peer->address;
	if (peer->name[0] != '\0')
		return SSL_set_tlsext_host_name(ssl, peer->name) == 1 &&
		       SSL_set1_host(ssl, peer->name) == 1;
	return X509_VERIFY_PARAM_set1_ip(SSL_get0_param(ssl), address->octets,
	                                 address->family == 4 ? V4_SIZE : V6_SIZE) == 1;
}

struct tls *tls_open(struct tls_context *context, int fd, const struct tls_peer *peer,
                     struct tls_ticket *ticket)
{
	struct tls *tls = calloc(1, sizeof *tls);
	SSL *ssl = tls == NULL ? NULL : SSL_new(context->ssl);
	if (ssl == NULL || SSL_set_app_data(ssl, tls) != 1 || SSL_set_fd(ssl, fd) != 1 ||
	    !name_set(ssl, peer) ||
	    (ticket->session != NULL && SSL_set_session(ssl, ticket->session) != 1)) {
		SSL_free(ssl);
		free(tls);
		return NULL;
	}
	SSL_set_verify(ssl, peer->verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
	SSL_set_connect_state(ssl);
	*tls = (struct tls){ssl, ticket};
	return tls;
}

void tls_close(struct tls *tls)
{
	if (tls == NULL)
		return;
	/* else OpenSSL takes the ticket for a bad one */
	SSL_set_shutdown(tls->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(tls->ssl);
	free(tls);
}

void tls_ticket_drop(struct tls_ticket *ticket)
{
	SSL_SESSION_free(ticket->session);
	ticket->session = NULL;
}

bool tls_proved(const struct tls *tls)
{
	return SSL_session_reused(tls->ssl) == 0;
}

bool tls_holds(const struct tls *tls)
{
	return SSL_has_pending(tls->ssl) == 1;
}

/* --- what happens on it -------------------------------------------------------------------- */

/* OpenSSL's own words, short ones. */
static enum tls_status failed(const struct tls *tls, struct tls_trouble *trouble)
{
	unsigned long code = ERR_peek_error();
	const char *words = ERR_reason_error_string(code);
	long verified = SSL_get_verify_result(tls->ssl);
	if (ERR_GET_REASON(code) == ERR_R_MALLOC_FAILURE) {
		trouble->error = ENOMEM;
		return TLS_BROKEN;
	}
	if (ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED && verified != X509_V_OK)
		why_set(&trouble->why, "certificate: %s", X509_verify_cert_error_string(verified));
	else
		why_set(&trouble->why, "TLS: %s", words == NULL ? "failed" : words);
	return TLS_FAILED;
}

static enum tls_status status_of(const struct tls *tls, int result, struct tls_trouble *trouble)
{
	int error = errno;
	switch (SSL_get_error(tls->ssl, result)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return TLS_WAITS;
	case SSL_ERROR_ZERO_RETURN:
		return TLS_ENDED;
	case SSL_ERROR_SYSCALL:
		trouble->error = error;
		return error == 0 ? TLS_ENDED : TLS_BROKEN;
	default:
		return failed(tls, trouble);
	}
}

/* What others, or the connection before, left behind would be taken for ours. */
static void clear(void)
{
	ERR_clear_error();
	errno = 0;
}

enum tls_status tls_shake(struct tls *tls, struct tls_trouble *trouble)
{
	clear();
	int result = SSL_do_handshake(tls->ssl);
	return result == 1 ? TLS_DONE : status_of(tls, result, trouble);
}

enum tls_status tls_send(struct tls *tls, struct bytes octets, struct tls_trouble *trouble)
{
	size_t sent;
	clear();
	int result = SSL_write_ex(tls->ssl, octets.data, octets.size, &sent);
	return result == 1 ? TLS_DONE : status_of(tls, result, trouble);
}

enum tls_status tls_receive(struct tls *tls, uint8_t *octets, size_t room, size_t *size,
                            struct tls_trouble *trouble)
{
	clear();
	int result = SSL_read_ex(tls->ssl, octets, room, size);
	return result == 1 ? TLS_DONE : status_of(tls, result, trouble);
}
