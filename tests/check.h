/* The test framework behind one header: cmocka wants these four first, in any order. */
#ifndef FEDNS_TESTS_CHECK_H
#define FEDNS_TESTS_CHECK_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#endif
