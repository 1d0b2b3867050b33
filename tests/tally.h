/* tally: how often the code under test asks for memory, takes a lock or calls the kernel. Programs
 * named test_*path.c are linked so that every such call of ours passes here. */
#ifndef FEDNS_TESTS_TALLY_H
#define FEDNS_TESTS_TALLY_H

#include <stddef.h>

struct tally {
	size_t memory;          /* malloc and its kin, free too */
	size_t locks;           /* mutexes, read-write locks, conditions: free or not */
	size_t receives, sends; /* recvmmsg, sendmmsg */
	size_t clocks;          /* clock_gettime: no system call where the vDSO has it (vdso(7)) */
	size_t other_calls;     /* other calls that need the kernel */
};

/** Count from zero, calls of the thread that says so alone. */
void tally_begin(void);

/** Count no more. Returns what was counted. */
struct tally tally_end(void);

#endif
