/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one-time code as people type and paste it.
 *
 * Generous with what surrounds the digits, strict with the digits: a code
 * that cannot be right is told apart here, so that it costs no call to the
 * tenant and none of the few tries.
 */
#ifndef PWL_CORE_OTP_H
#define PWL_CORE_OTP_H

#include "core/limits.h"
#include "core/reason.h"

/**
 * Read a code of `digits` digits from what was typed.
 *
 * Decimal digits of any script count. White space, dashes, dots, invisible
 * characters, quotes and brackets are ignored. If letters are left over, the
 * text is a sentence, and exactly one run of `digits` digits in it is the
 * code. Leading zeros are kept.
 *
 * @param typed   any bytes; NULL is nothing typed
 * @param digits  1 to PWL_OTP_MAX_DIGITS
 * @param out     ASCII digits and a NUL when PWL_OK, else ""
 * @param found   how many digits were seen, for the message of _LENGTH
 * @return PWL_OK, PWL_OTP_EMPTY, _CHARS (other characters, not UTF-8, or over
 *         PWL_OTP_INPUT_MAX bytes) or _LENGTH
 */
pwl_reason_t pwl_otp_read(const char *typed, int digits,
                          char out[PWL_OTP_MAX_DIGITS + 1], int *found);

#endif
