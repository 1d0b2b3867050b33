#include "prober_internal.h"

#include <errno.h>

enum begun trouble_of(int error, struct why *why)
{
	static const struct {
		int error;
		const char *words;
	} KNOWN[] = {
		{ECONNREFUSED, "connection refused"},
		{ECONNRESET, "connection reset"},
		{EPIPE, "connection reset"},
		{EHOSTUNREACH, "no route to the host"},
		{ENETUNREACH, "network unreachable"},
		{ETIMEDOUT, "connection timed out"},
		{EACCES, "not permitted from here"},
		{EPERM, "not permitted from here"},
		{EAFNOSUPPORT, "no such address family here"},
	};
	why_set(why, "connection failed: error %d", error);
	for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++) {
		if (KNOWN[i].error == error)
			why_set(why, "%s", KNOWN[i].words);
	}
	switch (error) {
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return BEGUN_NOTHING;
	case EADDRNOTAVAIL: /* no local port left towards this one, or no address of its kind */
	case EAGAIN:
		return BEGUN_LATER;
	default:
		return BEGUN_BAD;
	}
}
