/* A session holds the server's certificates, read and taken apart: 7 KB for the smallest there is,
 * and each target has its own. They have done their part when the ticket comes: that they were good
 * is noted beside them, and whoever is known again shows none. So a ticket is kept as it is
 * written, without its certificate. */
#include "tls_ticket.h"

#include <openssl/asn1.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

/* OpenSSL's SSL_SESSION_ASN1: a SEQUENCE, in which the certificate has this tag. */
#define TAG_PEER 3

/* One element at the beginning of `octets`: its size with its head, and 0 if there is none. */
static size_t element(struct bytes octets, int *tag, int *class, size_t *head)
{
	const unsigned char *at = octets.data;
	long size = 0;
	int form = ASN1_get_object(&at, &size, tag, class, (long)octets.size);
	if ((form & 0x80) != 0 || (form & 1) != 0) /* broken, or of no known length */
		return 0;
	*head = (size_t)(at - octets.data);
	return *head + (size_t)size;
}

/* Where the certificate is in a session's `octets`. Empty: there is none, or it isn't known. */
static struct bytes peer_find(struct bytes octets, size_t head)
{
	size_t at = head, unused;
	int tag, class;
	while (at < octets.size) {
		const struct bytes rest = {octets.data + at, octets.size - at};
		size_t size = element(rest, &tag, &class, &unused);
		if (size == 0)
			break;
		if (class == V_ASN1_CONTEXT_SPECIFIC && tag == TAG_PEER)
			return (struct bytes){rest.data, size};
		at += size;
	}
	return (struct bytes){NULL, 0};
}

/* The same session without it, in a block of its own; or a copy, if it has none. */
static uint8_t *without_peer(struct bytes octets, size_t *size)
{
	int tag = 0, class = 0;
	size_t head = 0;
	struct bytes peer = {NULL, 0};
	if (element(octets, &tag, &class, &head) == octets.size && tag == V_ASN1_SEQUENCE)
		peer = peer_find(octets, head);
	if (peer.size == 0) {
		*size = octets.size;
		uint8_t *copy = malloc(octets.size);
		return copy == NULL ? NULL : memcpy(copy, octets.data, octets.size);
	}
	size_t before = (size_t)(peer.data - octets.data) - head;
	size_t after = octets.size - head - before - peer.size;
	*size = (size_t)ASN1_object_size(1, (int)(before + after), V_ASN1_SEQUENCE);
	uint8_t *made = malloc(*size), *at = made;
	if (made == NULL)
		return NULL;
	ASN1_put_object(&at, 1, (int)(before + after), V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
	memcpy(at, octets.data + head, before);
	memcpy(at + before, peer.data + peer.size, after);
	return made;
}

void tls_ticket_keep(struct tls_ticket *ticket, SSL_SESSION *session)
{
	unsigned char *written = NULL;
	int size = i2d_SSL_SESSION(session, &written);
	tls_ticket_drop(ticket);
	if (size <= 0)
		return;
	ticket->octets = without_peer((struct bytes){written, (size_t)size}, &ticket->size);
	OPENSSL_clear_free(written, (size_t)size);
	if (ticket->size > TLS_TICKET_MAX)
		tls_ticket_drop(ticket);
}

SSL_SESSION *tls_ticket_session(const struct tls_ticket *ticket)
{
	const unsigned char *at = ticket->octets;
	return at == NULL ? NULL : d2i_SSL_SESSION(NULL, &at, (long)ticket->size);
}

void tls_ticket_drop(struct tls_ticket *ticket)
{
	if (ticket->octets != NULL)
		OPENSSL_cleanse(ticket->octets, ticket->size);
	free(ticket->octets);
	*ticket = (struct tls_ticket){NULL, 0};
}
