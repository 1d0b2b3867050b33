/* What a provider is to hold: what it can't is left out, and takes nothing else with it. */
#include "wants.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

struct heard {
	unsigned findings;
	char text[FINDING_TEXT_SIZE];
};

static void hear(void *arg, const struct finding *finding)
{
	struct heard *heard = arg;
	heard->findings++;
	memcpy(heard->text, finding->text, sizeof heard->text);
}

static struct name name_of(const char *text)
{
	struct why why;
	struct name name;
	assert_int_equal(name_parse(bytes_of(text), &name, &why), ERR_OK);
	return name;
}

static void what_a_provider_cannot_hold_is_left_out_alone(void **state)
{
	(void)state;
	struct why why;
	struct record_list *list;
	struct heard heard = {.findings = 0};
	struct findings findings = {.report = hear, .arg = &heard};
	struct name domain = name_of("example.com");
	struct config *config = calloc(1, sizeof *config);
	struct model *model = model_new(1);
	assert_true(config != NULL && model != NULL);
	config->push.delegate = true;
	struct zone_policy *policy = &config->answer.zone;
	policy->zone = policy->suffix = name_of("sub.example.com");
	policy->contact = name_of("admin.example.com");
	policy->ttl_s = policy->negative_ttl_s = 60;
	policy->nameserver_count = 2;
	policy->nameservers[0].name = name_of("ns1.sub.example.com");
	policy->nameservers[1].name = name_of("-ns2-.sub.example.com");
	for (size_t i = 0; i < 2; i++) {
		policy->nameservers[i].address_count = 1;
		assert_int_equal(
			address_parse(bytes_of("192.0.2.1"), &policy->nameservers[i].addresses[0], &why),
			ERR_OK);
	}
	assert_int_equal(wants_make(config, model, &domain, &findings, &list, &why), ERR_OK);
	assert_int_equal(heard.findings, 2); /* the NS RRset is whole or not there; and -ns2-'s glue */
	assert_non_null(strstr(heard.text, "not pushed: "));
	assert_int_equal(record_list_count(list), 1);
	assert_int_equal(record_list_at(list, 0)->type, TYPE_A);
	record_list_free(list);
	model_free(model);
	free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_provider_cannot_hold_is_left_out_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
