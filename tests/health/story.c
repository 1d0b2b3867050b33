#include "story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 64
/* After this many intervals nothing is left of a restart. */
#define RESTART_INTERVALS 6

struct player {
	struct scene scene;
	const struct story *story;
	size_t line; /* 1.. */
	size_t restart, moment;
	int64_t restarted_ms; /* 0: not yet, or never */
	bool settled;
	size_t news_from, news_begin; /* what was not told before; of the time since the last `at` */
	size_t *expected;
	bool good;
};

bool story_read(const char *path, const char *name, struct story *out)
{
	FILE *file = fopen(path, "re");
	out->name = name;
	out->line_count = out->moments = 0;
	if (file == NULL)
		return false;
	size_t size = fread(out->text, 1, sizeof out->text - 1, file);
	bool whole = size < sizeof out->text - 1 && ferror(file) == 0;
	whole = fclose(file) == 0 && whole;
	out->text[size] = '\0';
	char *rest = out->text;
	for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
		assert_true(out->line_count < STORY_LINES_MAX);
		out->lines[out->line_count++] = line;
		out->moments += strncmp(line, "at ", 3) == 0;
	}
	return whole;
}

static void wrong(struct player *player, const char *fmt, ...) PRINTF(2, 3);

static void wrong(struct player *player, const char *fmt, ...)
{
	char text[2 * WORLD_TEXT_SIZE];
	va_list args;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	print_error("%s:%zu%s: %s\n", player->story->name, player->line,
	            player->restarted_ms != 0 ? " (with a restart before)" : "", text);
	player->good = false;
}

/* After a restart only what is settled is as told, once the restart is long ago. */
static bool counts(const struct player *player)
{
	if (player->restart == 0)
		return true;
	int64_t since_ms = player->scene.world.now_ms - player->restarted_ms;
	return player->settled && player->restarted_ms != 0 &&
	       since_ms >= RESTART_INTERVALS * player->scene.policy.interval_ms;
}

/* --- words -------------------------------------------------------------------------------- */

struct words {
	char copy[1024];
	char *at[WORDS_MAX];
	size_t count;
	const char *rest; /* of the line, behind the first two words */
};

static void words_split(const char *line, struct words *out)
{
	char *rest = out->copy;
	out->count = 0;
	assert_true(strlen(line) < sizeof out->copy);
	(void)snprintf(out->copy, sizeof out->copy, "%s", line);
	for (char *word; (word = strsep(&rest, " ")) != NULL;) {
		if (word[0] == '#')
			break;
		assert_true(out->count < WORDS_MAX);
		if (word[0] != '\0')
			out->at[out->count++] = word;
	}
	for (size_t i = out->count; i < WORDS_MAX; i++)
		out->at[i] = out->copy + sizeof out->copy - 1;
	out->copy[sizeof out->copy - 1] = '\0';
	out->rest = line + strcspn(line, " ");
	out->rest += strspn(out->rest, " ");
	out->rest += strcspn(out->rest, " ");
	out->rest += strspn(out->rest, " ");
}

static bool is(const char *word, const char *other)
{
	return strcmp(word, other) == 0;
}

static long number(const char *word)
{
	return strtol(word, NULL, 10);
}

static int64_t ms_of(const char *seconds)
{
	return (int64_t)(strtod(seconds, NULL) * 1000);
}

/* --- policy ------------------------------------------------------------------------------- */

static enum all_down all_down_of(const char *word)
{
	assert_true(is(word, "last") || is(word, "all") || is(word, "empty"));
	return is(word, "last") ? ALL_DOWN_LAST : is(word, "all") ? ALL_DOWN_ALL : ALL_DOWN_EMPTY;
}

static bool zone_word(struct zone_policy *policy, const char *key, const char *value)
{
	if (is(key, "ttl"))
		policy->ttl_s = (uint32_t)number(value);
	else if (is(key, "ttl_min"))
		policy->ttl_min_s = (uint32_t)number(value);
	else if (is(key, "all_down"))
		policy->all_down = all_down_of(value);
	else if (is(key, "fallback"))
		policy->fallback = is(value, "flatten") ? FALLBACK_FLATTEN : FALLBACK_CNAME;
	else if (is(key, "min_healthy") && strchr(value, '%') != NULL)
		policy->min_healthy.percent = (uint8_t)number(value);
	else if (is(key, "min_healthy"))
		policy->min_healthy.count = (uint32_t)number(value);
	else
		return false;
	return true;
}

static bool health_word(struct scene *scene, const char *key, const char *value)
{
	struct health_policy *policy = &scene->policy;
	if (is(key, "interval"))
		policy->interval_ms = ms_of(value);
	else if (is(key, "rise"))
		policy->rise = (unsigned)number(value);
	else if (is(key, "fall"))
		policy->fall = (unsigned)number(value);
	else if (is(key, "failback"))
		policy->failback = is(value, "hold")     ? FAILBACK_HOLD
		                   : is(value, "manual") ? FAILBACK_MANUAL
		                                         : FAILBACK_PREEMPT;
	else if (is(key, "hold"))
		policy->hold_ms = ms_of(value);
	else if (is(key, "max_withdraw"))
		policy->max_withdraw_percent = (unsigned)number(value);
	else if (is(key, "withdraw_free"))
		policy->withdraw_free = (unsigned)number(value);
	else if (is(key, "self_checks"))
		policy->self_checks = (scene->self_count = (size_t)number(value)) != 0;
	else if (is(key, "port"))
		policy->port = (uint16_t)number(value);
	else if (is(key, "probe"))
		policy->probe = is(value, "none") ? PROBE_NONE : PROBE_TCP;
	else
		return false;
	scene_reload(scene);
	return true;
}

/* --- what happens ------------------------------------------------------------------------- */

static bool cluster_word(struct scene *scene, const struct words *words)
{
	const char *key = words->at[0], *name = words->at[1];
	if (is(key, "cluster"))
		scene_cluster(scene, name, words->rest, READY_TRUE);
	else if (is(key, "ready"))
		scene_cluster(scene, name, NULL, READY_TRUE);
	else if (is(key, "not-ready"))
		scene_cluster(scene, name, NULL, READY_FALSE);
	else if (is(key, "unseen"))
		scene_cluster(scene, name, NULL, READY_UNKNOWN);
	else if (is(key, "cluster-gone"))
		scene_cluster_gone(scene, name);
	else
		return false;
	return true;
}

/* "service web a=1.2.3.4 all_down=empty" */
static void service_take(struct scene *scene, const struct words *words)
{
	char ingresses[1024] = "";
	enum all_down all_down = ALL_DOWN_DEFAULT;
	for (size_t i = 2; i < words->count; i++) {
		size_t used = strlen(ingresses);
		if (strncmp(words->at[i], "all_down=", 9) == 0)
			all_down = all_down_of(words->at[i] + 9);
		else
			(void)snprintf(ingresses + used, sizeof ingresses - used, "%s ", words->at[i]);
	}
	scene_service(scene, words->at[1], ingresses, all_down);
}

static bool service_word(struct scene *scene, const struct words *words)
{
	const char *key = words->at[0];
	if (is(key, "service"))
		service_take(scene, words);
	else if (is(key, "services"))
		scene_services(scene, "ns", 0, (size_t)number(words->at[1]),
		               (const char *const *)words->at + 2, words->count - 2);
	else if (is(key, "tenant"))
		scene_services(scene, words->at[1], (size_t)number(words->at[2]),
		               (size_t)number(words->at[3]), (const char *const *)words->at + 4,
		               words->count - 4);
	else if (is(key, "service-gone"))
		scene_service_gone(scene, words->at[1]);
	else if (is(key, "host"))
		scene_resolved(scene, words->at[1], words->rest);
	else
		return false;
	return true;
}

static void host_set(struct scene *scene, struct scene_host *host, void *arg)
{
	const struct scene_host *as = arg;
	(void)scene;
	host->bad = as->bad;
	host->flap_ms = as->flap_ms;
	host->good_ms = as->good_ms;
	host->bad_ms = as->bad_ms;
}

static void host_slow(struct scene *scene, struct scene_host *host, void *arg)
{
	(void)scene;
	host->slow_ms = *(const int64_t *)arg;
}

static bool network_word(struct scene *scene, const struct words *words)
{
	const char *key = words->at[0];
	struct scene_host as = {.bad = is(key, "bad")};
	if (is(key, "cut") || is(key, "mend")) {
		scene->cut = is(key, "cut");
	} else if (is(key, "self")) {
		scene->self_bad[number(words->at[1])] = is(words->at[2], "bad");
	} else if (is(key, "slow")) {
		int64_t slow_ms = ms_of(words->at[2]);
		scene_hosts(scene, words->at[1], host_slow, &slow_ms);
	} else if (is(key, "flap")) {
		as = (struct scene_host){.flap_ms = scene->world.now_ms,
		                         .good_ms = ms_of(words->at[2]),
		                         .bad_ms = ms_of(words->at[3])};
		scene_hosts(scene, words->at[1], host_set, &as);
	} else if (is(key, "good") || is(key, "bad")) {
		for (size_t i = 1; i < words->count; i++)
			scene_hosts(scene, words->at[i], host_set, &as);
	} else {
		return false;
	}
	return true;
}

/* "drain CLUSTER [SERVICE]", "force SERVICE CLUSTER up|down|auto" */
static bool order_word(struct player *player, const struct words *words)
{
	const char *key = words->at[0];
	struct scene *scene = &player->scene;
	struct health_order order = {.since_ms = scene->world.now_ms};
	bool force = is(key, "force"), end = is(key, "undrain") || is(words->at[3], "auto");
	if (!force && !is(key, "drain") && !is(key, "undrain"))
		return false;
	order.kind = !force ? ORDER_DRAIN : is(words->at[3], "up") ? ORDER_UP : ORDER_DOWN;
	order.cluster = bytes_of(words->at[force ? 2 : 1]);
	order.service = bytes_of(words->at[force ? 1 : 2]);
	order.namespace = bytes_of(order.service.size != 0 ? "ns" : "");
	enum err err =
		end ? health_order_end(scene->health, &order, scene->world.now_ms, &scene->world.why)
			: health_order(scene->health, &order, scene->world.now_ms, &scene->world.why);
	if (err != ERR_OK && player->restart == 0)
		wrong(player, "%s", scene->world.why.text);
	scene_settle(scene);
	return true;
}

static void at_take(struct player *player, const char *value)
{
	struct scene *scene = &player->scene;
	int64_t until_ms = scene->begin_ms + ms_of(value);
	player->moment++;
	player->settled = false;
	player->news_begin = scene->news_count;
	if (until_ms < scene->world.now_ms)
		wrong(player, "time goes on, not back");
	if (player->moment == player->restart) {
		scene_pass(scene, scene->world.now_ms + (until_ms - scene->world.now_ms) / 2);
		scene_restart(scene);
		player->restarted_ms = scene->world.now_ms;
	}
	scene_pass(scene, until_ms);
}

static bool time_word(struct player *player, const struct words *words)
{
	struct scene *scene = &player->scene;
	if (is(words->at[0], "at")) {
		at_take(player, words->at[1]);
	} else if (is(words->at[0], "restart")) {
		scene_restart(scene);
	} else if (is(words->at[0], "approve")) {
		size_t count = health_approve(scene->health, scene->world.now_ms);
		if (player->restart == 0 && count != (size_t)number(words->at[1]))
			wrong(player, "%zu addresses were let go", count);
		scene_settle(scene);
	} else if (is(words->at[0], "settled")) {
		player->settled = true;
	} else {
		return false;
	}
	return true;
}

/* --- what is expected --------------------------------------------------------------------- */

static int text_compare(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The words of `text` in an order of their own. */
static void words_sort(const char *text, char *out, size_t size)
{
	struct words words;
	words_split(text, &words);
	qsort(words.at, words.count, sizeof words.at[0], text_compare);
	out[0] = '\0';
	for (size_t i = 0; i < words.count; i++) {
		size_t used = strlen(out);
		(void)snprintf(out + used, size - used, "%s%s", i == 0 ? "" : " ", words.at[i]);
	}
}

/* "web" of the namespace "ns", or "NAMESPACE/web". */
static void owner_put(const char *service, const char *level, char *out, size_t size)
{
	bool global = is(level, "global");
	const char *slash = strchr(service, '/');
	const char *name = slash == NULL ? service : slash + 1;
	int namespace_size = slash == NULL ? 2 : (int)(slash - service);
	(void)snprintf(out, size, "%s.%.*s.fed.svc.%s%sexample.", name, namespace_size,
	               slash == NULL ? "ns" : service, global ? "" : level, global ? "" : ".");
}

/* "expect [SERVICE:]LEVEL WHAT... [ttl N]" */
static void expect_take(struct player *player, const struct words *words)
{
	char service[64] = "web", owner[256], wanted[1024] = "", sorted[1024], have[WORLD_TEXT_SIZE];
	const char *level = words->at[1];
	const char *colon = strchr(level, ':');
	uint32_t ttl_s = 0, wanted_ttl_s = 0;
	if (colon != NULL) {
		(void)snprintf(service, sizeof service, "%.*s", (int)(colon - level), level);
		level = colon + 1;
	}
	owner_put(service, level, owner, sizeof owner);
	for (size_t i = 2; i < words->count; i++) {
		size_t used = strlen(wanted);
		if (is(words->at[i], "ttl"))
			wanted_ttl_s = (uint32_t)number(words->at[++i]);
		else
			(void)snprintf(wanted + used, sizeof wanted - used, "%s ", words->at[i]);
	}
	words_sort(wanted, sorted, sizeof sorted);
	scene_read(&player->scene, service, owner, have, &ttl_s);
	char have_sorted[1024];
	words_sort(have, have_sorted, sizeof have_sorted);
	++*player->expected;
	if (!is(sorted, have_sorted))
		wrong(player, "%s is %s, not %s", owner, have_sorted, sorted);
	else if (wanted_ttl_s != 0 && wanted_ttl_s != ttl_s)
		wrong(player, "the TTL of %s is %u, not %u", owner, ttl_s, wanted_ttl_s);
}

static void news_print(const struct player *player, size_t from)
{
	for (size_t i = from; i < player->scene.news_count; i++)
		print_error("    news: %s\n", player->scene.news[i]);
}

/* "news ADDRESS FROM TO REASON", "news all REASON": in this order, others between them. */
static void news_take(struct player *player, const char *line)
{
	const char *wanted = line + strlen("news ");
	size_t at = player->news_from;
	while (at < player->scene.news_count && !is(player->scene.news[at], wanted))
		at++;
	++*player->expected;
	if (at < player->scene.news_count) {
		player->news_from = at + 1;
		return;
	}
	wrong(player, "no such news; there were");
	news_print(player, player->news_from);
}

static void quiet_take(struct player *player)
{
	++*player->expected;
	if (player->scene.news_count == player->news_begin)
		return;
	wrong(player, "there were news since the last moment");
	news_print(player, player->news_begin);
}

static void totals_take(struct player *player, const struct words *words)
{
	struct health_totals totals;
	health_totals(player->scene.health, &totals);
	const size_t have = is(words->at[1], "held")      ? totals.held
	                    : is(words->at[1], "targets") ? totals.targets
	                    : is(words->at[1], "orders")  ? totals.orders
	                                                  : totals.suspected;
	++*player->expected;
	if (have != (size_t)number(words->at[2]))
		wrong(player, "%s are %zu", words->at[1], have);
}

static bool expect_word(struct player *player, const char *line, const struct words *words)
{
	const char *key = words->at[0];
	bool news = is(key, "news") || is(key, "quiet");
	if (!news && !is(key, "expect") && !is(key, "total"))
		return false;
	if (!counts(player) || (news && player->restart != 0))
		return true;
	if (is(key, "expect"))
		expect_take(player, words);
	else if (is(key, "total"))
		totals_take(player, words);
	else if (is(key, "news"))
		news_take(player, line);
	else
		quiet_take(player);
	return true;
}

/* --- the whole ---------------------------------------------------------------------------- */

static void line_play(struct player *player, const char *line)
{
	struct words words;
	struct scene *scene = &player->scene;
	words_split(line, &words);
	if (words.count == 0 || expect_word(player, line, &words) || time_word(player, &words))
		return;
	player->settled = false;
	if (!zone_word(&scene->world.policy.zone, words.at[0], words.at[1]) &&
	    !health_word(scene, words.at[0], words.at[1]) && !cluster_word(scene, &words) &&
	    !service_word(scene, &words) && !network_word(scene, &words) && !order_word(player, &words))
		wrong(player, "no such word: %s", words.at[0]);
}

bool story_play(const struct story *story, size_t restart, size_t *expected)
{
	struct player *player = calloc(1, sizeof *player);
	assert_non_null(player);
	player->story = story;
	player->restart = restart;
	player->expected = expected;
	player->good = true;
	scene_init(&player->scene);
	for (size_t i = 0; i < story->line_count; i++) {
		player->line = i + 1;
		line_play(player, story->lines[i]);
		if (player->scene.broken[0] != '\0') {
			wrong(player, "%s", player->scene.broken);
			break;
		}
	}
	bool good = player->good;
	scene_clear(&player->scene);
	free(player);
	return good;
}
