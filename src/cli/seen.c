#include "seen.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Of the table; always a power of two. */
#define ROOM_LEAST 256

struct entry {
	uint64_t hash, content;
	size_t key_at; /* in `keys`, and 1; 0: the place is free */
	uint32_t round;
	bool gone;
};

struct seen {
	struct entry *entries; /* [room]: open addressing, at most half full */
	size_t room, used, gone;
	struct buf keys;
	uint32_t round;
};

struct seen *seen_new(void)
{
	struct seen *seen = calloc(1, sizeof *seen);
	if (seen == NULL)
		return NULL;
	seen->entries = calloc(ROOM_LEAST, sizeof seen->entries[0]);
	if (seen->entries == NULL) {
		free(seen);
		return NULL;
	}
	seen->room = ROOM_LEAST;
	buf_init(&seen->keys, SEEN_KEYS_MAX);
	return seen;
}

void seen_free(struct seen *seen)
{
	if (seen == NULL)
		return;
	free(seen->entries);
	buf_free(&seen->keys);
	free(seen);
}

static const char *key_of(const struct seen *seen, const struct entry *entry)
{
	return (const char *)seen->keys.data + entry->key_at - 1;
}

/* Its place, or the free one where it would be. */
static struct entry *entry_find(const struct seen *seen, const char *key, uint64_t hash)
{
	size_t at = (size_t)hash & (seen->room - 1);
	for (;; at = (at + 1) & (seen->room - 1)) {
		struct entry *entry = &seen->entries[at];
		if (entry->key_at == 0 || (entry->hash == hash && strcmp(key_of(seen, entry), key) == 0))
			return entry;
	}
}

static uint64_t hash_of(const char *key)
{
	return hash_bytes(bytes_of(key), 0);
}

static enum err entry_add(struct seen *seen, struct entry *entry, const char *key, uint64_t hash)
{
	size_t at = seen->keys.size;
	enum err err = buf_add(&seen->keys, (struct bytes){(const uint8_t *)key, strlen(key) + 1});
	if (err != ERR_OK)
		return err;
	*entry = (struct entry){.hash = hash, .key_at = at + 1};
	seen->used++;
	return ERR_OK;
}

/* The same in a table of `room`, without what is gone. */
static enum err rebuild(struct seen *seen, size_t room)
{
	assert(room != 0);
	struct seen new = {.room = room, .round = seen->round};
	enum err err = ERR_OK;
	new.entries = calloc(room, sizeof new.entries[0]);
	if (new.entries == NULL)
		return ERR_NOMEM;
	buf_init(&new.keys, SEEN_KEYS_MAX);
	for (size_t i = 0; i < seen->room && err == ERR_OK; i++) {
		const struct entry *old = &seen->entries[i];
		if (old->key_at == 0 || old->gone)
			continue;
		const char *key = key_of(seen, old);
		struct entry *entry = entry_find(&new, key, old->hash);
		err = entry_add(&new, entry, key, old->hash);
		entry->content = old->content;
		entry->round = old->round;
	}
	struct seen left = err == ERR_OK ? *seen : new;
	if (err == ERR_OK)
		*seen = new;
	free(left.entries);
	buf_free(&left.keys);
	return err;
}

void seen_begin(struct seen *seen)
{
	seen->round++;
}

enum err seen_take(struct seen *seen, const char *key, uint64_t content, enum seen_how *how)
{
	assert(seen != NULL && key != NULL && how != NULL);
	uint64_t hash = hash_of(key);
	*how = SEEN_SAME;
	enum err err = 2 * (seen->used + 1) > seen->room ? rebuild(seen, 2 * seen->room) : ERR_OK;
	if (err != ERR_OK)
		return err;
	struct entry *entry = entry_find(seen, key, hash);
	bool new = entry->key_at == 0 || entry->gone;
	if (entry->key_at == 0)
		err = entry_add(seen, entry, key, hash);
	if (err != ERR_OK)
		return err;
	if (entry->gone)
		seen->gone--;
	*how = new ? SEEN_NEW : entry->content == content ? SEEN_SAME : SEEN_CHANGED;
	entry->gone = false;
	entry->content = content;
	entry->round = seen->round;
	return ERR_OK;
}

enum err seen_sweep(struct seen *seen, gone_taker *take, void *arg)
{
	for (size_t i = 0; i < seen->room; i++) {
		struct entry *entry = &seen->entries[i];
		if (entry->key_at == 0 || entry->gone || entry->round == seen->round)
			continue;
		enum err err = take(arg, key_of(seen, entry));
		if (err != ERR_OK)
			return err;
		entry->gone = true;
		seen->gone++;
	}
	/* without memory they stay a while */
	if (seen->gone > ROOM_LEAST && 2 * seen->gone > seen->used)
		(void)!rebuild(seen, seen->room);
	return ERR_OK;
}
