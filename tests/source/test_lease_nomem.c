/* Memory that runs out around a Lease: an error in a sentence, and nothing is left behind. That of
 * jansson counts too. */
#include "check.h"

#include "lease_bed.h"
#include "nomem.h"

#include <jansson.h>

#define TEXT                                                                                       \
	"{\"kind\":\"Lease\",\"apiVersion\":\"coordination.k8s.io/v1\",\"metadata\":{"                 \
	"\"resourceVersion\":\"1\"},\"spec\":{\"holderIdentity\":\"other\",\"acquireTime\":\"t\"}}"

static enum err read_and_write(struct buf *out, struct why *why)
{
	const struct lease_claim claim = {.transitions = 1};
	struct lease_object *object, *made = NULL;
	struct lease_record record;
	enum err err = lease_object_read(bytes_of(TEXT), &object, &record, why);
	if (err == ERR_OK)
		err = lease_object_write(object, &claim, "me", WALL_MS, out, why);
	if (err == ERR_OK)
		err = lease_object_new("n", "l", object, &made, why);
	lease_object_free(made);
	lease_object_free(object);
	return err;
}

static void every_failing_allocation_is_an_error(void **state)
{
	(void)state;
	bool failed = true;
	for (size_t n = 1; failed; n++) {
		struct buf out;
		struct why why = {{0}};
		buf_init(&out, LEASE_OBJECT_SIZE_MAX);
		nomem_fail_at(n);
		enum err err = read_and_write(&out, &why);
		failed = nomem_failed();
		nomem_fail_at(0);
		/* jansson can do without some, and takes others for text that ends too soon */
		if (err != ERR_OK && !(failed && (err == ERR_NOMEM || err == ERR_INVALID)))
			fail_msg("allocation %zu: %d: %s", n, (int)err, why.text);
		assert_int_equal(why.text[0] != '\0', err != ERR_OK);
		if (err == ERR_OK)
			assert_non_null(memmem(out.data, out.size, "\"me\"", 4));
		buf_free(&out);
		assert_true(n < 1000);
	}
}

/* A holder that can't be made leaves nothing on the loop. */
static void a_holder_is_made_or_not(void **state)
{
	(void)state;
	bool failed = true;
	struct bed bed;
	bed_make(&bed);
	const struct lease_setup setup = setup_of(&bed);
	for (size_t n = 1; failed; n++) {
		struct lease *lease;
		struct why why = {{0}};
		nomem_fail_at(n);
		enum err err = lease_new(&setup, &lease, &why);
		failed = nomem_failed();
		nomem_fail_at(0);
		assert_int_equal(err != ERR_OK, failed);
		assert_int_equal(lease == NULL, failed);
		lease_free(lease);
		assert_true(n < 10000);
	}
	bed_end(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_failing_allocation_is_an_error),
		cmocka_unit_test(a_holder_is_made_or_not),
	};
	json_set_alloc_funcs(malloc, free);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
