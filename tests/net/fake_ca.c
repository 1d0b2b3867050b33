#include "fake_ca.h"

#include "check.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#define DAY_S (24L * 60 * 60)

static void extension_add(X509 *certificate, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static void pem_write(struct fake_identity *identity)
{
	BIO *bio = BIO_new(BIO_s_mem());
	assert_int_equal(PEM_write_bio_X509(bio, identity->certificate), 1);
	int size = BIO_read(bio, identity->certificate_pem, sizeof identity->certificate_pem - 1);
	assert_true(size > 0);
	identity->certificate_pem[size] = '\0';
	assert_int_equal(PEM_write_bio_PrivateKey(bio, identity->key, NULL, NULL, 0, NULL, NULL), 1);
	size = BIO_read(bio, identity->key_pem, sizeof identity->key_pem - 1);
	assert_true(size > 0);
	identity->key_pem[size] = '\0';
	BIO_free(bio);
}

void fake_identity_make(struct fake_identity *out, const char *common_name, const char *names,
                        const struct fake_identity *issuer)
{
	static long serial = 1;
	out->key = EVP_EC_gen("P-256");
	out->certificate = X509_new();
	assert_true(out->key != NULL && out->certificate != NULL);
	X509 *by = issuer != NULL ? issuer->certificate : out->certificate;
	X509_NAME *subject = X509_get_subject_name(out->certificate);
	X509_set_version(out->certificate, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(out->certificate), serial++);
	X509_gmtime_adj(X509_getm_notBefore(out->certificate), -DAY_S);
	X509_gmtime_adj(X509_getm_notAfter(out->certificate), DAY_S);
	X509_set_pubkey(out->certificate, out->key);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)common_name, -1,
	                           -1, 0);
	X509_set_issuer_name(out->certificate, X509_get_subject_name(by));
	extension_add(out->certificate, by, NID_basic_constraints,
	              issuer == NULL ? "critical,CA:TRUE" : "CA:FALSE");
	if (names != NULL)
		extension_add(out->certificate, by, NID_subject_alt_name, names);
	EVP_PKEY *signer = issuer != NULL ? issuer->key : out->key;
	assert_true(X509_sign(out->certificate, signer, EVP_sha256()) > 0);
	pem_write(out);
}

void fake_identity_end(struct fake_identity *identity, const struct fake_identity *issuer,
                       long from_now_s)
{
	X509_gmtime_adj(X509_getm_notAfter(identity->certificate), from_now_s);
	assert_true(X509_sign(identity->certificate, issuer->key, EVP_sha256()) > 0);
	pem_write(identity);
}

void fake_identity_free(struct fake_identity *identity)
{
	X509_free(identity->certificate);
	EVP_PKEY_free(identity->key);
}

SSL_CTX *fake_server_context(const struct fake_identity *identity,
                             const struct fake_identity *client_ca)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	assert_non_null(context);
	assert_int_equal(SSL_CTX_use_certificate(context, identity->certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(context, identity->key), 1);
	if (client_ca != NULL) {
		X509_STORE_add_cert(SSL_CTX_get_cert_store(context), client_ca->certificate);
		SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	}
	return context;
}
