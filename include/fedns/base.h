/* base: the few things every room shares. Includes libc only.
 *
 * Nobody --> [base.h] --> everybody
 */
#ifndef FEDNS_BASE_H
#define FEDNS_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK                  __attribute__((warn_unused_result))
#define PRINTF(format_at, first_at) __attribute__((format(printf, format_at, first_at)))

/** Why an operation did not happen. One enum for the whole program. */
enum err {
	ERR_OK = 0,
	ERR_NOMEM,    /* memory ran out; nothing changed */
	ERR_INVALID,  /* input breaks a format or protocol rule */
	ERR_CONFLICT, /* inputs are valid alone, not together */
	ERR_LIMIT,    /* a named *_MAX of ours was reached */
	ERR_MISSING,  /* what was asked for is not there */
	ERR_IO,       /* the system or a peer said no: `why` has its words */
	ERR_AGAIN,    /* not now; the same call may succeed later */
};

/** Longest sentence of a `struct why`, its NUL included; longer ones are cut. */
#define WHY_TEXT_SIZE 512

/** A sentence for a human. The outermost context stands first. */
struct why {
	char text[WHY_TEXT_SIZE];
};

/** Replace the sentence. */
void why_set(struct why *why, const char *fmt, ...) PRINTF(2, 3);

/** Put a context before the sentence: "CONTEXT: SENTENCE". */
void why_wrap(struct why *why, const char *fmt, ...) PRINTF(2, 3);

/** A borrowed run of octets. Never owns, never NUL-terminated. */
struct bytes {
	const uint8_t *data;
	size_t size; /* octets */
};

/** The octets of a C string, without its NUL; borrowed. NULL gives an empty run. */
struct bytes bytes_of(const char *text);
bool bytes_equal(struct bytes a, struct bytes b);
/** Of C strings; NULL equals NULL alone. */
bool text_equal(const char *a, const char *b);
/** Equal but for the case of ASCII letters. */
bool bytes_equal_nocase(struct bytes a, struct bytes b);
/** memcmp order; a prefix sorts before what it begins. */
int bytes_compare(struct bytes a, struct bytes b);

/** Is `text` all decimal digits, at least one, and a number up to `max`? Leading zeros are fine. */
bool bytes_number(struct bytes text, uint64_t max, uint64_t *out);

/** Is `typed` so close to `word` that it may have been meant? Returns the edits between them,
 * UINT_MAX: too far. */
unsigned word_distance(struct bytes typed, const char *word);

/** printf's precision and pointer for a `struct bytes` of text: printf("%.*s", BYTES_ARG(b)). */
#define BYTES_ARG(b) (int)(b).size, (const char *)(b).data

/* Octets of a text that a sentence shows: a cluster's name whole. */
#define BYTES_SHOWN_MAX 256
/** A text from outside as a sentence shows it. */
struct shown {
	char text[BYTES_SHOWN_MAX + sizeof "..."];
};
/** NULs, which would end the sentence, as "\u0000"; what is too long ends in "...". */
struct shown bytes_shown(struct bytes text);
/** As BYTES_ARG, of a text that anybody may have written. */
#define BYTES_SHOWN(b) BYTES_SHOWN_MAX + 3, bytes_shown(b).text

/** A buffer that grows to a stated maximum. Set up by buf_init(), ended by buf_free(). */
struct buf {
	uint8_t *data;
	size_t size;     /* octets in use */
	size_t room;     /* octets allocated */
	size_t size_max; /* growing beyond is ERR_LIMIT */
};

/** An empty buffer without memory of its own yet. */
void buf_init(struct buf *buf, size_t size_max);
/** Release the memory; the buffer is empty and usable again. */
void buf_free(struct buf *buf);
/** Append. ERR_NOMEM, ERR_LIMIT: the buffer is as before. */
MUST_CHECK enum err buf_add(struct buf *buf, struct bytes more);
MUST_CHECK enum err buf_printf(struct buf *buf, const char *fmt, ...) PRINTF(2, 3);
/** What the buffer holds; borrowed until the next call on it. */
struct bytes buf_bytes(const struct buf *buf);

/** 64-bit hash of `data` under `seed`: spreads well, keyed so that outsiders can't aim. Not for
 * secrets. */
uint64_t hash_bytes(struct bytes data, uint64_t seed);

/** `size` or the next multiple of four: octets that a run of aligned structs follows. */
static inline size_t padded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

/** ASCII lower case of one octet; others unchanged. */
static inline uint8_t octet_lower(uint8_t octet)
{
	return (uint8_t)(octet - 'A') < 26 ? (uint8_t)(octet | 0x20) : octet;
}

#endif
