#include "fewest_calls.h"

#include "check.h"

#include <string.h>

/* A state is what each slot holds, three bits a slot: nothing, or one of the contents. */
#define SLOTS  (2 * FEWEST_MAX)
#define STATES (1u << (3 * SLOTS))

struct search {
	const struct fake_record *contents[1 + SLOTS]; /* 0: nothing; had ones, then wanted ones */
	size_t have_count, want_count;
	uint32_t queue[STATES];
	uint8_t calls[STATES]; /* 1 + calls to get there; 0: not seen */
	size_t queued;
};

static unsigned slot_of(uint32_t state, unsigned slot)
{
	return state >> (3 * slot) & 7;
}

static uint32_t slot_set(uint32_t state, unsigned slot, unsigned content)
{
	return (state & ~(7u << (3 * slot))) | content << (3 * slot);
}

static bool pair_is_fine(const struct fake_record *a, const struct fake_record *b)
{
	return !(a->type == b->type && strcmp(a->value, b->value) == 0) &&
	       !fake_conflict(a->type, b->type, strcmp(a->rr, "@") == 0);
}

static bool is_fine(const struct search *search, uint32_t state)
{
	if (state == 0 && search->want_count > 0)
		return false;
	for (unsigned i = 0; i < SLOTS; i++) {
		for (unsigned j = i + 1; j < SLOTS; j++) {
			unsigned a = slot_of(state, i), b = slot_of(state, j);
			if (a != 0 && b != 0 && !pair_is_fine(search->contents[a], search->contents[b]))
				return false;
		}
	}
	return true;
}

static bool same(const struct fake_record *a, const struct fake_record *b)
{
	return a->type == b->type && a->ttl_s == b->ttl_s && strcmp(a->value, b->value) == 0;
}

/* All that is wanted, and nothing else? What is fine holds nothing twice. */
static bool is_goal(const struct search *search, uint32_t state)
{
	size_t right = 0;
	for (unsigned i = 0; i < SLOTS; i++) {
		const struct fake_record *content = search->contents[slot_of(state, i)];
		bool wanted = content == NULL;
		for (size_t j = 0; j < search->want_count && content != NULL; j++)
			wanted = wanted || same(content, search->contents[1 + search->have_count + j]);
		if (!wanted)
			return false;
		right += content != NULL;
	}
	return right == search->want_count;
}

static void visit(struct search *search, uint32_t state, uint8_t calls)
{
	if (search->calls[state] != 0 || !is_fine(search, state))
		return;
	search->calls[state] = calls;
	search->queue[search->queued++] = state;
}

/* One call on `slot`: its record goes, or what is there (or not yet) becomes a wanted one. */
static void slot_visit(struct search *search, uint32_t state, unsigned slot, uint8_t calls)
{
	visit(search, slot_set(state, slot, 0), calls);
	for (unsigned j = 0; j < search->want_count; j++)
		visit(search, slot_set(state, slot, 1 + (unsigned)search->have_count + j), calls);
}

unsigned fewest_calls(const struct fake_record *have, size_t have_count,
                      const struct fake_record *want, size_t want_count)
{
	static struct search search; /* too large for the stack */
	memset(search.calls, 0, sizeof search.calls);
	search.queued = 0;
	search.have_count = have_count;
	search.want_count = want_count;
	uint32_t begin = 0;
	for (unsigned i = 0; i < have_count; i++) {
		search.contents[1 + i] = &have[i];
		begin = slot_set(begin, i, 1 + i);
	}
	for (unsigned i = 0; i < want_count; i++)
		search.contents[1 + have_count + i] = &want[i];
	/* The begin may be empty though something is wanted. */
	search.calls[begin] = 1;
	search.queue[search.queued++] = begin;
	for (size_t next = 0; next < search.queued; next++) {
		uint32_t state = search.queue[next];
		uint8_t calls = search.calls[state];
		if (is_goal(&search, state))
			return calls - 1u;
		unsigned free_slot = 0;
		for (; free_slot < SLOTS && slot_of(state, free_slot) != 0; free_slot++)
			slot_visit(&search, state, free_slot, (uint8_t)(calls + 1));
		/* Free slots are all alike: the first is enough, but records may stand behind it. */
		for (unsigned slot = free_slot; slot < SLOTS; slot++) {
			if (slot == free_slot || slot_of(state, slot) != 0)
				slot_visit(&search, state, slot, (uint8_t)(calls + 1));
		}
	}
	fail_msg("no way from what there is to what is wanted");
	return 0;
}
