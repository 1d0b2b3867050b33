/* plan: what must change at a DNS provider so that it holds what is wanted. Pure: no clock, no
 * socket, no log.
 *
 * compile.h (RRsets) --> [plan.h] --> provider.h, `fedns plan`
 *
 * A record is one RR of one hosted domain, as the provider sees it: a name relative to the domain,
 * a type, a value in text. Ours are those whose remark is our mark; all others are left alone.
 */
#ifndef FEDNS_PLAN_H
#define FEDNS_PLAN_H

#include "fedns/base.h"
#include "fedns/dns.h"

/* The provider holds up to 100,000 a domain; both ours and others'. */
#define PLAN_RECORDS_MAX 200000
/* Octets of a record's text: name, value, id and remark together; the provider's own bounds lie far
 * below. */
#define PLAN_TEXT_SIZE_MAX 4096

/* --- records ------------------------------------------------------------------------------ */

/** Whose a record is, by its remark. */
enum mark {
	MARK_NONE,    /* no remark */
	MARK_OURS,    /* "fedns:OWNER", of our owner */
	MARK_OTHER,   /* any other remark */
	MARK_PENDING, /* no remark, but our journal knows that we added it: it is ours */
};

/* Why a record is left as it is, whosever it is. */
#define HOLD_LINE     1u /* not of line `default` */
#define HOLD_DISABLED 2u
#define HOLD_LOCKED   4u
#define HOLD_WEIGHTED 8u  /* somebody has set weights by hand */
#define HOLD_REFUSED  16u /* the provider refuses to change it */

struct record {
	struct bytes id;    /* the provider's; empty: a wanted one */
	struct bytes rr;    /* owner, relative to the domain: lower case, no final dot; "@": the apex */
	struct bytes value; /* as record_value_fold() leaves it */
	int64_t created_ms; /* since 1970, by the provider's clock; 0: not told */
	uint32_t ttl_s;
	uint16_t type; /* IANA; 0: one of the provider's own (ALIAS, REDIRECT_URL, ...) */
	uint8_t mark;  /* enum mark; MARK_OURS of wanted ones */
	uint8_t holds; /* HOLD_* */
};

/** Records and the text they point into. */
struct record_list;

/** NULL: no memory. */
MUST_CHECK struct record_list *record_list_new(void);
/** NULL is fine. */
void record_list_free(struct record_list *records);
/** Append a copy, texts and all; name and value are folded (letter case, final dots, the text of
 * addresses) as the provider compares them. ERR_LIMIT, ERR_NOMEM: as before. */
MUST_CHECK enum err record_list_add(struct record_list *records, const struct record *record,
                                    struct why *why);
size_t record_list_count(const struct record_list *records);
/** Borrowed until the next add; a caller may change `mark`, `holds`, `ttl_s`. */
struct record *record_list_at(const struct record_list *records, size_t i);
/** By name, type, value, line; indices change. */
void record_list_sort(struct record_list *records);

/**
 * Append the RRs of `set` that lie at or below `domain`, as wanted records: A, AAAA, CNAME, NS,
 * SRV and TXT. ERR_INVALID: a name that isn't in the domain, or another type. ERR_LIMIT,
 * ERR_NOMEM.
 */
MUST_CHECK enum err record_list_add_rrset(struct record_list *records, const struct name *domain,
                                          const struct rrset *set, struct why *why);

/** "A", "CNAME", ... to the IANA number; 0: none that fedns knows. In any case. */
uint16_t record_type_of(struct bytes text);

/* --- the plan ----------------------------------------------------------------------------- */

/** What the domain's edition allows. */
struct plan_limits {
	uint32_t ttl_min_s;  /* a shorter TTL is raised to this */
	unsigned levels_max; /* labels of a name relative to the domain; 0: any */
	unsigned same_max;   /* records of one name and type; 0: any */
};

struct plan_ask {
	/* both sorted; borrowed as long as the plan */
	const struct record_list *have, *want;
	/** `want` is all there is: what of ours it lacks may go. False (not yet synced): nothing is
	 * deleted, nor made into something else: only TTLs change, and what can stand beside what is
	 * there is added. So it is, too, while `want` is empty. */
	bool whole;
	bool adopt; /* records without a remark whose content is wanted become ours */
	struct plan_limits limits;
	unsigned max_delete_percent; /* of our records; more deletions than that wait (`held`) */
};

enum step_kind {
	STEP_MARK,   /* set the remark of `have` */
	STEP_UPDATE, /* make `have` into `want`; its type may change */
	STEP_ADD,    /* `want`, then its remark */
	STEP_DELETE, /* `have` */
	STEP_KINDS   /* how many */
};

#define PLAN_NONE UINT32_MAX

struct plan_step {
	enum step_kind kind;
	uint32_t have, want; /* indices; PLAN_NONE where there is none */
};

/** The steps of one name: in their order, one after the other. Names are independent. */
struct plan_name {
	uint32_t first, count; /* steps */
};

enum note_kind {
	NOTE_CONFLICT,     /* somebody else's record is at the name: it is left alone, as a whole */
	NOTE_EQUAL,        /* likewise, and it says just what we want: `adopt: true` takes it over */
	NOTE_EXTERNAL_DNS, /* external-dns owns the name by its TXT record */
	/* a record of ours that somebody disabled, locked, weighted or gave a line, or that the
	 * provider refuses to change */
	NOTE_DRIFT,
	NOTE_DEEP, /* the name has more levels than the edition allows */
	NOTE_MANY, /* more records of one name and type than the edition allows */
};

struct plan_note {
	enum note_kind kind;
	/* What it is about; PLAN_NONE. Of NOTE_EXTERNAL_DNS `have` is the TXT record; where nothing is
	 * wanted at the name, a record of ours there. */
	uint32_t have, want;
};

struct plan_counts {
	size_t unchanged, adds, updates, deletes, marks; /* held deletions are not among them */
	size_t conflicts;                                /* names */
	size_t drift;                                    /* records */
	size_t left_out;                                 /* wanted records: deep, many */
	size_t raised;                                   /* wanted records whose TTL was raised */
	size_t ours;                                     /* records at the provider */
	size_t held; /* deletions that wait for an approval: above max_delete */
};

struct plan;

/** ERR_NOMEM. Names whose records change come first, then those that only gain, then those that
 * only lose; each by octets. The time is linear in the records of both lists, but for the sorting
 * of external-dns's own. */
MUST_CHECK enum err plan_make(const struct plan_ask *ask, struct plan **out, struct why *why);
/** NULL is fine. */
void plan_free(struct plan *plan);
const struct plan_counts *plan_counts(const struct plan *plan);
const struct plan_name *plan_names(const struct plan *plan, size_t *count);
const struct plan_step *plan_steps(const struct plan *plan, size_t *count);
const struct plan_note *plan_notes(const struct plan *plan, size_t *count);
/** The TTL that `want` has at this provider. */
uint32_t plan_ttl(const struct plan *plan, const struct record *want);
/** One sentence that names the record, with the mend where there is one. */
void plan_note_text(const struct plan *plan, const struct plan_note *note, char *text, size_t size);

#endif
