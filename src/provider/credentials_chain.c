/* The members in the vendor's order, and the walk along them. */
#include "credentials_internal.h"

static const struct member {
	const char *name;
	member_find *find;
} MEMBERS[] = {
	{"alidns.yaml", file_find},    {"environment", env_find},     {"OIDC", oidc_find},
	{"profile", cli_profile_find}, {"profile", ini_profile_find}, {"ECS metadata", ecs_find},
	{"credentials URI", uri_find},
};
#define MEMBER_COUNT (sizeof MEMBERS / sizeof MEMBERS[0])

static void append(struct why *list, const char *sentence, const char *between)
{
	struct why before = *list;
	if (before.text[0] == '\0')
		why_set(list, "%s", sentence);
	else
		why_set(list, "%s%s%s", before.text, between, sentence);
}

static void note(struct walk *walk, enum err err, struct why *why)
{
	if (err == ERR_MISSING) {
		append(&walk->absent, why->text, ", ");
		return;
	}
	why_wrap(why, "%s", MEMBERS[walk->at].name);
	append(&walk->broken, why->text, "; ");
	if (walk->err == ERR_OK)
		walk->err = err;
}

static void walk_end(struct credentials *credentials)
{
	const struct walk *walk = &credentials->walk;
	struct why why;
	if (walk->broken.text[0] == '\0')
		why_set(&why, "no credentials: looked in vain for %s", walk->absent.text);
	else if (walk->absent.text[0] == '\0')
		why_set(&why, "no credentials: %s", walk->broken.text);
	else
		why_set(&why, "no credentials: %s; looked in vain for %s", walk->broken.text,
		        walk->absent.text);
	credentials_told(credentials, walk->err == ERR_OK ? ERR_MISSING : walk->err, &why);
}

/* Keys in the provider's file are meant: another identity must not slip into their place. */
static bool is_last(const struct credentials *credentials)
{
	const struct alidns_file *file = credentials->setup.file;
	bool meant = credentials->walk.at == 0 && file != NULL && file->access_key_id != NULL;
	return meant || credentials->walk.alone || credentials->walk.at + 1 >= MEMBER_COUNT;
}

/* Ask members from walk.at on, until one is under way, or has given keys, or there is none. */
static void walk_on(struct credentials *credentials)
{
	struct walk *walk = &credentials->walk;
	for (;;) {
		struct why why = {{0}};
		enum err err = MEMBERS[walk->at].find(credentials, &credentials->fetch.way, &why);
		if (err == ERR_OK)
			err = fetch_start(&credentials->fetch, credentials, &why);
		if (err == ERR_OK && credentials->fetch.under_way)
			return;
		if (err == ERR_OK) {
			walk->under_way = false;
			credentials_told(credentials, ERR_OK, &why);
			return;
		}
		fetch_clear(&credentials->fetch);
		note(walk, err, &why);
		if (is_last(credentials))
			break;
		walk->at++;
	}
	walk->under_way = false;
	walk_end(credentials);
}

void chain_walk(struct credentials *credentials, bool alone)
{
	credentials->walk = (struct walk){
		.under_way = true,
		.alone = alone,
		.at = alone ? credentials->kept_at : 0,
	};
	walk_on(credentials);
}

void chain_told(struct credentials *credentials, enum err err, const struct why *why)
{
	struct walk *walk = &credentials->walk;
	struct why sentence = *why;
	if (err == ERR_OK) {
		walk->under_way = false;
		credentials_told(credentials, ERR_OK, why);
		return;
	}
	fetch_clear(&credentials->fetch);
	note(walk, err, &sentence);
	if (!is_last(credentials)) {
		walk->at++;
		walk_on(credentials);
		return;
	}
	walk->under_way = false;
	walk_end(credentials);
}
