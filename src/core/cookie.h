/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Cookie header: find our cookies, and hide them from back ends.
 *
 * Both run on every request, so they hop from separator to separator and
 * allocate nothing unless something must be cut out.
 */
#ifndef PWL_CORE_COOKIE_H
#define PWL_CORE_COOKIE_H

#include <apr_pools.h>

typedef struct {
    const char *ptr; /* inside the header, not NUL-terminated */
    apr_size_t len;
} pwl_cookie_value_t;

/**
 * Find every cookie called `name`, in the order of the header.
 *
 * A browser may hold several of one name (other path, parent domain), and the
 * first need not be the good one: try them all. A value is given as it
 * stands, quotes included, without blanks around it.
 *
 * A cookie ends at ';' only: what stands behind a ',' was written by whoever
 * set the cookie before it, which may be another host of the domain.
 *
 * @param header  NULL is an empty one
 * @param max     room in `values`, usually PWL_COOKIE_MAX_VALUES
 * @return how many were stored, at most `max`
 */
int pwl_cookie_find(const char *header, const char *name,
                    pwl_cookie_value_t *values, int max);

/**
 * Take cookies out of a header: all that pwl_cookie_find() finds, and those
 * that a back end could take for cookies because they stand behind a ','.
 *
 * @param names  NULL-terminated array
 * @return `header` itself when none of them was there; NULL when nothing is
 *         left; else a copy in which all the others are byte-identical
 */
const char *pwl_cookie_strip(const char *header, const char *const *names,
                             apr_pool_t *pool);

#endif
