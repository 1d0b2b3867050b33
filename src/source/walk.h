/*
 * walk: from a state's text to its API objects, one at a time, so that memory holds a single one.
 */
#ifndef FEDNS_SOURCE_WALK_H
#define FEDNS_SOURCE_WALK_H

#include "fedns/findings.h"
#include "node.h"

/** Where an object stands. */
enum object_place {
	OBJECT_DOCUMENT, /* a document of its own */
	OBJECT_ELEMENT,  /* in an array */
	OBJECT_ITEM,     /* in a list's `items` */
};

/** One API object; all borrowed for the call. */
struct object {
	const struct nodes *nodes;      /* the object is NODE_ROOT */
	struct bytes kind, api_version; /* its own or, in a typed list, the list's; empty: not given */
	enum object_place place;
	bool left_out;           /* too large, and reported: `nodes` holds an empty object */
	const struct why *limit; /* of one left out: what of it is too large */
	struct bytes text;       /* of an item left out: see scan_member() */
	size_t at;               /* octet of the text */
};

/** Takes each object; anything but ERR_OK ends the walk. */
typedef enum err object_taker(void *arg, const struct object *object, struct why *why);

/**
 * Give every object of `text` to `take`: of lists, of arrays (of objects and lists), and of several
 * documents in a row. The text is judged strictly by RFC 8259, but for objects that are too large:
 * they are left out with a finding, and come to `take` as such. `findings->line` is set to the
 * object at hand.
 * Errors as of state_decode(), and the taker's own, with line and column before them.
 */
MUST_CHECK enum err walk_objects(struct bytes text, struct findings *findings, object_taker *take,
                                 void *arg, struct why *why);

#endif
