#include "questions.h"

#include <stdlib.h>
#include <string.h>

enum { QUESTIONS_MAX = 2000000, OCTETS_MAX = QUESTIONS_MAX * 96 };

struct question {
	uint32_t at;
	uint16_t size;
};

static size_t query_make(char *name, unsigned type, uint8_t *out)
{
	static const uint8_t OPT[11] = {0, 0, 41, 0x04, 0xd0};
	const uint8_t header[12] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1};
	memcpy(out, header, sizeof header);
	uint8_t *at = out + sizeof header;
	char *rest = name;
	for (char *label; (label = strsep(&rest, ".")) != NULL;) {
		size_t size = strlen(label);
		if (size == 0)
			break;
		*at++ = (uint8_t)size;
		memcpy(at, label, size);
		at += size;
	}
	const uint8_t end[5] = {0, (uint8_t)(type >> 8), (uint8_t)type, 0, 1};
	memcpy(at, end, sizeof end);
	memcpy(at + sizeof end, OPT, sizeof OPT);
	return (size_t)(at - out) + sizeof end + sizeof OPT;
}

void questions_read(struct questions *questions, FILE *in)
{
	char line[512], name[250];
	unsigned type;
	*questions = (struct questions){.items = calloc(QUESTIONS_MAX, sizeof questions->items[0]),
	                                .octets = malloc(OCTETS_MAX)};
	if (questions->items == NULL || questions->octets == NULL)
		exit(3);
	while (questions->count < QUESTIONS_MAX && fgets(line, sizeof line, in) != NULL) {
		if (sscanf(line, "%249s %u", name, &type) != 2 ||
		    questions->octets_size + QUERY_SIZE_MAX > OCTETS_MAX)
			break;
		struct question *question = &questions->items[questions->count++];
		uint8_t *at = questions->octets + questions->octets_size;
		question->at = (uint32_t)questions->octets_size;
		question->size = (uint16_t)query_make(name, type, at);
		questions->octets_size += question->size;
	}
	if (questions->count == 0)
		exit(2);
}

uint8_t *questions_next(struct questions *questions, uint16_t id, size_t *size)
{
	const struct question *question = &questions->items[questions->next];
	uint8_t *query = questions->octets + question->at;
	questions->next = (questions->next + 1) % questions->count;
	query[0] = (uint8_t)(id >> 8);
	query[1] = (uint8_t)id;
	*size = question->size;
	return query;
}
