#include "prober_internal.h"

#include <errno.h>
#include <string.h>

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

/* libcurl: "Failed to connect to ADDRESS port PORT after 3 ms: Couldn't connect to server:
 * Connection refused". The last part is the system's; the time would make two of one trouble. */
enum begun trouble_of_call(enum err err, struct why *why)
{
	static const int SAID[] = {ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH,   ETIMEDOUT,
	                           EACCES,       EPERM,      EAFNOSUPPORT, EADDRNOTAVAIL, EMFILE,
	                           ENFILE,       ENOBUFS,    ENOMEM};
	if (err == ERR_NOMEM || err == ERR_LIMIT || err == ERR_CONFLICT)
		return BEGUN_NOTHING;
	for (size_t i = 0; i < sizeof SAID / sizeof SAID[0]; i++) {
		const char *words = strerrordesc_np(SAID[i]);
		size_t size = strlen(why->text), tail = strlen(words);
		if (size >= tail && strcmp(why->text + size - tail, words) == 0)
			return trouble_of(SAID[i], why);
	}
	if (strncmp(why->text, "Failed to connect", 17) == 0)
		why_set(why, "connection failed");
	return BEGUN_BAD;
}
