/*
 * tests/lint/analyzer.h
 *	  Tells clang-tidy, which looks at one file at a time, that setting an error is false.
 */
#include <stdbool.h>

#include "base/error.h"

#define error_set(...)   (error_set(__VA_ARGS__), false)
#define error_errno(...) (error_errno(__VA_ARGS__), false)
