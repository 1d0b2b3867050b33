#include "pem.h"

#include <assert.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

/* Without one OpenSSL would ask the terminal. */
static int no_password(char *buffer, int size, int writing, void *arg)
{
	(void)buffer, (void)size, (void)writing, (void)arg;
	return -1;
}

static BIO *bio_of(struct bytes pem)
{
	assert(pem.size <= INT_MAX);
	return BIO_new_mem_buf(pem.data, (int)pem.size);
}

static X509 *certificate_first(struct bytes pem)
{
	BIO *bio = pem.size == 0 ? NULL : bio_of(pem);
	X509 *cert = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, no_password, NULL);
	BIO_free(bio);
	return cert;
}

enum err pem_certificates_check(struct bytes pem, struct why *why)
{
	X509 *cert = certificate_first(pem);
	bool good = cert != NULL;
	X509_free(cert);
	ERR_clear_error();
	if (good)
		return ERR_OK;
	why_set(why, "no certificate in it (PEM: -----BEGIN CERTIFICATE-----)");
	return ERR_INVALID;
}

/* NULL: `why` is set. */
static EVP_PKEY *key_read(struct bytes pem, struct why *why)
{
	BIO *bio = pem.size == 0 ? NULL : bio_of(pem);
	EVP_PKEY *key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
	BIO_free(bio);
	if (key != NULL)
		return key;
	unsigned long error = ERR_peek_last_error();
	if (ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_BAD_PASSWORD_READ)
		why_set(why, "the private key is encrypted: decrypt it, for nobody is here to be asked");
	else
		why_set(why, "no private key in it (PEM: -----BEGIN PRIVATE KEY-----)");
	return NULL;
}

enum err pem_pair_check(struct bytes cert_pem, struct bytes key_pem, struct why *why)
{
	enum err err = ERR_INVALID;
	X509 *cert = certificate_first(cert_pem);
	EVP_PKEY *key = NULL;
	if (cert == NULL)
		why_set(why, "no certificate in it (PEM: -----BEGIN CERTIFICATE-----)");
	else
		key = key_read(key_pem, why);
	if (key != NULL && X509_check_private_key(cert, key) != 1)
		why_set(why, "the private key is not that of the certificate");
	else if (key != NULL)
		err = ERR_OK;
	EVP_PKEY_free(key);
	X509_free(cert);
	ERR_clear_error();
	return err;
}
