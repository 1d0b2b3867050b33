"""Runs a program that may make the given system calls only, as a service manager with SystemCallFilter= does: others fail
with ENOSYS.

usage: unit_filter.py CALL,CALL,... PROGRAM ARGUMENT...
"""

import ctypes
import errno
import os
import sys

ALLOW, ERRNO = 0x7FFF0000, 0x00050000
UNKNOWN = -1
PR_SET_NO_NEW_PRIVS = 38


def main():
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    filter_ = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(ERRNO | errno.ENOSYS)))
    for name in sys.argv[1].split(","):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number == UNKNOWN:
            continue
        if library.seccomp_rule_add(filter_, ctypes.c_uint32(ALLOW), number, 0) != 0:
            sys.exit(f"{name}: not taken")
    ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if library.seccomp_load(filter_) != 0:
        sys.exit("the filter was not taken")
    os.execvp(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
