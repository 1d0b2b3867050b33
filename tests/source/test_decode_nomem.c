/* Memory that runs out while a state is decoded: an error, and everything staged can be rolled
 * back. */
#include "rig.h"

#include "nomem.h"

static const char STATE[] =
	"[{\"apiVersion\":\"federation/v1beta1\",\"kind\":\"Cluster\",\"metadata\":{\"name\":\"c\"},"
	"\"status\":{\"zones\":[\"z\"],\"region\":\"r\"}},"
	"{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"s\",\"annotations\":{"
	"\"federation.kubernetes.io/"
	"service-ingresses\":\"{\\\"items\\\":[{\\\"cluster\\\":\\\"c\\\"}]}\"}},"
	"\"spec\":{\"type\":\"LoadBalancer\"}}]";

static void every_failing_allocation_is_an_error(void **state)
{
	(void)state;
	bool failed = true;
	for (size_t n = 1; failed; n++) {
		struct rig rig;
		rig_init(&rig);
		nomem_fail_at(n);
		enum err err = state_decode(bytes_of(STATE), rig.model, &rig.findings, &rig.why);
		failed = nomem_failed();
		nomem_fail_at(0);
		assert_int_equal(err, failed ? ERR_NOMEM : ERR_OK);
		assert_int_equal(rig.why.text[0] != '\0', failed);
		model_rollback(rig.model);
		assert_int_equal(rig_decode(&rig, STATE), ERR_OK);
		assert_int_equal(model_service_count(rig.model), 1);
		rig_clear(&rig);
		assert_true(n < 1000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_failing_allocation_is_an_error)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
