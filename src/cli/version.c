#include "cli.h"

#include <ares.h>
#include <curl/curl.h>
#include <jansson.h>
#include <ldns/ldns.h>
#include <openssl/crypto.h>
#include <uv.h>
#include <yaml.h>

enum status command_version(const struct options *options)
{
	(void)options;
	(void)printf("fedns %s\n", FEDNS_VERSION);
	(void)printf("libuv %s\n", uv_version_string());
	(void)printf("ldns %s\n", ldns_version());
	(void)printf("c-ares %s\n", ares_version(NULL));
	/* with the libraries that it is built on: TLS, gzip */
	(void)printf("%s\n", curl_version());
	(void)printf("%s\n", OpenSSL_version(OPENSSL_VERSION));
	(void)printf("jansson %s\n", jansson_version_str());
	(void)printf("libyaml %s\n", yaml_get_version_string());
	return output_finish(STATUS_GOOD);
}
