/* SPDX-License-Identifier: Apache-2.0 */
/* The languages a browser asks for, as the tenant is told of them. */
#ifndef PWL_CORE_LOCALES_H
#define PWL_CORE_LOCALES_H

#include <apr_pools.h>

/** Is it a language tag that Auth0's own SDK passes on:
 * ^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$ */
int pwl_locales_is_tag(const char *text);

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
