/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telephone numbers as people type them, in the one spelling of E.164.
 *
 * As with e-mail addresses (core/address.h), what is tidied here is tidied
 * once: tenant, page, counters and comparisons get the same text.
 */
#ifndef PWL_CORE_PHONE_H
#define PWL_CORE_PHONE_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "core/reason.h"

/**
 * Make an E.164 number of what was typed, or say why there is none.
 *
 *   "+32 470 12.34-56"       +32470123456
 *   "0032 (0)470 123456"     the same; "(0)" is said to callers from inside
 *   "0470/12 34 56"          the same, where `country` is "+32": one zero in
 *                            front is the way to dial inside the country
 *
 * Digits of any full-width or Arabic spelling count; blanks, invisible
 * characters and  - . / ( )  go, and so does "tel:". Anything else is no
 * number. The result is '+', no zero, and PWL_PHONE_MIN_DIGITS to
 * PWL_PHONE_MAX_DIGITS digits in all.
 *
 * @param typed    any bytes; NULL is nothing typed
 * @param country  "+32": whose numbers need no country code; NULL: nobody's
 * @param out      the number when PWL_OK, else NULL
 * @return PWL_OK, PWL_ADDRESS_EMPTY, _FORMAT or _LONG
 */
pwl_reason_t pwl_phone_tidy(const char *typed, const char *country,
                            const char **out, apr_pool_t *pool);

/** @return whether the number begins with one of `prefixes` (const char *,
 * "+32"); NULL allows all */
int pwl_phone_allowed(const char *number, const apr_array_header_t *prefixes);

/** Is it '+' and 1 to `most` digits, the first no zero: a country code, or the
 * beginning of numbers? */
int pwl_phone_is_prefix(const char *text, int most);

/** @return what a log may show, as "+32***56"; "***" for what is no number */
const char *pwl_phone_mask(const char *number, apr_pool_t *pool);

#endif
