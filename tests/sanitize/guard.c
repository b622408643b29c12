/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded under AddressSanitizer: makes pool memory visible to it.
 *
 * APR cuts many small blocks from one big one, so a byte written past the end
 * of one lands in the next, and memory of a cleared pool stays readable:
 * neither a sanitizer nor valgrind sees it. Here apr_palloc() is one malloc()
 * a block, freed by a cleanup of the same pool. To LeakSanitizer it belongs to the
 * pool, whose cleanup list no root of it reaches: only what a pool's memory does not
 * point to, and what was never a pool's, can leak.
 *
 * dlclose() does nothing, so that reports after the module was unloaded still
 * name our functions.
 */
#ifndef _GNU_SOURCE /* APR's flags may have it */
#define _GNU_SOURCE
#endif
#include <apr_pools.h>
#include <dlfcn.h>
#include <sanitizer/lsan_interface.h>
#include <stdlib.h>

typedef void *palloc_t(apr_pool_t *pool, apr_size_t size);

/* Registering a cleanup allocates from the pool, too: that call goes through. */
static __thread int registering;

static apr_status_t release(void *block)
{
    free(block);
    return APR_SUCCESS;
}

void *(apr_palloc)(apr_pool_t *pool, apr_size_t size)
{
    static palloc_t *real;
    void *block;

    if (!real)
        real = (palloc_t *)dlsym(RTLD_NEXT, "apr_palloc");
    if (registering)
        return real(pool, size);
    block = malloc(size ? size : 1);
    if (!block)
        abort();
    __lsan_ignore_object(block);
    registering = 1;
    apr_pool_cleanup_register(pool, block, release, apr_pool_cleanup_null);
    registering = 0;
    return block;
}

int dlclose(void *handle)
{
    return 0;
}
