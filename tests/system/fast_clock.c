/* fast_clock: to be preloaded, so that a test needn't wait for minutes: monotonic time runs
 * FAST_CLOCK times as fast, and who waits for events waits as much shorter. The time of day stays.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>

#define SECOND_NS INT64_C(1000000000)

typedef int clock_function(clockid_t clock, struct timespec *out);
typedef int wait_function(int fd, struct epoll_event *events, int room, int timeout_ms,
                          const sigset_t *mask);

static int64_t speed(void)
{
	const char *text = getenv("FAST_CLOCK");
	int64_t times = text == NULL ? 1 : strtol(text, NULL, 10);
	return times > 0 ? times : 1;
}

static bool is_monotonic(clockid_t clock)
{
	return clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE ||
	       clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_BOOTTIME;
}

/* Faster, but without a jump: the machine's start is where both clocks agree. */
int clock_gettime(clockid_t clock, struct timespec *out)
{
	static _Atomic(clock_function *) next;
	if (next == NULL)
		next = (clock_function *)dlsym(RTLD_NEXT, "clock_gettime");
	int result = next(clock, out);
	if (result != 0 || !is_monotonic(clock))
		return result;
	int64_t times = speed(), part_ns = out->tv_nsec * times;
	out->tv_sec = out->tv_sec * times + part_ns / SECOND_NS;
	out->tv_nsec = part_ns % SECOND_NS;
	return 0;
}

static int shorter(int timeout_ms)
{
	int times = (int)speed();
	return timeout_ms <= 0 ? timeout_ms : (timeout_ms + times - 1) / times;
}

int epoll_pwait(int fd, struct epoll_event *events, int room, int timeout_ms, const sigset_t *mask)
{
	static _Atomic(wait_function *) next;
	if (next == NULL)
		next = (wait_function *)dlsym(RTLD_NEXT, "epoll_pwait");
	return next(fd, events, room, shorter(timeout_ms), mask);
}

int epoll_wait(int fd, struct epoll_event *events, int room, int timeout_ms)
{
	return epoll_pwait(fd, events, room, timeout_ms, NULL);
}
