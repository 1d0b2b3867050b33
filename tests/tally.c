#include "tally.h"

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

static _Thread_local bool counting;
static _Thread_local struct tally tally;

void tally_begin(void)
{
	tally = (struct tally){0};
	counting = true;
}

struct tally tally_end(void)
{
	counting = false;
	return tally;
}

/* A function of ours before the real one. The linker's --wrap gives these names. */
#define COUNTED(field, type, function, parameters, arguments)                                      \
	type __real_##function parameters;                                                             \
	type __wrap_##function parameters;                                                             \
	type __wrap_##function parameters                                                              \
	{                                                                                              \
		tally.field += counting;                                                                   \
		return __real_##function arguments;                                                        \
	}

COUNTED(memory, void *, malloc, (size_t size), (size))
COUNTED(memory, void *, calloc, (size_t count, size_t size), (count, size))
COUNTED(memory, void *, realloc, (void *old, size_t size), (old, size))
COUNTED(memory, void *, aligned_alloc, (size_t align, size_t size), (align, size))
COUNTED(memory, int, posix_memalign, (void **out, size_t align, size_t size), (out, align, size))

void __real_free(void *old);
void __wrap_free(void *old);
void __wrap_free(void *old)
{
	tally.memory += counting;
	__real_free(old);
}

COUNTED(locks, int, pthread_mutex_lock, (pthread_mutex_t * mutex), (mutex))
COUNTED(locks, int, pthread_mutex_trylock, (pthread_mutex_t * mutex), (mutex))
COUNTED(locks, int, pthread_rwlock_rdlock, (pthread_rwlock_t * lock), (lock))
COUNTED(locks, int, pthread_rwlock_wrlock, (pthread_rwlock_t * lock), (lock))
COUNTED(locks, int, pthread_spin_lock, (pthread_spinlock_t * lock), (lock))
COUNTED(locks, int, pthread_cond_wait, (pthread_cond_t * cond, pthread_mutex_t *mutex),
        (cond, mutex))
COUNTED(locks, int, pthread_cond_signal, (pthread_cond_t * cond), (cond))

COUNTED(receives, int, recvmmsg,
        (int fd, struct mmsghdr *messages, unsigned count, int flags, struct timespec *timeout),
        (fd, messages, count, flags, timeout))
COUNTED(sends, int, sendmmsg, (int fd, struct mmsghdr *messages, unsigned count, int flags),
        (fd, messages, count, flags))

COUNTED(other_calls, ssize_t, recvmsg, (int fd, struct msghdr *message, int flags),
        (fd, message, flags))
COUNTED(other_calls, ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags),
        (fd, message, flags))
COUNTED(other_calls, int, poll, (struct pollfd * fds, nfds_t count, int timeout),
        (fds, count, timeout))
COUNTED(clocks, int, clock_gettime, (clockid_t clock, struct timespec *now), (clock, now))
