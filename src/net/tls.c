#include "tls_ticket.h"

#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

/* Octets of a server's certificates, which are kept with its ticket: those of a public CA have
 * some thousand. */
#define TLS_CHAIN_MAX 32768
/* Of a handshake, or after a request: octets, records and messages of the handshake (tickets and
 * new keys are such). A probe reads some 144 KiB of a response, servers send up to ten messages. */
#define TLS_OCTETS_MAX   (256 * 1024)
#define TLS_RECORDS_MAX  4096
#define TLS_MESSAGES_MAX 64

struct tls_context {
	SSL_CTX *ssl;
};

struct tls {
	SSL *ssl;
	struct tls_ticket *ticket;
	uint64_t octets_end;        /* of all octets read of the socket: no more */
	unsigned records, messages; /* received since the handshake began, or the last request */
};

/* --- what all share ------------------------------------------------------------------------ */

/* The server's new ticket: the one before is over. OpenSSL's own is not kept (0). */
static int ticket_came(SSL *ssl, SSL_SESSION *session)
{
	struct tls *tls = SSL_get_app_data(ssl);
	tls_ticket_keep(tls->ticket, session);
	return 0;
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
	/* Whoever picks dear mathematics makes us do it, with all the others waiting: an exchange over
	 * 8192-bit numbers takes 6.6 ms, one over P-256 0.05 ms (openssl speed). Go's clients, and
	 * browsers, know neither. */
	(void)SSL_CTX_set1_groups_list(ssl, "X25519:P-256:P-384:P-521");
	(void)SSL_CTX_set_cipher_list(ssl, "DEFAULT:!DH");
	SSL_CTX_set_max_cert_list(ssl, TLS_CHAIN_MAX);
	/* One read for all that is there, not one for each record's head. */
	SSL_CTX_set_read_ahead(ssl, 1);
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ssl, ticket_came);
	(void)SSL_CTX_set_alpn_protos(ssl, HTTP, sizeof HTTP - 1); /* 0: done; no memory: without */
}

enum err tls_context_new(struct tls_context **out, bool roots, struct why *why)
{
	*out = NULL;
	struct tls_context *context = calloc(1, sizeof *context);
	SSL_CTX *ssl = context == NULL ? NULL : SSL_CTX_new(TLS_client_method());
	enum err err = ERR_NOMEM;
	if (ssl != NULL) {
		context_set(ssl);
		err = roots ? roots_load(ssl, why) : ERR_OK;
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
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS); /* RFC 9525 section 6.3 */
	if (peer->name[0] != '\0')
		return SSL_set_tlsext_host_name(ssl, peer->name) == 1 &&
		       SSL_set1_host(ssl, peer->name) == 1;
	return X509_VERIFY_PARAM_set1_ip(SSL_get0_param(ssl), address->octets,
	                                 address_size(address->family)) == 1;
}

/* Within one call OpenSSL reads for as long as something comes, and what is no data it takes
 * without a word: a server that is fast enough would keep us there, and one that is not could still
 * make us busy with new keys, at each of its probes. So we count, and stop. */
static bool is_full(const struct tls *tls)
{
	return tls->records > TLS_RECORDS_MAX || tls->messages > TLS_MESSAGES_MAX ||
	       BIO_number_read(SSL_get_rbio(tls->ssl)) >= tls->octets_end;
}

static void count_from_here(struct tls *tls)
{
	tls->records = tls->messages = 0;
	tls->octets_end = BIO_number_read(SSL_get_rbio(tls->ssl)) + TLS_OCTETS_MAX;
}

/* The signatures are OpenSSL's. */
static void message_seen(int sent, int version, int kind, const void *octets, size_t size, SSL *ssl,
                         void *arg)
{
	struct tls *tls = arg;
	(void)version;
	(void)octets;
	(void)size;
	(void)ssl;
	tls->records += sent == 0 && kind == SSL3_RT_HEADER;
	tls->messages += sent == 0 && kind == SSL3_RT_HANDSHAKE;
}

/* Before each read of the socket. */
static long read_watch(BIO *bio, int operation, const char *octets, size_t size, int number,
                       long more, int result, size_t *done)
{
	(void)octets;
	(void)size;
	(void)number;
	(void)more;
	(void)done;
	if (operation != BIO_CB_READ || !is_full((struct tls *)(void *)BIO_get_callback_arg(bio)))
		return result;
	BIO_clear_retry_flags(bio);
	errno = 0;
	return -1;
}

static void watch(struct tls *tls)
{
	BIO *bio = SSL_get_rbio(tls->ssl);
	BIO_set_callback_arg(bio, (char *)tls);
	BIO_set_callback_ex(bio, read_watch);
	SSL_set_msg_callback(tls->ssl, message_seen);
	SSL_set_msg_callback_arg(tls->ssl, tls);
	count_from_here(tls);
}

/* One that can't be read is none: the server proves who it is. False: no memory. */
static bool session_set(SSL *ssl, const struct tls_ticket *ticket)
{
	SSL_SESSION *session = tls_ticket_session(ticket);
	bool done = session == NULL || SSL_set_session(ssl, session) == 1;
	SSL_SESSION_free(session);
	return done;
}

struct tls *tls_open(struct tls_context *context, int fd, const struct tls_peer *peer,
                     struct tls_ticket *ticket)
{
	struct tls *tls = calloc(1, sizeof *tls);
	SSL *ssl = tls == NULL ? NULL : SSL_new(context->ssl);
	if (ssl == NULL || SSL_set_app_data(ssl, tls) != 1 || SSL_set_fd(ssl, fd) != 1 ||
	    !name_set(ssl, peer) || !session_set(ssl, ticket)) {
		SSL_free(ssl);
		free(tls);
		return NULL;
	}
	SSL_set_verify(ssl, peer->verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
	SSL_set_connect_state(ssl);
	*tls = (struct tls){.ssl = ssl, .ticket = ticket};
	watch(tls);
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

bool tls_proved(const struct tls *tls)
{
	return SSL_session_reused(tls->ssl) == 0;
}

bool tls_holds(const struct tls *tls)
{
	return SSL_has_pending(tls->ssl) == 1;
}

void tls_rest(struct tls *tls)
{
	(void)SSL_free_buffers(tls->ssl); /* 0: there is something in it */
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

static enum tls_status status_read(const struct tls *tls, int result, struct tls_trouble *trouble)
{
	int error = errno;
	if (is_full(tls)) {
		why_set(&trouble->why, "TLS: more than a probe reads");
		return TLS_FAILED;
	}
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

/* Whoever fails with a ticket may be content without it. */
static enum tls_status status_of(struct tls *tls, int result, struct tls_trouble *trouble)
{
	enum tls_status status = status_read(tls, result, trouble);
	if (status == TLS_FAILED || (status != TLS_WAITS && !SSL_is_init_finished(tls->ssl)))
		tls_ticket_drop(tls->ticket);
	return status;
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
	count_from_here(tls);
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
