/* Records in one array, their text in blocks that never move: 56 octets and its text a record. */
#include "fedns/plan.h"

#include "record_fold.h"
#include "record_list.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_MIN   64
#define BLOCK_SIZE 65536 /* octets of text; one record's always fit */
static_assert(PLAN_TEXT_SIZE_MAX + FOLD_GROWS_MAX + 1 <= BLOCK_SIZE,
              "a record's text fits a block");

struct block {
	struct block *next;
	size_t used;
	uint8_t text[BLOCK_SIZE];
};

struct record_list {
	struct record *records;
	size_t count, room;
	struct block *blocks; /* the one being filled first */
};

struct record_list *record_list_new(void)
{
	return calloc(1, sizeof(struct record_list));
}

void record_list_free(struct record_list *records)
{
	if (records == NULL)
		return;
	while (records->blocks != NULL) {
		struct block *block = records->blocks;
		records->blocks = block->next;
		free(block);
	}
	free(records->records);
	free(records);
}

static enum err no_memory(struct why *why)
{
	why_set(why, "no memory for another record");
	return ERR_NOMEM;
}

static enum err room_make(struct record_list *list, struct why *why)
{
	if (list->count == PLAN_RECORDS_MAX) {
		why_set(why, "more than %d records", PLAN_RECORDS_MAX);
		return ERR_LIMIT;
	}
	if (list->count < list->room)
		return ERR_OK;
	size_t room = list->room == 0 ? ROOM_MIN : list->room + list->room / 2;
	struct record *grown = realloc(list->records, room * sizeof *grown);
	if (grown == NULL)
		return no_memory(why);
	list->records = grown;
	list->room = room;
	return ERR_OK;
}

/* `size` octets that stay where they are; NULL: no memory. */
static uint8_t *text_room(struct record_list *list, size_t size)
{
	assert(size <= BLOCK_SIZE);
	struct block *block = list->blocks;
	if (block == NULL || size > BLOCK_SIZE - block->used) {
		block = malloc(sizeof *block);
		if (block == NULL)
			return NULL;
		block->next = list->blocks;
		block->used = 0;
		list->blocks = block;
	}
	uint8_t *text = block->text + block->used;
	block->used += size;
	return text;
}

enum err record_list_add(struct record_list *records, const struct record *record, struct why *why)
{
	/* one by one: their sum might wrap */
	if (record->id.size > PLAN_TEXT_SIZE_MAX || record->rr.size > PLAN_TEXT_SIZE_MAX ||
	    record->value.size > PLAN_TEXT_SIZE_MAX ||
	    record->id.size + record->rr.size + record->value.size > PLAN_TEXT_SIZE_MAX) {
		why_set(why, "a record of more than %d octets", PLAN_TEXT_SIZE_MAX);
		return ERR_LIMIT;
	}
	enum err err = room_make(records, why);
	if (err != ERR_OK)
		return err;

	uint8_t folded[PLAN_TEXT_SIZE_MAX + FOLD_GROWS_MAX + 1];
	size_t rr_size = record_rr_fold(record->rr, folded);
	size_t value_size = record_value_fold(record->type, record->value, folded + rr_size);
	size_t size = rr_size + value_size;
	uint8_t *text = text_room(records, size + record->id.size);
	if (text == NULL)
		return no_memory(why);
	memcpy(text, folded, size);
	if (record->id.size > 0)
		memcpy(text + size, record->id.data, record->id.size);
	struct record *copy = &records->records[records->count++];
	*copy = *record;
	copy->rr = (struct bytes){text, rr_size};
	copy->value = (struct bytes){text + rr_size, value_size};
	copy->id = (struct bytes){text + size, record->id.size};
	return ERR_OK;
}

size_t record_list_count(const struct record_list *records)
{
	return records->count;
}

struct record *record_list_at(const struct record_list *records, size_t i)
{
	assert(i < records->count);
	return &records->records[i];
}

void record_list_cut(struct record_list *records, size_t count)
{
	assert(count <= records->count);
	records->count = count;
}

int record_content_compare(const struct record *a, const struct record *b)
{
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	return bytes_compare(a->value, b->value);
}

static int record_compare(const void *left, const void *right)
{
	const struct record *a = left, *b = right;
	int order = bytes_compare(a->rr, b->rr);
	if (order == 0)
		order = record_content_compare(a, b);
	if (order == 0)
		order = (int)(a->holds & HOLD_LINE) - (int)(b->holds & HOLD_LINE);
	/* Of records that say the same the order must not depend on how they came. */
	return order != 0 ? order : bytes_compare(a->id, b->id);
}

/* A list that was sorted and only looked at since is common: then it costs one comparison a record.
 */
static bool is_sorted(const struct record_list *list)
{
	for (size_t i = 1; i < list->count; i++) {
		if (record_compare(&list->records[i - 1], &list->records[i]) > 0)
			return false;
	}
	return true;
}

void record_list_sort(struct record_list *records)
{
	if (!is_sorted(records))
		qsort(records->records, records->count, sizeof records->records[0], record_compare);
}
