/* SPDX-License-Identifier: Apache-2.0 */
#include "io/tablehead.h"

#include <apr_strings.h>
#include <string.h>

static pwl_result_t failed(apr_status_t rv, const char *what,
                           const pwl_tablekind_t *kind, apr_pool_t *pool)
{
    return (pwl_result_t){PWL_STORE_FAILED, rv,
                          apr_pstrcat(pool, what, kind->holds, NULL)};
}

pwl_result_t pwl_tablehead_format(void *base, apr_size_t bytes,
                                  const pwl_tablekind_t *kind, apr_pool_t *pool)
{
    pwl_tablehead_t *head = base;
    apr_status_t rv;

    if (!base || bytes < kind->bytes)
        return failed(0, "too little shared memory for ", kind, pool);
    memset(base, 0, kind->bytes);
    rv = pwl_robust_init(&head->lock);
    if (rv != APR_SUCCESS)
        return failed(rv, "no mutex for ", kind, pool);
    head->version = kind->version;
    head->bytes = kind->bytes;
    head->magic = kind->magic;
    return (pwl_result_t){.why = PWL_OK};
}

pwl_result_t pwl_tablehead_check(const void *base, apr_size_t bytes,
                                 const pwl_tablekind_t *kind, apr_pool_t *pool)
{
    const pwl_tablehead_t *head = base;

    if (!base || bytes < kind->bytes)
        return failed(0, "too little shared memory for ", kind, pool);
    if (head->magic != kind->magic || head->version != kind->version ||
        head->bytes != kind->bytes)
        return failed(0, "memory of another version, or not made for ", kind,
                      pool);
    return (pwl_result_t){.why = PWL_OK};
}
