#include "cli.h"

#include <ares.h>
#include <curl/curl.h>
#include <jansson.h>
#include <ldns/ldns.h>
#include <microhttpd.h>
#include <openssl/crypto.h>
#include <seccomp.h>
#include <uv.h>
#include <yaml.h>

#ifdef __clang__
#define COMPILER __VERSION__ /* begins with its name */
#else
#define COMPILER "gcc " __VERSION__
#endif

/* "1.44.2" of the libraries that say numbers alone. */
#define NUMBERS_SIZE 32

/* What each library says of itself. Its own name stands before it where it does so; of others it
 * is set before. */
static json_t *libraries_json(void)
{
	char seccomp[NUMBERS_SIZE];
	const struct scmp_version *version = seccomp_version();
	(void)snprintf(seccomp, sizeof seccomp, "%u.%u.%u", version->major, version->minor,
	               version->micro);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "libuv", uv_version_string(),
	                 "ldns", ldns_version(), "c-ares", ares_version(NULL), "curl", curl_version(),
	                 "openssl", OpenSSL_version(OPENSSL_VERSION), "jansson", jansson_version_str(),
	                 "libyaml", yaml_get_version_string(), "libmicrohttpd", MHD_get_version(),
	                 "libseccomp", seccomp);
}

static enum status json_print(json_t *libraries)
{
	json_t *all = json_pack("{s:s, s:s, s:s, s:o}", "version", FEDNS_VERSION, "build", FEDNS_BUILD,
	                        "compiler", COMPILER, "libraries", libraries);
	bool printed = all != NULL && json_dumpf(all, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) == 0;
	json_decref(all);
	if (all == NULL)
		message("no memory for the versions");
	(void)fputs("\n", stdout);
	return output_finish(printed ? STATUS_GOOD : STATUS_NOT_DONE);
}

enum status command_version(const struct options *options)
{
	const char *name;
	json_t *version;
	json_t *libraries = libraries_json();
	if (options->json)
		return json_print(libraries);
	(void)printf("fedns %s\n", FEDNS_VERSION);
	(void)printf("built %s, by %s\n", FEDNS_BUILD, COMPILER);
	json_object_foreach(libraries, name, version)
	{
		(void)printf("%s %s\n", name, json_string_value(version));
	}
	json_decref(libraries);
	return output_finish(STATUS_GOOD);
}
