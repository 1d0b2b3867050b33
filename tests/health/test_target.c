/* The table of targets: found again by what is asked, through growth, deletion and reuse; queues
 * and uses against a plain memory of what should be there. */
#include "target.h"

#include "check.h"

#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS 3000

static struct health_target spec_of(uint32_t n)
{
	struct health_target spec = {.address = {.family = n % 3 == 0 ? 6 : 4},
	                             .port = (uint16_t)(80 + n % 2),
	                             .kind = n % 5 == 0 ? PROBE_HTTP : PROBE_TCP,
	                             .path = n % 5 == 0 ? "/healthz" : "",
	                             .host = n % 10 == 0 ? "www.example" : ""};
	memcpy(spec.address.octets, &n, sizeof n);
	return spec;
}

static uint32_t get(struct targets *targets, uint32_t n, bool *made)
{
	const struct health_target spec = spec_of(n);
	uint32_t id;
	assert_int_equal(target_get(targets, &spec, &id, made), ERR_OK);
	const struct target *target = target_at(targets, id);
	assert_int_equal(address_compare(&target->spec.address, &spec.address), 0);
	assert_string_equal(target->spec.path, spec.path);
	assert_string_equal(target->spec.host, spec.host);
	return id;
}

static void one_target_for_one_question(void **state)
{
	(void)state;
	struct targets targets = {.seed = 3, .count_max = HEALTH_TARGETS_MAX};
	bool made;
	struct health_target spec = spec_of(1);
	uint32_t first = get(&targets, 1, &made), other;
	assert_true(made);
	assert_int_equal(get(&targets, 1, &made), first);
	assert_false(made);
	memset(spec.address.octets + V4_SIZE, 0xff, 12); /* nothing, behind an IPv4 address */
	assert_int_equal(target_get(&targets, &spec, &other, &made), ERR_OK);
	assert_int_equal(other, first);
	struct health_target others[] = {spec_of(1), spec_of(1), spec_of(1), spec_of(1), spec_of(2)};
	others[0].port++;
	others[1].kind = PROBE_HTTPS;
	others[2].path = "/";
	others[3].host = "/"; /* a path is no host */
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(target_get(&targets, &others[i], &other, &made), ERR_OK);
		assert_true(made);
	}
	assert_int_equal(targets.count, 6);
	assert_null(target_at(&targets, 6));
	assert_null(target_at(&targets, TARGET_NONE));
	targets_free(&targets);
}

/* 200,000 steps of coming and going. */
static void churn_loses_nobody(void **state)
{
	(void)state;
	struct targets targets = {.seed = 7, .count_max = HEALTH_TARGETS_MAX};
	static uint32_t ids[KEYS]; /* + 1; 0: not there */
	uint64_t random = 88172645463325252u;
	uint32_t there = 0;
	memset(ids, 0, sizeof ids);
	for (unsigned step = 0; step < 200000; step++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		uint32_t n = (uint32_t)(random >> 32) % KEYS;
		bool made;
		if (ids[n] != 0 && random % 2 == 0) {
			target_drop(&targets, ids[n] - 1);
			assert_null(target_at(&targets, ids[n] - 1));
			ids[n] = 0;
			there--;
			continue;
		}
		uint32_t id = get(&targets, n, &made);
		assert_true(made == (ids[n] == 0));
		assert_true(made || id == ids[n] - 1);
		there += made;
		ids[n] = id + 1;
		assert_int_equal(targets.count, there);
	}
	assert_true(targets.limit <= KEYS); /* ids are given again */
	for (uint32_t n = 0; n < KEYS; n++) {
		bool made;
		uint32_t id = get(&targets, n, &made);
		assert_true(made == (ids[n] == 0));
		assert_true(made || id == ids[n] - 1);
	}
	targets_free(&targets);
}

static void uses_know_who_moved(void **state)
{
	(void)state;
	struct target target = {0};
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(target_use(&target, (struct use){i, 2 * i}), i);
	const struct use *moved = target_unuse(&target, 10);
	assert_int_equal(moved->service, 99);
	assert_int_equal(moved->link, 198);
	assert_ptr_equal(moved, &target.uses[10]);
	assert_null(target_unuse(&target, 98));
	assert_int_equal(target.use_count, 98);
	free(target.uses);
}

static void queue_check(const struct targets *targets, enum wait wait, const char *expected)
{
	char forth[128] = "", back[128] = "";
	const struct queue *queue = &targets->queues[wait];
	uint32_t id = queue->first;
	for (uint32_t i = 0; i < queue->count; i++, id = targets->at[id]->after)
		(void)snprintf(forth + strlen(forth), sizeof forth - strlen(forth), "%u ", id);
	id = queue->last;
	for (uint32_t i = 0; i < queue->count; i++, id = targets->at[id]->before) {
		char one[16];
		int size = snprintf(one, sizeof one, "%u ", id);
		memmove(back + size, back, strlen(back) + 1);
		memcpy(back, one, (size_t)size);
	}
	assert_string_equal(forth, expected);
	assert_string_equal(back, expected);
}

static void queues_keep_their_order(void **state)
{
	(void)state;
	struct targets targets = {.seed = 1, .count_max = HEALTH_TARGETS_MAX};
	bool made;
	for (uint32_t n = 0; n < 6; n++)
		assert_int_equal(get(&targets, n, &made), n);
	for (uint32_t n = 0; n < 5; n++)
		target_wait(&targets, n, WAIT_PROOF);
	target_wait(&targets, 0, WAIT_PROOF); /* it does: its place is its place */
	queue_check(&targets, WAIT_PROOF, "0 1 2 3 4 ");
	target_wait(&targets, 2, WAIT_APPROVAL);
	target_wait(&targets, 0, WAIT_APPROVAL);
	target_wait(&targets, 4, WAIT_NOTHING);
	queue_check(&targets, WAIT_PROOF, "1 3 ");
	queue_check(&targets, WAIT_APPROVAL, "2 0 ");
	target_drop(&targets, 0);
	target_drop(&targets, 2);
	target_drop(&targets, 5);
	queue_check(&targets, WAIT_APPROVAL, "");
	target_wait(&targets, 4, WAIT_APPROVAL);
	queue_check(&targets, WAIT_APPROVAL, "4 ");
	targets_free(&targets);
}

static void above_the_limit_there_is_none(void **state)
{
	(void)state;
	struct targets targets = {.seed = 1, .count_max = HEALTH_TARGETS_MAX};
	struct health_target spec = spec_of(1);
	uint32_t id;
	bool made;
	for (uint32_t n = 0; n < HEALTH_TARGETS_MAX; n++) {
		memcpy(spec.address.octets, &n, sizeof n);
		assert_int_equal(target_get(&targets, &spec, &id, &made), ERR_OK);
	}
	spec.port = 9;
	assert_int_equal(target_get(&targets, &spec, &id, &made), ERR_LIMIT);
	target_drop(&targets, 77);
	assert_int_equal(target_get(&targets, &spec, &id, &made), ERR_OK);
	assert_int_equal(id, 77);
	targets_free(&targets);
}

/* tls.h's "certificate: ..." is OpenSSL's sentence: whichever it is, it can be read to its end. */
static void words_for_certificates_have_room(void **state)
{
	(void)state;
	static const char LEAD[] = "certificate: ";
	for (long i = 0; i < 128; i++)
		assert_true(sizeof LEAD + strlen(X509_verify_cert_error_string(i)) <= TARGET_WHY_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_for_certificates_have_room),
		cmocka_unit_test(one_target_for_one_question),
		cmocka_unit_test(churn_loses_nobody),
		cmocka_unit_test(uses_know_who_moved),
		cmocka_unit_test(queues_keep_their_order),
		cmocka_unit_test(above_the_limit_there_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
