/* kube_auth: what is given when, which files are read again, and that nobody is called too early or
 * too late. The clock is the test's. */
#include "auth_bed.h"

/* --- what is written out ------------------------------------------------------------------ */

static void static_credentials_become_headers(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed, KUBE_ANONYMOUS);
	bed_start(&bed, TIMEOUT_MS);
	assert_header(&bed, "none");
	bed_end(&bed);
	bed_make(&bed, KUBE_TOKEN);
	bed.access.token = "abc";
	bed_start(&bed, TIMEOUT_MS);
	assert_header(&bed, "Bearer abc");
	bed_end(&bed);
	bed_make(&bed, KUBE_BASIC);
	bed.access.username = "Aladdin"; /* RFC 7617 section 2 */
	bed.access.password = "open sesame";
	bed_start(&bed, TIMEOUT_MS);
	assert_header(&bed, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
	bed_end(&bed);
}

/* --- files -------------------------------------------------------------------------------- */

static void a_token_file_is_read_again_after_a_minute(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed, KUBE_TOKEN_FILE);
	bed.access.token_file = folder_path(&bed.folder, "token");
	bed_start(&bed, TIMEOUT_MS);
	assert_error(&bed, ERR_IO, "token: open: No such file or directory");
	folder_write(&bed.folder, "token", " one\n");
	assert_header(&bed, "Bearer one"); /* nothing was known: no wait */
	folder_write(&bed.folder, "token", "two\n");
	bed.now_ms += KUBE_TOKEN_PERIOD_MS - 1;
	assert_header(&bed, "Bearer one");
	bed.now_ms += 1;
	assert_header(&bed, "Bearer two");
	folder_write(&bed.folder, "token", "three\n");
	bed.now_ms -= 3600 * 1000; /* the clock was set back */
	assert_header(&bed, "Bearer three");
	bed_end(&bed);
}

static void a_bad_token_file_leaves_the_last_good_one(void **state)
{
	(void)state;
	static const char *const BAD[] = {"", " \n", "a\nb\n"};
	struct bed bed;
	bed_make(&bed, KUBE_TOKEN_FILE);
	bed.access.token_file = folder_path(&bed.folder, "token");
	bed.access.token = "first"; /* until the file could be read */
	bed_start(&bed, TIMEOUT_MS);
	assert_header(&bed, "Bearer first");
	assert_true(log_has(&bed, "No such file or directory; what was read before stays in use"));
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
		folder_write(&bed.folder, "token", BAD[i]);
		bed.now_ms += KUBE_TOKEN_PERIOD_MS;
		assert_header(&bed, "Bearer first");
	}
	assert_true(
		log_has(&bed, "empty, not a token; what was read before")); /* each reason is told */
	folder_write(&bed.folder, "token", "two");
	bed.now_ms += KUBE_TOKEN_PERIOD_MS;
	assert_header(&bed, "Bearer two");
	assert_true(log_has(&bed, "can be read again"));
	assert_false(log_has(&bed, "two"));
	bed_end(&bed);
}

static void a_refused_token_is_read_again_at_once(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed, KUBE_TOKEN_FILE);
	bed.access.token_file = folder_path(&bed.folder, "token");
	folder_write(&bed.folder, "token", "one");
	bed_start(&bed, TIMEOUT_MS);
	struct said old = get(&bed);
	folder_write(&bed.folder, "token", "two");
	assert_header(&bed, "Bearer one");
	kube_auth_refused(bed.auth, old.generation - 1); /* of an older one */
	assert_header(&bed, "Bearer one");
	kube_auth_refused(bed.auth, old.generation);
	struct said fresh = get(&bed);
	assert_string_equal(fresh.authorization, "Bearer two");
	assert_true(fresh.generation != old.generation);
	assert_int_equal(fresh.tls_generation, old.tls_generation);
	bed_end(&bed);
}

/* Copy a file of PEM_DIR into the folder. */
static void pem_copy(struct bed *bed, const char *from, const char *to, struct kube_pem *pem)
{
	struct buf text;
	struct why why;
	char path[PATH_MAX];
	(void)snprintf(path, sizeof path, PEM_DIR "/%s", from);
	assert_int_equal(file_read(path, KUBE_PEM_SIZE_MAX, &text, &why), ERR_OK);
	char *copy = strndup((const char *)text.data, text.size);
	folder_write(&bed->folder, to, copy);
	if (pem != NULL)
		*pem = (struct kube_pem){{(const uint8_t *)copy, text.size},
		                         strdup(folder_path(&bed->folder, to))};
	else
		free(copy);
	buf_free(&text);
}

static void pem_clear(struct kube_pem *pem)
{
	free((void *)pem->octets.data);
	free((void *)pem->file);
}

static void renewed_certificates_ask_for_new_connections(void **state)
{
	(void)state;
	struct bed bed;
	bed_make(&bed, KUBE_ANONYMOUS);
	pem_copy(&bed, "client.crt", "crt", &bed.access.cert);
	pem_copy(&bed, "client.key", "key", &bed.access.key);
	pem_copy(&bed, "ca.crt", "ca", &bed.access.ca);
	bed_start(&bed, TIMEOUT_MS);
	struct said first = get(&bed);
	assert_int_equal(first.cert_size, bed.access.cert.octets.size);
	assert_int_equal(first.ca_size, bed.access.ca.octets.size);
	pem_copy(&bed, "other.key", "key", NULL); /* half of a renewal: not taken */
	bed.now_ms += KUBE_PEM_PERIOD_MS;
	assert_int_equal(get(&bed).tls_generation, first.tls_generation);
	assert_true(log_has(&bed, "the private key is not that of the certificate"));
	pem_copy(&bed, "client.key", "key", NULL);
	bed.now_ms += KUBE_PEM_PERIOD_MS;
	assert_int_equal(get(&bed).tls_generation, first.tls_generation);
	pem_copy(&bed, "client.crt", "ca", NULL);
	assert_int_equal(get(&bed).tls_generation, first.tls_generation); /* not due */
	bed.now_ms += KUBE_PEM_PERIOD_MS;
	struct said renewed = get(&bed);
	assert_true(renewed.tls_generation != first.tls_generation);
	assert_int_not_equal(renewed.ca_size, first.ca_size);
	bed_end(&bed);
	pem_clear(&bed.access.cert);
	pem_clear(&bed.access.key);
	pem_clear(&bed.access.ca);
}

/* --- life --------------------------------------------------------------------------------- */

struct ender {
	struct bed *bed;
	struct kube_wait wait;
	unsigned calls;
};

static void on_end_it(void *arg, enum err err, const struct kube_credentials *credentials,
                      const struct why *why)
{
	struct ender *ender = arg;
	(void)why;
	ender->calls++;
	assert_int_equal(err, ERR_OK);
	kube_auth_free(ender->bed->auth);
	ender->bed->auth = NULL;
	assert_string_equal(credentials->authorization, "Bearer abc");
}

static void one_who_is_called_may_end_it(void **state)
{
	(void)state;
	struct bed bed;
	struct said late;
	bed_make(&bed, KUBE_TOKEN);
	bed.access.token = "abc";
	bed_start(&bed, TIMEOUT_MS);
	struct ender ender = {.bed = &bed, .wait = {.done = on_end_it, .arg = &ender}};
	kube_auth_get(bed.auth, &ender.wait);
	ask(&bed, &late);
	assert_int_equal(uv_run(&bed.loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(ender.calls, 1);
	assert_int_equal(late.calls, 0);
	bed_end(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(static_credentials_become_headers),
		cmocka_unit_test(a_token_file_is_read_again_after_a_minute),
		cmocka_unit_test(a_bad_token_file_leaves_the_last_good_one),
		cmocka_unit_test(a_refused_token_is_read_again_at_once),
		cmocka_unit_test(renewed_certificates_ask_for_new_connections),
		cmocka_unit_test(one_who_is_called_may_end_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
