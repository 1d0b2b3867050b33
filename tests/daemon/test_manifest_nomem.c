/* Memory that runs out while objects are made and written: an error in a sentence, and nothing is
 * left behind. That of jansson counts too. */
#include "fedns/manifest.h"

#include "check.h"
#include "nomem.h"

#include <jansson.h>
#include <stdlib.h>

/* It takes thousands; each is like some of its neighbours. */
#define STEP 5

static enum err make_and_write(struct buf *out, struct why *why)
{
	static const char *const SERVERS[] = {"ns1.spacexnice.xyz=192.0.2.53,2001:db8::53"};
	static const struct manifest_members MEMBERS = {
		.octets = {.data = (uint8_t *)"x", .size = 1}, .names = {"beijing"}, .count = 1};
	const struct manifest_ask ask = {
		.overlay = MANIFEST_ACK,
		.namespace = "dns",
		.image = "fedns:1",
		.cluster = "hangzhou",
		.federation = "fed",
		.zone = "spacexnice.xyz.",
		.replicas = 2,
		.nameservers = SERVERS,
		.nameserver_count = 1,
		.members = &MEMBERS,
		.alidns = {(const uint8_t *)"[Global]\n", 9},
	};
	struct manifest *manifest;
	enum err err = manifest_make(&ask, &manifest, why);
	if (err == ERR_OK)
		err = manifest_yaml(manifest, out, why);
	manifest_free(manifest);
	return err;
}

static void failing_allocations_are_errors(void **state)
{
	(void)state;
	bool failed = true;
	json_set_alloc_funcs(malloc, free);
	for (size_t n = 1; failed; n += STEP) {
		struct buf out;
		struct why why = {{0}};
		buf_init(&out, MANIFEST_SIZE_MAX);
		nomem_fail_at(n);
		enum err err = make_and_write(&out, &why);
		failed = nomem_failed();
		nomem_fail_at(0);
		if (err != ERR_OK && !(failed && err == ERR_NOMEM))
			fail_msg("allocation %zu: %d: %s", n, (int)err, why.text);
		assert_int_equal(why.text[0] != '\0', err != ERR_OK);
		buf_free(&out);
		assert_true(n < 100000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(failing_allocations_are_errors)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
