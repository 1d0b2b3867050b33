/* fake_ca: certificates made on the spot, so that none grows old in the tree. */
#ifndef FEDNS_TESTS_FAKE_CA_H
#define FEDNS_TESTS_FAKE_CA_H

#include <openssl/ssl.h>

/* A certificate and its key; of a CA it is self-signed. */
struct fake_identity {
	X509 *certificate;
	EVP_PKEY *key;
	char certificate_pem[2048];
	char key_pem[1024];
};

/** `issuer` NULL: a CA. `names`: "DNS:a.example,IP:127.0.0.1", or NULL for none. */
void fake_identity_make(struct fake_identity *out, const char *common_name, const char *names,
                        const struct fake_identity *issuer);
/** It ends so many seconds from now (negative: it is over); `issuer` as it was made by. */
void fake_identity_end(struct fake_identity *identity, const struct fake_identity *issuer,
                       long from_now_s);
void fake_identity_free(struct fake_identity *identity);

/** What a server needs to be `identity`; with `client_ca` it asks for a certificate of that CA and
 * refuses who has none. Freed by SSL_CTX_free(). */
SSL_CTX *fake_server_context(const struct fake_identity *identity,
                             const struct fake_identity *client_ca);

#endif
