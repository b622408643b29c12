/* SPDX-License-Identifier: Apache-2.0 */
/* What every fuzz target defines, by libFuzzer's name for it. */
#ifndef PWL_TESTS_FUZZ_TARGET_H
#define PWL_TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

/** Try one input, at most a few MB; abort() on a broken promise.
 * @return 0 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
