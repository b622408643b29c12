/* SPDX-License-Identifier: Apache-2.0 */
/* The languages a browser asks for, and how the tenant is told of them. */
#ifndef PWL_CORE_LOCALES_H
#define PWL_CORE_LOCALES_H

#include <apr_pools.h>

#include "core/limits.h"

/** Is it a language tag that Auth0's own SDK passes on:
 * ^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$ */
int pwl_locales_is_tag(const char *text);

/** One range of the header. */
typedef struct {
    const char *tag; /* or "*" */
    int weight;      /* thousandths; 0: not wanted */
} pwl_locales_range_t;

/**
 * Take an Accept-Language header apart, the range liked best first; those of
 * one weight stay in the header's order.
 *
 * Left out is what is no tag, what has a weight that cannot be read, and all
 * beyond the first PWL_LOCALES_RANGES_MAX. A range longer than
 * PWL_LOCALES_TAG_MAX is no tag.
 *
 * @param accept_language  any bytes, or NULL
 * @return how many of `list` are filled
 */
int pwl_locales_read(const char *accept_language,
                     pwl_locales_range_t list[PWL_LOCALES_RANGES_MAX],
                     apr_pool_t *pool);

/**
 * Make `ui_locales` of an Accept-Language header: tags only, a blank between
 * them, the one liked best first.
 *
 * Left out are "*", what is no tag, what has a weight of 0 or none that can be
 * read, and all beyond the first PWL_LOCALES_RANGES_MAX of the header and the
 * best PWL_LOCALES_MAX. A range longer than PWL_LOCALES_TAG_MAX is no tag.
 *
 * @param accept_language  any bytes, or NULL
 * @return letters, digits, '-' and blanks in `pool`; NULL when nothing is left
 */
const char *pwl_locales_of(const char *accept_language, apr_pool_t *pool);

#endif
