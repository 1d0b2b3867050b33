/* last_good: what the reader and the writer of the last-known-good file agree on. */
#ifndef FEDNS_SOURCE_LAST_GOOD_H
#define FEDNS_SOURCE_LAST_GOOD_H

#define LAST_GOOD_FILE "last-known-good.json"

#endif
