/* edns: the OPT record of a query taken apart, and that of the reply (RFC 6891). */
#ifndef FEDNS_ANSWER_EDNS_H
#define FEDNS_ANSWER_EDNS_H

#include "fedns/answer.h"

/* IANA, DNS EDNS0 option codes */
enum edns_option {
	OPTION_NSID = 3,       /* RFC 5001 */
	OPTION_SUBNET = 8,     /* RFC 7871 */
	OPTION_COOKIE = 10,    /* RFC 7873 */
	OPTION_KEEPALIVE = 11, /* RFC 7828 */
	OPTION_ERROR = 15,     /* RFC 8914 */
};

/* IANA, extended DNS error codes (RFC 8914 section 4) */
enum edns_error {
	ERROR_NONE = -1,
	ERROR_OTHER = 0, /* its text says what */
	ERROR_STALE = 3,
	ERROR_NOT_READY = 14,
	ERROR_PROHIBITED = 18,
	ERROR_STALE_NXDOMAIN = 19,
	ERROR_NOT_AUTHORITATIVE = 20,
};

/** RFC 7873 section 4: 8 octets of the client, and none or 8 to 32 of the server. */
#define COOKIE_SENT_MAX 40

/** What an OPT record said. Octets are borrowed from the query. */
struct edns {
	bool present;
	bool dnssec_ok;
	bool nsid, keepalive; /* asked for */
	uint8_t version;
	uint16_t udp_size;
	struct bytes cookie; /* size 0: none */
	struct bytes subnet; /* the whole option's data; size 0: none */
};

/**
 * Read the options in the RDATA of an OPT. Those that we don't know are passed over (RFC 6891
 * section 6.1.2). False: they don't fill the RDATA, or one of ours breaks its rules: FORMERR.
 */
bool edns_options_read(struct bytes rdata, struct edns *out);

/** What the reply's OPT says beside what the query asked for. */
struct edns_reply {
	uint16_t udp_size;
	uint8_t rcode_high;       /* upper eight bits of the RCODE */
	struct bytes identity;    /* NSID; size 0: none is told */
	const uint8_t *cookie;    /* [COOKIE_SIZE], NULL: none */
	uint16_t keepalive_100ms; /* 0: not told (UDP) */
	enum edns_error error;
	/* Its text, a word of ours (reason.h), and of which level that is; NULL: none. */
	const char *reason, *level;
};

/** Octets of that OPT without an extended error. */
size_t edns_reply_size(const struct edns *asked, const struct edns_reply *reply);

/** Write it to `at`, which has room for `room` octets: the extended error is left out where it does
 * not fit. Returns its size. */
size_t edns_reply_put(const struct edns *asked, const struct edns_reply *reply, uint8_t *at,
                      size_t room);

#endif
