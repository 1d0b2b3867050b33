#include "fedns/reason.h"

static const char *const WORDS[REASONS] = {
	[REASON_NONE] = "none",
	[REASON_PROBE_GOOD] = "probe-good",
	[REASON_PROBE_BAD] = "probe-bad",
	[REASON_RISING] = "rising",
	[REASON_HOLD] = "hold",
	[REASON_DRAINED] = "drained",
	[REASON_FORCED_UP] = "forced-up",
	[REASON_FORCED_DOWN] = "forced-down",
	[REASON_SUSPECTED] = "suspected",
	[REASON_HELD] = "held",
	[REASON_NOT_READY] = "not-ready",
	[REASON_ALL_DOWN] = "all-down",
	[REASON_MIN_HEALTHY] = "min-healthy",
	[REASON_ONE_FAMILY] = "one-family",
	[REASON_STALE] = "stale",
};

const char *reason_text(unsigned reason)
{
	return WORDS[reason < REASONS ? reason : REASON_NONE];
}
