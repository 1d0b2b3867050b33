/* Any octets as the response to a probe: the verdict is the same however they are cut into reads,
 * and none is read beyond its bounds. The first octet says how they are cut, and whether a text is
 * sought: what stands up to the first zero octet after it. */
#include "fuzz.h"

#include "fedns/prober.h"
#include "probe_http.h"

#include <stdlib.h>
#include <string.h>

static void check(bool good)
{
	if (!good)
		abort();
}

/* Read it all by `step`. `*why` stays empty where it is good, or undecided. */
static enum probe_verdict judged(const struct probe_wanted *wanted, const uint8_t *data,
                                 size_t size, size_t step, struct why *why)
{
	struct probe_reader reader = {0};
	why_set(why, "%s", "");
	for (size_t at = 0; at < size; at += step) {
		size_t more = size - at < step ? size - at : step;
		uint8_t *octets = malloc(more); /* of its own, so that no octet behind it is read unseen */
		check(octets != NULL);
		memcpy(octets, data + at, more);
		enum probe_verdict verdict = probe_read(&reader, wanted, (struct bytes){octets, more}, why);
		free(octets);
		if (verdict != PROBE_MORE) {
			check((verdict == PROBE_GOOD) == (why->text[0] == '\0'));
			return verdict;
		}
		const struct probe_frame *frame = &reader.frame;
		check(frame->head <= (frame_in_body(frame) ? FRAME_CHUNKS_MAX : PROBE_HEAD_MAX));
		check(reader.body < PROBE_BODY_MAX && !frame_broken(frame));
	}
	probe_ended(&reader, why);
	return PROBE_MORE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint16_t left[PROBE_CONTAINS_SIZE_MAX];
	struct probe_wanted wanted = {.status_low = 200, .status_high = 399};
	struct why whole, cut;
	if (size == 0)
		return 0;
	size_t step = 1 + (data[0] & 0x7f);
	bool seeking = (data[0] & 0x80) != 0;
	data++;
	size--;
	const uint8_t *end = size == 0 ? NULL : memchr(data, '\0', size);
	if (seeking && end != NULL && end - data <= PROBE_CONTAINS_SIZE_MAX) {
		struct bytes text = {data, (size_t)(end - data)};
		probe_text_prepare(text, left);
		wanted.contains = (struct probe_text){text, left};
		size -= text.size + 1;
		data = end + 1;
	}
	enum probe_verdict verdict = judged(&wanted, data, size, size + 1, &whole);
	check(judged(&wanted, data, size, step, &cut) == verdict);
	check(strcmp(whole.text, cut.text) == 0);
	return 0;
}
