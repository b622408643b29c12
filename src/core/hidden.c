/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wiping, and hiding from core dumps.
 *
 * APR hands out the memory of a cleared pool again as it is, and so does
 * free(): without a hand of ours a code that was used in the morning is in a
 * core of the evening.
 *
 * What must stay true:
 *  1. a cleanup that wipes is registered after its block was taken, so it runs
 *     before the block is given back;
 *  2. blocks of malloc() and ours may be mixed: pwl_hidden_free() is free()
 *     with a wipe before it.
 */
#include "core/hidden.h"

#include <apr_strings.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef __linux__
#include <malloc.h>
#endif

#define PAGE 4096

typedef struct {
    void *data;
    apr_size_t len;
    pid_t pid;
} block_t;

static apr_status_t wipe(void *data)
{
    block_t *block = data;

    OPENSSL_cleanse(block->data, block->len);
    return APR_SUCCESS;
}

static apr_status_t unmap(void *data)
{
    block_t *block = data;

    /* A forked child clears this pool when it exits, perhaps with threads still
     * at work: its pages go with it. */
    if (block->pid != getpid())
        return APR_SUCCESS;
    OPENSSL_cleanse(block->data, block->len);
    munmap(block->data, block->len);
    return APR_SUCCESS;
}

static void on_clear(void *data, apr_size_t len, apr_pool_t *pool,
                     apr_status_t (*cleanup)(void *))
{
    block_t *block = apr_palloc(pool, sizeof(*block));

    block->data = data;
    block->len = len;
    block->pid = getpid();
    apr_pool_cleanup_register(pool, block, cleanup, apr_pool_cleanup_null);
}

void pwl_hidden_wipe_with(const void *data, apr_size_t len, apr_pool_t *pool)
{
    if (data && len > 0)
        on_clear((void *)data, len, pool, wipe);
}

char *pwl_hidden_dup(const char *text, apr_pool_t *pool)
{
    char *copy = apr_pstrdup(pool, text);

    if (copy)
        pwl_hidden_wipe_with(copy, strlen(copy), pool);
    return copy;
}

void pwl_hidden_from_cores(void *map, apr_size_t bytes)
{
#if defined(MADV_DONTDUMP)
    (void)madvise(map, bytes, MADV_DONTDUMP);
#elif defined(MADV_NOCORE)
    (void)madvise(map, bytes, MADV_NOCORE);
#endif
}

void *pwl_hidden_alloc(apr_size_t bytes, apr_pool_t *pool)
{
    apr_size_t len = (bytes / PAGE + 1) * PAGE;
    void *map = mmap(NULL, len, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (map == MAP_FAILED) {
        map = apr_pcalloc(pool, bytes + 1);
        pwl_hidden_wipe_with(map, bytes, pool);
        return map;
    }
    pwl_hidden_from_cores(map, len);
    on_clear(map, len, pool, unmap);
    return map;
}

static size_t length_of(void *block)
{
#ifdef __linux__
    return malloc_usable_size(block);
#else
    return 0;
#endif
}

void pwl_hidden_free(void *block)
{
    if (!block)
        return;
    OPENSSL_cleanse(block, length_of(block));
    free(block);
}

void *pwl_hidden_realloc(void *block, size_t bytes)
{
    size_t len = block ? length_of(block) : 0;
    void *moved;

    if (len == 0)
        return realloc(block, bytes);
    if (bytes > 0 && bytes <= len)
        return block;
    moved = malloc(bytes);
    if (!moved)
        return NULL;
    memcpy(moved, block, len < bytes ? len : bytes);
    pwl_hidden_free(block);
    return moved;
}

/* Change how jansson gives back, if it is as we know it: another module of the
 * same httpd may have blocks of its own kind. */
static int json_change(json_free_t from, json_free_t to)
{
    json_malloc_t takes;
    json_free_t gives;

    json_get_alloc_funcs(&takes, &gives);
    if (takes != malloc || gives != from)
        return 0;
    json_set_alloc_funcs(malloc, to);
    return 1;
}

static apr_status_t json_as_before(void *unused)
{
    (void)unused;
    json_change(pwl_hidden_free, free);
    return APR_SUCCESS;
}

void pwl_hidden_json(apr_pool_t *pool)
{
    if (!json_change(free, pwl_hidden_free))
        return;
    apr_pool_cleanup_register(pool, NULL, json_as_before,
                              apr_pool_cleanup_null);
}
