/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Codes: what is read has exactly the digits asked for, and reads the same
 * when it is typed as read. The first byte chooses the length.
 */
#include "target.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/otp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char out[PWL_OTP_MAX_DIGITS + 1], again[PWL_OTP_MAX_DIGITS + 1];
    int digits, found;
    char *typed;

    if (size < 1)
        return 0;
    digits = 1 + data[0] % PWL_OTP_MAX_DIGITS;
    typed = malloc(size);
    memcpy(typed, data + 1, size - 1);
    typed[size - 1] = '\0';
    if (pwl_otp_read(typed, digits, out, &found) == PWL_OK) {
        if (strlen(out) != (size_t)digits || found < digits ||
            strspn(out, "0123456789") != (size_t)digits)
            abort();
        if (pwl_otp_read(out, digits, again, &found) != PWL_OK ||
            strcmp(out, again) != 0 || found != digits)
            abort();
    } else if (*out) {
        abort();
    }
    free(typed);
    return 0;
}
