/* What verdicts make of one service's records: each file of verdicts/ is a case.
 *
 * Its first part is a story: `ttl_min`, `min_healthy`, `window`, `all_down` and `fallback` are the
 * policy, `ports`, `cluster` and `service` the federation, `host` a lookup; `at` sets the time in
 * seconds, at which a cluster goes `down` (rule 9) or an address `out`; `unsteady` and `forced`
 * mark one. Its second part, behind a line of `--`, is every record, in the order of the places.
 * The answers must say the same.
 */
#include "world.h"

#include "check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER       TESTS_DIR "/compile/verdicts"
#define CASE_MAX     65536
#define WORDS_MAX    4
#define SERVICE      "ns/web"
#define VERDICTS_ROW 32

struct story {
	struct world world;
	int64_t begin_ms;
	struct verdict verdicts[VERDICTS_ROW];
	size_t verdict_count;
	char records[CASE_MAX];
};

/* --- the story ---------------------------------------------------------------------------- */

static struct verdict *verdict_of(struct story *story, const char *cluster, const char *address)
{
	struct verdict wanted = {.cluster = world_cluster_id(&story->world, cluster)};
	struct why why = {{0}};
	assert_int_equal(address_parse(bytes_of(address), &wanted.address, &why), ERR_OK);
	for (size_t i = 0; i < story->verdict_count; i++) {
		struct verdict *have = &story->verdicts[i];
		if (have->cluster == wanted.cluster &&
		    address_compare(&have->address, &wanted.address) == 0)
			return have;
	}
	assert_true(story->verdict_count < VERDICTS_ROW);
	story->verdicts[story->verdict_count] = wanted;
	return &story->verdicts[story->verdict_count++];
}

static enum all_down all_down_of(const char *word)
{
	if (strcmp(word, "last") == 0)
		return ALL_DOWN_LAST;
	assert_true(strcmp(word, "all") == 0 || strcmp(word, "empty") == 0);
	return strcmp(word, "all") == 0 ? ALL_DOWN_ALL : ALL_DOWN_EMPTY;
}

static bool policy_word(struct zone_policy *policy, const char *key, const char *value)
{
	uint32_t number = (uint32_t)strtoul(value, NULL, 10);
	if (strcmp(key, "ttl_min") == 0)
		policy->ttl_min_s = number;
	else if (strcmp(key, "window") == 0)
		policy->last_window_ms = (int64_t)1000 * number;
	else if (strcmp(key, "min_healthy") == 0 && strchr(value, '%') != NULL)
		policy->min_healthy.percent = (uint8_t)number;
	else if (strcmp(key, "min_healthy") == 0)
		policy->min_healthy.count = number;
	else if (strcmp(key, "all_down") == 0)
		policy->all_down = all_down_of(value);
	else if (strcmp(key, "fallback") == 0)
		policy->fallback = strcmp(value, "flatten") == 0 ? FALLBACK_FLATTEN : FALLBACK_CNAME;
	else
		return false;
	return true;
}

static bool federation_word(struct world *world, const char *key, char *value)
{
	char *rest = strchr(value, ' ');
	if (strcmp(key, "ports") == 0) {
		world_ports(world, value);
	} else if (strcmp(key, "service") == 0) {
		world_service(world, SERVICE, value);
		world_commit(world, COMMIT_CHANGES);
	} else if (strcmp(key, "cluster") == 0 || strcmp(key, "down") == 0) {
		assert_non_null(rest);
		*rest++ = '\0';
		bool down = key[0] == 'd';
		world_cluster(world, value, rest, down ? READY_FALSE : READY_TRUE, world->now_ms - 60000);
		world_commit(world, COMMIT_CHANGES);
	} else if (strcmp(key, "host") == 0) {
		assert_non_null(rest);
		*rest++ = '\0';
		world_resolved(world, value, strchr(rest, ':') == NULL ? 4 : 6, rest);
	} else {
		return false;
	}
	return true;
}

static void line_tell(struct story *story, char *line)
{
	char *value = strchr(line, ' ');
	if (line[0] == '#' || line[0] == '\0')
		return;
	assert_non_null(value);
	*value++ = '\0';
	if (policy_word(&story->world.policy.zone, line, value) ||
	    federation_word(&story->world, line, value))
		return;
	if (strcmp(line, "at") == 0) {
		story->world.now_ms = story->begin_ms + (int64_t)1000 * strtol(value, NULL, 10);
		return;
	}
	char *address = strchr(value, ' ');
	assert_non_null(address);
	*address++ = '\0';
	struct verdict *verdict = verdict_of(story, value, address);
	if (strcmp(line, "out") == 0) {
		verdict->out = true;
		verdict->since_ms = story->world.now_ms;
	} else if (strcmp(line, "forced") == 0) {
		verdict->forced = true;
	} else {
		assert_string_equal(line, "unsteady");
		verdict->unsteady = true;
	}
}

/* --- the records -------------------------------------------------------------------------- */

static enum err set_add(void *arg, const struct rrset *set, struct why *why)
{
	struct story *story = arg;
	char owner[NAME_TEXT_SIZE], type[16];
	name_text(set->owner, owner);
	type_text(set->type, type);
	for (uint16_t i = 0; i < set->count; i++) {
		struct buf rdata;
		buf_init(&rdata, CASE_MAX);
		assert_int_equal(rdata_text(set, i, &rdata, why), ERR_OK);
		size_t used = strlen(story->records);
		(void)snprintf(story->records + used, sizeof story->records - used, "%s %u %s %.*s\n",
		               owner, set->ttl_s, type, BYTES_ARG(buf_bytes(&rdata)));
		const char *answer = world_ask(&story->world, owner, set->type);
		char *wanted;
		assert_true(asprintf(&wanted, "%s %s %.*s", owner, type, BYTES_ARG(buf_bytes(&rdata))) > 0);
		assert_non_null(strstr(answer, wanted));
		free(wanted);
		buf_free(&rdata);
	}
	assert_int_equal(world_ask_ttl(&story->world, owner, set->type), set->ttl_s);
	return ERR_OK;
}

static void records_collect(struct story *story)
{
	static struct tail tails[PLACES_MAX];
	struct world *world = &story->world;
	const struct zone_policy *policy = &world->policy.zone;
	struct compiler *compiler = compiler_new();
	struct ladder ladder;
	size_t count = compile_tails(world->model, policy, &world->findings, tails);
	assert_int_equal(
		compile_service(compiler, world->model, policy, 0, &world->findings, &ladder, &world->why),
		ERR_OK);
	assert_int_equal(
		ladder_rrsets(&ladder, tails, count, &world->findings, set_add, story, &world->why),
		ERR_OK);
	compiler_free(compiler);
}

/* Returns whether it came out as written. */
static bool case_run(const char *name, char *text)
{
	static struct story story;
	story = (struct story){.verdict_count = 0};
	world_init(&story.world);
	story.begin_ms = story.world.now_ms;
	char *expected = strstr(text, "\n--\n"), *rest = text;
	assert_non_null(expected);
	*expected = '\0';
	expected += strlen("\n--\n");
	for (char *line; (line = strsep(&rest, "\n")) != NULL;)
		line_tell(&story, line);
	assert_int_equal(zone_set_policy(story.world.zone, &story.world.policy, &story.world.why),
	                 ERR_OK);
	world_verdicts(&story.world, SERVICE, story.verdicts, story.verdict_count);
	world_publish(&story.world);
	records_collect(&story);
	bool good = strcmp(story.records, expected) == 0;
	if (!good)
		print_error("%s: the records are:\n%s\n", name, story.records);
	world_clear(&story.world);
	return good;
}

static void every_case_gives_its_records(void **state)
{
	(void)state;
	static char text[CASE_MAX];
	struct dirent **entries;
	int count = scandir(FOLDER, &entries, NULL, alphasort), cases = 0, bad = 0;
	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		char path[4096];
		(void)snprintf(path, sizeof path, "%s/%s", FOLDER, name);
		FILE *file = name[0] == '.' ? NULL : fopen(path, "re");
		if (file != NULL) {
			text[fread(text, 1, sizeof text - 1, file)] = '\0';
			assert_int_equal(fclose(file), 0);
			bad += !case_run(name, text);
			cases++;
		}
		free(entries[i]);
	}
	free(entries);
	assert_true(cases >= 15);
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_gives_its_records),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
